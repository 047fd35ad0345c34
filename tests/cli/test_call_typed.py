"""`jambonz-sync call` at a terminal, where somebody types."""

from __future__ import annotations

import socket
import threading

import pytest

from tests.cli.applications import TALKATIVE, TWO
from tests.cli.typing import typing
from tests.npm.application import node_echo
from tests.simulator.websockets_side import accept, serving_tcp


@pytest.fixture(autouse=True)
def _terminals():
    pytest.importorskip("pty")
    pytest.importorskip("readline")


@pytest.fixture
def app(tmp_path):
    """A script with one service."""
    path = tmp_path / "app.py"
    path.write_text(TALKATIVE)
    return path


@pytest.fixture
def dialler(tmp_path):
    """A service that dials three times, of a script with two."""
    path = tmp_path / "two.py"
    path.write_text(TWO)
    return f"{path}:dialler"


def test_conversation(app):
    """What is typed is said, also into what is playing; what is printed leaves alone what is being typed."""
    with typing("call", str(app)) as typist:
        typist.sees("Say something.")
        typist.sees("listens for speech or keys, for 15 s")
        typist.types("hello", enter=False)
        typist.sees("hello")
        typist.types("!")
        typist.sees("caller  hello!")
        typist.sees("You said hello!, and now")
        # In two parts, with something printed in between, and a mistake mended in the middle of the line.
        typist.types("stp", enter=False)
        typist.types("\x1b[D", enter=False)
        typist.types("o")
        typist.sees("caller  stop")
        typist.sees("You said stop, and now")
        typist.types("#12")
        typist.sees("caller  presses 12")
        typist.sees("You said the keys 12, and now")
        typist.types("/hangup")
        assert typist.ends() == 0
    lines = typist.display.lines
    assert "> hello!" in lines
    assert "> stop" in lines
    assert "hung up by the caller" in lines[-2]
    assert lines[-1] == ""
    assert typist.display.below == ""


def test_printed_while_typing(dialler):
    """Lines appear above the row that is typed in, wherever the cursor stands in it."""
    with typing("call", dialler, "--wire") as typist:
        typist.sees("listens for keys")
        typist.types("/noanswer")
        typist.sees("the party that is dialled next does not answer")
        typist.types("#1")
        typist.sees("dials +15550143555")
        typist.types("/bsy", enter=False)
        typist.types("\x1b[D\x1b[D", enter=False)
        typist.sees("It was no-answer")
        typist.has_typed("/bsy")
        typist.types("u", enter=False)
        typist.types("")
        typist.sees("the party that is dialled next is busy")
        typist.presses("D")
        assert typist.ends() == 0
    assert "> /busy" in typist.display.lines


#: Nobody has to type while somebody speaks or rings.
FAST = """
from jambonz_sync.cli.calling.live_clock import LiveClock
real_time = LiveClock.__init__
LiveClock.__init__ = lambda clock, speed: real_time(clock, 5.0 * speed)
from jambonz_sync.cli import main
"""


def test_orders(dialler):
    """Dialled parties do what is ordered, messages can be shown, and a line that means nothing is told."""
    with typing("call", dialler, code=FAST) as typist:
        typist.sees("listens for keys")
        for order, seen in [
            ("/busy", "next is busy"),
            ("/answer 1", "next answers"),
            ("/noanswer", "next does not answer"),
            ("/hlp", "there is no /hlp; did you mean /help?"),
            ("/help", "drop the connection"),
            ("/wire", "messages on the websocket are shown"),
            ("", "> "),
            ("#5", "-> verb:hook /digits"),
        ]:
            typist.types(order)
            typist.sees(seen)
        typist.types("/wire")
        typist.sees("are not shown from now on")
        for outcome in ("busy", "completed", "no-answer"):
            typist.sees(f"It was {outcome}")
        assert typist.ends() == 0
    assert "hung up by the application" in typist.display.lines[-2]


def test_drop(app):
    """The network can be dropped; jambonz connects again, and the application goes on."""
    with typing("call", str(app), "--wire") as typist:
        typist.sees("listens for")
        typist.types("/drop")
        typist.sees("the connection is lost (1006: dropped); jambonz tries again in 0.5 s")
        typist.sees("session:reconnect")
        typist.types("hello")
        typist.sees("You said hello")
        typist.types("/drop 1000")
        typist.sees("the connection is lost")
        # Nobody waits for the attempts that jambonz still makes.
        typist.types("/hangup")
        typist.sees("hung up by the caller")
        typist.ends()


def test_control_c(app):
    """Ctrl-C hangs up, in order, even in the middle of a line."""
    with typing("call", str(app)) as typist:
        typist.sees("listens for")
        typist.types("never mi", enter=False)
        typist.presses("C")
        assert typist.ends() == 0
    assert "hung up by the caller" in typist.display.lines[-2]
    assert "Traceback" not in typist.written


def test_control_d(app):
    """Ctrl-D hangs up."""
    with typing("call", str(app)) as typist:
        typist.sees("listens for")
        typist.presses("D")
        assert typist.ends() == 0
    assert "hung up by the caller" in typist.display.lines[-2]


STUBBORN = """
import jambonz_sync.simulator.wire
jambonz_sync.simulator.wire._CLOSE_SECONDS = 60.0
from jambonz_sync.cli import main
"""


def test_second_control_c():
    """A second Ctrl-C ends at once, with 130: here the application does not close its side."""
    release = threading.Event()

    def handle(connection: socket.socket) -> None:
        accept(connection)
        release.wait(60)

    with serving_tcp(handle) as url, typing("call", url, code=STUBBORN) as typist:
        typist.sees("15550143001 calls")
        typist.presses("C", at_prompt=False)
        typist.sees("the caller gave up before the call was answered")
        typist.presses("C", at_prompt=False)
        assert typist.ends() == 130
        release.set()
    assert "interrupted" in typist.written
    assert "Traceback" not in typist.written


def test_colour(app):
    """On a terminal what is heard is bright and the rest is dim, unless NO_COLOR says otherwise."""
    for variables, coloured in (({"NO_COLOR": ""}, True), ({"NO_COLOR": "1"}, False)):
        with typing("call", str(app), **variables) as typist:
            typist.sees("listens for")
            typist.presses("D")
            typist.ends()
        assert ("\x1b[32mapp     Say something." in typist.written) is coloured
        assert ("\x1b[2mcall    answered" in typist.written) is coloured


def test_terminal_that_can_do_nothing(app):
    """On a terminal without control of the cursor it is typed all the same, in lines that are not edited."""
    with typing("call", str(app), TERM="dumb") as typist:
        typist.sees("listens for")
        typist.types("hello")
        typist.sees("You said hello")
        typist.presses("D", at_prompt=False)
        assert typist.ends() == 0
    assert "\x1b" not in typist.written
    assert "> " not in typist.written


def test_application_on_node():
    """Any application can be called: here the echo of the library for Node."""
    with node_echo() as url, typing("call", url) as typist:
        typist.sees("Say something.")
        typist.sees("listens for speech, for 15 s")
        typist.types("hello from Python")
        typist.sees("You said: hello from Python")
        typist.sees("listens for")
        typist.presses("D")
        assert typist.ends() == 0
    assert "hung up by the caller" in typist.display.lines[-2]


def test_speed_at_a_terminal():
    """Somebody who types does so in real time."""
    with typing("call", "ws://127.0.0.1:1/", "--speed", "2") as typist:
        assert typist.ends() == 2
    assert "--speed is for a prepared caller" in typist.written
