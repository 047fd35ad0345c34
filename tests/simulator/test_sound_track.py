"""Sound, and when it is heard."""

from __future__ import annotations

import math

import pytest

from jambonz_sync.audio.wav import Sound
from jambonz_sync.simulator.sound_track import SoundTrack

LOUD = b"\x01\x00"


def second(seconds: float = 1.0, *, rate: int = 8000, sample: bytes = LOUD) -> Sound:
    return Sound(sample * round(rate * seconds), rate)


def placed(track):
    """When each piece begins, and how long it is."""
    return [(piece.at, piece.sound.seconds) for piece in track.placed]


def test_nothing():
    """Of nothing the end has always been."""
    track = SoundTrack()
    assert (track.placed, track.end, track.sounds_until) == ([], -math.inf, -math.inf)
    track.cut(1.0)
    assert track.placed == []


def test_pieces():
    """What follows without a break goes on with what is there; after a break, or at another rate, it is new."""
    track = SoundTrack()
    track.place(second(0.1), 1.0)
    track.place(second(0.2), 1.1)
    track.place(second(0.3), 2.0)
    track.place(second(0.1, rate=16_000), 2.3)
    assert placed(track) == [(1.0, pytest.approx(0.3)), (2.0, 0.3), (2.3, 0.1)]
    assert track.placed[0].sound == second(0.3)
    assert track.end == pytest.approx(2.4)


def test_silence():
    """The end of what sounds is not that of the silence behind it."""
    track = SoundTrack()
    track.place(second(1, sample=b"\0\0"), 0.0)
    assert (track.end, track.sounds_until) == (1.0, -math.inf)
    track.place(Sound(LOUD * 4000 + bytes(8000), 8000), 1.0)
    assert (track.end, track.sounds_until) == (2.0, 1.5)
    track.place(second(1, sample=b"\0\0"), 2.0)
    assert (track.end, track.sounds_until) == (3.0, 1.5)


def test_cut():
    """What was to be heard from a time on is taken away, and what comes next begins anew."""
    track = SoundTrack()
    track.place(second(1), 0.0)
    track.place(second(1), 2.0)
    track.place(second(1), 5.0)
    track.cut(2.25)
    assert placed(track) == [(0.0, 1.0), (2.0, 0.25)]
    assert track.sounds_until == 2.25
    track.place(second(0.5), 2.25)
    assert placed(track)[-1] == (2.0, 0.75)


@pytest.mark.parametrize(("channels", "sample_bytes"), [(1, 1), (2, 2), (2, 3)])
def test_cut_between_samples(channels, sample_bytes):
    """A cut leaves whole samples of all channels."""
    track = SoundTrack()
    track.place(Sound(b"a" * 100 * channels * sample_bytes, 100, channels, sample_bytes), 1.0)
    track.cut(1.555)
    (piece,) = track.placed
    assert len(piece.data) == 55 * channels * sample_bytes
