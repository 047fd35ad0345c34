"""Whether jambonz has been told to speak what is streamed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .verb import Verb

__all__ = ["StreamSwitch"]


class StreamSwitch:
    """Follows what opens and closes the stream: verbs and commands on their way to jambonz, and its events.

    A ``say`` with ``stream`` counts until jambonz says that the stream is closed: it does not say when that verb ends
    by itself.
    """

    def __init__(self) -> None:
        #: Whether a stream is open, or will be when jambonz comes to what it was sent.
        self.is_open = False

    def see_verbs(self, verbs: Iterable[Verb]) -> None:
        """These verbs are sent."""
        for verb in verbs:
            if verb.name == "config":
                self.see_config(verb.options)
            elif verb.name == "say" and verb.options.get("stream") is True:
                self.is_open = True

    def see_config(self, options: Mapping[str, Any]) -> None:
        """A ``config`` with these options is sent, be it as a verb or as a command."""
        switch = options.get("ttsStream")
        if isinstance(switch, Mapping):
            self.is_open = switch.get("enable") is True

    def see_event(self, kind: object) -> None:
        """A ``tts:streaming-event`` came."""
        if kind in ("stream_open", "stream_closed"):
            self.is_open = kind == "stream_open"

    def fail(self) -> None:
        """The vendor of the voice cannot be reached. Opening the stream again makes jambonz try again."""
        self.is_open = False
