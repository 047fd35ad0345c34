from __future__ import annotations

import os
import signal
import socket

import pytest

from jambonz_sync.cli import main
from jambonz_sync.testing.replay import recorded
from tests.cli.serving import serve
from tests.test_readme import blocks

APP = """\
from jambonz_sync import create_endpoint

endpoint = create_endpoint(host="127.0.0.1", port=1)
service = endpoint.make_service(path="/hello")

@service.on("session:new")
def answer(session):
    session.say("Good morning.").send()
"""


@pytest.fixture
def app(tmp_path):
    """A script; it names a port that is for the system only, which `--port` has to replace."""
    path = tmp_path / "app.py"
    path.write_text(APP)
    return path


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serves(app, number):
    """It serves the script's endpoint, at the port that was asked for, and ends in order with 0."""
    with serve(app.parent, "app.py", "--port", "0") as served:
        transcript = served.call("/hello")
        assert transcript.heard == ["Good morning."]
        assert transcript.ending.code == 1000
        assert served.end(number) == 0
    assert f"stopping because of {signal.Signals(number).name}" in served.errors
    assert "Traceback" not in served.errors


def test_the_first_example_of_the_readme(tmp_path):
    """A script that ends in serve_forever() is served just so, at the host that was asked for."""
    (tmp_path / "app.py").write_text(blocks("python")[0])
    with serve(tmp_path, "app.py:bakery", "--host", "127.0.0.1", "--port", "0") as served:
        assert "Bakery Ada. Who is calling?" in served.call("/bakery").heard
        assert served.end() == 0


@pytest.mark.parametrize(
    ("options", "lines"),
    [([], (True, False)), (["-v"], (True, True)), (["--log-level", "warning"], (False, False))],
    ids=["info", "debug", "warning"],
)
def test_log_level(app, options, lines):
    """How much of calls is told can be chosen."""
    say = 'session.say("Good morning.")'
    log = "for level in ('debug', 'info', 'warning'):\n        getattr(session.log, level)('%s line', level)\n    "
    app.write_text(APP.replace(say, log + say))
    # A port is chosen here, since the line that tells it is one of those that may be missing.
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    with serve(app.parent, "app.py", "--port", str(port), *options) as served:
        served.hears("Good morning.", f"ws://127.0.0.1:{port}/hello")
        assert served.end() == 0
    assert "warning line" in served.errors
    assert ("info line" in served.errors, "debug line" in served.errors) == lines


@pytest.mark.parametrize("options", [[], ["--reload"]], ids=["served", "reload"])
def test_record(app, options):
    """Every call is recorded in a file of its own, in a folder that is made."""
    folder = app.parent / "calls" / "today"
    with serve(app.parent, "app.py", "--port", "0", "--record", "calls/today", *options) as served:
        assert served.call("/hello").heard == ["Good morning."]
        assert served.call("/hello").heard == ["Good morning."]
        os.killpg(served.process.pid, signal.SIGINT)
        assert served.ends() == 0
    first, second = folder.iterdir()
    for path in (first, second):
        assert [one.message["type"] for one in recorded(path)][:2] == ["session:new", "ack"]


# What is wrong


@pytest.mark.parametrize("options", [[], ["--reload"]])
def test_no_script(tmp_path, capsys, options):
    """Without the script there is nothing to run, nor to wait for."""
    assert main(["run", str(tmp_path / "app.py"), *options]) == 1
    assert "there is no file" in capsys.readouterr().err


def test_a_script_that_raises(app):
    """A script that cannot be loaded is told with its own lines, and the status is 1."""
    app.write_text("1 / 0\n")
    with serve(app.parent, "app.py") as served:
        assert served.ends() == 1
    assert served.errors.startswith("jambonz-sync: app.py cannot be loaded:\n\nTraceback (most recent call last):\n")
    assert served.errors.count('  File "') == 1


def test_a_folder_that_cannot_be_made(app):
    """Where nothing can be recorded nothing is served."""
    with serve(app.parent, "app.py", "--port", "0", "--record", "app.py/calls") as served:
        assert served.ends() == 1
    assert served.errors == "jambonz-sync: cannot record in app.py/calls: Not a directory\n"


def test_an_address_that_cannot_be_had(app):
    """A port that is taken is a sentence, and the status is 1."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        with serve(app.parent, "app.py", "--port", str(sock.getsockname()[1])) as served:
            assert served.ends() == 1
    assert "jambonz-sync: cannot listen on port " in served.errors
    assert "Traceback" not in served.errors


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ([], "SCRIPT[:NAME]"),
        (["app.py", "--port", "web"], "a number from 0 to 65535, not 'web'"),
        (["app.py", "--port", "65536"], "a number from 0 to 65535, not '65536'"),
        (["app.py", "--log-level", "loud"], "invalid choice: 'loud'"),
    ],
)
def test_wrong_arguments(arguments, text, capsys):
    """A value that makes no sense ends with 2, and with a word on those that do."""
    assert main(["run", *arguments]) == 2
    assert text in capsys.readouterr().err


def test_interrupted_while_loading(app):
    """Ctrl-C before anything is served ends with 130."""
    app.write_text("import sys, time\nprint('loading', file=sys.stderr, flush=True)\nwhile True:\n    time.sleep(1)\n")
    with serve(app.parent, "app.py") as served:
        served.says("loading")
        assert served.end(signal.SIGINT) == 130
    assert served.errors == "loading\ninterrupted\n"


def test_what_reload_passes_on(app):
    """With --reload all other options hold as ever."""
    with serve(app.parent, "app.py:service", "--reload", "--host", "127.0.0.1", "--port", "0", "-v") as served:
        assert served.call("/hello").heard == ["Good morning."]
        os.killpg(served.process.pid, signal.SIGINT)
        assert served.ends() == 0
    assert "DEBUG" in served.errors
    assert "Traceback" not in served.errors
    assert "interrupted" not in served.errors
