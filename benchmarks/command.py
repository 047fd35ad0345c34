"""The command line that all benchmarks share."""

from __future__ import annotations

import argparse
import contextlib
import json
import pathlib
import sys
from collections.abc import Callable, Collection, Iterable, Sequence

from .comparison import Comparison
from .machine import facts, pinned
from .side import NotInstalled, Side
from .stopping import stoppable
from .table import render

__all__ = [
    "HOW_IT_ENDS",
    "Measure",
    "Progress",
    "names_of",
    "on_linux",
    "run",
    "seconds_from",
    "whole_number",
    "whole_numbers",
    "write_json",
]

#: For the help of those that have servers.
HOW_IT_ENDS = """\
The tables go to stdout, progress to stderr. The exit status is 0 whatever the figures are; 1 if FILE cannot be
written; 2 if the system lacks what this needs, something is not installed, or the command line is wrong; 130 after
Ctrl-C, 143 after SIGTERM. Linux only.
"""
_EPILOG = """\
The tables go to stdout, progress to stderr. The exit status is 0 whatever the figures are; 1 if FILE cannot be
written; 2 if the rival is not installed or the command line is wrong; 130 after Ctrl-C,
143 after SIGTERM.
"""


class Progress:
    """Says on stderr how far it is: on a terminal in one line that changes, elsewhere in a line for each part."""

    def __init__(self, rounds: int) -> None:
        self._rounds = rounds
        self._terminal = sys.stderr.isatty()

    def part(self, name: str) -> Callable[[int], None]:
        """Begin a part of the work; return the function that is to be told how many of its rounds are done."""
        if not self._terminal:
            self._say(f"{name}: {self._rounds} rounds\n")

        def each(done: int) -> None:
            if self._terminal:
                self._say(f"\r\x1b[K{name}: round {done + 1} of {self._rounds}")

        return each

    def end(self) -> None:
        """Leave the line to others."""
        if self._terminal:
            self._say("\r\x1b[K")

    @staticmethod
    def _say(text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()


Measure = Callable[[Side, Side, int, Progress], Iterable[Comparison]]


@stoppable()
def run(
    arguments: Sequence[str] | None,
    *,
    prog: str,
    description: str,
    ours: Callable[[], Side],
    rival: Callable[[], Side],
    measure: Measure,
) -> int:
    """Measure as the command line says, show what came of it, and return the exit status.

    ``arguments`` are those of the process if ``None``. ``prog`` and ``description`` are for its help. ``ours`` and
    ``rival`` make the two sides once it is clear that they are needed; the second may raise
    :exc:`~.side.NotInstalled`. ``measure`` is given both, the number of rounds, and whom to tell of progress.
    """
    parser = argparse.ArgumentParser(
        prog=prog, description=description, epilog=_EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--rounds",
        type=whole_number(25),
        default=25,
        metavar="N",
        help="samples of each contestant (default: %(default)s); more of them steady the medians",
    )
    parser.add_argument("--json", type=_file, metavar="FILE", help="write the same there as JSON, in seconds and bytes")
    options = parser.parse_args(arguments)
    try:
        return _measured(options.rounds, options.json, ours, rival, measure)
    except NotInstalled as error:
        print(f"{prog}: {error}", file=sys.stderr)
        return 2


def _measured(
    rounds: int, path: pathlib.Path | None, ours: Callable[[], Side], rival: Callable[[], Side], measure: Measure
) -> int:
    with pinned() as core:
        their_side, our_side = rival(), ours()
        progress = Progress(rounds)
        try:
            comparisons = list(measure(our_side, their_side, rounds, progress))
        finally:
            progress.end()
    packages = [name for side in (our_side, their_side) for name in (side.name, *side.packages)]
    measured = {**facts(packages, core), "rounds": rounds}
    print(render(comparisons, measured, ours=our_side.name, theirs=their_side.name))
    if path is None:
        return 0
    content = {
        "ours": our_side.name,
        "theirs": their_side.name,
        "measured": measured,
        "comparisons": [one.as_json() for one in comparisons],
    }
    return write_json(path, content)


def write_json(path: pathlib.Path, content: object) -> int:
    """Write what was measured to a file; return the exit status."""
    try:
        path.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    except OSError as error:
        print(f"cannot write {path}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def on_linux(prog: str) -> bool:
    """Whether this is Linux, whose tools the command with this name needs; where it is not, that is said."""
    if not sys.platform.startswith("linux"):
        print(f"{prog}: it needs epoll, /proc and the CPU clocks of Linux", file=sys.stderr)
        return False
    return True


def whole_number(example: int) -> Callable[[str], int]:
    """Return what reads a number above 0 from a command line, and names an example where it is none."""

    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < 1:
            raise argparse.ArgumentTypeError(f"a whole number above 0, such as {example}, not {text!r}")
        return int(text)

    return read


def whole_numbers(example: int) -> Callable[[str], list[int]]:
    """The same for several, between commas."""
    read = whole_number(example)
    return lambda text: [read(part) for part in text.split(",")]


def seconds_from(least: float) -> Callable[[str], float]:
    """Return what reads a number of seconds, of an hour at the most, from a command line."""

    def read(text: str) -> float:
        with contextlib.suppress(ValueError):
            # The other end keeps infinity and NaN out.
            if least <= float(text) <= 3600:
                return float(text)
        raise argparse.ArgumentTypeError(f"a number of seconds from {least} to 3600, not {text!r}")

    return read


def names_of(known: Collection[str], also: str = "") -> Callable[[str], list[str]]:
    """Return what reads some of these names, between commas, from a command line; ``also`` stands in the complaint."""

    def read(text: str) -> list[str]:
        names = text.split(",")
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(f"{', '.join(known)}{also}, not {name!r}")
        return names

    return read


def _file(text: str) -> pathlib.Path:
    # Found out before minutes are spent, not after.
    path = pathlib.Path(text)
    if path.is_dir() or not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"a file in a folder that exists, not {text!r}")
    return path
