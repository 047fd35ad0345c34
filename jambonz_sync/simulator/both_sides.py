"""What was said and heard in a call, as one sound: the caller on the left, the application on the right.

::

    sound = both_sides(microphone.track, handset.heard, began=4.2)
    write_wav("heard.wav", sound)
    reply = one_side(handset.heard, began=4.2, end=6.5)
"""

from __future__ import annotations

import array
import sys
from collections.abc import Sequence

from ..audio.wav import Sound
from .sound_track import SoundTrack

__all__ = ["both_sides", "one_side"]

_LOUDEST = 32767


def both_sides(caller: SoundTrack, heard: Sequence[SoundTrack], began: float) -> Sound | None:
    """Return the whole of it from a time on, at the highest of the rates in it; ``None`` if nothing was heard.

    What has a lower rate is stretched by straight lines, which is good enough to hear and see what came when.
    """
    said, sounding = _pieces([caller]), _pieces(heard)
    if not any(any(sound.data) for _, sound in sounding):
        return None
    rate = max(sound.sample_rate for _, sound in said + sounding)
    end = max(at + sound.seconds for at, sound in said + sounding)
    count = max(0, round((end - began) * rate))
    sides = array.array("h", bytes(4 * count))
    for side, pieces in enumerate((said, sounding)):
        sides[side::2] = _mixed(pieces, rate, began, count)
    return Sound(_in_bytes(sides), rate, channels=2)


def one_side(tracks: Sequence[SoundTrack], began: float, end: float) -> Sound | None:
    """Return what is in them between two times, in the same way; ``None`` if there is nothing in them then."""
    pieces = [piece for piece in _pieces(tracks) if piece[0] < end and piece[0] + piece[1].seconds > began]
    if not pieces:
        return None
    rate = max(sound.sample_rate for _, sound in pieces)
    return Sound(_in_bytes(_mixed(pieces, rate, began, max(0, round((end - began) * rate)))), rate)


def _in_bytes(samples: array.array[int]) -> bytes:
    if sys.byteorder == "big":
        samples.byteswap()
    return samples.tobytes()


def _pieces(tracks: Sequence[SoundTrack]) -> list[tuple[float, Sound]]:
    # Whoever has pressed Ctrl-C twice does not wait for the thread that still adds to them.
    return [(piece.at, piece.sound) for track in tracks for piece in list(track.placed)]


def _mixed(pieces: Sequence[tuple[float, Sound]], rate: int, began: float, count: int) -> array.array[int]:
    mixed = array.array("h", bytes(2 * count))
    for at, sound in pieces:
        samples = _at_rate(_one_channel(sound), sound.sample_rate, rate)
        first = round((at - began) * rate)
        samples = samples[max(0, -first) : count - first]
        first = max(0, first)
        there = mixed[first : first + len(samples)]
        if any(there):
            samples = _sum(there, samples)
        mixed[first : first + len(samples)] = samples
    return mixed


def _sum(one: array.array[int], other: array.array[int]) -> array.array[int]:
    sums = (a + b for a, b in zip(one, other, strict=True))
    return array.array("h", (max(-_LOUDEST - 1, min(_LOUDEST, value)) for value in sums))


def _one_channel(sound: Sound) -> array.array[int]:
    """Return its samples as numbers of 16 bits, those of several channels as their mean."""
    width, channels = sound.sample_bytes, sound.channels
    data = sound.data[: len(sound.data) // (width * channels) * width * channels]
    if width == 1:
        # Only these have no sign.
        samples = array.array("h", ((value - 128) * 256 for value in data))
    else:
        upper = bytearray(len(data) // width * 2)
        upper[0::2], upper[1::2] = data[width - 2 :: width], data[width - 1 :: width]
        samples = array.array("h", bytes(upper))
        if sys.byteorder == "big":
            samples.byteswap()
    if channels == 1:
        return samples
    return array.array("h", (sum(values) // channels for values in zip(*[iter(samples)] * channels, strict=True)))


def _at_rate(samples: array.array[int], rate: int, wanted: int) -> array.array[int]:
    if rate == wanted or not samples:
        return samples
    stretched = array.array("h", bytes(2 * (len(samples) * wanted // rate)))
    last = len(samples) - 1
    for place in range(len(stretched)):
        before, rest = divmod(place * rate, wanted)
        here = samples[before]
        stretched[place] = here + (samples[min(before + 1, last)] - here) * rest // wanted
    return stretched
