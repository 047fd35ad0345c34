"""What a gather hears, and when it stops listening."""

from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.simulator import HangsUp, Presses, Says, Silence, Transcript

from .held_clock import HeldClock
from .server import HANGUP, App, call, gather, keys, say, words

NOTIFY = {"verb": "config", "notifyEvents": True}


def gathered(*steps: Any, inputs: tuple[str, ...] = ("digits",), **options: Any) -> tuple[dict[str, Any], Transcript]:
    """Call an application with one gather; return the data of its hook, and the transcript."""
    hooks = []

    def application(app: App) -> None:
        app.begin(NOTIFY, gather(*inputs, **options), HANGUP)
        hooks.append(app.receive("verb:hook"))
        app.ack(hooks[0])
        app.until_closed()

    transcript = call(application, *steps)
    return hooks[0], transcript


def seconds_until_hook(transcript: Transcript) -> float:
    """From the end of the prompt, or the start of the gather, to the hook."""
    start = 0.0
    for record in transcript.wire:
        if record.message["type"] == "verb:hook":
            return record.time - start
        if record.message["type"] == "verb:status" and record.message["data"]["event"] in ("starting", "stop-playback"):
            start = record.time
    raise AssertionError("no hook was sent")


def events(transcript: Transcript) -> list[str]:
    return [message["data"]["event"] for message in transcript.messages("in", "verb:status")]


# Speech


def test_speech():
    """What the caller says after the prompt comes with the hook, and the verb's id."""
    hook, transcript = gathered("the kettle is on", inputs=("speech",), say={"text": "Yes?"}, id="g")
    assert words(hook) == "the kettle is on"
    assert (hook["hook"], hook["data"]["reason"], hook["data"]["verb_id"]) == ("/gathered", "speechDetected", "g")
    assert [(entry.who, entry.what) for entry in transcript.entries[2:4]] == [
        ("app", "Yes?"),
        ("caller", "the kettle is on"),
    ]
    # One word of prompt, half a second to react.
    assert transcript.entries[3].time - transcript.entries[2].time == pytest.approx(0.9)


def test_speech_stops_the_timeout():
    """Who has begun to speak is listened to, however long it takes."""
    hook, _ = gathered("one " * 20, inputs=("speech",), timeout=2)
    assert hook["data"]["reason"] == "speechDetected"


@pytest.mark.parametrize(("confidence", "reason"), [(0.6, "speechDetected"), (0.4, "stt-low-confidence")])
def test_confidence(confidence, reason):
    """Speech less sure than the recogniser's minConfidence is reported as such."""
    recognizer = {"vendor": "default", "minConfidence": 0.5}
    hook, _ = gathered(Says("hello", confidence=confidence), inputs=("speech",), recognizer=recognizer)
    assert hook["data"]["reason"] == reason
    assert hook["data"]["speech"]["alternatives"] == [{"transcript": "hello", "confidence": confidence}]


def test_speech_where_keys_are_wanted():
    """A gather that takes keys only does not hear what is said."""
    hook, transcript = gathered("hello", Presses("1"), numDigits=1)
    assert keys(hook) == "1"
    assert transcript.of("fault") == ["nobody hears that: the gather takes keys only"]


def test_speech_after_a_key():
    """The first key ends speech recognition."""
    hook, transcript = gathered(Presses("1"), "hello", inputs=("speech", "digits"), timeout=3)
    assert hook["data"]["reason"] == "timeout"
    assert transcript.of("fault") == ["nobody hears that: the first key has ended speech recognition"]


# Keys


@pytest.mark.parametrize(
    ("pressed", "options", "digits"),
    [
        ("12", {"numDigits": 2}, "12"),
        ("12", {"maxDigits": 2}, "12"),
        ("12#", {"finishOnKey": "#"}, "12"),
        ("#", {"finishOnKey": "#"}, ""),
        ("12", {"minDigits": 2, "interDigitTimeout": 1}, "12"),
        ("12", {"minDigits": 2}, "12"),
    ],
)
def test_keys(pressed, options, digits):
    """The number of keys, a last key, or a pause after enough of them ends the input."""
    hook, _ = gathered(Presses(pressed), **options)
    assert (keys(hook), hook["data"]["reason"]) == (digits, "dtmfDetected")


@pytest.mark.parametrize("options", [{}, {"interDigitTimeout": 1}, {"minDigits": 3, "interDigitTimeout": 1}])
def test_keys_that_are_not_enough(options):
    """At the timeout too few keys are lost; interDigitTimeout alone does nothing."""
    hook, transcript = gathered(Presses("12"), timeout=5, **options)
    assert hook["data"]["reason"] == "timeout"
    assert "digits" not in hook["data"]
    assert seconds_until_hook(transcript) == pytest.approx(5)


def test_inter_digit_timeout_begins_anew():
    """The pause counts from the last key."""
    hook, _ = gathered(Presses("1234"), minDigits=1, interDigitTimeout=0.6)
    assert keys(hook) == "1234"


def test_min_digits_at_the_timeout():
    """At the timeout enough keys are a result."""
    hook, transcript = gathered(Presses("12"), minDigits=2, timeout=4)
    assert keys(hook) == "12"
    assert seconds_until_hook(transcript) == pytest.approx(4)


def test_too_many_keys():
    """Keys pressed after the end of the input are lost."""
    hook, transcript = gathered(Presses("1234"), numDigits=2)
    assert keys(hook) == "12"
    assert transcript.of("fault") == ["nobody listens to 34: the gather is over"]


def test_keys_where_speech_is_wanted():
    """A gather that takes speech only does not notice keys."""
    hook, transcript = gathered(Presses("1#"), "hello", inputs=("speech",))
    assert words(hook) == "hello"
    assert transcript.of("fault") == ["nobody notices that: the gather takes speech only"]


def test_input_left_out():
    """Without `input` a gather takes keys."""

    def application(app: App) -> None:
        app.begin({"verb": "gather", "actionHook": {"url": "/keys", "method": "POST"}, "numDigits": 1}, HANGUP)
        hook = app.receive()
        assert (hook["hook"], keys(hook)) == ("/keys", "7")
        app.ack(hook)
        app.until_closed()

    call(application, "7")


# Nothing


@pytest.mark.parametrize("prompt", [{}, {"say": {"text": "one two three four five"}}, {"play": {"url": ["a", "b"]}}])
def test_timeout(prompt):
    """The timeout counts from the end of the prompt."""
    hook, transcript = gathered(timeout=3, **prompt)
    assert hook["data"]["reason"] == "timeout"
    assert seconds_until_hook(transcript) == pytest.approx(3)


def test_timeout_left_out():
    """Without `timeout` it is 15 s."""
    _, transcript = gathered()
    assert seconds_until_hook(transcript) == pytest.approx(15)


def test_no_timeout():
    """With a timeout of 0 a gather waits for ever."""
    hook, transcript = gathered(Silence(40), Presses("1"), timeout=0, numDigits=1)
    assert keys(hook) == "1"
    assert seconds_until_hook(transcript) == pytest.approx(40)


def test_silence():
    """A silent caller lets gathers time out, and speaks when the silence is over."""

    def application(app: App) -> None:
        reasons = []
        app.begin(gather("speech", timeout=4))
        for _ in range(3):
            hook = app.receive()
            reasons.append(hook["data"]["reason"])
            app.ack(hook, [gather("speech", timeout=4)])
        assert reasons == ["timeout", "timeout", "speechDetected"]
        app.until_closed()

    call(application, Silence(10), "hello", HangsUp())


def test_without_hook():
    """A gather without action hook sends none, and the queue goes on."""

    def application(app: App) -> None:
        app.begin({"verb": "gather", "input": ["speech"]}, say("Next."), HANGUP)
        assert {message["type"] for message in app.until_closed()[1]} == {"call:status"}

    assert call(application, "hello").heard == ["Next."]


def test_http_hook():
    """A hook with an http URL is no message; the simulator notes it and goes on."""

    def application(app: App) -> None:
        app.begin(gather("speech", hook="https://example.com/hook"), HANGUP)
        assert {message["type"] for message in app.until_closed()[1]} == {"call:status"}

    assert "by HTTP" in call(application, "hello").of("note")[0]


# Interrupting the prompt

LONG = {"id": "p", "text": "one two three four five six seven eight"}


def test_key_interrupts_the_prompt():
    """A key cuts the prompt short, and counts."""
    hook, transcript = gathered(Presses("12", barge_in=True), numDigits=2, say=LONG)
    assert keys(hook) == "12"
    assert events(transcript) == [
        "finished",
        "starting",
        "synthesized-audio",
        "start-playback",
        "dtmf-bargein-detected",
        "stop-playback",
        "kill-playback",
        "finished",
        "starting",
    ]


def test_speech_interrupts_the_prompt():
    """With bargein, speech cuts the prompt short."""
    hook, transcript = gathered(Says("stop that", barge_in=True), inputs=("speech",), bargein=True, say=LONG)
    assert words(hook) == "stop that"
    (event,) = (m["data"] for m in transcript.messages("in", "verb:status") if "bargein" in m["data"]["event"])
    assert event == {"event": "speech-bargein-detected", "verb": "gather", "words": ["stop", "that"]}


@pytest.mark.parametrize(
    ("step", "options"),
    [
        (Presses("1", barge_in=True), {"dtmfBargein": False, "say": LONG}),
        (Says("stop", barge_in=True), {"say": LONG}),
        (Says("stop", barge_in=True), {"say": LONG, "bargein": True, "listenDuringPrompt": False}),
        (Says("stop", barge_in=True), {"say": {"text": "Hm"}, "bargein": True}),
        (Says("stop", barge_in=False), {"say": LONG, "bargein": True}),
    ],
)
def test_prompt_that_is_not_interrupted(step, options):
    """Where the gather does not allow it, or the prompt is short, the caller waits for the end of the prompt."""
    hook, transcript = gathered(step, inputs=("speech", "digits"), numDigits=1, **options)
    assert hook["data"]["reason"] in ("speechDetected", "dtmfDetected")
    assert "kill-playback" not in events(transcript)


# Partial results


def test_partial_result():
    """What is understood of a longer speech comes while it is spoken; the answer makes no difference."""
    partials = []

    def application(app: App) -> None:
        app.begin(gather("speech", partialResultHook="/partial", id="g"))
        partials.append(app.receive())
        app.ack(partials[0], [say("Never said.")])
        hook = app.receive()
        assert (hook["hook"], words(hook)) == ("/gathered", "two large pizzas")
        app.ack(hook, [HANGUP])
        app.until_closed()

    assert call(application, "two large pizzas").heard == []
    (partial,) = partials
    assert (partial["hook"], words(partial), partial["data"]["verb_id"]) == ("/partial", "two", "g")
    assert partial["data"]["speech"]["is_final"] is False
    assert partial["data"]["call_status"] == "in-progress"


def test_no_partial_result_of_a_word():
    """A single word has no part, and what nobody listens to has none either."""

    def application(app: App) -> None:
        app.begin(gather("speech", partialResultHook="/partial"))
        app.ack(app.receive(), [gather("digits", numDigits=1, partialResultHook="/partial")])
        app.ack(app.receive(), [HANGUP])
        app.until_closed()
        assert [message["hook"] for message in app.received if "hook" in message] == ["/gathered", "/gathered"]

    call(application, "pizza", "two large pizzas", "1")


def test_no_partial_result_after_the_end():
    """A gather that is killed while somebody speaks tells no more of it."""

    clock = HeldClock()

    def application(app: App) -> None:
        app.begin(gather("speech", partialResultHook="/partial"), say("Never said."))
        clock.advance(1)
        app.redirect({"verb": "pause", "length": 9}, HANGUP)
        clock.run_out()
        app.until_closed()
        assert not [message for message in app.received if "hook" in message]

    assert call(application, "one two three four five six", clock=clock).of("caller") == ["one two three four five six"]
