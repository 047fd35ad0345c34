"""Many samples in three numbers, and the arithmetic between samples of the same round."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

__all__ = ["Spread", "differences", "quantile", "ratios"]


class Spread(NamedTuple):
    """Where samples lie: half of them between ``low`` and ``high``, half of them below ``median``.

    ::

        Spread.of([3.0, 1.0, 2.0]).median  # 2.0
    """

    median: float
    low: float
    high: float
    samples: int

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """Return the spread of these samples, of which there must be one at least."""
        ordered = sorted(values)
        return cls(quantile(ordered, 0.5), quantile(ordered, 0.25), quantile(ordered, 0.75), len(ordered))


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which this share (0 to 1) of the samples lies, which are in order already.

    Between two samples it lies where a straight line between them puts it.
    """
    if not ordered:
        raise ValueError("there are no samples")
    place = share * (len(ordered) - 1)
    before, beyond = ordered[math.floor(place)], ordered[math.ceil(place)]
    # Infinite samples allow no arithmetic, nor do they need it.
    return before if before == beyond else before + (beyond - before) * (place - math.floor(place))


def ratios(ours: Iterable[float], theirs: Iterable[float]) -> list[float]:
    """Return ours divided by theirs, round by round.

    What slows the machine for a while slows both sides of a round, and is gone from their ratio. Where theirs is not
    above zero, it is lost in the noise of what was taken off it, and the ratio is infinite: it counts against us.
    """
    return [our / their if their > 0 else math.inf for our, their in zip(ours, theirs, strict=True)]


def differences(values: Iterable[float], base: Iterable[float]) -> list[float]:
    """Return what is left of each value without the base of the same round."""
    return [value - less for value, less in zip(values, base, strict=True)]
