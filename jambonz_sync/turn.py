"""A moment in which one thread has a state machine that several use."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

__all__ = ["Turn"]


class _Machine(Protocol):
    now: float


class _Holder(Protocol):
    """Who holds a machine, its lock, and the line under it."""

    lock: threading.Lock
    now: Callable[[], float]

    def flush(self) -> None:
        """Hand what the machine wants to send to the line; the lock is held."""

    def wake(self) -> None:
        """Whoever waits for what has come of a turn has to know; the lock is held."""

    def report(self) -> None:
        """Write what was collected for the log; the lock is free."""


Machine = TypeVar("Machine", bound=_Machine)


class Turn(Generic[Machine]):
    """Takes the lock and sets the clock; then sends and logs what came of it.

    ::

        with conversation.turn() as call:
            call.send(verbs, current=None)

    There are hundreds a second for each stream of audio, so it is a class with slots, and no generator.
    """

    __slots__ = ("_holder", "_machine")

    def __init__(self, holder: _Holder, machine: Machine) -> None:
        self._holder = holder
        self._machine = machine

    def __enter__(self) -> Machine:
        self._holder.lock.acquire()
        self._machine.now = self._holder.now()
        return self._machine

    def __exit__(self, *_: object) -> None:
        holder = self._holder
        try:
            holder.flush()
            holder.wake()
        finally:
            holder.lock.release()
        holder.report()
