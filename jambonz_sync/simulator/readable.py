"""What the application sends, as far as jambonz can read it.

::

    fault_in(parsed('{"type": "ack"}'))  # "msgid property not supplied"
"""

from __future__ import annotations

import json
from typing import Any

__all__ = ["fault_in", "parsed", "pauses"]

#: The commands that need no data.
_WITHOUT_DATA = frozenset({"llm:tool-output", "tts:flush", "tts:clear"})


def parsed(text: str) -> dict[str, Any]:
    """Return the JSON object; an empty one if it is none."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


def fault_in(message: dict[str, Any]) -> str | None:
    """Return why jambonz cannot read a message, in its words; ``None`` if it can."""
    kind = message.get("type")
    if kind == "ack":
        return None if isinstance(message.get("msgid"), str) else "msgid property not supplied"
    if kind != "command":
        return "type property not supplied" if kind is None else f"invalid type {kind!r}"
    if not isinstance(message.get("command"), str):
        return "command property not supplied"
    data = message.get("data")
    # An empty object and an empty array are true in JavaScript.
    given = bool(data) or isinstance(data, (dict, list))
    return None if given or message["command"] in _WITHOUT_DATA else "data property not supplied"


def pauses(message: dict[str, Any]) -> bool | None:
    """Return whether a status command pauses or resumes; ``None`` if it has not the shape that jambonz reads."""
    data = message.get("data")
    status = data.get(message["command"].replace(":", "_")) if isinstance(data, dict) else None
    return status == "pause" if status in ("pause", "resume") else None
