from __future__ import annotations

import re
import subprocess
import time

import pytest

from jambonz_sync.cli import main
from tests.cli.process import ROOT, command, environ, interrupted, on_a_terminal, run

LINE = re.compile(r" *\d+\.\d  (app|call|caller|note|wire) +\S")


def conversation(output: str) -> list[tuple[str, str]]:
    """Who said what, without times."""
    lines = [line.split(maxsplit=2) for line in output.splitlines() if LINE.match(line)]
    return [(who, what) for _, who, what in lines]


def test_demo():
    """The demo prints a conversation with a time column, plain when piped, and ends by itself with 0."""
    began = time.monotonic()
    result = run("demo")
    assert time.monotonic() - began < 30
    assert (result.returncode, result.stderr) == (0, "")
    assert "\x1b" not in result.stdout
    said = conversation(result.stdout)
    assert said[:5] == [
        ("call", "15550143001 calls +15550143900"),
        ("call", "answered"),
        ("app", "Say something."),
        ("caller", "hello"),
        ("app", "You said: hello"),
    ]
    assert [who for who, _ in said].count("caller") == 3
    assert said[-2] == ("app", "Goodbye.")
    assert said[-1][1].startswith("hung up by the application")


def test_demo_says():
    """The caller says what it is told to."""
    result = run("demo", "--say", "one two", "--say", "three", "--speed", "40")
    assert [what for who, what in conversation(result.stdout) if who == "caller"] == ["one two", "three"]
    assert "40 times as fast as a real call" in result.stdout


def test_demo_turns():
    """The caller may also say nothing."""
    result = run("demo", "--turns", "0", "--speed", "40")
    assert result.returncode == 0
    assert [who for who, _ in conversation(result.stdout)] == ["call", "call", "app", "app", "call"]


def test_demo_wire():
    """With --wire each message is a line, cut to the width, with its type and verbs whole."""
    result = run("demo", "--wire", "--turns", "1", "--speed", "40")
    assert result.returncode == 0
    wire = [line for line in result.stdout.splitlines() if "  wire  " in line]
    assert max(map(len, wire)) <= 100
    heads = [line.split("wire    ")[1].split(" {")[0].split(" [{")[0] for line in wire]
    assert heads == [
        "-> session:new",
        "<- ack [say, gather]",
        "-> call:status trying",
        "-> call:status in-progress",
        "-> verb:hook /transcript speechDetected",
        "<- ack [say, gather]",
        "-> verb:hook /transcript timeout",
        "<- ack [say]",
        "<- command redirect [hangup, sip:decline]",
        "-> call:status completed",
    ]


def test_demo_without_colour_on_a_terminal():
    """On a terminal there is colour, unless NO_COLOR says otherwise."""
    pytest.importorskip("pty")
    for variables, coloured in (({"NO_COLOR": ""}, True), ({"NO_COLOR": "1"}, False)):
        output = on_a_terminal("demo", "--turns", "0", "--speed", "40", **variables)
        assert (b"\x1b[32mapp" in output) is coloured
        assert b"Goodbye." in output


def test_demo_interrupted():
    """Ctrl-C ends the demo with 130, at once and without a traceback."""
    ended = interrupted("demo", "--speed", "0.01", at="Say something.")
    assert ended.returncode == 130
    assert ended.stderr == "interrupted\n"


def test_demo_whose_reader_leaves():
    """When nobody reads the output any more, the demo ends without a word."""
    with subprocess.Popen(
        command("demo", "--wire"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ(), cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
        process.wait(30)
    assert process.returncode == 141
    assert errors == ""


# When something is wrong


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--speed", "0"], "a number above 0, such as 1 or 15, not '0'"),
        (["--speed", "inf"], "a number above 0"),
        (["--speed", "fast"], "a number above 0"),
        (["--turns", "-1"], "a number from 0 to 100, not '-1'"),
        (["--turns", "many"], "a number from 0 to 100"),
        (["--say", " "], "something to say, not an empty text"),
        (["--say", "a", "--turns", "1"], "not allowed with argument"),
    ],
)
def test_wrong_arguments(arguments, text, capsys):
    """A value that makes no sense ends with 2, and with a word on those that do."""
    assert main(["demo", *arguments]) == 2
    assert text in capsys.readouterr().err


BROKEN = """
from jambonz_sync.cli import main
from jambonz_sync.simulator import echo_app

def make_echo(endpoint):
    service = endpoint.make_service(path="/echo")
    service.on("session:new", answer)
    return service

echo_app.make_echo = make_echo
"""


def test_application_that_raises():
    """An application that raises is shown with its traceback and a sentence; the status is 1."""
    result = run(
        "demo", code=f"{BROKEN}\ndef answer(session):\n    session.say('Hi.').send()\n    raise ValueError('no')"
    )
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1] == "jambonz-sync: the application raised ValueError: no"
    assert "Traceback (most recent call last)" in result.stderr
    assert " log     call " in result.stdout


def test_application_with_a_mistake():
    """A verb that is written wrong is a sentence with the right spelling."""
    result = run("demo", code=f"{BROKEN}\ndef answer(session):\n    session.say(txt='Hi.')")
    assert result.returncode == 1
    assert "InvalidVerb" in result.stderr
    assert "did you mean text" in result.stderr.splitlines()[-1]


def test_application_that_closes_the_connection():
    """A call that fails otherwise ends with 1, and with the reason."""
    result = run("demo", code=f"{BROKEN}\ndef answer(session):\n    session.say('Hi.').send()\n    session.close(1011)")
    assert result.returncode == 1
    assert "jambonz-sync: the call failed: the application closed the connection" in result.stderr


def test_application_that_jambonz_complains_of():
    """An error that jambonz reports ends with 1."""
    answer = """
def answer(session):
    session.gather(input=["speech"], action_hook="/said").send()
    session.wait_for("/said")
    with session._conversation.turn() as machine:
        machine.outbox.append("garbage")
    session.hangup().reply()
"""
    result = run("demo", code=BROKEN + answer)
    assert result.returncode == 1
    assert result.stderr == "jambonz-sync: jambonz reported an error: InvalidMessage\n"


def test_application_that_is_not_there():
    """A service on another path than the one called is a sentence."""
    code = (
        "from jambonz_sync.service import Service\nService.path = property(lambda self: '/x', lambda self, path: None)"
    )
    result = run("demo", code=f"{code}\nfrom jambonz_sync.cli import main")
    assert result.returncode == 1
    assert "answered with HTTP 404" in result.stderr
