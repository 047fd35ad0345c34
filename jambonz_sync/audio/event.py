"""What jambonz says in words on an audio connection, once the audio has begun.

::

    event = parse_event('{"event": "dtmf", "dtmf": "5", "duration": "1600"}')
    assert (event.name, event.digit, event.duration) == ("dtmf", "5", 0.2)
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..protocol.facts.mapping import Facts

__all__ = ["AudioEvent", "BadEvent", "parse_event"]

#: How many ticks the clock has by which the length of a key is counted, whatever the rate of the audio is.
_TICKS_PER_SECOND = 8000

#: Names by which events can be waited for beside their own.
_OTHER_NAMES = {"playDone": "play_done"}


class BadEvent(Exception):
    """A message that cannot be read. Its text completes the sentence "a message that …"."""


class AudioEvent(Facts):
    """Something that jambonz says on an audio connection: a key, the end of a clip, a mark.

    ::

        evt = stream.wait_for("dtmf")
        if evt.digit == "1":
            stream.kill_audio()

    It is a read-only mapping of its data, whose keys are attributes too, in snake_case and with numbers as numbers:

    * ``name``: what to wait for to get such an event
    * ``dtmf``: ``digit``, the key, and ``duration``, for how many seconds it was held down. Comes if the ``listen``
      has ``pass_dtmf``
    * ``playDone``: ``id`` of the clip, ``playback_seconds``, ``playback_milliseconds``, ``playback_last_offset_pos``
    * ``mark``: ``mark``, the name you gave it, and ``event``: ``"playout"`` when the audio before it has been heard,
      ``"cleared"`` when that was dropped
    * ``raw``: the message as it came
    """

    if TYPE_CHECKING:
        digit: str
        duration: float
        id: str
        playback_seconds: int
        playback_milliseconds: int
        playback_last_offset_pos: int
        mark: str
        event: str

    def __init__(self, name: str, data: dict[str, Any], raw: Mapping[str, Any]) -> None:
        self.name = name
        self.data = data
        self.raw = raw
        names = {name, "*"}
        if name in _OTHER_NAMES:
            names.add(_OTHER_NAMES[name])
        for detail in (data.get("mark"), data.get("digit"), data.get("id")):
            if isinstance(detail, str):
                names.add(f"{name}:{detail}")
        #: Every name by which this event can be waited for.
        self.names = frozenset(names)

    def __bool__(self) -> bool:
        # Not the truth of its data: an event that says nothing more is an event.
        return True

    def __repr__(self) -> str:
        return f"<AudioEvent {self.name} {self.data!r:.200}>"

    @property
    def _title(self) -> str:
        return f"{self.name} event"


def parse_event(text: str) -> AudioEvent:
    """Read one message. Raises :exc:`BadEvent`."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise BadEvent("is not JSON") from None
    if not isinstance(message, dict):
        raise BadEvent("is not a JSON object")
    # Keys, of all things, come without a type.
    name = message.get("type") or message.get("event")
    if not isinstance(name, str):
        raise BadEvent("has no type")
    given = message.get("data")
    data = given if isinstance(given, dict) else {key: message[key] for key in message if key not in ("type", "event")}
    return AudioEvent(name, _READ.get(name, dict)(data), message)


def _dtmf(data: dict[str, Any]) -> dict[str, Any]:
    ticks = _number(data.get("duration"))
    duration = {"duration": ticks / _TICKS_PER_SECOND} if isinstance(ticks, int) else {}
    return {"digit": str(data.get("dtmf", "")), **duration}


def _play_done(data: dict[str, Any]) -> dict[str, Any]:
    return {_snake(key): value if key == "id" else _number(value) for key, value in data.items()}


def _mark(data: dict[str, Any]) -> dict[str, Any]:
    # An event has a name of its own.
    return {("mark" if key == "name" else key): value for key, value in data.items()}


_READ: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {"dtmf": _dtmf, "playDone": _play_done, "mark": _mark}


def _number(value: object) -> object:
    # jambonz sends numbers as texts.
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value


def _snake(key: str) -> str:
    return re.sub("([A-Z])", lambda match: "_" + match[1].lower(), key)
