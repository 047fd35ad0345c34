"""What lies between jambonz and the application, and may break.

::

    network = Network(clock.now, Wire)
    SimulatedCall(url, connect=network.connect)
    network.drop(2.0)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from .connection import CannotConnect, Connection

__all__ = ["Network"]

_Connection = TypeVar("_Connection", bound=Connection)


class Network(Generic[_Connection]):
    """Makes the connections of one call. ``now`` tells its time, ``connect`` is what makes them while it is up."""

    def __init__(self, now: Callable[[], float], connect: Callable[[str], _Connection]) -> None:
        self._now = now
        self._connect = connect
        self._connections: list[_Connection] = []
        self._down_until = 0.0

    def connect(self, url: str) -> _Connection:
        """Open a connection. Raises :exc:`.CannotConnect`."""
        if self._now() < self._down_until:
            raise CannotConnect("the network is down", unreachable=True)
        connection = self._connect(url)
        self._connections.append(connection)
        return connection

    @property
    def open(self) -> list[_Connection]:
        """The connections that are up."""
        self._connections = [connection for connection in self._connections if connection.closed is None]
        return list(self._connections)

    def drop(self, seconds: float) -> None:
        """Break all connections, without a word to either side, and let none be made for so many seconds."""
        self._down_until = self._now() + seconds
        for connection in self.open:
            connection.abort()
