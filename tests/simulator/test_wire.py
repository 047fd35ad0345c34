"""The websocket from jambonz to the application."""

from __future__ import annotations

import base64
import contextlib
import queue
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from websockets.frames import Frame, Opcode
from websockets.sync.server import ServerConnection, serve
from websockets.typing import Subprotocol
from websockets.utils import accept_key

from jambonz_sync.exceptions import JambonzError
from jambonz_sync.simulator import CannotConnect, SimulatedCall
from jambonz_sync.simulator.wire import LARGEST_MESSAGE, Wire, any_arrives

CONTROL = Subprotocol("ws.jambonz.org")


@contextlib.contextmanager
def serving(handle: Callable[[ServerConnection], Any], **options: Any) -> Iterator[str]:
    """Serve websockets; yield the address."""
    with serve(handle, "127.0.0.1", 0, **{"subprotocols": [CONTROL], **options}) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
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


# The handshake


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


@pytest.mark.parametrize("url", ["wss://127.0.0.1/x", "http://127.0.0.1", "ws:///x", "echo"])
def test_addresses(url):
    """Only ws addresses can be called."""
    with pytest.raises(ValueError, match="the simulator calls addresses such as"):
        Wire(url)


# Messages


def test_messages_that_arrive_together():
    """One read returns all that arrived together."""

    def handle(ws: ServerConnection) -> None:
        ws.recv()
        with ws.protocol_mutex:
            for text in ("one", "two"):
                ws.protocol.send_text(text.encode())
            ws.socket.sendall(b"".join(ws.protocol.data_to_send()))
        ws.recv()

    with serving(handle) as url:
        wire = Wire(url)
        wire.send("go")
        assert messages(wire) == ["one", "two"]
        wire.send("bye")
        wire.close(1000)


def test_message_with_the_handshake():
    """What arrives in one segment with the handshake is read."""

    def handle(connection: socket.socket) -> None:
        accept(connection, b"\x81\x02hi")
        connection.recv(4096)

    with serving_tcp(handle) as url:
        wire = Wire(url)
        assert messages(wire) == ["hi"]
        wire.close(1000)


def test_close_with_the_handshake():
    """So is a close."""

    def handle(connection: socket.socket) -> None:
        accept(connection, b"\x88\x02\x03\xe9")
        connection.recv(4096)

    with serving_tcp(handle) as url:
        wire = Wire(url)
        assert messages(wire) == []
        assert wire.closed.code == 1001


@pytest.mark.parametrize(("parts", "whole"), [(["a", "b", "é"], "abé"), ([b"a", b"b"], b"ab")])
def test_fragments(parts, whole):
    """A message in several frames is put together."""
    with serving(lambda ws: (ws.send(parts), ws.recv())) as url:
        wire = Wire(url)
        assert messages(wire) == [whole]
        wire.send("bye")
        wire.close(1000)


def test_ping():
    """Pings are answered."""
    answered = []

    def handle(ws: ServerConnection) -> None:
        answered.append(ws.ping())
        ws.send("after the ping")
        ws.recv()

    with serving(handle) as url:
        wire = Wire(url)
        assert messages(wire) == ["after the ping"]
        assert answered[0].wait(10)
        wire.send("bye")
        wire.close(1000)


@pytest.mark.parametrize("parts", ["x" * (LARGEST_MESSAGE + 1), ["x" * LARGEST_MESSAGE, "x"], "é" * 12_289])
def test_too_long(parts):
    """One byte too many closes with 1009, in however many frames."""
    codes: queue.Queue[int | None] = queue.Queue()

    def handle(ws: ServerConnection) -> None:
        ws.send(parts)
        with contextlib.suppress(Exception):
            ws.recv()
        codes.put(ws.close_code)

    with serving(handle) as url:
        wire = Wire(url)
        assert messages(wire) == []
        assert (wire.closed.code, wire.closed.by_application) == (1009, False)
    assert codes.get(timeout=10) == 1009


# The end


@pytest.mark.parametrize(("code", "reason"), [(1000, ""), (1001, "restart"), (4000, "ours")])
def test_application_closes(code, reason):
    """The code and the reason of the application's close are kept, and it is answered."""
    with serving(lambda ws: ws.close(code, reason)) as url:
        wire = Wire(url)
        assert messages(wire) == []
        assert wire.closed == (code, reason, True)
        assert wire.read() == []
        wire.send("nobody hears that")
        wire.close(1000)
        assert wire.closed.code == code


def test_application_closes_without_code():
    """A close without a code is seen as 1005."""

    def handle(ws: ServerConnection) -> None:
        ws.socket.sendall(Frame(Opcode.CLOSE, b"").serialize(mask=False))
        with contextlib.suppress(Exception):
            ws.recv()

    with serving(handle) as url:
        wire = Wire(url)
        messages(wire)
        assert wire.closed.code == 1005


def test_application_drops():
    """A broken connection is 1006."""
    with serving(lambda ws: ws.socket.shutdown(socket.SHUT_RDWR)) as url:
        wire = Wire(url)
        messages(wire)
        assert wire.closed.code == 1006


def test_bad_frame():
    """A frame that breaks the rules closes with 1002."""

    def handle(ws: ServerConnection) -> None:
        ws.socket.sendall(b"\xff\x00")
        with contextlib.suppress(Exception):
            ws.recv()

    with serving(handle) as url:
        wire = Wire(url)
        messages(wire)
        assert (wire.closed.code, wire.closed.by_application) == (1002, False)


def test_peer_that_does_not_close(monkeypatch):
    """A peer that does not answer a close is left after a while."""
    monkeypatch.setattr("jambonz_sync.simulator.wire._CLOSE_SECONDS", 0.1)
    release = threading.Event()

    def handle(connection: socket.socket) -> None:
        accept(connection)
        release.wait(10)

    with serving_tcp(handle) as url:
        wire = Wire(url)
        wire.close(1001, "going")
        release.set()
    assert wire.closed == (1001, "going", False)


@pytest.mark.parametrize("reset", [True, False])
def test_write_to_a_peer_that_has_gone(reset):
    """Writing to a broken connection ends it, without an error."""
    release = threading.Event()

    def handle(connection: socket.socket) -> None:
        accept(connection)
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
        release.set()

    with serving_tcp(handle) as url:
        wire = Wire(url)
        assert release.wait(10)
        while wire.closed is None:
            wire.send("x" * 100_000)
            wire.read()
        assert wire.closed.code == 1006


def test_abort():
    """A connection that is dropped is over, whatever is done with it then."""
    with serving(echo) as url:
        wire = Wire(url)
        wire.abort()
        wire.abort()
        wire.send("nothing")
        assert wire.closed.code == 1006


def test_several_connections():
    """Of several connections any may have something; without any, time passes."""
    assert not any_arrives([], 0.001)
    with serving(echo) as url:
        first, second = Wire(url), Wire(url)
        assert not any_arrives([first, second], 0.03)
        for wire in (first, second):
            wire.send("hello")
            assert any_arrives([first, second], 10)
            assert wire.wait(0)
            assert wire.read() == ["hello"]
        first.close(1000)
        second.close(1000)
