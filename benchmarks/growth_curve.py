"""A curve: what something costs, at one size of something else after the other."""

from __future__ import annotations

import contextlib
import itertools
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .measuring import interleaved
from .spread import Spread, ratios

__all__ = ["Curve", "Figure", "Point", "Sampler", "measure"]

#: Takes one sample: a number for each figure of its curve, ``None`` for one that cannot be told at this size.
Sampler = Callable[[], Sequence["float | None"]]


class Figure(NamedTuple):
    """What is measured: its name, and ``"s"`` for seconds or ``"B"`` for bytes."""

    title: str
    unit: str


class Curve(NamedTuple):
    """Something that may grow.

    ``name`` is for the command line, ``title`` and the name of the ``size`` are for readers. ``place(size)`` has in
    place, for the length of a ``with`` block, what is measured at a size, and gives the function that measures it.
    """

    name: str
    title: str
    size: str
    sizes: Sequence[int]
    figures: Sequence[Figure]
    place: Callable[[int], contextlib.AbstractContextManager[Sampler]]


class Point(NamedTuple):
    """One figure at one size, and by how much it is above that of the size before.

    ``spread`` is ``None`` where it could not be told, ``times`` there and where there is none before.
    """

    spread: Spread | None
    times: Spread | None

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON can carry it."""
        return {name: value and value._asdict() for name, value in self._asdict().items()}


def measure(
    curve: Curve, sizes: Sequence[int], rounds: int, *, each: Callable[[int], object] = lambda done: None
) -> dict[int, list[Point]]:
    """Take samples of a curve at these of its sizes, in turn; return a point for each figure, by size.

    What slows the machine for a while slows the sizes of a round alike, so it is within a round that a figure is
    divided by that of the size before. Nothing can be told of a size at which the server has failed to answer.
    """
    with contextlib.ExitStack() as stack:
        samplers = {str(size): _Patient(stack, curve, size) for size in sizes}
        samples = interleaved(samplers, rounds, each=each)
    for size, sampler in samplers.items():
        if sampler.failed:
            samples[size] = [sampler.nothing] * rounds
    columns = {size: list(zip(*samples[str(size)], strict=True)) for size in sizes}
    before: Mapping[int, Sequence[Sequence[float | None]]] = {
        size: columns[smaller] for smaller, size in itertools.pairwise(sizes)
    }
    return {
        size: [
            _point(taken, before[size][place] if size in before else None) for place, taken in enumerate(columns[size])
        ]
        for size in sizes
    }


class _Patient:
    """A sampler that takes no more samples when one has failed."""

    def __init__(self, stack: contextlib.ExitStack, curve: Curve, size: int) -> None:
        self.nothing: Sequence[float | None] = [None] * len(curve.figures)
        self.failed = False
        with self._failing():
            self._sampler = stack.enter_context(curve.place(size))

    def __call__(self) -> Sequence[float | None]:
        if not self.failed:
            with self._failing():
                return self._sampler()
        return self.nothing

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.failed = True
            print(f"no answer: {error}", file=sys.stderr)


def _point(taken: Sequence[float | None], before: Sequence[float | None] | None) -> Point:
    known = [value for value in taken if value is not None]
    if not known:
        return Point(None, None)
    smaller = [value for value in before or () if value is not None]
    return Point(Spread.of(known), Spread.of(ratios(known, smaller)) if smaller else None)
