"""Many calls on one thread, which take turns as fast as the application answers, or at a given pace.

::

    with Driver(port) as driver:
        driver.dial(50)
        spoken = driver.saturate(seconds=3.0)
    len(spoken.delays) / spoken.seconds  # turns per second

All it has to do is to send bytes that are ready, to look at the clock when an answer is there, and to check it.
"""

from __future__ import annotations

import contextlib
import select
import time
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from typing_extensions import Self

from .driven_call import DrivenCall

__all__ = ["AT_A_TIME", "Driver", "Spoken", "TooSlow"]

#: Seconds that an answer may take.
_PATIENCE = 20.0
#: So many are dialled at a time.
AT_A_TIME = 16


class TooSlow(Exception):
    """The application took too long for what was to be measured. The text says what."""


class Spoken(NamedTuple):
    """What came of it, in seconds.

    ``delays``: from when each hook was sent until its answer was there. ``seconds``: how long it took in all.
    ``cpu``: what the driver used of it.
    """

    delays: list[float]
    seconds: float
    cpu: float


class Driver:
    """Calls to a port of this machine, until the end of a ``with`` block.

    ``path``, ``size`` and ``deflate`` are as in :class:`~.driven_call.DrivenCall`.
    """

    def __init__(self, port: int, *, path: str = "/echo", size: int = 0, deflate: bool = False) -> None:
        self.calls: list[DrivenCall] = []
        self._port, self._path, self._size, self._deflate = port, path, size, deflate
        self._poll = select.epoll()
        self._by_number: dict[int, DrivenCall] = {}
        self._dialled = 0

    # Calls come and go

    def dial(self, calls: int, *, patience: float = _PATIENCE) -> None:
        """Have so many calls up. Raises :exc:`TooSlow` if that takes more seconds than this."""
        deadline = time.perf_counter() + patience
        coming = 0
        while len(self.calls) < calls:
            while coming < AT_A_TIME and len(self.calls) + coming < calls:
                self._dial()
                coming += 1
            for call in self._ready():
                coming -= 1
                self.calls.append(call)
            if time.perf_counter() > deadline:
                raise TooSlow(f"{len(self.calls)} of {calls} calls were up after {patience:g} s")

    def set_up(self, seconds: float) -> Spoken:
        """Have calls come and go, some at a time, for so long; what is begun by then is waited for.

        The delay of each is from when it was dialled until the application had let go of it.
        """
        cpu, began = time.process_time(), time.perf_counter()
        end = began + seconds
        begun = {self._dial(): began for _ in range(AT_A_TIME)}
        delays: list[float] = []
        while begun:
            for call in self._ready():
                if not call.is_over:
                    call.hang_up()
                    self._watch(call)
                    continue
                self._forget(call)
                now = time.perf_counter()
                delays.append(now - begun.pop(call))
                if now <= end:
                    begun[self._dial()] = now
        return Spoken(delays, time.perf_counter() - began, time.process_time() - cpu)

    def hang_up(self) -> None:
        """End all calls, and wait until the application has let go of them."""
        ending = len(self.calls)
        for call in self.calls:
            call.hang_up()
            self._watch(call)
        self.calls.clear()
        while ending:
            for call in self._ready():
                if call.is_over:
                    self._forget(call)
                    ending -= 1

    def _dial(self) -> DrivenCall:
        self._dialled += 1
        call = DrivenCall(self._port, self._path, self._dialled, size=self._size, deflate=self._deflate)
        self._by_number[call.sock.fileno()] = call
        self._poll.register(call.sock, select.EPOLLIN)
        return call

    def _forget(self, call: DrivenCall) -> None:
        del self._by_number[call.sock.fileno()]
        # It leaves the poll with that.
        call.close()

    # Turns

    def saturate(self, seconds: float) -> Spoken:
        """Let every call speak again as soon as it is answered, for so long; what is begun by then is waited for.

        All turns count, and all of the time: who left the slowest out would be praised for them.
        """
        cpu, clock = time.process_time(), time.perf_counter
        delays: list[float] = []
        began = clock()
        end = began + seconds
        for call in self.calls:
            call.speak()
            self._watch(call)
        speaking = len(self.calls)
        while speaking:
            for call in self._ready():
                delays.append(call.delay)
                if clock() > end:
                    speaking -= 1
                    continue
                call.speak()
                if call.wants_to_write:
                    self._watch(call)
        return Spoken(delays, clock() - began, time.process_time() - cpu)

    def pace(self, rate: float, seconds: float) -> Spoken:
        """Let one call after the other speak, so many times per second in all. Who is not answered yet is left out."""
        cpu, clock = time.process_time(), time.perf_counter
        delays: list[float] = []
        free = deque(self.calls)
        turns, spoken = round(rate * seconds), 0
        began = clock()
        while len(delays) < turns:
            while free and spoken < turns and clock() >= began + spoken / rate:
                call = free.popleft()
                call.speak()
                self._watch(call)
                spoken += 1
            wait = began + spoken / rate - clock() if free and spoken < turns else _PATIENCE
            for call in self._ready(max(0.0, wait)):
                delays.append(call.delay)
                free.append(call)
        return Spoken(delays, clock() - began, time.process_time() - cpu)

    # The loop

    def _watch(self, call: DrivenCall) -> None:
        """Be told when the rest of what it says can be written."""
        if call.wants_to_write:
            self._poll.modify(call.sock, select.EPOLLIN | select.EPOLLOUT)

    def _ready(self, wait: float | None = None) -> Iterator[DrivenCall]:
        """Wait, for so many seconds at most, and give the calls whose answer, or end, is there.

        Without ``wait`` something must come: :exc:`TooSlow` is raised if nothing does.
        """
        # In whole milliseconds, rounded up: what is due is sent that much later, which is in no delay.
        events = self._poll.poll(_PATIENCE if wait is None else wait)
        if not events and (wait is None or wait >= _PATIENCE):
            waiting = len(self._by_number) - len(self.calls)
            raise TooSlow(f"nothing came for {_PATIENCE:g} s; {len(self.calls)} calls are up, {waiting} come or go")
        for number, event in events:
            call = self._by_number[number]
            if event & select.EPOLLOUT:
                call.push()
                if not call.wants_to_write:
                    self._poll.modify(number, select.EPOLLIN)
            if event & ~select.EPOLLOUT:
                done = call.take()
                # What came may have been answered at once.
                self._watch(call)
                if done:
                    yield call

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.ExitStack() as stack:
            stack.callback(self._poll.close)
            for call in self._by_number.values():
                stack.callback(call.close)
