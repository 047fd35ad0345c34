"""Audio that is streamed to the caller, and the marks in it."""

from __future__ import annotations

import array
import contextlib
import functools
import io
import json
import threading
import wave

import pytest

from jambonz_sync.audio import AudioEnded, AudioNotActive
from jambonz_sync.audio.sending import StreamsAudio
from jambonz_sync.exceptions import InvalidCommand
from tests.transport.peers import Background

from .application import TIMEOUT, facts
from .test_playing import told, wav


def mark(ws, name: str, event: str = "playout") -> None:
    """Say what became of a mark, as the media server does."""
    ws.send(json.dumps({"type": "mark", "data": {"name": name, "event": event}}))


def streamed(ws) -> bytes:
    """All that is streamed until the next message in words, which is left out."""
    data = b""
    while isinstance(message := ws.recv(TIMEOUT), bytes):
        data += message
    return data


def test_bytes(audio):
    """Bytes go out as they are, at once, and nothing behind them."""

    @audio.answer
    def voice(stream):
        sent = stream.send_audio(b"\1\0" * 1600), stream.send_audio(memoryview(b"\2\0")), stream.send_audio(b"")
        stream.disconnect()
        return sent

    ws = audio.connect()
    assert ws.recv(TIMEOUT) == b"\1\0" * 1600
    assert ws.recv(TIMEOUT) == b"\2\0"
    assert told(ws) == {"type": "disconnect"}
    assert audio.outcome() == (True, True, True)


def test_odd_bytes(audio):
    """What ends within a sample is completed by what comes next; half a sample at the end is none."""

    @audio.answer
    def voice(stream):
        for piece in (b"\1", b"\0\2", b"\0\3\0\4"):
            stream.send_audio(piece)
        stream.flush_audio()
        stream.send_audio(b"\5\0")
        stream.disconnect()

    ws = audio.connect()
    data = streamed(ws)
    assert data[:6] == b"\1\0\2\0\3\0"
    assert data[6:].strip(b"\0") == b"\5"


def test_minus_one(audio):
    """Samples that would pass for marks are changed by the least that can be, unless they are to be left alone."""
    samples = array.array("h", [-1, 0, -256, 255, -1, -1]).tobytes()

    @audio.answer
    def voice(stream):
        # Also where such a sample is sent in two halves.
        stream.send_audio(samples[:1])
        stream.send_audio(samples[1:])
        stream.send_audio(samples, exact=True)
        stream.disconnect()

    ws = audio.connect()
    assert streamed(ws) == array.array("h", [0, 0, -256, 255, 0, 0]).tobytes() + samples


def test_arrays(audio):
    """Arrays of samples are sent as such, and others are refused with a way out."""

    @audio.answer
    def voice(stream):
        with pytest.raises(InvalidCommand, match="of the format 'd'"):
            stream.send_audio(array.array("d", [0.5]))
        with pytest.raises(InvalidCommand, match="not float"):
            stream.send_audio(0.5)
        stream.send_audio(array.array("h", [1, 2]))
        stream.disconnect()

    ws = audio.connect()
    assert streamed(ws) == b"\1\0\2\0"
    assert audio.outcome() is None


def test_numpy(audio):
    """So are those of numpy, of one channel."""
    numpy = pytest.importorskip("numpy")

    @audio.answer
    def voice(stream):
        with pytest.raises(InvalidCommand, match=r"samples\[:, 0\]"):
            stream.send_audio(numpy.zeros((4, 2), dtype="<i2"))
        with pytest.raises(InvalidCommand, match="astype"):
            stream.send_audio(numpy.zeros(4))
        stream.send_audio(numpy.arange(8, dtype="<i2")[::2])
        stream.send_audio(numpy.ones((2, 1), dtype="<i2"))
        stream.disconnect()

    ws = audio.connect()
    assert streamed(ws) == b"\0\0\2\0\4\0\6\0\1\0\1\0"
    assert audio.outcome() is None


def test_flush(audio):
    """What ends is followed by silence, without which jambonz would keep the last of it; once."""

    @audio.answer
    def voice(stream):
        stream.flush_audio()
        stream.send_audio(b"\1\0" * 160)
        stream.flush_audio()
        stream.flush_audio()
        stream.disconnect()
        stream.send_audio(b"\1\0" * 160, flush=True)
        stream.disconnect()

    ws = audio.connect()
    # Before anything is heard 160 ms must be there; later 80 ms are enough.
    assert streamed(ws) == b"\1\0" * 160 + bytes(2560)
    assert streamed(ws) == b"\1\0" * 160 + bytes(1600)


def test_whole(audio, tmp_path):
    """Files and iterators end where they end, so that happens by itself, unless it is not wanted."""
    content = wav(b"\1\0" * 1280, rate=8000)
    path = tmp_path / "tone.wav"
    path.write_bytes(content)
    raw = tmp_path / "tone.raw"
    raw.write_bytes(b"\1\0" * 1280)

    @audio.answer
    def voice(stream):
        for source in (path, str(raw), wave.open(io.BytesIO(content)), (b"\1\0" * 640 for _ in range(2))):
            stream.send_audio(source)
        stream.disconnect()
        stream.send_audio(path, flush=False)
        stream.send_audio(content)
        stream.disconnect()

    ws = audio.connect()
    assert streamed(ws) == (b"\1\0" * 1280 + bytes(1600)) * 4
    assert streamed(ws) == b"\1\0" * 2560 + bytes(1600)
    assert audio.outcome() is None


def test_other_rate(make_audio, tmp_path):
    """What has another rate, more channels or larger samples is refused, with what would convert it."""
    audio = make_audio(playout_rate=16_000)
    eight_bits = io.BytesIO()
    with wave.open(eight_bits, "wb") as writer:
        writer.setparams((1, 1, 16_000, 0, "NONE", ""))
    stereo = io.BytesIO()
    with wave.open(stereo, "wb") as writer:
        writer.setparams((2, 2, 16_000, 0, "NONE", ""))

    @audio.answer
    def voice(stream):
        with pytest.raises(InvalidCommand, match=r"44100 samples per second and one channel.*-ar 16000 -ac 1"):
            stream.send_audio(wav(b"\0\0"))
        with pytest.raises(InvalidCommand, match="2 channels"):
            stream.send_audio(stereo.getvalue())
        with pytest.raises(InvalidCommand, match="8 bits"):
            stream.send_audio(eight_bits.getvalue())
        with pytest.raises(InvalidCommand, match="no WAV file"):
            stream.send_audio(b"RIFF\0\0\0\0WAVE")
        with pytest.raises(ValueError, match="samples per second"):
            stream.playout_rate = 0
        assert stream.playout_rate == 16_000
        stream.playout_rate = 44_100
        stream.send_audio(wav(b"\1\0"), flush=False)
        stream.disconnect()

    ws = audio.connect()
    assert streamed(ws) == b"\1\0"
    assert audio.outcome() is None


def test_other_kinds(audio, tmp_path):
    """Files of other kinds are refused, and of what is sent in pieces what is no sound for certain."""
    mp3, ogg = b"\xff\xfb\x90\x64" + b"\x55" * 1000, b"OggS\0" + b"\x55" * 1000
    (tmp_path / "tune.mp3").write_bytes(mp3)
    (tmp_path / "tune.ogg").write_bytes(ogg)

    @audio.answer
    def voice(stream):
        for name, kind in (("tune.mp3", "MP3"), ("tune.ogg", "Ogg")):
            with pytest.raises(
                InvalidCommand, match=rf"{name} is a file of the kind {kind}.* -ar 8000 -ac 1 sound\.wav"
            ):
                stream.send_audio(tmp_path / name)
        for source in (bytearray(ogg), iter([ogg]), ogg * 40):
            with pytest.raises(InvalidCommand, match="this is a file of the kind Ogg"):
                stream.send_audio(source)
        stream.send_audio(iter([mp3[:4]]), flush=False)
        stream.disconnect()

    ws = audio.connect()
    assert streamed(ws) == mp3[:4]
    assert audio.outcome() is None


def test_pace(audio):
    """Paced audio is no more than 0.2 s ahead of what is heard, in frames of 20 ms."""

    @audio.answer
    def voice(stream):
        began = stream._channel.now()
        stream.send_audio(b"\1\0" * 4000, pace=True)
        took = stream._channel.now() - began
        stream.disconnect()
        return took

    ws = audio.connect()
    frames = []
    while isinstance(message := ws.recv(TIMEOUT), bytes):
        frames.append(len(message))
    assert frames == [320] * 25
    # What is 0.5 s long, less the lead and the frame that may be begun before it is over.
    assert audio.outcome() >= 0.27


def test_pace_goes_on(audio):
    """What is sent next goes on where that ended."""

    @audio.answer
    def voice(stream):
        began = stream._channel.now()
        for _ in range(25):
            stream.send_audio(b"\1\0" * 160, pace=True)
        took = stream._channel.now() - began
        stream.disconnect()
        return took

    ws = audio.connect()
    assert len(streamed(ws)) == 25 * 320
    assert audio.outcome() >= 0.27


def test_barge_in(audio):
    """A key that kills the audio ends what is being sent; what is sent next begins anew."""

    @audio.answer
    def voice(stream):
        stream.on("dtmf", lambda evt: stream.kill_audio())
        sent = stream.send_audio(b"\1\0" * 8000 * 1000, pace=True)
        again = stream.send_audio(b"\2\0" * 160)
        stream.disconnect()
        return sent, again

    ws = audio.connect()
    ws.recv(TIMEOUT)
    ws.send(json.dumps({"event": "dtmf", "dtmf": "7"}))
    while isinstance(message := ws.recv(TIMEOUT), bytes):
        assert message == b"\1\0" * 160
    assert json.loads(message) == {"type": "killAudio"}
    assert ws.recv(TIMEOUT) == b"\2\0" * 160
    assert told(ws) == {"type": "disconnect"}
    # The handler is left.
    ws.close()
    assert audio.outcome() == (False, True)


def test_wait(audio):
    """It can be waited for until it has been heard, which a mark tells that nobody else sees."""

    @audio.answer
    def voice(stream):
        heard = stream.send_audio(b"\1\0" * 1600, wait=True)
        stream.disconnect()
        return heard, stream.wait_for("*").name

    ws = audio.connect()
    assert ws.recv(TIMEOUT) == b"\1\0" * 1600
    assert ws.recv(TIMEOUT) == bytes(1600)
    message = told(ws)
    assert message["type"] == "mark"
    mark(ws, message["data"]["name"])
    assert told(ws) == {"type": "disconnect"}
    ws.send(json.dumps({"event": "dtmf", "dtmf": "7"}))
    assert audio.outcome() == (True, "dtmf")


def test_wait_is_killed(audio):
    """Whoever waits for what is killed goes on, and is told."""

    @audio.answer
    def voice(stream):
        stream.on("dtmf", lambda evt: stream.kill_audio())
        heard = stream.send_audio(b"\1\0" * 160_000, wait=True)
        audio.told.put(heard)

    ws = audio.connect()
    streamed(ws)
    ws.send(json.dumps({"event": "dtmf", "dtmf": "7"}))
    assert told(ws) == {"type": "killAudio"}
    assert audio.hears() is False


def test_wait_without_marks(audio, log, monkeypatch):
    """Where the mark does not come back, the clock tells when it must have been heard, and a warning why that is so."""
    monkeypatch.setattr("jambonz_sync.audio.sending._GRACE", 0.01)

    @audio.answer
    def voice(stream):
        return stream.send_audio(b"\1\0" * 160, wait=True)

    audio.connect()
    assert audio.outcome() is True
    log.expect("jambonz does not tell", "'streaming': True", "the playout_rate here, 8000")


def test_end(audio):
    """The end of the connection unwinds whoever sends or waits."""

    @audio.answer
    def voice(stream):
        audio.told.put("begins")
        stream.send_audio((b"\1\0" * 160 for _ in iter(int, 1)), pace=True)

    ws = audio.connect()
    audio.hears()
    ws.close()
    assert isinstance(audio.outcome(), AudioEnded)


# Marks


def test_marks(audio):
    """A mark stands behind what was sent before it, and comes back as an event."""

    @audio.answer
    def voice(stream):
        stream.send_audio(b"\1\0" * 1600)
        stream.send_mark("one")
        stream.send_mark("two")
        first = stream.wait_for("mark:one")
        stream.clear_marks()
        return first.mark, first.event, first["event"]

    ws = audio.connect()
    assert isinstance(ws.recv(TIMEOUT), bytes)
    assert [told(ws)["data"]["name"] for _ in range(2)] == ["one", "two"]
    mark(ws, "one")
    assert told(ws) == {"type": "clearMarks"}
    assert audio.outcome() == ("one", "playout", "playout")


def test_wait_among_the_most_marks(audio, log, monkeypatch):
    """Where no mark more can be set, it is the clock that tells, and nothing is wrong with that."""
    monkeypatch.setattr("jambonz_sync.audio.sending._GRACE", 2 * TIMEOUT)

    @audio.answer
    def voice(stream):
        for number in range(30):
            stream.send_mark(f"mark {number}")
        return stream.send_audio(b"\1\0" * 160, wait=True)

    audio.connect()
    assert audio.outcome() is True
    assert log.lines() == []


def test_marks_of_many_threads(audio, monkeypatch):
    """Of threads that find the same room, one sets its mark, and the others wait for the next."""
    meeting = threading.Barrier(2)
    wait = StreamsAudio._until

    def wait_together(stream, *args, **options):
        found = wait(stream, *args, **options)
        if found is True and threading.current_thread() is not stream.owner:
            with contextlib.suppress(threading.BrokenBarrierError):
                # Both have seen that there is room.
                meeting.wait(TIMEOUT)
        return found

    @audio.answer
    def voice(stream):
        for number in range(29):
            stream.send_mark(f"mark {number}")
        monkeypatch.setattr(StreamsAudio, "_until", wait_together)
        setting = [Background(functools.partial(stream.send_mark, name)) for name in ("one", "two")]
        stream.wait_for("mark:mark 0")
        meeting.abort()
        for thread in setting:
            thread.result()
        stream.disconnect()
        stream.read()

    ws = audio.connect()
    for number in range(29):
        assert told(ws)["data"]["name"] == f"mark {number}"
    first = told(ws)["data"]["name"]
    mark(ws, "mark 0")
    second = told(ws)["data"]["name"]
    assert {first, second} == {"one", "two"}
    assert told(ws) == {"type": "disconnect"}
    ws.close()
    assert audio.outcome() is None


@pytest.mark.parametrize("name", ["", 'a "b"', "back\\slash", "two\nlines", 7])
def test_bad_marks(audio, name):
    """A name that would come back as no JSON is refused."""

    @audio.answer
    def voice(stream):
        with pytest.raises(InvalidCommand, match="a mark has a name"):
            stream.send_mark(name)

    audio.connect()
    assert audio.outcome() is None


def test_most_marks(audio):
    """jambonz keeps 30, so the next one waits here, and none is lost."""

    @audio.answer
    def voice(stream):
        for number in range(31):
            stream.send_mark(f"mark {number}")

    ws = audio.connect()
    assert [told(ws)["data"]["name"] for _ in range(30)][-1] == "mark 29"
    with pytest.raises(TimeoutError):
        ws.recv(0.05)
    mark(ws, "mark 0")
    assert told(ws)["data"]["name"] == "mark 30"
    assert audio.outcome() is None


def test_lost_marks(audio, log, monkeypatch):
    """Marks that do not come back are waited for no longer than they can take, and why that may be is said."""
    monkeypatch.setattr("jambonz_sync.audio.sending._GRACE", 0.01)

    @audio.answer
    def voice(stream):
        for number in range(31):
            stream.send_mark(f"mark {number}")

    ws = audio.connect(facts(sampleRate=16000))
    assert [told(ws)["data"]["name"] for _ in range(31)][-1] == "mark 30"
    assert audio.outcome() is None
    log.expect("30 marks have not come back", "resamples")


def test_from_another_thread(audio):
    """One thread may listen while another one speaks, at its pace."""

    @audio.answer
    def voice(stream):
        def speak():
            audio.told.put(stream.send_audio(b"\1\0" * 4000, pace=True, wait=True))

        threading.Thread(target=speak).start()
        return len(stream.read())

    ws = audio.connect()
    ws.send(bytes(3200))
    streamed(ws)
    mark(ws, "jambonz_sync:1")
    assert audio.hears() is True
    ws.close()
    assert audio.outcome() == 3200


def test_other_thread_at_the_end(audio):
    """A thread that waits for what nobody will hear is told so."""

    @audio.answer
    def voice(stream):
        def speak():
            try:
                stream.send_audio(b"\1\0" * 80_000, wait=True)
            except AudioNotActive as error:
                audio.told.put(error.code)

        threading.Thread(target=speak).start()
        stream.read()

    ws = audio.connect()
    streamed(ws)
    ws.close()
    assert audio.hears() == 1000
