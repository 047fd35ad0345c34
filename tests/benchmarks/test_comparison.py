from __future__ import annotations

import json

import pytest

from benchmarks.comparison import Comparison


def test_of_samples() -> None:
    """The ratio is the median of the ratios of the rounds, not the ratio of the medians."""
    one = Comparison.of("import", "rival", [1.0, 2.0, 30.0], [2.0, 5.0, 40.0], goal=0.1)
    assert one.ours.median == 2.0
    assert one.theirs.median == 5.0
    assert one.ratio == (0.5, 0.45, 0.625, 3)
    assert (one.what, one.against, one.unit, one.goal) == ("import", "rival", "s", 0.1)


@pytest.mark.parametrize(("goal", "met"), [(None, None), (0.6, True), (0.5, False), (0.1, False)])
def test_met(goal: float | None, met: bool | None) -> None:
    """The median must be below the goal; as much as it is too much."""
    assert Comparison.of("import", "rival", [1.0, 1.0], [2.0, 2.0], goal=goal).met is met


def test_what_cannot_be_told_is_not_met() -> None:
    """A rival that cost nothing was not beaten."""
    assert Comparison.of("import", "rival", [1.0], [0.0], goal=0.5).met is False


def test_as_json() -> None:
    """All of it, in plain types."""
    said = Comparison.of("memory", "rival", [1.0], [4.0], unit="B", goal=0.5).as_json()
    assert said == {
        "what": "memory",
        "against": "rival",
        "unit": "B",
        "ratio": {"median": 0.25, "low": 0.25, "high": 0.25, "samples": 1},
        "ours": {"median": 1.0, "low": 1.0, "high": 1.0, "samples": 1},
        "theirs": {"median": 4.0, "low": 4.0, "high": 4.0, "samples": 1},
        "goal": 0.5,
        "met": True,
    }


def test_infinite_numbers_in_json() -> None:
    """JSON has none, so they are null."""
    said = Comparison.of("import", "rival", [1.0], [0.0]).as_json()
    assert said["ratio"] == {"median": None, "low": None, "high": None, "samples": 1}
    json.dumps(said, allow_nan=False)
