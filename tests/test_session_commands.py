"""The session: commands, on a real socket and from any thread."""

from __future__ import annotations

import threading

import pytest

import jambonz_sync.protocol.commands
from jambonz_sync import CallEnded, CallNotActive, InvalidCommand, InvalidVerb, MessageTooBig
from tests.scenarios.jambonz_side import GOODBYE, NEUTRAL, names, texts
from tests.scenarios.threads import on_another_thread


def command(name, data=None, **top):
    """A command as it is on the wire."""
    return {"type": "command", "command": name, **top, **({} if data is None else {"data": data})}


class TestSending:
    def test_on_the_own_thread(self, app):
        """A command leaves at once, beside the verbs; those that are queued stay queued."""

        @app.answer
        def answer(session):
            session.dial(target=[{"type": "phone", "number": "1"}]).send()
            session.say("Later.")
            assert session.inject_mute("mute", call_sid="leg-1") is None
            assert session.send_command("tts:flush") is None
            session.send()
            session.wait_for("*")

        with app.call() as jambonz:
            assert names(jambonz.expect_ack()) == ["dial"]
            assert jambonz.receive() == command("mute:status", {"mute_status": "mute"}, callSid="leg-1")
            assert jambonz.receive() == command("tts:flush")
            assert texts(jambonz.expect_redirect()) == ["Later."]

    def test_in_order(self, app):
        """Commands and verbs leave in the order in which they were sent."""

        @app.answer
        def answer(session):
            session.listen(url="/audio").send()
            session.inject_listen_status("pause")
            session.say("One.").send(exec_immediate=False)
            session.inject_listen_status("resume")
            session.inject_dtmf("12")

        with app.call() as jambonz:
            jambonz.expect_ack()
            assert jambonz.receive() == command("listen:status", {"listen_status": "pause"})
            assert texts(jambonz.expect_redirect(queue=True)) == ["One."]
            assert jambonz.receive() == command("listen:status", {"listen_status": "resume"})
            assert [jambonz.receive()["data"]["dtmf"]["digit"] for _ in "12"] == ["1", "2"]
            jambonz.expect_goodbye()

    def test_on_another_thread(self, app):
        """Any thread may send one, such as a web request that hangs up a call."""
        app.answer(lambda session: session.gather(action_hook="/menu").run())
        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.live()
            session = app.endpoint.sessions[jambonz.call_sid]
            session.inject_call_status("completed")
            assert jambonz.receive() == command("call:status", {"call_status": "completed"})

    def test_on_several_threads(self, app):
        """Each command is whole, and the keys of one are not mixed with those of another."""
        app.answer(lambda session: session.gather(action_hook="/menu").run())
        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.live()
            session = app.endpoint.sessions[jambonz.call_sid]
            threads = [threading.Thread(target=session.inject_dtmf, args=(key * 20,)) for key in "1234"]
            for thread in threads:
                thread.start()
            keys = "".join(jambonz.receive()["data"]["dtmf"]["digit"] for _ in range(80))
            for thread in threads:
                thread.join(10)
            assert sorted(keys[start : start + 20] for start in range(0, 80, 20)) == [key * 20 for key in "1234"]

    def test_in_a_handler(self, app):
        """A handler sends commands like everybody else; they answer no hook."""

        @app.answer
        def answer(session):
            @session.on("/menu")
            def menu(evt):
                session.inject_mute("unmute")
                session.say("Menu.").reply()

            session.gather(action_hook="/menu").send()

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/menu")
            assert jambonz.receive() == command("mute:status", {"mute_status": "unmute"})
            assert texts(jambonz.expect_ack()) == ["Menu."]

    def test_while_a_hook_is_open(self, app):
        """A hook that was taken stays open: a command is no reply."""

        @app.answer
        def answer(session):
            session.gather(action_hook="/menu").send()
            session.wait_for("/menu")
            session.inject_record("stopCallRecording")
            app.told.put("sent")
            session.wait_for("call:status")
            session.say("Done.").reply()

        with app.call() as jambonz:
            jambonz.expect_ack()
            msgid = jambonz.hook("/menu")
            assert jambonz.receive() == command("record", {"action": "stopCallRecording"})
            assert app.hears() == "sent"
            jambonz.status("in-progress")
            assert texts(jambonz.expect_ack(msgid)) == ["Done."]


class TestWaiting:
    """Commands that jambonz could not execute yet wait."""

    def test_before_the_first_ack(self, app, monkeypatch):
        """Nothing goes before ``session:new`` is answered, from whatever thread; then it does when the call is live."""
        monkeypatch.setattr(jambonz_sync.protocol.commands, "READY_AFTER", 60.0)

        @app.answer
        def answer(session):
            session.inject_config(notify_stt_latency=True)
            assert on_another_thread(lambda: session.inject_command("tts:clear")) is None
            session.say("Hello.").send()
            app.told.put("answered")
            session.wait_for("verb:status")

        with app.call() as jambonz:
            assert texts(jambonz.expect_ack()) == ["Hello."]
            assert app.hears() == "answered"
            jambonz.nothing_for(0.05)
            jambonz.verb_status("starting")
            assert jambonz.receive() == command("config", {"notifySttLatency": True})
            assert jambonz.receive() == command("tts:clear")


class TestRefusing:
    """A call that raises has sent nothing."""

    def test_bad_command(self, app):
        """A mistake shows at the line that made it, with what was called and the path to the fault."""

        @app.answer
        def answer(session):
            session.say("Hello.").send()
            for call, text, path in [
                (
                    lambda: session.inject_dtmf("12x4"),
                    "inject_dtmf takes the keys 0-9, *, # and A-D; not '12x4'",
                    "inject_dtmf.digit",
                ),
                (
                    lambda: session.inject_command("mute:status", {"mute": True}),
                    "mute:status has no option 'mute'; it takes mute_status",
                    "mute:status.mute",
                ),
                (
                    lambda: session.send_command("whispr", "Hi."),
                    "jambonz knows no command 'whispr'; did you mean whisper?",
                    "whispr",
                ),
            ]:
                with pytest.raises(InvalidCommand) as caught:
                    call()
                assert (str(caught.value), caught.value.path) == (text, path)
            with pytest.raises(InvalidVerb):
                session.inject_redirect([{"verb": "say", "text": "Hi."}, {"verb": "sai"}])
            session.inject_dtmf("#")

        with app.call() as jambonz:
            assert texts(jambonz.expect_ack()) == ["Hello."]
            assert jambonz.receive() == command("dtmf", {"dtmf": {"digit": "#"}})
            jambonz.expect_goodbye()

    def test_too_big(self, app):
        """So does what jambonz would not read."""

        @app.answer
        def answer(session):
            session.dial(target=[{"type": "phone", "number": "1"}]).send()
            for call in (
                lambda: session.inject_whisper("x" * 24_576),
                lambda: session.inject_redirect([{"verb": "say", "text": "x" * 24_576}]),
                lambda: session.inject_tag({"note": "x" * 24_576}),
            ):
                with pytest.raises(MessageTooBig):
                    call()
            session.inject_whisper("Short.")

        with app.call() as jambonz:
            jambonz.expect_ack()
            whispered = {"whisper": [{"verb": "say", "text": "Short."}]}
            assert jambonz.receive() == command("whisper", whispered)
            jambonz.expect_goodbye()

    @pytest.mark.parametrize(
        "call",
        [
            lambda session: session.inject_mute("mute"),
            lambda session: session.inject_tag({"a": 1}),
            lambda session: session.inject_redirect([{"verb": "hangup"}]),
            lambda session: session.send_command("newcommand", checked=False),
        ],
    )
    def test_after_the_end(self, app, call):
        """Once the call is over there is nothing to command."""

        @app.answer
        def answer(session):
            session.gather(action_hook="/menu").send()
            try:
                session.wait_for("/menu")
            finally:
                app.told.put(on_another_thread(lambda: call(session)))
                call(session)

        with app.call() as jambonz:
            jambonz.expect_ack()
        error = app.hears()
        assert isinstance(error, CallNotActive)
        assert error.call_sid == jambonz.call_sid
        assert isinstance(app.outcome(), CallEnded)
        assert [message["type"] for message in jambonz.received] == ["ack"]

    def test_mistake_before_end(self, app):
        """A mistake is one whether or not the call is over."""

        @app.answer
        def answer(session):
            session.gather(action_hook="/menu").send()
            try:
                session.wait_for("/menu")
            finally:
                with pytest.raises(InvalidCommand):
                    session.inject_mute("silence")

        with app.call() as jambonz:
            jambonz.expect_ack()
        assert isinstance(app.outcome(), CallEnded)


class TestOptions:
    """What the endpoint was told of the server."""

    def test_older_server(self, make_app):
        """Commands are refused that came after it."""
        app = make_app(jambonz_version="0.9")

        @app.answer
        def answer(session):
            with pytest.raises(InvalidCommand, match=r"^inject_room_say needs jambonz 10 or newer, not 0\.9$"):
                session.inject_room_say("Hi.")
            with pytest.raises(InvalidVerb, match="needs jambonz"):
                session.inject_redirect([{"verb": "transfer", "target": [{"type": "phone", "number": "1"}]}])
            session.say("Hello.").hangup().send()

        with app.call() as jambonz:
            assert names(jambonz.expect_ack()) == ["say", "hangup"]

    def test_not_strict(self, make_app):
        """Unknown ones pass as they stand."""
        app = make_app(strict=False)

        @app.answer
        def answer(session):
            session.say("Hello.").send()
            session.inject_command("newcommand", {"some_key": 1})
            session.inject_mute("mute", fade_out=3)
            session.wait_for("*")

        with app.call() as jambonz:
            jambonz.expect_ack()
            assert jambonz.receive() == command("newcommand", {"some_key": 1})
            assert jambonz.receive() == command("mute:status", {"mute_status": "mute", "fade_out": 3})

    def test_unchecked(self, app):
        """So do those that are sent unchecked."""

        @app.answer
        def answer(session):
            session.say("Hello.").send()
            session.inject_command("newcommand", "text", "leg-1", checked=False)
            session.send_command("tag", {"a": 1}, checked=False)
            session.wait_for("*")

        with app.call() as jambonz:
            jambonz.expect_ack()
            assert jambonz.receive() == command("newcommand", "text", callSid="leg-1")
            assert jambonz.receive() == command("tag", {"a": 1})


class TestVerbs:
    """Commands that are verbs."""

    def test_tag(self, app):
        """A tag goes behind what is queued, and leaves what plays alone."""

        @app.answer
        def answer(session):
            session.play("music.mp3").send()
            session.inject_tag({"customer": 4711})
            session.inject_command("tag", {"customer": 4712})

        with app.call() as jambonz:
            jambonz.expect_ack()
            assert jambonz.expect_redirect(queue=True) == [{"verb": "tag", "data": {"customer": 4711}}]
            assert jambonz.expect_redirect(queue=True) == [{"verb": "tag", "data": {"customer": 4712}}]
            jambonz.expect_goodbye()

    def test_tag_while_a_hook_is_open(self, app):
        """It goes behind the reply, which would sweep it."""

        @app.answer
        def answer(session):
            session.gather(action_hook="/menu").send()
            session.wait_for("/menu")
            session.inject_tag({"choice": 1})
            session.say("Thank you.").hangup().reply()

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/menu")
            assert names(jambonz.expect_ack()) == ["say", "hangup"]
            assert names(jambonz.expect_redirect(queue=True)) == ["tag"]
            # The last verb of the queue ends the call no more.
            jambonz.expect_goodbye()

    def test_redirect(self, app):
        """Verbs in a redirect replace what plays; what they ask is known and answered like all else."""

        @app.answer
        def answer(session):
            session.play("music.mp3").send()
            session.inject_command("redirect", [{"verb": "gather", "actionHook": "/menu"}])
            session.wait_for("/menu")
            session.say("Menu.").reply()
            session.inject_command("redirect", {"parent_call": [{"say": {"text": "Bye."}}, {"verb": "hangup"}]})

        with app.call() as jambonz:
            assert names(jambonz.expect_ack()) == ["play"]
            assert names(jambonz.expect_redirect()) == ["gather"]
            jambonz.hook("/menu")
            assert texts(jambonz.expect_ack()) == ["Menu."]
            assert names(jambonz.expect_redirect()) == ["say", "hangup"]

    def test_redirect_with_a_hook_open(self, app):
        """The hook in flight is answered first: jambonz would wait for that."""

        @app.answer
        def answer(session):
            session.gather(action_hook="/menu").send()
            session.wait_for("/menu")
            session.inject_redirect([{"verb": "say", "text": "Instead."}, {"verb": "hangup"}])

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/menu")
            assert jambonz.expect_ack() is None
            assert texts(jambonz.expect_redirect()) == ["Instead."]

    def test_redirect_before_the_first_ack(self, app):
        """Where the call has no verbs yet, they are its first."""
        app.answer(lambda session: session.inject_redirect([{"verb": "say", "text": "Hello."}, {"verb": "hangup"}]))
        with app.call() as jambonz:
            assert names(jambonz.expect_ack()) == ["say", "hangup"]

    def test_queued_verbs_stay_queued(self, app):
        """What a function has queued does not leave with them."""

        @app.answer
        def answer(session):
            session.play("music.mp3").send()
            session.say("Queued.")
            session.inject_redirect([{"verb": "say", "text": "Redirected."}])
            session.send(exec_immediate=False)

        with app.call() as jambonz:
            jambonz.expect_ack()
            assert texts(jambonz.expect_redirect()) == ["Redirected."]
            assert texts(jambonz.expect_redirect(queue=True)) == ["Queued."]
            jambonz.expect_goodbye()


class TestHooks:
    """Hooks that only a command has named are known."""

    def test_redirect(self, app):
        """jambonz asks for verbs under the name given, and gets those of the handler."""

        @app.answer
        def answer(session):
            session.play("music.mp3").send()
            session.inject_redirect("/next")
            session.wait_for("/next")
            session.say("Next.").hangup().reply()

        with app.call() as jambonz:
            jambonz.expect_ack()
            assert jambonz.receive() == command("redirect", {"call_hook": "/next"})
            jambonz.hook("/next", kind="session:redirect", verb_id=None)
            assert names(jambonz.expect_ack()) == ["say", "hangup"]

    def test_redirect_twice(self, app):
        """A second question of the same name is not taken for one of before."""

        @app.answer
        def answer(session):
            session.play("music.mp3").send()
            for text in ("One.", "Two."):
                session.inject_redirect("/next")
                session.wait_for("/next")
                session.say(text).reply()

        with app.call() as jambonz:
            jambonz.expect_ack()
            for text in ("One.", "Two."):
                assert jambonz.receive() == command("redirect", {"call_hook": "/next"})
                jambonz.hook("/next", kind="session:redirect", verb_id=None)
                assert texts(jambonz.expect_ack()) == [text]
            jambonz.expect_goodbye()

    def test_redirect_of_the_other_leg(self, app):
        """A leg that gets verbs of its own is answered for itself, and the call's own queue stays as it is."""

        @app.answer
        def answer(session):
            session.dial(target=[{"type": "phone", "number": "1"}], action_hook="/dialled").send()
            session.inject_redirect(child_call_hook="/other")
            evt = session.wait_for("/other")
            app.told.put(evt.call_sid)
            session.say("You are alone.").reply()
            session.wait_for("/dialled")
            session.say("So are you.").hangup().reply()

        with app.call() as jambonz:
            jambonz.expect_ack()
            assert jambonz.receive() == command("redirect", {"child_call_hook": "/other"})
            facts = {"call_sid": "leg-1", "parent_call_sid": jambonz.call_sid}
            jambonz.hook("/other", kind="session:redirect", verb_id=None, **facts)
            assert app.hears() == "leg-1"
            assert texts(jambonz.expect_ack()) == ["You are alone."]
            jambonz.hook("/dialled")
            assert texts(jambonz.expect_ack()) == ["So are you."]

    def test_nobody_waits_for_the_redirect(self, app, log):
        """A question nobody takes is settled at once, so that the caller is not left hanging."""

        @app.answer
        def answer(session):
            session.play("music.mp3").send()
            session.inject_redirect("/next")
            session.wait_for("call:status")

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.receive()
            jambonz.hook("/next", kind="session:redirect", verb_id=None)
            assert jambonz.expect_ack() == NEUTRAL
            log.expect("nothing waits for /next")
            jambonz.status("in-progress")
            jambonz.expect_goodbye()

    def test_barge_in(self, app):
        """A background gather that a command has begun is answered like any."""

        @app.answer
        def answer(session):
            session.play("music.mp3").send()
            session.inject_config(barge_in={"enable": True, "input": ["speech"], "action_hook": "/barge"})
            assert session.wait_for("/barge").transcript == "stop"
            session.say("Stopped.").hangup().reply()

        with app.call() as jambonz:
            jambonz.expect_ack()
            assert jambonz.receive()["command"] == "config"
            jambonz.speech("/barge", "stop")
            assert names(jambonz.expect_ack()) == ["say", "hangup"]

    def test_hold_music(self, app):
        """So is the question what a member on hold hears, by a canned answer too."""

        @app.answer
        def answer(session):
            session.on("/music", reply=[{"verb": "play", "url": "music.mp3"}])
            session.conference("weekly").send()
            session.inject_conference_hold("hold", wait_hook="/music")
            session.wait_for("call:status")
            session.say("Bye.").hangup().send()

        with app.call() as jambonz:
            jambonz.expect_ack()
            assert jambonz.receive()["command"] == "conf:hold-status"
            jambonz.hook("/music")
            assert names(jambonz.expect_ack()) == ["play"]
            jambonz.status("in-progress")
            assert names(jambonz.expect_redirect()) == ["say", "hangup"]

    def test_statuses_of_verbs(self, app):
        """Reports that a command has asked for are the application's, and a run beside them changes nothing."""

        @app.answer
        def answer(session):
            session.play("music.mp3").send()
            session.inject_config(notify_events=True)
            app.told.put(session.wait_for("verb:status").event)

        with app.call() as jambonz:
            jambonz.expect_ack()
            assert jambonz.receive() == command("config", {"notifyEvents": True})
            jambonz.verb_status("starting", name="play")
            assert app.hears() == "starting"
            assert jambonz.expect_redirect(queue=True) == GOODBYE
