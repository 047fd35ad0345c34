"""Parties that an application dials, who do what a test says."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from typing_extensions import Self

from ..simulator.caller import Outcome

__all__ = ["Dialled"]


class Dialled(Iterator["Outcome | Sequence[Outcome]"]):
    """What becomes of each ``dial``, in order. More may be added while the call goes on."""

    def __init__(self, outcomes: Iterable[Outcome | Sequence[Outcome]]) -> None:
        self._outcomes = deque(outcomes)

    def add(self, outcome: Outcome) -> None:
        """Say what becomes of the next one of whom nothing is said yet."""
        self._outcomes.append(outcome)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Outcome | Sequence[Outcome]:
        if not self._outcomes:
            raise StopIteration
        return self._outcomes.popleft()
