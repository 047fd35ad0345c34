from __future__ import annotations

import pytest

from jambonz_sync.turn import TakesTurns


class Machine:
    now = 0.0


class Holder(TakesTurns[Machine]):
    """Notes what is done, and whether the lock is held meanwhile."""

    def __init__(self) -> None:
        self.machine = Machine()
        super().__init__(self.machine, now=lambda: 7.5)
        self.done: list[tuple[str, bool]] = []
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


@pytest.fixture
def holder() -> Holder:
    return Holder()


def test_a_turn(holder: Holder) -> None:
    """The machine is given with the time set, under the lock; what came of it is sent under it, and logged after it."""
    with holder.turn() as taken:
        assert taken is holder.machine
        assert taken.now == 7.5
        assert holder.lock.locked()
        assert holder.done == []
    assert holder.done == [("flush", True), ("wake", True), ("report", False)]


def test_a_turn_that_raises(holder: Holder) -> None:
    """What came of it until then is sent and logged all the same, and the lock is free."""
    with pytest.raises(ZeroDivisionError), holder.turn():
        raise ZeroDivisionError
    assert holder.done == [("flush", True), ("wake", True), ("report", False)]


def test_a_turn_that_cannot_be_sent(holder: Holder) -> None:
    """The lock is free whatever fails."""
    holder.breaks = True
    with pytest.raises(RuntimeError, match="it breaks"), holder.turn():
        pass
    assert not holder.lock.locked()
