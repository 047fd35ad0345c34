"""Sound, and when it is heard: what a connection for audio lets the caller hear, or what a caller lets be heard.

::

    track = SoundTrack()
    track.place(Sound(bytes(16_000), 8000), at=2.5)
    track.cut(3.0)

It is kept as it is. Whoever wants to write it down makes one rate of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from ..audio.wav import Sound

__all__ = ["KeepsSound", "PlacedSound", "SoundTrack"]

#: What follows so soon, in seconds, goes on with what was before: times are sums of fractions.
_AT_ONCE = 1e-6


@dataclass
class PlacedSound:
    """Sound without a break, and when it begins, in seconds of the call. More may be added to ``data``."""

    at: float
    data: bytearray
    sample_rate: int
    channels: int
    sample_bytes: int

    @property
    def sound(self) -> Sound:
        """The sound by itself, as it is now."""
        return Sound(bytes(self.data), self.sample_rate, self.channels, self.sample_bytes)

    @property
    def end(self) -> float:
        """When it is over."""
        return self.at + len(self.data) / self._bytes_per_second

    @property
    def _bytes_per_second(self) -> int:
        return self.sample_rate * self.channels * self.sample_bytes

    def goes_on_with(self, sound: Sound, at: float) -> bool:
        """Whether that is the next part of it."""
        own = (self.sample_rate, self.channels, self.sample_bytes)
        return own == (sound.sample_rate, sound.channels, sound.sample_bytes) and abs(self.end - at) < _AT_ONCE

    def cut(self, at: float) -> None:
        """Keep what is before a time."""
        samples = max(0, math.floor((at - self.at) * self.sample_rate + _AT_ONCE))
        del self.data[samples * self.channels * self.sample_bytes :]


class SoundTrack:
    """Pieces of sound, one after another."""

    def __init__(self) -> None:
        #: In order. Another thread may copy the list.
        self.placed: list[PlacedSound] = []
        #: When the last of it is over that is no silence.
        self.sounds_until = -math.inf

    @property
    def end(self) -> float:
        """When all of it is over."""
        return self.placed[-1].end if self.placed else -math.inf

    def place(self, sound: Sound, at: float) -> None:
        """Add what is heard from a time on, behind everything that is there."""
        if self.placed and self.placed[-1].goes_on_with(sound, at):
            self.placed[-1].data += sound.data
        else:
            data = bytearray(sound.data)
            self.placed.append(PlacedSound(at, data, sound.sample_rate, sound.channels, sound.sample_bytes))
        sounding = len(sound.data.rstrip(b"\0"))
        if sounding:
            # The upper byte of a sample may be zero.
            samples = -(-sounding // (sound.channels * sound.sample_bytes))
            self.sounds_until = at + samples / sound.sample_rate

    def cut(self, at: float) -> None:
        """Take away what was to be heard from a time on."""
        while self.placed and self.placed[-1].at >= at:
            self.placed.pop()
        if self.placed:
            self.placed[-1].cut(at)
        self.sounds_until = min(self.sounds_until, at)


@runtime_checkable
class KeepsSound(Protocol):
    """A connection for audio that keeps what the caller hears."""

    heard: SoundTrack
