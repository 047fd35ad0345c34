"""What the caller of a test has heard since it last did something."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from re import Pattern

from ..simulator.transcript import Entry

__all__ = ["Heard", "Hearing"]


class Heard:
    """Whether something was heard: true or false. A failing assertion shows what the call is waiting for instead.

    ``text`` is what was said, whole; ``None`` if it was not heard.
    """

    def __init__(self, text: str | None, why: str = "") -> None:
        self.text = text
        self._why = why

    def __bool__(self) -> bool:
        return self.text is not None

    def __repr__(self) -> str:
        return f"<heard {self.text!r}>" if self else f"<not heard: {self._why}>"


class Hearing:
    """The lines of a conversation that a test may still ask for: those since the caller's turn began, each once.

    ::

        hearing = Hearing(lambda: transcript.entries)
        hearing.begin()
        hearing.take("Say something.")

    ``entries()`` returns the lines so far.
    """

    def __init__(self, entries: Callable[[], Sequence[Entry]]) -> None:
        self._entries = entries
        # Where the caller's turn begins, and which lines of it have been asked for.
        self._turn = 0
        self._taken: set[int] = set()

    def begin(self) -> None:
        """Have the turn begin here: what was said before is over."""
        self._turn = len(self._entries())

    def begin_after_caller(self) -> None:
        """Have it begin behind the last line of the caller's own, which must be there."""
        self._turn = max(index for index, entry in enumerate(self._entries()) if entry.who == "caller") + 1

    @property
    def anything(self) -> bool:
        """Whether the caller was let hear anything, asked for or not."""
        return any(True for _ in self._heard())

    def has(self, expected: str | Pattern[str]) -> bool:
        """Whether this is to be had, as :meth:`take` has it."""
        return self._find(expected) is not None

    def take(self, expected: str | Pattern[str]) -> str | None:
        """Return the first line that has this in it and was not taken before; ``None`` if there is none.

        ``expected``: a part of the line; or a pattern that occurs in it.
        """
        found = self._find(expected)
        if found is None:
            return None
        self._taken.add(found)
        return self._entries()[found].what

    def _find(self, expected: str | Pattern[str]) -> int | None:
        return next((index for index, what in self._heard() if index not in self._taken and _has(what, expected)), None)

    def _heard(self) -> Iterator[tuple[int, str]]:
        for index, entry in enumerate(self._entries()[self._turn :], self._turn):
            if entry.who == "app":
                yield index, entry.what


def _has(what: str, expected: str | Pattern[str]) -> bool:
    return expected in what if isinstance(expected, str) else expected.search(what) is not None
