"""What calls cost that are just up: memory, threads and descriptors of each, and how fast others are answered.

::

    $ python -m benchmarks.held_calls
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import pathlib
import sys
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from .callers import Caller
from .command import HOW_IT_ENDS, names_of, whole_number, whole_numbers, write_json
from .held_servers import SERVERS, Held, HeldServer
from .machine import facts, many_descriptors
from .side import NotInstalled
from .spread import Spread
from .stopping import stoppable
from .table import columns, packages, quantity

__all__ = ["Sample", "main", "measure"]

_DESCRIPTION = """\
Hold calls, with nothing said on them, by the standalone server and by one gunicorn worker of each class, and measure
what the process that holds them needs for each: memory (the resident set), descriptors, threads. While they are held,
some of them take turns: a hook with a transcript, answered with a say and a gather. The callers are on this machine
too, so turns per second are what both sides together can do; CPU per turn is the server's alone.
"""
#: So many of the held calls take turns.
_TALKING = 16
#: Turns per second are the median of so many parts, since whatever else the machine does comes and goes.
_PARTS = 20
#: Calls that begin and end before anything is measured, so that what is made once has been made.
_FIRST = 10


class Sample(NamedTuple):
    """What was measured of one server with so many calls up.

    ``memory`` (bytes), ``descriptors`` and ``threads`` are those of the server for each call, ``cpu_per_turn`` is in
    seconds.
    """

    server: str
    calls: int
    memory: float
    descriptors: float
    threads: float
    turns_per_second: float
    cpu_per_turn: float


@stoppable()
def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.held_calls",
        description=_DESCRIPTION,
        epilog=HOW_IT_ENDS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--calls",
        type=whole_numbers(1000),
        default=[100, 1000, 2000],
        metavar="N,N",
        help="calls to hold (default: 100,1000,2000)",
    )
    parser.add_argument(
        "--servers",
        type=names_of(SERVERS),
        default=list(SERVERS),
        metavar="NAMES",
        help=f"of {', '.join(SERVERS)}; all if not given",
    )
    parser.add_argument(
        "--turns", type=whole_number(1000), default=4000, metavar="N", help="turns to take (default: %(default)s)"
    )
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the same there as JSON")
    options = parser.parse_args(arguments)
    try:
        _require(options.servers)
        samples = []
        for server in options.servers:
            for calls in options.calls:
                print(f"{server}: {calls:,} calls", file=sys.stderr, flush=True)
                samples.append(measure(server, calls, options.turns))
    except NotInstalled as error:
        print(f"python -m benchmarks.held_calls: {error}", file=sys.stderr)
        return 2
    measured = facts(["jambonz-sync", "simple-websocket", "websocket-server", "gunicorn", "gevent"], None)
    print(_render(samples, measured, options.turns))
    if options.json is None:
        return 0
    content = {"measured": measured, "turns": options.turns, "samples": [one._asdict() for one in samples]}
    return write_json(options.json, content)


def measure(server: str, calls: int, turns: int) -> Sample:
    """Start a server, hold so many calls, take so many turns on some of them, and end it all."""
    with many_descriptors(), HeldServer(SERVERS[server], calls + _FIRST + _TALKING) as process:
        for number in range(_FIRST):
            _call_and_hang_up(process.port, f"first-{number}")
        process.settle()
        before = process.holds()
        with contextlib.ExitStack() as stack:
            callers = [stack.enter_context(Caller(process.port, f"held-{number}")) for number in range(calls)]
            process.settle()
            after = process.holds()
            cpu = process.cpu()
            rates, taken = _take_turns(callers[:_TALKING], turns)
            cpu = process.cpu() - cpu
            for caller in callers:
                caller.hang_up()
    each = Held(*((more - less) / calls for more, less in zip(after, before, strict=True)))
    return Sample(server, calls, each.memory, each.descriptors, each.threads, Spread.of(rates).median, cpu / taken)


def _call_and_hang_up(port: int, sid: str) -> None:
    with Caller(port, sid) as caller:
        caller.speak()
        caller.listen()
        caller.hang_up()


def _take_turns(callers: Sequence[Caller], turns: int) -> tuple[list[float], int]:
    """Let all of them speak, then listen to each answer, until there were so many turns.

    Returns how many turns per second there were, part by part, and how many in all.
    """
    rates, taken = [], 0
    while taken < turns:
        began, before = time.perf_counter(), taken
        while taken - before < turns / _PARTS:
            for caller in callers:
                caller.speak()
            for caller in callers:
                caller.listen()
            taken += len(callers)
        rates.append((taken - before) / (time.perf_counter() - began))
    return rates, taken


def _require(servers: Sequence[str]) -> None:
    if not pathlib.Path("/proc/self/status").exists():
        raise NotInstalled("what a process holds is read from /proc, which this system has not")
    for server in servers:
        for module in SERVERS[server].needs:
            if importlib.util.find_spec(module) is None:
                raise NotInstalled(f"{module} is not installed; pip install {module}, or leave {server} out")


def _render(samples: Sequence[Sample], measured: dict[str, Any], turns: int) -> str:
    rows = [["", "calls", "memory", "descriptors", "threads", "turns/s", "CPU per turn"]]
    for one in samples:
        rows.append(
            [
                one.server,
                f"{one.calls:,}",
                quantity(one.memory, "B"),
                f"{one.descriptors:.2f}",
                f"{one.threads:.2f}",
                f"{one.turns_per_second:,.0f}",
                quantity(one.cpu_per_turn, "s"),
            ]
        )
    return (
        "Calls that are held: what each needs, and turns that are taken meanwhile\n\n"
        f"{columns(rows, right=range(1, 7))}\n\n"
        f"{turns:,} turns on {_TALKING} of the calls, {measured['python']}, {measured['system']}, "
        f"{measured['cores']} cores, with\n{packages(measured)}"
    )


if __name__ == "__main__":
    sys.exit(main())
