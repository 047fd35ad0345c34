"""A call on the terminal, as it happens.

::

    screen = Screen(sys.stdout, wire=True)
    SimulatedCall(url, [Says("hello")], watch=screen.show).run()
"""

from __future__ import annotations

import contextlib
import json
import logging
import math
import os
import shutil
import threading
import traceback
import unicodedata
from collections.abc import Mapping
from typing import Any, TextIO

from .transcript import Entry, WireMessage

__all__ = ["Screen", "ScreenLog", "abridged"]

#: What is heard is bright, what jambonz does is dim, and what somebody should look at is yellow.
_COLOURS = {
    "app": "32",
    "caller": "36",
    "callee": "35",
    "call": "2",
    "note": "2",
    "wire": "2",
    "fault": "33",
    "log": "33",
}

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

    ``typed_below``: whether somebody types in the row below the lines, which they must not disturb.
    """

    def __init__(self, stream: TextIO, *, wire: bool, width: int | None = None, typed_below: bool = False) -> None:
        #: Whether messages are printed. Any thread may change it.
        self.wire = wire
        self._stream = stream
        self._fixed_width = width
        self._colour = stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self._typed_below = typed_below
        self._closed = False
        # Log lines come from the application's threads, in between.
        self._lock = threading.Lock()

    @property
    def _width(self) -> int:
        return shutil.get_terminal_size((120, 24)).columns if self._fixed_width is None else self._fixed_width

    def show(self, what: Entry | WireMessage) -> None:
        """Print one thing that has happened in the call."""
        if isinstance(what, Entry):
            self._line(what.time, what.who, what.what)
        elif self.wire:
            arrow = "->" if what.direction == "in" else "<-"
            self._line(what.time, "wire", f"{arrow} {abridged(what.message, self._width - 19)}")

    def log(self, text: str) -> None:
        """Print a line of the application's log."""
        self._line(None, "log", text)

    def say(self, text: str = "") -> None:
        """Print a line that is no part of the call, or several."""
        with self._lock:
            for line in text.split("\n"):
                self._write(line)

    def clear_row(self) -> None:
        """Nobody types any more: empty the row in which was typed."""
        with self._lock:
            if self._typed_below and not self._closed:
                self._stream.write("\r\x1b[K")
                self._stream.flush()

    def close(self) -> None:
        """Print nothing any more: no thread is writing to the stream when this returns, nor will be."""
        with self._lock:
            self._closed = True

    def _line(self, time: float | None, who: str, what: str) -> None:
        clock = " " * 6 if time is None else f"{time:6.1f}"
        text = f"{who:<6}  {_printable(what)}"
        with self._lock:
            self._write(f"{clock}  ", text, _COLOURS.get(who, "0"))

    def _write(self, start: str, text: str = "", colour: str = "0") -> None:
        if self._closed:
            return
        encoding = self._stream.encoding or "utf-8"
        start, text = (part.encode(encoding, "replace").decode(encoding) for part in (start, text))
        line = f"{start}\x1b[{colour}m{text}\x1b[0m" if self._colour and text else start + text
        # In one piece, so that nothing typed comes between.
        self._stream.write(_above(line, _cells(start + text), self._width) if self._typed_below else f"{line}\n")
        self._stream.flush()


class ScreenLog(logging.Handler):
    """Prints the warnings and errors of a logger among the lines of a call, with tracebacks.

    ::

        logger.addHandler(ScreenLog(screen))
    """

    def __init__(self, screen: Screen) -> None:
        super().__init__(logging.WARNING)
        self._screen = screen

    def emit(self, record: logging.LogRecord) -> None:
        lines = [record.getMessage()]
        if record.exc_info is not None and record.exc_info[1] is not None:
            lines += "".join(traceback.format_exception(record.exc_info[1])).splitlines()
        # Nobody reads any more: the thread that runs the call will notice.
        with contextlib.suppress(BrokenPipeError):
            for line in lines:
                self._screen.log(line)


def _above(line: str, cells: int, width: int) -> str:
    """Return what prints a line above the row that the cursor is in, and leaves the cursor where it was in that row.

    So it need not be known what is typed there, nor where in it the cursor stands.
    """
    rows = max(1, math.ceil(cells / max(1, width)))
    # At the bottom of the screen, going down scrolls; after that there is room for what is inserted.
    room = "\x1bD" * rows + "\x1bM" * rows
    return f"{room}\x1b7\r\x1b[{rows}L{line}\x1b8\x1b[{rows}B"


def _cells(text: str) -> int:
    """Return how wide a text is on a terminal."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.combining(letter) > 0 for letter in text)


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
