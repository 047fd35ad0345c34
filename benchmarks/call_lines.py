"""What is measured of the servers that take calls, line by line.

::

    sample = LINES["saturated-50"].take(server, seconds=3.0)
    sample["turns/s"]
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from .call_driver import AT_A_TIME, Driver, Spoken
from .call_servers import FLOOR, CallServer
from .call_wire import BIG
from .call_words import WORDS
from .spread import quantile

__all__ = ["LINES", "Figure", "Line", "Sample"]

#: What was measured, by the name of the figure.
Sample = dict[str, float]

#: Turns per second of all calls together, where they are paced.
_PACE = 500
_BIG_CALLS = _STREAMS = 10
_HELD = 2_000
#: Calls that come and go before memory is looked at, so that what is made once has been made.
_FIRST = 32


class Figure(NamedTuple):
    """One of the numbers of a line.

    ``key``: its name in samples; ``title``: in tables. ``unit``: ``"s"``, ``"B"``, ``"%"``, or ``""`` for plain
    numbers. ``more``: whether more is better. ``goal``: what our number, divided by that of the best rival, is meant to
    reach, or not to exceed where less is better; ``limit``: what our number itself is meant not to exceed.
    """

    key: str
    title: str
    unit: str = ""
    more: bool = False
    goal: float | None = None
    limit: float | None = None


class Line(NamedTuple):
    """One thing that is measured.

    ``title``: what the table calls it. ``take``: takes a sample of a server that is up, for so many seconds where that
    makes sense. ``figures``: the numbers of a sample that the table shows; where there is ``"driver"`` too, it is the
    share of its core that the driver used. ``without``: those of whom the line says nothing.
    """

    title: str
    take: Callable[[CallServer, float], Sample]
    figures: Sequence[Figure]
    without: frozenset[str] = frozenset()


def _paced(calls: int, server: CallServer, seconds: float) -> Sample:
    with Driver(server.port) as driver:
        driver.dial(calls)
        cpu = server.cpu()
        spoken = driver.pace(_PACE, seconds)
        cpu = server.cpu() - cpu
        driver.hang_up()
    return {**_delays(spoken), "cpu": cpu / len(spoken.delays) * 10_000, "driver": spoken.cpu / spoken.seconds}


def _saturated(calls: int, server: CallServer, seconds: float, *, size: int = 0) -> Sample:
    with Driver(server.port, size=size) as driver:
        driver.dial(calls)
        spoken = driver.saturate(seconds)
        driver.hang_up()
    return {**_rate(spoken), **_delays(spoken)}


def _set_ups(server: CallServer, seconds: float) -> Sample:
    with Driver(server.port) as driver:
        spoken = driver.set_up(seconds)
    return {**_rate(spoken), **_delays(spoken)}


def _streamed(server: CallServer, seconds: float) -> Sample:
    with Driver(server.port, path="/stream") as driver:
        driver.dial(_STREAMS)
        spoken = driver.saturate(seconds)
        driver.hang_up()
    sample = _rate(spoken)
    return {**sample, "rate": sample["rate"] * len(WORDS)}


def _held(server: CallServer, seconds: float, *, deflate: bool = False) -> Sample:
    with server.again() as fresh, Driver(fresh.port, deflate=deflate) as driver:
        driver.dial(_FIRST)
        driver.hang_up()
        fresh.settle()
        before = fresh.memory()
        driver.dial(_HELD)
        fresh.settle()
        memory = fresh.memory() - before
        driver.hang_up()
    return {"memory": memory / _HELD}


def _start(server: CallServer, seconds: float) -> Sample:
    began = time.perf_counter()
    with server.again() as fresh, Driver(fresh.port) as driver:
        driver.dial(1)
        took = time.perf_counter() - began
        driver.hang_up()
    return {"time": took}


def _rate(spoken: Spoken) -> Sample:
    return {"rate": len(spoken.delays) / spoken.seconds, "driver": spoken.cpu / spoken.seconds}


def _delays(spoken: Spoken) -> Sample:
    ordered = sorted(spoken.delays)
    return {"p50": quantile(ordered, 0.5), "p99": quantile(ordered, 0.99)}


_DRIVER = Figure("driver", "driver's CPU", "%")
_PACED = (
    Figure("p50", "turn, p50", "s", goal=1.0),
    Figure("p99", "turn, p99", "s", goal=1.0),
    Figure("cpu", "CPU per 10,000 turns", "s", goal=1.0),
    _DRIVER,
)


def _saturated_line(calls: int, goal: float, p99: float | None = None) -> Line:
    figures = (
        Figure("rate", "turns/s", more=True, goal=goal),
        Figure("p50", "turn, p50", "s"),
        Figure("p99", "turn, p99", "s", goal=p99),
        _DRIVER,
    )
    return Line(f"saturated, {_calls(calls)}", functools.partial(_saturated, calls), figures)


def _calls(number: int) -> str:
    return "1 call" if number == 1 else f"{number:,} calls"


#: All of them, by the names they have on the command line.
LINES: Mapping[str, Line] = {
    **{
        f"paced-{calls}": Line(f"paced, {_calls(calls)}", functools.partial(_paced, calls), _PACED)
        for calls in (50, 2000)
    },
    "saturated-1": _saturated_line(1, 1.0),
    "saturated-50": _saturated_line(50, 0.8),
    "saturated-500": _saturated_line(500, 0.6, 3.0),
    "set-ups": Line(
        f"calls that come and go, {AT_A_TIME} at a time",
        _set_ups,
        (Figure("rate", "set-ups/s", more=True, goal=0.9), Figure("p50", "set-up, p50", "s"), _DRIVER),
    ),
    "big": Line(
        f"messages of {BIG // 1000} KB, {_calls(_BIG_CALLS)}",
        functools.partial(_saturated, _BIG_CALLS, size=BIG),
        (Figure("rate", "turns/s", more=True, goal=1.0), Figure("p99", "turn, p99", "s"), _DRIVER),
    ),
    "tokens": Line(
        f"streamed speech, {_calls(_STREAMS)}",
        _streamed,
        (Figure("rate", "tokens/s", more=True), _DRIVER),
        frozenset({FLOOR}),
    ),
    "held": Line(
        f"held, {_calls(_HELD)}",
        _held,
        (Figure("memory", "memory per call", "B", limit=50_000.0),),
        frozenset({FLOOR}),
    ),
    "held-deflate": Line(
        f"held, {_calls(_HELD)}, deflate offered",
        functools.partial(_held, deflate=True),
        (Figure("memory", "memory per call", "B", limit=50_000.0),),
        frozenset({FLOOR}),
    ),
    "start": Line("start", _start, (Figure("time", "to the first answer", "s"),), frozenset({FLOOR})),
}
