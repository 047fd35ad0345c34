"""The bytes under a websocket: a TCP connection, with TLS or without.

::

    stream = ByteStream.connect("127.0.0.1", 3000, tls=None, timeout=1.5)
    stream.send(b"GET / HTTP/1.1\\r\\n\\r\\n")
    if stream.wait(1.0):
        data = stream.receive()

The socket never blocks: what looks readable under TLS may turn out to be no data at all, such as a session ticket.
"""

from __future__ import annotations

import select
import socket
import ssl
import time

__all__ = ["ByteStream"]

_SEND_SECONDS = 5.0
_CHUNK = 65_536


class ByteStream:
    """A connection that bytes go over. Used on one thread.

    ``sock`` is connected, and the handshake of TLS is done.
    """

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._socket = sock
        self._readable = select.poll()
        self._readable.register(sock, select.POLLIN)
        self._writable = select.poll()
        self._writable.register(sock, select.POLLOUT)

    @classmethod
    def connect(cls, host: str, port: int, *, tls: ssl.SSLContext | None, timeout: float) -> ByteStream:
        """Connect, within so many seconds; ``tls`` is how, or ``None`` for a plain connection.

        Raises :exc:`OSError`, of which :exc:`ssl.SSLError` is one.
        """
        deadline = time.monotonic() + timeout
        sock = socket.create_connection((host, port), timeout=timeout)
        # As jambonz does: of two messages in a row the second would wait up to 40 ms for the first to be acknowledged.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is None:
            return cls(sock)
        try:
            # A timeout of 0 would not wait at all.
            sock.settimeout(max(0.001, deadline - time.monotonic()))
            return cls(tls.wrap_socket(sock, server_hostname=host))
        except BaseException:
            sock.close()
            raise

    def fileno(self) -> int:
        """Return the descriptor, to poll it together with others; what :meth:`wait` knows beyond it must be asked."""
        return self._socket.fileno()

    def wait(self, seconds: float) -> bool:
        """Block until there may be something to receive, for at most so many seconds; return whether so."""
        # Bytes that are decrypted already hide from poll.
        if isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
            return True
        return bool(self._readable.poll(max(0.0, seconds) * 1000))

    def receive(self) -> bytes | None:
        """Return what has come: ``b""`` at the end, ``None`` if it is nothing yet. Raises :exc:`OSError`."""
        try:
            return self._socket.recv(_CHUNK)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None

    @property
    def takes_more(self) -> bool:
        """Whether something small can be sent without waiting for the peer to read."""
        return bool(self._writable.poll(0))

    def send(self, data: bytes) -> None:
        """Send all of it. Raises :exc:`OSError`, and :exc:`TimeoutError` if the peer does not take it in 5 seconds."""
        deadline = time.monotonic() + _SEND_SECONDS
        left = memoryview(data)
        while left:
            wanted = select.POLLOUT
            try:
                left = left[self._socket.send(left) :]
                continue
            except (BlockingIOError, ssl.SSLWantWriteError):
                pass
            except ssl.SSLWantReadError:
                wanted = select.POLLIN
            self._wait_for(wanted, deadline)

    def _wait_for(self, wanted: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(self._socket, wanted)
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise TimeoutError("the application does not read")

    def drain(self, seconds: float) -> None:
        """Receive and drop what comes until the peer closes, for at most so many seconds. Raises :exc:`OSError`."""
        deadline = time.monotonic() + seconds
        while self.wait(deadline - time.monotonic()) and self.receive() != b"":
            pass

    def close(self) -> None:
        """Close it."""
        self._socket.close()
