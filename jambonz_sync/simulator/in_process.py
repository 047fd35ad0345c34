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
from .in_process_wire import InProcessLine, InProcessWire
from .wire import LARGEST_MESSAGE, CannotConnect, Connect
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
        end = self._began + until
        if end - self._began < until:
            # Rounded. Whoever looks at the clock then, on whatever thread, must not find it short of the time.
            end = math.nextafter(end, math.inf)
        self._world.wait(lambda: self._nudged or arrives(0), end)
        self._nudged = False


def connector(world: World, endpoint: Endpoint) -> Connect:
    """Return what connects a simulated call to the endpoint, whatever host an address names."""
    return lambda url: InProcess(world, endpoint, url)


class InProcess(InProcessWire["_Line"]):
    """A connection for a call, seen from jambonz.

    Raises :exc:`~.wire.CannotConnect` if the endpoint has no service for the path.
    """

    def __init__(self, world: World, endpoint: Endpoint, url: str) -> None:
        super().__init__(world)
        parts = urlsplit(url)
        path = parts.path or "/"
        service = endpoint.find_service(path)
        if service is None:
            raise CannotConnect(f"{url} answered with HTTP 404: there is no service for {path}", http_status=404)
        address = Address(service, path, f"{path}?{parts.query}" if parts.query else path)
        world.start(lambda: endpoint.admit(address, self, world.now), f"call to {path}")

    # What the application does

    def keep(self) -> None:
        """Be independent of whatever brought it; which it is."""

    def connect(self, conversation: Conversation) -> _Line:
        """Give the connection to the call it is for."""
        self._line = _Line(self._world, self, conversation)
        return self._line

    def take(self, message: str | bytes) -> None:
        """The application has sent a message."""
        if len(message if isinstance(message, bytes) else message.encode()) > LARGEST_MESSAGE:
            self.close(1009, f"a message may have {LARGEST_MESSAGE} bytes")
        else:
            super().take(message)

    def left(self) -> None:
        """The application has another connection for the same call, and drops this one without a word."""
        self._line = None
        self.ended(1006, "dropped by the application")


class _Line(InProcessLine):
    """The same connection, seen from the application: what its conversation is held over."""

    def __init__(self, world: World, connection: InProcess, conversation: Conversation) -> None:
        super().__init__(world, connection, conversation)
        self._connection = connection
        self._conversation = conversation
        self._is_forgotten = False

    # For the conversation

    def open(self) -> None:
        self._world.add(self)
        super().open()

    def undelivered(self) -> list[str | bytes]:
        # What is sent is there at once.
        return []

    def leave(self) -> None:
        self._forget()
        self._connection.left()

    def plan(self) -> None:
        # The world asks for the due time whenever it needs it.
        return

    def finish(self) -> None:
        self._forget()
        self._connection.ended(1000, "")

    def _forget(self) -> None:
        if not self._is_forgotten:
            self._is_forgotten = True
            self._world.remove(self)

    # For the world

    def due(self) -> float:
        with self._conversation.lock:
            return self._conversation.due()

    def tick(self) -> None:
        with self._conversation.lock:
            self._conversation.tick()
        self._conversation.report()
