from __future__ import annotations

import re
import signal
import socket
import ssl
import subprocess
import threading

import pytest
import trustme

from jambonz_sync.cli import main
from tests.cli.applications import ECHO, TWO
from tests.cli.process import ROOT, command, environ, run
from tests.cli.typing import typing
from tests.npm.application import node_echo
from tests.simulator.websockets_side import accept, echo, serving, serving_tcp


@pytest.fixture
def app(tmp_path):
    """A script with one service."""
    path = tmp_path / "app.py"
    path.write_text(ECHO)
    return path


@pytest.fixture
def two(tmp_path):
    """A script with two services."""
    path = tmp_path / "two.py"
    path.write_text(TWO)
    return path


def prepared(path, *lines):
    """A prepared caller in a file beside a script."""
    file = path.with_name("caller.txt")
    file.write_text("".join(f"{line}\n" for line in lines))
    return str(file)


def said(output):
    """Who said what, without times."""
    lines = [re.match(r" *\d+\.\d  (\w+) +(.*)", line) for line in output.splitlines()]
    return [(found[1], found[2]) for found in lines if found]


# Typed at a terminal


@pytest.fixture(autouse=True)
def _terminals():
    pytest.importorskip("pty")
    pytest.importorskip("readline")


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


def test_printed_while_typing(two):
    """Lines appear above the row that is typed in, wherever the cursor stands in it."""
    with typing("call", f"{two}:dialler", "--wire") as typist:
        typist.sees("listens for keys")
        typist.types("/noanswer")
        typist.sees("the party that is dialled next does not answer")
        typist.types("#1")
        typist.sees("dials +15550143555")
        typist.types("/bsy", enter=False)
        typist.types("\x1b[D\x1b[D", enter=False)
        typist.sees("It was no-answer")
        assert typist.display.lines[-1] == "> /bsy"
        typist.types("u", enter=False)
        typist.types("")
        typist.sees("the party that is dialled next is busy")
        typist.presses("D")
        assert typist.ends() == 0
    assert "> /busy" in typist.display.lines


def test_orders(two):
    """Dialled parties do what is ordered, messages can be shown, and a line that means nothing is told."""
    with typing("call", f"{two}:dialler") as typist:
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


# Prepared callers


def test_piped(app):
    """From a pipe and to a pipe: a prepared caller, and plain lines."""
    process = subprocess.run(
        command("call", str(app), "--speed", "20"),
        input="hello\n// a comment\n\n#12\n",
        capture_output=True,
        text=True,
        timeout=60,
        env=environ(),
        cwd=ROOT,
    )
    assert (process.returncode, process.stderr) == (0, "")
    assert "\x1b" not in process.stdout
    assert re.match(r"Calling ws://127.0.0.1:\d+/echo, 20 times as fast as a real call.\n\n", process.stdout)
    conversation = said(process.stdout)
    assert [what for who, what in conversation if who == "caller"] == ["hello", "presses 12", "hangs up"]
    assert ("app", "Say something.") in conversation


def test_lines_that_come_late(app):
    """Each line is printed when it happens, and read when it comes: two programs can talk to each other."""
    with subprocess.Popen(
        command("call", str(app)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ(), cwd=ROOT
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for line in process.stdout:
            if "listens for" in line:
                process.stdin.write("/hangup\n")
                process.stdin.close()
                break
        assert "caller  hangs up" in process.stdout.read()
        assert process.wait(30) == 0


def test_piped_lines_that_mean_nothing(app):
    """A line that means nothing is told, the others are said, and the status is 2."""
    process = subprocess.run(
        command("call", str(app), "--speed", "20"),
        input="/dance\nhello\n",
        capture_output=True,
        text=True,
        timeout=60,
        env=environ(),
        cwd=ROOT,
    )
    assert process.returncode == 2
    assert "there is no /dance; /help lists what there is" in process.stdout
    assert ("caller", "hello") in said(process.stdout)
    assert process.stderr == "jambonz-sync: 1 of the caller's lines mean nothing\n"


def test_script(app):
    """A prepared caller from a file: words, keys, a silence, a drop."""
    file = prepared(app, "hello", "/drop 0", "#12", "/silence", "never said")
    result = run("call", str(app), "--script", file, "--speed", "20")
    assert (result.returncode, result.stderr) == (0, "")
    conversation = said(result.stdout)
    assert [what for who, what in conversation if who == "caller"] == ["hello", "presses 12"]
    assert any("the connection is lost" in what for who, what in conversation if who == "note")
    assert ("app", "Goodbye.") in conversation
    assert conversation[-1][1].startswith("hung up by the application")
    assert "before the caller had said everything: 1 more to say" in result.stdout


def test_record(app, jambonz, tmp_path):
    """What is recorded is replayed by the test kit."""
    file = prepared(app, "hello", "#12")
    record = tmp_path / "call.jsonl"
    assert run("call", str(app), "--script", file, "--speed", "20", "--record", str(record)).returncode == 0
    names: dict[str, object] = {}
    exec(compile(ECHO, "app.py", "exec"), names)
    jambonz.replay(names["endpoint"], record, "/echo")


def test_facts(two):
    """The numbers, headers and variables arrive; variables have the types of JSON where they are JSON."""
    result = run(
        *("call", f"{two}:/facts", "--script", prepared(two), "--speed", "20"),
        *("--from", "+15550100", "--to", "200", "--header", "X-Account=4=2"),
        *("--env", "N=3", "--env", "NAMES=[true, null]", "--env", "TEXT=a b"),
    )
    assert ("app", "+15550100 200 4=2 {'N': 3, 'NAMES': [True, None], 'TEXT': 'a b'}") in said(result.stdout)
    assert result.returncode == 0


def test_interrupted_from_outside(app):
    """SIGINT hangs up a prepared caller too, and the call ends in order."""
    with subprocess.Popen(
        command("call", str(app)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environ(),
        cwd=ROOT,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "listens for" in line:
                break
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "hung up by the caller" in output
    assert errors == ""


def test_reader_who_leaves(app):
    """When nobody reads the output any more, it ends without a word."""
    with subprocess.Popen(
        command("call", str(app)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environ(),
        cwd=ROOT,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        process.stdin.close()
        errors = process.stderr.read()
        assert process.wait(60) == 141
    assert errors == ""


# What is wrong


def test_nothing_there():
    """Where nothing listens it says so at once, and asks whether the application is running."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    result = run("call", f"ws://me:secret@127.0.0.1:{port}/x")
    assert result.returncode == 1
    assert result.stderr.startswith(f"jambonz-sync: nothing answers at ws://127.0.0.1:{port}/x (")
    assert result.stderr.endswith("is the application running?\n")
    assert "secret" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("status", "hint"),
    [(404, "is the path the one of a service?"), (401, "a user and a password go into the address"), (503, "not now")],
)
def test_http_answers(status, hint):
    """A plain HTTP answer is told, with what to do about it."""
    with serving(echo, process_request=lambda ws, request: ws.respond(status, "not now")) as url:
        result = run("call", url)
    assert result.returncode == 1
    assert f"answered with HTTP {status}: not now" in result.stderr
    assert hint in result.stderr


def test_rejected_verbs(app):
    """Verbs that jambonz refuses are named with the reason, and the status is 1."""
    app.write_text(
        ECHO.replace("create_endpoint()", "create_endpoint(strict=False)").replace(
            '    listen(session, "Say something.")\n', '    session.verb("dance")\n'
        )
    )
    result = run("call", str(app), "--script", prepared(app))
    assert result.returncode == 1
    assert "jambonz-sync: the call failed: rejected with SIP 480: " in result.stderr
    assert "dance" in result.stderr


def test_certificates(tmp_path):
    """A wss address is verified; --insecure does not."""
    ca = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(server)
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    with serving(lambda ws: ws.close(1000), ssl=server) as url:
        refused = run("call", url)
        trusted = run("call", url, SSL_CERT_FILE=str(tmp_path / "ca.pem"))
        unverified = run("call", url, "--insecure")
    assert refused.returncode == 1
    assert "is not to be trusted" in refused.stderr
    assert refused.stderr.endswith("; if it is your own, call with --insecure\n")
    for result in (trusted, unverified):
        assert "calls +15550143900" in result.stdout
        assert "is not to be trusted" not in result.stderr


def test_script_with_several_services(two):
    """Of several services one has to be named, and it says how."""
    result = run("call", str(two))
    assert result.returncode == 1
    assert result.stderr == (
        "jambonz-sync: two.py has the services /dialler and /facts: name the one to call, two.py:/dialler\n"
    )


def test_script_that_raises(app):
    """What a script raises in the call is printed with its traceback."""
    app.write_text(ECHO.replace("    session.send()\n", "    1 / 0\n"))
    result = run("call", str(app), "--script", prepared(app))
    assert re.search(r"^ +log     ZeroDivisionError: division by zero$", result.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ([], "URL|SCRIPT[:SERVICE]"),
        (["ws://x", "--header", "X-Account"], "NAME=VALUE, such as X-Account=42, not 'X-Account'"),
        (["ws://x", "--env", "=3"], "NAME=VALUE, such as GREETING=hello, not '=3'"),
        (["ws://x", "--speed", "0"], "a number above 0"),
        (["app.py", "--insecure"], "--insecure is for a wss:// address"),
        (["ws://x", "--script", "nowhere.txt"], "cannot read nowhere.txt: No such file"),
    ],
)
def test_wrong_arguments(arguments, text, capsys):
    """A command line that makes no sense ends with 2, and with a word on what would."""
    assert main(["call", *arguments]) == 2
    assert text in capsys.readouterr().err


def test_bad_line_of_a_script(app):
    """A line of a prepared caller that means nothing is named before anything is called."""
    result = run("call", str(app), "--script", prepared(app, "hello", "#hello"))
    assert (result.returncode, result.stdout) == (2, "")
    assert "line 2 of " in result.stderr
    assert "behind # stand keys" in result.stderr


def test_speed_at_a_terminal():
    """Somebody who types does so in real time."""
    with typing("call", "ws://127.0.0.1:1/", "--speed", "2") as typist:
        assert typist.ends() == 2
    assert "--speed is for a prepared caller" in typist.written


def test_record_that_cannot_be_written(tmp_path, capsys):
    """A record that cannot be written is noticed before the call."""
    assert main(["call", "ws://127.0.0.1:1/", "--record", str(tmp_path / "no" / "where.jsonl")]) == 1
    assert "where.jsonl: No such file" in capsys.readouterr().err
