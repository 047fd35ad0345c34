"""A blocking face for a non-blocking socket, for code that reads on one thread and writes on others.

The websockets of a foreign library are given one. Making the socket itself blocking would not do: over TLS a thread
that reads and one that writes get into each other's way, and ``send`` may write half.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
import time

__all__ = ["BlockingSocket"]

_CHUNK = 65_536


class BlockingSocket:
    """Reads and writes ``sock``, which stays non-blocking and belongs to the connection's thread.

    ::

        shared = BlockingSocket(sock, rest)
        ...  # whoever uses it, and closes it
        shared.finish(2.0)

    * ``rest``: what was read of the connection already; it is received first
    * ``patience``: seconds that a peer may read nothing while there is something to send; after that the connection
      is shut

    Threads: one may receive while any number send.
    """

    def __init__(self, sock: socket.socket, rest: bytes = b"", *, patience: float = 20.0) -> None:
        self._sock = sock
        self._rest = rest
        self._patience = patience
        # Held around each call of the socket, never while waiting: TLS does not bear two calls at once.
        self._calling = threading.Lock()
        # Held around the whole of a send, waiting included, so that two are not mixed.
        self._sending = threading.Lock()
        self._closed = threading.Event()
        #: Whether anybody has received or sent.
        self.used = False

    def fileno(self) -> int:
        """Return the descriptor, for a selector."""
        return self._sock.fileno()

    def recv(self, size: int) -> bytes:
        """Block until something comes, and return it; ``b""`` at the end of the stream.

        All that TLS has decrypted is returned, be it more than ``size`` bytes: no selector would tell of it.
        Raises :exc:`OSError`.
        """
        self.used = True
        if self._rest:
            rest, self._rest = self._rest, b""
            return rest
        while not self._closed.is_set():
            with self._calling:
                try:
                    return self._read(size)
                except (BlockingIOError, ssl.SSLWantReadError):
                    event = select.POLLIN
                except ssl.SSLWantWriteError:
                    event = select.POLLOUT
            self._wait(event)
        return b""

    def _read(self, size: int) -> bytes:
        data = self._sock.recv(size)
        while pending := self._decrypted():
            data += self._sock.recv(pending)
        return data

    def _decrypted(self) -> int:
        return self._sock.pending() if isinstance(self._sock, ssl.SSLSocket) else 0

    def wait_readable(self, timeout: float | None) -> bool:
        """Block, for ``timeout`` seconds at the most, until :meth:`recv` has something; return whether it has."""
        with self._calling:
            # Recv leaves nothing decrypted, but whoever read the head may have.
            if self._rest or self._decrypted():
                return True
        return self._wait(select.POLLIN, timeout)

    def send(self, data: bytes) -> int:
        """Send all of ``data``, in one piece; return its length.

        Raises :exc:`TimeoutError` if the peer does not read, and :exc:`OSError`.
        """
        self.used = True
        with self._sending:
            left = memoryview(data)
            deadline = time.monotonic() + self._patience
            while left:
                if self._closed.is_set():
                    raise BrokenPipeError("the connection is closed")
                with self._calling:
                    try:
                        left = left[self._sock.send(left[:_CHUNK]) :]
                    except (BlockingIOError, ssl.SSLWantWriteError):
                        event = select.POLLOUT
                    except ssl.SSLWantReadError:
                        event = select.POLLIN
                    else:
                        deadline = time.monotonic() + self._patience
                        continue
                if not self._wait(event, deadline - time.monotonic()):
                    # Half a message is out; nothing that came after it would be understood.
                    self._shut()
                    raise TimeoutError(f"the peer has read nothing for {self._patience:g} s")
        return len(data)

    def sendall(self, data: bytes) -> None:
        """As :meth:`send`."""
        self.send(data)

    def _wait(self, event: int, timeout: float | None = None) -> bool:
        poll = select.poll()
        poll.register(self._sock, event)
        return bool(poll.poll(None if timeout is None else max(timeout, 0.0) * 1000))

    def _shut(self) -> None:
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._sock, socket.SHUT_RDWR)

    def close(self) -> None:
        """Receive and send no more. The connection itself stays open."""
        self._closed.set()

    def finish(self, timeout: float) -> bool:
        """Wait for :meth:`close`, then let nobody use the socket any more; return whether it was closed in time.

        After ``timeout`` seconds the connection is shut, which ends whatever waits for it. When this returns, the
        descriptor may be closed.
        """
        deadline = time.monotonic() + timeout
        in_time = self._closed.wait(timeout) and self._sending.acquire(timeout=max(deadline - time.monotonic(), 0.0))
        if not in_time:
            self._shut()
            self._closed.wait(timeout)
            self._closed.set()
            self._sending.acquire()
        self._sending.release()
        return in_time
