"""What a call has made is freed when it has ended: nothing is left for the garbage collector to find."""

from __future__ import annotations

import contextlib
import threading

import pytest

from jambonz_sync import CallNotActive
from tests.scenarios.application import no_thread_left
from tests.scenarios.freed import MANY, hears, left_over, listen, reply, uncollected
from tests.scenarios.jambonz_side import JambonzSide, names

# What the application does in a call, and what jambonz does


def straight(session):
    """A conversation without handlers."""
    reply(session)


def handlers(session):
    """Functions that use the session stand to the end, and a canned answer."""
    session.on("/heard", lambda evt: listen(session.say(evt.transcript)).reply())
    session.on("close", lambda code, reason: session.log.info("%d", code))
    session.on("/hold", reply=[{"verb": "pause", "length": 1}])
    session.tool("look_up", lambda order: session.data[order])


def raising(session):
    """The application has a fault, and wants to know of it."""
    session.on("error", lambda error: session.log.info("%s", error))
    reply(session)
    raise KeyError("order")


def raising_handler(session):
    """A handler has one."""

    @session.on("/heard")
    def heard(evt):
        listen(session).reply()
        raise KeyError(evt.transcript)


def serving_a_model(session):
    """The application answers the calls of a tool by itself."""
    for evt in session:
        if evt.name == "/tool":
            session.send_tool_output(evt, {"sum": 2})


def iterating(session):
    """The application takes whatever comes."""
    for evt in session:
        if evt.hook == "/heard":
            listen(session).reply()


def from_another_thread(session):
    """Another thread speaks too, until it cannot."""

    def speak():
        with contextlib.suppress(CallNotActive):
            while True:
                session.say("Hello.").send(exec_immediate=False)
                ended.wait(0.001)

    ended = threading.Event()
    reply(session)
    other = threading.Thread(target=speak)
    other.start()
    try:
        session.wait_for("call:status")
        session.wait_for("/never")
    finally:
        ended.set()
        other.join()


def talk(jambonz):
    """One turn, then the caller hangs up."""
    hears(jambonz)
    jambonz.hang_up()


def call_tool(jambonz):
    """The model of the call wants something, then the caller hangs up."""
    jambonz.live()
    jambonz.send("llm:tool-call", {"tool_call_id": "t", "name": "add", "args": {"a": 1}}, hook="/tool")
    assert jambonz.receive()["command"] == "llm:tool-output"
    jambonz.hang_up()


def hang_up(jambonz):
    """The caller hangs up at once."""
    jambonz.hang_up()


def reject(jambonz):
    """jambonz refuses the first verbs."""
    jambonz.close(1001)


def come_back(jambonz):
    """The connection is lost between two turns."""
    hears(jambonz)
    jambonz.lose("end")
    jambonz.come_back()
    hears(jambonz)
    jambonz.hang_up()


@pytest.mark.parametrize(
    ("application", "story"),
    [
        (straight, talk),
        (straight, hang_up),
        (straight, reject),
        (handlers, talk),
        (raising, talk),
        (raising_handler, talk),
        (serving_a_model, call_tool),
        (iterating, talk),
        (iterating, come_back),
        (from_another_thread, talk),
    ],
)
def test_calls(application, story):
    """Calls leave nothing over when they have ended: none of them, and nothing of what belonged to one."""
    with uncollected() as endpoint:
        service = endpoint.make_service("/app")
        service.on("error", lambda session, error: None)

        @service.on("session:new")
        def answer(session):
            listen(session).send()
            application(session)

        for _ in range(MANY):
            jambonz = JambonzSide(endpoint.url + "/app")
            jambonz.session_new()
            jambonz.expect_ack()
            story(jambonz)
            jambonz.drop()
        endpoint.stop()
        no_thread_left()
        assert left_over() == {}


def test_events_that_are_kept():
    """An event that is kept beyond its turn, and beyond its call, can still be replied to, with the error that fits."""
    kept = []
    with uncollected() as endpoint:

        @endpoint.make_service("/app").on("session:new")
        def answer(session):
            listen(session).send()
            for _ in range(2):
                kept.append(session.wait_for("/heard"))
                listen(session).reply()
            kept[0].reply()
            session.say("Once more.")
            kept[0].reply()
            session.wait_for("call:status")

        jambonz = JambonzSide(endpoint.url + "/app")
        jambonz.session_new()
        jambonz.expect_ack()
        hears(jambonz)
        hears(jambonz)
        assert names(jambonz.receive()["data"]) == ["say"]
        jambonz.hang_up()
        jambonz.drop()
        endpoint.stop()
        no_thread_left()
        with pytest.raises(CallNotActive):
            kept[0].reply()
        kept.clear()
        assert left_over() == {}
