"""A curve: what something costs at one size after the other."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from benchmarks.growth_curve import Curve, Figure, Sampler, measure
from benchmarks.spread import Spread

FIGURES = (Figure("CPU", "s"), Figure("memory", "B"))


def curve(*, fails_at: int = 0, late: bool = False) -> Curve:
    """Something that costs a second for each, with as many bytes as its square, told from 10 on; one size may fail."""

    @contextlib.contextmanager
    def place(size: int) -> Iterator[Sampler]:
        if size == fails_at and not late:
            raise TimeoutError("timed out")
        taken = 0

        def sample() -> tuple[float, float | None]:
            nonlocal taken
            taken += 1
            if size == fails_at and taken == 3:
                raise ConnectionError("reset")
            return float(size), size**2.0 if size >= 10 else None

        yield sample

    return Curve("things", "Things", "things", (1, 10, 100), FIGURES, place)


def flat(value: float, samples: int) -> Spread:
    return Spread(value, value, value, samples)


def test_points() -> None:
    """Each figure has its spread at each size, and its ratio to the size before where both are known."""
    done: list[int] = []
    points = measure(curve(), (1, 10, 100), 3, each=done.append)
    assert list(points) == [1, 10, 100]
    assert points[1] == [(flat(1.0, 3), None), (None, None)]
    assert points[10] == [(flat(10.0, 3), flat(10.0, 3)), (flat(100.0, 3), None)]
    assert points[100] == [(flat(100.0, 3), flat(10.0, 3)), (flat(10_000.0, 3), flat(100.0, 3))]
    assert done == [0, 1, 2]


def test_sizes_that_are_left_out() -> None:
    """The size before is the one before of those that were measured."""
    points = measure(curve(), (1, 100), 1)
    assert points[100][0].times == flat(100.0, 1)


@pytest.mark.parametrize("late", [False, True])
def test_no_answer(late: bool, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is told of a size that has failed, be it in the middle, and the others are measured all the same."""
    points = measure(curve(fails_at=10, late=late), (1, 10, 100), 3)
    assert points[10] == [(None, None), (None, None)]
    assert points[1][0] == (flat(1.0, 3), None)
    assert points[100][0] == (flat(100.0, 3), None)
    assert capsys.readouterr().err == f"no answer: {'reset' if late else 'timed out'}\n"


def test_json() -> None:
    """A point is what JSON can carry."""
    (point, unknown) = measure(curve(), (1,), 1)[1]
    spread = {"median": 1.0, "low": 1.0, "high": 1.0, "samples": 1}
    assert point.as_json() == {"spread": spread, "times": None}
    assert unknown.as_json() == {"spread": None, "times": None}
