"""What an operator is told of calls, by ``endpoint.calls()``."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import threading

import pytest

from jambonz_sync import create_endpoint
from jambonz_sync.call_status import CallStatus, stacks
from tests.cli.process import environ
from tests.transport.peers import TIMEOUT, eventually

HERE = os.path.abspath(__file__)

STATUS = CallStatus(
    call_sid="c1",
    path="/menu",
    from_="15550143001",
    to="+15550143900",
    direction="inbound",
    call_status="in-progress",
    seconds=12.34,
    waiting_for="/menu or call:status",
    for_seconds=3.0,
    where="/app/menu.py:12 in answer",
    connected=True,
)


def the_call(app):
    """The only call there is."""
    (status,) = app.endpoint.calls()
    return status


def waits_for(app, what):
    """The only call waits for this, now or in a moment."""
    eventually(lambda: the_call(app).waiting_for == what)
    return the_call(app)


# One line


def test_a_line():
    """It is what one wants to know, in order."""
    assert str(STATUS) == (
        "call c1 on /menu: inbound from 15550143001 to +15550143900, in-progress, up 12.3 s; "
        "waits for /menu or call:status, 3.0 s, at /app/menu.py:12 in answer"
    )


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"waiting_for": None}, "; busy, 3.0 s, at /app/menu.py:12 in answer"),
        ({"connected": False}, " in answer; connection lost"),
        ({"call_sid": None}, "call without sid on /menu"),
        ({"direction": "", "call_status": None}, ": message from 15550143001 to +15550143900, no status, up"),
    ],
)
def test_other_lines(facts, text):
    """What is not known, and what is unusual, is said in words."""
    assert text in str(dataclasses.replace(STATUS, **facts))


@pytest.mark.parametrize("name", ["call_sid", "path", "from_", "to", "direction", "call_status"])
def test_it_stays_one_line(name):
    """Whatever a caller is called."""
    text = str(dataclasses.replace(STATUS, **{name: "a\nb\x1b[2Jc\u2028d"}))
    assert len(text.splitlines()) == 1
    assert "a?b?[2Jc?d" in text


def test_it_cannot_be_changed():
    """It is what was at one moment."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        STATUS.path = "/other"


# What calls do


def test_no_calls(app):
    """There is nothing to tell."""
    assert app.endpoint.calls() == []


def test_facts(app):
    """Who calls whom, and how far the call has come."""

    @app.answer
    def answer(session):
        session.gather(action_hook="/menu").send()
        session.wait_for("/menu", "/other")

    app.log.allow("/other")
    jambonz = app.call("/app/orders")
    jambonz.expect_ack()
    status = waits_for(app, "/menu or /other")
    assert (status.call_sid, status.path) == (jambonz.call_sid, "/app/orders")
    assert (status.from_, status.to, status.direction) == ("15550143001", "+15550143900", "inbound")
    assert (status.call_status, status.connected) == ("trying", True)
    assert status.where.startswith(f"{HERE}:")
    assert status.where.endswith(" in answer")
    assert status.seconds >= status.for_seconds >= 0
    jambonz.status("in-progress")
    eventually(lambda: the_call(app).call_status == "in-progress")
    jambonz.hang_up()
    app.outcome()
    eventually(lambda: app.endpoint.calls() == [])


def test_the_wait_began_with_it(app):
    """What comes and is for somebody else does not begin it anew."""

    @app.answer
    def answer(session):
        session.gather(action_hook="/menu").send()
        session.wait_for("/menu")

    jambonz = app.call()
    jambonz.expect_ack()
    before = waits_for(app, "/menu")
    jambonz.live()
    jambonz.all_read()
    after = waits_for(app, "/menu")
    # The difference of two clocks read at the same moment is what it was.
    assert after.seconds - after.for_seconds == pytest.approx(before.seconds - before.for_seconds)
    jambonz.hang_up()
    app.outcome()


@pytest.mark.parametrize(
    ("does", "what"),
    [
        (lambda session: session.sleep(TIMEOUT), "sleep"),
        (lambda session: session.say("Hello.").run(), "the end of say"),
        (lambda session: session.wait_for("*"), "*"),
        (lambda session: session.send_tts_tokens("Hello."), "streamed speech"),
    ],
    ids=["sleep", "run", "anything", "streaming"],
)
def test_waits(app, does, what):
    """Each wait says what it is for."""

    @app.answer
    def answer(session):
        session.pause(1).send()
        does(session)

    jambonz = app.call()
    jambonz.expect_ack()
    waits_for(app, what)
    jambonz.hang_up()
    app.outcome()


def test_busy(app):
    """Code of the application is no wait, wherever it is; after it the next wait begins."""
    go_on = threading.Event()

    @app.answer
    def answer(session):
        session.gather(action_hook="/menu").send()
        app.told.put("busy")
        assert go_on.wait(TIMEOUT)
        session.wait_for("/menu")

    jambonz = app.call()
    jambonz.expect_ack()
    assert app.hears() == "busy"
    status = the_call(app)
    assert status.waiting_for is None
    assert f"{HERE}:" in status.where
    assert status.where.endswith(" in answer")
    go_on.set()
    waits_for(app, "/menu")
    jambonz.hang_up()
    app.outcome()


def test_a_handler_in_a_wait(app):
    """A handler that runs while its call waits is code of the application, and may wait itself."""
    go_on = threading.Event()

    @app.answer
    def answer(session):
        @session.on("queue:status")
        def status(evt):
            app.told.put("busy")
            assert go_on.wait(TIMEOUT)
            session.sleep(TIMEOUT)

        session.gather(action_hook="/menu").send()
        session.wait_for("/menu")

    jambonz = app.call()
    jambonz.expect_ack()
    waits_for(app, "/menu")
    jambonz.live()
    assert app.hears() == "busy"
    assert the_call(app).waiting_for is None
    assert the_call(app).where.endswith(" in status")
    go_on.set()
    waits_for(app, "sleep")
    jambonz.hang_up()
    app.outcome()


def test_returned(app):
    """A call whose function has returned only waits for its end."""

    @app.answer
    def answer(session):
        session.say("Goodbye.").send()

    jambonz = app.call()
    jambonz.expect_ack()
    status = waits_for(app, "the end of the call")
    assert status.where == "the end of its function"
    jambonz.hang_up()
    app.outcome()


def test_connection_lost(app):
    """The call is there, and its connection is not."""

    @app.answer
    def answer(session):
        session.gather(action_hook="/menu").send()
        session.wait_for("/menu")

    jambonz = app.call()
    jambonz.expect_ack()
    jambonz.drop()
    app.log.expect("connection lost")
    assert not waits_for(app, "/menu").connected


def test_the_oldest_first(app):
    """Calls stand in the order in which they came."""

    @app.answer
    def answer(session):
        session.gather(action_hook="/menu").send()
        session.wait_for("/menu")

    sids = []
    for _ in range(3):
        jambonz = app.call()
        jambonz.expect_ack()
        sids.append(jambonz.call_sid)
    assert [status.call_sid for status in app.endpoint.calls()] == sids


def test_a_call_whose_lock_is_held(app):
    """Nothing a call is just doing keeps an operator waiting."""

    @app.answer
    def answer(session):
        session.gather(action_hook="/menu").send()
        app.told.put(session)
        session.wait_for("/menu")

    jambonz = app.call()
    jambonz.expect_ack()
    session = app.hears()
    waits_for(app, "/menu")
    with session._conversation.lock:
        assert the_call(app).waiting_for == "/menu"


def test_in_the_kit(jambonz):
    """In a test, time is that of the test."""
    endpoint = create_endpoint()
    service = endpoint.make_service("/app")

    @service.on("session:new")
    def answer(session):
        session.gather(input=["speech"], action_hook="/menu", timeout=30).send()
        session.wait_for("/menu", "call:status")
        session.sleep(60)

    call = jambonz.call(endpoint, "/app")
    call.is_silent(20)
    (status,) = endpoint.calls()
    assert status.seconds >= 20
    call.hangs_up()


GEVENT = """
from gevent import monkey
monkey.patch_all()
import json, sys, threading, time
from jambonz_sync import create_endpoint
from jambonz_sync.simulator import SimulatedCall

endpoint = create_endpoint(host="127.0.0.1", port=0)
service = endpoint.make_service("/app")

@service.on("session:new")
def answer(session):
    session.pause(1).send()
    time.sleep(60)

endpoint.start()
caller = threading.Thread(target=SimulatedCall(endpoint.url + "/app", limit=60).run, daemon=True)
caller.start()
until = time.monotonic() + 30
while not (calls := endpoint.calls()) and time.monotonic() < until:
    time.sleep(0.01)
print(json.dumps([calls[0].where, calls[0].waiting_for]), flush=True)
import os
os._exit(0)
"""


def test_under_gevent(tmp_path):
    """Each call's greenlet is found among those that share the one thread."""
    pytest.importorskip("gevent")
    (tmp_path / "app.py").write_text(GEVENT)
    run = subprocess.run(
        [sys.executable, "app.py"], cwd=tmp_path, env=environ(), capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stderr
    where, waiting_for = json.loads(run.stdout)
    assert where.endswith(" in answer")
    assert waiting_for is None


# Stacks


def test_stacks(app):
    """Of the handlers that wait for nothing, and of no others."""
    go_on = threading.Event()

    @app.answer
    def answer(session):
        session.gather(action_hook="/menu").send()
        app.told.put(session)
        assert go_on.wait(TIMEOUT)
        session.wait_for("/menu")

    jambonz = app.call()
    jambonz.expect_ack()
    session = app.hears()
    ((found, stack),) = stacks([session])
    assert found is session
    assert ", in answer\n    assert go_on.wait(TIMEOUT)\n" in stack
    go_on.set()
    waits_for(app, "/menu")
    assert stacks([session]) == []
    jambonz.hang_up()
    app.outcome()
