"""The session: how a call ends, from either side, and what slow code can do about it."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from jambonz_sync import CallEnded, CallNotActive, CallRejected, JambonzError
from tests.scenarios.jambonz_side import GOODBYE, NEUTRAL, names, texts

ERROR = 40


def gather(session, hook="/menu"):
    """Send a gather."""
    return session.gather(action_hook=hook).send()


class TestCallerHangsUp:
    @pytest.mark.parametrize("where", ["wait_for", "sleep", "run", "iteration", "check", "send"])
    @pytest.mark.parametrize("code", [1000, 1001])
    def test_unwinds(self, app, where, code):
        """Every blocking call raises ``CallEnded`` once the call is over; ``except Exception`` does not catch it."""

        @app.answer
        def answer(session):
            gather(session)
            app.told.put("ready")
            while True:
                try:
                    if where == "wait_for":
                        session.wait_for("/menu")
                    elif where == "sleep":
                        session.sleep(60)
                    elif where == "run":
                        session.say("Hello.").run()
                    elif where == "iteration":
                        for _ in session:
                            pass
                        session.check()
                    elif where == "check":
                        session.check()
                        time.sleep(0.001)
                    else:
                        session.say("Hello.").send()
                        time.sleep(0.001)
                except Exception:  # noqa: BLE001  This is what must not catch it.
                    app.told.put("swallowed")

        jambonz = app.call()
        jambonz.expect_ack()
        jambonz.live()
        assert app.hears() == "ready"
        jambonz.hang_up(code)
        ended = app.outcome()
        assert isinstance(ended, CallEnded)
        assert not isinstance(ended, (Exception, CallRejected))
        assert (ended.call_sid, ended.code) == (jambonz.call_sid, code)
        assert ended.session.ended
        assert f"close code {code}" in str(ended)
        assert app.told.empty()

    def test_dropped(self, make_app):
        """A lost connection ends the call too, where jambonz is not waited for."""
        app = make_app(reconnect_timeout=0)

        @app.answer
        def answer(session):
            gather(session)
            session.wait_for("/menu")

        jambonz = app.call()
        jambonz.expect_ack()
        jambonz.drop()
        ended = app.outcome()
        assert isinstance(ended, CallEnded)
        assert ended.code == 1006

    def test_silently(self, app, log):
        """A handler that is unwound is no error: nothing is logged above INFO, nobody is told."""

        @app.answer
        def answer(session):
            session.on("error", lambda exc: app.told.put(exc))
            gather(session)
            session.wait_for("/menu")

        with app.call() as jambonz:
            jambonz.expect_ack()
        assert isinstance(app.outcome(), CallEnded)
        app.endpoint.stop()
        assert app.errors.empty()
        assert app.told.empty()
        assert log.unexpected() == []
        log.expect("ended after", jambonz.call_sid, level=20)

    def test_cleaning_up(self, app):
        """``finally`` and ``with`` work as always, and may not send any more."""

        @app.answer
        def answer(session):
            gather(session)
            try:
                session.wait_for("/menu")
            finally:
                with pytest.raises(CallEnded):
                    session.say("Too late.").send()
                app.told.put("cleaned up")

        with app.call() as jambonz:
            jambonz.expect_ack()
        assert app.hears() == "cleaned up"

    def test_ended(self, app):
        """``ended`` turns true, and ``active`` false, while the thread is busy; slow code can look."""

        @app.answer
        def answer(session):
            gather(session)
            app.told.put((session.ended, session.active))
            while session.active:
                time.sleep(0.001)
            with pytest.raises(CallEnded):
                session.check()
            return "noticed"

        with app.call() as jambonz:
            jambonz.expect_ack()
            assert app.hears() == (False, True)
        assert app.outcome() == "noticed"

    def test_swallowed(self, app):
        """Code that swallows even ``CallEnded`` ends nevertheless, when it returns."""

        @app.answer
        def answer(session):
            gather(session)
            for _ in range(3):
                with pytest.raises(CallEnded):
                    session.wait_for("/menu")
            return "stubborn"

        with app.call() as jambonz:
            jambonz.expect_ack()
        assert app.outcome() == "stubborn"


class TestOtherThreads:
    def test_not_active(self, app):
        """On threads other than the call's own, the end of the call is an ordinary error."""
        over = threading.Event()

        @app.answer
        def answer(session):
            gather(session)

            def elsewhere():
                assert over.wait(10)
                for way in (session.send, session.reply, session.check):
                    try:
                        session.say("Too late.")
                        way()
                    except JambonzError as error:
                        app.told.put(error)

            thread = threading.Thread(target=elsewhere)
            thread.start()
            try:
                session.wait_for("/menu")
            finally:
                over.set()
                thread.join()

        with app.call() as jambonz:
            jambonz.expect_ack()
        for _ in range(3):
            error = app.hears()
            assert isinstance(error, CallNotActive)
            assert (error.call_sid, error.code) == (jambonz.call_sid, 1000)
            assert "the call is over" in str(error)

    def test_kept_session(self, app):
        """A session that was kept beyond its call still tells its facts, and raises ``CallNotActive``."""

        @app.answer
        def answer(session):
            app.told.put(session)
            gather(session)
            session.wait_for("/menu")

        with app.call() as jambonz:
            jambonz.expect_ack()
        assert isinstance(app.outcome(), CallEnded)
        app.endpoint.stop()
        session = app.hears()
        assert (session.ended, session.call_sid, session.call_status) == (True, jambonz.call_sid, "completed")
        with pytest.raises(CallNotActive):
            session.say("Too late.").send()
        session.close()

    def test_sleep_of_another_thread(self, app):
        """Closing from another thread ends the call's own waits."""

        @app.answer
        def answer(session):
            gather(session)
            session.sleep(60)

        jambonz = app.call()
        jambonz.expect_ack()
        app.endpoint.sessions[jambonz.call_sid].close()
        jambonz.expect_close(1000)
        ended = app.outcome()
        assert isinstance(ended, CallEnded)
        assert ended.code == 1000


class TestRejected:
    def test_verbs(self, app, log):
        """When jambonz refuses the first verbs, the call ends with ``CallRejected``, which has them."""

        @app.answer
        def answer(session):
            session.on("close", lambda code, reason: app.told.put((code, reason)))
            session.say("Hello.").verb("newverb", {"password": "secret"}).send()
            session.wait_for("*")

        jambonz = app.call()
        jambonz.expect_ack()
        jambonz.close(1001)
        rejected = app.outcome()
        assert isinstance(rejected, CallRejected)
        assert names(rejected.verbs) == ["say", "newverb"]
        assert app.hears() == (1001, "jambonz rejected the call")
        line = log.expect("jambonz refused the first verbs", "newverb", jambonz.call_sid, level=ERROR)
        assert "secret" not in line

    def test_later(self, app):
        """Once a hook has shown that the verbs were taken, 1001 is an end like any other."""

        @app.answer
        def answer(session):
            gather(session)
            session.wait_for("/menu")
            session.say("One.").reply()
            session.wait_for("*")

        jambonz = app.call()
        jambonz.expect_ack()
        jambonz.hook("/menu")
        jambonz.expect_ack()
        jambonz.close(1001)
        ended = app.outcome()
        assert isinstance(ended, CallEnded)
        assert not isinstance(ended, CallRejected)


class TestReturn:
    """Returning hangs up politely."""

    def test_at_once(self, app):
        """A function that returns at once ends the call in the first ack."""

        @app.answer
        def answer(session):
            pass

        with app.call() as jambonz:
            assert jambonz.expect_ack() == GOODBYE

    def test_behind_what_is_queued(self, app):
        """The end goes behind what was sent."""

        @app.answer
        def answer(session):
            session.say("Bye.").send()

        with app.call() as jambonz:
            assert texts(jambonz.expect_ack()) == ["Bye."]
            jambonz.expect_goodbye()

    def test_with_a_hook_taken(self, app):
        """A hook that was taken and not replied to goes on with what is queued behind it, then the call ends."""

        @app.answer
        def answer(session):
            session.gather(action_hook="/menu").say("behind").send()
            session.wait_for("/menu")

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/menu")
            assert jambonz.expect_ack() is None
            jambonz.expect_goodbye()

    def test_not_twice(self, app):
        """Nothing is added to a list that ends the answered call itself."""

        @app.answer
        def answer(session):
            session.say("Bye.").hangup().send()

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.status("in-progress")
            jambonz.nothing_for(0.2)

    def test_unanswered(self, app):
        """A hangup alone leaves an unanswered caller ringing, so the call is declined as well."""

        @app.answer
        def answer(session):
            session.hangup().send()

        with app.call() as jambonz:
            assert names(jambonz.expect_ack()) == ["hangup"]
            assert names(jambonz.expect_redirect(queue=True)) == ["sip:decline"]

    @pytest.mark.parametrize("name", ["close", "error", "call:status", "verb:status", "jambonz:error", "llm:event"])
    def test_handlers_that_do_not_count(self, app, name):
        """Handlers for the end, for errors and for statuses do not keep a call up."""

        @app.answer
        def answer(session):
            session.on(name, lambda *arguments: None)
            session.say("Bye.").send()

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.expect_goodbye()

    @pytest.mark.parametrize("name", ["/menu", "verb:hook", "*"])
    def test_handlers_that_count(self, app, name):
        """A handler for hooks keeps the call up."""

        @app.answer
        def answer(session):
            session.on(name, lambda evt: session.say("menu").reply() if evt.hook else None)
            gather(session)

        with app.call() as jambonz:
            jambonz.expect_ack()
            assert app.outcome() is None
            jambonz.hook("/menu")
            assert texts(jambonz.expect_ack()) == ["menu"]

    def test_hangup_on_return_off(self, make_app):
        """A service may let its calls go on after the return; hooks get their acks."""
        app = make_app(service={"hangup_on_return": False})
        app.log.allow("nothing waits for /menu")

        @app.answer
        def answer(session):
            gather(session)

        with app.call() as jambonz:
            jambonz.expect_ack()
            assert app.outcome() is None
            jambonz.hook("/menu")
            assert jambonz.expect_ack() is None
            app.endpoint.sessions[jambonz.call_sid].say("Still here.").send()
            assert texts(jambonz.expect_redirect()) == ["Still here."]

    def test_hangup_on_return_off_without_any_verb(self, make_app):
        """A function that sends nothing at all still does not leave the caller without an ack."""
        app = make_app(service={"hangup_on_return": False})

        @app.answer
        def answer(session):
            pass

        with app.call() as jambonz:
            assert jambonz.expect_ack() == NEUTRAL


class TestRaise:
    """Raising is logged, reported, and ends the call."""

    def test_apology(self, make_app, log):
        """The caller hears the apology of the service; the log has the traceback and the sid."""
        app = make_app(service={"apology": [{"verb": "say", "text": "Sorry."}]})

        @app.answer
        def answer(session):
            session.on("error", lambda exc: app.told.put(exc))
            session.say("never sent")
            raise LookupError("no such account")

        with app.call() as jambonz:
            verbs = jambonz.expect_ack()
            assert texts(verbs) == ["Sorry."]
            assert verbs[1:] == GOODBYE
            assert str(app.error()) == "no such account"
            assert str(app.hears()) == "no such account"
            line = log.expect("the handler of session:new raised an exception", level=ERROR)
            assert jambonz.call_sid in line

    def test_without_apology(self, app, log):
        """Without one the call ends."""

        @app.answer
        def answer(session):
            raise LookupError

        with app.call() as jambonz:
            assert jambonz.expect_ack() == GOODBYE
            log.expect("the handler of session:new raised an exception", level=ERROR)

    def test_with_a_hook_taken(self, make_app, log):
        """The apology is the answer of the hook that was taken."""
        app = make_app(service={"apology": [{"verb": "say", "text": "Sorry."}]})

        @app.answer
        def answer(session):
            gather(session)
            raise LookupError(session.wait_for("/menu").digits)

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/menu", digits="7")
            assert names(jambonz.expect_ack()) == ["say", "hangup", "sip:decline"]
            log.expect("raised an exception", level=ERROR)

    def test_between(self, make_app, log):
        """With nothing open it is a command that replaces what plays."""
        app = make_app(service={"apology": [{"verb": "say", "text": "Sorry."}]})

        @app.answer
        def answer(session):
            session.say("A long story.").send()
            raise LookupError

        with app.call() as jambonz:
            jambonz.expect_ack()
            assert texts(jambonz.expect_redirect()) == ["Sorry."]
            log.expect("raised an exception", level=ERROR)

    def test_after_the_end(self, app, log):
        """An error of a handler whose caller has gone is logged and reported as well."""

        @app.answer
        def answer(session):
            gather(session)
            try:
                session.wait_for("/menu")
            finally:
                raise LookupError("while cleaning up")

        with app.call() as jambonz:
            jambonz.expect_ack()
        assert str(app.error()) == "while cleaning up"
        log.expect("raised an exception", level=ERROR)

    @pytest.mark.parametrize("error", [SystemExit, asyncio.CancelledError, KeyboardInterrupt], ids=lambda e: e.__name__)
    def test_no_exception(self, app, log, error):
        """What is raised may be no ``Exception``: the call is ended all the same, not left without its ack."""

        @app.answer
        def answer(session):
            raise error

        log.allow("raised an exception")
        with app.call() as jambonz:
            assert jambonz.expect_ack() == GOODBYE

    def test_no_exception_in_a_handler(self, app, log):
        """Also in a handler, after the function has returned."""

        @app.answer
        def answer(session):
            @session.on("/menu")
            def menu(evt):
                raise SystemExit

            gather(session)

        log.allow("raised an exception")
        with app.call() as jambonz:
            jambonz.expect_ack()
            assert app.outcome() is None
            jambonz.hook("/menu")
            assert jambonz.expect_ack() == GOODBYE

    def test_other_hooks_of_a_failed_call(self, app, log):
        """After the failure every hook is still acked until the call is over."""

        @app.answer
        def answer(session):
            session.gather(action_hook="/a")
            session.gather(input=["speech"], action_hook="/b", partial_result_hook="/c").send()
            raise LookupError

        log.allow("nothing waits for")
        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.expect_redirect()
            log.expect("raised an exception", level=ERROR)
            for hook in ("/a", "/b", "/c", "/unknown"):
                jambonz.hook(hook)
                assert jambonz.expect_ack() is None


class TestClose:
    def test_close(self, app):
        """``close`` closes with 1000; the handler is unwound at its next wait."""

        @app.answer
        def answer(session):
            session.say("Bye.").send()
            session.close()
            assert session.ended
            session.wait_for("*")

        jambonz = app.call()
        assert texts(jambonz.expect_ack()) == ["Bye."]
        jambonz.expect_close(1000)
        assert isinstance(app.outcome(), CallEnded)

    def test_code_and_reason(self, app):
        """``close`` takes a code and a reason, which the other side sees."""

        @app.answer
        def answer(session):
            session.say("Bye.").send()
            session.close(4000, "maintenance")

        jambonz = app.call()
        jambonz.expect_ack()
        assert jambonz.expect_close(4000) == "maintenance"
        assert app.outcome() is None

    def test_open_hooks_are_answered(self, app):
        """Hooks that are open get their ack before the close, and what was held is sent."""

        @app.answer
        def answer(session):
            gather(session)
            session.wait_for("/menu")
            session.close()

        jambonz = app.call()
        jambonz.expect_ack()
        jambonz.hook("/menu")
        assert jambonz.expect_ack() is None
        jambonz.expect_close(1000)

    def test_first(self, app):
        """A close before anything was sent does not leave the caller in silence: the call is ended."""

        @app.answer
        def answer(session):
            session.close()

        jambonz = app.call()
        assert jambonz.expect_ack() == GOODBYE
        jambonz.expect_close(1000)

    def test_right_behind_a_send(self, app):
        """Verbs sent just before the close leave before it, even those held until the call is live."""

        @app.answer
        def answer(session):
            session.say("One.").send()
            session.say("Two.").send(exec_immediate=False)
            session.close()

        jambonz = app.call()
        assert texts(jambonz.expect_ack()) == ["One."]
        assert texts(jambonz.expect_redirect(queue=True)) == ["Two."]
        jambonz.expect_close(1000)

    def test_twice(self, app):
        """A second close does nothing."""

        @app.answer
        def answer(session):
            session.say("Bye.").send()
            session.close()
            session.close(4000)

        jambonz = app.call()
        jambonz.expect_ack()
        jambonz.expect_close(1000)

    @pytest.mark.parametrize("code", [999, 1005, 65536])
    def test_impossible_code(self, app, code):
        """A code that must not be sent is refused at its line, and the call goes on."""

        @app.answer
        def answer(session):
            with pytest.raises(ValueError):
                session.close(code)
            session.say("Still here.").send()

        with app.call() as jambonz:
            assert texts(jambonz.expect_ack()) == ["Still here."]

    @pytest.mark.parametrize("reason", ["x" * 200, "ü" * 100])
    def test_long_reason(self, app, reason):
        """A reason that does not fit into a close frame is cut, and does not break the close."""

        @app.answer
        def answer(session):
            session.say("Bye.").send()
            session.close(1000, reason)

        jambonz = app.call()
        jambonz.expect_ack()
        assert reason.startswith(jambonz.expect_close(1000))

    def test_handlers_of_close(self, app, log):
        """All handlers of ``close`` are told of the end; one that fails does not keep it from the others."""

        @app.answer
        def answer(session):
            session.on("close", lambda code, reason: 1 / 0)
            session.on("close", lambda code, reason: app.told.put((code, reason)))
            gather(session)
            session.wait_for("/menu")

        jambonz = app.call()
        jambonz.expect_ack()
        jambonz.close(1000)
        assert app.hears()[0] == 1000
        log.expect("the handler of close raised an exception", level=ERROR)

    @pytest.mark.parametrize("way", ["returned", "raised", "own close"])
    def test_handlers_of_close_always(self, app, log, way):
        """``close`` is told however the handler ended."""

        @app.answer
        def answer(session):
            session.on("close", lambda code, reason: app.told.put(code))
            session.say("Hello.").send()
            if way == "raised":
                raise LookupError
            if way == "own close":
                session.close()

        log.allow("raised an exception")
        jambonz = app.call()
        jambonz.expect_ack()
        if way == "own close":
            jambonz.expect_close(1000)
        else:
            jambonz.hang_up()
        assert app.hears() == 1000


class TestSleep:
    def test_returns(self, app):
        """``sleep`` sleeps for as long as it is told."""

        @app.answer
        def answer(session):
            gather(session)
            began = time.monotonic()
            session.sleep(0.05)
            app.told.put(time.monotonic() - began)
            session.sleep(0)
            session.sleep(-1)
            app.told.put("slept")

        with app.call() as jambonz:
            jambonz.expect_ack()
            assert 0.05 <= app.hears() < 2
            assert app.hears() == "slept"

    def test_keeps_hooks(self, app):
        """A sleep counts as busy: a hook that comes meanwhile is kept for the function."""

        @app.answer
        def answer(session):
            gather(session)
            session.sleep(0.3)
            session.wait_for("/menu")
            session.say("menu").reply()

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/menu")
            assert texts(jambonz.expect_ack()) == ["menu"]

    def test_deadline(self, quick_app, log):
        """But not longer than jambonz waits; the warning names the line that sleeps."""

        @quick_app.answer
        def answer(session):
            gather(session)
            session.sleep(0.6)
            session.wait_for("/menu")
            session.say("menu").reply()

        with quick_app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/menu")
            jambonz.expect_ack()
            log.expect("/menu was not answered within 0.2 s", "test_session_ending.py", "in answer")
            assert texts(jambonz.expect_redirect()) == ["menu"]

    def test_check(self, app):
        """``check`` does nothing while the call is up."""

        @app.answer
        def answer(session):
            session.check()
            app.told.put(session.ended)

        with app.call():
            assert app.hears() is False
