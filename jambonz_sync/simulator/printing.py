"""A call on the terminal, as it happens.

::

    screen = Screen(sys.stdout, wire=True)
    SimulatedCall(url, [Says("hello")], watch=screen.show).run()
"""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Mapping
from typing import Any, TextIO

from .transcript import Entry, WireMessage

__all__ = ["Screen", "abridged"]

_COLOURS = {"app": "32", "caller": "36", "callee": "35", "call": "1", "note": "33", "log": "33", "wire": "2"}

#: Facts of the call that every message repeats.
_REPEATED = frozenset(
    {
        "account_sid",
        "application_sid",
        "call_id",
        "call_sid",
        "call_status",
        "direction",
        "from",
        "fs_public_ip",
        "fs_sip_address",
        "originating_sip_ip",
        "originating_sip_trunk_name",
        "sbc_callid",
        "sip_reason",
        "sip_status",
        "to",
        "trace_id",
    }
)

#: Of what was recognised, all but the words.
_UNSPOKEN = frozenset({"channel_tag", "is_final", "language_code", "vendor"})


class Screen:
    """Prints entries and, if ``wire`` is true, messages, a line each.

    ::

        Screen(sys.stdout, wire=False).show(Entry(1.2, "caller", "hello"))

    Colour is used only on a terminal, and not if the environment has ``NO_COLOR``. Messages are cut to the ``width``,
    by default the terminal's. Any thread may print.
    """

    def __init__(self, stream: TextIO, *, wire: bool, width: int | None = None) -> None:
        self._stream = stream
        self._wire = wire
        self._width = shutil.get_terminal_size((120, 24)).columns if width is None else width
        self._colour = stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        # Log lines come from the application's threads, in between.
        self._lock = threading.Lock()

    def show(self, what: Entry | WireMessage) -> None:
        """Print one thing that has happened in the call."""
        if isinstance(what, Entry):
            self._line(what.time, what.who, what.what)
        elif self._wire:
            arrow = "->" if what.direction == "in" else "<-"
            self._line(what.time, "wire", f"{arrow} {abridged(what.message, self._width - 19)}")

    def log(self, text: str) -> None:
        """Print a line of the application's log."""
        self._line(None, "log", text)

    def say(self, text: str = "") -> None:
        """Print a line that is no part of the call."""
        with self._lock:
            self._write(text)

    def _line(self, time: float | None, who: str, what: str) -> None:
        clock = " " * 6 if time is None else f"{time:6.1f}"
        text = f"{who:<6}  {_printable(what)}"
        if self._colour:
            text = f"\x1b[{_COLOURS.get(who, '0')}m{text}\x1b[0m"
        with self._lock:
            self._write(f"{clock}  {text}")

    def _write(self, line: str) -> None:
        encoding = self._stream.encoding or "utf-8"
        self._stream.write(line.encode(encoding, "replace").decode(encoding) + "\n")
        self._stream.flush()


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


def abridged(message: Mapping[str, Any], width: int) -> str:
    """Return a message as one line of ``width`` characters.

    ::

        abridged({"type": "ack", "msgid": "m1", "data": [{"verb": "hangup"}]}, 80)  # 'ack [hangup]'

    It begins with the type and what matters most: the command, the hook, the status, the verbs. That is never cut, even
    if it is longer. The data follows as far as there is room, without what every message repeats.
    """
    head = _head(message)
    rest = _rest(message)
    if not rest:
        return head
    room = width - len(head) - 1
    if len(rest) > room:
        rest = f"{rest[: max(0, room - 3)]}..."
    return f"{head} {rest}"


def _head(message: Mapping[str, Any]) -> str:
    words = [str(message.get("type"))]
    words += [str(message[key]) for key in ("command", "hook") if key in message]
    data = message.get("data")
    if isinstance(data, list):
        words.append(f"[{', '.join(_verb_name(item) for item in data)}]")
    elif isinstance(data, dict):
        keys = {"call:status": ["call_status"], "verb:status": ["event", "name", "verb"], "command": ["call_status"]}
        words += [str(data[key]) for key in keys.get(words[0], ["reason"]) if isinstance(data.get(key), str)]
    return " ".join(words)


def _verb_name(item: object) -> str:
    if not isinstance(item, dict):
        return "?"
    return str(item["verb"]) if "verb" in item else next(iter(item), "?")


def _rest(message: Mapping[str, Any]) -> str:
    data = message.get("data")
    if isinstance(data, list):
        parts: Any = [
            {key: value for key, value in item.items() if key != "verb"} for item in data if isinstance(item, dict)
        ]
        return _json(parts) if any(parts) else ""
    if not isinstance(data, dict):
        return "" if data is None else _json(data)
    first = message.get("type") == "session:new"
    shown = {key: data[key] for key in ("from", "to") if first and key in data}
    hidden = _REPEATED if "call_sid" in data else frozenset()
    shown |= {key: value for key, value in data.items() if key not in hidden and key not in ("call_status", "reason")}
    if "sip" in shown:
        # Long, and of the least interest.
        shown["sip"] = shown.pop("sip")
    if message.get("type") == "verb:status":
        shown = {key: value for key, value in shown.items() if key not in ("event", "name", "verb")}
    if isinstance(shown.get("speech"), dict):
        shown["speech"] = {key: value for key, value in shown["speech"].items() if key not in _UNSPOKEN}
    return _json(shown) if shown else ""


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
