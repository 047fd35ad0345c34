"""A terminal that is looked at: what programs write, as somebody sees it.

::

    display = Display(rows=5, columns=40)
    display.feed("one\\r\\ntwo")
    display.lines  # ["one", "two"]
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["Display"]

_SEQUENCE = re.compile(r"\x1b(?:\[(?P<private>\?)?(?P<numbers>[0-9;]*)(?P<final>[A-Za-z@])|(?P<short>[78DM=>]))")


class Display:
    """As much of a VT220 as line editing and the command line use; anything else is an error.

    ``history`` are the lines that have been scrolled out at the top.
    """

    def __init__(self, rows: int = 24, columns: int = 80) -> None:
        self.history: list[str] = []
        self._columns = columns
        self._rows = [" " * columns for _ in range(rows)]
        self._row = self._column = 0
        self._saved = (0, 0)
        self._rest = ""

    @property
    def lines(self) -> list[str]:
        """All lines down to the one of the cursor, without the blanks at their ends."""
        return [line.replace("\0", "").rstrip() for line in (*self.history, *self._rows[: self._row + 1])]

    @property
    def cursor(self) -> int:
        """The column of the cursor."""
        return self._column

    @property
    def below(self) -> str:
        """What stands below the cursor."""
        return "".join(self._rows[self._row + 1 :]).strip()

    def feed(self, text: str) -> None:
        """Write to it."""
        text = self._rest + text
        position = 0
        while position < len(text):
            if text[position] != "\x1b":
                self._put(text[position])
                position += 1
                continue
            found = _SEQUENCE.match(text, position)
            if found is None:
                assert len(text) - position < 12, f"an unknown sequence: {text[position:][:12]!r}"
                break
            if found["short"]:
                self._do_short(found["short"])
            elif not found["private"]:
                self._do(found["final"], int((found["numbers"] or "1").split(";")[0]))
            position = found.end()
        self._rest = text[position:]

    def _put(self, letter: str) -> None:
        if letter == "\r":
            self._column = 0
        elif letter == "\n":
            self._down()
        elif letter == "\b":
            self._column = max(0, self._column - 1)
        elif letter != "\a":
            assert letter.isprintable(), repr(letter)
            # Those that are two cells wide fill the second with what nobody sees.
            cells = letter + "\0" * (unicodedata.east_asian_width(letter) in "WF")
            if self._column + len(cells) > self._columns:
                self._column = 0
                self._down()
            self._change(cells + self._here[self._column + len(cells) :])
            self._column += len(cells)

    def _do_short(self, what: str) -> None:
        if what == "D":
            self._down()
        elif what == "M":
            assert self._row > 0, "this terminal does not scroll down"
            self._row -= 1
        elif what == "7":
            self._saved = (self._row, self._column)
        elif what == "8":
            self._row, self._column = self._saved

    def _do(self, what: str, count: int) -> None:
        if what == "L":
            kept = len(self._rows) - count
            assert not "".join(self._rows[kept:]).strip(), "a line is lost"
            self._rows[self._row : self._row] = [" " * self._columns] * count
            del self._rows[kept + count :]
        elif what == "B":
            self._row = min(self._row + count, len(self._rows) - 1)
        elif what == "C":
            self._column = min(self._column + count, self._columns - 1)
        elif what == "D":
            self._column = max(0, self._column - count)
        elif what == "K":
            self._change(" " * (self._columns - self._column))
        elif what == "P":
            self._change(self._here[self._column + count :] + " " * count)
        elif what == "@":
            self._change((" " * count + self._here[self._column :])[: self._columns - self._column])
        else:
            assert what in "mh", f"an unknown sequence: {what}"

    @property
    def _here(self) -> str:
        return self._rows[self._row]

    def _change(self, rest: str) -> None:
        self._rows[self._row] = self._here[: self._column] + rest

    def _down(self) -> None:
        if self._row + 1 < len(self._rows):
            self._row += 1
        else:
            self.history.append(self._rows.pop(0))
            self._rows.append(" " * self._columns)
