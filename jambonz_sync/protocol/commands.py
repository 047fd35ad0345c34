"""Commands on their way to jambonz, and the moments in which they must wait."""

from __future__ import annotations

import math
from collections.abc import Iterable

__all__ = ["MOST_HELD", "READY_AFTER", "Commands"]

#: No more characters than this are kept for the time when jambonz is back: an application that sends without end would
#: fill the memory.
MOST_HELD = 4 * 1024 * 1024

#: Commands right behind an ack with verbs are lost. No message of jambonz tells for sure that it is ready for them (a
#: status may have been on its way before), except, after the first ack, those only a running verb causes; else this
#: pause does. In seconds.
READY_AFTER = 0.1


class Commands:
    """Holds commands back while jambonz could not execute them, and lets them go in order.

    jambonz executes a command that reaches it in one piece with an ack before it takes in the ack's verbs, which then
    replace the command's. Behind the first ack there is not even a call yet that could execute it. And while the
    connection is lost nobody hears it.
    """

    def __init__(self) -> None:
        #: Commands that wait, in order.
        self.held: list[str] = []
        #: How many characters they have.
        self.held_size = 0
        #: Whether jambonz can execute commands.
        self.ready = False
        #: Whether a message of jambonz proves that it can; behind a later ack it may have been on its way before.
        self.by_message = True
        self.connected = True
        self._ready_at = math.inf

    @property
    def due(self) -> float:
        """When jambonz will be ready, by the call's clock; ``inf`` if it is, or if that is not known."""
        return self._ready_at if self.connected else math.inf

    def put(self, text: str) -> list[str]:
        """Add a command. Returns what may be written now."""
        self.held.append(text)
        self.held_size += len(text)
        return self.release()

    def put_back(self, texts: Iterable[str]) -> None:
        """These were written, and have never arrived: they come before all others."""
        again = list(texts)
        self.held[:0] = again
        self.held_size += sum(map(len, again))

    def wait(self, now: float, *, by_message: bool) -> None:
        """An ack with verbs is being written: wait until jambonz has taken them in."""
        self.ready = False
        self.by_message = by_message
        self._ready_at = now + READY_AFTER

    def go(self) -> list[str]:
        """jambonz is ready. Returns what may be written now."""
        self.ready = True
        self._ready_at = math.inf
        return self.release()

    def release(self) -> list[str]:
        """Return what may be written now."""
        return self.flush() if self.ready and self.connected else []

    def flush(self) -> list[str]:
        """Return everything that waits, ready or not."""
        held, self.held = self.held, []
        self.held_size = 0
        return held
