"""What is due at a time, while the call goes on: the timers of whatever runs in the background.

::

    timer = timers.at(clock.now() + 1.0, tick)
    timer.cancel()

They run on the call's thread, inside :meth:`.Pace.wait`, in the order of the times they are due.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter

__all__ = ["Timer", "Timers"]


@dataclass(eq=False)
class Timer:
    """One thing to do, at the time ``due``."""

    due: float
    action: Callable[[], object]
    #: Whether it still is to be done.
    pending: bool = True

    def cancel(self) -> None:
        """Leave it undone; nothing happens if it has been done."""
        self.pending = False


class Timers:
    """The timers of one call.

    A late timer is run all the same, as if it were not: an action that sets the next timer counts from
    :attr:`Timer.due`, not from what the clock says, and the same script gives the same call at any speed.
    """

    def __init__(self) -> None:
        self._timers: list[Timer] = []

    def at(self, due: float, action: Callable[[], object]) -> Timer:
        """Have something done at a time. Of two that are due at the same time the older one comes first."""
        timer = Timer(due, action)
        self._timers.append(timer)
        # Sorting keeps the order of equals.
        self._timers.sort(key=attrgetter("due"))
        return timer

    @property
    def next_due(self) -> float:
        """When the next one is due; ``inf`` if there is none."""
        self._timers = [timer for timer in self._timers if timer.pending]
        return self._timers[0].due if self._timers else math.inf

    def run_next(self, now: float) -> bool:
        """Run the next timer if it is due ``now``; return whether it was."""
        if self.next_due > now:
            return False
        timer = self._timers.pop(0)
        timer.pending = False
        timer.action()
        return True
