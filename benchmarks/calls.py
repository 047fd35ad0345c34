"""Turns of calls: our server beside those of other libraries, with the same application and the same callers.

::

    $ python -m benchmarks.calls
"""

from __future__ import annotations

import argparse
import contextlib
import pathlib
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from .call_driver import TooSlow
from .call_lines import LINES, Line, Sample
from .call_servers import FLOOR, HOSTING, OURS, RIVALS, CallServer, Maker, floor, hosting, ours, rival
from .call_table import Samples, render
from .command import HOW_IT_ENDS, Progress, names_of, on_linux, seconds_from, whole_number, write_json
from .machine import apart, facts, many_descriptors
from .measuring import interleaved
from .side import NotInstalled
from .stopping import stoppable

__all__ = ["main"]

_PROG = "python -m benchmarks.calls"
_DESCRIPTION = f"""\
Have calls take turns (a hook with a transcript, answered with a say and a gather) with the same application on each
server, in turn, all servers on one core and the callers on another:

  {OURS}    ours, standalone
  node-client-ws  @jambonz/node-client-ws, from npm
  sdk             @jambonz/sdk, from npm
  python-sdk      jambonz-python-sdk, from PyPI
  {FLOOR}           a server in C that sends what was written beforehand: what the system takes, and the callers

Lines, for --only; without the number, all of a kind:

{chr(10).join(f"  {name:<14}  {line.title}" for name, line in LINES.items())}
"""
_EPILOG = f"""\
A turn is from when a hook was sent until its answer was there. driver's CPU is how much of their core the callers used;
where it comes near 100 %, they are the limit. A server that cannot do what a line wants is left out of it.

{HOW_IT_ENDS}"""


@stoppable()
def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit status."""
    options = _parser().parse_args(arguments)
    if not on_linux(_PROG):
        return 2
    progress = Progress(options.rounds)
    try:
        with many_descriptors(), _makers(options.rivals, options.hosting) as makers, apart() as (core, own):
            with _serving(makers, core) as servers:
                samples = {
                    name: _measure(LINES[name], servers, options.seconds, options.rounds, progress)
                    for name in options.only
                }
    finally:
        progress.end()
    measured: dict[str, Any] = facts([], core)
    for maker in makers.values():
        measured["packages"].update(maker.versions)
    measured.update(driver_on_core=own, rounds=options.rounds, seconds=options.seconds)
    print(render(samples, measured))
    return 0 if options.output is None else _write(options.output, samples, measured)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_PROG, description=_DESCRIPTION, epilog=_EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--rounds", type=whole_number(5), default=3, metavar="N", help="samples of each server (default: %(default)s)"
    )
    parser.add_argument(
        "--seconds",
        type=seconds_from(0.1),
        default=3.0,
        metavar="S",
        help="how long each sample takes (default: %(default)g)",
    )
    parser.add_argument(
        "--rivals",
        type=_rivals,
        default=list(RIVALS),
        metavar="NAMES",
        help=f"of {', '.join(RIVALS)}, or none; all if not given",
    )
    parser.add_argument(
        "--only", type=_lines, default=list(LINES), metavar="LINES", help="of those above; all if not given"
    )
    parser.add_argument(
        "--hosting", action="store_true", help="ours under gunicorn too: gthread and gevent, one and two workers"
    )
    parser.add_argument("--output", type=pathlib.Path, metavar="FILE", help="write all samples there as JSON")
    return parser


def _measure(
    line: Line, servers: Mapping[str, CallServer], seconds: float, rounds: int, progress: Progress
) -> dict[str, list[Sample]]:
    """Take the samples of a line; who fails once is not asked again, and is left out."""
    failed: set[str] = set()

    def contestant(name: str, server: CallServer) -> Callable[[], Sample | None]:
        def take() -> Sample | None:
            if name in failed:
                return None
            try:
                return line.take(server, seconds)
            except (TooSlow, ConnectionError) as error:
                failed.add(name)
                progress.end()
                print(f"{line.title}: {name} is left out: {error}", file=sys.stderr)
                return None

        return take

    contestants = {name: contestant(name, server) for name, server in servers.items() if name not in line.without}
    taken = interleaved(contestants, rounds, each=progress.part(line.title))
    return {name: [one for one in each if one is not None] for name, each in taken.items() if name not in failed}


@contextlib.contextmanager
def _makers(rivals: Sequence[str], hosted: bool) -> Iterator[dict[str, Maker]]:
    """Have what starts the servers; who is not there is left out, with a sentence."""
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="floor-")))
        makers = {OURS: ours()}
        wanted: dict[str, Callable[[str], Maker]] = dict.fromkeys(rivals, rival)
        wanted.update(dict.fromkeys(HOSTING if hosted else (), hosting))
        wanted[FLOOR] = lambda name: floor(folder)
        for name, make in wanted.items():
            try:
                makers[name] = make(name)
            except NotInstalled as error:
                print(f"{name} is left out: {error}", file=sys.stderr)
        yield makers


@contextlib.contextmanager
def _serving(makers: Mapping[str, Maker], core: int | None) -> Iterator[dict[str, CallServer]]:
    with contextlib.ExitStack() as stack:
        yield {name: stack.enter_context(CallServer(maker, core)) for name, maker in makers.items()}


def _write(path: pathlib.Path, samples: Samples, measured: object) -> int:
    each = [
        {"line": name, "server": server, "round": number, **one}
        for name, by_server in samples.items()
        for server, taken in by_server.items()
        for number, one in enumerate(taken)
    ]
    return write_json(path, {"measured": measured, "samples": each})


def _rivals(text: str) -> list[str]:
    if text == "none":
        return []
    return names_of(RIVALS, ", or none")(text)


def _lines(text: str) -> list[str]:
    wanted = []
    for part in text.split(","):
        named = [name for name in LINES if name == part or name.rpartition("-")[0] == part]
        if not named:
            raise argparse.ArgumentTypeError(f"{', '.join(LINES)}, not {part!r}")
        wanted += named
    return list(dict.fromkeys(wanted))


if __name__ == "__main__":
    sys.exit(main())
