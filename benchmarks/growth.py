"""What a call costs among many, and much else that may grow: each figure beside that of a smaller size.

::

    $ python -m benchmarks.growth
"""

from __future__ import annotations

import argparse
import pathlib
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from .command import HOW_IT_ENDS, Progress, names_of, on_linux, whole_number, write_json
from .growth_curve import Curve, Point, measure
from .growth_served import CALLS, SERVICES, TURNS
from .growth_session import EVENTS, NAMES, VERBS
from .growth_table import render
from .machine import facts
from .stopping import stoppable

__all__ = ["CURVES", "main"]

#: All of them, by name, in the order of the tables.
CURVES: Mapping[str, Curve] = {curve.name: curve for curve in (CALLS, SERVICES, VERBS, EVENTS, NAMES, TURNS)}

_PROG = "python -m benchmarks.growth"
_DESCRIPTION = """\
Measure what grows, and what must not: at one size after the other, with the figure divided by that of the size before.
All is CPU time, or memory. Of the server, with callers that cost it nothing:

  calls     that are held: turns on some of them, and silence
  services  of an endpoint
  turns     of a call

and, in this process, of the session of a call without a socket:

  verbs     in a message
  events    that nobody has taken
  names     of hooks that are waited for, have a handler, or were named by verbs
"""


@stoppable()
def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit status."""
    parser = argparse.ArgumentParser(
        prog=_PROG,
        description=_DESCRIPTION,
        epilog=HOW_IT_ENDS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--only",
        type=names_of(CURVES),
        default=list(CURVES),
        metavar="NAMES",
        help=f"of {', '.join(CURVES)}; all if not given",
    )
    parser.add_argument(
        "--most", type=whole_number(1000), metavar="N", help="leave sizes out that are above this, but the least one"
    )
    parser.add_argument(
        "--rounds", type=whole_number(5), default=5, metavar="N", help="samples of each size (default: %(default)s)"
    )
    parser.add_argument("--output", type=pathlib.Path, metavar="FILE", help="write the same there as JSON")
    options = parser.parse_args(arguments)
    if not on_linux(_PROG):
        return 2
    progress = Progress(options.rounds)
    try:
        points = []
        for curve in (CURVES[name] for name in options.only):
            sizes = [size for size in curve.sizes if options.most is None or size <= options.most] or curve.sizes[:1]
            points.append((curve, measure(curve, sizes, options.rounds, each=progress.part(curve.name))))
    finally:
        progress.end()
    measured = {**facts(["jambonz-sync", "simple-websocket", "wsproto"], None), "rounds": options.rounds}
    print(render(measured, points))
    return 0 if options.output is None else write_json(options.output, _as_json(measured, points))


def _as_json(
    measured: Mapping[str, Any], points: Sequence[tuple[Curve, Mapping[int, Sequence[Point]]]]
) -> Mapping[str, object]:
    curves = {
        curve.name: [
            {"size": size, "figure": figure.title, "unit": figure.unit, **point.as_json()}
            for size, of_size in by_size.items()
            for figure, point in zip(curve.figures, of_size, strict=True)
        ]
        for curve, by_size in points
    }
    return {"measured": measured, "curves": curves}


if __name__ == "__main__":
    sys.exit(main())
