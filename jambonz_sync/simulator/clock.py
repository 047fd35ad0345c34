"""Call time: the one place where the simulator knows what time it is, and where it waits.

::

    clock = RealClock(speed=10)
    clock.start()
    clock.wait(wire.wait, until=clock.now() + 2.0)

Everything else asks :meth:`Clock.now` and lets time pass in :meth:`Clock.wait`, and knows neither ``time`` nor threads.
A clock of another kind, one that jumps instead of waiting, has to provide these four methods and nothing else.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Protocol

__all__ = ["Clock", "RealClock"]

#: The longest single wait, in real seconds; whoever waits for longer waits again.
_LONGEST_WAIT = 60.0


class Clock(Protocol):
    """Seconds since the call began, as its parties feel them.

    Used on one thread: the one that runs the call.
    """

    def start(self) -> None:
        """Begin at zero."""

    def now(self) -> float:
        """Return the seconds since :meth:`start`."""
        ...

    def application_moves(self, moves: bool) -> None:
        """Tell whether the next move is the application's: it has a hook to answer, or the call is silent."""

    def wait(self, arrives: Callable[[float], bool], until: float) -> None:
        """Let time pass until ``until``, or a little less.

        ``arrives(seconds)`` blocks for at most so many real seconds and tells whether a message has come, in which case
        the wait is over.
        """


class RealClock:
    """Real time, sped up.

    ::

        clock = RealClock(speed=20)

    ``speed``: how many seconds of the call pass in a real one while jambonz plays, listens or rings.

    ``thinking_speed``: the same while the next move is the application's. It is 1 by default, since a database is no
    faster in a simulation: an answer that takes the application six seconds is too late, at any ``speed``.
    """

    def __init__(self, speed: float = 1.0, thinking_speed: float = 1.0) -> None:
        for name, value in (("speed", speed), ("thinking_speed", thinking_speed)):
            if not (value > 0 and math.isfinite(value)):
                raise ValueError(f"{name} must be a number above 0, not {value!r}")
        self._speeds = (speed, thinking_speed)
        self._rate = speed
        self._mark = time.monotonic()
        self._base = 0.0

    def start(self) -> None:
        self._base = 0.0
        self._mark = time.monotonic()

    def now(self) -> float:
        return self._base + (time.monotonic() - self._mark) * self._rate

    def application_moves(self, moves: bool) -> None:
        rate = self._speeds[moves]
        if rate != self._rate:
            mark = time.monotonic()
            self._base += (mark - self._mark) * self._rate
            self._mark = mark
            self._rate = rate

    def wait(self, arrives: Callable[[float], bool], until: float) -> None:
        arrives(min(max(0.0, (until - self.now()) / self._rate), _LONGEST_WAIT))
