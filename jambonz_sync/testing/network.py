"""What lies between the jambonz of a test and the application, and may break.

::

    network = Network(world, connector(world, endpoint))
    SimulatedCall(url, connect=network.connect)
    network.drop(2.0)
"""

from __future__ import annotations

from ..simulator.connection import CannotConnect, Connect, Connection
from ..simulator.world import World

__all__ = ["Network"]


class Network:
    """Makes the connections of one call. ``connect`` is what makes them while the network is up."""

    def __init__(self, world: World, connect: Connect) -> None:
        self._world = world
        self._connect = connect
        self._connections: list[Connection] = []
        self._down_until = 0.0

    def connect(self, url: str) -> Connection:
        """Open a connection. Raises :exc:`.CannotConnect`."""
        if self._world.now() < self._down_until:
            raise CannotConnect("the network is down", unreachable=True)
        connection = self._connect(url)
        self._connections.append(connection)
        return connection

    @property
    def is_up(self) -> bool:
        """Whether there is a connection."""
        return any(connection.closed is None for connection in self._connections)

    def drop(self, seconds: float) -> None:
        """Break all connections, without a word to either side, and let none be made for so many seconds."""
        self._down_until = self._world.now() + seconds
        for connection in self._connections:
            if connection.closed is None:
                connection.abort()
