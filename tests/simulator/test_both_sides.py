"""What was said and heard, as one sound."""

from __future__ import annotations

import array

import pytest

from jambonz_sync.audio.wav import Sound
from jambonz_sync.simulator.both_sides import both_sides, one_side
from jambonz_sync.simulator.sound_track import SoundTrack


def samples(*values: int, rate: int = 10, channels: int = 1) -> Sound:
    """A sound of these samples; ten a second are easily counted."""
    return Sound(b"".join(value.to_bytes(2, "little", signed=True) for value in values), rate, channels)


def track(*placed: tuple[float, Sound]) -> SoundTrack:
    made = SoundTrack()
    for at, sound in placed:
        made.place(sound, at)
    return made


def sides(sound):
    """Both of them, as numbers."""
    values = array.array("h", sound.data)
    return list(values[0::2]), list(values[1::2])


def test_places():
    """Each is where it was heard, since the application has begun to listen, up to the end of the last."""
    sound = both_sides(track((2.1, samples(1, 2))), [track((2.4, samples(3)), (2.6, samples(4)))], 2.0)
    assert (sound.sample_rate, sound.channels, sound.seconds) == (10, 2, 0.7)
    assert sides(sound) == ([0, 1, 2, 0, 0, 0, 0], [0, 0, 0, 0, 3, 0, 4])


def test_nothing():
    """Where nothing was heard, or nothing but silence, there is nothing, whatever was said."""
    said = track((0.0, samples(1, 2)))
    assert both_sides(said, [], 0.0) is None
    assert both_sides(said, [track(), track((0.0, samples(0, 0)))], 0.0) is None


def test_at_the_same_time():
    """What is heard on two connections at once is added, as far as there is room for it."""
    sound = both_sides(
        SoundTrack(), [track((0.0, samples(1, 30_000, -30_000))), track((0.1, samples(9000, -9000, 5)))], 0
    )
    assert sides(sound)[1] == [1, 32_767, -32_768, 5]


def test_rates():
    """All have the highest of the rates; a lower one is stretched by straight lines."""
    sound = both_sides(track((0.0, samples(0, 10, 20))), [track((0.1, samples(1, 2, 3, rate=20)))], 0.0)
    assert sound.sample_rate == 20
    assert sides(sound) == ([0, 5, 10, 15, 20, 20], [0, 0, 1, 2, 3, 0])
    sound = both_sides(SoundTrack(), [track((0.0, samples(3, 0, rate=10)), (0.2, samples(7, 7, 7, rate=15)))], 0.0)
    assert sides(sound)[1] == [3, 1, 0, 7, 7, 7]


@pytest.mark.parametrize(
    ("sound", "values"),
    [
        (samples(10, 20, -5, -7, channels=2), [15, -6]),
        (Sound(bytes([128, 129, 0]), 10, 1, 1), [0, 256, -32_768]),
        (Sound(b"\x99\x01\x00\x99\xff\xff", 10, 1, 3), [1, -1]),
        (Sound(b"\x99\x99\x02\x00\x99\x99\xfe\xff\x01", 10, 1, 4), [2, -2]),
    ],
)
def test_clips_of_other_kinds(sound, values):
    """Several channels are heard as one, and samples of any width as those of 16 bits."""
    assert sides(both_sides(SoundTrack(), [track((0.0, sound))], 0.0))[1] == values


def test_caller_before():
    """What was there before the beginning is left out."""
    sound = both_sides(track((0.8, samples(1, 2, 3))), [track((1.1, samples(4)))], 1.0)
    assert sides(sound) == ([3, 0], [0, 4])


# One side


def test_between_two_times():
    """What is heard between two times is there, with silence where there is none, and nothing else."""
    heard = [track((0.8, samples(1, 2, 3, 4)), (1.4, samples(5, 6)))]
    sound = one_side(heard, 1.0, 1.5)
    assert (array.array("h", sound.data).tolist(), sound.sample_rate, sound.channels) == ([3, 4, 0, 0, 5], 10, 1)
    assert one_side(heard, 1.6, 3.0) is None
    assert one_side(heard, 0.0, 0.8) is None
    assert one_side([], 0.0, 1.0) is None


def test_rate_of_one_side():
    """It has the highest rate of what is in it then, and not of what was before."""
    heard = [track((0.0, samples(7, rate=40)), (1.0, samples(1, 2)), (1.5, samples(3, 4, rate=20)))]
    assert one_side(heard, 1.0, 1.5).sample_rate == 10
    sound = one_side(heard, 1.0, 1.6)
    assert (sound.sample_rate, array.array("h", sound.data).tolist()[-2:]) == (20, [3, 4])
