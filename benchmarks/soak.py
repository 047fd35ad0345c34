"""Many turns over calls that come and go: whether calls are lost, and whether what the server holds stays flat.

::

    $ python -m benchmarks.soak
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Callable, Iterator, Sequence

from .command import on_linux, whole_number
from .growth_server import GrowthServer
from .machine import many_descriptors
from .soak_caller import Life, SoakCaller, lives
from .soak_state import State, growth, settled, state, told
from .stopping import stoppable
from .table import quantity

__all__ = ["main"]

_PROG = "python -m benchmarks.soak"
_DESCRIPTION = """\
Let calls come and go on a server of this library, so many at once, until so many turns were taken. Half of the calls
are ended by their caller, half by the application; a third lose their connection in the middle and come back; a fifth
have their audio sent and returned. A line every 10 seconds tells what the server holds.

The first calls, a fifth of them or twice as many as are up at a time, are a warm-up. When they have ended, and again
when all others have, the garbage is collected, and what the server holds then is compared.
"""
_EPILOG = """\
The exit status is 1 if a call was lost or anything has grown, else 0; 2 if the system lacks what this needs or the
command line is wrong; 130 after Ctrl-C, 143 after SIGTERM. Linux only.
"""
#: In seconds, how often a line is printed.
_EVERY = 10.0
#: Faults of one sort come by the hundred.
_SHOWN = 5
_TITLES = ("time", "turns", "calls", "up", "turns/s", "memory", "threads", "descriptors", "objects", "blocks")


@stoppable("\nstopped; half a soak says nothing")
def main(arguments: Sequence[str] | None = None) -> int:
    """Let calls come and go, tell of it, and return the exit status."""
    parser = argparse.ArgumentParser(
        prog=_PROG,
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for name, default, text in (
        ("turns", 200_000, "turns of all calls together"),
        ("calls", 2000, "calls that come and go"),
        ("at-once", 200, "calls that are up at a time"),
    ):
        parser.add_argument(
            f"--{name}", type=whole_number(default), default=default, metavar="N", help=f"{text} (default: {default})"
        )
    options = parser.parse_args(arguments)
    if options.turns < options.calls:
        parser.error("each call has a turn at least")
    if not on_linux(_PROG):
        return 2
    with many_descriptors(), GrowthServer("benchmarks.soak_application") as server:
        return Soak(server, options.at_once).run(options.calls, options.turns)


class Soak:
    """The calls of a server. ``say`` is told of progress, line by line."""

    def __init__(self, server: GrowthServer, at_once: int, say: Callable[[str], object] = print) -> None:
        self._server = server
        self._at_once = at_once
        self._say = say
        self._up: list[SoakCaller] = []
        self._turns = self._over = 0
        self._lost: list[str] = []
        self._began = self._told_at = time.monotonic()
        self._told_turns = 0

    def run(self, calls: int, turns: int) -> int:
        """Let so many calls come and go, with so many turns in all; return the exit status."""
        to_come = lives(calls, turns)
        self._tell_row(_TITLES)
        # By then as many as ever were up at the same time, in every state that they can be in.
        self._come_and_go(itertools.islice(to_come, min(max(calls // 5, 2 * self._at_once), (calls + 1) // 2)))
        warm, warmed_up = settled(self._server), self._over
        self._tell(warm)
        self._say("warm")
        self._come_and_go(to_come)
        end = settled(self._server)
        self._tell(end)
        faults = [*self._faults(calls), *(f"grown: {what}" for what in growth(warm, end, calls - warmed_up))]
        for fault in faults:
            self._say(fault)
        self._say("not flat, or calls were lost" if faults else "flat: no call was lost, and nothing has grown")
        return 1 if faults else 0

    def _faults(self, calls: int) -> Iterator[str]:
        yield from self._lost[:_SHOWN]
        if self._lost:
            yield f"lost: {len(self._lost)} of {calls} calls"
        told_of = told(self._server)
        wrong = {word: number for word, number in told_of["ended"].items() if number}
        self._say(f"{told_of['started']:,} calls began; {told_of['reconnects']:,} came back; they ended by {wrong}")
        if told_of["live"] or told_of["started"] != calls or wrong.keys() - {"caller", "application"}:
            yield f"not as they should have: {told_of}"

    # The calls

    def _come_and_go(self, to_come: Iterator[Life]) -> None:
        while True:
            for life in itertools.islice(to_come, self._at_once - len(self._up)):
                self._begin(life)
            if not self._up:
                return
            self._each(SoakCaller.act)
            self._each(SoakCaller.see)
            self._up = [caller for caller in self._up if not caller.is_over]
            if time.monotonic() - self._told_at >= _EVERY:
                self._tell(state(self._server))

    def _begin(self, life: Life) -> None:
        try:
            self._up.append(SoakCaller(self._server.port, life))
        except OSError as error:
            self._lost.append(f"{life} did not begin: {error}")

    def _each(self, step: Callable[[SoakCaller], None]) -> None:
        for caller in list(self._up):
            before = caller.turns
            try:
                step(caller)
            except OSError as error:
                self._lost.append(f"{caller.life} was lost after {caller.turns} turns: {error}")
                self._up.remove(caller)
                caller.__exit__()
            self._turns += caller.turns - before
            self._over += caller.is_over

    # The lines

    def _tell(self, now: State) -> None:
        moment = time.monotonic()
        rate = (self._turns - self._told_turns) / (moment - self._told_at)
        self._told_at, self._told_turns = moment, self._turns
        self._tell_row(
            (
                f"{moment - self._began:.0f} s",
                f"{self._turns:,}",
                f"{self._over:,}",
                f"{len(self._up):,}",
                f"{rate:,.0f}",
                quantity(now.memory, "B"),
                *(f"{number:,.0f}" for number in now[1:]),
            )
        )

    def _tell_row(self, cells: Sequence[str]) -> None:
        self._say("  ".join(cell.rjust(max(8, len(title))) for cell, title in zip(cells, _TITLES, strict=True)))


if __name__ == "__main__":
    sys.exit(main())
