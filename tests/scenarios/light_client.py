"""Hundreds of calls from one thread: a websocket client that costs next to nothing, and what drives many of them.

.. code-block:: python

    def story():
        sock = LightSocket(url)
        while not sock.is_open:
            yield 5.0, [sock]
        sock.send({"type": "session:new", ...})

    drive((story() for _ in range(500)), at_once=200)
"""

from __future__ import annotations

import base64
import collections
import contextlib
import json
import os
import selectors
import socket
import struct
import time
from collections.abc import Generator, Iterable
from typing import Any

__all__ = ["LightSocket", "Story", "drive", "whole_frames"]

#: It yields how many seconds it waits at the most, and the sockets of which anything may end the wait.
Story = Generator[tuple[float, list["LightSocket"]], None, None]

_TEXT, _CLOSE = 0x81, 0x88


def whole_frames(data: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """Split what a server has sent into frames, each with its first byte, and what is left over."""
    frames = []
    while len(data) >= 2:
        size, start = data[1], 2
        if size == 126:
            size, start = int.from_bytes(data[2:4], "big"), 4
        assert size != 127, "a frame that jambonz would refuse"
        if len(data) < start + size:
            break
        frames.append((data[0], data[start : start + size]))
        data = data[start + size :]
    return frames, data


class LightSocket:
    """A connection as jambonz opens it, which never blocks. ``receive_buffer``: its size in bytes, if not the usual."""

    def __init__(self, url: str, *, receive_buffer: int | None = None) -> None:
        address, _, path = url.rpartition("//")[2].partition("/")
        host, _, port = address.rpartition(":")
        self.sock = socket.socket()
        if receive_buffer is not None:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.settimeout(10)
        self.sock.connect((host, int(port)))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        #: Whether the handshake is done; whether nothing more will come.
        self.is_open = self.is_over = False
        #: Messages that nobody has taken yet, and the code of the peer's close frame.
        self.messages: collections.deque[dict[str, Any]] = collections.deque()
        self.close_code: int | None = None
        self._data = b""
        key = base64.b64encode(os.urandom(16)).decode()
        self.sock.sendall(
            f"GET /{path} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: ws.jambonz.org\r\n\r\n".encode()
        )
        self.sock.setblocking(False)

    def read(self) -> None:
        """Take in what has come."""
        try:
            data = self.sock.recv(65_536)
        except BlockingIOError:
            return
        except ConnectionError:
            data = b""
        self.is_over = self.is_over or not data
        self._data += data
        if not self.is_open:
            head, found, rest = self._data.partition(b"\r\n\r\n")
            if not found:
                return
            assert b" 101 " in head.partition(b"\r\n")[0], head
            self.is_open, self._data = True, rest
        frames, self._data = whole_frames(self._data)
        for first, payload in frames:
            if first == _TEXT:
                self.messages.append(json.loads(payload))
            elif first == _CLOSE:
                self.close_code = int.from_bytes(payload[:2], "big")

    def send(self, message: dict[str, Any]) -> None:
        """Send a message."""
        self._send(_TEXT, json.dumps(message).encode())

    def _send(self, first: int, payload: bytes) -> None:
        size = len(payload)
        head = struct.pack("!BB", first, 0x80 | size) if size < 126 else struct.pack("!BBH", first, 0xFE, size)
        # A mask of zeros changes nothing.
        self.sock.sendall(head + bytes(4) + payload)

    def lose(self, way: str | int) -> None:
        """Lose the connection; what has come until its end can still be read, except after a ``"reset"``."""
        with contextlib.suppress(OSError):
            # What has been received is acknowledged now, and not up to 40 ms later: jambonz takes longer to come back.
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            if way == "reset":
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.sock.close()
                self.is_over = True
            elif way == "end":
                self.sock.shutdown(socket.SHUT_WR)
            elif isinstance(way, int):
                self._send(_CLOSE, struct.pack("!H", way))

    def close(self) -> None:
        """Give the descriptor back."""
        self.is_over = True
        self.sock.close()


def drive(stories: Iterable[Story], *, at_once: int) -> None:
    """Let the stories happen on this thread, so many at once. Raises what the first of them raises."""
    to_come = iter(stories)
    running: dict[Story, float] = {}
    watched: dict[Story, list[LightSocket]] = {}
    with selectors.DefaultSelector() as selector:

        def step(story: Story) -> None:
            for sock in watched.pop(story, ()):
                with contextlib.suppress(KeyError, ValueError):
                    selector.unregister(sock.sock)
            try:
                seconds, sockets = next(story)
            except StopIteration:
                running.pop(story, None)
                return
            running[story] = time.monotonic() + seconds
            watched[story] = [sock for sock in sockets if not sock.is_over]
            for sock in watched[story]:
                selector.register(sock.sock, selectors.EVENT_READ, (story, sock))

        while True:
            while len(running) < at_once:
                story = next(to_come, None)
                if story is None:
                    break
                step(story)
            if not running:
                return
            rest = max(min(running.values()) - time.monotonic(), 0)
            stirred: dict[Story, None] = {}
            for key, _ in selector.select(rest):
                story, sock = key.data
                sock.read()
                stirred[story] = None
            now = time.monotonic()
            stirred.update((story, None) for story, until in running.items() if until <= now)
            for story in stirred:
                step(story)
