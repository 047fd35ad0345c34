"""A call on the terminal."""

from __future__ import annotations

import io
import logging

import pytest

from jambonz_sync.simulator import Entry, WireMessage
from jambonz_sync.simulator.facts import inbound_leg, session_new
from jambonz_sync.simulator.printing import Screen, ScreenLog, abridged
from tests.terminal import Display

LEG = inbound_leg("100", "200")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Teletype(io.StringIO):
    """What goes to a terminal, which makes two characters of the end of a line."""

    def taken(self) -> str:
        text = self.getvalue().replace("\n", "\r\n")
        self.truncate(0)
        self.seek(0)
        return text


class Narrow(io.StringIO):
    encoding = "ascii"


def shown(what: Entry | WireMessage, stream: io.StringIO | None = None, *, wire: bool = True, width: int = 80) -> str:
    stream = io.StringIO() if stream is None else stream
    Screen(stream, wire=wire, width=width).show(what)
    return stream.getvalue()


def test_entry():
    """An entry is a line: time, who, what."""
    assert shown(Entry(12.34, "app", "Hello.")) == "  12.3  app     Hello.\n"


def test_control_characters():
    """What an application says cannot disturb the terminal."""
    assert shown(Entry(0, "app", "a\x1b[31m\nb\t")) == "   0.0  app     a [31m b \n"


def test_characters_the_stream_cannot_show():
    """On a stream without them, characters are replaced."""
    assert shown(Entry(0, "app", "naïve ☎"), Narrow()) == "   0.0  app     na?ve ?\n"


def test_other_lines():
    """A log line has no time; a line that is no part of the call no columns."""
    stream = io.StringIO()
    screen = Screen(stream, wire=False)
    screen.log("careful")
    screen.say("The end.")
    screen.say()
    assert stream.getvalue() == "        log     careful\nThe end.\n\n"


@pytest.mark.parametrize(
    ("environ", "stream", "coloured"),
    [
        ({}, Terminal(), True),
        ({"NO_COLOR": ""}, Terminal(), True),
        ({"NO_COLOR": "1"}, Terminal(), False),
        ({"TERM": "dumb"}, Terminal(), False),
        ({}, io.StringIO(), False),
    ],
)
def test_colour(monkeypatch, environ, stream, coloured):
    """Colour is for terminals, and for those who want it."""
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[" in shown(Entry(0, "app", "Hello."), stream)) is coloured


def test_several_lines():
    """A text of several lines is printed as such."""
    stream = io.StringIO()
    Screen(stream, wire=False).say("one\ntwo")
    assert stream.getvalue() == "one\ntwo\n"


def test_closed():
    """A screen that is closed prints nothing any more."""
    stream = io.StringIO()
    screen = Screen(stream, wire=False, typed_below=True)
    screen.close()
    screen.say("late")
    screen.clear_row()
    assert stream.getvalue() == ""


def test_log():
    """Warnings and errors are printed among the lines of the call, tracebacks line by line; nothing less is."""
    stream = io.StringIO()
    record = logging.LogRecord("app", logging.ERROR, "app.py", 1, "%s is lost", ("all",), None)
    try:
        raise ValueError("no")
    except ValueError as error:
        record.exc_info = (ValueError, error, error.__traceback__)
    handler = ScreenLog(Screen(stream, wire=False))
    handler.handle(record)
    lines = stream.getvalue().splitlines()
    assert lines[:2] == ["        log     all is lost", "        log     Traceback (most recent call last):"]
    assert lines[-1] == "        log     ValueError: no"
    assert handler.level == logging.WARNING


# Above what is typed


@pytest.mark.parametrize("rows_used", [0, 3, 9])
@pytest.mark.parametrize("text", ["short", "x" * 41, "x" * 40, "電話" * 15])
def test_above_what_is_typed(rows_used, text):
    """A line is printed above the row of the cursor, which keeps its text and its column, wherever it is."""
    display = Display(rows=5, columns=40)
    stream = Teletype()
    screen = Screen(stream, wire=False, width=40, typed_below=True)
    for number in range(rows_used):
        screen.say(f"line {number}")
    display.feed(stream.taken() + "> hello\x1b[2D")
    screen.say(text)
    screen.say("the end")
    display.feed(stream.taken())
    assert display.lines[:rows_used] == [f"line {number}" for number in range(rows_used)]
    assert "".join(display.lines[rows_used:-2]) == text
    assert display.lines[-2:] == ["the end", "> hello"]
    assert (display.cursor, display.below) == (5, "")


def test_row_that_is_cleared():
    """When nobody types any more, that row is emptied."""
    display = Display()
    stream = Teletype()
    screen = Screen(stream, wire=False, typed_below=True)
    display.feed("> hello")
    screen.clear_row()
    screen.say("the end")
    display.feed(stream.taken())
    assert display.lines == ["the end", ""]


def test_wire():
    """A message is a line of the terminal's width, with its direction, if messages are wanted."""
    message = {"type": "session:new", "msgid": "m", "call_sid": LEG.call_sid, "data": session_new(LEG)}
    line = shown(WireMessage(0, "in", message))
    assert line.startswith('   0.0  wire    -> session:new {"from": "100", "to": "200", "has_recording":')
    assert len(line.rstrip("\n")) == 80
    assert line.endswith("...\n")
    assert shown(WireMessage(0, "out", {"type": "ack", "msgid": "m"})) == "   0.0  wire    <- ack\n"
    assert shown(WireMessage(0, "in", message), wire=False) == ""


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"type": "ack", "data": [{"verb": "hangup"}]}, "ack [hangup]"),
        ({"type": "ack", "data": [{"say": {"text": "a"}}, 5, {}]}, 'ack [say, ?, ?] [{"say": {"text": "a"}}, {}]'),
        ({"type": "ack", "data": [{"verb": "say", "text": "a"}]}, 'ack [say] [{"text": "a"}]'),
        (
            {"type": "command", "command": "redirect", "data": [{"verb": "hangup"}]},
            "command redirect [hangup]",
        ),
        (
            {"type": "command", "command": "call:status", "data": {"call_status": "completed"}},
            "command call:status completed",
        ),
        ({"type": "command", "command": "media:path", "data": "no-media"}, 'command media:path "no-media"'),
        ({"type": "call:status", "data": LEG.normal()}, "call:status trying"),
        (
            {"type": "verb:status", "data": {"event": "starting", "name": "say", "id": "s"}},
            'verb:status starting say {"id": "s"}',
        ),
        (
            {"type": "verb:hook", "hook": "/menu", "data": {**LEG.normal(), "reason": "timeout", "verb_id": "v"}},
            'verb:hook /menu timeout {"verb_id": "v"}',
        ),
        (
            {
                "type": "verb:hook",
                "hook": "/a",
                "data": {"speech": {"vendor": {}, "alternatives": []}, "reason": "speechDetected"},
            },
            'verb:hook /a speechDetected {"speech": {"alternatives": []}}',
        ),
        ({"type": "jambonz:error", "data": {"msg": "bad"}}, 'jambonz:error {"msg": "bad"}'),
        ({"type": "unreadable", "content": "x"}, "unreadable"),
    ],
)
def test_abridged(message, text):
    """The type comes first, then what matters, then the data without what every message repeats."""
    assert abridged(message, 200) == text


def test_abridged_never_cuts_the_verbs():
    """However narrow the terminal, the type and the verbs are whole."""
    message = {"type": "ack", "data": [{"verb": "say", "text": "hello"}, {"verb": "gather", "input": ["speech"]}]}
    assert abridged(message, 10) == "ack [say, gather] ..."
    assert abridged(message, 30) == 'ack [say, gather] [{"text":...'
