"""Sequences of keys that are looked for in all that somebody presses: ``dtmfCapture``.

::

    patterns = KeyPatterns(["*1", "99"])
    patterns.press("*", at=0.0)
    patterns.press("1", at=0.4)  # "*1"
"""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["KeyPatterns"]

#: Whoever waits for so many seconds begins anew.
_LONGEST_PAUSE = 3.0


class KeyPatterns:
    """What one party has pressed lately, and what is looked for."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = patterns
        self._pressed = ""
        self._pressed_at = -math.inf

    def press(self, key: str, at: float) -> str | None:
        """A key is pressed. Return the first pattern that this completes."""
        if at - self._pressed_at >= _LONGEST_PAUSE:
            self._pressed = ""
        self._pressed += key
        self._pressed_at = at
        return next((pattern for pattern in self._patterns if self._pressed.endswith(pattern)), None)
