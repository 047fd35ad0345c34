"""Virtual time, and threads that take turns in it.

::

    world = World()
    world.start(place_the_call, "the caller")
    world.wait(lambda: transcript.ending is not None)

Of all the threads of a world exactly one runs, until it waits; then it is another's turn. Time stands still while a
thread runs, whatever it does, and jumps when all of them wait: to the moment the first of them waits for. So nothing
takes real time, and the same threads do the same things in the same order, however fast the machine is.

Threads. Whoever has the turn is the only one to touch anything here, so there is no lock: the turn is handed over by an
event of the thread that gets it, which orders what one thread wrote before what the next reads. Whether a thread that
waits may go on is asked by the thread that is about to wait itself; what is asked may take a lock of the call's, which
no waiting thread holds. A thread of the application that is none of this world's may do what it likes to a call; that
is noticed when the turn next changes.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import Protocol

__all__ = ["Timer", "World", "WorldStopped"]


class WorldStopped(BaseException):
    """The simulation is over, and what still runs in it is unwound. No error of the code it comes out of."""


class Timer(Protocol):
    """Something that wants to be called at a time, on whatever thread has the turn then."""

    def due(self) -> float:
        """Return the time; ``inf`` for never."""
        ...

    def tick(self) -> None:
        """Do what is due."""


class _Thread:
    """One thread of a world and, while it waits, what for."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.ready: Callable[[], bool] = _at_once
        self.until = math.inf
        self.ends_idle = False
        self._has_turn = threading.Event()

    def give_turn(self) -> None:
        """It is this thread's turn."""
        self._has_turn.set()

    def await_turn(self) -> None:
        """Block this thread until it has its turn."""
        self._has_turn.wait()
        self._has_turn.clear()


def _at_once() -> bool:
    return True


class World:
    """A clock that stands still, and the threads that live by it.

    The thread that makes it is its first, and has the turn.
    """

    def __init__(self) -> None:
        self._now = 0.0
        self._stopped = False
        # What a thread has failed with, for the first one to raise.
        self._error: BaseException | None = None
        self._timers: list[Timer] = []
        self._first = _Thread("the first")
        self._own = threading.local()
        self._own.thread = self._first
        # Those that wait, who has waited longest first.
        self._waiting: list[_Thread] = []
        self._threads: list[threading.Thread] = []

    def now(self) -> float:
        """Return the time in this world: seconds since it was made."""
        return self._now

    def add(self, timer: Timer) -> None:
        """Have the timer called whenever it is due."""
        self._timers.append(timer)

    def remove(self, timer: Timer) -> None:
        """Call it no more."""
        self._timers.remove(timer)

    def start(self, run: Callable[[], object], name: str) -> None:
        """Run a function on a thread of its own, whose first turn comes when the others wait."""
        thread = _Thread(name)

        def live() -> None:
            self._own.thread = thread
            thread.await_turn()
            try:
                if not self._stopped:
                    run()
            except WorldStopped:
                pass
            except BaseException as error:  # noqa: BLE001 - whatever it is, the first thread is to know of it
                self._error = self._error or error
            finally:
                self._hand_over()

        self._waiting.append(thread)
        running = threading.Thread(target=live, name=name, daemon=True)
        self._threads.append(running)
        running.start()

    def wait(self, ready: Callable[[], bool], until: float = math.inf, *, ends_idle: bool = False) -> bool:
        """Give the others their turns until ``ready()``, or until the time ``until``; return the last ``ready()``.

        ``ends_idle``: wait no longer either, once nothing will ever happen again.

        Raises :exc:`WorldStopped` if the simulation ends meanwhile and, on the first thread, what another has failed
        with.
        """
        thread: _Thread = self._own.thread
        thread.ready, thread.until, thread.ends_idle = ready, until, ends_idle
        self._waiting.append(thread)
        self._hand_over()
        thread.await_turn()
        if thread is not self._first:
            if self._stopped:
                raise WorldStopped
        elif self._error is not None:
            error, self._error = self._error, None
            raise error
        return ready()

    def stop(self) -> None:
        """Unwind every other thread, and wait for the end of each. For the first thread, which has the turn."""
        self._stopped = True
        self.wait(lambda: not self._waiting, ends_idle=True)
        for thread in self._threads:
            thread.join()

    def _hand_over(self) -> None:
        """Find out whose turn it is: theirs who may go on, or theirs whose time comes first."""
        thread = self._next()
        if thread is not None:
            self._waiting.remove(thread)
            thread.give_turn()

    def _next(self) -> _Thread | None:
        if self._stopped:
            # The others first: the first thread waits for them.
            return next((thread for thread in self._waiting if thread is not self._first), self._first)
        while True:
            for timer in [timer for timer in self._timers if timer.due() <= self._now]:
                timer.tick()
            if self._error is not None and self._first in self._waiting:
                return self._first
            for thread in self._waiting:
                if thread.ready() or thread.until <= self._now:
                    return thread
            times = [thread.until for thread in self._waiting] + [timer.due() for timer in self._timers]
            soonest = min(times, default=math.inf)
            if soonest == math.inf:
                return next((thread for thread in self._waiting if thread.ends_idle), None)
            self._now = soonest
