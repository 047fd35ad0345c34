"""The bytes under a websocket."""

from __future__ import annotations

import os
import socket
import threading

import pytest

from jambonz_sync.simulator.byte_stream import ByteStream

from .websockets_side import authority


def test_nothing_is_held_back():
    """A message is not kept until the one before has been acknowledged, which may take 40 ms."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        stream = ByteStream.connect(*server.getsockname(), tls=None, timeout=10)
        with socket.socket(fileno=os.dup(stream.fileno())) as sock:
            assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
        stream.close()


def test_nothing_yet():
    """What has not come is told apart from the end."""
    ours, theirs = socket.socketpair()
    with theirs:
        stream = ByteStream(ours)
        assert not stream.wait(0)
        assert stream.receive() is None
        theirs.send(b"hello")
        assert stream.wait(10)
        assert stream.receive() == b"hello"
    assert stream.wait(10)
    assert stream.receive() == b""
    stream.close()


def test_more_than_the_peer_takes_at_once():
    """All of it is sent, however slowly it is read."""
    ours, theirs = socket.socketpair()
    stream = ByteStream(ours)
    received = bytearray()

    def read() -> None:
        while data := theirs.recv(65_536):
            received.extend(data)

    reader = threading.Thread(target=read)
    reader.start()
    stream.send(b"x" * 3_000_000)
    stream.close()
    reader.join(30)
    theirs.close()
    assert len(received) == 3_000_000


def test_peer_that_does_not_read(monkeypatch):
    """A peer that takes nothing is given up."""
    monkeypatch.setattr("jambonz_sync.simulator.byte_stream._SEND_SECONDS", 0.05)
    ours, theirs = socket.socketpair()
    stream = ByteStream(ours)
    with theirs, pytest.raises(TimeoutError, match="does not read"):
        stream.send(b"x" * 30_000_000)
    stream.close()


def test_whether_it_takes_more():
    """Of a peer that does not read it is known before something is sent."""
    ours, theirs = socket.socketpair()
    stream = ByteStream(ours)
    assert stream.takes_more
    sent = 0
    while stream.takes_more:
        stream.send(b"x" * 640)
        sent += 640
    with theirs:
        while sent:
            sent -= len(theirs.recv(65_536))
        assert stream.takes_more
    stream.close()


def test_decrypted_bytes(monkeypatch):
    """Bytes that TLS has decrypted already are noticed, though the socket has none."""
    monkeypatch.setattr("jambonz_sync.simulator.byte_stream._CHUNK", 1000)
    server, client = authority()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with server.wrap_socket(connection, server_side=True) as secure:
                secure.sendall(b"y" * 16_000)
                secure.recv(1)

        peer = threading.Thread(target=answer)
        peer.start()
        stream = ByteStream.connect("127.0.0.1", listener.getsockname()[1], tls=client, timeout=10)
        received = 0
        while received < 16_000:
            assert stream.wait(10)
            received += len(stream.receive() or b"")
        stream.send(b"!")
        peer.join(10)
        stream.drain(10)
        stream.close()
    assert received == 16_000
