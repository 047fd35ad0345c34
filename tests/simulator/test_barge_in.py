"""Barge-in in the background: when it fires, what it kills, and its hook."""

from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.simulator import HangsUp, Presses, Says, Silence, Transcript

from .server import HANGUP, App, call, gather, keys, play, say, words
from .test_session import late_clock

LONG = "one two three four five six seven eight nine ten"
STOP = Says("stop that please", barge_in=True)
TALK = (say(LONG), say("Never."))
OFF = {"verb": "config", "bargeIn": {"enable": False}}


def barge_in(**options: Any) -> dict[str, Any]:
    return {"verb": "config", "bargeIn": {"enable": True, "actionHook": "/broken-in", **options}}


def broken_in(answer: Any, *steps: Any, verbs: Any = TALK, **options: Any) -> Any:
    """Call an application with barge-in; answer its hook, and return the hook and the transcript."""
    hooks: list[dict[str, Any]] = []

    def application(app: App) -> None:
        app.begin(barge_in(**options), *verbs)
        hooks.append(app.receive())
        app.ack(hooks[0], answer)
        app.until_closed()

    transcript = call(application, *steps)
    return hooks[0], transcript


def when(transcript: Transcript, what: str) -> float:
    return next(entry.time for entry in transcript.entries if entry.what == what)


# Firing


def test_speech():
    """Speech kills the running verb and clears the queue; at its end the hook comes, whose verbs are executed."""
    hook, transcript = broken_in([say("New."), HANGUP], STOP)
    assert (hook["hook"], hook["data"]["reason"], words(hook)) == ("/broken-in", "speechDetected", "stop that please")
    assert "b3" in hook
    assert transcript.heard == [LONG, "New."]
    # Half a second to react, and three words.
    assert when(transcript, "New.") == pytest.approx(0.5 + 1.2)


def test_events():
    """With notifyEvents the barge-in is reported, and the killed verb's end."""

    def application(app: App) -> None:
        app.begin({"verb": "config", "notifyEvents": True}, barge_in(), say(LONG, id="s"))
        app.ack(app.receive(), [HANGUP])
        app.until_closed()

    events = [message["data"] for message in call(application, STOP).messages("in", "verb:status")]
    assert {"event": "speech-bargein-detected", "verb": "gather", "words": ["stop"]} in events
    assert {"event": "kill-playback", "verb": "say", "id": "s"} in events
    assert {"event": "finished", "name": "say", "id": "s"} in events


@pytest.mark.parametrize(("count", "seconds"), [(1, 0.4), (2, 0.8), (9, 1.2)])
def test_word_count(count, seconds):
    """minBargeinWordCount words interrupt, or the end of what is said."""

    def application(app: App) -> None:
        app.begin({"verb": "config", "notifyEvents": True}, barge_in(minBargeinWordCount=count), say(LONG))
        app.ack(app.receive(), [HANGUP])
        app.until_closed()

    transcript = call(application, STOP)
    statuses = [record for record in transcript.wire if record.message["type"] == "verb:status"]
    (killed,) = (record.time for record in statuses if record.message["data"]["event"] == "kill-playback")
    assert killed == pytest.approx(0.5 + seconds)


def test_key():
    """The first key kills; the hook comes once the keys are enough."""
    hook, transcript = broken_in([HANGUP], Presses("12", barge_in=True), input=["digits"], numDigits=2)
    assert (keys(hook), hook["data"]["reason"]) == ("12", "dtmfDetected")
    assert transcript.heard == [LONG]


def test_config_answers_the_call():
    """config answers the call for barge-in, since it has to listen."""
    _, transcript = broken_in([HANGUP], STOP, verbs=[{"verb": "pause", "length": 20}])
    assert when(transcript, "answered") == 0


@pytest.mark.parametrize("step", [Says("hello", barge_in=True), Presses("5", barge_in=True)])
def test_what_is_not_an_input(step):
    """Only what is wanted interrupts."""

    def application(app: App) -> None:
        app.begin(barge_in(input=["digits" if isinstance(step, Says) else "speech"], numDigits=1), say(LONG), HANGUP)
        assert {message["type"] for message in app.until_closed()[1]} == {"call:status"}

    assert call(application, step).heard == [LONG]


def test_pause_is_waited_for():
    """A caller without barge_in waits for a pause: a verb that is silent, or the end of the verbs."""
    _, transcript = broken_in([HANGUP], "hello", verbs=[say(LONG), {"verb": "pause", "length": 9}, say("Never.")])
    assert when(transcript, "hello") == pytest.approx(4 + 0.5)
    _, transcript = broken_in([HANGUP], "hello", verbs=[say(LONG)])
    assert when(transcript, "hello") == pytest.approx(4 + 0.5)


def test_script_goes_on():
    """A silence in the script delays the interruption, and the caller may hang up after it."""

    def application(app: App) -> None:
        app.begin(barge_in(sticky=True), say(LONG), say(LONG))
        app.ack(app.receive())
        app.until_closed()

    transcript = call(application, Silence(2), STOP, HangsUp())
    assert when(transcript, STOP.text) == 2
    assert transcript.of("caller") == [STOP.text, "hangs up"]


def test_killed_play_reports():
    """A killed play sends its own hook too."""

    def application(app: App) -> None:
        app.begin(barge_in(), play(actionHook="/played"), say("Never."))
        hooks = [app.receive(), app.receive()]
        assert {hook["hook"] for hook in hooks} == {"/played", "/broken-in"}
        for hook in hooks:
            app.ack(hook, [HANGUP] if hook["hook"] == "/broken-in" else None)
        app.until_closed()

    assert call(application, STOP).heard == ["https://example.com/a.mp3"]


# The queue


def test_queue_is_cleared_up_to_the_end_of_barge_in():
    """What stands behind a config that disables barge-in is not cleared; it does not end the barge-in that fires."""
    hook, transcript = broken_in([HANGUP], STOP, verbs=[say(LONG), say("Cleared."), OFF, say(LONG + " more")])
    assert words(hook) == STOP.text
    assert transcript.heard == [LONG, LONG + " more"]


@pytest.mark.parametrize("answer", [None, []])
def test_answer_without_verbs(answer):
    """After an answer without verbs the call is silent."""
    _, transcript = broken_in(answer, STOP)
    assert transcript.heard == [LONG]
    assert transcript.ending.reason.startswith("hung up by the caller")


def test_unanswered():
    """An unanswered hook is reported as that of a gather, and the call stays up."""
    errors: list[Any] = []

    def application(app: App) -> None:
        app.begin(barge_in(), say(LONG))
        app.receive("verb:hook")
        errors.append(app.receive("jambonz:error")["data"])
        app.until_closed()

    call(application, STOP, clock=late_clock())
    assert errors == [{"msg": "invalid actionHook response", "verb": "gather"}]


def test_answer_that_makes_no_sense():
    """So is one whose verbs are none, with the reason."""

    def application(app: App) -> None:
        app.begin(barge_in(), say(LONG))
        app.ack(app.receive("verb:hook"), [{"verb": "fly"}])
        assert "fly" in app.receive("jambonz:error")["data"]["details"]
        app.until_closed()

    call(application, STOP)


# On and off


def test_once():
    """Barge-in ends with the first input."""

    def application(app: App) -> None:
        app.begin(barge_in(), say(LONG))
        app.ack(app.receive(), [say(LONG), HANGUP])
        assert {message["type"] for message in app.until_closed()[1]} == {"call:status"}

    assert call(application, STOP, STOP).heard == [LONG, LONG]


def test_sticky():
    """A sticky one begins anew."""

    def application(app: App) -> None:
        app.begin(barge_in(sticky=True), say(LONG))
        app.ack(app.receive(), [say(LONG), say("Never.")])
        app.ack(app.receive(), [HANGUP])
        app.until_closed()

    assert call(application, STOP, STOP).heard == [LONG, LONG]


def test_switched_off():
    """A config ends it, even while somebody speaks."""

    def application(app: App) -> None:
        app.begin(barge_in(minBargeinWordCount=3), say("one two"), OFF, say(LONG), HANGUP)
        assert {message["type"] for message in app.until_closed()[1]} == {"call:status"}

    assert call(application, STOP).heard == ["one two", LONG]


def test_changed_while_it_is_on():
    """Switched on again it goes on as it was, unless the input is another."""

    def application(app: App) -> None:
        app.begin(barge_in(), barge_in(actionHook="/other"), say(LONG))
        hook = app.receive()
        assert hook["hook"] == "/broken-in"
        app.ack(hook, [barge_in(), barge_in(actionHook="/other", input=["digits", "speech"], numDigits=1), say(LONG)])
        hook = app.receive()
        assert hook["hook"] == "/other"
        app.ack(hook, [HANGUP])
        app.until_closed()

    assert "barge-in is on already" in call(application, STOP, STOP).of("note")[0]


def test_without_hook():
    """Without a hook it only interrupts."""

    def application(app: App) -> None:
        app.begin({"verb": "config", "bargeIn": {"enable": True}}, say(LONG), say("Never."))
        assert {message["type"] for message in app.until_closed()[1]} == {"call:status"}

    assert call(application, STOP).heard == [LONG]


# Beside a gather


def test_gather_is_left_out():
    """A gather is left out while barge-in collects; its timeout counts from then on."""

    def application(app: App) -> None:
        app.begin(barge_in(), gather("speech", timeout=3, say={"text": "Never."}))
        hook = app.receive()
        assert (hook["hook"], hook["data"]["reason"]) == ("/broken-in", "timeout")
        app.ack(hook, [HANGUP])
        app.until_closed()

    transcript = call(application)
    assert transcript.heard == []
    assert "gather is left out" in transcript.of("note")[0]
    assert transcript.entries[-1].time == pytest.approx(3)


def test_gather_that_needs_speech():
    """A gather that wants speech ends a barge-in that takes keys only."""

    def application(app: App) -> None:
        app.begin(barge_in(input=["digits"], numDigits=1), gather("speech", say={"text": "Yes?"}))
        hook = app.receive()
        assert (hook["hook"], words(hook)) == ("/gathered", "hello")
        app.ack(hook, [HANGUP])
        app.until_closed()

    assert call(application, "hello").heard == ["Yes?"]
