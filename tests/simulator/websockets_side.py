"""Servers on this machine that are no applications: websockets, and plain TCP."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Any

import trustme
from websockets.sync.server import ServerConnection, serve
from websockets.typing import Subprotocol
from websockets.utils import accept_key

from jambonz_sync.simulator.wire import Wire

__all__ = ["accept", "authority", "echo", "messages", "serving", "serving_tcp"]

CONTROL = Subprotocol("ws.jambonz.org")


@contextlib.contextmanager
def serving(handle: Callable[[ServerConnection], Any], **options: Any) -> Iterator[str]:
    """Serve websockets; yield the address."""
    with serve(handle, "127.0.0.1", 0, **{"subprotocols": [CONTROL], **options}) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        scheme = "wss" if "ssl" in options else "ws"
        try:
            yield f"{scheme}://127.0.0.1:{server.socket.getsockname()[1]}"
        finally:
            server.shutdown()
            thread.join(10)


@contextlib.contextmanager
def serving_tcp(handle: Callable[[socket.socket], Any]) -> Iterator[str]:
    """Serve one plain connection; yield the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)

        def accept() -> None:
            connection, _ = listener.accept()
            with connection:
                handle(connection)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield f"ws://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            thread.join(10)


def echo(ws: ServerConnection) -> None:
    """Send back what comes."""
    for message in ws:
        ws.send(message)


def accept(connection: socket.socket, more: bytes = b"") -> None:
    """Do the handshake by hand."""
    request = connection.recv(4096).decode()
    key = next(line.split(": ")[1] for line in request.splitlines() if line.lower().startswith("sec-websocket-key"))
    head = (
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Accept: {accept_key(key)}",
        "Sec-WebSocket-Protocol: ws.jambonz.org",
        "\r\n",
    )
    connection.sendall("\r\n".join(head).encode() + more)


def messages(wire: Wire) -> list[str | bytes]:
    """Wait until there are messages, or the end."""
    while wire.wait(10):
        found = wire.read()
        if found or wire.closed:
            return found
    raise AssertionError("nothing came")


def authority() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return how TLS is spoken by a server on 127.0.0.1, and by those who trust it."""
    ca = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(server)
    client = ssl.create_default_context()
    ca.configure_trust(client)
    return server, client
