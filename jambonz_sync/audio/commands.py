"""What an application says in words on an audio connection.

::

    line = play_audio({"audioContentType": "raw", "sampleRate": 8000, "audioContent": "AAAAAA=="}, "clip-1", queue=True)
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..exceptions import InvalidCommand

__all__ = ["CLEAR_MARKS", "DISCONNECT", "KILL_AUDIO", "mark", "play_audio"]

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode

KILL_AUDIO = _encode({"type": "killAudio"})
CLEAR_MARKS = _encode({"type": "clearMarks"})
DISCONNECT = _encode({"type": "disconnect"})


def play_audio(content: Mapping[str, Any], clip_id: str, *, queue: bool) -> str:
    """Return the message that plays a clip: at once, or behind those that are waiting."""
    return _encode({"type": "playAudio", "data": {**content, "id": clip_id, "queuePlay": queue}})


def mark(name: str) -> str:
    """Return the message that sets a mark behind the audio sent so far.

    Raises :exc:`~jambonz_sync.InvalidCommand` for a name that the media server could not send back: it puts its message
    together without escaping anything.
    """
    if not isinstance(name, str) or not name or any(letter in '"\\' or letter < " " for letter in name):
        raise InvalidCommand(f"a mark has a name without quotation marks, backslashes and line breaks, unlike {name!r}")
    return _encode({"type": "mark", "data": {"name": name}})
