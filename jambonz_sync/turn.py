"""Moments in which one thread has a state machine that several use."""

from __future__ import annotations

import abc
import threading
import time
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from typing_extensions import Self

__all__ = ["TakesTurns"]


class _Machine(Protocol):
    now: float


Machine = TypeVar("Machine", bound=_Machine)


class TakesTurns(abc.ABC, Generic[Machine]):
    """Whoever has a machine, its lock, and the line under it.

    ::

        with conversation.turn() as call:
            call.send(verbs, current=None)

    ``machine`` is used under the lock only. ``now`` is its clock.

    There are hundreds of turns a second for each stream of audio, so one is no object of its own, and no generator.
    """

    def __init__(self, machine: Machine, now: Callable[[], float] = time.monotonic) -> None:
        self.now = now
        self.lock = threading.Lock()
        self._machine = machine

    def turn(self) -> Self:
        """Hold the lock for a moment: ``with holder.turn() as machine: …``; then send and log what came of it."""
        return self

    def __enter__(self) -> Machine:
        self.lock.acquire()
        self._machine.now = self.now()
        return self._machine

    def __exit__(self, *_: object) -> None:
        try:
            self.flush()
            self.wake()
        finally:
            self.lock.release()
        self.report()

    @abc.abstractmethod
    def flush(self) -> None:
        """Hand what the machine wants to send to the line; the lock is held."""

    @abc.abstractmethod
    def wake(self) -> None:
        """Whoever waits for what has come of a turn has to know; the lock is held."""

    @abc.abstractmethod
    def report(self) -> None:
        """Write what was collected for the log; the lock is free."""
