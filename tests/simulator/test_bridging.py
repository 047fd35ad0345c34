"""Two connected parties: keys, hold, detection, and what listens to them."""

from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.simulator import Answers, HangsUp, Holds, Presses, Says, Silence, Transcript
from jambonz_sync.simulator.caller import Party

from . import test_listening as audio_side
from .server import HANGUP, App, call, say, words
from .test_dialling import dial


def talked(answers: Answers, **options: Any) -> tuple[list[dict[str, Any]], Transcript]:
    """Call an application that dials; return the hooks, which are not answered with verbs, and the transcript."""
    hooks: list[dict[str, Any]] = []

    def application(app: App) -> None:
        app.begin(dial(**options), HANGUP)
        while not hooks or hooks[-1]["hook"] != "/dialled":
            hooks.append(app.receive())
            app.ack(hooks[-1])
        app.until_closed()

    return hooks, call(application, dials=[answers])


# What they do


def test_conversation():
    """What the two say and press stands in the transcript, and either may hang up."""
    answers = Answers(seconds=60, caller=[Says("hello there")], callee=[Silence(2), Says("bye"), HangsUp()])
    _, transcript = talked(answers)
    assert transcript.of("caller") == ["hello there"]
    assert transcript.of("callee") == ["answers", "bye", "hangs up"]
    _, transcript = talked(Answers(seconds=60, callee=[Presses("12")]))
    assert "presses 12" in transcript.of("callee")


def test_caller_hangs_up():
    """The caller hanging up ends the call."""

    def application(app: App) -> None:
        app.begin(dial())
        assert app.status("completed")["data"].get("parent_call_sid")
        app.until_closed()

    transcript = call(application, dials=[Answers(seconds=60, caller=[Silence(4), HangsUp()])])
    assert transcript.of("caller") == ["hangs up"]


def test_time_limit():
    """timeLimit ends the conversation."""
    _, transcript = talked(Answers(seconds=60), timeLimit=10)
    assert "the timeLimit of dial is reached" in transcript.of("call")
    assert "hangs up" not in transcript.of("callee")


@pytest.mark.parametrize("talks", [True, False])
def test_a_caller_who_talks_when_connected(talks):
    """Such a caller says and presses what is its own turn, and not what the script of the bridge has for the caller."""
    caller = Party("caller", [Silence(1), Says("hello"), Presses("*1"), Silence(2), HangsUp()])
    caller.talks_when_connected = talks
    keys = []

    def application(app: App) -> None:
        transcribe = {"transcriptionHook": "/said"}
        app.begin(dial(dtmfHook="/key", dtmfCapture=["*1"], transcribe=transcribe), {"verb": "pause", "length": 1})
        while True:
            message = app.receive("verb:hook", "call:status")
            if message["type"] == "verb:hook":
                app.ack(message)
            if message["data"]["call_status"] == "completed" and "parent_call_sid" not in message["data"]:
                break
            if message.get("hook") == "/key":
                keys.append(message["data"]["dtmf"])
        app.until_closed()

    transcript = call(application, caller=caller, dials=[Answers(seconds=20, caller=[Says("by the script")])])
    if talks:
        assert transcript.of("caller") == ["hello", "presses *1", "hangs up"]
        assert "hangs up" not in transcript.of("callee")
    else:
        assert transcript.of("caller")[0] == "by the script"
        assert "hangs up" in transcript.of("callee")
    assert keys == (["*1"] if talks else [])


# Keys


@pytest.mark.parametrize(
    ("capture", "told"),
    [
        (["*1", "9"], [("caller", "*1"), ("callee", "9")]),
        ({"childCall": ["*1", "9"]}, [("callee", "9")]),
        ({"parentCall": ["*1", "9"]}, [("callee", "9")]),
    ],
)
def test_keys(capture, told):
    """dtmfHook is told of patterns; those that are named for the caller are looked for at the other party too."""
    answers = Answers(seconds=60, caller=[Presses("5*1")], callee=[Silence(5), Presses("9")])
    hooks, _ = talked(answers, dtmfHook="/key", dtmfCapture=capture)
    who = ["callee" if "parent_call_sid" in hook["data"] else "caller" for hook in hooks]
    assert [(w, h["data"]["dtmf"]) for w, h in zip(who, hooks, strict=True) if h["hook"] == "/key"] == told


def test_answer_to_a_key():
    """The verbs in the answer to a dtmfHook are not looked at."""

    def application(app: App) -> None:
        app.begin(dial(dtmfHook="/key", dtmfCapture=["1"]), say("Next."), HANGUP)
        app.ack(app.receive(), [say("Ignored.")])
        app.ack(app.receive())
        app.until_closed()

    assert call(application, dials=[Answers(caller=[Presses("1")])]).heard == ["Next."]


# Hold


@pytest.mark.parametrize("by", ["caller", "callee"])
def test_hold(by):
    """Who is put on hold hears what onHoldHook answers, which is asked again until the hold is over."""
    asked = []

    def application(app: App) -> None:
        app.begin(dial(onHoldHook="/hold"), HANGUP)
        while (message := app.receive())["hook"] != "/dialled":
            asked.append(message["data"])
            app.ack(message, [say("Please hold the line.")])
        app.ack(message)
        app.until_closed()

    transcript = call(application, dials=[Answers(seconds=30, holds=[Holds(at=5, seconds=4, by=by)])])
    assert len(asked) == 3
    assert asked[0]["hold_detail"].keys() == {"from", "to"}
    heard = transcript.heard if by == "callee" else [what for what in transcript.of("callee") if "hears" in what]
    assert len(heard) == 3
    times = [entry.time for entry in transcript.entries if entry.what in ("puts the other on hold", "is back")]
    assert times[1] - times[0] == pytest.approx(4)


@pytest.mark.parametrize("options", [{}, {"onHoldHook": "/hold"}])
def test_hold_in_silence(options):
    """Without a hook, or with an answer that has no verbs, nothing is heard."""
    hooks, transcript = talked(Answers(holds=[Holds(at=1, seconds=2)]), **options)
    assert len(hooks) == 1 + len(options)
    assert "is back" in transcript.of("callee")


# Detection


def test_detection():
    """amd reports what is scripted, by default a person."""
    amd = {"actionHook": "/amd"}
    hooks, _ = talked(Answers(), amd=amd)
    assert (hooks[0]["hook"], hooks[0]["data"]["type"]) == ("/amd", "amd_human_detected")
    assert "parent_call_sid" not in hooks[0]["data"]
    events = [{"type": "amd_machine_detected", "reason": "hint"}, {"type": "amd_machine_stopped_speaking"}]
    hooks, _ = talked(Answers(amd=events), amd=amd)
    assert [hook["data"]["type"] for hook in hooks[:2]] == [event["type"] for event in events]


def test_detection_ends_with_the_dial():
    """What is not detected before the end is not told."""
    hooks, _ = talked(Answers(seconds=0.5), amd={"actionHook": "/amd"})
    assert [hook["hook"] for hook in hooks] == ["/dialled"]


# What listens


def test_transcribe():
    """A nested transcribe hears both parties, by their channels; its answers change nothing."""
    answers = Answers(seconds=60, caller=[Says("hello")], callee=[Silence(3), Says("good day")])
    said = []

    def application(app: App) -> None:
        app.begin(dial(transcribe={"transcriptionHook": "/said"}), HANGUP)
        for _ in range(2):
            hook = app.receive()
            said.append(hook["data"])
            app.ack(hook, [say("Ignored.")])
        app.ack(app.receive())
        app.until_closed()

    assert call(application, dials=[answers]).heard == []
    assert [data["speech"]["channel_tag"] for data in said] == [1, 2]
    assert "local_sip_address" in said[0]
    assert "parent_call_sid" not in said[0]


@pytest.mark.parametrize("key", ["listen", "stream"])
def test_listen(key):
    """A nested listen tells the facts of the dialled leg in their raw form; its hook comes before that of the dial."""
    audio = audio_side.Audio()
    hooks = []

    def control(app: App) -> None:
        app.begin(dial(**{key: {"url": "/audio", "actionHook": "/listened"}}), HANGUP)
        for _ in range(2):
            hooks.append(app.receive())
            app.ack(hooks[-1])
        app.until_closed()

    audio_side.call(control, audio, dials=[Answers(seconds=3)], jumps=True)
    facts = audio.text()
    assert {"localSipAddress", "hasRecording", "parentCallSid"} <= facts.keys()
    assert [hook["hook"] for hook in hooks] == ["/listened", "/dialled"]
    assert hooks[0]["data"]["dial_call_duration"] == 3
    assert facts["callSid"] == hooks[1]["data"]["dial_call_sid"]


def test_killed():
    """A killed dial ends what listens, and tells both hooks."""
    audio = audio_side.Audio()
    hooks = set()

    def control(app: App) -> None:
        app.begin(dial(listen={"url": "/audio", "actionHook": "/listened"}))
        audio.text()
        app.redirect(say("New."), HANGUP)
        for _ in range(2):
            hook = app.receive()
            hooks.add(hook["hook"])
            app.ack(hook)
        app.until_closed()

    assert audio_side.call(control, audio, dials=[Answers(seconds=500)]).heard == ["New."]
    assert hooks == {"/listened", "/dialled"}


def test_transcribe_in_a_listen():
    """A transcribe nested in the listen of a dial hears the caller alone, whatever it asks for."""
    said = []

    def control(app: App) -> None:
        transcribe = {"transcriptionHook": "/said", "channel": 2}
        app.begin(dial(listen={"url": "/audio", "transcribe": transcribe}), HANGUP)
        while (hook := app.receive())["hook"] == "/said":
            said.append(words(hook))
            app.ack(hook)
        app.ack(hook)
        app.until_closed()

    answers = Answers(seconds=9, caller=[Says("hello")], callee=[Silence(3), Says("good day")])
    audio_side.call(control, audio_side.Audio(), dials=[answers], jumps=True)
    assert said == ["hello"]


def test_dub():
    """Tracks are those of the dialled party, who hears them beside the conversation."""
    tracks = [{"action": "addTrack", "track": "a"}, {"action": "playOnTrack", "track": "a", "play": "music.mp3"}]
    _, transcript = talked(Answers(), dub=tracks)
    assert transcript.heard == []
    assert "hears: (on track a) music.mp3" in transcript.of("callee")
    assert "dub: addTrack a" in transcript.of("call")
