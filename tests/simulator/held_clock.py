"""Call time that passes only when the application lets it.

.. code-block:: python

    clock = HeldClock()
    call(lambda app: (app.begin(say("One two.")), clock.advance(0.8), app.until_closed()), clock=clock)
"""

from __future__ import annotations

import threading
from collections.abc import Callable

__all__ = ["HeldClock"]


class HeldClock:
    """Stands still until it is told to go on, so times are exact and what is sent in between arrives at its time."""

    def __init__(self) -> None:
        self._time = 0.0
        self._target = 0.0
        # Up to when all that was due has been done.
        self._done = 0.0
        self._changed = threading.Condition()

    def start(self) -> None:
        self._time = self._target = self._done = 0.0

    def now(self) -> float:
        return self._time

    def application_moves(self, moves: bool) -> None:
        """It makes no difference."""

    def wait(self, arrives: Callable[[float], bool], until: float) -> None:
        with self._changed:
            self._done = self._time
            self._changed.notify_all()
        while not arrives(0.001):
            with self._changed:
                target = self._target
            # What was sent before the clock was told to go on comes first.
            if target > self._time and not arrives(0):
                self._time = min(until, target)
                return

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass, and what is due in them happen. For the application."""
        with self._changed:
            self._target = self._time + seconds
            assert self._changed.wait_for(lambda: self._done >= self._target, 10), "the call waits for something else"

    def run_out(self) -> None:
        """Let time pass for good: whatever happens next happens at once."""
        with self._changed:
            self._target = float("inf")
