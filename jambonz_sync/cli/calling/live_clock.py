"""The clock of a call that other threads take part in.

::

    clock = LiveClock(speed=1.0)
    clock.post(lambda: caller.take_line(line))  # on any thread
"""

from __future__ import annotations

import contextlib
import functools
import queue
import select
import socket
import time
from collections.abc import Callable, Sequence

from ...simulator.clock import RealClock
from ...simulator.wire import Wire

__all__ = ["LiveClock"]

#: How many times faster than real time it goes once nobody is interested any more.
_HURRY = 100.0


class LiveClock(RealClock):
    """Real time, and an inbox of what is to be done on the call's thread.

    All of it is for the call's thread, except :meth:`post`.

    ``speed``: how many seconds of the call pass in a real one.
    """

    def __init__(self, speed: float = 1.0) -> None:
        super().__init__(speed)
        #: The connections that are up: what comes on them ends a wait.
        self.open_wires: Callable[[], Sequence[Wire]] = lambda: ()
        # A queue whose put is safe in a signal handler that has interrupted another put.
        self._inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._bell, self._rope = socket.socketpair()
        for end in (self._bell, self._rope):
            end.setblocking(False)

    def post(self, action: Callable[[], None]) -> None:
        """Have something done on the call's thread, soon. Any thread may ask for it, and a signal handler."""
        self._inbox.put(action)
        # Full: it rings already. Closed: the call is over.
        with contextlib.suppress(OSError):
            self._rope.send(b"!")

    def hurry(self) -> None:
        """Let what is still to come take next to no time."""
        self._speeds = (_HURRY, _HURRY)
        self.application_moves(False)

    def close(self) -> None:
        """The call is over, and nothing will be done any more."""
        self._bell.close()
        self._rope.close()

    def wait(self, arrives: Callable[[float], bool], until: float) -> None:
        super().wait(functools.partial(self._wait, arrives), until)
        self._do_what_was_posted()

    def _wait(self, arrives: Callable[[float], bool], seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        # What comes on connections that this wait is not for must not end it again and again.
        unheeded: set[int] = set()
        while not arrives(0):
            ready = self._ready(deadline, unheeded)
            if not ready or self._bell.fileno() in ready:
                return False
            unheeded |= ready
        return True

    def _ready(self, deadline: float, unheeded: set[int]) -> set[int]:
        poll = select.poll()
        poll.register(self._bell, select.POLLIN)
        for wire in self.open_wires():
            if wire.fileno() not in unheeded:
                poll.register(wire, select.POLLIN)
        return {fd for fd, _ in poll.poll(max(0.0, deadline - time.monotonic()) * 1000)}

    def _do_what_was_posted(self) -> None:
        # First silence the bell: whoever posts from now on rings again.
        with contextlib.suppress(BlockingIOError):
            while self._bell.recv(4096):
                pass
        with contextlib.suppress(queue.Empty):
            while True:
                self._inbox.get_nowait()()
