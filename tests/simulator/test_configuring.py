"""The verb config: what it changes, what it begins, and what it takes without an effect."""

from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.simulator import Transcript

from .server import HANGUP, App, call, gather, say

NOTIFY = {"verb": "config", "notifyEvents": True}


def config(**options: Any) -> dict[str, Any]:
    return {"verb": "config", **options}


def run(*verbs: dict[str, Any], **options: Any) -> Transcript:
    return call(lambda app: (app.begin(*verbs), app.until_closed()), **options)


# Speech


def test_synthesizer():
    """The synthesizer shows in what is reported, until it is reset."""
    voice = {"vendor": "elevenlabs", "language": "en-US", "voice": "x"}
    transcript = run(NOTIFY, config(synthesizer=voice), say("A."), config(reset=["synthesizer"]), say("B."), HANGUP)
    made = [m["data"] for m in transcript.messages("in", "verb:status") if m["data"]["event"] == "synthesized-audio"]
    assert [(data["vendor"], data["language"]) for data in made] == [("elevenlabs", "en-US"), ("google", "en-GB")]


@pytest.mark.parametrize(
    "verbs",
    [
        [say("A."), config(disableTtsCache=True), say("A.")],
        [say("A."), say("A.", disableTtsCache=True)],
    ],
)
def test_no_cache(verbs):
    """Without the cache a text is synthesized anew."""
    transcript = run(NOTIFY, *verbs, HANGUP)
    made = [m["data"] for m in transcript.messages("in", "verb:status") if m["data"]["event"] == "synthesized-audio"]
    assert [data["served_from_cache"] for data in made] == [False, False]


def test_recognizer():
    """The recogniser of the session counts for a gather that has none, also its minConfidence."""
    seen = []

    def application(app: App) -> None:
        app.begin(config(recognizer={"vendor": "deepgram", "language": "en-US", "minConfidence": 0.99}))
        app.redirect(gather("speech"))
        hook = app.receive()
        seen.append(hook["data"])
        app.ack(hook, [HANGUP])
        app.until_closed()

    call(application, "hello")
    assert seen[0]["reason"] == "stt-low-confidence"
    assert seen[0]["speech"]["vendor"]["name"] == "deepgram"


# What needs audio


@pytest.mark.parametrize(
    ("options", "answers"),
    [
        ({}, False),
        ({"notifyEvents": True, "synthesizer": {"vendor": "x"}}, False),
        ({"bargeIn": {"enable": True}}, True),
        ({"bargeIn": {"enable": False}}, False),
        ({"record": {"action": "startCallRecording"}}, True),
        ({"amd": {"actionHook": "/amd"}}, True),
        ({"transcribe": {"enable": True, "transcriptionHook": "/said"}}, True),
        ({"transcribe": {"enable": False}}, False),
        ({"listen": {"enable": True, "url": "ws://127.0.0.1:1/a"}}, True),
    ],
)
def test_answers(options, answers):
    """config answers the call if it begins something that needs audio."""
    transcript = run(config(**options), {"verb": "sip:decline", "status": 603}, HANGUP)
    assert ("answered" in transcript.of("call")) == answers


# Recording


def record(action: str) -> dict[str, Any]:
    return config(record={"action": f"{action}CallRecording", "siprecServerURL": "sip:rec@example.com"})


def test_recording():
    """Recording goes on, off and on hold; what makes no sense in its state does nothing."""
    transcript = run(*map(record, ("start", "pause", "start", "resume", "stop", "stop")), HANGUP)
    assert [what for what in transcript.of("call") if "recording" in what] == [
        "recording is on",
        "recording is paused",
        "recording is on",
        "recording is off",
    ]
    assert transcript.of("fault") == [
        "startCallRecording does nothing: recording is paused",
        "stopCallRecording does nothing: recording is off",
    ]


# Detection


def test_detection():
    """amd reports what is scripted while other verbs run, and verbs in an answer are executed."""
    events = [{"type": "amd_machine_detected", "reason": "hint"}, {"type": "amd_machine_stopped_speaking"}]
    seen = []

    def application(app: App) -> None:
        app.begin(config(amd={"actionHook": "/amd"}), {"verb": "pause", "length": 20})
        for answer in (None, [say("New."), HANGUP]):
            hook = app.receive()
            seen.append(hook["data"]["type"])
            app.ack(hook, answer)
        app.until_closed()

    assert call(application, results={"amd": [events]}).heard == ["New."]
    assert seen == ["amd_machine_detected", "amd_machine_stopped_speaking"]


def test_person_is_detected():
    """By default a person is detected."""

    def application(app: App) -> None:
        app.begin(config(amd={"actionHook": "/amd"}), {"verb": "pause", "length": 2}, HANGUP)
        hook = app.receive()
        assert hook["data"]["type"] == "amd_human_detected"
        app.ack(hook)
        app.until_closed()

    call(application)


# What has no effect


@pytest.mark.parametrize(
    ("verb", "note"),
    [
        (config(stream={"enable": True}), "config.stream has no effect; use listen"),
        (config(notifyEvents=False), "config.notifyEvents cannot be switched off again"),
        (config(earlyMedia=True), "config.earlyMedia has no effect"),
        (config(trackTtsPlayout=True), "config.trackTtsPlayout has no effect"),
        (config(turnTaking={"enable": True}), "config.turnTaking has no effect"),
        (config(noiseIsolation={"enable": True}), "config.noiseIsolation has no effect"),
        (
            config(bargeIn={"enable": False, "partialResultHook": "/p"}),
            "config.bargeIn.partialResultHook has no effect",
        ),
        (say(closeStreamOnEmpty=True), "say.closeStreamOnEmpty has no effect"),
        (config(vad={"enable": True}), "config: this simulator leaves out vad"),
    ],
)
def test_without_effect(verb, note):
    """What jambonz takes and does nothing about is noted, as is what this simulator leaves out."""
    assert note in run(verb, HANGUP).of("note")


def test_gather_without_effect():
    """That is so for every verb."""

    def application(app: App) -> None:
        app.begin(gather("speech", speechTimeout=2))
        app.ack(app.receive(), [HANGUP])
        app.until_closed()

    assert call(application, "hello").of("note") == ["gather.speechTimeout has no effect"]


def test_on_a_dialled_leg():
    """While a dialled party is asked, a config changes nothing."""
    target = [{"type": "phone", "number": "+15550143555", "confirmHook": "/screen"}]

    def application(app: App) -> None:
        app.begin({"verb": "dial", "target": target}, HANGUP)
        app.ack(app.receive(), [NOTIFY])
        app.until_closed()

    transcript = call(application)
    assert "on a dialled leg" in transcript.of("note")[0]
    assert transcript.messages("in", "verb:status") == []
