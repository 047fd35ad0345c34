"""Each test changes files until the new behaviour is there; nothing waits for a fixed time."""

from __future__ import annotations

import os
import signal
import socket
import subprocess

import pytest

from tests.cli.process import command, environ
from tests.cli.serving import serve, until
from tests.cli.test_run import APP

IGNORES_SIGTERM = """\
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", file=sys.stderr, flush=True)
while True:
    time.sleep(1)
"""

TAKES_NEW_AWAY = """\
import pathlib, signal, sys, time
def stop(*_):
    pathlib.Path("new.py").unlink(missing_ok=True)
    sys.exit("down")
signal.signal(signal.SIGTERM, stop)
print("up", file=sys.stderr, flush=True)
while True:
    time.sleep(1)
"""


@pytest.fixture
def app(tmp_path):
    path = tmp_path / "app.py"
    path.write_text(APP)
    return path


def serve_and_watch(app, *options):
    return serve(app.parent, "app.py", "--reload", "--port", "0", *options)


def test_a_change(app):
    """When the script changes, it is started again, with a line that says so; and again, when it does so again."""
    with serve_and_watch(app) as served:
        served.hears("Good morning.")
        for greeting in ("Good evening.", "Good night."):
            app.write_text(APP.replace("Good morning.", greeting))
            served.hears(greeting)
        assert served.end() == 0
    assert served.errors.count("jambonz-sync: app.py has changed: starting again\n") >= 2
    assert "Traceback" not in served.errors


def test_other_files(app):
    """The other files of its folder count, and below it those that it imports, also later on; no others."""
    (app.parent / "lib").mkdir()
    words = app.parent / "lib" / "words.py"
    words.write_text("MORNING = 'Good morning.'\n")
    (app.parent / "lib" / "unused.py").write_text("")
    lazy = "from lib.words import MORNING\n    session.say(MORNING)"
    app.write_text(APP.replace('session.say("Good morning.")', lazy))
    with serve_and_watch(app) as served:
        served.hears("Good morning.")
        (app.parent / "lib" / "unused.py").write_text("changed = True\n")
        (app.parent / "notes.txt").write_text("changed")

        def changed():
            # Until it is known that the call has imported it.
            words.write_text("MORNING = 'Good evening.'\n")
            return "words.py has changed" in served.errors

        until(changed, "the file that was imported later is not watched")
        served.hears("Good evening.")
        (app.parent / "new.py").write_text("")
        served.says("new.py has changed")
        served.hears("Good evening.")
        (app.parent / "new.py").unlink()
        served.says("new.py has changed", times=2)
        assert served.end() == 0
    assert "unused" not in served.errors
    assert "notes" not in served.errors


def test_a_file_that_comes_and_goes(app):
    """A file that was there for a moment only is a change too, after which the script is started again."""
    app.write_text(TAKES_NEW_AWAY)
    with serve_and_watch(app) as served:
        served.says("up\n")
        (app.parent / ".hidden.py").write_text("")
        (app.parent / "new.py").write_text("")
        served.says("new.py has changed: starting again")
        served.says("up\n", times=2)
        assert not (app.parent / "new.py").exists()
        assert served.end() == 0
    assert "hidden" not in served.errors


def test_a_script_that_does_not_load(app):
    """A script that fails to load is told, waited for, and served when it has been mended."""
    app.write_text("endpoint = = 1\n")
    with serve_and_watch(app) as served:
        served.says("the program has ended with 1; waiting for a change")
        assert "SyntaxError" in served.errors
        app.write_text(APP)
        served.hears("Good morning.")
        app.write_text("1 / 0\n")
        served.says("ZeroDivisionError")
        served.says("waiting for a change", times=2)
        app.write_text(APP)
        served.hears("Good morning.")
        app.unlink()
        served.says("there is no file app.py")
        assert served.end(signal.SIGINT) == 0


def test_a_script_that_breaks_down(app):
    """A process that is killed is told, and started again with the next change."""
    app.write_text("import os\nos.kill(os.getpid(), 9)\n")
    with serve_and_watch(app) as served:
        served.says("the program has been ended by SIGKILL; waiting for a change")
        app.write_text(APP)
        served.hears("Good morning.")
        assert served.end() == 0


def test_a_script_that_ends_itself(app):
    """A program that stops its endpoint ends all of it."""
    app.write_text(f"{APP}    endpoint.stop(drain=5)\n")
    with serve_and_watch(app) as served:
        served.hears("Good morning.")
        assert served.ends() == 0


# Nothing is left behind: `ends` and `end` return when the last process has closed stdout.


def test_ctrl_c_on_a_terminal(app):
    """Ctrl-C, which a terminal sends to both, ends both in order."""
    with serve_and_watch(app) as served:
        served.hears("Good morning.")
        os.killpg(served.process.pid, signal.SIGINT)
        assert served.ends() == 0
    assert "Traceback" not in served.errors


def test_a_parent_that_is_killed(app):
    """When the parent is killed the child ends too, in order."""
    with serve_and_watch(app) as served:
        served.hears("Good morning.")
        assert served.end(signal.SIGKILL) == -signal.SIGKILL
    assert "stopping because of SIGTERM" in served.errors


def test_a_script_that_is_deaf(app):
    """A script that ignores SIGTERM is ended by force when a second signal comes."""
    app.write_text(IGNORES_SIGTERM)
    with serve_and_watch(app) as served:
        served.says("deaf")
        # Two of a kind might be taken for one.
        served.process.send_signal(signal.SIGTERM)
        served.process.send_signal(signal.SIGINT)
        assert served.ends() == 0


def test_a_deaf_script_whose_parent_is_killed(app):
    """A script that ignores SIGTERM does not outlive the parent either."""
    app.write_text(IGNORES_SIGTERM)
    code = (
        "import jambonz_sync.cli.reloading\njambonz_sync.cli.reloading._GRACE = 0.1\nfrom jambonz_sync.cli import main"
    )
    ours, theirs = socket.socketpair()
    with theirs:
        number = theirs.fileno()
        process = subprocess.Popen(
            command("run", f"--watched-by={number}", str(app), code=code),
            pass_fds=[number],
            env=environ(),
            stderr=subprocess.PIPE,
            text=True,
        )
    with process, ours:
        assert process.stderr is not None
        assert process.stderr.readline() == "deaf\n"
        assert ours.recv(65536) == os.fsencode(str(app)) + b"\0"
        ours.close()
        assert process.wait(30) == 128 + signal.SIGTERM
