"""What is wrong with a verb without being a fault: jambonz takes it, and does nothing about it."""

from __future__ import annotations

import logging
import threading

__all__ = ["Notice", "forget", "warn_once"]


class Notice:
    """Found at the bottom of a verb; every level above adds its option, as it does to a fault.

    ``text`` continues the sentence that the path begins. ``leaf`` is the option the sentence is about, where the path
    ends at the object around it. Neither may hold a value of the caller's: the same thing is said only once.
    """

    __slots__ = ("parts", "text")

    def __init__(self, text: str, leaf: str | None = None) -> None:
        self.text = text
        self.parts: list[str] = [] if leaf is None else [leaf]

    def line(self, start: str) -> str:
        """Return the sentence; ``start`` is the name of the verb."""
        return f"{'.'.join([start, *reversed(self.parts)])} {self.text}"


_lock = threading.Lock()
_said: set[str] = set()


def forget() -> None:
    """Say everything once more, as in a new process: each test of an application is to hear it."""
    with _lock:
        _said.clear()


def warn_once(line: str) -> None:
    """Log a line, unless this process has logged it before."""
    # The logger is asked for each time, and has no handler of ours: a library leaves that to the application.
    with _lock:
        if line in _said:
            return
        _said.add(line)
    logging.getLogger("jambonz_sync").warning("%s", line)
