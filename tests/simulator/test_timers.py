"""What is due at a time, while the call goes on."""

from __future__ import annotations

import math

from jambonz_sync.simulator.timers import Timers


def run(timers: Timers, now: float) -> None:
    while timers.run_next(now):
        pass


def test_order():
    """Timers run in the order of their times, however late; of two at the same time the older one is first."""
    timers, done = Timers(), []
    timers.at(3, lambda: done.append("third"))
    timers.at(1, lambda: done.append("first"))
    timers.at(1, lambda: done.append("second"))
    assert timers.next_due == 1
    run(timers, 10)
    assert done == ["first", "second", "third"]
    assert timers.next_due == math.inf


def test_not_yet():
    """A timer does not run before its time, and once only."""
    timers, done = Timers(), []
    timer = timers.at(2, lambda: done.append(2))
    assert not timers.run_next(1.9)
    assert timer.pending
    assert timers.run_next(2)
    assert not timer.pending
    assert not timers.run_next(9)
    assert done == [2]


def test_cancelled():
    """A timer that is cancelled does not run, also if it was cancelled by the one before it, or twice."""
    timers, done = Timers(), []
    second = timers.at(2, lambda: done.append(2))
    first = timers.at(1, second.cancel)
    run(timers, 10)
    first.cancel()
    second.cancel()
    assert (done, timers.next_due) == ([], math.inf)


def test_a_timer_that_sets_the_next():
    """What a timer sets takes its turn among the others, by the time it is due."""
    timers, done = Timers(), []

    def tick(due: float) -> None:
        done.append(due)
        timers.at(due + 1, lambda: tick(due + 1))

    timers.at(1, lambda: tick(1))
    timers.at(2.5, lambda: done.append("between"))
    run(timers, 3)
    assert done == [1, 2, "between", 3]
