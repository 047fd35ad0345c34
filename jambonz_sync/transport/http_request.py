"""Reading one HTTP request from a socket, within limits, and writing the answer.

h11 (which simple-websocket brings) parses; this file reads the bytes, with a deadline and a bound, and makes the
environ of PEP 3333 that a WSGI server would make.
"""

from __future__ import annotations

import select
import socket
import ssl
import time
from typing import Any
from urllib.parse import unquote_to_bytes

import h11

__all__ = [
    "BadRequest",
    "Environ",
    "Gone",
    "read_request",
    "receive",
    "wait_for_socket",
    "write",
    "write_response",
]

#: The largest request head; jambonz sends some 400 bytes.
MAX_HEAD = 16 * 1024

Environ = dict[str, Any]


class BadRequest(Exception):
    """A request to be refused with an HTTP status."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Gone(Exception):
    """The peer left, or dawdled, before its request was complete; there is nobody to answer."""


def wait_for_socket(sock: socket.socket, event: int, deadline: float) -> None:
    """Block until the non-blocking ``sock`` is ready for ``event`` of ``poll``. Raises :exc:`Gone` at ``deadline``."""
    rest = deadline - time.monotonic()
    poll = select.poll()
    poll.register(sock, event)
    if rest <= 0 or not poll.poll(rest * 1000):
        raise Gone("the peer took too long")


def read_request(sock: socket.socket, peer: tuple[Any, ...], deadline: float) -> tuple[Environ, bytes]:
    """Read the head of one request from a non-blocking socket.

    Returns the environ and what came behind the head. Raises :exc:`BadRequest`, and :exc:`Gone` when the peer leaves
    or ``deadline`` (of ``time.monotonic()``) comes first.
    """
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
    received = 0
    try:
        while not isinstance(event := connection.next_event(), h11.Request):
            data = receive(sock, deadline)
            received += len(data)
            connection.receive_data(data)
    except h11.RemoteProtocolError as error:
        raise BadRequest(error.error_status_hint, f"not a request this server reads: {error}") from error
    rest = connection.trailing_data[0]
    size = received - len(rest)
    # What the parser bounds is a head that is not whole yet.
    if size > MAX_HEAD:
        raise BadRequest(431, f"not a request this server reads: its head has {size} bytes, of {MAX_HEAD} at the most")
    return _environ(event, sock, peer), rest


def receive(sock: socket.socket, deadline: float, size: int = 4096) -> bytes:
    """Return the next bytes that come on a non-blocking socket, ``size`` at the most.

    Raises :exc:`Gone` when the peer leaves, or at ``deadline``.
    """
    while True:
        try:
            data = sock.recv(size)
        except (BlockingIOError, ssl.SSLWantReadError):
            wait_for_socket(sock, select.POLLIN, deadline)
        except ssl.SSLWantWriteError:
            wait_for_socket(sock, select.POLLOUT, deadline)
        except OSError as error:
            raise Gone(str(error)) from error
        else:
            if not data:
                raise Gone("the peer closed the connection")
            return data


def _environ(request: h11.Request, sock: socket.socket, peer: tuple[Any, ...]) -> Environ:
    target, _, query = request.target.partition(b"?")
    here = sock.getsockname()
    environ: Environ = {
        "REQUEST_METHOD": request.method.decode("ascii"),
        "SCRIPT_NAME": "",
        # PEP 3333 wants the bytes of the path as latin-1 characters.
        "PATH_INFO": unquote_to_bytes(target).decode("latin-1"),
        "QUERY_STRING": query.decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{request.http_version.decode('ascii')}",
        "REMOTE_ADDR": str(peer[0]) if peer else "",
        "SERVER_NAME": str(here[0]) if here else "",
        "SERVER_PORT": str(here[1]) if here else "",
        "wsgi.url_scheme": "https" if isinstance(sock, ssl.SSLSocket) else "http",
    }
    for name, value in request.headers:
        if b"_" in name:
            # It would pass for the header with a dash.
            continue
        key = name.decode("ascii").upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        text = value.decode("latin-1")
        environ[key] = f"{environ[key]}, {text}" if key in environ else text
    return environ


def write(sock: socket.socket, out: bytearray, deadline: float) -> None:
    """Write all of ``out`` to a non-blocking socket, and take away from it what was written.

    Raises :exc:`Gone` at ``deadline``, and :exc:`OSError`.
    """
    while out:
        try:
            del out[: sock.send(out)]
        except (BlockingIOError, ssl.SSLWantWriteError):
            wait_for_socket(sock, select.POLLOUT, deadline)
        except ssl.SSLWantReadError:
            wait_for_socket(sock, select.POLLIN, deadline)


def write_response(sock: socket.socket, data: bytes, deadline: float) -> None:
    """Write a response to a non-blocking socket and wait, until ``deadline``, for the peer to have read it."""
    try:
        write(sock, bytearray(data), deadline)
        # Closing with unread bytes in the socket would reset the connection before the response was read.
        socket.socket.shutdown(sock, socket.SHUT_WR)
        while time.monotonic() < deadline:
            receive(sock, deadline)
    except (OSError, Gone):
        return
