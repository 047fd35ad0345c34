"""Marks in the audio that is streamed: which of them jambonz has not told of yet.

::

    marks = Marks()
    message = marks.add("end of sentence")
"""

from __future__ import annotations

from ..exceptions import InvalidCommand
from . import commands

__all__ = ["Marks"]

#: So many may be outstanding; jambonz drops any more without a word.
_MOST = 30

#: How the names of those begin that the library sets itself.
_OWN = "jambonz_sync:"


class Marks:
    """The marks that were sent and have not come back."""

    def __init__(self) -> None:
        self._open: list[str] = []
        # Those that the library has set itself and still asks for, and whether what is before them was heard.
        self._own: dict[str, bool] = {}
        self._number = 0

    def __len__(self) -> int:
        return len(self._open)

    @property
    def has_room(self) -> bool:
        """Whether one more may be set."""
        return len(self._open) < _MOST

    def add(self, name: str) -> str:
        """Return the message that sets a mark. Raises :exc:`~jambonz_sync.InvalidCommand` for a bad name."""
        message = commands.mark(name)
        if not self.has_room:
            raise InvalidCommand(f"{_MOST} marks are outstanding, and jambonz keeps no more; wait for one of them")
        self._open.append(name)
        return message

    def add_own(self) -> tuple[str, str]:
        """Return the name of a mark that nobody else sees, and the message that sets it."""
        self._number += 1
        name = f"{_OWN}{self._number}"
        message = self.add(name)
        self._own[name] = False
        return name, message

    def was_heard(self, name: str) -> bool:
        """Return whether what is before a mark of the library's own was heard."""
        return self._own.get(name, False)

    def forget_own(self, name: str) -> bool:
        """Nobody asks for it any more, whether it comes back or not; return whether it has."""
        self._own.pop(name, None)
        if name not in self._open:
            return True
        self._open.remove(name)
        return False

    def came(self, name: object, event: object) -> bool:
        """jambonz tells what became of a mark; return whether that is anybody's business."""
        if not isinstance(name, str):
            return True
        if name in self._open:
            self._open.remove(name)
        if name in self._own:
            self._own[name] = event == "playout"
        return not name.startswith(_OWN)

    def forget(self) -> None:
        """They will not come back."""
        self._open.clear()
