"""Samples of several contestants, taken in turn, so that whatever else the machine does meets all of them alike."""

from __future__ import annotations

import gc
import itertools
import math
import random
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

__all__ = ["Timing", "interleaved"]

Sample = TypeVar("Sample")


def interleaved(
    contestants: Mapping[str, Callable[[], Sample]], rounds: int, *, each: Callable[[int], object] = lambda done: None
) -> dict[str, list[Sample]]:
    """Let each contestant take one sample per round, and return the samples by name.

    ::

        interleaved({"ours": Timing(our_function), "theirs": Timing(their_function)}, rounds=25)

    ``contestants`` take one sample when called. The order changes from round to round, the same way in every run, so
    that nobody always comes behind the same other. A first round, which fills caches, is not counted.

    ``each`` is called before every round with the number of rounds that are done.

    Returns as many samples of each as there are ``rounds``; those in the same place were taken in the same round.
    """
    order = list(contestants)
    dice = random.Random(0)
    samples: dict[str, list[Sample]] = {name: [] for name in order}
    for contestant in contestants.values():
        contestant()
    for done in range(rounds):
        each(done)
        dice.shuffle(order)
        for name in order:
            samples[name].append(contestants[name]())
    return samples


class Timing:
    """Takes samples of what one call of a function costs, in seconds.

    ::

        Timing(function)()  # 8.1e-06

    ``function`` is called many times for one sample, so often that this takes ``seconds``. ``clock`` is the CPU time
    of this process if not given: what else runs on the machine does not count. The garbage collector stands still
    meanwhile, since whose turn it comes in would be chance.
    """

    def __init__(
        self,
        function: Callable[[], object],
        *,
        seconds: float = 0.02,
        clock: Callable[[], float] = time.process_time,
    ) -> None:
        self._function = function
        self._seconds = seconds
        self._clock = clock
        self._calls = 0

    def __call__(self) -> float:
        if not self._calls:
            self._calls = self._enough()
        return self._time(self._calls) / self._calls

    def _enough(self) -> int:
        calls = 1
        # The limit is for a clock that stands still.
        while calls < 1_000_000:
            taken = self._time(calls)
            if taken >= self._seconds:
                break
            # A very short time says little of a long one, so no step is more than tenfold.
            calls = math.ceil(calls * min(max(self._seconds / taken, 1.1), 10) if taken > 0 else calls * 10)
        return calls

    def _time(self, calls: int) -> float:
        function, clock = self._function, self._clock
        collecting = gc.isenabled()
        gc.disable()
        try:
            began = clock()
            for _ in itertools.repeat(None, calls):
                function()
            return clock() - began
        finally:
            if collecting:
                gc.enable()
