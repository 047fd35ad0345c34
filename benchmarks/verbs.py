"""Checking verbs, and importing the library that does it: ours against the SDK of jambonz itself.

::

    $ python -m benchmarks.verbs
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from . import official_sdk
from . import ours as this_library
from .command import Progress, run
from .comparison import Comparison
from .measuring import Timing, interleaved
from .side import Side
from .spread import differences
from .starting import start

__all__ = ["CHECKING_GOAL", "IMPORT_GOAL", "checking", "importing", "main"]

#: What the ratios of checking, and of importing, are meant to stay below.
CHECKING_GOAL = 1 / 10
IMPORT_GOAL = 1 / 3

_DESCRIPTION = """\
Measure what a say and a gather cost until they could be sent, and what an import costs: jambonz_sync against
jambonz-python-sdk, in turn and in one run, on one core where the system allows that.

Checking is timed in this process, in CPU time, for two turns:

  plain    say("...") and gather(input, action_hook, timeout)
  typical  a say with a synthesizer, a gather with a say of its own and a recognizer

against each of the ways in which the SDK checks verbs:

  session, keywords      session.say(...).gather(...), which makes pydantic models and dicts of them
  session, models        the same with pydantic models that the application makes
  JSON schema validator  JambonzValidator.validate_app, which an application may call in addition

Imports are timed in fresh interpreters, less what an empty one takes.
"""


def main(arguments: Sequence[str] | None = None, *, rival: Callable[[], Side] = official_sdk.checked_side) -> int:
    """Measure and print; return the exit status. ``rival`` makes the side to compare with."""
    return run(
        arguments,
        prog="python -m benchmarks.verbs",
        description=_DESCRIPTION,
        ours=this_library.side,
        rival=rival,
        measure=_measure,
    )


def _measure(ours: Side, theirs: Side, rounds: int, progress: Progress) -> Iterator[Comparison]:
    yield from checking(ours, theirs, rounds, progress.part("checking verbs"))
    yield from importing(ours, theirs, rounds, progress.part("importing"))


def checking(ours: Side, theirs: Side, rounds: int, each: Callable[[int], object]) -> Iterator[Comparison]:
    """Compare, for each turn, our one way of checking with each of theirs; ``each`` is told of every round."""
    (our_way,) = ours.ways
    contestants = {
        f"{turn} {side.name} {way.name}": Timing(function)
        for side in (ours, theirs)
        for way in side.ways
        for turn, function in way.turns.items()
    }
    samples = interleaved(contestants, rounds, each=each)
    for turn in our_way.turns:
        our_samples = samples[f"{turn} {ours.name} {our_way.name}"]
        for way in theirs.ways:
            their_samples = samples[f"{turn} {theirs.name} {way.name}"]
            yield Comparison.of(f"{turn} turn", way.name, our_samples, their_samples, goal=CHECKING_GOAL)


def importing(ours: Side, theirs: Side, rounds: int, each: Callable[[int], object]) -> Iterator[Comparison]:
    """Compare fresh interpreters that import each side, less what an empty one takes; ``each`` is as above."""
    codes = {
        "empty": "",
        "ours": f"import {ours.module}",
        "theirs": f"import {theirs.module}",
        "our turn": ours.first_turn,
        "their turn": theirs.first_turn,
    }
    samples = interleaved({name: partial(start, code) for name, code in codes.items()}, rounds, each=each)
    wall = {name: [one.wall for one in taken] for name, taken in samples.items()}
    cpu = {name: [one.cpu for one in taken] for name, taken in samples.items()}
    memory = {name: [float(one.memory) for one in taken if one.memory] for name, taken in samples.items()}

    def compared(
        what: str, figures: dict[str, list[float]], of: tuple[str, str], unit: str = "s", goal: float | None = None
    ) -> Comparison:
        our_figures, their_figures = (differences(figures[name], figures["empty"]) for name in of)
        return Comparison.of(what, theirs.module, our_figures, their_figures, unit=unit, goal=goal)

    yield compared("import, time", wall, ("ours", "theirs"), goal=IMPORT_GOAL)
    yield compared("import, CPU time", cpu, ("ours", "theirs"))
    yield compared("import and first turn, time", wall, ("our turn", "their turn"))
    if memory["empty"]:
        yield compared("import, memory", memory, ("ours", "theirs"), unit="B")


if __name__ == "__main__":
    sys.exit(main())
