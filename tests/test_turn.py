from __future__ import annotations

import threading

import pytest

from jambonz_sync.turn import Turn


class Machine:
    now = 0.0


class Holder:
    """Notes what is done, and whether the lock is held meanwhile."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.done: list[tuple[str, bool]] = []
        self.now = lambda: 7.5
        self.breaks = False

    def flush(self) -> None:
        self._note("flush")
        if self.breaks:
            raise RuntimeError("it breaks")

    def wake(self) -> None:
        self._note("wake")

    def report(self) -> None:
        self._note("report")

    def _note(self, what: str) -> None:
        self.done.append((what, self.lock.locked()))


def test_a_turn() -> None:
    """The machine is given with the time set, under the lock; what came of it is sent under it, and logged after it."""
    holder, machine = Holder(), Machine()
    with Turn(holder, machine) as taken:
        assert taken is machine
        assert machine.now == 7.5
        assert holder.lock.locked()
        assert holder.done == []
    assert holder.done == [("flush", True), ("wake", True), ("report", False)]


def test_a_turn_that_raises() -> None:
    """What came of it until then is sent and logged all the same, and the lock is free."""
    holder = Holder()
    with pytest.raises(ZeroDivisionError), Turn(holder, Machine()):
        raise ZeroDivisionError
    assert holder.done == [("flush", True), ("wake", True), ("report", False)]


def test_a_turn_that_cannot_be_sent() -> None:
    """The lock is free whatever fails."""
    holder = Holder()
    holder.breaks = True
    with pytest.raises(RuntimeError, match="it breaks"), Turn(holder, Machine()):
        pass
    assert not holder.lock.locked()
