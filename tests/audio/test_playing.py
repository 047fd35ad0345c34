"""Clips, as the media server is told of them."""

from __future__ import annotations

import base64
import io
import json
import threading
import time
import wave

import pytest

from jambonz_sync import WaitTimeout
from jambonz_sync.audio import AudioEnded
from jambonz_sync.audio.playing import PlaysClips
from jambonz_sync.exceptions import InvalidCommand
from tests.transport.peers import eventually

from .application import TIMEOUT
from .test_wav import packed


def told(ws):
    """The next message of the application."""
    return json.loads(ws.recv(TIMEOUT))


def done(ws, clip_id: str, milliseconds: int = 20) -> None:
    """Say that a clip is over, as the media server does."""
    data = {"id": clip_id, "playbackSeconds": "0", "playbackMilliseconds": str(milliseconds)}
    ws.send(json.dumps({"type": "playDone", "data": data}))


def wav(samples: bytes, rate: int = 44_100) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, rate, 0, "NONE", ""))
        writer.writeframes(samples)
    return file.getvalue()


def test_samples(audio):
    """Bare samples are sent with their rate and type, and a name of their own."""

    @audio.answer
    def voice(stream):
        clip = stream.play_audio(b"\1\0" * 160)
        return clip.id, clip.seconds, clip.is_over, stream.wait_for(f"playDone:{clip.id}").playback_milliseconds

    ws = audio.connect()
    message = told(ws)
    assert base64.b64decode(message["data"].pop("audioContent")) == b"\1\0" * 160
    data = {"audioContentType": "raw", "sampleRate": 8000, "id": "clip-1", "queuePlay": False}
    assert message == {"type": "playAudio", "data": data}
    done(ws, "clip-1")
    assert audio.outcome() == ("clip-1", 0.02, False, 20)


def test_wait(audio):
    """It can be waited for, while handlers run, and its end is not told a second time."""
    pressed = []

    @audio.answer
    def voice(stream):
        stream.on("dtmf", lambda evt: pressed.append(evt.digit))
        clip = stream.play_audio(bytes(16_000), wait=True)
        with pytest.raises(WaitTimeout):
            stream.wait_for("playDone", timeout=0)
        audio.told.put("over")
        return clip.is_over, clip.completed, clip.played, clip.seconds

    ws = audio.connect()
    assert told(ws)["type"] == "playAudio"
    ws.send(json.dumps({"event": "dtmf", "dtmf": "7", "duration": "1600"}))
    done(ws, "clip-1", 1000)
    audio.hears()
    # The handler is left.
    ws.close()
    assert audio.outcome() == (True, True, 1.0, 1.0)
    assert pressed == ["7"]


def test_files(audio, tmp_path):
    """A WAV file is sent whole, whatever its rate, by its path, its bytes, or as an open file."""
    content = wav(b"\1\0" * 4410)
    path = tmp_path / "tone.wav"
    path.write_bytes(content)

    @audio.answer
    def voice(stream):
        with wave.open(str(path)) as file:
            sources = (path, str(path), content, bytearray(content), file)
            return [stream.play_audio(source, queue=True).seconds for source in sources]

    ws = audio.connect()
    for _ in range(5):
        message = told(ws)
        assert message["data"]["audioContentType"] == "wav"
        assert "sampleRate" not in message["data"]
        assert base64.b64decode(message["data"]["audioContent"]) == content
    assert audio.outcome() == [0.1] * 5


def test_samples_in_a_file(audio, tmp_path):
    """A file that is no WAV file holds bare samples."""
    path = tmp_path / "tone.raw"
    path.write_bytes(bytes(320))

    @audio.answer
    def voice(stream):
        return stream.play_audio(path, sample_rate=16000).seconds

    ws = audio.connect()
    assert told(ws)["data"]["sampleRate"] == 16000
    assert audio.outcome() == 0.01


def test_refused(audio, tmp_path):
    """What jambonz would not play, or play wrongly, is refused where it is asked for, and nothing is sent."""
    mp3 = tmp_path / "sound.mp3"
    mp3.write_bytes(b"\xff\xfb\x90\x64" + b"\x55" * 10_000)
    no_rate = wav(bytes(320), 8000)
    no_rate = no_rate[:24] + bytes(4) + no_rate[28:]

    @audio.answer
    def voice(stream):
        refused = [
            (b"\0\0\0", {}, "which is odd"),
            (b"", {}, "nothing to play"),
            (bytes(4), {"sample_rate": 44_100}, "not at 44100"),
            (bytes(4), {"sample_rate": 12_000}, "8000, 16000, 24000"),
            (mp3, {}, "ffmpeg"),
            (b"OggS" + bytes(316), {}, "the kind Ogg"),
            (no_rate, {}, "without a rate"),
            (7, {}, "not int"),
            (bytes(11 * 1024 * 1024), {}, "send_audio"),
        ]
        for source, options, why in refused:
            with pytest.raises(InvalidCommand, match=why):
                stream.play_audio(source, **options)
        with pytest.raises(FileNotFoundError):
            stream.play_audio(tmp_path / "none.wav")
        stream.disconnect()

    ws = audio.connect()
    assert told(ws) == {"type": "disconnect"}
    assert audio.outcome() is None


def test_instead(audio):
    """A clip that is not queued takes the place of the one that plays, which is stopped first."""

    @audio.answer
    def voice(stream):
        first = stream.play_audio(bytes(16_000))
        second = stream.play_audio(bytes(16_000), wait=True)
        return first.is_over, first.completed, first.played, second.completed

    ws = audio.connect()
    assert told(ws)["data"]["id"] == "clip-1"
    assert told(ws) == {"type": "killAudio"}
    message = told(ws)["data"]
    assert (message["id"], message["queuePlay"]) == ("clip-2", False)
    done(ws, "clip-1", 240)
    done(ws, "clip-2", 1000)
    assert audio.outcome() == (True, False, 0.24, True)


def test_instead_of_many(audio):
    """Those that wait are dropped too: by a moment of silence in their place, so that none of them begins."""

    @audio.answer
    def voice(stream):
        clips = [stream.play_audio(bytes(1600), queue=True) for _ in range(3)]
        last = stream.play_audio(bytes(1600), wait=True)
        return [(clip.is_over, clip.completed) for clip in clips], last.completed

    ws = audio.connect()
    assert [told(ws)["data"]["queuePlay"] for _ in range(3)] == [True] * 3
    hush = told(ws)["data"]
    assert hush["queuePlay"] is False
    assert base64.b64decode(hush["audioContent"]) == bytes(320)
    assert told(ws) == {"type": "killAudio"}
    last = told(ws)["data"]
    assert (last["id"], last["queuePlay"]) == ("clip-4", True)
    done(ws, "clip-1", 0)
    done(ws, hush["id"])
    done(ws, "clip-4", 100)
    assert audio.outcome() == ([(True, False)] * 3, True)


def test_kill(audio):
    """To stop is to stop all of it, and whoever waits for one of them goes on."""

    @audio.answer
    def voice(stream):
        stream.play_audio(bytes(1600), queue=True)
        stream.on("dtmf", lambda evt: stream.kill_audio())
        clip = stream.play_audio(bytes(1600), queue=True, wait=True)
        stream.disconnect()
        return clip.is_over, clip.completed, clip.played

    ws = audio.connect()
    assert [told(ws)["type"] for _ in range(2)] == ["playAudio"] * 2
    ws.send(json.dumps({"event": "dtmf", "dtmf": "7"}))
    assert told(ws)["data"]["queuePlay"] is False
    assert told(ws) == {"type": "killAudio"}
    assert told(ws) == {"type": "disconnect"}
    assert audio.outcome() == (True, False, 0.0)


def test_queue_is_full(audio):
    """jambonz keeps 11, so the next one waits here, and none is lost."""

    @audio.answer
    def voice(stream):
        for _ in range(12):
            stream.play_audio(bytes(320), queue=True)
            audio.told.put("sent")

    ws = audio.connect()
    for _ in range(11):
        assert told(ws)["data"]["queuePlay"] is True
        assert audio.hears() == "sent"
    with pytest.raises(TimeoutError):
        ws.recv(0.05)
    done(ws, "clip-1")
    assert told(ws)["data"]["id"] == "clip-12"
    assert audio.outcome() is None


def test_one_place(audio, monkeypatch):
    """Of several threads that see one place in the queue, one takes it, and the others wait on."""
    saw_room = threading.Barrier(3)
    came = threading.local()
    await_turn = PlaysClips._await_turn

    def together(stream):
        first, came.before = not getattr(came, "before", False), True
        if first:
            audio.told.put("waits for room")
        await_turn(stream)
        if first:
            saw_room.wait(TIMEOUT)

    monkeypatch.setattr(PlaysClips, "_await_turn", together)

    @audio.answer
    def voice(stream):
        for _ in range(11):
            stream.play_audio(bytes(320), queue=True)

        def play():
            stream.play_audio(bytes(320), queue=True)

        playing = [threading.Thread(target=play) for _ in range(2)]
        for thread in playing:
            thread.start()
        stream.play_audio(bytes(320), queue=True)
        stream.wait_for("dtmf")
        for thread in playing:
            thread.join(TIMEOUT)

    ws = audio.connect()
    open_clips = [told(ws)["data"]["id"] for _ in range(11)]
    assert [audio.hears() for _ in range(3)] == ["waits for room"] * 3
    for _ in range(3):
        done(ws, open_clips.pop(0))
        open_clips.append(told(ws)["data"]["id"])
        with pytest.raises(TimeoutError):
            ws.recv(0.05)
    assert open_clips == [f"clip-{number}" for number in range(4, 15)]
    ws.send(json.dumps({"event": "dtmf", "dtmf": "7", "duration": "1600"}))
    assert audio.outcome() is None


def test_behind_another_kind(audio, monkeypatch):
    """A clip is waited for behind one that Python cannot read, for as long as that takes."""
    monkeypatch.setattr("jambonz_sync.audio.playing._GRACE", 0.05)

    @audio.answer
    def voice(stream):
        began = stream._channel.now()
        stream.play_audio(packed(7, 4000, 8000), queue=True)
        with pytest.raises(WaitTimeout, match="'clip-1'"):
            stream.play_audio(bytes(1600), queue=True, wait=True)
        return stream._channel.now() - began

    audio.connect()
    assert audio.outcome() >= 0.64


def test_late_reports(audio):
    """What is heard later than it should is waited for as long as ends are reported, each in its time."""
    late = 0.0

    @audio.answer
    def voice(stream):
        stream._channel.now = lambda: time.monotonic() + late
        for _ in range(3):
            stream.play_audio(bytes(320), queue=True)
        audio.told.put(stream)
        return stream.play_audio(bytes(320), queue=True, wait=True).completed

    ws = audio.connect()
    clips = audio.hears()._channel.core.clips
    *names, last = [told(ws)["data"]["id"] for _ in range(4)]
    for name in names:
        before = clips.quiet_from
        # The next end is waited for until it is 10 s late.
        late += 8
        done(ws, name)
        eventually(lambda before=before: clips.quiet_from > before + 1)
    late += 8
    done(ws, last)
    assert audio.outcome() is True


def test_report_under_way(audio):
    """What had been heard of a clip when all was stopped is known when its report comes."""

    @audio.answer
    def voice(stream):
        stream.play_audio(bytes(1600), queue=True)
        clip = stream.play_audio(bytes(16_000), queue=True)
        stream.kill_audio()
        told_at_once = clip.is_over, clip.played
        stream.wait_for("playDone:clip-2")
        return told_at_once, (clip.is_over, clip.played, clip.completed)

    ws = audio.connect()
    assert [told(ws)["type"] for _ in range(4)] == ["playAudio", "playAudio", "playAudio", "killAudio"]
    done(ws, "clip-1", 100)
    done(ws, "clip-2", 500)
    assert audio.outcome() == ((True, 0.0), (True, 0.5, False))


def test_lost_report(audio):
    """Whoever has one reported has those before it reported too."""

    @audio.answer
    def voice(stream):
        first = stream.play_audio(bytes(320), queue=True, id="same")
        second = stream.play_audio(bytes(320), queue=True, id="other", wait=True)
        return first.is_over, first.completed, second.completed

    ws = audio.connect()
    assert [told(ws)["data"]["id"] for _ in range(2)] == ["same", "other"]
    done(ws, "other")
    assert audio.outcome() == (True, False, True)


def test_no_report(audio, monkeypatch):
    """A clip that should be over long since is not waited for any longer, and it is said what may be wrong."""
    monkeypatch.setattr("jambonz_sync.audio.playing._GRACE", 0.05)

    @audio.answer
    def voice(stream):
        with pytest.raises(WaitTimeout, match="bidirectional_audio"):
            stream.play_audio(bytes(320), wait=True)
        for _ in range(10):
            stream.play_audio(bytes(320), queue=True)
        with pytest.raises(WaitTimeout, match="'clip-1'"):
            stream.play_audio(bytes(320), queue=True)

    audio.connect()
    assert audio.outcome() is None


def test_end(audio):
    """The end of the connection unwinds whoever waits for a clip."""

    @audio.answer
    def voice(stream):
        audio.told.put(stream)
        stream.play_audio(bytes(320), wait=True)

    ws = audio.connect()
    told(ws)
    ws.close()
    assert isinstance(audio.outcome(), AudioEnded)


def test_from_another_thread(audio):
    """Any thread may play a clip, and wait for it."""
    results = []

    @audio.answer
    def voice(stream):
        def play():
            results.append(stream.play_audio(bytes(320), wait=True).completed)

        playing = threading.Thread(target=play)
        playing.start()
        stream.read(0.04)
        playing.join(TIMEOUT)

    ws = audio.connect()
    told(ws)
    done(ws, "clip-1")
    ws.send(bytes(640))
    assert audio.outcome() is None
    assert results == [True]


def test_either_way(audio):
    """A connection carries clips or a stream; jambonz would ignore the other without a word."""

    @audio.answer
    def voice(stream):
        stream.play_audio(bytes(320))
        with pytest.raises(InvalidCommand, match=r"send_audio\(\) after play_audio\(\)"):
            stream.send_audio(bytes(320))

    audio.connect()
    assert audio.outcome() is None


def test_the_other_way(audio):
    """Nor do clips follow on a stream."""

    @audio.answer
    def voice(stream):
        stream.send_audio(bytes(320))
        with pytest.raises(InvalidCommand, match=r"play_audio\(\) after send_audio\(\)"):
            stream.play_audio(bytes(320))

    audio.connect()
    assert audio.outcome() is None
