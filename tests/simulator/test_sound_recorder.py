"""Sound files for the caller, and what the application has sent."""

from __future__ import annotations

import base64
import functools
import json
import wave

import pytest

from jambonz_sync.audio.wav import Sound, wav_bytes, write_wav
from jambonz_sync.simulator import SimulatedCall
from jambonz_sync.simulator.sound_recorder import RecordedWire, SoundRecorder, wav_frames

from .server import HANGUP, App, serving
from .test_listening import BOTH, listen


@pytest.mark.parametrize(("rate", "channels", "size"), [(8000, 1, 320), (16_000, 2, 1280)])
def test_frames(tmp_path, rate, channels, size):
    """A file is cut into frames of 20 ms, of which the last may be shorter."""
    data = bytes(range(256)) * (size // 64) + b"\1\0" * channels
    write_wav(tmp_path / "hello.wav", Sound(data, rate, channels))
    frames = list(wav_frames(tmp_path / "hello.wav"))
    assert [len(frame) for frame in frames] == [size] * 4 + [2 * channels]
    assert b"".join(frames) == data


def test_recorder(tmp_path):
    """What is streamed and what is sent in clips is kept, and what nobody understands is not."""
    recorder = SoundRecorder()

    def clip(content: bytes, **data: object) -> None:
        text = base64.b64encode(content).decode()
        recorder.take(json.dumps({"type": "playAudio", "data": {"audioContent": text, **data}}))

    recorder.take(b"\1\0")
    clip(b"\2\0", audioContentType="raw", sampleRate=16_000)
    clip(wav_bytes(Sound(b"\3\0", 8000)), audioContentType="wav")
    recorder.take(b"\4\0")
    clip(b"\5\0")
    for text in ("no JSON", "[]", "{}", '{"type":"playAudio"}', '{"type":"playAudio","data":{"audioContent":"?"}}'):
        recorder.take(text)
    assert recorder.streamed == b"\1\0\4\0"
    assert recorder.clips == [Sound(b"\2\0", 16_000), Sound(b"\3\0", 8000)]
    recorder.save(tmp_path / "heard.wav", sample_rate=8000)
    with wave.open(str(tmp_path / "heard.wav")) as file:
        assert (file.getframerate(), file.readframes(9)) == (8000, b"\1\0\4\0")


def test_call(tmp_path):
    """In real time, over a socket, a file is played into the application, and what comes back is recorded."""
    write_wav(tmp_path / "hello.wav", Sound(b"\1\0" * 800, 8000))
    recorders: list[SoundRecorder] = []

    def application(app: App) -> None:
        if app.ws.subprotocol == "audio.jambonz.org":
            app.ws.recv(timeout=10)
            for _ in range(5):
                app.ws.send(app.ws.recv(timeout=10))
            app.ws.close()
            return
        app.begin(listen(bidirectionalAudio={"enabled": True, "streaming": True, "sampleRate": 8000}), HANGUP)
        app.ack(app.receive())
        app.until_closed()

    with serving(application, subprotocols=BOTH) as url:
        connect = functools.partial(RecordedWire, frames=wav_frames(tmp_path / "hello.wav"), recorders=recorders)
        SimulatedCall(url, connect_audio=connect).run()
    (recorder,) = recorders
    assert recorder.streamed == b"\1\0" * 800
