"""The session: ``run()``, which returns when a verb is over."""

from __future__ import annotations

import threading

import pytest

from jambonz_sync import CallEnded, InvalidCommand, Outcome, WaitTimeout
from tests.scenarios.jambonz_side import names, texts

TARGET = [{"type": "phone", "number": "+15550100"}]


def run_of(jambonz, verbs, *, first=True):
    """Check the list of a run, and return its verbs by name and the id of the sentinel behind them."""
    assert verbs is not None
    if first:
        notify, *verbs = verbs
        assert notify["verb"] == "config"
        assert notify["notifyEvents"] is True
    *verbs, sentinel = verbs
    assert (sentinel["verb"], set(sentinel)) == ("config", {"verb", "id"})
    ids = [verb["id"] for verb in verbs] + [sentinel["id"]]
    assert len(set(ids)) == len(ids)
    return verbs, sentinel["id"]


def play(jambonz, verb):
    """Report a verb from its start to its end."""
    jambonz.verb_status("starting", verb["id"], name=verb["verb"])
    jambonz.verb_status("finished", verb["id"], name=verb["verb"])


def said(app, outcome):
    """Tell the test of an outcome."""
    app.told.put((outcome.state, dict(outcome)))


class TestWithoutHook:
    """Verbs that report their end by a status."""

    def test_completed(self, app):
        """A ``say`` is over when it has been spoken."""

        @app.answer
        def answer(session):
            outcome = session.say("Hello.").run()
            assert isinstance(outcome, Outcome)
            assert (outcome.completed, outcome.interrupted, outcome.failed) == (True, False, False)
            assert bool(outcome) is True
            assert outcome.event is None
            said(app, outcome)

        with app.call() as jambonz:
            (say,), _ = run_of(jambonz, jambonz.expect_ack())
            assert say["text"] == "Hello."
            play(jambonz, say)
            assert app.hears() == ("completed", {})
            jambonz.expect_goodbye()

    def test_several_verbs(self, app):
        """Of several verbs the end of the last one counts."""

        @app.answer
        def answer(session):
            session.say("One.").pause(1).say("Two.")
            said(app, session.run())
            app.told.put("over")

        with app.call() as jambonz:
            (one, pause, two), _ = run_of(jambonz, jambonz.expect_ack())
            play(jambonz, one)
            play(jambonz, pause)
            jambonz.verb_status("starting", two["id"])
            assert app.told.empty()
            jambonz.verb_status("finished", two["id"])
            assert app.hears() == ("completed", {})

    def test_second_run(self, app):
        """The request for statuses is sent once; later runs go out as what is right then."""

        @app.answer
        def answer(session):
            said(app, session.say("One.").run())
            said(app, session.say("Two.").run())
            said(app, session.say("Three.").run())

        with app.call() as jambonz:
            (one,), _ = run_of(jambonz, jambonz.expect_ack())
            play(jambonz, one)
            assert app.hears() == ("completed", {})
            for _ in range(2):
                (say,), _ = run_of(jambonz, jambonz.expect_redirect(), first=False)
                play(jambonz, say)
                assert app.hears() == ("completed", {})
            jambonz.expect_goodbye()

    def test_failed(self, app):
        """A verb that fails sends no ``finished``: the sentinel behind it starts."""

        @app.answer
        def answer(session):
            outcome = session.play("https://example.com/missing.mp3").run()
            assert not outcome
            said(app, outcome)

        with app.call() as jambonz:
            (play_,), sentinel = run_of(jambonz, jambonz.expect_ack())
            jambonz.verb_status("starting", play_["id"])
            jambonz.verb_status("starting", sentinel)
            assert app.hears() == ("failed", {})

    @pytest.mark.parametrize("failover", ["in progress", "not available"])
    def test_voice_that_fails(self, app, failover):
        """A text that cannot be spoken has failed; where another vendor speaks it, it is over when that is done."""

        @app.answer
        def answer(session):
            said(app, session.say("Hello.").run())

        with app.call() as jambonz:
            (say,), sentinel = run_of(jambonz, jambonz.expect_ack())
            jambonz.verb_status("starting", say["id"])
            error = {"msg": "TTS error", "details": "no such voice", "failover": failover, "verb": "say"}
            jambonz.send("jambonz:error", {**error, "id": say["id"]})
            if failover == "in progress":
                jambonz.verb_status("finished", say["id"])
            jambonz.verb_status("starting", sentinel)
            assert app.hears() == ("completed" if failover == "in progress" else "failed", {})

    def test_skipped(self, app):
        """So has a verb that reports by a hook, and for which the call is not in the right state."""

        @app.answer
        def answer(session):
            said(app, session.dial(target=TARGET).run())

        with app.call() as jambonz:
            _, sentinel = run_of(jambonz, jambonz.expect_ack())
            jambonz.verb_status("starting", sentinel)
            assert app.hears() == ("failed", {})
            jambonz.expect_goodbye()

    def test_killed(self, app):
        """A verb whose playback is killed was interrupted."""

        @app.answer
        def answer(session):
            said(app, session.say("Hello.").run())

        with app.call() as jambonz:
            (say,), _ = run_of(jambonz, jambonz.expect_ack())
            jambonz.verb_status("starting", say["id"])
            jambonz.verb_status("kill-playback", say["id"])
            jambonz.verb_status("finished", say["id"])
            assert app.hears() == ("interrupted", {})

    def test_foreign_verb(self, app):
        """A verb of another list that starts shows that this one was replaced."""

        @app.answer
        def answer(session):
            said(app, session.say("Hello.").run())

        with app.call() as jambonz:
            (say,), _ = run_of(jambonz, jambonz.expect_ack())
            jambonz.verb_status("starting", say["id"])
            jambonz.verb_status("starting", "somebody-elses")
            assert app.hears() == ("interrupted", {})

    def test_statuses_are_not_for_the_application(self, app):
        """The statuses that ``run`` has asked for do not show up as events."""

        @app.answer
        def answer(session):
            said(app, session.say("One.").run())
            session.gather(action_hook="/menu").send()
            app.told.put(session.wait_for("*").name)

        with app.call() as jambonz:
            (say,), sentinel = run_of(jambonz, jambonz.expect_ack())
            play(jambonz, say)
            app.hears()
            (gather,) = jambonz.expect_redirect()
            jambonz.verb_status("starting", sentinel)
            jambonz.verb_status("starting", gather["id"])
            jambonz.hook("/menu")
            assert app.hears() == "/menu"

    def test_statuses_the_application_asked_for(self, app):
        """Where the application has asked for statuses itself, it gets them."""

        @app.answer
        def answer(session):
            session.on("verb:status", lambda evt: app.told.put(evt.event))
            session.config(notify_events=True).say("One.").run()

        with app.call() as jambonz:
            (_, say), _ = run_of(jambonz, jambonz.expect_ack())
            play(jambonz, say)
            assert [app.hears(), app.hears()] == ["starting", "finished"]


class TestWithHook:
    """Verbs that report their end by an action hook."""

    @pytest.mark.parametrize("hook", [None, "/dialled", {"url": "/dialled"}])
    def test_completed(self, app, hook):
        """The outcome has the data of the hook, whose name was given or made up."""

        @app.answer
        def answer(session):
            options = {} if hook is None else {"action_hook": hook}
            outcome = session.dial(target=TARGET, **options).run()
            app.told.put((outcome.state, outcome["dial_call_status"]))
            session.say("Over.").run()

        with app.call() as jambonz:
            (dial,), _ = run_of(jambonz, jambonz.expect_ack())
            asked = dial["actionHook"]
            assert asked == (hook or asked)
            jambonz.verb_status("starting", dial["id"])
            jambonz.hook(asked["url"] if isinstance(asked, dict) else asked, dial_call_status="no-answer")
            assert app.hears() == ("completed", "no-answer")
            # The next run is the answer of that hook.
            (say,), _ = run_of(jambonz, jambonz.expect_ack(), first=False)
            play(jambonz, say)
            jambonz.expect_goodbye()

    def test_reply(self, app):
        """``reply`` answers the hook of the run."""

        @app.answer
        def answer(session):
            outcome = session.gather(input=["digits"]).run()
            assert outcome.event is not None
            session.say(f"You pressed {outcome.get('digits')}.").reply()

        with app.call() as jambonz:
            (gather,), _ = run_of(jambonz, jambonz.expect_ack())
            jambonz.hook(gather["actionHook"], digits="12")
            assert texts(jambonz.expect_ack()) == ["You pressed 12."]
            jambonz.expect_goodbye()

    def test_two_of_the_same_name(self, app):
        """Of two verbs that share a hook, the hook of the last one ends the run; the other is settled."""

        @app.answer
        def answer(session):
            session.play("https://example.com/a.mp3", action_hook="/played")
            said(app, session.play("https://example.com/b.mp3", action_hook="/played").run())

        app.log.allow("nothing waits for /played")
        with app.call() as jambonz:
            (first, last), _ = run_of(jambonz, jambonz.expect_ack())
            jambonz.hook("/played", verb_id=first["id"], reason="playCompleted", playback_seconds=1)
            assert jambonz.expect_ack() is None
            jambonz.hook("/played", verb_id=last["id"], reason="playCompleted", playback_seconds=2)
            state, data = app.hears()
            assert (state, data["playback_seconds"]) == ("completed", 2)

    def test_killed_gather(self, app):
        """A killed gather sends no hook: its ``finished`` tells."""

        @app.answer
        def answer(session):
            said(app, session.gather(input=["digits"]).run())

        with app.call() as jambonz:
            (gather,), _ = run_of(jambonz, jambonz.expect_ack())
            play(jambonz, gather)
            assert app.hears() == ("interrupted", {})

    def test_failed_play(self, app):
        """A ``play`` whose hook says that it failed has failed."""

        @app.answer
        def answer(session):
            outcome = session.play("https://example.com/missing.mp3").run()
            app.told.put((outcome.failed, outcome.get("reason")))

        with app.call() as jambonz:
            (play_,), sentinel = run_of(jambonz, jambonz.expect_ack())
            if "actionHook" in play_:
                jambonz.hook(play_["actionHook"], reason="playFailed")
                assert app.hears() == (True, "playFailed")
            else:
                jambonz.verb_status("starting", sentinel)
                assert app.hears() == (True, None)

    @pytest.mark.parametrize("hook", ["https://example.com/done", {"url": "http://example.com/done"}])
    def test_http_hook(self, app, hook):
        """A hook that jambonz sends elsewhere is refused, and nothing is queued or sent."""

        @app.answer
        def answer(session):
            with pytest.raises(InvalidCommand, match=r"https?://example\.com/done"):
                session.dial(target=TARGET, action_hook=hook).run()
            session.say("Hello.").send()

        with app.call() as jambonz:
            assert jambonz.expect_ack() == [{"verb": "say", "text": "Hello."}]

    def test_answers_the_hook_taken(self, app):
        """With a hook taken and open, ``run`` is its answer."""

        @app.answer
        def answer(session):
            session.gather(action_hook="/menu").send()
            session.wait_for("/menu")
            said(app, session.say("One.").run())

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/menu")
            (say,), _ = run_of(jambonz, jambonz.expect_ack())
            play(jambonz, say)
            assert app.hears() == ("completed", {})

    def test_other_hooks_meanwhile(self, app, log):
        """Hooks that are not of the run are settled at once while it lasts, or handled."""

        @app.answer
        def answer(session):
            session.on("/onhold", lambda evt: session.say("music").reply())
            dial = session.dial(target=TARGET, on_hold_hook="/onhold", confirm_hook="/screen", action_hook="/done")
            said(app, dial.run())

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/onhold", verb_id=None)
            assert texts(jambonz.expect_ack()) == ["music"]
            jambonz.hook("/screen", kind="dial:confirm")
            assert names(jambonz.expect_ack()) == ["hangup"]
            log.expect("nobody answered /screen")
            jambonz.hook("/done")
            assert app.hears()[0] == "completed"


class TestInterrupted:
    def test_by_a_handler(self, app):
        """Verbs sent in a handler take the place of those of the run, which was interrupted."""

        @app.answer
        def answer(session):
            session.on("call:status", lambda evt: session.say("Excuse me.").send())
            said(app, session.say("A long story.").run())

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.live()
            jambonz.status("in-progress")
            assert texts(jambonz.expect_redirect()) == ["Excuse me."]
            assert app.hears() == ("interrupted", {})

    def test_by_another_thread(self, app):
        """So do verbs sent by another thread, and the waiting call learns of it at once."""

        @app.answer
        def answer(session):
            said(app, session.say("A long story.").run())

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.live()
            jambonz.all_read()
            app.endpoint.sessions[jambonz.call_sid].say("Excuse me.").send()
            assert texts(jambonz.expect_redirect()) == ["Excuse me."]
            assert app.hears() == ("interrupted", {})

    def test_by_an_append(self, app):
        """Verbs sent behind it interrupt nothing."""

        @app.answer
        def answer(session):
            said(app, session.say("A long story.").run())

        with app.call() as jambonz:
            (say,), _ = run_of(jambonz, jambonz.expect_ack())
            jambonz.live()
            jambonz.all_read()
            app.endpoint.sessions[jambonz.call_sid].say("And then.").send(exec_immediate=False)
            assert texts(jambonz.expect_redirect(queue=True)) == ["And then."]
            play(jambonz, say)
            assert app.hears() == ("completed", {})

    def test_by_barge_in(self, app):
        """A background gather that fires its hook has emptied the queue."""

        @app.answer
        def answer(session):
            session.config(barge_in={"enable": True, "input": ["speech"], "actionHook": "/bargein", "sticky": True})
            said(app, session.say("A long story.").run())
            evt = session.wait_for("/bargein")
            session.say(f"You said {evt.transcript}.").reply()

        with app.call() as jambonz:
            jambonz.expect_ack()
            msgid = jambonz.speech("/bargein", "stop")
            state, _ = app.hears()
            assert state == "interrupted"
            assert texts(jambonz.expect_ack(msgid)) == ["You said stop."]


class TestRaising:
    def test_nothing_queued(self, app):
        """With nothing queued there is nothing to wait for."""

        @app.answer
        def answer(session):
            with pytest.raises(InvalidCommand, match="needs a verb"):
                session.run()
            session.say("Hello.").send()

        with app.call() as jambonz:
            jambonz.expect_ack()

    def test_timeout(self, app):
        """A run that takes too long raises; the verbs play on, and the next run is not confused by them."""

        @app.answer
        def answer(session):
            with pytest.raises(WaitTimeout, match="the end of say") as raised:
                session.say("A long story.").run(timeout=0.05)
            app.told.put(str(raised.value))
            said(app, session.say("Another.").run(timeout=10))

        with app.call() as jambonz:
            (story,), sentinel = run_of(jambonz, jambonz.expect_ack())
            assert "within 0.05 s" in app.hears()
            (another,), _ = run_of(jambonz, jambonz.expect_redirect(), first=False)
            jambonz.verb_status("finished", story["id"])
            jambonz.verb_status("starting", sentinel)
            play(jambonz, another)
            assert app.hears() == ("completed", {})

    def test_hook_after_a_timeout(self, app, log):
        """The hook of a run that was given up still gets its ack."""

        @app.answer
        def answer(session):
            with pytest.raises(WaitTimeout):
                session.dial(target=TARGET, action_hook="/done").run(timeout=0.01)
            app.told.put("gave up")
            session.wait_for("call:status")

        with app.call() as jambonz:
            jambonz.expect_ack()
            app.hears()
            jambonz.hook("/done")
            assert jambonz.expect_ack() is None
            log.expect("nothing waits for /done")

    @pytest.mark.parametrize("way", ["hang_up", "drop"])
    def test_hang_up(self, make_app, way):
        """A caller who hangs up unwinds the run; so does a connection that is lost for good."""
        app = make_app(reconnect_timeout=0)

        @app.answer
        def answer(session):
            session.say("A long story.").run()

        jambonz = app.call()
        jambonz.expect_ack()
        getattr(jambonz, way)()
        assert isinstance(app.outcome(), CallEnded)

    def test_inside_a_handler(self, app):
        """A handler may run verbs too; the run around it was interrupted by that."""

        @app.answer
        def answer(session):
            @session.on("call:status")
            def status(evt):
                if evt.call_status == "in-progress":
                    app.told.put(("inner", session.say("Inner.").run().state))

            app.told.put(("outer", session.say("Outer.").run().state))
            said(app, session.say("Next.").run())

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.status("in-progress")
            jambonz.live()
            (inner,), _ = run_of(jambonz, jambonz.expect_redirect(), first=False)
            play(jambonz, inner)
            assert app.hears() == ("inner", "completed")
            assert app.hears() == ("outer", "interrupted")
            (following,), _ = run_of(jambonz, jambonz.expect_redirect(), first=False)
            play(jambonz, following)
            assert app.hears() == ("completed", {})

    def test_forgotten_reply(self, app):
        """The hook of a run that is followed by a return goes on with what is queued, then the call ends."""

        @app.answer
        def answer(session):
            session.dial(target=TARGET).run()

        with app.call() as jambonz:
            (dial,), _ = run_of(jambonz, jambonz.expect_ack())
            jambonz.hook(dial["actionHook"])
            assert jambonz.expect_ack() is None
            jambonz.expect_goodbye()

    def test_busy_after_the_hook(self, quick_app, log):
        """A run whose hook is not answered in time is frozen like any other, and its sentinel is not sent again."""
        go = threading.Event()

        @quick_app.answer
        def answer(session):
            session.dial(target=TARGET).run()
            assert go.wait(10)

        with quick_app.call() as jambonz:
            (dial,), _ = run_of(jambonz, jambonz.expect_ack())
            jambonz.hook(dial["actionHook"])
            jambonz.expect_ack()
            log.expect("/run was not answered within 0.2 s")
            log.allow("were sent again")
            log.allow("was sent again")
            go.set()
            jambonz.expect_goodbye()
