"""Audio streams over real sockets: what is read, recorded and known."""

from __future__ import annotations

import json
import wave

import pytest

from jambonz_sync import WaitTimeout
from tests.transport.peers import eventually

from .application import facts

DTMF = json.dumps({"event": "dtmf", "dtmf": "7", "duration": "1600"})


def speech(size: int, start: int = 0) -> bytes:
    """Samples of which no two that follow each other are alike."""
    return b"".join((number % 30_000 + 1).to_bytes(2, "little") for number in range(start, start + size // 2))


# Reading


def test_frames(audio):
    """However jambonz merges and splits it, audio is read in frames of 20 ms, of which the last may be shorter."""
    sent = speech(320 * 5 + 100)

    @audio.answer
    def voice(stream):
        return list(stream)

    ws = audio.connect()
    for start, end in ((0, 320), (320, 960), (960, 961), (961, 1400), (1400, 1700)):
        ws.send(sent[start:end])
    ws.close()
    assert audio.outcome() == [sent[start : start + 320] for start in range(0, 1700, 320)]


def test_frames_of_another_length(audio):
    """Frames may have any length."""

    @audio.answer
    def voice(stream):
        return [len(frame) for frame in stream.frames(0.05)]

    ws = audio.connect(facts(sampleRate=16000, mixType="stereo"))
    for _ in range(10):
        ws.send(bytes(1280))
    ws.close()
    # Of each channel 16,000 samples of two bytes a second.
    assert audio.outcome() == [3200] * 4


def test_read(audio):
    """What is read is as long as it is wanted, then as much as is left, then nothing; the end does not raise."""

    @audio.answer
    def voice(stream):
        return [len(stream.read(0.5)), len(stream.read(0.5)), stream.read(0.5), stream.read(), stream.ended]

    ws = audio.connect()
    ws.send(bytes(8000 + 4321))
    ws.close()
    assert audio.outcome() == [8000, 4320, b"", b"", True]


def test_read_all(make_audio):
    """All that comes until the end can be read at once, even if it is more than may wait."""
    audio = make_audio(max_lag=0.1)
    sent = speech(16_000 * 3)

    @audio.answer
    def voice(stream):
        audio.told.put("reads")
        return stream.read()

    ws = audio.connect()
    audio.hears()
    for start in range(0, len(sent), 320):
        ws.send(sent[start : start + 320])
    ws.close()
    assert audio.outcome().endswith(sent[1600:])


def test_read_more_than_may_wait(make_audio):
    """What is read at once may be longer than what may wait to be read."""
    audio = make_audio(max_lag=0.1, when_late="block")
    sent = speech(16_000)

    @audio.answer
    def voice(stream):
        return stream.read(1.0)

    ws = audio.connect()
    ws.send(sent)
    assert audio.outcome() == sent


@pytest.mark.parametrize("seconds", [0, -1, float("inf"), float("nan")])
def test_read_nothing(audio, seconds):
    """Only a length that can be had can be read."""

    @audio.answer
    def voice(stream):
        with pytest.raises(ValueError, match="seconds above 0"):
            stream.read(seconds)
        with pytest.raises(ValueError, match="seconds above 0"):
            stream.frames(seconds)

    audio.connect()
    assert audio.outcome() is None


def test_read_in_vain(make_audio):
    """What has come by then stays, though it is more than may wait otherwise."""
    audio = make_audio(max_lag=0.5)
    said = speech(16_000)

    @audio.answer
    def voice(stream):
        audio.told.put(stream)
        with pytest.raises(WaitTimeout):
            stream.read(2.0, timeout=0.5)
        audio.told.put("in vain")
        stream.wait_for("dtmf")
        return stream.read(), stream.dropped

    ws = audio.connect()
    inflow = audio.hears()._channel.core.inflow
    eventually(lambda: inflow.wanted == 32_000)
    ws.send(said[:16_000])
    eventually(lambda: len(inflow) == 16_000)
    assert audio.hears() == "in vain"
    ws.send(said[16_000:16_320])
    ws.send(DTMF)
    ws.close()
    assert audio.outcome() == (said[:16_320], 0.0)


def test_read_in_time(audio):
    """What does not come in time raises, and what has come stays to be read."""

    @audio.answer
    def voice(stream):
        with pytest.raises(WaitTimeout, match="audio"):
            stream.read(1.0, timeout=0.01)
        audio.told.put("in vain")
        return stream.read(1.0)

    ws = audio.connect()
    sent = speech(16_000)
    ws.send(sent[:5000])
    assert audio.hears() == "in vain"
    ws.send(sent[5000:])
    assert audio.outcome() == sent


def test_catch_up(audio):
    """What was not read can be thrown away."""

    @audio.answer
    def voice(stream):
        stream.wait_for("dtmf")
        lag = stream.lag
        return lag, stream.catch_up(), stream.lag, stream.read(0.02)

    ws = audio.connect()
    ws.send(bytes(16_000))
    ws.send(DTMF)
    ws.send(b"\1" * 320)
    # Whether the last frame had come is a matter of luck.
    ws.close()
    lag, thrown, left, frame = audio.outcome()
    assert lag == thrown
    assert left == 0
    assert (lag, frame) in [(1.0, b"\1" * 320), (1.02, b"")]


def test_array_without_numpy(audio, monkeypatch):
    """Arrays need numpy, which is said."""
    monkeypatch.setitem(__import__("sys").modules, "numpy", None)

    @audio.answer
    def voice(stream):
        with pytest.raises(ImportError, match=r"pip install jambonz-sync\[numpy\]"):
            stream.read_array(0.02)

    audio.connect().send(bytes(320))
    assert audio.outcome() is None


def test_array(audio):
    """With numpy audio can be read as an array, with a column for each channel."""
    pytest.importorskip("numpy")

    @audio.answer
    def voice(stream):
        samples = stream.read_array(0.01)
        return samples.shape, str(samples.dtype), samples[1].tolist()

    ws = audio.connect(facts(mixType="stereo"))
    ws.send(b"\1\0\2\0\3\0\xff\xff" * 40)
    assert audio.outcome() == ((80, 2), "int16", [3, -1])


# Recording


def test_record_to(audio, tmp_path):
    """All that comes until the end is written to a WAV file, in one line."""
    path = tmp_path / "call.wav"

    @audio.answer
    def voice(stream):
        return stream.record_to(path)

    sent = speech(64_000 + 4)
    ws = audio.connect(facts(sampleRate=16000, mixType="stereo"))
    for start in range(0, len(sent), 1280):
        ws.send(sent[start : start + 1280])
    ws.close()
    assert audio.outcome() == pytest.approx(1.0 + 1 / 16_000)
    with wave.open(str(path)) as file:
        assert file.getparams()[:4] == (2, 2, 16000, 16001)
        assert file.readframes(99_999) == sent


def test_record_some(audio, tmp_path):
    """It can stop before the end, to the sample."""

    @audio.answer
    def voice(stream):
        return stream.record_to(tmp_path / "call.wav", seconds=0.05), stream.read(0.02)

    sent = speech(1120)
    audio.connect().send(sent)
    assert audio.outcome() == (0.05, sent[800:])
    with wave.open(str(tmp_path / "call.wav")) as file:
        assert file.readframes(9999) == sent[:800]


# Facts


def test_facts(audio):
    """The stream knows the call: by jambonz's names, by ours, and what the verb has given along."""
    session = object()
    audio.sessions[facts()["callSid"]] = session

    @audio.answer
    def voice(stream):
        metadata = stream.metadata
        return (
            (stream.sample_rate, stream.channels, stream.call_sid, stream.path),
            (metadata["ticket"], metadata["callStatus"], metadata["call_status"], metadata["fs_sip_address"]),
            stream.session is session,
            repr(stream),
        )

    audio.connect()
    sid = facts()["callSid"]
    assert audio.outcome() == (
        (8000, 1, sid, "/audio"),
        ("T-19", "in-progress", "in-progress", "10.20.0.15:5070"),
        True,
        f"<AudioStream of {sid} on /audio>",
    )


def test_session_of_a_dialled_leg(audio):
    """Inside a dial the facts are those of the leg, and the session is that of the call that has dialled it."""
    audio.sessions["parent"] = "the session"

    @audio.answer
    def voice(stream):
        return stream.session

    audio.connect(facts(callSid="child", parentCallSid="parent"))
    assert audio.outcome() == "the session"


def test_nobodys_session(audio):
    """The call may be one of another process."""

    @audio.answer
    def voice(stream):
        return stream.session, stream.call_sid

    audio.connect({"sampleRate": 8000, "mixType": "mono"})
    assert audio.outcome() == (None, None)


def test_facts_cut_off(audio, log):
    """A first message that was cut off is no reason to lose the audio, but is said."""

    @audio.answer
    def voice(stream):
        return stream.sample_rate, stream.call_sid, stream.read(0.02)

    ws = audio.connect(json.dumps(facts(sampleRate=16000, notes="x" * 9000))[:8191])
    ws.send(b"\1" * 640)
    assert audio.outcome() == (16000, facts()["callSid"], b"\1" * 640)
    assert "less into metadata" in log.expect("cut off")


def test_no_facts(audio, log):
    """A connection that begins with audio is taken at the usual rate, and nothing of it is lost."""

    @audio.answer
    def voice(stream):
        return stream.sample_rate, stream.read(0.02)

    audio.connect(b"\1" * 320)
    assert audio.outcome() == (8000, b"\1" * 320)
    log.expect("did not begin with the facts")
