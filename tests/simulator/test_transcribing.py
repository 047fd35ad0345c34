"""transcribe: what is said is told to a hook."""

from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.simulator import Answers, HangsUp, Presses, Says, Silence

from .server import HANGUP, App, call, gather, say, words
from .test_dialling import dial

VERB = {"verb": "transcribe", "transcriptionHook": "/said", "translationHook": "/translated"}
CONFIG = {"verb": "config", "transcribe": {"enable": True, "transcriptionHook": "/said"}}
PAUSE = {"verb": "pause", "length": 500}


def test_hook():
    """Each utterance is told, with the raw facts of the call; the trace context stands in the data."""
    hooks = []

    def application(app: App) -> None:
        app.begin(VERB)
        for answer in (None, [HANGUP]):
            hooks.append(app.receive())
            app.ack(hooks[-1], answer)
        app.until_closed()

    transcript = call(application, "hello there", Presses("1"), "good bye")
    assert [words(hook) for hook in hooks] == ["hello there", "good bye"]
    data = hooks[0]["data"]
    assert {"local_sip_address", "has_recording", "caller_name", "b3"} <= data.keys()
    assert "fs_sip_address" not in data
    assert "b3" not in hooks[0]
    assert data["speech"]["channel_tag"] == 1
    # It answers the call, and is told at the end of what is said.
    assert transcript.entries[1].what == "answered"
    assert transcript.wire[-2].message["type"] == "ack" or transcript.heard == []


def test_recognizer():
    """The recogniser of the verb, or of config, shows in what is told."""
    seen = []

    def application(app: App) -> None:
        app.begin({"verb": "config", "recognizer": {"vendor": "deepgram", "language": "en-US"}}, VERB)
        hook = app.receive()
        seen.append(hook["data"]["speech"])
        app.ack(hook, [{**VERB, "recognizer": {"vendor": "default", "language": "de-DE"}}])
        hook = app.receive()
        seen.append(hook["data"]["speech"])
        app.ack(hook, [{"verb": "config", "reset": "recognizer"}, VERB])
        hook = app.receive()
        seen.append(hook["data"]["speech"])
        app.ack(hook, [HANGUP])
        app.until_closed()

    call(application, "one", "two", "three")
    assert [(speech["vendor"]["name"], speech["language_code"]) for speech in seen] == [
        ("deepgram", "en-US"),
        ("deepgram", "de-DE"),
        ("google", "en-GB"),
    ]


def test_translation():
    """What has a translation in the script is told to the translationHook too."""
    hooks = []

    def application(app: App) -> None:
        app.begin(VERB)
        for answer in (None, [HANGUP]):
            hooks.append(app.receive())
            app.ack(hooks[-1], answer)
        app.until_closed()

    call(application, Says("hello", translation=("de-DE", "hallo")))
    assert hooks[1]["hook"] == "/translated"
    assert hooks[1]["data"]["translation"] == {"channel": 1, "language": "de-DE", "translation": "hallo"}


def test_killed():
    """A redirect ends it, and what is being said then is not told."""

    def application(app: App) -> None:
        app.begin(VERB)
        app.status("in-progress")
        app.redirect(say("New."), HANGUP)
        assert {message["type"] for message in app.until_closed()[1]} <= {"call:status"}

    assert call(application, Silence(500), "never", speed=50).heard == ["New."]


def test_it_goes_on():
    """By itself it never ends."""

    def application(app: App) -> None:
        app.begin(VERB, say("Never."))
        app.until_closed()

    assert call(application, Silence(100), HangsUp()).heard == []


# Which side is heard

SIDES = Answers(seconds=20, caller=[Says("mine")], callee=[Silence(3), Says("theirs")])


def sides(nested: dict[str, Any], *before: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Call an application that dials, with a transcribe in it; return what the hooks were told, and of which side."""
    told = []

    def application(app: App) -> None:
        app.begin(*before, dial(transcribe={"transcriptionHook": "/nested", **nested}), HANGUP)
        while (hook := app.receive())["hook"] != "/dialled":
            told.append((hook["hook"], words(hook), hook["data"]["speech"]["channel_tag"]))
            app.ack(hook)
        app.ack(hook)
        app.until_closed()

    call(application, dials=[SIDES])
    return told


def test_each_hook_its_own_side():
    """The one in the background hears the caller, the one in the dial the side that it asks for."""
    assert sides({"channel": 2}, CONFIG) == [("/said", "mine", 1), ("/nested", "theirs", 2)]


@pytest.mark.parametrize(
    ("options", "heard"),
    [
        ({}, ["mine", "theirs"]),
        ({"channel": 1}, ["mine"]),
        ({"channel": 2}, ["theirs"]),
        ({"recognizer": {"vendor": "google", "separateRecognitionPerChannel": True}}, ["mine", "theirs"]),
        ({"recognizer": {"vendor": "google", "separateRecognitionPerChannel": False}}, ["mine"]),
        ({"channel": 2, "recognizer": {"vendor": "google", "separateRecognitionPerChannel": True}}, ["theirs"]),
    ],
)
def test_sides_of_a_dial(options, heard):
    """Within a dial both sides are heard, unless one of them is asked for, or no recognition of each for itself."""
    assert [text for _, text, _ in sides(options)] == heard


def test_no_other_side():
    """Outside a dial there is the caller alone, whatever is asked for."""
    told = []

    def application(app: App) -> None:
        app.begin({**VERB, "channel": 2})
        told.append(app.receive())
        app.ack(told[0], [HANGUP])
        app.until_closed()

    call(application, "hello")
    assert (words(told[0]), told[0]["data"]["speech"]["channel_tag"]) == ("hello", 1)


# In the background


def test_background():
    """config.transcribe listens beside other verbs; a gather hears the same."""
    hooks: list[dict[str, Any]] = []

    def application(app: App) -> None:
        app.begin(CONFIG, gather("speech"), {"verb": "config", "transcribe": {"enable": False}}, gather("speech"))
        for _ in range(3):
            hooks.append(app.receive())
            app.ack(hooks[-1])
        app.until_closed()

    call(application, "one", "two", HangsUp())
    assert sorted((hook["hook"], words(hook)) for hook in hooks) == [
        ("/gathered", "one"),
        ("/gathered", "two"),
        ("/said", "one"),
    ]


def test_background_in_silence():
    """In a silent call too; verbs in the answer are executed."""

    def application(app: App) -> None:
        app.begin(CONFIG, CONFIG, say("Yes?"))
        app.ack(app.receive(), [say("New."), HANGUP])
        app.until_closed()

    assert call(application, "hello").heard == ["Yes?", "New."]


# Pause and resume


@pytest.mark.parametrize("verb", [VERB, CONFIG])
def test_status(verb):
    """transcribe:status pauses the verb and the one in the background."""

    def application(app: App) -> None:
        app.begin(verb, PAUSE)
        app.status("in-progress")
        app.command("transcribe:status", {"transcribe_status": "pause"})
        app.command("transcribe:status", "resume")
        app.command("transcribe:status", {"transcribe_status": "resume"})
        hook = app.receive()
        assert words(hook) == "hello"
        app.ack(hook, [HANGUP])
        app.until_closed()

    transcript = call(application, Silence(20), "hello", speed=20)
    assert [what for what in transcript.of("call") if "transcribing" in what] == [
        "transcribing is paused",
        "transcribing is resumed",
    ]
    assert "transcribe:status" in transcript.of("fault")[0]


def test_paused():
    """While it is paused nothing is told."""

    def application(app: App) -> None:
        app.begin({"verb": "answer"}, CONFIG, {"verb": "pause", "length": 1}, PAUSE)
        app.status("in-progress")
        app.command("transcribe:status", {"transcribe_status": "pause"})
        assert {message["type"] for message in app.until_closed()[1]} <= {"call:status"}

    assert call(application, Silence(10), "hello", HangsUp(), speed=20).of("caller") == ["hello", "hangs up"]
