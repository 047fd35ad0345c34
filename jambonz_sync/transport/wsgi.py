"""Holding a websocket inside a WSGI server: its socket, and an end that the server takes without complaint.

PEP 3333 knows no websockets. What is done here is what the servers allow all the same:

* gunicorn's ``gthread`` and ``gevent`` workers put the connection into the environ, under ``gunicorn.socket``. A
  response that raises :exc:`StopIteration` when it is iterated makes them close the connection, write nothing on it
  and log no error; the access log shows the status that was given to ``start_response``.
* Werkzeug's server puts it under ``werkzeug.socket``, insists on writing the head of some response, and takes it well
  that the connection is gone by then.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from .http_reply import Reply

__all__ = ["UnfitServer", "answer", "ended", "socket_of"]


class UnfitServer(Exception):
    """The server cannot hold websockets. The text says what can."""


_FIT = (
    "run gunicorn with `-k gthread --threads N`, where N is the number of calls it may hold at once, "
    "or with `-k gevent`; or let the endpoint listen by itself, with endpoint.serve_forever()"
)


def socket_of(environ: Mapping[str, Any]) -> socket.socket:
    """Return the connection of a request. Raises :exc:`UnfitServer`."""
    server = environ.get("SERVER_SOFTWARE") or "this WSGI server"
    sock = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    if sock is None:
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
    start_response("101 Switching Protocols", [])
    return [] if "gunicorn.socket" not in environ else _Nothing()


class _Nothing:
    """The body of a response that is not to be written."""

    def __iter__(self) -> Iterator[bytes]:
        raise StopIteration
