"""A websocket connection made by hand."""

from __future__ import annotations

import base64
import contextlib
import os
import socket
import struct
from typing import Any

from typing_extensions import Self

__all__ = ["CLOSE", "PING", "TEXT", "RawSocket"]

#: First bytes of whole frames.
TEXT, PING, CLOSE = 0x81, 0x89, 0x88


class RawSocket:
    """A websocket connection made by hand, for frames that no library would send."""

    def __init__(self, url: str) -> None:
        host, _, port = url.rpartition("//")[2].rpartition(":")
        self.sock = socket.create_connection((host, int(port)), timeout=10)
        key = base64.b64encode(os.urandom(16)).decode()
        self.sock.sendall(
            f"GET /app HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: ws.jambonz.org\r\n\r\n".encode()
        )
        self.file = self.sock.makefile("rb")
        assert b" 101 " in self.file.readline()
        while self.file.readline().strip():
            pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: Any) -> None:
        self.file.close()
        self.sock.close()

    def send(self, first: int, payload: bytes = b"", *, length: int | None = None, mask: bool = True) -> None:
        """Send a frame that begins with the byte ``first``, and pretends to have ``length`` bytes."""
        size = len(payload) if length is None else length
        bit = 0x80 if mask else 0
        if size < 126:
            head = struct.pack("!BB", first, bit | size)
        elif size < 65_536:
            head = struct.pack("!BBH", first, bit | 126, size)
        else:
            head = struct.pack("!BBQ", first, bit | 127, size)
        # A mask of zeros changes nothing. The server may close before it has read all.
        with contextlib.suppress(OSError):
            self.sock.sendall(head + (bytes(4) if mask else b"") + payload)

    def expect_close(self) -> int:
        """Read until the close frame; return its code."""
        while True:
            first, size = self.file.read(2)
            if size == 126:
                (size,) = struct.unpack("!H", self.file.read(2))
            payload = self.file.read(size)
            if first & 0x0F == 8:
                return int(struct.unpack("!H", payload[:2])[0])
