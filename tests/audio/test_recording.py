"""Recordings: ordered by the session, brought by a connection of their own; in virtual time and over sockets."""

from __future__ import annotations

import functools
import io
import math
import struct
import threading
import wave

import pytest

from jambonz_sync import CallEnded
from jambonz_sync.audio import AudioService, Recording, RecordingDesk, RecordingFailed, recording
from jambonz_sync.audio.recording import _Take
from jambonz_sync.simulator import HangsUp, Presses, SimulatedCall
from jambonz_sync.simulator.caller_sound import SoundWire

from .application import TIMEOUT
from .in_world import call_with_audio


def tone(seconds: float, rate: int = 8000) -> bytes:
    """A sound that is heard."""
    count = round(seconds * rate)
    return struct.pack(f"<{count}h", *(round(9000 * math.sin(2 * math.pi * 440 * at / rate)) for at in range(count)))


def frames(*parts: bytes) -> list[bytes]:
    data = b"".join(parts)
    return [data[start : start + 320] for start in range(0, len(data), 320)]


def record(*steps, sound: list[bytes] | None = None, **options) -> tuple[Recording, list]:
    """What is recorded of a caller, and the verbs for it."""
    desk = RecordingDesk("/recording")
    made = []

    def answer(session):
        made.append(desk.record(session, **options))

    silence = None if sound is None else lambda: sound
    transcript = call_with_audio(answer, desk.take, *steps, service=AudioService(desk.path), frames=silence)
    (recording,) = made
    verbs = [verb for message in transcript.messages("out") for verb in message.get("data") or [] if "url" in verb]
    return recording, verbs


def test_key():
    """A key ends it, and is told; what was said until then is there, sample by sample."""
    said = frames(tone(5))
    # The caller presses half a second after the beep.
    recording, verbs = record(Presses("#"), sound=said)
    assert (recording.reason, recording.digits) == ("key", "#")
    assert recording.data == b"".join(said)[: len(recording.data)]
    assert 0.4 <= recording.seconds <= 0.5
    (listen,) = verbs
    assert {key: listen[key] for key in ("url", "playBeep", "finishOnKey", "sampleRate", "mixType")} == {
        "url": "/recording",
        "playBeep": True,
        "finishOnKey": "#",
        "sampleRate": 8000,
        "mixType": "mono",
    }
    assert listen["bidirectionalAudio"] == {"enabled": False}
    assert "maxLength" not in listen


def test_length():
    """It ends at its longest."""
    recording, verbs = record(sound=frames(tone(60)), max_length=10, finish_on_key=None, beep=False)
    assert recording.reason == "length"
    assert recording.seconds == pytest.approx(10, abs=0.05)
    assert (verbs[0]["maxLength"], verbs[0]["playBeep"], "finishOnKey" in verbs[0]) == (10, False, False)


def test_silence():
    """It ends when nothing was said for so long, wherever that is; pauses that are shorter do no harm."""
    recording, _ = record(sound=frames(tone(1), bytes(16_000), tone(1), bytes(160_000)), silence=2)
    assert recording.reason == "silence"
    # What was said, the pause of one second, and the silence that has ended it.
    assert recording.seconds == pytest.approx(5, abs=0.05)


def test_silence_is_told_once():
    """However much more of it comes before jambonz has ended the listening."""
    told = []

    class Stream:
        sample_rate, channels = 8000, 1

        def __iter__(self):
            return iter(frames(bytes(160_000)))

        def disconnect(self):
            told.append("disconnect")

    take = _Take(1.0)
    take.run(Stream())
    assert (told, take.was_silent, len(take.data)) == (["disconnect"], True, 160_000)


def test_stereo():
    """It may have two channels and another rate."""
    said = [tone(0.02, 16_000) + tone(0.02, 16_000)] * 100
    recording, _ = record(Presses("#"), sound=said, sample_rate=16_000, mix_type="stereo")
    assert (recording.sample_rate, recording.channels) == (16_000, 2)
    assert 0.4 <= recording.seconds <= 0.5


def test_hang_up():
    """Who hangs up has still left a message; whatever waits next learns of it."""
    desk = RecordingDesk("/recording")
    seen = []

    def answer(session):
        seen.append(desk.record(session).reason)
        try:
            desk.record(session)
        except CallEnded:
            seen.append("over")
            raise

    call_with_audio(answer, desk.take, HangsUp(), service=AudioService(desk.path))
    assert seen == ["hangup", "over"]
    assert desk._takes == {}


def test_nobody_comes():
    """If jambonz cannot reach the address for audio, that is said, and the call goes on."""
    desk = RecordingDesk("/elsewhere")
    seen = []

    def answer(session):
        with pytest.raises(RecordingFailed, match="/elsewhere"):
            desk.record(session)
        seen.append(session.active)
        session.say("Sorry.").run()

    transcript = call_with_audio(answer, desk.take)
    assert seen == [True]
    assert "Sorry." in [entry.what for entry in transcript.entries]
    assert desk._takes == {}


def test_another_address():
    """The audio may come to another address than the desk's."""
    desk = RecordingDesk("/recording")
    seen = []
    call_with_audio(
        lambda session: seen.append(desk.record(session, url="/app", max_length=1).reason),
        desk.take,
        service=AudioService("/app"),
    )
    assert seen == ["length"]


def test_replaced():
    """Verbs that take its place end it."""
    desk = RecordingDesk("/recording")
    seen = []

    def answer(session):
        session.on("dtmf", lambda evt: None)
        seen.append(desk.record(session, finish_on_key=None, max_length=60).reason)

    def voice(stream):
        stream.session.say("Something else.").send()
        desk.take(stream)

    call_with_audio(answer, voice, service=AudioService(desk.path))
    assert seen == ["other"]


def test_stranger(audio, log):
    """A connection for which nothing was ordered is closed, with a warning."""
    desk = RecordingDesk("/audio")
    audio.answer(desk.take)
    ws = audio.connect()
    with pytest.raises(Exception, match="1000"):
        ws.recv(10)
    log.expect("nothing is to be recorded for it")


def test_sockets(make_audio, make_app):
    """The same over sockets, in real time."""
    audio, app = make_audio(), make_app()
    desk = RecordingDesk(f"ws://127.0.0.1:{audio.port}/audio")
    audio.service.on("connection", desk.take)

    @app.answer
    def record_it(session):
        return desk.record(session, beep=False, finish_on_key="#")

    said = frames(tone(2))
    connect = functools.partial(SoundWire, frames=said)
    SimulatedCall(f"{app.endpoint.url}/app", [Presses("#")], connect_audio=connect).run()
    recording = app.outcome()
    assert (recording.reason, recording.digits) == ("key", "#")
    assert recording.seconds > 0.2
    assert b"".join(said).startswith(recording.data)


def test_the_thread_of_the_audio_is_slower(make_audio, make_app, monkeypatch):
    """What it has still to read when the listening is over is waited for."""
    audio, app = make_audio(), make_app()
    desk = RecordingDesk(f"ws://127.0.0.1:{audio.port}/audio")
    listening_is_over = threading.Event()

    @audio.answer
    def take(stream):
        # All that was said waits to be read.
        assert listening_is_over.wait(TIMEOUT)
        desk.take(stream)

    def note(*arguments):
        listening_is_over.set()
        wait(*arguments)

    wait = recording._await
    monkeypatch.setattr(recording, "_await", note)
    app.answer(lambda session: desk.record(session, beep=False))
    said = frames(tone(1))
    connect = functools.partial(SoundWire, frames=said)
    SimulatedCall(f"{app.endpoint.url}/app", [Presses("#")], connect_audio=connect).run()
    made = app.outcome()
    assert made.seconds > 0.2
    assert b"".join(said).startswith(made.data)


def test_files(tmp_path):
    """A recording can be saved, or had as a whole file."""
    recording = Recording(b"\1\0\2\0" * 800, 16_000, 2, "key", "#")
    recording.save(tmp_path / "message.wav")
    for source in (str(tmp_path / "message.wav"), io.BytesIO(recording.wav())):
        with wave.open(source) as file:
            assert file.getparams()[:4] == (2, 2, 16_000, 800)
            assert file.readframes(800) == recording.data
    assert recording.seconds == 0.05
    assert "data" not in repr(recording)


def test_array():
    """With numpy it is an array."""
    pytest.importorskip("numpy")
    assert Recording(b"\1\0\2\0", 8000, 2, "key").array.tolist() == [[1, 2]]
