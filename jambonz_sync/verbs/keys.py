"""Keys the caller presses: what holds for them in ``gather`` and in ``barge_in`` alike."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from .fault import Fault
from .rules import Run

__all__ = ["counts_agree", "keys_are_listened_for"]

_COUNTS = {"minDigits": "min_digits", "numDigits": "num_digits", "maxDigits": "max_digits"}
_NEED_KEYS = {**_COUNTS, "finishOnKey": "finish_on_key", "interDigitTimeout": "inter_digit_timeout"}

# Most gathers have none of them, and every gather comes by here.
_ANY = frozenset(_NEED_KEYS)


def counts_agree(given: Mapping[str, Any], run: Run) -> None:
    """Refuse fewest, exact and largest number of keys that contradict each other."""
    if _ANY.isdisjoint(given):
        return
    if "interDigitTimeout" in given and "minDigits" not in given:
        run.warn("never ends the input without min_digits beside it", "inter_digit_timeout")
    counts = [(name, given[wire]) for wire, name in _COUNTS.items() if wire in given]
    for (lower, low), (upper, high) in pairwise(counts):
        if low > high:
            raise Fault(f"has {lower} {low}, which is more than {upper} {high}", lower)


def keys_are_listened_for(given: Mapping[str, Any], run: Run) -> None:
    """Warn of settings for keys where nobody listens for keys."""
    if not _ANY.isdisjoint(given) and "digits" not in given.get("input", ("digits",)):
        for wire, name in _NEED_KEYS.items():
            if wire in given:
                run.warn("has no effect: input is without digits", name)
