"""`jambonz-sync call` with a prepared caller, and what can be wrong."""

from __future__ import annotations

import re
import socket
import ssl
import subprocess

import pytest
import trustme

from jambonz_sync.cli import main
from tests.cli.applications import ECHO, TWO
from tests.cli.process import ROOT, command, environ, interrupted, run
from tests.simulator import server
from tests.simulator.websockets_side import echo, serving


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
    ended = interrupted("call", str(app), at="listens for")
    assert ended.returncode == 0
    assert "hung up by the caller" in ended.stdout
    assert ended.stderr == ""


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
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(tls)
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")

    def application(app: server.App) -> None:
        app.ack(app.receive("session:new"), [{"verb": "answer"}, server.HANGUP])
        app.until_closed()

    with server.serving(application, ssl=tls) as url:
        url = url.replace("ws://", "wss://")
        refused = run("call", url)
        trusted = run("call", url, SSL_CERT_FILE=str(tmp_path / "ca.pem"))
        unverified = run("call", url, "--insecure")
    assert refused.returncode == 1
    assert "is not to be trusted" in refused.stderr
    assert refused.stderr.endswith("; if it is your own, call with --insecure\n")
    for result in (trusted, unverified):
        assert (result.returncode, result.stderr) == (0, "")
        assert "calls +15550143900" in result.stdout
        assert "hung up by the application" in result.stdout


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


def test_record_that_cannot_be_written(tmp_path, capsys):
    """A record that cannot be written is noticed before the call."""
    assert main(["call", "ws://127.0.0.1:1/", "--record", str(tmp_path / "no" / "where.jsonl")]) == 1
    assert "where.jsonl: No such file" in capsys.readouterr().err
