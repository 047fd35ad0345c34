"""What docs/guides/debugging-a-stuck-call.md tells: the story happens, with a real server and a real signal."""

from __future__ import annotations

import logging
import re
import signal
import subprocess
import sys
import threading

import pytest

from jambonz_sync import wording
from jambonz_sync.simulator import Presses, SimulatedCall
from tests.cli.process import command, environ
from tests.cli.serving import until
from tests.docs.page import Page

PAGE = Page("guides/debugging-a-stuck-call")
ORDERS, SLOW_ANSWERS, REPAIR, TEST = PAGE.blocks("python")
LOG, STATUS, STACK, SLOW = PAGE.blocks("text")
(KILL,) = PAGE.blocks("console")
LINES = re.findall(r"^\| `(.*?)` \|", PAGE.text, re.MULTILINE)


def as_shown(text, folder):
    """A text of the server, with the sid, the folder and the seconds of the page."""
    text = text.replace(str(folder), "/app")
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "3f2a", text)
    return re.sub(r"\d+\.\d s", "N s", text)


@pytest.fixture
def server(tmp_path):
    """The application, served with the command of the page; what it says, and its process."""
    (tmp_path / "orders.py").write_text(ORDERS.text)
    (options,) = re.findall(r"`jambonz-sync (run orders\.py --record calls)`", PAGE.text)
    errors = tmp_path / "stderr.txt"
    with errors.open("w") as file:
        run = command(*options.split(), "--host", "127.0.0.1", "--port", "0", "--log-level", "debug")
        process = subprocess.Popen(run, cwd=tmp_path, env=environ(), stderr=file)
    yield process, lambda text: until(lambda: text in (said := errors.read_text()) and said, f"not said: {text}")
    process.kill()
    process.wait()


def test_the_story(server, tmp_path, capsys):
    """The log, the signal and the record say what the page shows."""
    process, said = server
    url = said("listening on ").split("listening on ")[1].split()[0]
    calling = SimulatedCall(f"{url}/orders", [Presses("42")], speed=20)
    thread = threading.Thread(target=calling.run, daemon=True)
    thread.start()
    log = as_shown(said("/order was not answered"), tmp_path)
    level, line = LOG.text.strip().split(" ", 1)
    assert any(level in one and line in one for one in log.splitlines())
    number = getattr(signal, f"SIG{KILL.text.split()[2].removeprefix('-')}")
    process.send_signal(number)
    log = as_shown(said("1 call up"), tmp_path)
    assert as_shown(STATUS.text, tmp_path) in log
    assert STACK.stands_in(log)
    process.kill()
    thread.join(30)
    SLOW_ANSWERS.run()["slow_answers"](tmp_path / "calls", seconds=1)
    assert as_shown(capsys.readouterr().out, tmp_path) == as_shown(SLOW.text, tmp_path)


def test_the_repair(jambonz, monkeypatch):
    """The test of the page passes with it."""
    orders = ORDERS.module("orders")
    REPAIR.run_in(orders)
    monkeypatch.setitem(sys.modules, "orders", orders)
    TEST.run()["test_slow_database"](jambonz, monkeypatch)


def wrong_hook(session):
    session.gather(input=["digits"], num_digits=1, action_hook="/order").send()
    session.wait_for("/ordr", timeout=30)


def no_reply(session):
    session.gather(input=["digits"], num_digits=1, action_hook="/order").gather(action_hook="/again").send()
    session.wait_for("/order")
    session.wait_for("/again")


def no_send(session):
    session.gather(input=["digits"], num_digits=1, action_hook="/order").send()
    session.say("Hello.").wait_for("/order")


def other_wait(session):
    session.gather(input=["digits"], num_digits=1, action_hook="/order").send()
    session.wait_for("call:status", timeout=30)
    session.wait_for("llm:event", timeout=30)


@pytest.mark.parametrize(
    ("handler", "number"),
    [(other_wait, 0), (wrong_hook, 1), (no_reply, 2), (no_send, 3)],
    ids=["wait", "hook", "reply", "send"],
)
def test_lines_of_the_log(jambonz, calling, caplog, handler, number):
    """Each is in the log of an application that makes the mistake."""
    jambonz.tolerates("")
    caplog.set_level(logging.DEBUG, "jambonz_sync")
    line = LINES[number]
    call = calling(handler)
    if handler is not no_send:
        call.presses("1")
    call.is_silent(60)
    assert any(line in record.getMessage() for record in caplog.records)


def test_every_line_of_the_log():
    """The lines above are those of the table, but for the connection, which is lost in the tests of the library."""
    assert len(LINES) == 5
    assert wording.connection_lost(1006, 15.0).startswith(LINES[4])
