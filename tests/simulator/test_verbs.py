"""The verbs besides gather and dial."""

from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.simulator import Transcript

from .server import HANGUP, App, call, gather, play, say
from .test_session import late_clock

NOTIFY = {"verb": "config", "notifyEvents": True}


def run(*verbs: dict[str, Any], **options: Any) -> Transcript:
    """Call an application that gives its verbs and listens from then on."""
    return call(lambda app: (app.begin(*verbs), app.until_closed()), **options)


def events(transcript: Transcript) -> list[dict[str, Any]]:
    return [message["data"] for message in transcript.messages("in", "verb:status")]


def gap(transcript: Transcript, first: str, second: str) -> float:
    """Seconds from one thing heard to another."""
    times = {entry.what: entry.time for entry in reversed(transcript.entries) if entry.who == "app"}
    return times[second] - times[first]


# How long things take


@pytest.mark.parametrize(
    ("verb", "seconds"),
    [
        (say("begin"), 0.4),
        (say("begin", loop=3), 1.2),
        (say("begin", loop="2"), 0.8),
        ({"verb": "say", "text": ["begin", "one two"]}, 1.2),
        ({"verb": "play", "url": "begin"}, 2),
        ({"verb": "play", "url": ["begin", "more"], "loop": 2}, 8),
    ],
)
def test_duration(verb, seconds):
    """Words take 0.4 s each, recordings 2 s, as often as they are repeated."""
    assert gap(run(verb, say("end"), HANGUP), "begin", "end") == pytest.approx(seconds)


def test_markup_is_not_spoken():
    """The tags of SSML take no time."""
    text = "<speak>one <break time='1s'/> two</speak>"
    assert gap(run(say(text), say("end"), HANGUP), text, "end") == pytest.approx(0.8)


def test_pause():
    """A pause lasts as long as it says, and does not answer the call."""
    transcript = run({"verb": "pause", "length": 3}, say("end"), HANGUP)
    assert [(entry.what, entry.time) for entry in transcript.entries[1:3]] == [("answered", 3), ("end", 3)]


def test_nothing_to_play():
    """A play without a URL is over at once, even if it repeats for ever."""
    assert run(say("begin"), {"verb": "play", "url": [], "loop": 0}, HANGUP).heard == ["begin"]


# Hooks


def test_play_hook():
    """A play reports how long it was."""

    def application(app: App) -> None:
        app.begin(play(actionHook="/played", id="p"), HANGUP)
        data = app.receive()["data"]
        assert (data["reason"], data["verb_id"], data["playback_seconds"]) == ("playCompleted", "p", 2)
        assert data["playback_last_offset_pos"] == str(data["playback_milliseconds"] * 8)

    call(application, ack_timeout=0.3)


def test_tag():
    """What is tagged comes as customerData from then on, its keys untouched."""

    def application(app: App) -> None:
        app.begin({"verb": "tag", "data": {"orderNo": 5}}, gather("speech"))
        hook = app.receive()
        assert hook["data"]["customerData"] == {"orderNo": 5}
        app.ack(hook, [HANGUP])
        assert app.status("completed")["data"]["customerData"] == {"orderNo": 5}

    call(application, "hello")


@pytest.mark.parametrize(("data", "heard"), [([say("New."), HANGUP], "New."), (None, "Queued."), ([], "Queued.")])
def test_redirect_verb(data, heard):
    """redirect asks by session:redirect on the same socket; with no verbs in the answer the queue goes on."""

    def application(app: App) -> None:
        app.begin({"verb": "redirect", "actionHook": "/next", "id": "r"}, say("Queued."), HANGUP)
        message = app.receive()
        assert (message["type"], message["hook"], message["data"]["verb_id"]) == ("session:redirect", "/next", "r")
        app.ack(message, data)
        app.until_closed()

    assert call(application).heard == [heard]


def test_redirect_verb_unanswered():
    """An unanswered session:redirect of the verb ends the call."""
    transcript = run(say(), {"verb": "redirect", "actionHook": "/next"}, say("Never."), clock=late_clock())
    assert transcript.heard == ["One two three."]
    assert "session:redirect was not answered" in transcript.ending.reason


# Reports


def test_reports():
    """With notifyEvents every verb reports its start and end, and what is played; a config itself only its end."""
    transcript = run(NOTIFY, say("Hi.", id="s"), say("Hi."), play(id="p"), HANGUP)
    assert events(transcript) == [
        {"event": "finished", "name": "config"},
        {"event": "starting", "name": "say", "id": "s"},
        {
            "event": "synthesized-audio",
            "vendor": "google",
            "language": "en-GB",
            "characters": 3,
            "elapsed_time": "212",
            "served_from_cache": False,
            "id": "s",
            "verb": "say",
        },
        {"event": "start-playback", "verb": "say", "id": "s"},
        {"event": "stop-playback", "verb": "say", "id": "s"},
        {"event": "finished", "name": "say", "id": "s"},
        {"event": "starting", "name": "say"},
        {
            "event": "synthesized-audio",
            "vendor": "google",
            "language": "en-GB",
            "served_from_cache": True,
            "verb": "say",
        },
        {"event": "start-playback", "verb": "say"},
        {"event": "stop-playback", "verb": "say"},
        {"event": "finished", "name": "say"},
        {"event": "starting", "name": "play", "id": "p"},
        {"event": "start-playback", "verb": "play", "id": "p"},
        {"event": "stop-playback", "verb": "play", "id": "p"},
        {"event": "finished", "name": "play", "id": "p"},
        {"event": "starting", "name": "hangup"},
    ]


def test_no_reports():
    """Without notifyEvents, or with a false one, nothing is reported."""
    assert events(run({"verb": "config", "notifyEvents": False}, say(), HANGUP)) == []


def test_report_of_a_killed_verb():
    """A killed verb reports that its playing was killed, and its end."""

    def application(app: App) -> None:
        app.begin(NOTIFY, say(loop=0, id="s"))
        while app.receive("verb:status")["data"]["event"] != "start-playback":
            pass
        app.redirect(HANGUP)
        app.until_closed()

    assert [event["event"] for event in events(call(application, speed=50))[-4:]] == [
        "stop-playback",
        "kill-playback",
        "finished",
        "starting",
    ]


# What is left out


@pytest.mark.parametrize(
    ("verb", "name", "answers"),
    [
        ({"verb": "pipeline", "llm": {"vendor": "openai", "llmOptions": {}}}, "pipeline", False),
        ({"verb": "dial", "target": []}, "dial", False),
    ],
)
def test_skipped(verb, name, answers):
    """A verb that is not simulated is skipped with a note; it has no end to report."""
    transcript = run(NOTIFY, verb, {"verb": "sip:decline", "status": 603}, HANGUP)
    assert f"{verb['verb']} is skipped" in transcript.of("note")[0]
    assert {"event": "starting", "name": name} in events(transcript)
    assert {"event": "finished", "name": name} not in events(transcript)
    assert ("answered" in transcript.of("call")) == answers


def test_play_that_fails():
    """A file that cannot be played is reported to the hook; its end is not reported."""
    seen = []

    def application(app: App) -> None:
        notify = {"verb": "config", "notifyEvents": True}
        app.begin(notify, {"verb": "play", "url": "missing.mp3", "actionHook": "/played", "id": "p"}, HANGUP)
        hook = app.receive()
        seen.append(hook["data"])
        app.ack(hook)
        app.until_closed()
        seen.extend(message["data"] for message in app.received if message["type"] == "verb:status")

    transcript = call(application, results={"play": [{}]})
    assert (seen[0]["reason"], seen[0]["status"], seen[0]["playback_seconds"]) == ("playFailed", "fail", None)
    assert [(data["event"], data["name"]) for data in seen[1:] if data.get("id") == "p"] == [("starting", "play")]
    assert transcript.heard == []
    assert transcript.of("note") == ["play is skipped: missing.mp3 cannot be played"]
