"""What the simulator needs of a connection to an application, whatever it is made of.

::

    while not any_arrives([connection], 1.0):
        print("nothing yet")
    messages = connection.read()
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from ..exceptions import JambonzError

__all__ = ["CannotConnect", "Closed", "Connect", "Connection", "any_arrives"]


class CannotConnect(JambonzError):
    """There is no application at the address, or none that speaks to jambonz. The text says which.

    ``unreachable``: whether no TCP connection could be made, or it broke off in the handshake.

    ``http_status``: the status of a plain HTTP answer, if there was one.

    ``untrusted``: whether the certificate could not be verified.
    """

    def __init__(
        self, text: str, *, unreachable: bool = False, http_status: int | None = None, untrusted: bool = False
    ) -> None:
        super().__init__(text)
        self.unreachable = unreachable
        self.http_status = http_status
        self.untrusted = untrusted


class Closed(NamedTuple):
    """How the connection ended: the close code, the reason, and whether the application was the one to close it."""

    code: int
    reason: str
    by_application: bool = True


class Connection(Protocol):
    """A connection to an application. :class:`~.wire.Wire` is one, over a socket.

    Used on one thread: the one that runs the call.
    """

    #: How the connection ended, once it has.
    closed: Closed | None

    def wait(self, seconds: float) -> bool:
        """Block until there is something to read, or the end, for at most so many real seconds; return whether so."""
        ...

    def read(self) -> list[str | bytes]:
        """Return the messages that have arrived; those of one call arrived together."""
        ...

    def send(self, text: str) -> None:
        """Send one message. Nothing happens once the connection is over."""

    def close(self, code: int, reason: str = "") -> None:
        """Close with a code. Nothing happens once the connection is over."""

    def abort(self) -> None:
        """Drop the connection without a word."""


#: Opens a connection to the application at an address. Raises :exc:`CannotConnect`.
Connect = Callable[[str], Connection]

#: How long one connection is waited for until the others are looked at again, in real seconds.
_TURN = 0.01


def any_arrives(connections: Sequence[Connection], seconds: float) -> bool:
    """Block until any of the connections has something to read, or its end, for at most so many real seconds."""
    if len(connections) == 1:
        return connections[0].wait(seconds)
    deadline = time.monotonic() + seconds
    while not any(connection.wait(0) for connection in connections):
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        if connections:
            connections[0].wait(min(left, _TURN))
        else:
            time.sleep(left)
    return True
