"""Curves for people to read: each figure, and by how much it is above that of the row above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .growth_curve import Curve, Point
from .spread import Spread
from .table import columns, packages, quantity

__all__ = ["render"]


def render(measured: Mapping[str, Any], points: Sequence[tuple[Curve, Mapping[int, Sequence[Point]]]]) -> str:
    """Return a table for each curve, and what all were measured on.

    ``measured`` is as :func:`benchmarks.machine.facts` has it, with the number of ``rounds``.
    """
    return "\n\n".join(
        [
            "What grows: medians of the rounds, and behind each the median of its ratios to the row above",
            *(f"{curve.title}\n\n{_table(curve, by_size)}" for curve, by_size in points),
            f"{measured['rounds']} rounds, {measured['python']}, {measured['system']}, {measured['cores']} cores, "
            f"with\n{packages(measured)}",
        ]
    )


def _table(curve: Curve, by_size: Mapping[int, Sequence[Point]]) -> str:
    rows = [[curve.size, *(cell for figure in curve.figures for cell in (figure.title, "times"))]]
    for size, points in by_size.items():
        cells = (
            cell
            for figure, point in zip(curve.figures, points, strict=True)
            for cell in (_median(point.spread, figure.unit), _median(point.times, ""))
        )
        answered = any(point.spread is not None for point in points)
        rows.append([f"{size:,}", *(cells if answered else ["no answer", *[""] * (2 * len(points) - 1)])])
    return columns(rows, right=range(len(rows[0])))


def _median(spread: Spread | None, unit: str) -> str:
    return "" if spread is None else quantity(spread.median, unit)
