"""Putting a caller through to somebody, or on hold."""

from __future__ import annotations

import threading

import pytest

from jambonz_sync import InvalidVerb
from jambonz_sync.simulator import Answers, Busy, NoAnswer
from tests.phone import Phone
from tests.scenarios.jambonz_side import names, texts

MUSIC = "https://example.com/music.mp3"


@pytest.fixture
def phone(jambonz):
    return Phone(jambonz)


class TestPutThrough:
    @pytest.mark.parametrize(
        ("outcome", "answered", "busy"), [(Answers(seconds=9), True, False), (Busy(), False, True), (NoAnswer(), 0, 0)]
    )
    def test_outcome(self, phone, outcome, answered, busy):
        """What became of it can be asked in words."""
        call = phone.call(lambda session: session.put_through("+1 (555) 0100", timeout=20), dials=[outcome])
        call.is_silent()
        call.finish()
        outcome = phone.hears()
        assert (outcome.answered, outcome.busy) == (bool(answered), bool(busy))
        (dial,) = [verb for verb in call.verbs if verb["verb"] == "dial"]
        assert (dial["target"], dial["timeout"]) == ([{"type": "phone", "number": "+15550100"}], 20)

    def test_refused(self, phone):
        """Who cannot be called is refused, and so is a second way to say who."""

        def handler(session):
            with pytest.raises(InvalidVerb, match="cannot call 'bob'"):
                session.put_through("bob")
            with pytest.raises(TypeError, match="takes no target="):
                session.put_through("+15550100", target=[])
            session.say("Hello.").send()

        call = phone.call(handler)
        assert call.heard("Hello.")
        assert names(call.verbs)[0] == "say"


class TestHold:
    def test_music(self, phone):
        """The music plays while the code runs, and stops when it is done."""

        def handler(session):
            session.say("One moment.")
            with session.hold(MUSIC):
                session.sleep(600)
            session.sleep(5)
            session.say("Here you are.").run()

        call = phone.call(handler)
        assert call.heard("One moment.")
        assert call.heard("music.mp3")
        assert call.heard("Here you are.")
        call.finish()
        assert names(call.verbs) == ["say", "play", "config", "config", "say", "config", "hangup", "sip:decline"]

    def test_silence(self, phone):
        """Without music the call has something to do all the same."""

        def handler(session):
            with session.hold():
                session.sleep(7000)
            session.say("Here you are.").run()

        call = phone.call(handler)
        assert call.heard("Here you are.")
        call.finish()
        assert names(call.verbs)[:2] == ["pause", "config"]
        assert phone.hears() is None

    def test_exception(self, phone):
        """What the code raises passes through, and the music stops."""

        def handler(session):
            with pytest.raises(KeyError), session.hold(MUSIC):
                raise KeyError("order")
            session.sleep(5)
            return "caught"

        call = phone.call(handler)
        call.finish()
        assert names(call.verbs)[:2] == ["play", "config"]
        assert phone.hears() == "caught"

    @pytest.mark.parametrize("raises", [False, True])
    def test_hang_up(self, app, raises):
        """A caller who has hung up meanwhile is told at the end; what the code raised comes first."""
        go = threading.Event()

        @app.answer
        def answer(session):
            with session.hold(MUSIC):
                assert go.wait(10)
                if raises:
                    raise KeyError("order")

        jambonz = app.call()
        jambonz.expect_ack()
        session = app.endpoint.sessions[jambonz.call_sid]
        jambonz.hang_up()
        go.set()
        assert type(app.outcome()).__name__ == ("KeyError" if raises else "CallEnded")
        assert not session.active
        if raises:
            app.log.allow("raised an exception")

    def test_hook_taken(self, app):
        """A hook that was taken is answered by the music, and hooks that come meanwhile are not lost."""
        go = threading.Event()

        @app.answer
        def answer(session):
            session.gather(action_hook="/menu").send()
            session.wait_for("/menu")
            with session.hold(MUSIC):
                assert go.wait(10)
                status = session.wait_for("call:status")
            session.say(f"It is {status.call_status}.").reply()

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/menu")
            assert names(jambonz.expect_ack()) == ["play"]
            jambonz.status("in-progress")
            go.set()
            assert names(jambonz.expect_redirect()) == ["config"]
            assert texts(jambonz.expect_redirect(queue=True)) == ["It is in-progress."]

    def test_replaced(self, app):
        """Verbs that another thread has sent meanwhile play on."""
        go = threading.Event()

        @app.answer
        def answer(session):
            with session.hold(MUSIC):
                assert go.wait(10)
            session.wait_for("call:status")

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.live()
            jambonz.all_read()
            app.endpoint.sessions[jambonz.call_sid].say("We close now.").hangup().send()
            assert names(jambonz.expect_redirect()) == ["say", "hangup"]
            go.set()
            jambonz.nothing_for(0.05)

    def test_queued_behind(self, app):
        """Verbs that were sent to come behind the music come when it stops."""
        go = threading.Event()

        @app.answer
        def answer(session):
            with session.hold(MUSIC):
                assert go.wait(10)
            session.wait_for("call:status")

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.live()
            jambonz.all_read()
            app.endpoint.sessions[jambonz.call_sid].say("And now.").send(exec_immediate=False)
            jambonz.expect_redirect(queue=True)
            go.set()
            assert texts(jambonz.expect_redirect()) == ["And now."]

    def test_run_inside(self, phone):
        """Something may be said in the middle; afterwards there is nothing left to stop."""

        def handler(session):
            with session.hold(MUSIC):
                session.sleep(10)
                session.say("Still looking.").run()
            session.say("Here you are.").run()

        call = phone.call(handler)
        assert call.heard("Still looking.")
        assert call.heard("Here you are.")
        call.finish()
        assert phone.hears() is None

    def test_one_in_another(self, phone):
        """Of two holds each ends its own music."""

        def handler(session):
            with session.hold(MUSIC), session.hold():
                session.sleep(10)
            session.sleep(10)

        call = phone.call(handler)
        call.finish()
        assert names(call.verbs)[:3] == ["play", "pause", "config"]
        assert "config" not in names(call.verbs)[3:]
