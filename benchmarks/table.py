"""Comparisons for people to read: ratios first, then the figures they are made of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .comparison import Comparison
from .spread import Spread

__all__ = ["columns", "packages", "placed", "quantity", "render"]

_SCALES = {
    "s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")),
    "B": ((2.0**20, "MiB"), (2.0**10, "KiB"), (1.0, "B")),
    "": ((1.0, ""),),
}


def render(comparisons: Sequence[Comparison], measured: Mapping[str, Any], *, ours: str, theirs: str) -> str:
    """Return the tables of ratios and of figures, what they were measured on, and what came of the goals.

    ``measured`` is as :func:`benchmarks.machine.facts` has it, with the number of ``rounds``. ``ours`` and ``theirs``
    are the names of the two sides.
    """
    ratios = [["", "against", "ratio", "half of them in", "goal", ""]]
    figures = [["", "", "median", "half of them in"]]
    shown = None
    for one in comparisons:
        goal = "" if one.goal is None else f"< {one.goal:.3g}"
        verdict = {None: "", True: "met", False: "missed"}[one.met]
        ratios.append([one.what, one.against, *_cells(one.ratio, ""), goal, verdict])
        if one.what != shown:
            figures.append([one.what, ours, *_cells(one.ours, one.unit)])
            shown = one.what
        figures.append(["", one.against, *_cells(one.theirs, one.unit)])
    parts = [
        f"{ours} divided by {theirs}: medians of the ratios within each round; less is better",
        columns(ratios, right={2, 3, 4}),
        "What they are made of",
        columns(figures, right={2, 3}),
        _measured(measured),
        _goals(comparisons),
    ]
    return "\n\n".join(parts)


def columns(rows: Sequence[Sequence[str]], *, right: Iterable[int] = ()) -> str:
    """Return the rows, of which the first is the heading, in columns; those numbered in ``right`` end at the right."""
    right = set(right)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in [rows[0], ["-" * width for width in widths], *rows[1:]]:
        cells = [
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def quantity(value: float, unit: str, like: float | None = None) -> str:
    """Return a number with three digits that count, and its unit: ``"8.12 µs"``; ``""`` is for plain numbers.

    ``like`` is another number whose scale is wanted, without the unit.
    """
    if not math.isfinite(value):
        return "too small to tell"
    reference = abs(value if like is None else like)
    scales = _SCALES[unit]
    size, name = next((scale for scale in scales if reference >= scale[0]), scales[-1])
    text = _digits(value / size)
    return text if like is not None or not name else f"{text} {name}"


def packages(measured: Mapping[str, Any]) -> str:
    """Return the lines of the packages that were measured, and of those they are made of; ``measured`` as above."""
    return "\n".join(f"  {name} {version or '(not installed)'}" for name, version in measured["packages"].items())


def placed(measured: Mapping[str, Any], others: int | None, *, same: str, apart: str) -> str:
    """Return the lines that end a table of servers: how long they were measured, on what, on which cores, with what.

    ``others``: the number of the core of those who called the servers, which are called ``apart`` where they had one,
    and ``same`` where there was none for them. ``measured`` as above, with the ``seconds`` of a sample.
    """
    servers = measured["pinned_to_core"]
    where = "no core of their own" if servers is None else f"servers on core {servers}"
    if servers is not None:
        where += f", {same} on the same" if others is None else f", {apart} on core {others}"
    return (
        f"{measured['rounds']} rounds of {measured['seconds']:g} s, {measured['python']}, {measured['system']}, "
        f"{measured['cores']} cores, {where}, with\n{packages(measured)}"
    )


def _digits(value: float) -> str:
    # Not {:.3g}, which writes 1.23e+03, and 8.1 for 8.10.
    before = math.floor(math.log10(abs(value))) + 1 if value else 1
    return f"{value:,.{max(0, 3 - before)}f}"


def _cells(spread: Spread, unit: str) -> tuple[str, str]:
    middle = f"{quantity(spread.low, unit, spread.median)} … {quantity(spread.high, unit, spread.median)}"
    return quantity(spread.median, unit), middle


def _measured(measured: Mapping[str, Any]) -> str:
    core = measured["pinned_to_core"]
    pinning = "not pinned to one of them" if core is None else f"pinned to number {core}"
    cores = "1 core" if measured["cores"] == 1 else f"{measured['cores']} cores"
    return (
        f"{measured['rounds']} rounds, {measured['python']}, {measured['system']}, {cores}, {pinning}, "
        f"with\n{packages(measured)}"
    )


def _goals(comparisons: Iterable[Comparison]) -> str:
    met = [one.met for one in comparisons if one.met is not None]
    return f"Goals: {met.count(True)} met, {met.count(False)} missed" if met else "No goals"
