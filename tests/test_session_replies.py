"""The session: a reply belongs to its event."""

from __future__ import annotations

import threading

import pytest

from tests.scenarios.jambonz_side import NEUTRAL, texts


def gather(session, *hooks):
    """Send a gather for each hook."""
    for hook in hooks:
        session.gather(action_hook=hook)
    return session.send()


def test_reply(app):
    """``reply`` sends the queued verbs as the ack of the hook taken last, and returns the session."""

    @app.answer
    def answer(session):
        gather(session, "/menu")
        session.wait_for("/menu")
        assert session.say("one").pause(1).reply() is session

    with app.call() as jambonz:
        jambonz.expect_ack()
        jambonz.hook("/menu")
        assert jambonz.expect_ack() == [{"verb": "say", "text": "one"}, {"verb": "pause", "length": 1}]
        jambonz.expect_goodbye()


@pytest.mark.parametrize("way", ["evt.reply", "reply(to=)", "positional"])
def test_reply_to_an_event(app, way):
    """``evt.reply()`` and ``reply(to=evt)`` answer that event, whichever was taken last."""

    @app.answer
    def answer(session):
        taken = []

        @session.on("/b")
        def b(evt):
            session.say("to a")
            if way == "evt.reply":
                taken[0].reply()
            elif way == "reply(to=)":
                session.reply(to=taken[0])
            else:
                session.reply(taken[0])
            session.say("to b").reply()

        gather(session, "/a", "/b")
        taken.append(session.wait_for("/a"))
        app.told.put("taken")
        session.wait_for("call:status")

    with app.call() as jambonz:
        jambonz.expect_ack()
        a = jambonz.hook("/a")
        assert app.hears() == "taken"
        b = jambonz.hook("/b")
        assert texts(jambonz.expect_ack(a)) == ["to a"]
        assert texts(jambonz.expect_ack(b)) == ["to b"]


def test_reply_twice(app):
    """The second reply to a hook goes behind what the first one plays."""

    @app.answer
    def answer(session):
        gather(session, "/menu")
        session.wait_for("/menu")
        session.say("one").reply()
        session.say("two").reply()
        session.wait_for("call:status")

    with app.call() as jambonz:
        jambonz.expect_ack()
        jambonz.hook("/menu")
        assert texts(jambonz.expect_ack()) == ["one"]
        assert texts(jambonz.expect_redirect(queue=True)) == ["two"]


def test_empty_reply(app):
    """A reply without verbs is an ack without data: jambonz goes on with what it has."""

    @app.answer
    def answer(session):
        gather(session, "/menu")
        session.wait_for("/menu")
        session.reply()
        session.reply()
        session.wait_for("call:status")

    with app.call() as jambonz:
        jambonz.expect_ack()
        jambonz.hook("/menu")
        assert jambonz.expect_ack() is None
        jambonz.status("in-progress")
        jambonz.expect_goodbye()


def test_first_reply(app):
    """``reply`` before anything else answers ``session:new``; without verbs, neutrally."""

    @app.answer
    def answer(session):
        session.reply()
        session.say("Hello.").reply()
        session.wait_for("call:status")

    with app.call() as jambonz:
        assert jambonz.expect_ack() == NEUTRAL
        assert texts(jambonz.expect_redirect(queue=True)) == ["Hello."]


def test_nothing_open(app):
    """With no hook to answer, the verbs go behind whatever plays."""

    @app.answer
    def answer(session):
        gather(session, "/menu")
        session.on("call:status", lambda evt: session.say("in a handler").reply())
        session.wait_for("verb:status")

    with app.call() as jambonz:
        jambonz.expect_ack()
        jambonz.live()
        jambonz.status("in-progress")
        assert texts(jambonz.expect_redirect(queue=True)) == ["in a handler"]


def test_late(quick_app, log):
    """A reply after the deadline takes the place of the stand-in."""
    go = threading.Event()

    @quick_app.answer
    def answer(session):
        gather(session, "/menu")
        evt = session.wait_for("/menu")
        assert go.wait(10)
        session.say("late")
        evt.reply()
        session.say("more")
        evt.reply()
        session.wait_for("call:status")

    with quick_app.call() as jambonz:
        jambonz.expect_ack()
        jambonz.hook("/menu")
        assert jambonz.expect_ack() == NEUTRAL
        log.expect("/menu was not answered within 0.2 s")
        go.set()
        assert texts(jambonz.expect_redirect()) == ["late"]
        assert texts(jambonz.expect_redirect(queue=True)) == ["more"]


@pytest.mark.parametrize("kind", ["call:status", "verb:status", "jambonz:error", "llm:event"])
def test_to_what_asks_nothing(app, kind):
    """A reply to an event that asks nothing is a mistake; it leaves nothing queued or sent."""

    @app.answer
    def answer(session):
        gather(session, "/menu")
        evt = session.wait_for(kind)
        for way in (evt.reply, lambda: session.reply(to=evt)):
            session.say("never")
            with pytest.raises(ValueError, match=f"{kind} wants no reply"):
                way()
        session.say("next").send()

    with app.call() as jambonz:
        jambonz.expect_ack()
        jambonz.send(kind, jambonz.facts())
        assert texts(jambonz.expect_redirect()) == ["next"]


def test_to_a_notification(app, log):
    """A reply to a notification, which jambonz would ignore, is dropped and logged."""

    @app.answer
    def answer(session):
        session.gather(input=["speech"], action_hook="/menu", partial_result_hook="/partial").send()
        evt = session.wait_for("/partial")
        session.say("never").reply(to=evt)
        session.wait_for("/menu")
        session.say("menu").reply()

    with app.call() as jambonz:
        jambonz.expect_ack()
        jambonz.hook("/partial")
        assert jambonz.expect_ack() is None
        log.expect("/partial wants no reply")
        jambonz.hook("/menu")
        assert texts(jambonz.expect_ack()) == ["menu"]


def test_to_a_leg_already_refused(app, log):
    """A late reply to a screening hook is dropped: a redirect would tear the bridge down."""
    go = threading.Event()

    @app.answer
    def answer(session):
        session.dial(target=[{"type": "phone", "number": "+15550100"}], confirm_hook="/screen").send()
        session.wait_for("call:status")
        assert go.wait(10)
        evt = session.wait_for("/screen")
        session.say("late").reply(to=evt)

    with app.call() as jambonz:
        jambonz.expect_ack()
        jambonz.hook("/screen", kind="dial:confirm")
        jambonz.expect_ack()
        log.expect("nobody answered /screen")
        jambonz.status("in-progress")
        go.set()
        log.expect("the reply to /screen was dropped")
        jambonz.expect_goodbye()


def test_stale_hook(app):
    """The hook of a verb that has been replaced is acked at once, and not shown to a wait."""

    @app.answer
    def answer(session):
        session.listen("/audio", action_hook="/heard").send()
        session.say("other").gather(action_hook="/menu").send()
        app.told.put(session.wait_for("/heard", "/menu").hook)

    with app.call() as jambonz:
        jambonz.expect_ack()
        jambonz.live()
        assert texts(jambonz.expect_redirect()) == ["other"]
        jambonz.hook("/heard")
        assert jambonz.expect_ack() is None
        jambonz.hook("/menu")
        assert app.hears() == "/menu"


def test_same_name_again(app):
    """Two turns of the same hook name are told apart by the id of their verbs."""

    @app.answer
    def answer(session):
        gather(session, "/turn")
        for turn in range(3):
            session.wait_for("/turn")
            session.say(str(turn)).gather(action_hook="/turn").reply()
        session.wait_for("call:status")

    with app.call() as jambonz:
        (first,) = jambonz.expect_ack()
        for turn in range(3):
            jambonz.hook("/turn")
            said, following = jambonz.expect_ack()
            assert (said["text"], following["verb"]) == (str(turn), "gather")
            assert following["id"] != first["id"]
            # The verb before it reports again, as a killed one does: stale.
            jambonz.hook("/turn", verb_id=first["id"])
            assert jambonz.expect_ack() is None
            first = following


def test_own_reply_in_the_handler_of_the_function(app):
    """A handler's late event object still answers its own hook after the handler has returned: as a redirect."""

    @app.answer
    def answer(session):
        kept = []
        session.on("/a", kept.append)
        gather(session, "/a")
        session.wait_for("call:status")
        session.say("later")
        kept[0].reply()

    with app.call() as jambonz:
        jambonz.expect_ack()
        jambonz.hook("/a")
        assert jambonz.expect_ack() is None
        jambonz.status("in-progress")
        assert texts(jambonz.expect_redirect()) == ["later"]
