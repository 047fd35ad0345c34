"""What the caller's telephone picks up: sound from files, each from some moment of the call on, and silence else.

::

    microphone = Microphone(heard_until=lambda: handset.heard_until, begins=print, complain=print)
    microphone.play(sound_file("hello.wav"))
    frames = microphone.frames(rate=8000, channels=1, began=clock.now())

It knows no clock: time passes on it as frames are taken, whoever takes them, and how late ever.
"""

from __future__ import annotations

import itertools
import math
from collections import deque
from collections.abc import Callable, Iterator

from .audio_frames import FRAMES_PER_SECOND, SAMPLE_BYTES
from .caller import REACTION
from .sound_file import PlaysSound
from .sound_track import SoundTrack

__all__ = ["Microphone"]


class Microphone:
    """The microphone of one call. Used on the call's thread.

    * ``heard_until``: returns until when the caller hears something of the application, ``-inf`` if nothing so far
    * ``begins``: is told what begins to play, and when it will be over
    * ``complain``: is told why something is not heard
    """

    def __init__(
        self,
        *,
        heard_until: Callable[[], float],
        begins: Callable[[PlaysSound, float], None],
        complain: Callable[[str], None],
    ) -> None:
        #: What has been played, whether anybody has listened to all of it or not.
        self.track = SoundTrack()
        self._heard_until = heard_until
        self._begins = begins
        self._complain = complain
        # What is to be played, and whether it waits for a pause.
        self._waiting: deque[tuple[PlaysSound, bool]] = deque()
        self._played: list[tuple[float, PlaysSound]] = []
        # Nothing can begin before that any more: it has been sent.
        self._sent_until = -math.inf
        self._misfits: set[tuple[str, int]] = set()

    @property
    def waiting(self) -> list[PlaysSound]:
        """What nobody has listened to so far."""
        return [sound for sound, _ in self._waiting]

    def play(self, sound: PlaysSound, *, in_pause: bool = False) -> None:
        """Let it be heard as soon as the application listens, behind what plays.

        ``in_pause``: not before the application has been silent for half a second on its connections for audio.
        """
        self._waiting.append((sound, in_pause))

    def frames(self, rate: int, channels: int, began: float) -> Iterator[bytes]:
        """Return what is sent to somebody who listens from a time on, frame by frame, without end.

        ``rate``, ``channels``: as it is listened to; the caller is in the first channel.
        """
        size = rate // FRAMES_PER_SECOND
        for first in itertools.count(0, size):
            at, end = began + first / rate, began + (first + size) / rate
            self._begin_next(began, at, end)
            self._sent_until = max(self._sent_until, end)
            # By numbers of samples, so that no two frames overlap.
            yield _in_first_of(channels, self._samples(began, first, size, rate))

    def _begin_next(self, began: float, at: float, end: float) -> None:
        while self._waiting:
            sound, in_pause = self._waiting[0]
            start = max(at, self._sent_until, self.track.end)
            if in_pause:
                start = max(start, max(began, self.track.end, self._heard_until()) + REACTION)
            if start >= end:
                return
            self._waiting.popleft()
            self.track.place(sound.sound, start)
            self._played.append((start, sound))
            self._begins(sound, start + sound.sound.seconds)

    def _samples(self, began: float, first: int, size: int, rate: int) -> bytes:
        """Return so many samples, from the first on since somebody listens."""
        samples = bytearray(size * SAMPLE_BYTES)
        for start, playing in reversed(self._played):
            place = round((start - began) * rate) - first
            length = round(playing.sound.seconds * rate)
            if place + length <= 0:
                break
            if place >= size:
                continue
            if playing.sound.sample_rate != rate:
                self._does_not_fit(playing, rate)
                continue
            part = playing.sound.data[max(0, -place) * SAMPLE_BYTES : (size - place) * SAMPLE_BYTES]
            there = max(0, place) * SAMPLE_BYTES
            samples[there : there + len(part)] = part
        return bytes(samples)

    def _does_not_fit(self, playing: PlaysSound, rate: int) -> None:
        if (playing.name, rate) not in self._misfits:
            self._misfits.add((playing.name, rate))
            has = f"{playing.name} has {playing.sound.sample_rate} samples per second"
            wanted = f"the application listens with {rate} (sample_rate of the listen)"
            self._complain(f"nobody hears {playing.name}: {has}, and {wanted}. {playing.conversion(rate)}")

    @property
    def misfits(self) -> int:
        """How often something was not heard since it has another rate."""
        return len(self._misfits)


def _in_first_of(channels: int, samples: bytes) -> bytes:
    if channels == 1:
        return samples
    frame = bytearray(len(samples) * channels)
    frame[0 :: SAMPLE_BYTES * channels] = samples[0::SAMPLE_BYTES]
    frame[1 :: SAMPLE_BYTES * channels] = samples[1::SAMPLE_BYTES]
    return bytes(frame)
