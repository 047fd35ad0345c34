"""What was measured of the servers that take calls, for people to read: ours against the best rival, then figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .call_lines import LINES, Figure, Sample
from .call_servers import OURS, RIVALS
from .spread import Spread, ratios
from .table import columns, placed, quantity

__all__ = ["Samples", "render"]

_HEADING = ["", "", "best rival", "ratio", "half of them in", "goal", ""]
_NOTHING = "-"

#: By the name of the line, and by that of the server.
Samples = Mapping[str, Mapping[str, Sequence[Sample]]]


def render(samples: Samples, measured: Mapping[str, Any]) -> str:
    """Return the tables, and what they were measured on.

    ``samples`` are those of the rounds; a server that could not do what a line wants is not in it. ``measured`` is as
    :func:`benchmarks.machine.facts` has it, with ``rounds``, ``seconds`` and ``driver_on_core``.
    """
    figures = _figures(samples)
    return "\n\n".join(
        [
            f"{OURS} divided by the best rival of each line: medians of the ratios within each round",
            columns([_HEADING, *_ratios(samples)], right={3, 4, 5}),
            "What they are made of: medians of the rounds, and how far around them the middle half lies",
            columns(figures, right=range(2, len(figures[0]))),
            placed(measured, measured["driver_on_core"], same="the driver", apart="the driver"),
        ]
    )


def _ratios(samples: Samples) -> Iterator[list[str]]:
    for name, by_server in samples.items():
        title = LINES[name].title
        for figure in LINES[name].figures:
            if OURS not in by_server or figure.key == "driver":
                continue
            ours = _values(by_server[OURS], figure)
            rivals = {rival: _values(by_server[rival], figure) for rival in RIVALS if rival in by_server}
            best = _best(rivals, figure)
            ratio = Spread.of(ratios(ours, rivals[best])) if best is not None else None
            yield [
                title,
                figure.title,
                _NOTHING if best is None else best,
                _NOTHING if ratio is None else quantity(ratio.median, ""),
                _NOTHING if ratio is None else f"{quantity(ratio.low, '')} … {quantity(ratio.high, '')}",
                *_goal(figure, None if ratio is None else ratio.median, Spread.of(ours).median),
            ]
            title = ""


def _best(rivals: Mapping[str, Sequence[float]], figure: Figure) -> str | None:
    medians = {name: Spread.of(values).median for name, values in rivals.items()}
    if not medians:
        return None
    return (max if figure.more else min)(medians, key=lambda name: medians[name])


def _goal(figure: Figure, ratio: float | None, ours: float) -> tuple[str, str]:
    if figure.limit is not None:
        return f"≤ {quantity(figure.limit, figure.unit)}", "met" if ours <= figure.limit else "missed"
    if figure.goal is None:
        return "", ""
    text = f"{'≥' if figure.more else '≤'} {figure.goal:g}"
    if ratio is None:
        return text, ""
    return text, "met" if (ratio >= figure.goal if figure.more else ratio <= figure.goal) else "missed"


def _figures(samples: Samples) -> list[list[str]]:
    servers = list(dict.fromkeys(server for by_server in samples.values() for server in by_server))
    rows = [["", "", *servers]]
    for name, by_server in samples.items():
        title = LINES[name].title
        for figure in LINES[name].figures:
            cells = [_cell(by_server[server], figure) if server in by_server else _NOTHING for server in servers]
            rows.append([title, figure.title, *cells])
            title = ""
    return rows


def _cell(taken: Sequence[Sample], figure: Figure) -> str:
    spread = Spread.of(_values(taken, figure))
    if figure.unit == "%":
        return f"{spread.median:.0%}"
    around = (spread.high - spread.low) / 2 / spread.median if spread.median else 0.0
    return f"{quantity(spread.median, figure.unit)} ±{around:.0%}"


def _values(taken: Sequence[Sample], figure: Figure) -> list[float]:
    return [one[figure.key] for one in taken]
