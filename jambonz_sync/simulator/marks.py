"""The marks that an application sets in the audio it streams, and when they are told.

::

    marks = Marks(course, report=tell, fault=complain)
    marks.add("end of sentence", ends)

The media server keeps the names of marks apart from their places, and a place is but a sample of the value -1. So what
is passed there is the mark that was set first, and a sample that happens to have that value passes for one.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable

from .audio_frames import FRAME_SECONDS
from .course import Course
from .timers import Timer

__all__ = ["MOST_MARKS", "Marks"]

#: So many may be outstanding.
MOST_MARKS = 30


class Marks:
    """The marks of one connection.

    * ``report``: tells the application the name of a mark, and what became of it
    * ``fault``: is told what the application has done wrong
    """

    def __init__(self, course: Course, *, report: Callable[[str, str], None], fault: Callable[[str], None]) -> None:
        self._course = course
        self._report = report
        self._fault = fault
        # Those behind which there is no audio yet, and those that have a place in it.
        self._loose: deque[str] = deque()
        self._placed: deque[str] = deque()
        # When samples are played that are marks, or pass for one.
        self._places: deque[tuple[float, bool]] = deque()
        # Since when, or from when on, there is nothing to play before the first loose one.
        self._quiet_from = math.inf
        self._timer: Timer | None = None

    def add(self, name: str, quiet_from: float) -> None:
        """Set a mark behind all audio that has come, and has been played at a time, as far as it was released."""
        if len(self._loose) + len(self._placed) >= MOST_MARKS:
            self._fault(f"the mark {name!r} is dropped: {MOST_MARKS} are outstanding")
            return
        if not self._loose:
            self._quiet_from = quiet_from
        self._loose.append(name)
        self._arrange()

    def place(self, now: float) -> list[str]:
        """More audio comes: return the marks that get their place before it."""
        # What was played before they have a place is none of theirs.
        self._pass(now)
        placed = list(self._loose)
        self._placed.extend(placed)
        self._loose.clear()
        self._arrange()
        return placed

    def come(self, places: Iterable[tuple[float, bool]]) -> None:
        """Audio is released: when its samples of the value -1 are played, and whether each is a mark."""
        self._places.extend(places)
        self._arrange()

    def _arrange(self) -> None:
        """Be there for the next mark."""
        self.stop()
        if self._placed:
            due = self._places[0][0] if self._places else math.inf
        else:
            # There is nothing to count it by but a frame in which nothing is played.
            due = self._quiet_from + FRAME_SECONDS if self._loose else math.inf
        if due < math.inf:
            self._timer = self._course.timers.at(due, lambda: self._come_by(due))

    def _come_by(self, now: float) -> None:
        if self._placed:
            self._pass(now)
        else:
            self._quiet_from = now
            self._report(self._loose.popleft(), "playout")
        self._arrange()

    def _pass(self, now: float) -> None:
        while self._places and self._places[0][0] <= now:
            _, is_mark = self._places.popleft()
            if self._placed:
                name = self._placed.popleft()
                if not is_mark:
                    self._fault(f"a sample of the value -1 passed for the mark {name!r}; send 0 in its place")
                self._report(name, "playout")

    def clear(self) -> None:
        """What was to be played is dropped: tell that of all marks."""
        names = [*self._placed, *self._loose]
        self._places.clear()
        self.forget()
        for name in names:
            self._report(name, "cleared")

    def forget(self) -> None:
        """Forget all marks, and tell nobody."""
        self._placed.clear()
        self._loose.clear()
        self._places = deque(place for place in self._places if not place[1])
        self.stop()

    def stop(self) -> None:
        """Tell of no mark any more."""
        if self._timer is not None:
            self._timer.cancel()
