"""Streamed audio: what the application sends piece by piece is played from a buffer, with marks in it.

::

    playout = Playout(course, 8000, report_mark=tell, fault=complain, heard_until=hear)
    playout.receive(bytes(3200), now)
    playout.mark("end of sentence", now)

Samples wait until there are enough of them, then all are released, and play without a break. A mark is kept among the
samples as one more of the value -1, as the media server does it. So once samples are released it is known when
each of them is heard.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from ..audio.wav import Sound
from .audio_frames import CALL_RATE, SAMPLE_BYTES
from .course import Course
from .marks import Marks
from .sound_track import SoundTrack
from .timers import Timer

__all__ = ["Playout"]

#: So many samples must wait to be released: the first time, and from then on.
_FIRST_RELEASE = 1280
_LATER_RELEASE = 640

#: A rest that has waited for so many seconds waits in vain.
_IN_VAIN = 1.0

#: What is heard after a pause that is shorter belongs to what was heard before.
_PAUSE = 0.5


class Playout:
    """The audio that is streamed over one connection.

    * ``rate``: its samples per second
    * ``report_mark``: tells the application what became of a mark
    * ``fault``: is told what the application has done wrong
    * ``heard_until``: is told until when the caller will hear something
    * ``heard``: where what is heard is kept, if anybody wants it
    """

    def __init__(
        self,
        course: Course,
        rate: float,
        *,
        report_mark: Callable[[str, str], None],
        fault: Callable[[str], None],
        heard_until: Callable[[float], None],
        heard: SoundTrack | None = None,
    ) -> None:
        self._course = course
        self._rate = rate
        self._fault = fault
        self._heard_until = heard_until
        self._heard = heard
        self._marks = Marks(course, report=report_mark, fault=fault)
        self._threshold = _FIRST_RELEASE * self._factor
        # Half a sample.
        self._odd = b""
        # What is not released yet, and where in it the marks are, in bytes.
        self._waiting = bytearray()
        self._waiting_marks: list[int] = []
        # When all that was released has been played, and when the last of it that is no silence.
        self._ends = 0.0
        self._sounds_until = -math.inf
        self._in_vain: Timer | None = None

    @property
    def _factor(self) -> int:
        return max(1, int(self._rate // CALL_RATE))

    def receive(self, data: bytes, now: float) -> None:
        """The application has sent audio."""
        data = self._odd + data
        whole = len(data) - len(data) % SAMPLE_BYTES
        data, self._odd = data[:whole], data[whole:]
        for name in self._marks.place(now):
            if self._rate == CALL_RATE:
                self._waiting_marks.append(len(self._waiting))
            else:
                rates = f"the stream has {self._rate:g} samples per second and the call {CALL_RATE}"
                self._fault(f"the mark {name!r} is lost when it is resampled: {rates}")
        self._waiting += data
        if len(self._waiting) >= self._threshold * SAMPLE_BYTES:
            self._release(now)
        self._watch_rest(now)

    def _release(self, now: float) -> None:
        self._threshold = _LATER_RELEASE * self._factor
        data, marks = bytes(self._waiting), self._waiting_marks
        self._waiting.clear()
        self._waiting_marks = []
        start = max(now, self._ends)
        if self._heard is not None:
            self._heard.place(Sound(data, int(self._rate)), start)
        self._ends = self._after(start, len(data))
        places = [(place, True) for place in marks]
        if self._rate == CALL_RATE:
            places += [(place, False) for place in _minus_ones(data)]
        # A mark comes before the sample at its place.
        places.sort(key=lambda place: (place[0], not place[1]))
        self._marks.come((self._after(start, place), is_mark) for place, is_mark in places)
        sounding = len(data.rstrip(b"\0"))
        # The upper byte of a sample may be zero.
        sounding += sounding % SAMPLE_BYTES
        if sounding:
            if start > self._sounds_until + _PAUSE:
                self._course.transcript.add("app", "(streamed audio)")
            self._sounds_until = self._after(start, sounding)
            self._heard_until(self._sounds_until)

    def _after(self, start: float, size: int) -> float:
        return start + size / SAMPLE_BYTES / self._rate

    def _watch_rest(self, now: float) -> None:
        """Complain of what waits to be heard and has too little behind it; of silence nobody needs to hear all."""
        if self._in_vain is not None:
            self._in_vain.cancel()
        if any(self._waiting):
            self._in_vain = self._course.timers.at(max(now, self._ends) + _IN_VAIN, self._complain)

    def _complain(self) -> None:
        samples = len(self._waiting) // SAMPLE_BYTES
        why = f"of less than {self._threshold} none is; end with 100 ms of silence"
        self._fault(f"{samples} samples are not heard until more come: {why}")

    def mark(self, name: str, now: float) -> None:
        """The application has set a mark behind what it has sent."""
        self._marks.add(name, max(now, self._ends))

    def clear_marks(self) -> None:
        """Forget the marks."""
        self._waiting_marks = []
        self._marks.forget()

    def kill(self, now: float) -> None:
        """Empty the buffer from which is played; what was not released to it stays."""
        self._ends = now
        if self._heard is not None:
            self._heard.cut(now)
        self._sounds_until = min(self._sounds_until, now)
        self._waiting_marks = []
        self._marks.clear()
        self._heard_until(now)
        self._watch_rest(now)

    def stop(self) -> None:
        """Fall silent, and tell nobody."""
        self._marks.stop()
        if self._in_vain is not None:
            self._in_vain.cancel()


def _minus_ones(data: bytes) -> Iterator[int]:
    """Return where the samples of the value -1 are."""
    place = data.find(b"\xff\xff")
    while place >= 0:
        if place % SAMPLE_BYTES == 0:
            yield place
        place = data.find(b"\xff\xff", place + 1)
