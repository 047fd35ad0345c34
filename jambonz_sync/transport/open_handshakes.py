"""The connections whose request has not been read yet, and which of them gives way when there are too many."""

from __future__ import annotations

import contextlib
import socket
import threading

from .http_request import Gone

__all__ = ["Cut", "OpenHandshakes"]


class Cut(Gone):
    """The connection was ended to make room for a newer one."""

    def __init__(self) -> None:
        super().__init__("it dawdled while others came")


class OpenHandshakes:
    """The open handshakes, in the order they came; never more than ``most``.

    ::

        handshakes.enter(accepted, accepted)
        ...  # TLS and the request's head, on the connection's own thread
        handshakes.leave(accepted)

    One too many ends the oldest: jambonz speaks at once, and whoever dawdles is somebody else. A connection is known
    by the socket it was accepted as, whatever TLS makes of that.

    Threads. One lock guards the book, and nothing that blocks is done under it. Whoever enters shuts the oldest, under
    the lock, and only by a socket that stands in the book. A thread that closes its socket, or has TLS move the
    descriptor into another one, takes it out before: the number of a descriptor that was closed may belong to anybody.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        # By what each is shut; None while TLS has the descriptor in its hands.
        self._open: dict[socket.socket, socket.socket | None] = {}

    def __len__(self) -> int:
        """How many handshakes are open."""
        return len(self._open)

    def enter(self, accepted: socket.socket, sock: socket.socket) -> bool:
        """Note a connection, and by which socket to shut it. Returns whether the oldest had to give way to it."""
        with self._lock:
            full = len(self._open) >= self._most
            if full:
                oldest = self._open.pop(next(iter(self._open)))
                if oldest is not None:
                    _shut(oldest)
            self._open[accepted] = sock
            return full

    def hide(self, accepted: socket.socket) -> None:
        """Have the connection's socket left alone, until :meth:`show`. Raises :exc:`Cut`."""
        self._note(accepted, None)

    def show(self, accepted: socket.socket, sock: socket.socket) -> None:
        """The connection is this socket from now on. Raises :exc:`Cut` if it had to give way meanwhile."""
        self._note(accepted, sock)

    def _note(self, accepted: socket.socket, sock: socket.socket | None) -> None:
        with self._lock:
            if accepted not in self._open:
                raise Cut
            self._open[accepted] = sock

    def leave(self, accepted: socket.socket) -> bool:
        """The request has been read, or never will be. Returns whether the connection may go on: it was not cut.

        Once this has returned, and after :meth:`hide`, nobody else touches the connection's socket.
        """
        with self._lock:
            present = accepted in self._open
            self._open.pop(accepted, None)
            return present


def _shut(sock: socket.socket) -> None:
    # Not the method of a TLS socket, which would take the connection's own thread by surprise.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
