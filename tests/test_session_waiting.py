"""The session: waiting for what comes."""

from __future__ import annotations

import threading
import time

import pytest

from jambonz_sync import CallEnded, JambonzError, WaitTimeout
from tests.scenarios.jambonz_side import NEUTRAL, names, texts


def gather(session, *hooks):
    """Send a gather for each hook."""
    for hook in hooks:
        session.gather(action_hook=hook)
    return session.send()


class TestWaitFor:
    def test_hook(self, app):
        """The event of a hook is a mapping of its data, with attributes for what is read most."""

        @app.answer
        def answer(session):
            gather(session, "/menu")
            evt = session.wait_for("/menu")
            assert (evt.name, evt.type, evt.hook) == ("/menu", "verb:hook", "/menu")
            assert (evt.digits, evt.reason, evt.transcript) == ("12", "dtmfDetected", "")
            assert evt["digits"] == evt.get("digits") == evt.data["digits"] == "12"
            assert "digits" in evt
            assert "speech" not in evt
            session.reply()

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/menu", digits="12", reason="dtmfDetected")
            assert jambonz.expect_ack() is None
            assert app.outcome() is None

    def test_several_names(self, app):
        """The first of several names that comes is returned."""

        @app.answer
        def answer(session):
            gather(session, "/a", "/b")
            app.told.put(session.wait_for("/b", "call:status").name)
            app.told.put(session.wait_for("/b", "call:status").name)

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.status("in-progress")
            assert app.hears() == "call:status"
            jambonz.hook("/b")
            assert app.hears() == "/b"

    def test_early_events_in_order(self, app):
        """What came before the wait is delivered, in the order of arrival, also across names."""
        ready = threading.Event()

        @app.answer
        def answer(session):
            gather(session, "/a", "/b")
            assert ready.wait(10)
            got = [session.wait_for("/b", "/a", "call:status") for _ in range(4)]
            app.told.put([evt.get("n") for evt in got])
            session.wait_for("*")

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/a", n=1)
            jambonz.status("ringing", n=2)
            jambonz.hook("/b", n=3)
            jambonz.status("in-progress", n=4)
            jambonz.all_read()
            ready.set()
            assert app.hears() == [1, 2, 3, 4]

    def test_star(self, app):
        """``"*"`` takes whatever comes."""

        @app.answer
        def answer(session):
            gather(session, "/menu")
            app.told.put([session.wait_for("*").name for _ in range(4)])

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.status("in-progress")
            jambonz.hook("/menu")
            jambonz.send("jambonz:error", {"msg": "TTS error"})
            jambonz.send("tts:streaming-event", {"event_type": "stream_open"})
            assert app.hears() == ["call:status", "/menu", "jambonz:error", "tts:stream_open"]

    @pytest.mark.parametrize("name", ["verb:hook", "/menu", "*"])
    def test_by_type(self, app, name):
        """A hook can be waited for by its name, its type, or whatever comes."""

        @app.answer
        def answer(session):
            gather(session, "/menu")
            app.told.put(session.wait_for(name).hook)

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/menu")
            assert app.hears() == "/menu"

    @pytest.mark.parametrize("name", ["/menu", "ws://app.example.com/menu", "verb:hook"])
    def test_absolute_url(self, app, log, name):
        """A hook that was named by an absolute URL can be waited for by its path as well, without a warning."""

        @app.answer
        def answer(session):
            gather(session, "ws://app.example.com/menu")
            session.say(session.wait_for(name).hook).reply()

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("ws://app.example.com/menu")
            assert texts(jambonz.expect_ack()) == ["ws://app.example.com/menu"]
            assert log.unexpected() == []

    def test_timeout(self, app):
        """A wait that runs out of time raises an ordinary error, and the call goes on."""

        @app.answer
        def answer(session):
            gather(session, "/menu")
            began = time.monotonic()
            with pytest.raises(WaitTimeout, match=r"'/menu' did not come within 0\.05 s") as raised:
                session.wait_for("/menu", timeout=0.05)
            assert time.monotonic() - began >= 0.05
            assert isinstance(raised.value, TimeoutError)
            assert isinstance(raised.value, JambonzError)
            app.told.put("timed out")
            session.say(session.wait_for("/menu").digits).reply()

        with app.call() as jambonz:
            jambonz.expect_ack()
            assert app.hears() == "timed out"
            jambonz.hook("/menu", digits="7")
            assert texts(jambonz.expect_ack()) == ["7"]

    @pytest.mark.parametrize("timeout", [0, -1, 1e-9])
    def test_no_time(self, app, timeout):
        """With no time to wait, what is there already is returned, and else the wait times out at once."""
        ready = threading.Event()

        @app.answer
        def answer(session):
            gather(session, "/menu")
            with pytest.raises(WaitTimeout):
                session.wait_for("/menu", timeout=timeout)
            app.told.put("none yet")
            assert ready.wait(10)
            session.say(session.wait_for("/menu", timeout=timeout).digits).reply()

        with app.call() as jambonz:
            jambonz.expect_ack()
            assert app.hears() == "none yet"
            msgid = jambonz.hook("/menu", digits="7")
            jambonz.all_read()
            ready.set()
            assert texts(jambonz.expect_ack(msgid)) == ["7"]

    def test_read_in_time_though_nobody_was_looking(self, app):
        """A hook that lies unread in the socket when the wait begins is taken even with no time to wait."""

        sent = threading.Event()

        @app.answer
        def answer(session):
            gather(session, "/menu")
            app.told.put("ready")
            assert sent.wait(10)
            app.told.put(session.wait_for("call:status", timeout=0).call_status)

        with app.call() as jambonz:
            jambonz.expect_ack()
            assert app.hears() == "ready"
            jambonz.status("in-progress")
            sent.set()
            assert app.hears() == "in-progress"

    def test_unknown_hook(self, app, log):
        """Waiting for a hook that no verb has named is warned of, with the nearest name."""

        @app.answer
        def answer(session):
            gather(session, "/transcript")
            session.wait_for("/transkript", "call:status")
            session.wait_for("/transcript", "call:status")

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.status("ringing")
            line = log.expect("waiting for '/transkript', which no verb sent so far names")
            assert line.endswith("did you mean '/transcript'?")
            jambonz.status("in-progress")
            jambonz.expect_goodbye()

    @pytest.mark.parametrize(("given", "meant"), [("call.status", "call:status"), ("transkript", "transcript")])
    def test_unknown_name_without_a_slash(self, app, log, given, meant):
        """So is a misspelt type, and a hook that is written without a slash."""

        @app.answer
        def answer(session):
            gather(session, "transcript")
            with pytest.raises(WaitTimeout):
                session.wait_for(given, timeout=0.01)
            app.told.put("over")
            session.wait_for("transcript", "call:status", "tts:stream_open", "tts:user_interrupt", "verb:hook", "*")

        with app.call() as jambonz:
            jambonz.expect_ack()
            app.hears()
            assert any(f"waiting for '{given}'" in line and meant in line for line in log.lines())
            log.expect(f"waiting for '{given}'")
            assert log.unexpected() == []

    def test_no_name(self, app):
        """A wait for nothing is a mistake."""

        @app.answer
        def answer(session):
            with pytest.raises(TypeError, match="at least one name"):
                session.wait_for()
            session.say("Hello.").send()

        with app.call() as jambonz:
            assert texts(jambonz.expect_ack()) == ["Hello."]

    @pytest.mark.parametrize("way", ["wait_for", "sleep", "run"])
    def test_on_another_thread(self, app, way):
        """What blocks works on the call's own thread only, and says so."""

        @app.answer
        def answer(session):
            session.say("Hello.").send()

            def elsewhere():
                try:
                    if way == "wait_for":
                        session.wait_for("*")
                    elif way == "sleep":
                        session.sleep(1)
                    else:
                        session.say("Hello.").run()
                except RuntimeError as error:
                    app.told.put(str(error))

            thread = threading.Thread(target=elsewhere)
            thread.start()
            thread.join()

        with app.call():
            assert f"session.{way}() works on the call's own thread only" in app.hears()

    def test_hook_for_nobody(self, app, log):
        """A hook that nobody waits for while the thread waits elsewhere is settled at once, and can be taken later."""

        @app.answer
        def answer(session):
            gather(session, "/a", "/b")
            session.wait_for("/b")
            session.say("b").reply()
            evt = session.wait_for("/a")
            session.say(f"a {evt.digits}").reply()

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/a", digits="1")
            assert jambonz.expect_ack() is None
            log.expect("nothing waits for /a", "test_session_waiting.py", "in answer")
            jambonz.hook("/b")
            assert texts(jambonz.expect_ack()) == ["b"]
            assert texts(jambonz.expect_redirect()) == ["a 1"]
            jambonz.expect_goodbye()

    def test_taking_the_next_settles_the_previous(self, app):
        """Waiting for the next hook without a reply to the last lets jambonz go on."""

        @app.answer
        def answer(session):
            gather(session, "/a", "/b")
            session.wait_for("/a")
            session.wait_for("/b")
            session.say("b").reply()

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/a")
            assert jambonz.expect_ack() is None
            jambonz.hook("/b")
            assert texts(jambonz.expect_ack()) == ["b"]

    def test_statuses_settle_nothing(self, app):
        """A wait for a status between hook and reply leaves the hook open."""

        @app.answer
        def answer(session):
            gather(session, "/a")
            session.wait_for("/a")
            app.told.put("taken")
            session.wait_for("call:status")
            session.say("a").reply()

        with app.call() as jambonz:
            jambonz.expect_ack()
            msgid = jambonz.hook("/a")
            assert app.hears() == "taken"
            jambonz.status("in-progress")
            assert texts(jambonz.expect_ack(msgid)) == ["a"]

    def test_deadline_of_a_taken_hook(self, quick_app, log):
        """A hook that was taken and not replied to in time is frozen; the reply then comes as a redirect."""
        go = threading.Event()

        @quick_app.answer
        def answer(session):
            gather(session, "/a").say("behind").send(exec_immediate=False)
            session.wait_for("/a")
            assert go.wait(10)
            session.say("late").reply()
            session.wait_for("call:status")

        with quick_app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.expect_redirect(queue=True)
            jambonz.hook("/a")
            assert jambonz.expect_ack() == NEUTRAL
            log.expect(
                "/a was not answered within 0.2 s", "wait for your reply", "test_session_waiting.py", "in answer"
            )
            go.set()
            assert texts(jambonz.expect_redirect()) == ["late"]

    def test_frozen_and_forgotten(self, quick_app, log):
        """Where no reply follows at all, the verbs that were frozen are sent again."""
        go = threading.Event()

        @quick_app.answer
        def answer(session):
            session.gather(action_hook="/a").say("behind").hangup().send()
            session.wait_for("/a")
            assert go.wait(10)

        with quick_app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/a")
            assert jambonz.expect_ack() == NEUTRAL
            log.expect("/a was not answered within 0.2 s")
            go.set()
            assert names(jambonz.expect_redirect()) == ["say", "hangup"]
            log.expect("no reply to /a came", "sent again")

    def test_after_the_end(self, app):
        """What came before the end of the call is still delivered; then the wait raises."""
        over = threading.Event()

        @app.answer
        def answer(session):
            gather(session, "/menu")
            assert over.wait(10)
            while not session.ended:
                time.sleep(0.001)
            assert session.wait_for("/menu").digits == "7"
            with pytest.raises(CallEnded) as raised:
                session.wait_for("/menu")
            return raised.value

        jambonz = app.call()
        jambonz.expect_ack()
        jambonz.hook("/menu", digits="7")
        jambonz.close()
        over.set()
        assert app.outcome().code == 1000


class TestIteration:
    def test_until_the_end(self, app):
        """``for evt in session`` yields all that comes and ends when the call does."""

        @app.answer
        def answer(session):
            gather(session, "/menu")
            for evt in session:
                app.told.put(evt.name)
                if evt.name == "/menu":
                    gather(session, "/menu")
            return "over"

        with app.call() as jambonz:
            jambonz.expect_ack()
            for _ in range(3):
                jambonz.hook("/menu")
                assert names(jambonz.expect_ack()) == ["gather"]
                assert app.hears() == "/menu"
            jambonz.status("in-progress")
            assert app.hears() == "call:status"
        assert app.outcome() == "over"

    def test_taken_without_reply(self, app):
        """A hook of the iteration that is not replied to is settled when the next is asked for."""

        @app.answer
        def answer(session):
            gather(session, "/menu")
            for _ in session:
                pass

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/menu")
            assert jambonz.expect_ack() is None

    def test_ending_of_an_error_in_the_body(self, app, log):
        """An error in the body is an error of the handler like any other."""

        @app.answer
        def answer(session):
            gather(session, "/menu")
            for evt in session:
                raise LookupError(evt.name)

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/menu")
            assert names(jambonz.expect_ack()) == ["hangup", "sip:decline"]
            log.expect("the handler of session:new raised", level=40)
            assert isinstance(app.error(), LookupError)
