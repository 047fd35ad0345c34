"""The least that a server can do for the streams of :mod:`.audio`: it sends back the bytes that come, as they come.

It knows no websocket: what it sends first lets the caller believe in one, and frames come back with their masks on.
What it takes nevertheless is what the system takes, and the caller itself.

::

    $ PORT=3000 python -m benchmarks.audio_plain
"""

from __future__ import annotations

import os
import select
import socket

__all__ = ["main"]

_HEAD = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


def main() -> None:
    """Listen until it is killed."""
    listener = socket.create_server(("127.0.0.1", int(os.environ.get("PORT", "3000"))), backlog=1024)
    poll = select.epoll()
    poll.register(listener, select.EPOLLIN)
    connections: dict[int, socket.socket] = {}
    new: set[int] = set()
    while True:
        for number, _ in poll.poll():
            if number == listener.fileno():
                sock = listener.accept()[0]
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connections[sock.fileno()] = sock
                new.add(sock.fileno())
                poll.register(sock, select.EPOLLIN)
                continue
            data = _received(connections[number])
            if not data:
                poll.unregister(number)
                new.discard(number)
                connections.pop(number).close()
                continue
            if number in new:
                # The caller says nothing more before it is answered.
                new.discard(number)
                data = _HEAD
            connections[number].sendall(data)


def _received(sock: socket.socket) -> bytes:
    try:
        return sock.recv(65_536)
    except ConnectionError:
        return b""


if __name__ == "__main__":
    main()
