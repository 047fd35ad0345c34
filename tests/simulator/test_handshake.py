"""The handshake of jambonz with an application."""

from __future__ import annotations

import base64
import queue
import socket
import threading
from typing import Any

import pytest
from websockets.sync.server import ServerConnection

from jambonz_sync.exceptions import JambonzError
from jambonz_sync.simulator import CannotConnect, SimulatedCall
from jambonz_sync.simulator.handshake import Address
from jambonz_sync.simulator.wire import Wire

from .websockets_side import echo, messages, serving, serving_tcp


def test_handshake():
    """jambonz asks for the exact path and query, with its subprotocol, its name and Basic authorization."""
    seen = []

    def handle(ws: ServerConnection) -> None:
        seen.append((ws.request.path, dict(ws.request.headers.raw_items())))
        echo(ws)

    with serving(handle) as url:
        wire = Wire(url.replace("ws://", "ws://me:s%20t@") + "/a/b?c=d#rc=3")
        wire.send("hello")
        assert messages(wire) == ["hello"]
        wire.close(1000)
    ((path, headers),) = seen
    assert path == "/a/b?c=d"
    assert headers["Sec-WebSocket-Protocol"] == "ws.jambonz.org"
    assert headers["User-Agent"] == "jambonz"
    assert base64.b64decode(headers["Authorization"].removeprefix("Basic ")) == b"me:s t"
    assert headers["Sec-WebSocket-Extensions"].startswith("permessage-deflate")


def test_no_authorization():
    """Without a user and a password no authorization is sent; without a path the root is asked for."""
    seen: queue.Queue[Any] = queue.Queue()
    with serving(lambda ws: seen.put(ws.request)) as url:
        Wire(url).close(1000)
        request = seen.get(timeout=10)
    assert request.path == "/"
    assert "Authorization" not in request.headers


@pytest.mark.parametrize("options", [{"compression": "deflate"}, {"compression": None}])
def test_compression(options):
    """The application may accept the compression or ignore it."""
    with serving(echo, **options) as url:
        wire = Wire(url)
        wire.send("é" * 5000)
        assert messages(wire) == ["é" * 5000]
        wire.close(1000)


def test_no_subprotocol():
    """An application that does not select the subprotocol is refused, as by jambonz."""
    with (
        serving(echo, subprotocols=None, select_subprotocol=None) as url,
        pytest.raises(CannotConnect, match="Server sent no subprotocol"),
    ):
        Wire(url)


def test_http_answer():
    """The HTTP status and the text of a refusal are told."""
    with (
        serving(echo, process_request=lambda ws, request: ws.respond(404, "no such path\n")) as url,
        pytest.raises(CannotConnect, match="answered with HTTP 404: no such path") as raised,
    ):
        Wire(url + "/nowhere")
    assert (raised.value.unreachable, raised.value.http_status) == (False, 404)


def test_nothing_listens():
    """Where nothing listens the error asks whether the application is running; it is one of the library's own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(CannotConnect, match="is the application running") as raised:
        SimulatedCall(f"ws://127.0.0.1:{port}#rp=5xx").run()
    assert (raised.value.unreachable, raised.value.http_status) == (True, None)
    assert issubclass(CannotConnect, JambonzError)


@pytest.mark.parametrize(
    ("answer", "text"),
    [(b"", "closed the connection during the handshake"), (b"SMTP ready\r\n\r\n", "no websocket server")],
)
def test_other_servers(answer, text):
    """A server that speaks something else, or hangs up, is told apart."""

    def handle(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(answer)

    with serving_tcp(handle) as url, pytest.raises(CannotConnect, match=text):
        Wire(url)


def test_silent_server():
    """A server that says nothing is given up after the handshake timeout."""
    release = threading.Event()
    with serving_tcp(lambda connection: release.wait(10)) as url:
        with pytest.raises(CannotConnect, match="no handshake came in time"):
            Wire(url, handshake_timeout=0.1)
        release.set()


@pytest.mark.parametrize("url", ["http://127.0.0.1", "ws:///x", "echo", "wss:127.0.0.1"])
def test_addresses(url):
    """Only ws and wss addresses can be called."""
    with pytest.raises(ValueError, match="the simulator calls addresses such as"):
        Wire(url)


@pytest.mark.parametrize(
    ("url", "host", "port", "authority", "target"),
    [
        ("ws://example.com", "example.com", 80, "example.com", "/"),
        ("wss://example.com/a?b=c#rc=1", "example.com", 443, "example.com", "/a?b=c"),
        ("ws://me:secret@[::1]:3000/x", "::1", 3000, "[::1]:3000", "/x"),
    ],
)
def test_parts_of_an_address(url, host, port, authority, target):
    """An address says where to connect, and what to ask for."""
    address = Address(url)
    assert (address.host, address.port, address.authority, address.target) == (host, port, authority, target)
    assert address.secure is url.startswith("wss")


def test_secrets_of_an_address():
    """What it is called in errors has no user and no password."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(CannotConnect) as raised:
        Wire(f"ws://me:secret@127.0.0.1:{port}/x")
    assert f"ws://127.0.0.1:{port}/x" in str(raised.value)
    assert "secret" not in str(raised.value)
