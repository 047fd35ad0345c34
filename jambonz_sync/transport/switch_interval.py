"""How often threads that wait for the interpreter's lock wake up, where there are hundreds of them.

CPython has every thread that waits for the lock wake up each switch interval, 5 ms if nobody has changed it, to see
whether the thread that holds it has let go of it since. A few threads may. When 500 calls have something to do at the
same moment, those are 100,000 awakenings a second, and they take three quarters of the CPU: 10,000 turns cost 12.8 s
then, and 2.8 s with an interval of 50 ms.

A longer interval changes nothing as long as threads let go of the lock by themselves, as they do whenever they read,
write or wait. Code that computes without a pause keeps the others waiting for that long, at most.
"""

from __future__ import annotations

import sys

__all__ = ["SwitchInterval"]

#: So many seconds for each connection that is up: 10,000 awakenings a second, should all of them want the lock at once.
_EACH = 0.0001
_LONGEST = 0.1
#: So few, 50, do no harm at 5 ms, and any interval that is found is right for them.
_FEW = 0.005


class SwitchInterval:
    """Makes the interval long enough for the connections that are up, and what it was when they are gone.

    ::

        interval = SwitchInterval()
        interval.suit(500)

    An interval that somebody else sets meanwhile is the one that counts from then on, if it is longer.

    Threads: one at a time.
    """

    def __init__(self) -> None:
        self._found = self._made = 0.0

    def suit(self, connections: int) -> None:
        """So many connections are up, each with a thread."""
        current = sys.getswitchinterval()
        if current != self._made:
            self._found = current
        enough = min(connections * _EACH, _LONGEST)
        wanted = max(self._found, enough) if enough > _FEW else self._found
        if wanted != current:
            sys.setswitchinterval(wanted)
        # As the interpreter has rounded it.
        self._made = sys.getswitchinterval()
