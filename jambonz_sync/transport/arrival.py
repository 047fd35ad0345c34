"""A websocket on which nothing has been said yet: who it belongs to shows in its first message.

jambonz connects for a new call, and again for one whose connection was lost. So the first message is read before there
is a link: a link has one user and one lock for life, and whose they are is not known before.
"""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Protocol

from .framing import Framing
from .http_request import Gone, receive, write
from .link import Link, LinkUser

__all__ = ["Arrival", "LockedUser"]

_CHUNK = 65_536
#: More than the longest message. Pings and the like may come before it, but not without end.
_MOST_BYTES = 1536 * 1024


class LockedUser(LinkUser, Protocol):
    """A user of links that brings the lock."""

    @property
    def lock(self) -> threading.Lock:
        """The lock of the user and of its links."""
        ...


class Arrival:
    """A connection whose handshake has been read, in the request ``environ``. ``framing`` has the answer in its output.

    ``rest`` is what came behind the handshake.

    Threads: the connection's own thread calls everything but :meth:`shut`, which any thread may call until the socket
    is closed.
    """

    def __init__(
        self,
        sock: socket.socket,
        framing: Framing,
        rest: bytes = b"",
        environ: Mapping[str, Any] = MappingProxyType({}),
        *,
        lent: bool = False,
    ) -> None:
        self._lent = lent
        #: The socket that was made by :meth:`keep`.
        self.own: socket.socket | None = None
        self.environ = environ
        self.sock = sock
        self.framing = framing
        self._rest = rest
        self._messages: list[str | bytes] = []
        #: What came behind the handshake so far.
        self.received = bytearray()

    def first_message(self, timeout: float) -> str | bytes | None:
        """Answer the handshake, wait for the first message and return it; the link will deliver it too.

        Returns ``None`` if it does not come within ``timeout`` seconds, or the connection ends before.
        """
        self.sock.setblocking(False)
        # The link that comes next finds out by itself what is wrong with the connection.
        with contextlib.suppress(Gone, OSError):
            self._read(time.monotonic() + timeout)
        return self._messages[0] if self._messages else None

    def _read(self, deadline: float) -> None:
        rest, self._rest = self._rest, b""
        self._take(rest)
        while True:
            write(self.sock, self.framing.out, deadline)
            if self._messages or self.framing.closed is not None:
                return
            self._take(receive(self.sock, deadline, _CHUNK))

    def _take(self, data: bytes) -> None:
        self.received += data
        if len(self.received) > _MOST_BYTES:
            # For the link, which finds it closed.
            self.framing.close(1008, "too much came before the first message")
            raise Gone("it brings much, and no message")
        self._messages += self.framing.receive(data)

    def shut(self) -> None:
        """Wait no longer for the first message. From any thread."""
        # Not for writing: there is a goodbye to be said. (TLS takes this for a truncation, and says none.)
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self.sock, socket.SHUT_RD)

    def keep(self) -> None:
        """Have the connection outlive the request that brought it, where a server has lent it.

        The server is left with a socket that leads nowhere, and :attr:`own` is to be closed by whoever holds the
        connection. TLS cannot be taken along: its keys are in the server's object.
        """
        if self._lent and not isinstance(self.sock, ssl.SSLSocket):
            nowhere, other = socket.socketpair()
            with nowhere, other:
                self.own = self.sock.dup()
                os.dup2(nowhere.fileno(), self.sock.fileno(), inheritable=False)
            self.sock = self.own

    def let_go(self) -> None:
        """Close the socket that :meth:`keep` has made, if it has."""
        if self.own is not None:
            self.own.close()

    def turn_away(self, code: int, reason: str) -> None:
        """Close the connection in place of linking it, as far as that goes without waiting."""
        self.framing.close(code, reason)
        with contextlib.suppress(Gone, OSError):
            write(self.sock, self.framing.out, time.monotonic())

    def connect(self, user: LockedUser, /) -> Link:
        """Make the link, for the user it turned out to have."""
        return Link(self.sock, self.framing, user, user.lock, messages=self.taken())

    def taken(self) -> list[str | bytes]:
        """Give away the messages that were read, for the link to deliver."""
        messages, self._messages = self._messages, []
        # Whoever has made this may keep it as long as there is the link.
        self.received.clear()
        return messages
