"""Curves for people to read."""

from __future__ import annotations

import contextlib

from benchmarks.growth_curve import Curve, Figure, Point
from benchmarks.growth_table import render
from benchmarks.spread import Spread

MEASURED = {
    "python": "CPython 3.11.7",
    "system": "Linux x86_64",
    "cores": 2,
    "packages": {"ours": "0.1.0", "other": None},
    "rounds": 3,
}
CURVE = Curve(
    "calls",
    "Calls that are held",
    "calls",
    (1, 1000, 5000),
    (Figure("CPU", "s"), Figure("memory", "B")),
    lambda size: contextlib.nullcontext(lambda: ()),
)


def spread(value: float) -> Spread:
    return Spread(value, value, value, 3)


def test_render() -> None:
    """Each figure with its ratio; what is not known is left blank, and a size that gave no answer says so."""
    points = {
        1: [Point(spread(2e-6), None), Point(None, None)],
        1000: [Point(spread(3e-6), spread(1.5)), Point(spread(2048.0), None)],
        5000: [Point(None, None), Point(None, None)],
    }
    assert render(MEASURED, [(CURVE, points)]) == "\n".join(
        [
            "What grows: medians of the rounds, and behind each the median of its ratios to the row above",
            "",
            "Calls that are held",
            "",
            "calls        CPU  times    memory  times",
            "-----  ---------  -----  --------  -----",
            "    1    2.00 µs",
            "1,000    3.00 µs   1.50  2.00 KiB",
            "5,000  no answer",
            "",
            "3 rounds, CPython 3.11.7, Linux x86_64, 2 cores, with",
            "  ours 0.1.0",
            "  other (not installed)",
        ]
    )
