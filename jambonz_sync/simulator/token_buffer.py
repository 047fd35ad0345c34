"""The text that waits to be spoken, and how it leaves: in sentences, in words after a while, or flushed.

::

    buffer = TokenBuffer()
    buffer.add("It rains. And it")  # True
    buffer.take_sentences()  # "It rains."
    buffer.take_words()  # " And"

It knows no time and no vendor.
"""

from __future__ import annotations

import re

__all__ = ["HIGH_WATER", "LOW_WATER", "TokenBuffer"]

#: So much unsent text there may be, in UTF-16 units.
HIGH_WATER = 1000

#: When a buffer that was full has room again.
LOW_WATER = 200

_SENTENCE_END = re.compile(r"(?<![0-9])[.!?\u061f\u06d4](?=\s|\Z)|[\u3002\uff01\uff1f]|\n\n")
_WHITE_SPACE = re.compile(r"\s+")


class TokenBuffer:
    """The unsent text of one call, and the flushes in it."""

    def __init__(self) -> None:
        #: Whether a text was refused for want of room, and there has been none since.
        self.is_full = False
        # Each but the last is to be flushed.
        self._texts = [""]

    @property
    def size(self) -> int:
        """How much text there is, in UTF-16 units."""
        return sum(map(_units, self._texts))

    @property
    def is_empty(self) -> bool:
        """Whether there is neither text nor a flush."""
        return self._texts == [""]

    @property
    def has_words(self) -> bool:
        """Whether there is something to speak."""
        return any(text.strip() for text in self._texts)

    def has_room_for(self, tokens: str) -> bool:
        """Tell whether a text can be added."""
        return self.size + _units(tokens) <= HIGH_WATER

    def add(self, tokens: str) -> None:
        """Add text. White space is dropped where there is nothing to set apart."""
        if self.size or tokens.strip():
            self._texts[-1] += tokens

    def flush(self) -> None:
        """Have all text that is there by now sent, whatever it ends in. Flushing twice is flushing once."""
        if len(self._texts) == 1 or self._texts[-1]:
            self._texts.append("")

    def take_flushed(self) -> list[str]:
        """Take the texts that are to be flushed, in order."""
        *flushed, rest = self._texts
        self._texts = [rest]
        return flushed

    def take_sentences(self) -> str:
        """Take whatever there is up to the last end of a sentence."""
        ends = [
            match.end() for match in _SENTENCE_END.finditer(self._texts[0]) if self._texts[0][: match.start()].strip()
        ]
        return self._take(max(ends, default=0))

    def take_words(self) -> str:
        """Take whatever there is up to the last white space."""
        return self._take(self._end_of_words)

    @property
    def _end_of_words(self) -> int:
        return max((match.start() for match in _WHITE_SPACE.finditer(self._texts[0])), default=0)

    @property
    def goes_on(self) -> bool:
        """Whether something will leave by itself: all that is flushed, and all but the last word of the rest."""
        return len(self._texts) > 1 or self._end_of_words > 0

    def _take(self, end: int) -> str:
        taken, self._texts[0] = self._texts[0][:end], self._texts[0][end:]
        return taken

    def clear(self) -> None:
        """Forget all of it, and that it was too much."""
        self._texts = [""]
        self.is_full = False


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
