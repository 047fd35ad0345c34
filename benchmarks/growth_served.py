"""What grows, or does not, on a server: with the calls it holds, the services it has, and the turns of a call."""

from __future__ import annotations

import contextlib
import gc
import math
import time
import tracemalloc
from collections.abc import Iterator, Sequence

from jambonz_sync.routing import Router

from .callers import Caller
from .growth_curve import Curve, Figure, Sampler
from .growth_server import GrowthServer
from .growth_talk import Talk
from .machine import many_descriptors, pinned
from .measuring import Timing

__all__ = ["CALLS", "SERVICES", "TURNS"]

#: So many of the held calls take turns: the same each time, one after the other.
_TALKING = 10
#: A sample of turns has so many at the least, one of set-ups has just so many.
_LEAST_TURNS = 500
_SET_UPS = 100
#: For so many seconds nothing is said: a call that waits looks again every two.
_SILENCE = 2.0
#: In seconds: what the last turn has left to do is done by then.
_REST = 0.1
#: With fewer calls, what the memory of a process grows by says nothing of one of them.
_ENOUGH_FOR_MEMORY = 100


@contextlib.contextmanager
def _serving(services: int = 1) -> Iterator[GrowthServer]:
    """Have a server up, on a core that the callers need not use, which has done everything once."""
    with many_descriptors(), contextlib.ExitStack() as stack:
        with pinned():
            server = stack.enter_context(GrowthServer("benchmarks.growth_application", str(services)))
        for number in range(_TALKING):
            with Caller(server.port, f"first-{number}") as caller:
                _take_turns([caller], 1)
                caller.hang_up()
        yield server


def _take_turns(callers: Sequence[Caller], turns: int) -> None:
    """Have so many turns taken, one after the other, by one caller after the other."""
    for number in range(turns):
        caller = callers[number % len(callers)]
        caller.speak()
        caller.listen()


def _cpu_per_turn(server: GrowthServer, callers: Sequence[Caller], turns: int) -> float:
    cpu = server.cpu()
    _take_turns(callers, turns)
    return (server.cpu() - cpu) / turns


@contextlib.contextmanager
def _calls(size: int) -> Iterator[Sampler]:
    # A server for each sample: thousands of threads that are just there would be in the way of the other sizes.
    yield lambda: _sample_of_calls(size)


def _sample_of_calls(size: int) -> Sequence[float | None]:
    with _serving() as server, contextlib.ExitStack() as stack:
        server.settle()
        before = server.holds()
        callers = [stack.enter_context(Caller(server.port, f"held-{number}")) for number in range(size)]
        # All of them first: whoever takes a turn has answered the pings that came meanwhile.
        each = _cpu_per_turn(server, callers, size * math.ceil(_LEAST_TURNS / size))
        time.sleep(_REST)
        few = _cpu_per_turn(server, callers[:_TALKING], _LEAST_TURNS)
        time.sleep(_REST)
        cpu, began = server.cpu(), time.monotonic()
        time.sleep(_SILENCE)
        silent = (server.cpu() - cpu) / (time.monotonic() - began) / size
        memory = (server.holds().memory - before.memory) / size if size >= _ENOUGH_FOR_MEMORY else None
    return few, each, silent, memory


@contextlib.contextmanager
def _services(size: int) -> Iterator[Sampler]:
    router: Router[int] = Router()
    for number in range(size):
        router.add(f"/app-{number}", number)
    found = Timing(lambda: router.find("/app-0/sales"))
    with _serving(size) as server:

        def sample() -> Sequence[float | None]:
            cpu = server.cpu()
            for number in range(_SET_UPS):
                with Caller(server.port, f"call-{number}") as caller:
                    caller.hang_up()
            return (server.cpu() - cpu) / _SET_UPS, found()

        yield sample


@contextlib.contextmanager
def _turns(size: int) -> Iterator[Sampler]:
    memory = _memory_after(size)
    with _serving() as server:

        def sample() -> Sequence[float | None]:
            with contextlib.ExitStack() as stack:
                calls = math.ceil(_LEAST_TURNS / size)
                callers = [stack.enter_context(Caller(server.port, f"long-{number}")) for number in range(calls)]
                cpu = _cpu_per_turn(server, callers, size * calls)
                for caller in callers:
                    caller.hang_up()
            return cpu, memory

        yield sample


def _memory_after(turns: int) -> float:
    """Return what a session holds in memory when it has taken so many turns."""
    # What the first one makes is there for all.
    Talk().turn()
    gc.collect()
    tracemalloc.start()
    try:
        talk = Talk()
        for _ in range(turns):
            talk.turn()
        gc.collect()
        return float(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()


CALLS = Curve(
    "calls",
    "Calls that are held: turns on ten of them, turns on all of them, silence, and memory",
    "calls",
    (1, 10, 100, 1000, 5000),
    (
        Figure("CPU per turn, of ten", "s"),
        Figure("CPU per turn, of all", "s"),
        Figure("CPU per silent second, of each", "s"),
        Figure("memory of each", "B"),
    ),
    _calls,
)
SERVICES = Curve(
    "services",
    "Services of an endpoint: calls that begin and end, and finding the service of a path",
    "services",
    (1, 10, 100, 1000),
    (Figure("CPU per call", "s"), Figure("CPU per path", "s")),
    _services,
)
TURNS = Curve(
    "turns",
    "Turns of a call: what each costs, and what the session holds after them",
    "turns",
    (10, 100, 1000, 10_000),
    (Figure("CPU per turn", "s"), Figure("memory of the session", "B")),
    _turns,
)
