"""How the call speaks and listens where a verb does not say: what ``config`` has set, or else the application's own.

::

    defaults = Defaults()
    defaults.change({"recognizer": {"vendor": "deepgram"}})
    defaults.recognizer_for({"recognizer": {"vendor": "default", "language": "de-DE"}})
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["Defaults"]

_SYNTHESIZER = {"vendor": "google", "language": "en-GB", "voice": "en-GB-Standard-A"}
_RECOGNIZER = {"vendor": "google", "language": "en-GB"}


class Defaults:
    """The synthesizer and the recogniser of one call."""

    def __init__(self) -> None:
        self._synthesizer: dict[str, Any] = dict(_SYNTHESIZER)
        self._recognizer: dict[str, Any] = dict(_RECOGNIZER)

    def change(self, options: Mapping[str, Any]) -> None:
        """Take on what a ``config`` says, after what it resets."""
        reset = options.get("reset", [])
        for name in [reset] if isinstance(reset, str) else reset:
            if name == "synthesizer":
                self._synthesizer = dict(_SYNTHESIZER)
            elif name == "recognizer":
                self._recognizer = dict(_RECOGNIZER)
        self._synthesizer = _merged(self._synthesizer, options.get("synthesizer"))
        self._recognizer = _merged(self._recognizer, options.get("recognizer"))

    def synthesizer_for(self, options: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return how a verb with these options speaks."""
        return _merged(self._synthesizer, options.get("synthesizer"))

    def recognizer_for(self, options: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return how a verb with these options listens."""
        return _merged(self._recognizer, options.get("recognizer"))


def _merged(usual: dict[str, Any], given: object) -> dict[str, Any]:
    if not isinstance(given, dict):
        return usual
    return {**usual, **{key: value for key, value in given.items() if value != "default"}}
