"""A connection to an application of this library in the same process: no socket, and time as a world has it.

::

    world = World()
    call = SimulatedCall("ws://here/echo", clock=WorldClock(world), connect=connector(world, endpoint))
    world.start(call.run, "jambonz")
    world.wait(lambda: False, ends_idle=True)

The application's handler runs on a thread of the world, as it would on a thread of the server. Its session does all
that it does over a websocket, except for the websocket.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from urllib.parse import urlsplit

from ..conversation import Conversation
from ..endpoint import Endpoint
from ..reception import Address
from .wire import LARGEST_MESSAGE, CannotConnect, Closed, Connect
from .world import World

__all__ = ["InProcess", "WorldClock", "connector"]


class WorldClock:
    """The clock of a call that lives in a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._began = world.now()
        self._nudged = False

    def nudge(self) -> None:
        """Let whoever waits look again: something has changed that it does not wait for."""
        self._nudged = True

    def start(self) -> None:
        self._began = self._world.now()

    def now(self) -> float:
        return self._world.now() - self._began

    def application_moves(self, moves: bool) -> None:
        # Nobody is waited for in real time, so there is no pace to change.
        return

    def wait(self, arrives: Callable[[float], bool], until: float) -> None:
        self._world.wait(lambda: self._nudged or arrives(0), self._began + until)
        self._nudged = False


def connector(world: World, endpoint: Endpoint) -> Connect:
    """Return what connects a simulated call to the endpoint, whatever host an address names."""
    return lambda url: InProcess(world, endpoint, url)


class InProcess:
    """A connection, seen from jambonz.

    Raises :exc:`~.wire.CannotConnect` if the endpoint has no service for the path.
    """

    def __init__(self, world: World, endpoint: Endpoint, url: str) -> None:
        parts = urlsplit(url)
        path = parts.path or "/"
        service = endpoint.find_service(path)
        if service is None:
            raise CannotConnect(f"{url} answered with HTTP 404: there is no service for {path}", http_status=404)
        #: How the connection ended, once it has.
        self.closed: Closed | None = None
        self._world = world
        self._inbox: list[str | bytes] = []
        self._line: _Line | None = None
        # Sent before the application's thread has had its first turn.
        self._early: list[str] = []
        address = Address(service, path, f"{path}?{parts.query}" if parts.query else path)
        world.start(lambda: endpoint.admit(address, self, world.now), f"call to {path}")

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
        if self.closed is not None:
            return
        if self._line is None:
            self._early.append(text)
        else:
            self._line.receive(text)

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

    def first_message(self, timeout: float) -> str | None:
        """Wait for the first message, for so many seconds of the world."""
        self._world.wait(lambda: bool(self._early) or self.closed is not None, self._world.now() + timeout)
        return self._early[0] if self._early else None

    def shut(self) -> None:
        """Give the connection up. Nothing stops an endpoint that has not been started."""
        self.abort()

    def turn_away(self, code: int, reason: str) -> None:
        """Close the connection: the endpoint does not take it."""
        self.ended(code, reason)

    def connect(self, conversation: Conversation) -> _Line:
        """Give the connection to the call it is for."""
        self._line = _Line(self._world, self, conversation)
        return self._line

    def opened(self) -> list[str]:
        """Return what was sent before the application was there to receive it."""
        early, self._early = self._early, []
        return early

    def take(self, text: str) -> None:
        """The application has sent a message."""
        if self.closed is not None:
            return
        if len(text.encode()) > LARGEST_MESSAGE:
            self.close(1009, f"a message may have {LARGEST_MESSAGE} bytes")
        else:
            self._inbox.append(text)

    def left(self) -> None:
        """The application has another connection for the same call, and drops this one without a word."""
        self._line = None
        self.ended(1006, "dropped by the application")

    def ended(self, code: int, reason: str) -> None:
        """The application has closed the connection."""
        if self.closed is None:
            self.closed = Closed(code, reason)


class _Line:
    """The same connection, seen from the application: what its conversation is held over.

    The conversation's lock is taken as over a socket, since threads that are none of the world's may use the session.
    """

    def __init__(self, world: World, connection: InProcess, conversation: Conversation) -> None:
        self._world = world
        self._connection = connection
        self._conversation = conversation
        self._is_forgotten = False

    # For the conversation

    def open(self) -> None:
        self._world.add(self)
        for text in self._connection.opened():
            self._conversation.message(text)
        closed = self._connection.closed
        if closed is not None:
            self._conversation.lost(closed.code, closed.reason)

    def send(self, message: str) -> None:
        self._connection.take(message)

    def close(self, code: int, reason: str = "") -> None:
        self._connection.ended(code, reason)

    def undelivered(self) -> list[str | bytes]:
        # What is sent is there at once.
        return []

    def leave(self) -> None:
        self._forget()
        self._connection.left()

    def plan(self) -> None:
        # The world asks for the due time whenever it needs it.
        return

    def wait(self, ready: Callable[[], bool], until: float | None = None) -> bool:
        def locked() -> bool:
            with self._conversation.lock:
                return ready()

        if locked():
            return True
        return self._world.wait(locked, math.inf if until is None else until)

    def finish(self) -> None:
        self._forget()
        self._connection.ended(1000, "")

    def _forget(self) -> None:
        if not self._is_forgotten:
            self._is_forgotten = True
            self._world.remove(self)

    # For jambonz, on its thread

    def receive(self, text: str) -> None:
        """A message has come."""
        with self._conversation.lock:
            self._conversation.message(text)
        self._conversation.report()

    def lose(self, code: int, reason: str) -> None:
        """The connection is over."""
        with self._conversation.lock:
            self._conversation.lost(code, reason)
        self._conversation.report()

    # For the world

    def due(self) -> float:
        with self._conversation.lock:
            return self._conversation.due()

    def tick(self) -> None:
        with self._conversation.lock:
            self._conversation.tick()
        self._conversation.report()
