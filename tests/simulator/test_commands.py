"""Commands: what each does, in its one shape, and that nothing happens in any other."""

from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.simulator import Answers, Transcript

from .server import HANGUP, App, CommandClock, call, say
from .test_dialling import dial

PAUSE = {"verb": "pause", "length": 500}


def commanded(name: str, data: Any, *verbs: dict[str, Any], **more: Any) -> Transcript:
    """Call an application that sends one command while its verbs run, and hangs up."""

    def application(app: App) -> None:
        app.begin(*(verbs or ({"verb": "answer"}, PAUSE)))
        if not verbs or verbs[0]["verb"] == "answer":
            app.status("in-progress")
        app.command(name, data, **more)
        app.command("call:status", {"call_status": "completed"})
        app.until_closed()

    return call(application, speed=20)


@pytest.mark.parametrize(
    ("name", "data", "done"),
    [
        ("dtmf", {"dtmf": {"digit": "5"}}, "jambonz presses 5"),
        ("sip:request", {"sip_request": {"method": "INFO"}}, "jambonz sends SIP INFO"),
        ("boostAudioSignal", "+6 dB", "the volume is changed by +6 dB"),
        ("boostAudioSignal", -3, "the volume is changed by -3"),
        ("record", {"action": "startCallRecording"}, "recording is on"),
        ("dub", {"action": "addTrack", "track": "a"}, "dub: addTrack a"),
    ],
)
def test_done(name, data, done):
    """A command in its shape is done."""
    assert done in commanded(name, data).of("call")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("dtmf", {"digit": "5"}),
        ("dtmf", {"dtmf": "5"}),
        ("dtmf", {"dtmf": {"digit": "55"}}),
        ("sip:request", {"method": "INFO"}),
        ("sip:request", {"sip_request": {}}),
        ("boostAudioSignal", {}),
        ("record", {"action": "start"}),
        ("record", "startCallRecording"),
        ("dub", {"action": "addTrack"}),
        ("dub", {"verb": "dub", "action": "addTrack", "track": "a"}),
        ("config", {"verb": "config", "notifyEvents": True}),
        ("config", []),
        ("dial", {"to": {"type": "phone"}}),
        ("dial", {"from": "1", "to": {"type": "phone"}}),
        ("mute:status", "mute"),
        ("whisper", {"whisper": {"verb": "say", "text": "Hi."}}),
        ("media:path", "no-media"),
        ("transcribe:status", {"transcribe_status": "pause"}),
        ("tag", {"data": {}}),
    ],
)
def test_not_done(name, data):
    """In another shape, or where there is nothing to do it to, it does nothing."""
    note = f"the command {name}, as it was sent, does nothing in this simulator"
    assert note in commanded(name, data).of("fault")


@pytest.mark.parametrize("name", ["dtmf", "sip:request", "boostAudioSignal"])
def test_not_before_the_answer(name):
    """Some are for answered calls only."""
    data = {"dtmf": {"digit": "5"}, "sip_request": {"method": "INFO"}}

    def application(app: App) -> None:
        app.begin(PAUSE)
        app.command(name, data if name != "boostAudioSignal" else 3)
        app.command("call:status", {"call_status": "no-answer"})
        app.until_closed()

    assert f"the command {name}" in call(application, speed=20).of("fault")[0]


def test_recording_before_the_answer():
    """A recording that is started before the answer begins with it."""

    def application(app: App) -> None:
        app.begin(PAUSE)
        app.command("record", {"action": "startCallRecording"})
        app.redirect({"verb": "answer"}, HANGUP)
        app.until_closed()

    assert "recording is on" in call(application, speed=20).of("call")


def test_config():
    """config takes effect at once, beside the verb that runs."""

    def application(app: App) -> None:
        app.begin({"verb": "answer"}, PAUSE)
        app.status("in-progress")
        app.command("config", {"notifyEvents": True})
        app.redirect(say(id="s"), HANGUP)
        while app.receive("verb:status")["data"] != {"event": "starting", "name": "say", "id": "s"}:
            pass
        app.until_closed()

    call(application, speed=20)


def test_dial():
    """dial begins another call, of which this one learns nothing."""
    data = {"from": "1", "to": {"type": "phone", "number": "2"}, "call_hook": "/other"}
    assert "begins another call" in commanded("dial", data).of("note")[0]


def test_leg():
    """callSid picks a leg."""
    transcript = commanded("dtmf", {"dtmf": {"digit": "5"}}, callSid="another")
    assert "jambonz presses 5 on the leg another" in transcript.of("call")


# While two are connected


def connected(name: str, data: Any, *, to_callee: bool = False) -> Transcript:
    def application(app: App) -> None:
        app.begin(dial())
        while True:
            status = app.receive("call:status")["data"]
            if "parent_call_sid" in status and status["call_status"] == "in-progress":
                break
        app.command(name, data, **({"callSid": status["call_sid"]} if to_callee else {}))
        app.ack(app.receive(), [HANGUP])
        app.until_closed()

    clock = CommandClock()
    return call(application, dials=[Answers(seconds=300)], clock=clock, watch=clock.watch)


@pytest.mark.parametrize(
    ("name", "data", "to_callee", "done"),
    [
        ("mute:status", "mute", False, "the caller is muted"),
        ("mute:status", {"mute_status": "mute"}, True, "the callee is muted"),
        ("mute:status", {"mute_status": "no"}, True, "the callee is no longer muted"),
        ("media:path", "no-media", False, "the audio takes another way: no-media"),
    ],
)
def test_bridge(name, data, to_callee, done):
    """These are for two who are connected."""
    assert done in connected(name, data, to_callee=to_callee).of("call")


@pytest.mark.parametrize(("name", "data"), [("mute:status", {}), ("media:path", {}), ("whisper", {"verb": "say"})])
def test_bridge_not_done(name, data):
    """In another shape they do nothing."""
    assert f"the command {name}" in connected(name, data).of("fault")[0]


@pytest.mark.parametrize("to_callee", [False, True])
def test_whisper(to_callee):
    """A whisper is heard by one of them, once, whatever its loop; a list one after another."""
    verbs = [{"verb": "say", "text": "One minute.", "loop": 5}, {"verb": "play", "url": "a.mp3"}]
    transcript = connected("whisper", {"whisper": verbs}, to_callee=to_callee)
    if to_callee:
        assert [what for what in transcript.of("callee") if "hears" in what] == ["hears: One minute.", "hears: a.mp3"]
    else:
        assert transcript.heard == ["One minute.", "a.mp3"]


@pytest.mark.parametrize("to_callee", [False, True])
def test_dub_while_two_are_connected(to_callee):
    """What is said on a track is heard by the party whose leg it is, by default the caller."""
    data = {"action": "sayOnTrack", "track": "a", "say": "One minute."}
    transcript = connected("dub", data, to_callee=to_callee)
    heard = [what for what in transcript.of("callee") if "hears" in what]
    assert (heard, transcript.heard) == (
        (["hears: (on track a) One minute."], []) if to_callee else ([], ["(on track a) One minute."])
    )


def test_dub_of_the_wrong_shape_while_two_are_connected():
    """For the dialled party too it does nothing."""
    assert "the command dub" in connected("dub", {"action": "addTrack"}, to_callee=True).of("fault")[0]


@pytest.mark.parametrize("more", [{}, {"callSid": "another"}])
def test_dub_while_nobody_is_connected(more):
    """There is no leg but the caller's."""
    data = {"action": "sayOnTrack", "track": "a", "say": "One minute."}
    assert commanded("dub", data, **more).heard == ["(on track a) One minute."]
