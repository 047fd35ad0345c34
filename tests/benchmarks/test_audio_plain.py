"""The least that a server can do."""

from __future__ import annotations

import socket
import struct
import sys

import pytest

if not sys.platform.startswith("linux"):
    pytest.skip("it needs epoll and the CPU clocks of Linux", allow_module_level=True)

from benchmarks.audio_servers import PLAIN, EchoServer, commands


def test_connections() -> None:
    """Each is answered once, then has its bytes back; one that has broken off is no matter to others."""
    with EchoServer(commands()[PLAIN]) as server:
        first, second = (socket.create_connection(("127.0.0.1", server.port), 10.0) for _ in range(2))
        with first, second:
            for sock in (first, second):
                sock.sendall(b"GET")
                assert sock.recv(1000).startswith(b"HTTP/1.1 101 ")
            # The end of such a connection is a reset, not an orderly end.
            first.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            first.close()
            for said in (b"there", b"and back"):
                second.sendall(said)
                assert second.recv(1000) == said
