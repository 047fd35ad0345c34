"""The answer that is streamed by the applications of :mod:`.calls`, word by word."""

from __future__ import annotations

__all__ = ["TEXT", "WORDS"]

#: So many that what comes before the first of them hardly counts.
WORDS = ["kettles "] * 2_000

TEXT = "".join(WORDS)
