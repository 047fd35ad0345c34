from __future__ import annotations

import gc
import itertools

import pytest

from benchmarks.measuring import Timing, interleaved


class Worker:
    """A function that costs just so much, by a clock of its own."""

    def __init__(self, cost: float) -> None:
        self.cost = cost
        self.now = 0.0
        self.calls = 0
        self.collecting: set[bool] = set()

    def __call__(self) -> None:
        self.now += self.cost
        self.calls += 1
        self.collecting.add(gc.isenabled())

    def timing(self, seconds: float = 1.0) -> Timing:
        return Timing(self, seconds=seconds, clock=lambda: self.now)


def test_each_takes_one_sample_per_round() -> None:
    """What a contestant gives stands in the place of its round; the warm-up is not counted."""
    first, second = itertools.count(), itertools.count(100)
    samples = interleaved({"a": lambda: next(first), "b": lambda: next(second)}, 3)
    assert samples == {"a": [1, 2, 3], "b": [101, 102, 103]}


def test_all_take_turns_in_changing_order() -> None:
    """In every round each is there once; who comes behind whom changes."""
    log: list[str] = []
    interleaved({name: lambda name=name: log.append(name) for name in "abc"}, 20)  # type: ignore[misc]
    rounds = [log[start : start + 3] for start in range(0, len(log), 3)]
    assert len(rounds) == 21
    assert all(sorted(one) == ["a", "b", "c"] for one in rounds)
    assert {one[0] for one in rounds[1:]} == {"a", "b", "c"}
    assert len({tuple(one) for one in rounds[1:]}) > 3


def test_the_order_is_the_same_in_every_run() -> None:
    """Two runs differ by what they measure, not by chance of ours."""

    def order() -> list[str]:
        log: list[str] = []
        interleaved({name: lambda name=name: log.append(name) for name in "abcd"}, 5)  # type: ignore[misc]
        return log

    assert order() == order()


def test_progress_is_told_before_each_round() -> None:
    """With the number of rounds that are done."""
    told: list[int] = []
    interleaved({"a": lambda: len(told)}, 3, each=told.append)
    assert told == [0, 1, 2]


@pytest.mark.parametrize("cost", [1e-5, 0.003, 0.4, 7.0])
def test_a_sample_is_the_time_of_one_call(cost: float) -> None:
    """However often the function is called for it."""
    assert Worker(cost).timing()() == pytest.approx(cost)


@pytest.mark.parametrize("cost", [1e-5, 0.003, 0.4])
def test_a_sample_takes_its_time(cost: float) -> None:
    """There are as many calls as fill the time asked for, and hardly more than that."""
    worker = Worker(cost)
    sample = worker.timing(seconds=1.0)
    sample()
    before = worker.calls
    sample()
    # A rounding error may cost or spare one call.
    assert 1 / cost - 1 <= worker.calls - before <= 10 / cost


def test_a_slow_function_is_called_once() -> None:
    """One call that takes longer than a sample should is a sample."""
    worker = Worker(7.0)
    sample = worker.timing(seconds=1.0)
    sample()
    before = worker.calls
    sample()
    assert worker.calls - before == 1


def test_a_clock_that_stands_still_ends_the_search() -> None:
    """What costs nothing is not called for ever."""
    worker = Worker(0.0)
    assert worker.timing()() == 0.0
    assert worker.calls <= 3_000_000


@pytest.mark.parametrize("before", [True, False])
def test_the_collector_stands_still_meanwhile(before: bool) -> None:
    """And is as it was before, even if the function raises."""
    was = gc.isenabled()
    (gc.enable if before else gc.disable)()
    try:
        worker = Worker(0.5)
        worker.timing()()
        assert worker.collecting == {False}
        assert gc.isenabled() is before
        with pytest.raises(ZeroDivisionError):
            Timing(lambda: 1 / 0)()
        assert gc.isenabled() is before
    finally:
        (gc.enable if was else gc.disable)()


def test_real_time_passes() -> None:
    """By default it is the CPU time of this process, which goes on."""
    assert Timing(lambda: sum(range(1000)), seconds=0.001)() > 0
