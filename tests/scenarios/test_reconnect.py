"""A dropped socket is not a dropped call: the connection is lost at every moment of one, and jambonz comes back.

Each story ends as if nothing had happened: what was sent has arrived, in order, once.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time

import pytest
from websockets.exceptions import ConnectionClosed

from jambonz_sync import CallEnded
from tests.scenarios.application import TIMEOUT
from tests.scenarios.jambonz_side import GOODBYE, JambonzSide, names, texts, without_ids

#: The ways of which the application hears at once, so that what it sends waits.
HEARD_OF = JambonzSide.WAYS[:-1]

INFO = 20


class Pause:
    """A line at which a handler stays until its test lets it go on."""

    def __init__(self, app):
        self._app = app
        self._go_on = threading.Event()

    def __call__(self):
        """For the handler: say that it is here, and stay."""
        self._app.told.put(self)
        assert self._go_on.wait(TIMEOUT)
        self._go_on.clear()

    def reached(self):
        """For the test: wait until the handler is here."""
        assert self._app.hears() is self

    def end(self):
        """For the test: let it go on."""
        self._go_on.set()


@pytest.fixture
def pause(app):
    """A line at which a handler stays until its test lets it go on."""
    return Pause(app)


@pytest.fixture(params=JambonzSide.WAYS, ids=str)
def lose(app, request):
    """Loses the connection, in each of the ways."""

    def lose(jambonz):
        jambonz.lose(request.param)
        if request.param != "ghost":
            app.log.expect("connection lost", "waiting up to 15 s")

    return lose


@pytest.fixture(params=HEARD_OF, ids=str)
def lose_openly(app, request):
    """Loses the connection, in each of the ways of which the application hears at once."""

    def lose(jambonz):
        jambonz.lose(request.param)
        app.log.expect("connection lost", "waiting up to 15 s")

    return lose


def begin(app):
    """Begin a call, which is answered; return it and its first verbs."""
    jambonz = app.call()
    verbs = jambonz.expect_ack()
    jambonz.status("in-progress")
    # Only a call that is built says this: the first verbs have arrived.
    jambonz.verb_status("starting")
    return jambonz, verbs


def end(app, jambonz):
    """The caller hangs up after the goodbye, and the handler has returned before."""
    jambonz.expect_goodbye()
    jambonz.hang_up()
    assert app.outcome() is None


def menu(session):
    """Ask something in the plain way."""
    return session.say("Menu.").gather(action_hook="/menu")


class TestFirstVerbs:
    """The connection is lost around the answer to ``session:new``."""

    def test_before_them(self, app, lose, pause):
        """The verbs answer session:reconnect. jambonz says nothing from then on but the close, so a warning says so."""

        @app.answer
        def answer(session):
            pause()
            session.say("Hello after all.").hangup().send()

        jambonz = app.call()
        pause.reached()
        lose(jambonz)
        msgid = jambonz.connect_again()
        app.log.expect("dropped before jambonz had the first verbs", "sends no hook or status")
        pause.end()
        assert names(jambonz.go_on(msgid)) == ["say", "hangup"]
        jambonz.close()
        assert app.outcome() is None

    def test_given_meanwhile(self, app, lose_openly, pause):
        """Verbs given while there is no connection are the answer to session:reconnect, and what follows comes next."""

        @app.answer
        def answer(session):
            pause()
            session.say("Hello after all.").send()
            session.say("And welcome.").send(exec_immediate=False)
            pause()

        jambonz = app.call()
        pause.reached()
        lose_openly(jambonz)
        pause.end()
        pause.reached()
        assert texts(jambonz.come_back()) == ["Hello after all."]
        assert texts(jambonz.expect_redirect(queue=True)) == ["And welcome."]
        pause.end()
        end(app, jambonz)

    def test_wait_that_cannot_end(self, app, lose, pause):
        """Who waits for a hook in such a call waits until its end, and is unwound then."""

        @app.answer
        def answer(session):
            pause()
            menu(session).send()
            session.wait_for("/menu")

        jambonz = app.call()
        pause.reached()
        lose(jambonz)
        msgid = jambonz.connect_again()
        app.log.expect("sends no hook or status")
        pause.end()
        assert names(jambonz.go_on(msgid)) == ["say", "gather"]
        jambonz.close()
        ended = app.outcome()
        assert isinstance(ended, CallEnded)
        assert ended.code == 1000

    def test_unread(self, app, lose, pause):
        """Verbs that jambonz may not have read come again with the answer to session:reconnect."""

        @app.answer
        def answer(session):
            menu(session).send()
            pause()
            assert session.wait_for("/menu").digits == "1"
            session.say("Bye.").reply()

        jambonz = app.call()
        pause.reached()
        lose(jambonz)
        pause.end()
        assert names(jambonz.come_back()) == ["say", "gather"]
        jambonz.hook("/menu", digits="1")
        assert texts(jambonz.expect_ack()) == ["Bye."]
        end(app, jambonz)


class TestHook:
    """The connection is lost while a hook is in flight: jambonz gives up on it."""

    def test_answered_afterwards(self, app, lose, pause):
        """The reply arrives as a redirect, and what jambonz asks next is answered as always."""

        @app.answer
        def answer(session):
            menu(session).send()
            session.wait_for("/menu")
            pause()
            menu(session).reply()
            session.wait_for("/menu")
            session.say("Bye.").reply()

        jambonz, _ = begin(app)
        jambonz.hook("/menu")
        pause.reached()
        lose(jambonz)
        assert jambonz.come_back() is None
        pause.end()
        assert names(jambonz.expect_redirect()) == ["say", "gather"]
        jambonz.hook("/menu")
        assert texts(jambonz.expect_ack()) == ["Bye."]
        end(app, jambonz)

    def test_answered_meanwhile(self, app, lose_openly, pause):
        """A reply given while there is no connection waits for the next one."""

        @app.answer
        def answer(session):
            menu(session).send()
            session.wait_for("/menu")
            pause()
            session.say("One.").reply()
            session.say("Two.").reply()
            pause()

        jambonz, _ = begin(app)
        jambonz.hook("/menu")
        pause.reached()
        lose_openly(jambonz)
        pause.end()
        pause.reached()
        assert jambonz.come_back() is None
        assert texts(jambonz.expect_redirect()) == ["One."]
        assert texts(jambonz.expect_redirect(queue=True)) == ["Two."]
        pause.end()
        end(app, jambonz)

    def test_not_taken_yet(self, app, lose, pause):
        """A hook that nobody has taken when the connection is lost can be taken after that."""

        @app.answer
        def answer(session):
            menu(session).send()
            pause()
            assert session.wait_for("/menu").digits == "1"
            session.say("Bye.").reply()

        jambonz, _ = begin(app)
        pause.reached()
        jambonz.hook("/menu", digits="1")
        jambonz.all_read()
        lose(jambonz)
        assert jambonz.come_back() is None
        pause.end()
        assert texts(jambonz.expect_redirect()) == ["Bye."]
        end(app, jambonz)

    def test_screening(self, app, lose, pause):
        """Where a redirect cannot stand in for the reply (the dialled leg is gone by then), a warning says so."""

        @app.answer
        def answer(session):
            session.dial(target=[{"type": "phone", "number": "+15550100"}], confirm_hook="/screen").send()
            session.wait_for("/screen")
            pause()
            session.say("A call for you.").reply()

        jambonz, _ = begin(app)
        jambonz.hook("/screen", kind="dial:confirm")
        pause.reached()
        lose(jambonz)
        assert jambonz.come_back() is None
        pause.end()
        app.log.expect("the reply to /screen was dropped")
        end(app, jambonz)


class TestWaiting:
    """The call's thread waits when the connection is lost."""

    def test_wait_for(self, app, lose):
        """What jambonz could not say meanwhile arrives when it is back, and is answered."""

        @app.answer
        def answer(session):
            menu(session).send()
            session.wait_for("verb:status")
            session.wait_for("/menu")
            assert session.wait_for("verb:status").event == "said later"
            session.say("Bye.").reply()

        jambonz, _ = begin(app)
        jambonz.all_read()
        lose(jambonz)
        jambonz.verb_status("said later")
        msgid = jambonz.hook("/menu")
        assert jambonz.come_back() is None
        assert texts(jambonz.expect_ack(msgid)) == ["Bye."]
        end(app, jambonz)

    def test_sleep(self, app, lose):
        """A sleep takes its time, and the call goes on after it."""

        @app.answer
        def answer(session):
            session.pause(60).send()
            app.told.put("asleep")
            session.sleep(0.3)
            session.say("Bye.").send()

        jambonz, _ = begin(app)
        assert app.hears() == "asleep"
        lose(jambonz)
        assert jambonz.come_back() is None
        assert texts(jambonz.expect_redirect()) == ["Bye."]
        end(app, jambonz)

    def test_handler(self, app, lose, pause):
        """In a handler of a hook it is as in straight code, and other handlers still run after it."""

        @app.answer
        def answer(session):
            @session.on("/menu")
            def chosen(evt):
                pause()
                session.say("One moment.").gather(action_hook="/more").reply()

            menu(session).send()
            session.wait_for("/more")
            session.say("Bye.").reply()

        app.log.allow("waiting for '/more'")
        jambonz, _ = begin(app)
        jambonz.hook("/menu")
        pause.reached()
        lose(jambonz)
        assert jambonz.come_back() is None
        pause.end()
        assert texts(jambonz.expect_redirect()) == ["One moment."]
        jambonz.hook("/more")
        assert texts(jambonz.expect_ack()) == ["Bye."]
        jambonz.hang_up()

    def test_function_has_returned(self, app, lose):
        """The handlers of a function that has returned serve the call on."""

        @app.answer
        def answer(session):
            @session.on("/menu")
            def chosen(evt):
                menu(session).reply()

            menu(session).send()

        jambonz, _ = begin(app)
        assert app.outcome() is None
        lose(jambonz)
        msgid = jambonz.hook("/menu")
        assert jambonz.come_back() is None
        assert names(jambonz.expect_ack(msgid)) == ["say", "gather"]
        jambonz.hook("/menu")
        assert names(jambonz.expect_ack()) == ["say", "gather"]
        jambonz.hang_up()


class TestRun:
    """``run()`` waits for the end of a verb."""

    def test_verb_goes_on(self, app, lose):
        """A verb that ends after jambonz is back completes as always."""

        @app.answer
        def answer(session):
            assert session.say("A long story.").run().completed
            session.say("Bye.").send()

        jambonz = app.call()
        _, say, _ = jambonz.expect_ack()
        jambonz.status("in-progress")
        jambonz.verb_status("starting", say["id"], name="say")
        jambonz.all_read()
        lose(jambonz)
        assert jambonz.come_back() is None
        # It shows that the verb is over, should its end have been said to nobody.
        assert names(jambonz.expect_redirect(queue=True)) == ["config"]
        jambonz.verb_status("finished", say["id"], name="say")
        assert texts(jambonz.expect_redirect()) == ["Bye."]
        end(app, jambonz)

    def test_status_is_lost(self, app, lose):
        """A verb whose end was said to nobody has completed: what was put behind it begins."""

        @app.answer
        def answer(session):
            assert session.say("A short story.").run().completed
            session.say("Bye.").send()

        jambonz = app.call()
        _, say, _ = jambonz.expect_ack()
        jambonz.status("in-progress")
        jambonz.verb_status("starting", say["id"], name="say")
        jambonz.all_read()
        lose(jambonz)
        assert jambonz.come_back() is None
        (sentinel,) = jambonz.expect_redirect(queue=True)
        jambonz.verb_status("starting", sentinel["id"], name="config")
        assert texts(jambonz.expect_redirect()) == ["Bye."]
        end(app, jambonz)

    def test_hook_is_lost(self, app, log, lose):
        """A verb whose hook was asked of nobody has failed, as far as is known."""

        @app.answer
        def answer(session):
            outcome = session.dial(target=[{"type": "phone", "number": "+15550100"}]).run()
            assert outcome.failed
            session.say("Bye.").send()

        jambonz = app.call()
        _, dial, _ = jambonz.expect_ack()
        jambonz.status("in-progress")
        jambonz.verb_status("starting", dial["id"], name="dial")
        jambonz.all_read()
        lose(jambonz)
        assert jambonz.come_back() is None
        (sentinel,) = jambonz.expect_redirect(queue=True)
        jambonz.verb_status("starting", sentinel["id"], name="config")
        assert texts(jambonz.expect_redirect()) == ["Bye."]
        log.expect("what became of the dial is not known")
        end(app, jambonz)

    def test_hook_has_come(self, app, lose, pause):
        """A verb whose hook has come is over, and what is sent next arrives."""

        @app.answer
        def answer(session):
            outcome = session.dial(target=[{"type": "phone", "number": "+15550100"}]).run()
            pause()
            session.say(f"It was {outcome['dial_call_status']}.").reply()

        jambonz = app.call()
        _, dial, _ = jambonz.expect_ack()
        jambonz.status("in-progress")
        jambonz.verb_status("starting", dial["id"], name="dial")
        jambonz.hook("/run", dial_call_status="completed")
        pause.reached()
        lose(jambonz)
        assert jambonz.come_back() is None
        pause.end()
        assert texts(jambonz.expect_redirect()) == ["It was completed."]
        end(app, jambonz)


class TestAsk:
    """``ask`` and ``menu`` wait for what the caller says."""

    def ask(self, session):
        return session.ask("What is your name?").text

    def menu(self, session):
        return session.menu("For sales press 1.", {"1": "sales"}, default="nobody")

    @pytest.mark.parametrize(("way", "said", "chosen"), [("ask", "Eva", "Eva"), ("menu", "1", "sales")])
    def test_answer(self, app, lose, way, said, chosen):
        """The answer that the caller gives after that, or meanwhile, is the answer."""

        @app.answer
        def answer(session):
            app.told.put(getattr(self, way)(session))

        jambonz = app.call()
        _, gather, _ = jambonz.expect_ack()
        jambonz.status("in-progress")
        jambonz.verb_status("starting", gather["id"], name="gather")
        jambonz.all_read()
        lose(jambonz)
        msgid = jambonz.hook("/run", reason="dtmfDetected", digits=said)
        assert jambonz.come_back() is None
        assert names(jambonz.expect_redirect(queue=True)) == ["config"]
        assert app.hears() == chosen
        assert jambonz.receive()["msgid"] == msgid
        jambonz.expect_goodbye()
        jambonz.hang_up()

    @pytest.mark.parametrize(("way", "said", "chosen"), [("ask", "Eva", "Eva"), ("menu", "1", "sales")])
    def test_answer_is_lost(self, app, log, lose, way, said, chosen):
        """An answer that was told to nobody is asked for again."""

        @app.answer
        def answer(session):
            app.told.put(getattr(self, way)(session))

        jambonz = app.call()
        _, gather, _ = jambonz.expect_ack()
        jambonz.status("in-progress")
        jambonz.verb_status("starting", gather["id"], name="gather")
        jambonz.all_read()
        lose(jambonz)
        assert jambonz.come_back() is None
        (sentinel,) = jambonz.expect_redirect(queue=True)
        jambonz.verb_status("starting", sentinel["id"], name="config")
        again, _ = jambonz.expect_redirect()
        assert again == gather
        log.expect("so the gather is sent again")
        msgid = jambonz.hook("/run", reason="dtmfDetected", digits=said)
        assert app.hears() == chosen
        assert jambonz.receive()["msgid"] == msgid
        jambonz.expect_goodbye()
        jambonz.hang_up()


class TestStreamedSpeech:
    """``stream_tts`` waits for jambonz to accept a piece."""

    @pytest.fixture
    def streaming(self, app):
        """A call that streams a sentence, and the first piece of it, of which jambonz has said nothing."""

        @app.answer
        def answer(session):
            session.config(tts_stream={"enable": True}).send()
            assert session.stream_tts(["One. ", "Two. "], flush=False).text == "One. Two. "

        jambonz, _ = begin(app)
        jambonz.send("tts:streaming-event", {"event_type": "stream_open"})
        return jambonz, self.piece(jambonz, "One. ")

    def piece(self, jambonz, text):
        """The next command must be this piece; return its id."""
        message = jambonz.receive()
        assert message["command"] == "tts:tokens"
        assert message["data"]["tokens"] == text
        return message["data"]["id"]

    def result(self, jambonz, piece, **data):
        jambonz.send("tts:tokens-result", {"id": piece, "status": "ok", **data})

    def finish(self, app, jambonz):
        self.result(jambonz, self.piece(jambonz, "Two. "))
        end(app, jambonz)

    def test_result_comes_later(self, app, lose, streaming):
        """A piece whose result jambonz brings along is not sent again."""
        jambonz, piece = streaming
        lose(jambonz)
        self.result(jambonz, piece)
        assert jambonz.come_back() is None
        self.finish(app, jambonz)

    def test_result_never_comes(self, app, lose, streaming):
        """A piece whose result does not come is sent again."""
        jambonz, piece = streaming
        lose(jambonz)
        assert jambonz.come_back() is None
        assert self.piece(jambonz, "One. ") == piece
        self.result(jambonz, piece)
        self.finish(app, jambonz)

    def test_paused(self, app, lose, streaming):
        """A piece for which there was no room comes again when jambonz has room, or after a while."""
        jambonz, piece = streaming
        self.result(jambonz, piece, status="failed", reason="full")
        jambonz.send("tts:streaming-event", {"event_type": "stream_paused"})
        jambonz.all_read()
        lose(jambonz)
        jambonz.send("tts:streaming-event", {"event_type": "stream_resumed"})
        assert jambonz.come_back() is None
        assert self.piece(jambonz, "One. ") == piece
        self.result(jambonz, piece)
        self.finish(app, jambonz)


class TestSending:
    """The application sends while there is no connection."""

    def test_busy(self, app, lose_openly, pause):
        """Verbs and commands of a busy handler arrive in order when jambonz is back."""

        @app.answer
        def answer(session):
            session.pause(60).send()
            pause()
            session.say("One.").send()
            session.inject_mute("mute")
            session.say("Two.").send(exec_immediate=False)
            pause()
            session.say("Three.").send(exec_immediate=False)

        jambonz, _ = begin(app)
        pause.reached()
        lose_openly(jambonz)
        pause.end()
        pause.reached()
        assert jambonz.come_back() is None
        assert texts(jambonz.expect_redirect()) == ["One."]
        assert jambonz.receive()["command"] == "mute:status"
        assert texts(jambonz.expect_redirect(queue=True)) == ["Two."]
        pause.end()
        assert texts(jambonz.expect_redirect(queue=True)) == ["Three."]
        end(app, jambonz)

    def test_goodbye(self, app, lose_openly, pause):
        """A handler that returns meanwhile has said goodbye, and jambonz hears it."""

        @app.answer
        def answer(session):
            session.say("Bye.").send()
            pause()

        jambonz, _ = begin(app)
        pause.reached()
        lose_openly(jambonz)
        pause.end()
        assert app.outcome() is None
        assert jambonz.come_back() is None
        jambonz.expect_goodbye()
        jambonz.hang_up()

    def test_apology(self, app, lose_openly, pause):
        """So does one that raises."""

        @app.answer
        def answer(session):
            session.say("Bye.").send()
            pause()
            raise KeyError

        jambonz, _ = begin(app)
        pause.reached()
        lose_openly(jambonz)
        pause.end()
        assert isinstance(app.outcome(), KeyError)
        app.log.expect("raised an exception", level=40)
        assert jambonz.come_back() is None
        assert without_ids(jambonz.expect_redirect()) == GOODBYE
        jambonz.hang_up()

    def test_closes(self, app, lose_openly, pause):
        """A handler that closes meanwhile is done with the call at once; jambonz, should it come, finds nobody."""

        @app.answer
        def answer(session):
            session.say("Bye.").send()
            pause()
            session.close()
            session.check()

        jambonz, _ = begin(app)
        pause.reached()
        lose_openly(jambonz)
        pause.end()
        assert isinstance(app.outcome(), CallEnded)
        app.log.expect("ended after", level=INFO)
        assert jambonz.come_back() is None
        app.log.expect("this process does not know the call")
        jambonz.expect_goodbye()
        jambonz.hang_up()


class TestAgain:
    """It does not happen only once."""

    def test_twice(self, app, lose):
        """A connection may be lost any number of times, and is waited for each time."""

        @app.answer
        def answer(session):
            for _ in range(3):
                menu(session).reply()
                session.wait_for("/menu")
            session.say("Bye.").reply()

        jambonz, _ = begin(app)
        for last in (False, False, True):
            jambonz.all_read()
            lose(jambonz)
            jambonz.hook("/menu")
            msgid = jambonz.last_msgid
            assert jambonz.come_back() is None
            assert names(jambonz.expect_ack(msgid)) == (["say"] if last else ["say", "gather"])
        end(app, jambonz)

    def test_before_it_is_back(self, app, lose):
        """The new connection may be lost before jambonz has read a word on it."""

        @app.answer
        def answer(session):
            menu(session).send()
            session.wait_for("/menu")
            session.say("Bye.").reply()

        jambonz, _ = begin(app)
        jambonz.all_read()
        lose(jambonz)
        for _ in range(2):
            jambonz.connect_again()
            jambonz.lose(1012)
            app.log.expect("connection lost (code 1012)")
        msgid = jambonz.hook("/menu")
        assert jambonz.come_back() is None
        assert texts(jambonz.expect_ack(msgid)) == ["Bye."]
        end(app, jambonz)

    def test_ghost_is_closed(self, app):
        """A connection that was given up for another one is ended, whatever jambonz thinks of it."""
        app.answer(lambda session: session.wait_for("*", timeout=TIMEOUT))
        jambonz = app.call()
        jambonz.expect_ack()
        ghost = jambonz.socket
        jambonz.lose("ghost")
        jambonz.connect_again()
        ghost.recv_events_thread.join(TIMEOUT)
        assert not ghost.recv_events_thread.is_alive()
        app.log.expect("connection lost (code 1006)")


class TestNobodyComesBack:
    """A call whose connection stays lost is over."""

    @pytest.mark.parametrize("way", HEARD_OF, ids=str)
    def test_in_time(self, make_app, log, way):
        """After reconnect_timeout the handler is unwound, and nothing is left of the call."""
        app = make_app(reconnect_timeout=0.2)

        @app.answer
        def answer(session):
            menu(session).send()
            session.wait_for("/menu")

        jambonz, _ = begin(app)
        jambonz.lose(way)
        code = way if isinstance(way, int) else 1006
        log.expect(f"connection lost (code {code}); waiting up to 0.2 s for jambonz to reconnect")
        ended = app.outcome()
        assert isinstance(ended, CallEnded)
        assert (ended.code, ended.reason) == (1006, "the connection was lost and jambonz did not come back")
        log.expect("ended after", "jambonz did not come back", level=INFO)
        assert dict(app.endpoint.sessions) == {}

    def test_too_late(self, make_app, log):
        """jambonz that comes after that has come for a call that nobody knows, and is told to end it."""
        app = make_app(reconnect_timeout=0.1)
        app.answer(lambda session: menu(session).send().wait_for("/menu"))
        jambonz, _ = begin(app)
        jambonz.lose("reset")
        assert isinstance(app.outcome(), CallEnded)
        log.expect("ended after", level=INFO)
        assert jambonz.come_back() is None
        log.expect("this process does not know the call")
        jambonz.expect_goodbye()
        jambonz.hang_up()

    @pytest.mark.parametrize("way", HEARD_OF, ids=str)
    def test_not_waited_for(self, make_app, way):
        """With reconnect_timeout=0 a lost connection is a lost call."""
        app = make_app(reconnect_timeout=0)
        app.answer(lambda session: menu(session).send().wait_for("/menu"))
        jambonz, _ = begin(app)
        jambonz.lose(way)
        ended = app.outcome()
        assert isinstance(ended, CallEnded)
        assert ended.code == (way if isinstance(way, int) else 1006)

    @pytest.mark.parametrize("code", [1000, 1001])
    def test_closed_by_jambonz(self, app, code):
        """1000 and 1001 are jambonz's own goodbyes: nothing is waited for."""
        app.answer(lambda session: menu(session).send().wait_for("/menu"))
        jambonz, _ = begin(app)
        jambonz.all_read()
        jambonz.close(code)
        ended = app.outcome()
        assert isinstance(ended, CallEnded)
        assert ended.code == code
        assert app.log.lines() == []

    def test_stopped_meanwhile(self, app, lose_openly):
        """An endpoint that stops does not wait for jambonz to come back."""
        app.answer(lambda session: menu(session).send().wait_for("/menu"))
        jambonz, _ = begin(app)
        jambonz.all_read()
        lose_openly(jambonz)
        began = time.monotonic()
        app.endpoint.stop()
        assert time.monotonic() - began < TIMEOUT
        ended = app.outcome()
        assert isinstance(ended, CallEnded)
        assert (ended.code, ended.reason) == (1001, "the server is stopping")

    def test_after_the_last_status(self, app):
        """A call that has completed is not waited for, however the connection ends."""
        app.answer(lambda session: menu(session).send().wait_for("/menu"))
        jambonz, _ = begin(app)
        jambonz.status("completed")
        jambonz.lose("end")
        assert isinstance(app.outcome(), CallEnded)
        assert app.log.lines() == []


class TestOtherThreads:
    """Threads such as those of web requests, which find the call in ``endpoint.sessions``."""

    TURNS = 30

    @pytest.mark.parametrize("way", [way for way in JambonzSide.WAYS if way != "reset"], ids=str)
    def test_they_send(self, app, way):
        """What they say while the connection is lost and comes back, twice, arrives whole, and that of each in order.

        What crosses the close on its way may be said again on the next connection; on the same one nothing is.
        """

        @app.answer
        def answer(session):
            session.pause(60).send()
            session.wait_for("/never")

        app.log.allow("'/never'")
        jambonz, _ = begin(app)
        jambonz.all_read()
        session = app.endpoint.sessions[jambonz.call_sid]
        together = threading.Barrier(7)

        def work(name):
            for turn in range(self.TURNS):
                if turn % 10 == 5:
                    together.wait(TIMEOUT)
                session.say(f"{name} {turn}").pause(1).say(f"{name} {turn}").send(exec_immediate=False)
                session.inject_dtmf(digit=str(turn % 10))

        threads = [threading.Thread(target=work, args=(name,)) for name in "abcdef"]
        for thread in threads:
            thread.start()
        heard = []
        for _ in range(2):
            together.wait(TIMEOUT)
            before = jambonz.socket
            jambonz.lose(way)
            assert jambonz.come_back() is None
            heard.append(self.turns(before))
        together.wait(TIMEOUT)
        for thread in threads:
            thread.join(TIMEOUT)
        session.say("the end").pause(1).say("the end").send(exec_immediate=False)
        heard.append(self.turns(jambonz.socket))
        for name in "abcdef":
            own = [[turn for said, turn in turns if said == name] for turns in heard]
            assert all(turns == sorted(set(turns), key=int) for turns in own), "mixed up, or twice"
            assert sorted({int(turn) for turns in own for turn in turns}) == list(range(self.TURNS)), "lost"
        jambonz.hang_up()
        assert isinstance(app.outcome(), CallEnded)

    def turns(self, connection):
        """Read a connection to its end, or the end of what is said: for each redirect who has sent it, and his turn."""
        turns = []
        with contextlib.suppress(ConnectionClosed):
            while ["the", "end"] not in turns:
                message = json.loads(connection.recv(TIMEOUT))
                if message.get("command") == "redirect":
                    assert names(message["data"]) == ["say", "pause", "say"], "not whole"
                    first, last = texts(message["data"])
                    assert first == last
                    turns.append(first.split())
        return turns

    def test_behind_a_hook(self, app, lose, pause):
        """What was to go behind the reply to a hook goes, in order, when the hook is lost."""

        @app.answer
        def answer(session):
            menu(session).send()
            session.wait_for("/menu")
            pause()

        jambonz, _ = begin(app)
        jambonz.hook("/menu")
        pause.reached()
        session = app.endpoint.sessions[jambonz.call_sid]
        for text in ("One.", "Two."):
            session.say(text).send(exec_immediate=False)
        lose(jambonz)
        assert jambonz.come_back() is None
        for text in ("One.", "Two."):
            assert texts(jambonz.expect_redirect(queue=True)) == [text]
        pause.end()
        end(app, jambonz)

    def test_they_hang_up(self, app, lose_openly):
        """A thread hangs up while the connection is lost: jambonz does so when it is back."""

        @app.answer
        def answer(session):
            menu(session).send()
            session.wait_for("/menu")

        jambonz, _ = begin(app)
        jambonz.all_read()
        lose_openly(jambonz)
        app.endpoint.sessions[jambonz.call_sid].hangup().send()
        assert jambonz.come_back() is None
        assert names(jambonz.expect_redirect()) == ["hangup"]
        jambonz.hang_up()
        assert isinstance(app.outcome(), CallEnded)

    def test_they_close(self, app, lose_openly):
        """A thread ends the call while the connection is lost: its handler is unwound at once."""
        app.answer(lambda session: menu(session).send().wait_for("/menu"))
        jambonz, _ = begin(app)
        jambonz.all_read()
        lose_openly(jambonz)
        app.endpoint.sessions[jambonz.call_sid].close()
        ended = app.outcome()
        assert isinstance(ended, CallEnded)
        assert ended.code == 1000
