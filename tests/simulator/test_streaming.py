"""Streaming speech."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jambonz_sync import create_endpoint
from jambonz_sync.simulator import Answers, Presses, Says, Silence, StreamConnects, StreamFails, Transcript
from jambonz_sync.testing import Jambonz

from .held_clock import HeldClock
from .in_world import call_in_world
from .lines import call_over
from .server import HANGUP, App, call, gather, say

CONFIG = {"verb": "config", "ttsStream": {"enable": True}}
STOP = {"verb": "config", "ttsStream": {"enable": False}}
STREAMING_SAY = {"verb": "say", "stream": True}


class Streamer:
    """An application that streams, and the time it lets pass."""

    def __init__(self, app: App, clock: HeldClock) -> None:
        self.app = app
        self.advance = clock.advance
        self._tokens = 0

    def tokens(self, text: Any, **more: Any) -> Any:
        """Send tokens and return their result, without the id."""
        self._tokens += 1
        data = {"id": self._tokens, "tokens": text, **more}
        self.app.command("tts:tokens", data)
        result = self.app.receive("tts:tokens-result")["data"]
        assert result.pop("id") == data["id"]
        return result

    def flush(self) -> None:
        self.app.command("tts:flush", None)

    def clear(self) -> None:
        self.app.command("tts:clear", None)

    def events(self) -> list[str]:
        """The streaming events that have come."""
        return [message["data"]["event_type"] for message in self.app.received if message["type"].endswith("-event")]


OK = {"status": "ok"}
FULL = {"status": "failed", "reason": "full"}


def stream(
    script: Callable[[Streamer], Any], *steps: Any, verbs: Any = (CONFIG,), connected: bool = True, **options: Any
) -> Transcript:
    """Call an application that streams as the script says, and hangs up."""
    clock = HeldClock()

    def application(app: App) -> None:
        streamer = Streamer(app, clock)
        try:
            app.begin(*verbs)
            if connected:
                clock.advance(0.3)
                app.receive("tts:streaming-event")
            script(streamer)
            app.redirect(HANGUP)
        finally:
            clock.run_out()
        app.until_closed()

    return call(application, *steps, clock=clock, patience=1000, **options)


def times(transcript: Transcript) -> list[tuple[float, str]]:
    """What was heard, and when, since the stream was connected."""
    return [(round(entry.time - 0.3, 3), entry.what) for entry in transcript.entries if entry.who == "app"]


# What is heard, and when


def test_sentences():
    """Sentences are spoken as they are complete, one after another, at the pace of speech."""

    def script(s: Streamer) -> None:
        assert [s.tokens(token) for token in ("It rains ", "here. It is ", "cold! ")] == [OK] * 3
        s.advance(5)

    assert times(stream(script)) == [(0, "It rains here."), (1.2, "It is cold!")]


def test_words_after_a_pause():
    """Text without an end is spoken up to its last word once nothing has come for a second."""

    def script(s: Streamer) -> None:
        s.tokens("It rains here")
        s.advance(5)

    assert times(stream(script)) == [(1, "It rains")]


def test_more_within_the_pause():
    """More text puts the tick off, by a whole second."""

    def script(s: Streamer) -> None:
        s.tokens("It rains ")
        s.advance(0.6)
        s.tokens("in Ghent")
        s.advance(5)

    assert times(stream(script)) == [(2, "It rains in")]


def test_last_word():
    """The last word is not spoken unless it is flushed."""

    def script(s: Streamer) -> None:
        s.tokens("Really")
        s.advance(60)
        s.flush()
        s.advance(5)

    assert times(stream(script)) == [(61, "Really")]


def test_flush_with_the_next_token():
    """A flush with text waiting acts at the next token, be it a space; what comes after it is not flushed."""

    def script(s: Streamer) -> None:
        s.tokens("It rains")
        s.flush()
        s.advance(0.2)
        s.tokens(" ")
        s.advance(5)

    assert times(stream(script)) == [(0.2, "It rains")]


def test_flush_at_the_tick():
    """Without a token it acts at the next tick, which comes within two seconds."""

    def script(s: Streamer) -> None:
        s.tokens("It ")
        s.advance(0.5)
        s.tokens("rains")
        s.flush()
        s.advance(5)

    assert times(stream(script)) == [(2, "It rains")]


def test_flush_of_nothing():
    """With nothing waiting there is nothing to wait for."""

    def script(s: Streamer) -> None:
        s.tokens("It rains.")
        s.flush()
        s.tokens("It pours")
        s.advance(5)

    assert times(stream(script)) == [(0, "It rains."), (1, "It")]


def test_clear():
    """A clear drops what waits, and what is being spoken; what comes later is spoken."""

    def script(s: Streamer) -> None:
        s.tokens("It rains here. It pours there. And ")
        s.advance(0.5)
        s.clear()
        s.tokens("Sure.")
        s.advance(5)

    assert times(stream(script)) == [(0, "It rains here. It pours there."), (0.5, "Sure.")]


def test_white_space():
    """White space alone is accepted, and is nothing to speak."""
    transcript = stream(lambda s: (s.tokens(" \n"), s.flush(), s.advance(5)))
    assert transcript.heard == []
    assert transcript.messages("in", "tts:tokens-result")[0]["data"] == {"id": 1, "status": "ok"}


# Room


def test_full():
    """A token for which there is no room is refused whole; the first refusal is announced before its result."""

    def script(s: Streamer) -> None:
        assert s.tokens("a" * 999) == OK
        assert s.tokens("aa") == FULL
        assert s.events() == ["stream_open", "stream_paused"]
        assert s.app.received[-2]["data"] == {"event_type": "stream_paused"}
        assert s.tokens("aa") == FULL
        assert s.tokens("a") == OK
        assert s.events() == ["stream_open", "stream_paused"]

    stream(script)


def test_utf_16():
    """Room is counted as JavaScript counts: some characters are two."""

    def script(s: Streamer) -> None:
        assert s.tokens("\N{GRINNING FACE}" * 501) == FULL
        assert s.tokens("\N{GRINNING FACE}" * 500) == OK

    stream(script)


def test_resumed():
    """There is room again once 200 characters are left after a chunk was sent."""

    def script(s: Streamer) -> None:
        s.tokens("word " * 160 + "a" * 199)
        assert s.tokens("a" * 10) == FULL
        s.advance(2)
        assert s.events()[1:] == ["stream_paused"]
        s.tokens("")
        assert s.events()[1:] == ["stream_paused", "stream_resumed"]

    stream(script)


def test_not_resumed_with_too_much_left():
    """With more than 200 left nobody is told; resending is safe all the same."""

    def script(s: Streamer) -> None:
        s.tokens("word " * 160 + "a" * 200)
        assert s.tokens("a" * 10) == FULL
        s.advance(2)
        assert s.tokens("a" * 10) == OK
        assert s.events()[1:] == ["stream_paused"]

    stream(script)


@pytest.mark.parametrize("empty", [Streamer.clear, lambda s: (s.flush(), s.advance(2))])
def test_not_resumed(empty):
    """A buffer that is emptied otherwise is not announced to have room."""

    def script(s: Streamer) -> None:
        s.tokens("a" * 1000)
        assert s.tokens("a") == FULL
        empty(s)
        assert s.tokens("b") == OK
        assert s.events()[1:] == ["stream_paused"]

    stream(script)


def test_paused_again():
    """After a clear the next refusal is a first one."""

    def script(s: Streamer) -> None:
        for _ in range(2):
            assert s.tokens("a" * 1001) == FULL
            s.clear()
        assert s.events()[1:] == ["stream_paused"] * 2

    stream(script)


# Results


@pytest.mark.parametrize("name", [0, "", None, {"a": [1]}])
def test_names(name):
    """The id may be anything, and is repeated."""

    def script(s: Streamer) -> None:
        s.app.command("tts:tokens", {"id": name, "tokens": "a"})
        assert s.app.receive("tts:tokens-result")["data"] == {"id": name, "status": "ok"}

    stream(script)


def test_malformed():
    """Tokens that are missing have failed, what is no text has no status, and without an id there is no result."""

    def script(s: Streamer) -> None:
        s.app.command("tts:tokens", {"tokens": "It rains."})
        s.app.command("tts:tokens", {"id": 1})
        assert s.app.receive("tts:tokens-result")["data"] == {"id": 1, "status": "failed", "reason": "missing tokens"}
        assert s.tokens(7) == {}
        assert s.tokens(None) == {}

    transcript = stream(script)
    assert transcript.heard == []
    assert "tts:tokens, as it was sent, does nothing" in transcript.of("fault")[0]


# The connection


def test_held_until_connected():
    """Tokens and flushes that come while it connects are held, and a clear is ignored; all is spoken then."""

    def script(s: Streamer) -> None:
        s.tokens("It rains")
        s.flush()
        s.clear()
        s.advance(1.9)
        assert s.events() == []
        s.advance(0.1)
        s.app.receive("tts:streaming-event")
        s.advance(3)

    transcript = stream(script, connected=False, streams=[StreamConnects(after=2)])
    assert times(transcript) == [(1.7, "It rains")]
    assert transcript.of("fault")[0] == "the command tts:clear is lost: the stream is connecting"


def test_held_until_opened():
    """Without a stream tokens are held too, but a flush is lost."""

    def script(s: Streamer) -> None:
        assert s.tokens("It rains. It") == OK
        s.flush()
        s.tokens("")
        s.app.redirect(CONFIG)
        s.advance(0.3)
        s.app.receive("tts:streaming-event")
        s.advance(5)

    transcript = stream(script, verbs=[{"verb": "answer"}], connected=False)
    assert times(transcript) == [(0, "It rains.")]
    assert "the command tts:flush is lost: the stream is not connected" in transcript.of("note")
    assert transcript.of("fault") == []


def test_failing_vendor():
    """A failed connection shows in the next result, and nowhere else; enabling it anew tries anew."""

    def script(s: Streamer) -> None:
        assert s.tokens("It rains.") == OK
        s.advance(0.3)
        failure = {"status": "failed", "reason": "connection to elevenlabs failed"}
        assert s.tokens("It pours.") == failure
        assert s.tokens(" ") == failure
        s.flush()
        s.clear()
        assert s.events() == []
        s.app.redirect(CONFIG, {"verb": "pause", "length": 60})
        s.advance(0.3)
        assert s.tokens("It snows.") == OK
        assert s.events() == ["stream_open"]

    verbs = [{**CONFIG, "synthesizer": {"vendor": "elevenlabs"}}]
    transcript = stream(script, verbs=verbs, connected=False, streams=[StreamFails()])
    assert transcript.heard == ["It snows."]
    assert transcript.of("note")[0] == "the streaming speech of elevenlabs cannot be reached"


def test_disabled():
    """Disabling it stops the speech and drops the text, and the application is told; twice is once."""

    def script(s: Streamer) -> None:
        s.tokens("It rains here. And it pours.")
        s.app.redirect(STOP, STOP, {"verb": "pause", "length": 60})
        s.app.receive("tts:streaming-event")
        assert s.tokens("It snows.") == OK
        s.advance(5)
        assert s.events() == ["stream_open", "stream_closed"]

    assert stream(script).heard == ["It rains here. And it pours."]


def test_disabled_while_connecting():
    """What is not connected yet never is."""

    def script(s: Streamer) -> None:
        s.app.redirect(STOP, {"verb": "pause", "length": 60})
        s.app.receive("tts:streaming-event")
        s.advance(5)
        assert s.events() == ["stream_closed"]

    stream(script, connected=False)


DIAL = {"verb": "dial", "target": [{"type": "phone", "number": "+15550143555"}], "actionHook": "/done"}
UNAVAILABLE = "there is streaming speech for the caller only"


def test_dialled_party():
    """There is none for a dialled party that is asked whether it takes the call."""

    def application(app: App) -> None:
        app.begin({**DIAL, "confirmHook": "/confirm"}, HANGUP)
        app.ack(app.receive("dial:confirm"), [STREAMING_SAY])
        app.ack(app.receive())
        app.until_closed()

    transcript = call(application, dials=[Answers()])
    assert transcript.of("note") == [f"say is skipped: {UNAVAILABLE}"]


def test_party_with_a_call_of_its_own():
    """There is none either for a dialled party that has left the call; results then have no status."""

    def parent(app: App) -> None:
        opening = app.begin(DIAL, HANGUP)
        while app.status("in-progress")["data"]["call_sid"] == opening["call_sid"]:
            pass
        app.command("redirect", {"child_call_hook": "/child"})
        app.ack(app.receive(), [STREAMING_SAY, CONFIG, gather()])
        app.ack(app.receive())
        app.until_closed()

    def child(app: App) -> None:
        app.ack(app.receive("session:adulting"))
        hook = app.receive()
        app.command("tts:tokens", {"id": 1, "tokens": "It rains."})
        app.command("tts:tokens", {"id": 2})
        assert app.receive("tts:tokens-result")["data"] == {"id": 1}
        assert app.receive("tts:tokens-result")["data"] == {"id": 2, "status": "failed", "reason": "missing tokens"}
        app.ack(hook, [HANGUP])
        app.until_closed()

    transcript = call_over([parent, child], dials=[Answers(seconds=500, steps=[Presses("7#")])], speed=50)
    assert transcript.of("note")[:2] == [f"say is skipped: {UNAVAILABLE}", f"config: {UNAVAILABLE}"]
    assert transcript.messages("in", "tts:streaming-event") == []


def test_end_of_the_call():
    """The end of the call does not close it."""
    transcript = stream(lambda s: s.tokens("It rains."))
    events = transcript.messages("in", "tts:streaming-event")
    assert [event["data"] for event in events] == [{"event_type": "stream_open"}]
    assert events[0].keys() == {"type", "msgid", "call_sid", "data"}


def test_beside_verbs():
    """What is streamed is heard while verbs run."""

    def script(s: Streamer) -> None:
        s.tokens("It rains.")
        s.advance(9)

    transcript = stream(script, verbs=[CONFIG, {"verb": "pause", "length": 9}, say("Later.")])
    assert times(transcript) == [(0, "It rains."), (8.7, "Later.")]


def test_silence():
    """The caller's patience begins when what is streamed has been spoken."""

    clock = HeldClock()

    def application(app: App) -> None:
        app.begin(CONFIG)
        clock.advance(0.3)
        app.receive("tts:streaming-event")
        app.command("tts:tokens", {"id": 1, "tokens": "one two three four five. " * 10})
        app.receive("tts:tokens-result")
        clock.run_out()
        app.until_closed()

    transcript = call(application, clock=clock, patience=2)
    assert transcript.entries[-1].time == pytest.approx(0.3 + 20 + 2)
    assert transcript.of("fault")[-1] == "the caller has heard nothing for 2 s"


# say with stream


def test_streaming_say():
    """It ends when what was sent has been spoken; the next one says what is left, on the same stream."""

    def script(s: Streamer) -> None:
        s.tokens("It rains. And")
        s.advance(2)
        assert s.tokens(" it pours.") == OK
        s.flush()
        s.advance(3)
        assert s.events() == ["stream_open"]

    verbs = [STREAMING_SAY, say("Now."), {"verb": "pause", "length": 1}, STREAMING_SAY, say("End.")]
    transcript = stream(script, verbs=verbs)
    assert times(transcript) == [(0, "It rains."), (0.8, "Now."), (2.2, "And it pours."), (3.4, "End.")]


def test_streaming_say_with_text():
    """A text of its own is spoken first, without waiting for the end of a sentence."""
    transcript = stream(lambda s: s.advance(5), verbs=[{**STREAMING_SAY, "text": "It rains"}, say("End.")])
    assert times(transcript) == [(0, "It rains"), (0.8, "End.")]


def test_streaming_say_with_too_much_text():
    """A text for which there is no room is not spoken."""
    transcript = stream(lambda s: s.tokens("Now."), verbs=[{**STREAMING_SAY, "text": "a" * 1001}])
    assert transcript.heard == ["Now."]
    assert "the text of the say is not streamed: full" in transcript.of("fault")


def test_killed_streaming_say():
    """A say that is replaced closes the stream, and what is left is lost."""

    def script(s: Streamer) -> None:
        s.tokens("It rains here. And")
        s.app.redirect(STREAMING_SAY)
        s.app.receive("tts:streaming-event")
        s.advance(0.3)
        s.app.receive("tts:streaming-event")
        s.flush()
        s.tokens("It pours.")
        assert s.events() == ["stream_open", "stream_closed", "stream_open"]

    assert stream(script, verbs=[STREAMING_SAY]).heard == ["It rains here.", "It pours."]


def test_killed_streaming_say_in_front_of_the_background():
    """A stream that is open in the background stays open when a say is replaced."""

    def script(s: Streamer) -> None:
        s.tokens("It rains.")
        s.app.redirect({"verb": "pause", "length": 60})
        s.tokens("It pours.")
        s.advance(5)
        assert s.events() == ["stream_open"]

    assert stream(script, verbs=[CONFIG, STREAMING_SAY]).heard == ["It rains.", "It pours."]


def test_streaming_say_without_tokens():
    """When no tokens come the caller loses patience."""

    def application(app: App) -> None:
        app.begin(STREAMING_SAY)
        app.until_closed()

    transcript = call(application)
    assert transcript.of("fault") == ["the caller has heard nothing for 0.05 s"]
    assert transcript.of("caller") == ["hangs up"]


# The caller and the stream


GATHER = {"verb": "gather", "input": ["speech", "digits"], "numDigits": 1, "actionHook": "/heard", "bargein": True}
LONG = "one two three four five six seven eight nine ten."


def talk(*steps: Any, **options: Any) -> Transcript:
    """Let the caller act while the long text is streamed."""

    def answer(session: Any) -> None:
        verbs = [CONFIG, {**GATHER, **options}]
        for verb in verbs:
            session.verb(verb["verb"], {key: value for key, value in verb.items() if key != "verb"})
        session.send()
        session.wait_for("tts:stream_open")
        session.send_command("tts:tokens", {"id": 1, "tokens": LONG})
        session.wait_for("/heard")
        session.hangup().reply()

    return call_in_world(answer, *steps)


def said(transcript: Transcript) -> list[tuple[float, str]]:
    return [(round(entry.time, 3), entry.what) for entry in transcript.entries if entry.who in ("app", "caller")]


def interruptions(transcript: Transcript) -> list[str]:
    """The interruptions and hooks that were told, in order."""
    messages = transcript.messages("in")
    kinds = [message["data"].get("event_type", message.get("hook")) for message in messages]
    return [kind for kind in kinds if kind in ("user_interruption", "/heard")]


def test_polite_caller():
    """A caller who is listened to waits until it is quiet."""
    transcript = talk(Says("hello"))
    assert said(transcript) == [(0.3, LONG), (4.8, "hello")]
    assert interruptions(transcript) == ["/heard"]


@pytest.mark.parametrize("step", [Says("wait", barge_in=True), Presses("1", barge_in=True)])
def test_barge_in_on_a_gather(step):
    """One who barges in silences the stream, if the gather allows it; that is told before the hook is sent."""
    transcript = talk(step)
    assert said(transcript)[1][0] == 0.5
    assert interruptions(transcript) == ["user_interruption", "/heard"]
    assert interruptions(talk(step, bargein=False)) == ["/heard"]


def test_barge_in_on_a_prompt():
    """A gather with a prompt of its own has that to be interrupted, and not the stream."""
    transcript = talk(Says("wait", barge_in=True), say={"text": "One two three."})
    assert interruptions(transcript) == ["/heard"]


def test_late_stream():
    """A caller who is about to speak when the application begins to stream keeps silent."""
    transcript = talk(Silence(0.2), Says("hello"))
    assert said(transcript) == [(0.3, LONG), (4.8, "hello")]


def in_background(*steps: Any) -> Transcript:
    """Let the caller act while the long text is streamed, with barge-in in the background."""

    def answer(session: Any) -> None:
        session.config(
            tts_stream={"enable": True}, barge_in={"enable": True, "input": ["speech"], "action_hook": "/heard"}
        ).send()
        session.wait_for("tts:stream_open")
        session.send_command("tts:tokens", {"id": 1, "tokens": LONG})
        session.wait_for("/heard")
        session.hangup().reply()

    return call_in_world(answer, *steps)


def test_polite_caller_and_the_background():
    """So too where nothing but barge-in in the background listens; then there is nothing to interrupt."""
    transcript = in_background(Says("hello"))
    assert said(transcript) == [(0.3, LONG), (4.8, "hello")]
    assert interruptions(transcript) == ["/heard"]


def test_barge_in_in_the_background():
    """Barge-in in the background silences the stream, and drops what waits."""
    transcript = in_background(Silence(1), Says("wait", barge_in=True))
    assert said(transcript) == [(0.3, LONG), (1, "wait")]
    assert interruptions(transcript) == ["user_interruption", "/heard"]


@pytest.mark.parametrize("in_background", [False, True])
def test_live_caller(in_background):
    """A caller who does what a test says hears the stream too, and answers when it is over."""

    def answer(session: Any) -> None:
        session.config(tts_stream={"enable": True})
        if in_background:
            session.config(barge_in={"enable": True, "input": ["speech"], "action_hook": "/heard"}).send()
        else:
            session.gather(input=["speech"], action_hook="/heard").send()
        session.wait_for("tts:stream_open")
        session.send_command("tts:tokens", {"id": 1, "tokens": "How are you?"})
        assert session.wait_for("/heard").transcript == "fine"
        session.say("Good.").hangup().reply()

    endpoint = create_endpoint()
    endpoint.make_service(path="/app").on("session:new", answer)
    with Jambonz() as jambonz:
        phone_call = jambonz.call(endpoint, "/app")
        assert phone_call.heard("How are you?")
        phone_call.says("fine")
        assert phone_call.heard("Good.")
