"""What the connections to an application in the same process have in common, whatever they bring: calls or audio.

There is no socket, and time is a world's. One side is jambonz's, on its thread of the world; the other is the line of
whoever holds the connection, on a thread that the world runs in turn with it.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from .wire import Closed
from .world import World

__all__ = ["InProcessLine", "InProcessWire"]


class _User(Protocol):
    """Who holds a line: a conversation, or the channel of a stream."""

    lock: threading.Lock

    def message(self, message: str | bytes) -> None: ...

    def lost(self, code: int, reason: str) -> None: ...

    def report(self) -> None: ...


_Line = TypeVar("_Line", bound="InProcessLine")


class InProcessWire(Generic[_Line]):
    """A connection, seen from jambonz."""

    def __init__(self, world: World) -> None:
        #: How the connection ended, once it has.
        self.closed: Closed | None = None
        self._world = world
        self._inbox: list[str | bytes] = []
        self._line: _Line | None = None
        # Sent before the application's thread has had its first turn.
        self._early: list[str | bytes] = []

    # What jambonz does

    def wait(self, seconds: float) -> bool:
        """Return whether there is something to read. Whoever waits for it does so in the world."""
        return bool(self._inbox) or self.closed is not None

    def read(self) -> list[str | bytes]:
        """Return the messages that have come."""
        messages, self._inbox = self._inbox, []
        return messages

    def send(self, text: str) -> None:
        """Send one message. Nothing happens once the connection is over."""
        self._deliver(text)

    def _deliver(self, message: str | bytes) -> None:
        if self.closed is not None:
            return
        if self._line is None:
            self._early.append(message)
        else:
            self._line.receive(message)

    def close(self, code: int, reason: str = "") -> None:
        """Close with a code."""
        self._end(Closed(code, reason, by_application=False))

    def abort(self) -> None:
        """Drop the connection without a word."""
        self._end(Closed(1006, "dropped", by_application=False))

    def _end(self, closed: Closed) -> None:
        if self.closed is None:
            self.closed = closed
            if self._line is not None:
                self._line.lose(closed.code, closed.reason)

    # What the application does

    def first_message(self, timeout: float) -> str | bytes | None:
        """Wait for the first message, for so many seconds of the world."""
        self._world.wait(lambda: bool(self._early) or self.closed is not None, self._world.now() + timeout)
        return self._early[0] if self._early else None

    def shut(self) -> None:
        """Give the connection up."""
        self.abort()

    def turn_away(self, code: int, reason: str) -> None:
        """Close the connection: nobody takes it."""
        self.ended(code, reason)

    def opened(self) -> list[str | bytes]:
        """Return what was sent before the application was there to receive it."""
        early, self._early = self._early, []
        return early

    def take(self, message: str | bytes) -> None:
        """The application has sent a message."""
        if self.closed is None:
            self._inbox.append(message)

    def ended(self, code: int, reason: str) -> None:
        """The application has closed the connection."""
        if self.closed is None:
            self.closed = Closed(code, reason)


class InProcessLine:
    """The same connection, seen from whoever holds it.

    Its lock is taken as over a socket, since threads that are none of the world's may use what is held.
    """

    def __init__(self, world: World, wire: InProcessWire[Any], user: _User) -> None:
        self._world = world
        self._wire = wire
        self._user = user

    # For whoever holds it, under the lock but for the wait

    def open(self) -> None:
        for message in self._wire.opened():
            self._user.message(message)
        closed = self._wire.closed
        if closed is not None:
            self._user.lost(closed.code, closed.reason)

    def send(self, message: str | bytes) -> None:
        self._wire.take(message)

    def close(self, code: int, reason: str = "") -> None:
        self._wire.ended(code, reason)

    def wake(self) -> None:
        # What is waited for is asked at every step of the world.
        return

    def wait(self, ready: Callable[[], bool], until: float | None = None) -> bool:
        def locked() -> bool:
            with self._user.lock:
                return ready()

        if locked():
            return True
        return self._world.wait(locked, math.inf if until is None else until)

    # For jambonz, on its thread

    def receive(self, message: str | bytes) -> None:
        """A message has come."""
        with self._user.lock:
            self._user.message(message)
        self._user.report()

    def lose(self, code: int, reason: str) -> None:
        """The connection is over."""
        with self._user.lock:
            self._user.lost(code, reason)
        self._user.report()
