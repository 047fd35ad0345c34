"""What happens on an audio connection once it is open: sound in both directions, over a real socket."""

from __future__ import annotations

import base64
import contextlib
import functools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from jambonz_sync.simulator import Presses, Says, SimulatedCall, Transcript
from jambonz_sync.simulator.caller import Step
from jambonz_sync.simulator.caller_sound import SoundWire
from jambonz_sync.simulator.sound_track import SoundTrack

from .audio_in_world import WorldAudio, call_with_audio
from .held_clock import HeldClock
from .server import HANGUP, App, serving
from .test_listening import BOTH, background, listen

SOUND = b"\x01\x00"

STREAMING = {"enabled": True, "streaming": True, "sampleRate": 8000}

DISCONNECT = {"type": "disconnect"}
KILL = {"type": "killAudio"}


def clip(name: str, seconds: float = 1, *, queued: bool = True, **more: Any) -> dict[str, Any]:
    content = base64.b64encode(SOUND * round(8000 * seconds)).decode()
    data = {"audioContentType": "raw", "sampleRate": 8000, "audioContent": content, "id": name, "queuePlay": queued}
    return {"type": "playAudio", "data": {**data, **more}}


def mark(name: str) -> dict[str, Any]:
    return {"type": "mark", "data": {"name": name}}


class AudioSide:
    """The application's end of an audio connection, and of time."""

    def __init__(self, app: App, clock: HeldClock) -> None:
        self.ws = app.ws
        self.clock = clock
        self.metadata = self.receive()

    def send(self, *messages: dict[str, Any] | bytes | str) -> None:
        for message in messages:
            self.ws.send(json.dumps(message) if isinstance(message, dict) else message)

    def receive(self) -> Any:
        message = self.ws.recv(timeout=10)
        return json.loads(message) if isinstance(message, str) else message

    def after(self, seconds: float) -> Any:
        """Let time pass; return what has come next by then."""
        self.clock.advance(seconds)
        return self.receive()

    def rest(self) -> list[str | bytes]:
        """Return what comes until jambonz closes."""
        messages = []
        with contextlib.suppress(ConnectionClosed):
            while True:
                messages.append(self.ws.recv(timeout=10))
        assert self.ws.close_code == 1000
        return messages


def call(
    audio: Callable[[AudioSide], Any],
    *steps: Step,
    control: Callable[[App, HeldClock], Any] | None = None,
    **options: Any,
) -> Transcript:
    """Call an application that listens, by default until the audio side has disconnected."""
    clock = HeldClock()
    of_call = {key: options.pop(key) for key in ("connect_audio", "patience") if key in options}

    def listening(app: App, clock: HeldClock) -> None:
        app.begin(listen(**options), HANGUP)
        app.ack(app.receive())
        app.until_closed()

    def application(app: App) -> None:
        if app.ws.subprotocol == "audio.jambonz.org":
            audio(AudioSide(app, clock))
        else:
            (control or listening)(app, clock)

    with serving(application, subprotocols=BOTH) as url:
        return SimulatedCall(url, steps, clock=clock, **of_call).run()


def faults(*messages: dict[str, Any] | bytes | str, **options: Any) -> list[str]:
    """Return what is complained of when these messages are sent."""

    def audio(side: AudioSide) -> None:
        side.send(*messages, DISCONNECT)
        assert side.rest() == []

    return call(audio, **options).of("fault")


# What the application sends


def test_clips():
    """Clips play one after another; each end is reported in words, and what does not play any more is not."""
    reports: list[Any] = []

    def audio(side: AudioSide) -> None:
        side.send(clip("a", 1.24), clip("b"), clip("c"))
        reports.append(side.after(1.24))
        side.send(KILL)
        reports.append(side.receive())
        side.clock.advance(0.5)
        side.send(DISCONNECT)
        assert side.rest() == []

    transcript = call(audio)
    numbers = {"playbackSeconds": "1", "playbackMilliseconds": "1240", "playbackLastOffsetPos": "9920"}
    killed = {"playbackSeconds": "0", "playbackMilliseconds": "0", "playbackLastOffsetPos": "0"}
    assert reports == [
        {"type": "playDone", "data": {"id": "a", **numbers}},
        {"type": "playDone", "data": {"id": "b", **killed}},
    ]
    assert transcript.heard == ["(clip a, 1.24 s)", "(clip b, 1 s)", "(clip c, 1 s)"]
    assert transcript.of("fault") == []


def test_stream():
    """Streamed audio is heard, and its marks come back."""
    reports: list[Any] = []

    def audio(side: AudioSide) -> None:
        side.send(SOUND * 1600, mark("one"), SOUND * 1600)
        reports.append(side.after(0.25))
        side.send(mark("two"), KILL, mark("é"))
        reports.extend([side.receive(), side.after(0.1)])
        side.send({"type": "clearMarks"}, mark("three"), DISCONNECT)
        assert side.rest() == []

    transcript = call(audio, bidirectionalAudio=STREAMING)
    assert [(report["data"]["name"], report["data"]["event"]) for report in reports] == [
        ("one", "playout"),
        ("two", "cleared"),
        ("é", "playout"),
    ]
    assert transcript.heard == ["(streamed audio)"]
    assert transcript.of("fault") == []


@pytest.mark.parametrize("name", ['say "a"', "a\\b"])
def test_mark_that_is_no_json(name):
    """The name of a mark is sent as it is, also where that makes no JSON."""
    reports: list[str | bytes] = []

    def audio(side: AudioSide) -> None:
        side.send(mark(name))
        side.clock.advance(0.1)
        side.send(DISCONNECT)
        reports.extend(side.rest())

    transcript = call(audio, bidirectionalAudio=STREAMING)
    assert reports == [f'{{"type": "mark", "data": {{"name":"{name}", "event": "playout"}}}}']
    assert "comes back as what is no JSON" in transcript.of("fault")[0]


@pytest.mark.parametrize(
    ("options", "clips", "stream"),
    [
        ({}, None, "bidirectionalAudio.streaming is not set"),
        ({"bidirectionalAudio": {"enabled": False}}, "bidirectionalAudio is not enabled", None),
        ({"bidirectionalAudio": {**STREAMING, "enabled": False}}, "bidirectionalAudio is not enabled", None),
        (
            {"bidirectionalAudio": STREAMING, "disableBidirectionalAudio": True},
            "bidirectionalAudio is not enabled",
            None,
        ),
        (
            {"bidirectionalAudio": {"streaming": True}},
            "bidirectionalAudio is streaming without a sampleRate",
            None,
        ),
        (
            {"bidirectionalAudio": {"streaming": True, "sampleRate": 0.5}},
            "bidirectionalAudio is streaming without a sampleRate",
            None,
        ),
    ],
)
def test_what_is_ignored(options, clips, stream):
    """What the connection is not for does nothing, which is complained of once; killing is allowed always."""
    twice = [SOUND * 3200, mark("a"), {"type": "clearMarks"}] * 2
    kinds = ("audio is discarded", "mark is ignored", "clearMarks is ignored")
    assert faults(*twice, KILL, **options) == [f"listen: {kind}: {stream or clips}" for kind in kinds]
    if clips is not None:
        assert faults(clip("a"), clip("b"), KILL, **options) == [f"listen: playAudio is ignored: {clips}"]


def test_clip_while_streaming():
    """A clip is ignored in a stream."""
    ignored = ["listen: playAudio is ignored: bidirectionalAudio is streaming"]
    assert faults(clip("a"), SOUND * 3200, bidirectionalAudio=STREAMING) == ignored


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        (clip("a", audioContentType=None), "playAudio has no audioContentType, which may crash the media server"),
        (clip("a", sampleRate=11025), "playAudio has the sampleRate 11025, and is played as 16000"),
        ({"type": "playAudio"}, "playAudio has no data"),
        ({"type": "transfer", "data": {}}, "nothing in jambonz minds the message transfer"),
        ({"type": ["playAudio"]}, 'nobody understands {"type": ["playAudio"]}'),
        ("[]", "nobody understands []"),
        ("hello", "nobody understands hello"),
    ],
)
def test_what_is_wrong(message, fault):
    """What is of no use, or not as it should be, is complained of."""
    assert faults(message) == [f"listen: {fault}"]


@pytest.mark.parametrize("message", [{"type": "mark", "name": "a"}, {"type": "mark", "data": {"name": 7}}])
def test_mark_without_a_name(message):
    """A mark has its name in its data."""
    fault = "listen: a mark is ignored that has no name in its data"
    assert faults(message, bidirectionalAudio=STREAMING) == [fault]


def test_too_many():
    """Clips that are dropped, and marks, are complained of."""
    assert faults(*(clip(str(number)) for number in range(14))) == [
        "listen: clip 12 is dropped: 11 wait to be played",
        "listen: clip 13 is dropped: 11 wait to be played",
    ]
    marks = [mark(str(number)) for number in range(31)]
    fault = "listen: the mark '30' is dropped: 30 are outstanding"
    assert faults(*marks, bidirectionalAudio=STREAMING) == [fault]


# What the caller hears


@pytest.mark.parametrize(
    ("options", "message"), [({}, clip("a", 3)), ({"bidirectionalAudio": STREAMING}, SOUND * 24000)]
)
@pytest.mark.parametrize(("barge_in", "pressed_at"), [(False, 3.5), (True, 0.5)])
def test_caller_waits(options, message, barge_in, pressed_at):
    """The caller listens to what is played, and acts when it is over, unless it barges in."""

    def audio(side: AudioSide) -> None:
        side.send(message)
        side.clock.advance(3)
        side.clock.advance(1)
        side.send(DISCONNECT)

    transcript = call(audio, Presses("1", barge_in=barge_in), **options)
    (pressed,) = (entry for entry in transcript.entries if entry.who == "caller")
    assert pressed.time == pressed_at


def test_caller_does_not_wait_for_what_is_killed():
    """When it is killed the caller has heard enough."""

    def audio(side: AudioSide) -> None:
        side.send(clip("a", 30))
        side.clock.advance(1)
        side.send(KILL)
        side.clock.advance(1)
        side.send(DISCONNECT)

    transcript = call(audio, Says("hello"))
    assert [entry.time for entry in transcript.entries if entry.who == "caller"] == [1.5]


def test_sound_is_no_silence():
    """In the background too: a caller who hears something does not lose patience, and then has all of it."""

    def control(app: App, clock: HeldClock) -> None:
        app.begin(background())
        app.until_closed()

    def audio(side: AudioSide) -> None:
        side.send(clip("a", 30))
        side.clock.advance(29)
        side.clock.run_out()
        side.rest()

    transcript = call(audio, control=control, patience=5)
    assert transcript.of("fault") == ["the caller has heard nothing for 5 s"]
    assert transcript.entries[-1].time == 35


def test_sound_beside_streamed_speech():
    """The caller waits for both, sound and streamed speech, also when the sound is over first."""

    def control(app: App, clock: HeldClock) -> None:
        app.begin({"verb": "config", "ttsStream": {"enable": True}})
        clock.advance(1)
        app.receive("tts:streaming-event")
        app.command("tts:tokens", {"id": 1, "tokens": "one two three four five six seven eight nine ten."})
        app.receive("tts:tokens-result")
        app.redirect(background())
        app.until_closed()

    def audio(side: AudioSide) -> None:
        side.send(clip("a", 0.5))
        side.clock.advance(0.5)
        side.clock.run_out()
        side.rest()

    transcript = call(audio, Presses("1"), control=control)
    assert transcript.heard == ["one two three four five six seven eight nine ten.", "(clip a, 0.5 s)"]
    times = {entry.what: entry.time for entry in transcript.entries}
    assert times["presses 1"] == times[transcript.heard[0]] + 4.5


# How it ends


@pytest.mark.parametrize(
    ("options", "messages", "heard"),
    [
        ({}, [clip("a"), clip("b"), clip("c")], ["(clip a, 1 s)"]),
        ({"bidirectionalAudio": STREAMING}, [SOUND * 1600, mark("a"), SOUND * 100], ["(streamed audio)"]),
    ],
)
def test_nothing_goes_on(options, messages, heard):
    """What is played ends with the listen: nothing of it comes later, nor is complained of."""

    def control(app: App, clock: HeldClock) -> None:
        app.begin(listen(**options), {"verb": "pause", "length": 9}, HANGUP)
        app.ack(app.receive())
        clock.run_out()
        app.until_closed()

    def audio(side: AudioSide) -> None:
        side.send(*messages)
        side.clock.advance(0.1)
        side.send(DISCONNECT)
        assert side.rest() == []

    transcript = call(audio, control=control)
    assert transcript.entries[-1].time == 9.1
    assert transcript.heard == heard
    assert transcript.of("fault") == []


def test_caller_after_the_end():
    """The caller waits for nothing of it either, when somebody listens again."""
    sides: list[AudioSide] = []

    def audio(side: AudioSide) -> None:
        sides.append(side)
        if len(sides) == 1:
            side.send(clip("a", 60))
        side.clock.advance(1)
        side.send(DISCONNECT)
        side.rest()

    def control(app: App, clock: HeldClock) -> None:
        app.begin(listen(), listen(), HANGUP)
        for _ in range(2):
            app.ack(app.receive())
        app.until_closed()

    transcript = call(audio, Presses("1"), control=control)
    assert [entry.time for entry in transcript.entries if entry.who == "caller"] == [1.5]


# What the caller sends


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({}, 320),
        ({"mixType": "mixed"}, 320),
        ({"mixType": "stereo"}, 640),
        ({"sampleRate": 24000}, 960),
        ({"sampleRate": 16000, "mixType": "stereo"}, 1280),
    ],
)
def test_size_of_frames(options, size):
    """20 ms have as many bytes as the rate and the channels need."""

    def audio(side: AudioSide) -> None:
        frames = [side.after(0.02) for _ in range(3)]
        side.send(DISCONNECT)
        assert [*frames, *side.rest()] == [bytes(size)] * 3

    call(audio, connect_audio=SoundWire, **options)


@pytest.mark.parametrize("rate", [0, 1, 49, -8000])
def test_hardly_a_sample(rate):
    """Where no sample fits into a frame nothing is sent of the caller, which is complained of."""

    def audio(side: AudioSide) -> None:
        side.clock.advance(1)
        side.send(DISCONNECT)
        assert side.rest() == []

    transcript = call(audio, connect_audio=SoundWire, sampleRate=rate)
    why = f"nothing is heard of the caller: with the sampleRate {rate} no sample fits into 20 ms"
    assert transcript.of("fault") == [f"listen: {why}"]


def test_few_samples():
    """One that fits is sent."""
    sent: list[bytes] = []

    def audio(side: AudioSide) -> None:
        sent.append(side.after(0.02))
        side.send(DISCONNECT)

    assert call(audio, connect_audio=SoundWire, sampleRate=50).of("fault") == []
    assert sent == [bytes(2)]


def test_prepared_frames():
    """What was prepared is sent to every listen anew."""
    frames = [b"a" * 320, b"b" * 640]

    def audio(side: AudioSide) -> None:
        side.clock.advance(1)
        side.send(DISCONNECT)
        assert side.rest() == frames

    def control(app: App, clock: HeldClock) -> None:
        app.begin(listen(), listen(), HANGUP)
        for _ in range(2):
            app.ack(app.receive())
        app.until_closed()

    call(audio, control=control, connect_audio=functools.partial(SoundWire, frames=frames))


def test_no_frames_behind_the_end():
    """When the listen is over no more of it is taken."""
    taken: list[bytes] = []

    def frames() -> Iterator[bytes]:
        for _ in range(1000):
            taken.append(bytes(320))
            yield taken[-1]

    def control(app: App, clock: HeldClock) -> None:
        app.begin(listen(), {"verb": "pause", "length": 9}, HANGUP)
        app.ack(app.receive())
        clock.run_out()
        app.until_closed()

    def audio(side: AudioSide) -> None:
        side.clock.advance(0.05)
        side.send(DISCONNECT)

    call(audio, control=control, connect_audio=functools.partial(SoundWire, frames=frames()))
    assert len(taken) == 3


def test_paused():
    """While the listen is paused what the caller says is lost."""
    frames = [bytes([number]) * 320 for number in range(100)]
    received: list[str | bytes] = []

    def control(app: App, clock: HeldClock) -> None:
        app.begin(listen())
        clock.advance(0.02)
        for status in ("pause", "resume"):
            app.command("listen:status", {"listen_status": status})
            clock.advance(0.02)
        app.redirect(HANGUP)
        app.ack(app.receive())
        app.until_closed()

    call(
        lambda side: received.extend(side.rest()),
        control=control,
        connect_audio=functools.partial(SoundWire, frames=frames),
    )
    assert received == [frames[0], frames[2]]


def test_as_a_rule():
    """Nothing is sent of the caller unless the connection is made for it."""

    def audio(side: AudioSide) -> None:
        side.clock.advance(1)
        side.send(DISCONNECT)
        assert side.rest() == []

    call(audio)


# What is kept of it


class Keeper(SoundWire):
    """A connection that keeps what the caller hears."""

    def __init__(self, url: str, *, kept: list[SoundTrack]) -> None:
        super().__init__(url)
        self.heard = SoundTrack()
        kept.append(self.heard)


@pytest.mark.parametrize(
    ("options", "message"), [({}, clip("a", 30)), ({"bidirectionalAudio": STREAMING}, SOUND * 8000 * 30)]
)
def test_kept(options, message):
    """A connection that wants it keeps what the caller hears, up to the end of the listen."""
    kept: list[SoundTrack] = []

    def audio(side: AudioSide) -> None:
        side.clock.advance(1)
        side.send(message)
        side.clock.advance(2)
        side.send(DISCONNECT)
        side.rest()

    call(audio, connect_audio=functools.partial(Keeper, kept=kept), **options)
    ((piece,),) = [track.placed for track in kept]
    assert (piece.at, piece.end) == (1.0, 3.0)


# In virtual time


@pytest.mark.parametrize(
    ("options", "messages"),
    [({}, [clip("a", 600)]), ({"bidirectional_audio": STREAMING}, [SOUND * 8000 * 600, mark("a"), SOUND * 640])],
)
def test_virtual_time(options, messages):
    """Ten minutes of sound take ten minutes of a world, and not a moment more; none of it is waited for."""
    times: list[float] = []
    kinds: list[str] = []

    def audio(side: WorldAudio) -> None:
        begun, _ = side.receive()
        side.world.wait(lambda: False, begun + 0.5)
        side.answer(*messages)
        ended, report = side.receive()
        times.append(round(ended - begun, 6))
        kinds.append(report["type"])
        side.answer(DISCONNECT)

    transcript = call_with_audio(lambda session: session.listen("/audio", **options).run(), audio, limit=1000)
    assert times == [600.5]
    assert kinds == ["mark" if options else "playDone"]
    assert transcript.of("fault") + transcript.of("note") == []
    assert transcript.ending is not None
    assert transcript.ending.code == 1000
