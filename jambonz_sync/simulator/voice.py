"""The voice of the vendor to which streamed text is sent.

::

    voice = Voice(course, emptied)
    voice.speak("It rains.", now)
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from .course import Course
from .speech import speaking_time
from .timers import Timer

__all__ = ["Voice"]


class Voice:
    """Speaks one text after another, at the pace of speech; calls ``emptied`` when it has no more."""

    def __init__(self, course: Course, emptied: Callable[[], None]) -> None:
        self._course = course
        self._emptied = emptied
        self._texts: deque[str] = deque()
        self._timer: Timer | None = None

    @property
    def is_speaking(self) -> bool:
        """Whether something is being spoken."""
        return self._timer is not None

    def speak(self, text: str, now: float) -> None:
        """Speak a text once those before it are spoken."""
        if text.strip():
            self._texts.append(text.strip())
            if self._timer is None:
                self._begin(now)

    def stop(self) -> None:
        """Fall silent in the middle of a word, and forget the rest."""
        self._texts.clear()
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None

    def _begin(self, now: float) -> None:
        text = self._texts.popleft()
        self._course.transcript.add("app", text)
        end = now + speaking_time(text)
        self._timer = self._course.timers.at(end, lambda: self._end(end))

    def _end(self, now: float) -> None:
        self._timer = None
        if self._texts:
            self._begin(now)
        else:
            self._emptied()
