"""The session: handlers registered with ``on``, and the functions whose verbs and hooks they keep apart."""

from __future__ import annotations

import threading

import pytest

from jambonz_sync import CallEnded, WaitTimeout
from tests.scenarios.jambonz_side import GOODBYE, names, texts

ERROR = 40


def gather(session, *hooks):
    """Send a gather for each hook."""
    for hook in hooks:
        session.gather(action_hook=hook)
    return session.send()


class TestOn:
    def test_decorator_and_call(self, app):
        """``on`` is a decorator and a plain call, and returns the function."""

        @app.answer
        def answer(session):
            def first(evt):
                app.told.put(f"first {evt.name}")

            assert session.on("call:status", first) is first

            @session.on("jambonz:error")
            def second(evt):
                app.told.put(f"second {evt.name}")

            assert callable(second)
            gather(session, "/menu")
            session.wait_for("/menu")

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.status("in-progress")
            assert app.hears() == "first call:status"
            jambonz.send("jambonz:error", {"msg": "TTS error"})
            assert app.hears() == "second jambonz:error"

    def test_second_replaces_first(self, app):
        """A second handler for a name takes the place of the first."""

        @app.answer
        def answer(session):
            session.on("call:status", lambda evt: app.told.put("first"))
            session.on("call:status", lambda evt: app.told.put("second"))
            gather(session, "/menu")
            session.wait_for("/menu")

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.status("in-progress")
            jambonz.hook("/menu")
            jambonz.expect_ack()
            assert app.hears() == "second"
            assert app.told.empty()

    @pytest.mark.parametrize("names_", [["*", "verb:hook", "/menu"], ["/menu", "*"], ["*", "verb:hook"]])
    def test_most_specific(self, app, names_):
        """Of several handlers that fit an event, the one with the most specific name gets it, and no other."""

        @app.answer
        def answer(session):
            for name in names_:
                session.on(name, lambda evt, name=name: app.told.put(name))
            gather(session, "/menu")

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/menu")
            jambonz.expect_ack()
            expected = min(names_, key=["/menu", "verb:hook", "*"].index)
            assert app.hears() == expected
            jambonz.all_read()
            assert app.told.empty() or app.hears() == "*"

    def test_by_the_path_of_a_url(self, app):
        """A hook named by an absolute URL is handled by its path too."""

        @app.answer
        def answer(session):
            session.on("/menu", lambda evt: session.say("by path").reply())
            gather(session, "ws://app.example.com/menu")

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("ws://app.example.com/menu")
            assert texts(jambonz.expect_ack()) == ["by path"]

    def test_mistakes(self, app):
        """A name that belongs to the service, a handler that is no function, and two answers at once are mistakes."""

        @app.answer
        def answer(session):
            with pytest.raises(ValueError, match=r"service\.on"):
                session.on("session:new", lambda evt: None)
            with pytest.raises(TypeError, match="needs a function"):
                session.on("/menu", "text")
            with pytest.raises(TypeError, match="not both"):
                session.on("/menu", lambda evt: None, reply=[])
            with pytest.raises(ValueError, match="sai"):
                session.on("/menu", reply=[{"verb": "sai"}])
            session.say("Hello.").hangup().send()

        with app.call() as jambonz:
            assert names(jambonz.expect_ack()) == ["say", "hangup"]


class TestWhen:
    """Handlers run on the call's own thread, one at a time, while it waits and after the function has returned."""

    def test_own_thread(self, app):
        """In waits, in sleeps and after the return, a handler runs on the thread of the call."""

        @app.answer
        def answer(session):
            thread = threading.get_ident()
            session.on("/menu", lambda evt: app.told.put(("menu", threading.get_ident() == thread)))
            session.on("call:status", lambda evt: app.told.put((evt.call_status, threading.get_ident() == thread)))
            gather(session, "/menu")
            session.wait_for("verb:status")
            app.told.put("waited")
            session.sleep(30)
            app.told.put("slept")

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.status("ringing")
            assert app.hears() == ("ringing", True)
            jambonz.verb_status("starting")
            assert app.hears() == "waited"
            jambonz.status("in-progress")
            assert app.hears() == ("in-progress", True)
            jambonz.hook("/menu")
            assert app.hears() == ("menu", True)
            jambonz.expect_ack()
            jambonz.close()
            assert isinstance(app.outcome(), CallEnded)

    def test_after_return(self, app):
        """A handler of a hook keeps the call up after the service's function has returned."""

        @app.answer
        def answer(session):
            thread = threading.get_ident()

            @session.on("/menu")
            def menu(evt):
                assert threading.get_ident() == thread
                session.say(f"You pressed {evt.digits}.").gather(action_hook="/menu").reply()

            gather(session, "/menu")

        with app.call() as jambonz:
            jambonz.expect_ack()
            assert app.outcome() is None
            for digit in "123":
                jambonz.hook("/menu", digits=digit)
                assert texts(jambonz.expect_ack()) == [f"You pressed {digit}."]

    def test_before_registration(self, app):
        """An event that came before its handler was registered reaches it."""
        registered = threading.Event()

        @app.answer
        def answer(session):
            gather(session, "/menu")
            assert registered.wait(10)
            session.on("/menu", lambda evt: session.say("menu").reply())

        with app.call() as jambonz:
            jambonz.expect_ack()
            msgid = jambonz.hook("/menu")
            jambonz.all_read()
            registered.set()
            assert texts(jambonz.expect_ack(msgid)) == ["menu"]

    def test_busy_thread_is_not_interrupted(self, app):
        """While user code is busy, no handler runs."""
        done = threading.Event()

        @app.answer
        def answer(session):
            session.on("call:status", lambda evt: app.told.put("handler"))
            gather(session, "/menu")
            assert done.wait(10)
            app.told.put("busy no more")
            session.wait_for("/menu")

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.status("in-progress")
            jambonz.all_read()
            done.set()
            assert app.hears() == "busy no more"
            assert app.hears() == "handler"

    def test_wait_takes_precedence(self, app):
        """What a wait and a handler both want goes to the wait."""

        @app.answer
        def answer(session):
            session.on("/menu", lambda evt: session.say("handler").reply())
            gather(session, "/menu")
            session.wait_for("/menu")
            session.say("wait").gather(action_hook="/menu").reply()

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/menu")
            assert texts(jambonz.expect_ack()) == ["wait"]
            jambonz.hook("/menu")
            assert texts(jambonz.expect_ack()) == ["handler"]

    def test_never_inside_one_another(self, app):
        """While a handler waits, only what it waits for is taken; other handlers run after it."""

        @app.answer
        def answer(session):
            @session.on("/a")
            def first(evt):
                app.told.put("a begins")
                session.gather(action_hook="/more").reply()
                session.wait_for("/more")
                app.told.put("a ends")

            session.on("call:status", lambda evt: app.told.put(evt.call_status))
            gather(session, "/a")

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/a")
            assert names(jambonz.expect_ack()) == ["gather"]
            assert app.hears() == "a begins"
            jambonz.status("in-progress")
            jambonz.hook("/more")
            assert jambonz.expect_ack() is None
            assert [app.hears(), app.hears()] == ["a ends", "in-progress"]

    def test_an_event_for_a_handler_of_the_same_name(self, app):
        """A handler's own event, coming again while it runs, is handled after it, in order."""

        @app.answer
        def answer(session):
            @session.on("call:status")
            def status(evt):
                app.told.put(f"{evt.call_status} begins")
                with pytest.raises(WaitTimeout):
                    session.wait_for("jambonz:error", timeout=0.05)
                app.told.put(f"{evt.call_status} ends")

            gather(session, "/menu")
            session.wait_for("/menu")

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.status("ringing")
            jambonz.status("in-progress")
            got = [app.hears() for _ in range(4)]
            assert got == ["ringing begins", "ringing ends", "in-progress begins", "in-progress ends"]

    def test_timeout_counts_handlers(self, app):
        """A wait that times out while a handler runs raises after the handler, and delivers what came by then."""

        @app.answer
        def answer(session):
            @session.on("call:status")
            def status(evt):
                with pytest.raises(WaitTimeout):
                    session.wait_for("jambonz:error", timeout=0.1)
                app.told.put("handler")

            gather(session, "/menu")
            app.told.put("waiting")
            with pytest.raises(WaitTimeout):
                session.wait_for("/menu", timeout=0.05)
            app.told.put("timed out")

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.status("in-progress")
            got = [app.hears(), app.hears(), app.hears()]
            assert got in (["waiting", "handler", "timed out"], ["waiting", "timed out", "handler"])


class TestFrames:
    """Each function has its own verbs and its own hook."""

    def test_reply_in_a_handler(self, app):
        """A reply in a handler answers the handler's hook; the hook the function has taken stays its own."""

        @app.answer
        def answer(session):
            @session.on("/b")
            def b(evt):
                session.say("to b").reply()

            gather(session, "/a", "/b")
            session.wait_for("/a")
            app.told.put("a taken")
            session.wait_for("call:status")
            session.say("to a").reply()

        with app.call() as jambonz:
            jambonz.expect_ack()
            a = jambonz.hook("/a")
            assert app.hears() == "a taken"
            b = jambonz.hook("/b")
            assert texts(jambonz.expect_ack(b)) == ["to b"]
            jambonz.status("in-progress")
            assert texts(jambonz.expect_ack(a)) == ["to a"]

    def test_send_in_a_handler(self, app):
        """So does ``send``, the first time."""

        @app.answer
        def answer(session):
            @session.on("/menu")
            def menu(evt):
                session.say("one").send()
                session.say("two").send()

            gather(session, "/menu")

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/menu")
            assert texts(jambonz.expect_ack()) == ["one"]
            assert texts(jambonz.expect_redirect()) == ["two"]

    def test_verbs_are_apart(self, app):
        """What a function has queued does not leave with what a handler sends."""

        @app.answer
        def answer(session):
            session.on("call:status", lambda evt: session.say("handler").send())
            session.say("first").send()
            session.say("function")
            session.sleep(0.05)
            app.told.put("slept")
            session.wait_for("verb:status")
            session.say("end").send()

        app.log.allow("queued but not sent")
        with app.call() as jambonz:
            assert texts(jambonz.expect_ack()) == ["first"]
            jambonz.live()
            jambonz.status("in-progress")
            got = [texts(jambonz.expect_redirect()), texts(jambonz.expect_redirect())]
            assert sorted(got) == [["function"], ["handler"]]

    def test_forgotten_in_a_handler(self, app, log):
        """A handler that only queues is as good as one that replies, and is warned of."""

        @app.answer
        def answer(session):
            session.on("/menu", lambda evt: session.say("handler") and None)
            gather(session, "/menu")

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/menu")
            assert texts(jambonz.expect_ack()) == ["handler"]
            log.expect("say: queued but not sent before the handler of /menu returned")

    def test_handler_without_reply(self, app):
        """A handler that returns without a reply lets jambonz go on, at once."""

        @app.answer
        def answer(session):
            session.on("/menu", lambda evt: None)
            gather(session, "/menu")

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/menu")
            assert jambonz.expect_ack() is None

    def test_notification_is_not_the_hook_taken(self, app):
        """Partial results and other notifications do not become what ``reply`` answers."""

        @app.answer
        def answer(session):
            session.gather(input=["speech"], action_hook="/menu", partial_result_hook="/partial").send()
            session.wait_for("/menu")
            app.told.put(session.wait_for("/partial").hook)
            session.say("menu").reply()

        with app.call() as jambonz:
            jambonz.expect_ack()
            msgid = jambonz.hook("/menu")
            partial = jambonz.hook("/partial")
            assert jambonz.expect_ack(partial) is None
            assert app.hears() == "/partial"
            assert texts(jambonz.expect_ack(msgid)) == ["menu"]


class TestExceptions:
    """What a handler raises ends the call, and is told to those who asked."""

    def test_in_a_handler(self, app, log):
        """An exception in a handler is logged with its traceback, reported, and ends the call."""

        @app.answer
        def answer(session):
            session.on("error", lambda exc: app.told.put(exc))

            @session.on("/menu")
            def menu(evt):
                session.say("never sent")
                raise LookupError("no such choice")

            gather(session, "/menu")

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/menu")
            assert jambonz.expect_ack() == GOODBYE
            assert isinstance(app.error(), LookupError)
            assert isinstance(app.hears(), LookupError)
            log.expect("the handler of /menu raised an exception", jambonz.call_sid, level=ERROR)

    def test_in_a_handler_of_a_status(self, app, log):
        """Without a hook to answer, the end is a command."""

        @app.answer
        def answer(session):
            session.on("call:status", lambda evt: 1 / (evt.call_status != "in-progress"))
            gather(session, "/menu")
            session.wait_for("/menu")

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.status("in-progress")
            assert jambonz.expect_redirect() == GOODBYE
            log.expect("the handler of call:status raised", level=ERROR)

    def test_the_function_below(self, app, log):
        """A function that is waiting while a handler fails sends nothing any more that would undo the end."""

        @app.answer
        def answer(session):
            session.on("/a", lambda evt: 1 / 0)
            gather(session, "/a")
            try:
                session.wait_for("/menu", timeout=0.1)
            except WaitTimeout:
                session.say("Are you still there?").gather(action_hook="/menu").send()

        log.allow("waiting for '/menu'")
        log.allow("the handler of /a raised")
        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/a")
            assert jambonz.expect_ack() == GOODBYE
            jambonz.nothing_for(0.3)

    def test_in_a_handler_of_an_error(self, app, log):
        """A handler of errors that fails itself is logged, and does no more harm."""

        @app.answer
        def answer(session):
            session.on("error", lambda exc: 1 / 0)
            app.service.on("error", lambda session, exc: 1 / 0)
            raise LookupError("first")

        with app.call() as jambonz:
            assert jambonz.expect_ack() == GOODBYE
            log.expect("the handler of session:new raised", level=ERROR)
            log.expect("the service's handler of error raised an exception", level=ERROR)
            log.expect("the handler of error raised an exception", level=ERROR)

    def test_call_ended_in_a_handler(self, app):
        """``CallEnded`` in a handler unwinds the function below it too."""

        @app.answer
        def answer(session):
            @session.on("call:status")
            def status(evt):
                app.told.put("handler")
                session.wait_for("verb:status")

            gather(session, "/menu")
            session.wait_for("/menu")

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.status("in-progress")
            assert app.hears() == "handler"
        assert isinstance(app.outcome(), CallEnded)


class TestCanned:
    """Answers given at once, whatever the thread is doing."""

    def test_while_busy(self, app):
        """A canned answer is given while the thread is busy in user code."""
        done = threading.Event()

        @app.answer
        def answer(session):
            session.on("/wait", reply=[{"verb": "play", "url": "https://example.com/music.mp3"}])
            session.enqueue("support", wait_hook="/wait").send()
            assert done.wait(10)

        with app.call() as jambonz:
            jambonz.expect_ack()
            for _ in range(3):
                jambonz.hook("/wait")
                assert jambonz.expect_ack() == [{"verb": "play", "url": "https://example.com/music.mp3"}]
            done.set()
            jambonz.expect_goodbye()

    def test_lets_a_leg_in(self, app):
        """An empty canned answer lets a dialled party in."""

        @app.answer
        def answer(session):
            session.on("/screen", reply=[])
            session.dial(target=[{"type": "phone", "number": "+15550100"}], confirm_hook="/screen").send()
            session.wait_for("call:status")

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/screen", kind="dial:confirm")
            assert not jambonz.expect_ack()

    def test_unscreened(self, app, log):
        """Without an answer a dialled party is not let in."""

        @app.answer
        def answer(session):
            session.dial(target=[{"type": "phone", "number": "+15550100"}], confirm_hook="/screen").send()
            session.wait_for("call:status")

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/screen", kind="dial:confirm")
            assert names(jambonz.expect_ack()) == ["hangup"]
            log.expect("nobody answered /screen, so the dialled party was not let in")

    def test_for_a_hook_that_is_open(self, app):
        """A canned answer that comes after the hook answers it still."""
        asked = threading.Event()

        @app.answer
        def answer(session):
            gather(session, "/menu")
            assert asked.wait(10)
            session.on("/menu", reply=[{"say": {"text": "canned"}}])
            app.told.put("registered")
            assert session.wait_for("call:status")

        with app.call() as jambonz:
            jambonz.expect_ack()
            msgid = jambonz.hook("/menu")
            jambonz.all_read()
            asked.set()
            assert texts(jambonz.expect_ack(msgid)) == ["canned"]

    def test_does_not_keep_the_call_up(self, app):
        """A canned answer is no handler that keeps the call up after the return."""

        @app.answer
        def answer(session):
            session.on("/wait", reply=[{"verb": "pause", "length": 1}])
            session.say("Bye.").send()

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.expect_goodbye()

    @pytest.mark.parametrize("options", [{}, {"timeout": 5}])
    def test_can_be_watched(self, app, options):
        """A hook with a canned answer can be waited for all the same."""

        @app.answer
        def answer(session):
            session.on("/wait", reply=[{"verb": "pause", "length": 1}])
            session.enqueue("support", wait_hook="/wait").send()
            app.told.put(session.wait_for("/wait", **options).get("queue_position"))

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/wait", queue_position=3)
            assert names(jambonz.expect_ack()) == ["pause"]
            assert app.hears() == 3


class TestWaitHooks:
    """Hooks that are asked again and again want their verbs in the ack."""

    def test_standing_answer(self, quick_app, log):
        """While nobody answers, the last answer is repeated; before there was one, a pause."""
        free = threading.Event()

        @quick_app.answer
        def answer(session):
            session.enqueue("support", wait_hook="/wait").send()
            evt = session.wait_for("/wait")
            assert free.wait(10)
            session.say("You are next.").reply(to=evt)
            session.wait_for("call:status")

        with quick_app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/wait")
            assert names(jambonz.expect_ack()) == ["pause"]
            log.expect("/wait was not answered within 0.2 s")
            free.set()
            log.expect("the reply to /wait came after its stand-in and is kept", level=20)
            jambonz.hook("/wait")
            assert texts(jambonz.expect_ack()) == ["You are next."]
            log.expect("nothing waits for /wait")
