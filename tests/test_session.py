"""The session: the facts of a call, and how verbs leave. Further parts by subject: ``test_session_*.py``."""

from __future__ import annotations

import queue
import threading

import pytest

import jambonz_sync.protocol.commands
from jambonz_sync import CallEnded, InvalidVerb, MessageTooBig
from tests.scenarios.jambonz_side import GOODBYE, NEUTRAL, names, texts, without_ids


class TestFacts:
    """What a session knows of its call."""

    def test_addresses(self, app):
        """The sid, both numbers, the direction and the path of the call are attributes."""

        @app.answer
        def answer(session):
            facts = (session.call_sid, session.from_, session.to, session.direction, session.path)
            app.told.put((*facts, session.service))

        with app.call("/app/deeper") as jambonz:
            sid, caller, called, direction, path, service = app.hears()
            assert (sid, caller, called) == (jambonz.call_sid, "15550143001", "+15550143900")
            assert (direction, path, service) == ("inbound", "/app/deeper", app.service)

    def test_data(self, app):
        """The data of ``session:new`` is there as it was sent, and cannot be changed."""

        @app.answer
        def answer(session):
            with pytest.raises(TypeError):
                session.data["caller_name"] = "Other"
            app.told.put(session.data["caller_name"])

        with app.call(caller_name="Nova"):
            assert app.hears() == "Nova"

    def test_legs(self, app):
        """The legs it has dialled are known on any thread, and what they do is no status of the call."""

        @app.answer
        def answer(session):
            session.say("Hello.").send()
            for _ in range(3):
                app.told.put((session.wait_for("call:status").leg, session.call_status))
            with pytest.raises(TypeError):
                session.legs["leg-2"] = session.legs["leg-1"]

        with app.call() as jambonz:
            jambonz.expect_ack()
            session = app.endpoint.sessions[jambonz.call_sid]
            assert session.legs == {}
            jambonz.status("in-progress")
            jambonz.status("ringing", call_sid="leg-1", to="+15550100")
            jambonz.status("busy", call_sid="leg-1", to="+15550100")
            assert [app.hears() for _ in range(3)] == [
                (None, "in-progress"),
                ("leg-1", "in-progress"),
                ("leg-1", "in-progress"),
            ]
            (leg,) = session.legs.values()
            assert (leg.sid, leg.to, leg.status, leg.ended) == ("leg-1", "+15550100", "busy", True)
            jambonz.expect_goodbye()

    def test_env_and_headers(self, app):
        """The application's variables and the SIP headers are read-only mappings."""

        @app.answer
        def answer(session):
            for mapping in (session.env, session.headers):
                with pytest.raises(TypeError):
                    mapping["new"] = "1"
            app.told.put((dict(session.env), dict(session.headers), session.b3))

        with app.call(env_vars={"GREETING": "Hi", "TRIES": 3}, sip={"headers": {"call-id": "a", "X-CID": "b"}}):
            env, headers, b3 = app.hears()
            assert env == {"GREETING": "Hi", "TRIES": 3}
            assert headers == {"call-id": "a", "X-CID": "b"}
            assert b3.endswith("-1")

    @pytest.mark.parametrize("odd", [None, "text", [1]])
    def test_odd_data(self, app, odd):
        """Facts that are missing, or of the wrong type, are empty."""

        @app.answer
        def answer(session):
            app.told.put((dict(session.env), dict(session.headers), session.from_, session.data.get("sip")))

        jambonz = app.connect()
        jambonz.send("session:new", {"env_vars": odd, "sip": odd})
        assert app.hears() == ({}, {}, "", odd)

    def test_call_status(self, app):
        """``call_status`` follows the call itself, and not the legs it has dialled."""

        @app.answer
        def answer(session):
            app.told.put(session.call_status)
            session.say("Hello.").send()
            for _ in range(3):
                session.wait_for("call:status")
                app.told.put(session.call_status)

        with app.call() as jambonz:
            assert app.hears() == "trying"
            jambonz.expect_ack()
            jambonz.status("ringing")
            assert app.hears() == "ringing"
            jambonz.status("in-progress")
            assert app.hears() == "in-progress"
            jambonz.status("busy", call_sid="other-leg", parent_call_sid=jambonz.call_sid)
            assert app.hears() == "in-progress"

    def test_locals(self, app):
        """``locals`` keeps what the application wants to remember, for each call apart."""

        @app.answer
        def answer(session):
            assert not hasattr(session.locals, "tries")
            session.locals.tries = 1
            app.told.put(session.locals.tries)

        with app.call(), app.call():
            assert [app.hears(), app.hears()] == [1, 1]

    def test_log_and_repr(self, app, log):
        """Lines of ``session.log`` name the call, and so does ``repr``."""

        @app.answer
        def answer(session):
            session.log.warning("the %s is on", "kettle")
            app.told.put(repr(session))

        with app.call() as jambonz:
            assert log.expect("the kettle is on") == f"call {jambonz.call_sid}: the kettle is on"
            assert app.hears() == f"<Session {jambonz.call_sid} on /app>"

    def test_message_session(self, app):
        """An SMS has no sid, and is neither greeted nor hung up with verbs it did not ask for."""

        @app.answer
        def answer(session):
            app.told.put((session.call_sid, repr(session), session.data["text"]))

        jambonz = app.connect()
        jambonz.send("session:new", {"from": "1", "to": "2", "text": "hi"}, call_sid=None)
        assert app.hears() == (None, "<Session without sid on /app>", "hi")
        assert app.outcome() is None
        jambonz.close()
        assert [message for message in jambonz.rest() if message.get("data")] == []


class TestSend:
    """Verbs leave in the way that is right at the moment."""

    def test_first(self, app):
        """The first ``send`` is the ack of ``session:new``, with all that was queued."""

        @app.answer
        def answer(session):
            assert session.say("One.").pause(1).send() is session
            session.wait_for("*")

        with app.call() as jambonz:
            verbs = jambonz.expect_ack()
            assert verbs == [{"verb": "say", "text": "One."}, {"verb": "pause", "length": 1}]

    def test_nothing_queued(self, app):
        """With nothing queued, ``send`` sends nothing, not even the first ack."""

        @app.answer
        def answer(session):
            session.send()
            session.say("Hello.").send()
            session.send()
            session.send(exec_immediate=False)
            session.say("Bye.").send()

        with app.call() as jambonz:
            assert texts(jambonz.expect_ack()) == ["Hello."]
            assert texts(jambonz.expect_redirect()) == ["Bye."]
            jambonz.expect_goodbye()

    def test_later(self, app):
        """Later it is a command that replaces what plays, or goes behind it."""

        @app.answer
        def answer(session):
            session.say("One.").send()
            session.say("Two.").send()
            session.say("Three.").send(exec_immediate=False)

        with app.call() as jambonz:
            jambonz.expect_ack()
            assert texts(jambonz.expect_redirect()) == ["Two."]
            assert texts(jambonz.expect_redirect(queue=True)) == ["Three."]
            jambonz.expect_goodbye()

    def test_held_until_live(self, app, monkeypatch):
        """Commands right behind the first ack are held until jambonz has built the call; a status is no sign of it."""
        monkeypatch.setattr(jambonz_sync.protocol.commands, "READY_AFTER", 60.0)

        @app.answer
        def answer(session):
            session.say("One.").send()
            session.say("Two.").send()
            app.told.put(session.wait_for("call:status").call_status)

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.status("in-progress")
            assert app.hears() == "in-progress"
            jambonz.nothing_for(0.05)
            jambonz.verb_status("starting")
            assert texts(jambonz.expect_redirect()) == ["Two."]

    def test_held_only_for_a_moment(self, app):
        """Where nothing shows that the call is built, a short pause does."""

        @app.answer
        def answer(session):
            session.say("One.").send()
            session.say("Two.").send()
            session.wait_for("*")

        with app.call() as jambonz:
            jambonz.expect_ack()
            assert texts(jambonz.expect_redirect()) == ["Two."]

    def test_answers_the_hook_taken(self, app):
        """With a hook taken and not replied to, ``send`` is its ack; after that, a command."""

        @app.answer
        def answer(session):
            session.gather(action_hook="/menu").send()
            session.wait_for("/menu")
            session.say("One.").send()
            session.say("Two.").send()
            session.wait_for("*")

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/menu")
            assert texts(jambonz.expect_ack()) == ["One."]
            assert texts(jambonz.expect_redirect()) == ["Two."]

    def test_appending_does_not_answer(self, app):
        """``send(exec_immediate=False)`` answers an open hook too: what was queued behind it is replaced."""

        @app.answer
        def answer(session):
            session.gather(action_hook="/menu").send()
            session.wait_for("/menu")
            session.say("One.").send(exec_immediate=False)
            session.wait_for("*")

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/menu")
            assert texts(jambonz.expect_ack()) == ["One."]

    def test_redirect_while_another_hook_is_open(self, app):
        """A hook in flight is acked before a redirect, since jambonz would wait for it."""
        arrived = threading.Event()

        @app.answer
        def answer(session):
            session.gather(action_hook="/menu").send()
            session.on("/menu", lambda evt: None)

            def elsewhere():
                arrived.wait(10)
                session.say("From another thread.").send()
                app.told.put("sent")

            thread = threading.Thread(target=elsewhere)
            thread.start()
            app.told.get(timeout=10)
            thread.join()

        with app.call() as jambonz:
            jambonz.expect_ack()
            msgid = jambonz.hook("/menu")
            # Behind it, so that its arrival tells that the hook is there.
            jambonz.nothing_for(0.1)
            arrived.set()
            jambonz.expect_ack(msgid)
            assert texts(jambonz.expect_redirect()) == ["From another thread."]

    def test_after_the_end(self, app):
        """Once the call is over, ``send`` and ``reply`` raise, and leave nothing queued."""

        @app.answer
        def answer(session):
            session.say("Hello.").send()
            with pytest.raises(CallEnded):
                session.wait_for("/never")
            for way in (session.send, session.reply, session.run):
                with pytest.raises(CallEnded) as raised:
                    session.say("Too late.") and way()
                assert raised.value.session is session
            return "seen"

        log = app.log
        with app.call() as jambonz:
            jambonz.expect_ack()
            log.expect("waiting for '/never'")
        assert app.outcome() == "seen"


class TestNothingInvalid:
    """What jambonz would refuse raises at the line that wrote it, and leaves no trace."""

    def test_too_big(self, app):
        """A message over 24 KiB raises; nothing of it is sent or left in the queue."""

        @app.answer
        def answer(session):
            with pytest.raises(MessageTooBig, match="24,576") as raised:
                session.say("x" * 25_000).send()
            assert raised.value.size > raised.value.limit == 24_576
            session.say("Small.").send()
            with pytest.raises(MessageTooBig):
                session.say("y" * 25_000).send()
            with pytest.raises(MessageTooBig):
                session.say("z" * 25_000).run()
            session.say("Also small.").send()

        with app.call() as jambonz:
            assert texts(jambonz.expect_ack()) == ["Small."]
            assert texts(jambonz.expect_redirect()) == ["Also small."]
            jambonz.expect_goodbye()
            assert app.outcome() is None

    def test_too_big_for_a_hook(self, app):
        """A reply that is too big leaves its hook open for a smaller one."""

        @app.answer
        def answer(session):
            session.gather(action_hook="/menu").send()
            session.wait_for("/menu")
            with pytest.raises(MessageTooBig):
                session.say("ü" * 12_400).reply()
            session.say("Small.").reply()

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/menu")
            assert texts(jambonz.expect_ack()) == ["Small."]
            jambonz.expect_goodbye()

    def test_invalid_verb(self, app):
        """A misspelt option raises at its line and says what was meant; what was queued before stays queued."""

        @app.answer
        def answer(session):
            session.say("Before.")
            with pytest.raises(InvalidVerb, match=r"numDigit.*num_?[dD]igits") as raised:
                session.gather(numDigit=1)
            assert raised.value.path.startswith("gather")
            session.send()

        with app.call() as jambonz:
            assert texts(jambonz.expect_ack()) == ["Before."]

    def test_unknown_verb(self, app):
        """A verb unknown here goes out by ``verb``."""

        @app.answer
        def answer(session):
            session.verb("newverb", {"colour": "red"}).verb("say", text="Hello.").send()

        with app.call() as jambonz:
            verbs = jambonz.expect_ack()
            assert verbs == [{"verb": "newverb", "colour": "red"}, {"verb": "say", "text": "Hello."}]

    def test_not_strict(self, make_app):
        """An endpoint that is not strict lets unknown options through."""
        app = make_app(strict=False)

        @app.answer
        def answer(session):
            session.say("Hello.", colour="red").send()

        with app.call() as jambonz:
            assert jambonz.expect_ack() == [{"verb": "say", "text": "Hello.", "colour": "red"}]

    def test_older_server(self, make_app):
        """An endpoint for an older jambonz refuses what only newer ones know."""
        app = make_app(jambonz_version="0.9")

        @app.answer
        def answer(session):
            target = [{"type": "phone", "number": "+15550100"}]
            with pytest.raises(InvalidVerb, match="10"):
                session.dial(target=target, codecs=["PCMU"])
            session.dial(target=target).send()

        with app.call() as jambonz:
            assert names(jambonz.expect_ack()) == ["dial"]


class TestThreads:
    """Any thread may use a session; the verbs it has queued are its own."""

    def test_lists_are_apart(self, app):
        """Threads that queue at the same time never share a list, and each sends its own, whole."""
        rounds, workers = 20, 4

        @app.answer
        def answer(session):
            session.say("Hello.").send()
            barrier = threading.Barrier(workers)

            def work(number):
                for turn in range(rounds):
                    barrier.wait(10)
                    session.say(f"{number}.{turn}.a")
                    barrier.wait(10)
                    session.say(f"{number}.{turn}.b")
                    barrier.wait(10)
                    session.send()

            threads = [threading.Thread(target=work, args=(number,)) for number in range(workers - 1)]
            for thread in threads:
                thread.start()
            work(workers - 1)
            for thread in threads:
                thread.join()

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.live()
            got = [texts(jambonz.expect_redirect()) for _ in range(rounds * workers)]
            expected = [[f"{n}.{turn}.a", f"{n}.{turn}.b"] for turn in range(rounds) for n in range(workers)]
            assert sorted(got) == sorted(expected)
            for number in range(workers):
                mine = [verbs for verbs in got if verbs[0].startswith(f"{number}.")]
                assert mine == [[f"{number}.{turn}.a", f"{number}.{turn}.b"] for turn in range(rounds)]
            jambonz.expect_goodbye()

    def test_hanging_up_from_elsewhere(self, app):
        """Another thread, such as that of a web request, can end a call found in ``endpoint.sessions``."""

        @app.answer
        def answer(session):
            session.say("Please hold.").send()
            session.wait_for("*")

        with app.call() as jambonz:
            jambonz.expect_ack()
            app.endpoint.sessions[jambonz.call_sid].hangup().send()
            assert names(jambonz.expect_redirect()) == ["hangup"]

    def test_before_the_first_ack(self, app):
        """What another thread sends before the first ack is that ack."""
        sent = threading.Event()

        @app.answer
        def answer(session):
            def elsewhere():
                session.say("First.").send()
                sent.set()

            threading.Thread(target=elsewhere).start()
            assert sent.wait(10)
            session.say("Second.").send()

        with app.call() as jambonz:
            assert texts(jambonz.expect_ack()) == ["First."]
            assert texts(jambonz.expect_redirect()) == ["Second."]
            jambonz.expect_goodbye()

    def test_reply_from_elsewhere(self, app):
        """A thread that is given an event can answer it."""

        @app.answer
        def answer(session):
            session.gather(action_hook="/menu").send()
            evt = session.wait_for("/menu")
            todo = queue.SimpleQueue()

            def elsewhere():
                session.say("From elsewhere.").reply(to=evt)
                todo.put("done")

            threading.Thread(target=elsewhere).start()
            assert todo.get(timeout=10) == "done"
            session.wait_for("call:status")

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/menu")
            assert texts(jambonz.expect_ack()) == ["From elsewhere."]


class TestForgotten:
    """Forgetting to send does no harm."""

    def test_before_a_wait(self, app, log):
        """Verbs that were queued and not sent leave before a wait, with a warning."""

        @app.answer
        def answer(session):
            session.say("What now?").gather(action_hook="/menu")
            session.wait_for("/menu")
            session.say("Thanks.")

        with app.call() as jambonz:
            assert names(jambonz.expect_ack()) == ["say", "gather"]
            log.expect("say, gather: queued but not sent", "waiting for /menu")
            jambonz.hook("/menu")
            assert texts(jambonz.expect_ack()) == ["Thanks."]
            log.expect("say: queued but not sent", "the handler returned")
            jambonz.expect_goodbye()

    def test_not_even_the_first(self, app, log):
        """A function that only queues is as good as one that sends."""

        @app.answer
        def answer(session):
            session.say("Hello.")

        with app.call() as jambonz:
            assert texts(jambonz.expect_ack()) == ["Hello."]
            log.expect("say: queued but not sent")
            jambonz.expect_goodbye()

    def test_wait_without_any_verb(self, app, log):
        """A wait for a hook before anything was sent: ``session:new`` gets the neutral ack at once."""

        @app.answer
        def answer(session):
            session.wait_for("/menu")

        with app.call() as jambonz:
            assert jambonz.expect_ack() == NEUTRAL
            log.expect("waiting for '/menu', which no verb sent so far names")

    def test_wait_for_a_status_without_any_verb(self, quick_app, log):
        """A wait for what asks nothing leaves ``session:new`` open for the first verbs, until the deadline."""

        @quick_app.answer
        def answer(session):
            session.wait_for("call:status")
            session.say("Late.").send()

        with quick_app.call() as jambonz:
            assert jambonz.expect_ack() == NEUTRAL
            log.expect("session:new was not answered within 0.2 s", "test_session.py", "in answer")
            jambonz.status("in-progress")
            assert without_ids(jambonz.expect_redirect()) == [{"verb": "say", "text": "Late."}]
            assert jambonz.expect_redirect(queue=True) == GOODBYE
