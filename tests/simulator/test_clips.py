"""Clips: how long they are, which of them play, and what is reported of it."""

from __future__ import annotations

import base64
import io
import wave
from typing import Any

import pytest

from jambonz_sync.audio.wav import Sound
from jambonz_sync.simulator.clips import LARGEST_QUEUE, BadClip, Clip, Clips, clip_from
from jambonz_sync.simulator.sound_track import SoundTrack

from .sound_booth import SoundBooth


def encoded(sound: bytes) -> str:
    return base64.b64encode(sound).decode()


def raw(samples: int, rate: Any = 8000, **more: Any) -> dict[str, Any]:
    return {"audioContentType": "raw", "sampleRate": rate, "audioContent": encoded(bytes(2 * samples)), **more}


def wav(samples: int, rate: int, channels: int = 1) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(bytes(2 * channels * samples))
    return file.getvalue()


def done(milliseconds: int, **named: Any) -> dict[str, Any]:
    numbers = {
        "playbackSeconds": str(milliseconds // 1000),
        "playbackMilliseconds": str(milliseconds),
        "playbackLastOffsetPos": str(milliseconds * 8),
    }
    return {"type": "playDone", "data": {**named, **numbers}}


# One clip


@pytest.mark.parametrize(
    ("samples", "rate", "seconds"),
    [(9920, 8000, 1.24), (4, 8000, 0.02), (161, 8000, 0.04), (24000, 24000, 1), (64000, 64000, 1), (0, 8000, 0)],
)
def test_raw(samples, rate, seconds):
    """Headerless sound lasts as long as its samples, in whole frames."""
    clip = clip_from(raw(samples, rate))
    assert (clip.seconds, clip.remark) == (seconds, None)


@pytest.mark.parametrize("rate", [22050, None, "8000", True, [], 0])
def test_raw_of_another_rate(rate):
    """At a rate that the media server does not know it is played as one of 16,000."""
    clip = clip_from(raw(16000, rate))
    assert clip.seconds == 1
    assert clip.remark == f"playAudio has the sampleRate {rate!r}, and is played as 16000"


@pytest.mark.parametrize("kind", ["wav", "wave"])
@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (22050, 1), (44100, 2)])
def test_wav(kind, rate, channels):
    """A WAV file tells its rate itself."""
    clip = clip_from({"audioContentType": kind, "audioContent": encoded(wav(rate * 2, rate, channels))})
    assert (clip.seconds, clip.remark) == (2, None)


def test_wav_written_to_a_pipe():
    """Of a WAV file that does not know its size all that is there is played; other chunks are passed over."""
    header, sound = wav(8000, 8000)[:36], wav(8000, 8000)[44:]
    file = header + b"LIST\x03\0\0\0abc\0" + b"data\xff\xff\xff\xff" + sound
    assert clip_from({"audioContentType": "wav", "audioContent": encoded(file)}).seconds == 1


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (None, "playAudio has no data"),
        ([], "playAudio has no data"),
        ({"audioContent": "AAAA"}, "has no audioContentType, which may crash"),
        ({"audioContentType": 7, "audioContent": "AAAA"}, "has no audioContentType, which may crash"),
        ({"audioContentType": "mp3", "audioContent": "AAAA"}, "takes raw, wav and wave for its audioContentType, not"),
        ({"audioContentType": "raw", "sampleRate": 8000}, "has no audioContent"),
        ({"audioContentType": "raw", "sampleRate": 8000, "audioContent": "AA*A"}, "is no base64"),
        ({"audioContentType": "raw", "sampleRate": 8000, "audioContent": "é"}, "is no base64"),
        ({"audioContentType": "wav", "audioContent": encoded(bytes(100))}, "is no WAV file"),
        ({"audioContentType": "wav", "audioContent": encoded(wav(8000, 8000)[:40])}, "a WAV file without sound"),
    ],
)
def test_what_does_not_play(data, why):
    """Of anything else nothing plays."""
    with pytest.raises(BadClip, match=why):
        clip_from(data)


@pytest.mark.parametrize(
    ("data", "sound"),
    [
        (raw(800), Sound(bytes(1600), 8000)),
        (raw(800, 11025), Sound(bytes(1600), 16_000)),
        ({"audioContentType": "wav", "audioContent": encoded(wav(400, 44_100, 2))}, Sound(bytes(1600), 44_100, 2)),
    ],
)
def test_sound(data, sound):
    """What is heard is known, as it is."""
    assert clip_from(data).sound == sound


@pytest.mark.parametrize(("place", "value"), [(20, b"\x06\0"), (24, b"\0\0\0\0")])
def test_sound_that_cannot_be_read(place, value):
    """Of a WAV file with compressed samples, or without a rate, the length is all that is known."""
    file = bytearray(wav(8000, 8000))
    file[place : place + len(value)] = value
    clip = clip_from({"audioContentType": "wav", "audioContent": encoded(bytes(file))})
    assert (clip.seconds, clip.sound) == (1, None)


# Playing


class Player:
    """A booth in which clips are played."""

    def __init__(self) -> None:
        self.booth = SoundBooth()
        self.heard = SoundTrack()
        self.clips = Clips(
            self.booth.course, report=self.booth.report, heard_until=self.booth.heard_until, heard=self.heard
        )

    def add(self, name: str, seconds: float = 1, *, queued: bool = False) -> bool:
        clip = Clip(round(seconds * 50), queued=queued, named={"id": name})
        return self.clips.add(clip, self.booth.now)


def test_play_done():
    """A clip is heard for as long as it lasts; then its end is reported, in numbers that are texts."""
    player = Player()
    player.add("a", 1.24)
    assert player.booth.sounds_until == 1.24
    player.booth.until(5)
    assert player.booth.played == [(0, "(clip a, 1.24 s)")]
    assert player.booth.reports == [(1240, done(1240, id="a"))]


def test_without_a_name():
    """A clip without an id is reported without one."""
    player = Player()
    player.clips.add(clip_from(raw(4)), 0)
    player.booth.until(5)
    assert player.booth.played == [(0, "(a clip, 0.02 s)")]
    assert player.booth.reports == [(20, done(20))]


def test_queue():
    """Clips that are queued play one after another."""
    player = Player()
    for name in "abc":
        assert player.add(name, queued=True)
    assert player.booth.sounds_until == 1
    player.booth.until(1.5)
    assert player.booth.sounds_until == 2
    player.booth.until(5)
    assert player.booth.played == [(0, "(clip a, 1 s)"), (1000, "(clip b, 1 s)"), (2000, "(clip c, 1 s)")]
    assert player.booth.reports == [(1000 * (n + 1), done(1000, id=name)) for n, name in enumerate("abc")]


def test_full_queue():
    """Behind the clip that plays eleven may wait; when one of them plays there is room again."""
    player = Player()
    assert all(player.add(str(number), queued=True) for number in range(1 + LARGEST_QUEUE))
    assert not player.add("more", queued=True)
    player.booth.until(1)
    assert player.add("later", queued=True)
    player.booth.until(60)
    assert len(player.booth.played) == 2 + LARGEST_QUEUE


def test_clip_that_is_not_queued():
    """It empties the queue, and plays when the clip that plays is over, since nobody stops that."""
    player = Player()
    for name in "abc":
        player.add(name, queued=True)
    player.booth.until(0.5)
    player.add("d")
    player.booth.until(5)
    assert player.booth.played == [(0, "(clip a, 1 s)"), (1000, "(clip d, 1 s)")]
    assert player.booth.transcript.of("note")[0].startswith("listen: clip d waits for clip a: jambonz stops none")


def test_clips_that_are_not_queued():
    """What waits for nothing but the clip that plays is not dropped with the queue."""
    player = Player()
    for name in "abc":
        player.add(name)
    player.add("d", queued=True)
    player.booth.until(5)
    assert [what for _, what in player.booth.played] == [f"(clip {name}, 1 s)" for name in "abcd"]


def test_kill():
    """A clip that is killed reports how much of it was heard; the queue goes on."""
    player = Player()
    player.add("a", queued=True)
    player.add("b", queued=True)
    player.booth.until(0.31)
    player.clips.kill(0.31)
    assert player.booth.sounds_until == 1.31
    player.booth.until(5)
    assert player.booth.played == [(0, "(clip a, 1 s)"), (310, "(clip b, 1 s)")]
    assert player.booth.reports == [(310, done(300, id="a")), (1310, done(1000, id="b"))]


def test_kill_at_the_end_of_a_frame():
    """The frame that has just ended counts, whatever the fractions add up to."""
    player = Player()
    player.booth.until(0.1)
    player.add("a")
    player.clips.kill(0.12)
    assert player.booth.reports == [(100, done(20, id="a"))]


def test_kill_nothing():
    """Where nothing plays nothing is killed."""
    player = Player()
    player.clips.kill(0)
    player.add("a")
    player.booth.until(2)
    player.clips.kill(2)
    assert player.booth.reports == [(1000, done(1000, id="a"))]


def test_killed_before_a_clip():
    """So what is sent behind a kill plays at once."""
    player = Player()
    player.add("a")
    player.booth.until(0.5)
    player.clips.kill(0.5)
    assert player.booth.sounds_until == 0.5
    player.add("b")
    assert player.booth.played == [(0, "(clip a, 1 s)"), (500, "(clip b, 1 s)")]
    assert player.booth.transcript.of("note") == []


def test_what_is_heard():
    """It is kept as far as it is heard, each clip from when it begins."""
    player = Player()
    for name in "ab":
        player.clips.add(clip_from(raw(8000, id=name, queuePlay=True)), 0.0)
    player.clips.add(Clip(50, queued=True), 0.0)
    player.booth.until(0.25)
    player.clips.kill(0.25)
    player.booth.until(9)
    (piece,) = player.heard.placed
    assert (piece.at, piece.end) == (0.0, 1.25)


def test_late_clock():
    """A clip that is seen to late is not made longer by that."""
    player = Player()
    player.add("a", queued=True)
    player.add("b", queued=True)
    player.booth.clock.time = 10.0
    while player.booth.timers.run_next(10.0):
        pass
    assert [message for _, message in player.booth.reports] == [done(1000, id="a"), done(1000, id="b")]
    assert player.booth.sounds_until == 2


def test_stop():
    """When it is over nothing plays, and nothing is reported."""
    player = Player()
    player.clips.stop()
    for name in "ab":
        player.add(name, queued=True)
    player.add("c")
    player.clips.stop()
    player.booth.until(5)
    assert player.booth.played == [(0, "(clip a, 1 s)")]
    assert player.booth.reports == []
