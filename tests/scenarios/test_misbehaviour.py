"""Handlers that forget, fail, or talk too much, and callers who hang up in the middle: seen on the wire."""

from __future__ import annotations

import threading

import pytest

from jambonz_sync import CallEnded
from tests.scenarios.jambonz_side import GOODBYE, NEUTRAL, names, texts
from tests.scenarios.raw_socket import TEXT, RawSocket

ERROR = 40


@pytest.fixture(params=["answered", "unanswered"])
def status(request):
    """Whether somebody has picked up."""
    return {"answered": "in-progress", "unanswered": "trying"}[request.param]


def test_raises_before_the_first_verb(app, log, status):
    """The call is ended in its first ack, in a way that works for answered and unanswered calls."""

    @app.answer
    def answer(session):
        raise KeyError("database")

    with app.call(call_status=status) as jambonz:
        assert jambonz.expect_ack() == GOODBYE
        log.expect("the handler of session:new raised", level=ERROR)


def test_raises_with_verbs_queued_at_jambonz(app, log, status):
    """What plays is cut, and the call is ended; the hook in flight gets its ack first."""

    @app.answer
    def answer(session):
        session.gather(action_hook="/menu").say("Still there?").send()
        session.wait_for("/menu")
        session.say("never sent")
        raise KeyError("database")

    with app.call(call_status=status) as jambonz:
        jambonz.expect_ack()
        jambonz.hook("/menu")
        assert jambonz.expect_ack() == GOODBYE
        log.expect("the handler of session:new raised", level=ERROR)


def test_returns_at_once(app, status):
    """The call ends."""
    app.answer(lambda session: None)
    with app.call(call_status=status) as jambonz:
        assert jambonz.expect_ack() == GOODBYE


def test_returns_after_a_hangup(app, status):
    """A list that ends an answered call is let alone; an unanswered one is declined as well."""
    app.answer(lambda session: session.hangup().send())
    with app.call(call_status=status) as jambonz:
        assert names(jambonz.expect_ack()) == ["hangup"]
        if status == "in-progress":
            jambonz.nothing_for(0.2)
        else:
            assert names(jambonz.expect_redirect(queue=True)) == ["sip:decline"]


def test_never_replies(quick_app, log, status):
    """Every hook is acked in its place; what is queued behind a gather is neither lost nor run too early."""
    go = threading.Event()

    @quick_app.answer
    def answer(session):
        session.gather(action_hook="/menu").say("Nothing came through.").send()
        session.wait_for("/menu")
        assert go.wait(10)

    with quick_app.call(call_status=status) as jambonz:
        jambonz.expect_ack()
        jambonz.status(status)
        jambonz.hook("/menu")
        assert jambonz.expect_ack() == NEUTRAL
        log.expect("/menu was not answered within 0.2 s")
        go.set()
        assert texts(jambonz.expect_redirect()) == ["Nothing came through."]
        log.expect("no reply to /menu came", "sent again")
        jambonz.expect_goodbye()


def test_never_looks(app, log, status):
    """A handler that waits for something else for ever: hooks are acked at once."""

    @app.answer
    def answer(session):
        session.gather(action_hook="/menu").say("Nothing came through.").send()
        session.wait_for("verb:status")

    with app.call(call_status=status) as jambonz:
        jambonz.expect_ack()
        jambonz.hook("/menu")
        assert jambonz.expect_ack() is None
        log.expect("nothing waits for /menu")


def test_replies_twice(app, status):
    """The second reply is heard behind the first."""

    @app.answer
    def answer(session):
        session.gather(action_hook="/menu").send()
        session.wait_for("/menu")
        session.say("One.").reply()
        session.say("Two.").reply()

    with app.call(call_status=status) as jambonz:
        jambonz.expect_ack()
        jambonz.hook("/menu")
        assert texts(jambonz.expect_ack()) == ["One."]
        assert texts(jambonz.expect_redirect(queue=True)) == ["Two."]
        jambonz.expect_goodbye()


@pytest.mark.parametrize("way", ["hang_up", "drop"])
@pytest.mark.parametrize("where", ["wait_for", "sleep", "send"])
def test_hangs_up(make_app, status, where, way):
    """A caller who hangs up, or is lost for good, unwinds the handler wherever it is; nobody is disturbed by that."""
    app = make_app(reconnect_timeout=0)

    @app.answer
    def answer(session):
        session.gather(action_hook="/menu").send()
        app.told.put("ready")
        if where == "wait_for":
            session.wait_for("/menu")
        elif where == "sleep":
            session.sleep(60)
        else:
            while True:
                session.say("Hello?").send(exec_immediate=False)

    jambonz = app.call(call_status=status)
    jambonz.expect_ack()
    assert app.hears() == "ready"
    getattr(jambonz, way)()
    assert isinstance(app.outcome(), CallEnded)


@pytest.mark.parametrize("patience", [0, 15])
def test_does_not_read(make_app, log, patience):
    """A jambonz that does not read is dropped when too much waits for it, and a sending handler is unwound.

    No more is kept for the time when it comes back than while it was there.
    """
    app = make_app(reconnect_timeout=patience)
    log.allow("connection lost")

    @app.answer
    def answer(session):
        session.say("Hello.").send()
        while True:
            session.say("x" * 20_000).send(exec_immediate=False)

    with RawSocket(app.endpoint.url) as raw:
        raw.send(TEXT, b'{"type": "session:new", "msgid": "m1", "call_sid": "deaf", "data": {"call_sid": "deaf"}}')
        raw.send(TEXT, b'{"type": "verb:status", "data": {}}')
        ended = app.outcome()
    assert isinstance(ended, CallEnded)
    assert ("has not read" if not patience else "too much to be sent") in ended.reason


def test_one_call_does_not_hurt_another(app, log):
    """While calls raise, return and are dropped, another one goes on as if alone."""

    @app.answer
    def answer(session):
        mood = session.data["mood"]
        if mood == "raises":
            raise KeyError(mood)
        if mood == "returns":
            return
        session.gather(action_hook="/menu").send()
        while True:
            session.wait_for("/menu")
            session.gather(action_hook="/menu").reply()

    log.allow("raised an exception")
    with app.call(mood="good") as good:
        assert names(good.expect_ack()) == ["gather"]
        for mood in ("raises", "returns", "dropped") * 5:
            with app.call(mood=mood) as other:
                other.expect_ack()
                if mood == "dropped":
                    other.drop()
            good.hook("/menu")
            assert names(good.expect_ack()) == ["gather"]
