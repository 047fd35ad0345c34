"""The websocket from jambonz to the application."""

from __future__ import annotations

import contextlib
import queue
import socket
import ssl
import struct
import threading

import pytest
from websockets.frames import Frame, Opcode
from websockets.sync.server import ServerConnection

from jambonz_sync.simulator.connection import CannotConnect
from jambonz_sync.simulator.wire import LARGEST_MESSAGE, Wire

from .websockets_side import accept, authority, echo, messages, serving, serving_tcp

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


# TLS


def test_tls():
    """A wss address is spoken to by TLS, with messages longer than its records, and closed in order."""
    server, client = authority()
    with serving(echo, ssl=server, compression=None) as url:
        wire = Wire(url, tls=client)
        for text in ("hello", "x" * LARGEST_MESSAGE, "bye"):
            wire.send(text)
            assert read_whole(wire) == [text]
        wire.close(1000)
    assert wire.closed == (1000, "", False)


def read_whole(wire: Wire) -> list[str | bytes]:
    """Wait until there is a message; much that looks like something to read under TLS is none."""
    while True:
        assert wire.wait(10)
        found = wire.read()
        if found or wire.closed:
            return found


def test_certificate_that_nobody_vouches_for():
    """By default a certificate is verified, and the error says what is wrong with it."""
    server, _ = authority()
    with (
        serving(echo, ssl=server) as url,
        pytest.raises(CannotConnect, match="is not to be trusted: unable to get local issuer") as raised,
    ):
        Wire(url)
    assert (raised.value.untrusted, raised.value.unreachable) == (True, False)


def test_certificate_that_is_not_looked_at():
    """It may be left unverified."""
    server, _ = authority()
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with serving(echo, ssl=server) as url:
        wire = Wire(url, tls=context)
        wire.send("hello")
        assert read_whole(wire) == ["hello"]
        wire.close(1000)


def test_no_tls():
    """A server that does not speak TLS is told apart from one that is not there."""
    with serving(echo) as url, pytest.raises(CannotConnect, match="does not speak TLS") as raised:
        Wire(url.replace("ws://", "wss://"))
    assert not raised.value.unreachable


def test_silence_instead_of_tls():
    """A server that says nothing is given up in time."""
    release = threading.Event()
    with serving_tcp(lambda connection: release.wait(10)) as url:
        with pytest.raises(CannotConnect, match="nothing answers at"):
            Wire(url.replace("ws://", "wss://"), handshake_timeout=0.1)
        release.set()
