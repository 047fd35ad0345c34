"""Ours against theirs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .spread import Spread, ratios

__all__ = ["Comparison"]


@dataclass(frozen=True)
class Comparison:
    """One thing measured on both sides, where less is better.

    ``what`` was measured, and ``against`` what of theirs. ``unit`` is ``"s"`` for seconds or ``"B"`` for bytes.
    ``ratio`` is ours divided by theirs. ``goal`` is what the ratio is meant to stay below, ``None`` if there is none.
    """

    what: str
    against: str
    unit: str
    ours: Spread
    theirs: Spread
    ratio: Spread
    goal: float | None = None

    @classmethod
    def of(
        cls,
        what: str,
        against: str,
        ours: Sequence[float],
        theirs: Sequence[float],
        *,
        unit: str = "s",
        goal: float | None = None,
    ) -> Comparison:
        """Compare samples; those in the same place are of the same round."""
        ratio = Spread.of(ratios(ours, theirs))
        return cls(what, against, unit, Spread.of(ours), Spread.of(theirs), ratio, goal)

    @property
    def met(self) -> bool | None:
        """Whether the goal is met, by the median of the ratios; ``None`` if there is no goal."""
        return None if self.goal is None else self.ratio.median < self.goal

    def as_json(self) -> dict[str, Any]:
        """Return all of it as JSON can carry it; an infinite number is ``None``."""
        return {
            "what": self.what,
            "against": self.against,
            "unit": self.unit,
            "ratio": _finite(self.ratio),
            "ours": _finite(self.ours),
            "theirs": _finite(self.theirs),
            "goal": self.goal,
            "met": self.met,
        }


def _finite(spread: Spread) -> dict[str, float | None]:
    return {name: value if math.isfinite(value) else None for name, value in spread._asdict().items()}
