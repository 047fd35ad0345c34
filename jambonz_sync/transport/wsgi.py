"""Holding a websocket inside a WSGI server: its socket, and an end that the server takes without complaint.

PEP 3333 knows no websockets. What is done here is what the servers allow all the same: gunicorn's ``gthread`` and
``gevent`` workers put the connection into the environ, under ``gunicorn.socket``, Werkzeug's server under
``werkzeug.socket``. All of them insist on writing the head of some response when the application returns, and take it
well, and silently, that the connection is gone by then; the access log shows the status that was given to
``start_response``. So the connection is shut before that. To raise :exc:`StopIteration` instead, as others do, works
only where no middleware iterates over the response.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .http_reply import Reply

__all__ = ["UnfitServer", "answer", "ended", "shut", "socket_of"]


class UnfitServer(Exception):
    """The server cannot hold websockets. The text says what can."""


_FIT = (
    "run gunicorn with `-k gthread --threads N`, where N is the number of calls it may hold at once, "
    "or with `-k gevent`; or let the endpoint listen by itself, with endpoint.serve_forever()"
)


def socket_of(environ: Mapping[str, Any]) -> socket.socket:
    """Return the connection of a request. Raises :exc:`UnfitServer`."""
    server = environ.get("SERVER_SOFTWARE") or "this WSGI server"
    sock = _connection(environ)
    if not isinstance(sock, socket.socket):
        raise UnfitServer(f"{server} does not let an application hold a websocket: {_FIT}")
    if not environ.get("wsgi.multithread"):
        raise UnfitServer(
            f"{server} handles one request at a time here, and would end a call for being slow: {_FIT}. "
            "Werkzeug's own server wants threaded=True"
        )
    connection: socket.socket = sock
    return connection


def answer(reply: Reply, environ: Mapping[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a request that brings no call."""
    start_response(reply.phrase, reply.all_headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [reply.body]


def ended(environ: Mapping[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """End a request whose connection was a websocket and is of no more use."""
    shut(environ)
    start_response("101 Switching Protocols", [])
    return []


def shut(environ: Mapping[str, Any]) -> None:
    """Let nobody write on the connection of a request any more; whoever tries is told that it is gone."""
    with contextlib.suppress(OSError):
        # SSLSocket's own, which ends TLS as well: what is written is a broken pipe then, and not a fault of TLS, which
        # gunicorn would complain of. In clear text nothing can be written either.
        _connection(environ).shutdown(socket.SHUT_RDWR)


def _connection(environ: Mapping[str, Any]) -> Any:
    return environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
