from __future__ import annotations

import math

import pytest

from benchmarks.spread import Spread, differences, quantile, ratios


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([5.0], (5.0, 5.0, 5.0, 1)),
        ([1.0, 2.0], (1.5, 1.25, 1.75, 2)),
        ([4.0, 1.0, 3.0, 2.0, 5.0], (3.0, 2.0, 4.0, 5)),
        ([1.0, 2.0, 3.0, 100.0], (2.5, 1.75, 27.25, 4)),
    ],
)
def test_spread(values: list[float], expected: tuple[float, ...]) -> None:
    """The median, the quartiles and the number of samples, in whatever order these come."""
    assert Spread.of(values) == expected


def test_outliers_do_not_move_the_median() -> None:
    """One slow sample of many changes nothing but the upper quartile."""
    assert Spread.of([1.0, 1.0, 1.0, 1.0, 1e9]) == (1.0, 1.0, 1.0, 5)


@pytest.mark.parametrize(("share", "expected"), [(0, 1.0), (0.1, 1.4), (0.5, 3.0), (0.99, 4.96), (1, 5.0)])
def test_quantile(share: float, expected: float) -> None:
    """Between two samples lies what a straight line between them says."""
    assert quantile([1.0, 2.0, 3.0, 4.0, 5.0], share) == pytest.approx(expected)


def test_infinite_samples_sort_to_the_end() -> None:
    """They count as the worst, and leave the median alone as long as they are few."""
    assert Spread.of([math.inf, 1.0, 2.0, 3.0, math.inf]) == (3.0, 2.0, math.inf, 5)
    assert Spread.of([math.inf, math.inf]) == (math.inf, math.inf, math.inf, 2)


def test_nothing_has_no_spread() -> None:
    """Without a single sample there is nothing to say."""
    with pytest.raises(ValueError, match="there are no samples"):
        Spread.of([])


def test_ratios_are_of_the_same_round() -> None:
    """A round in which both took twice as long has the same ratio."""
    assert ratios([1.0, 2.0, 3.0], [4.0, 8.0, 6.0]) == [0.25, 0.25, 0.5]


@pytest.mark.parametrize("their", [0.0, -1.0])
def test_what_is_lost_in_the_noise_counts_against_us(their: float) -> None:
    """Nothing can be divided by what was not measurable."""
    assert ratios([1.0], [their]) == [math.inf]


def test_differences_are_of_the_same_round() -> None:
    """What an empty interpreter took in a round is taken off that round."""
    assert differences([5.0, 9.0], [1.0, 4.0]) == [4.0, 5.0]


@pytest.mark.parametrize("function", [ratios, differences])
def test_rounds_must_match(function: object) -> None:
    """Samples that are missing on one side are a mistake, never skipped."""
    assert callable(function)
    with pytest.raises(ValueError, match="shorter"):
        function([1.0, 2.0], [1.0])
