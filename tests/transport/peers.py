"""The other end of a websocket, byte by byte, and what the tests of links need besides."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import trustme
from typing_extensions import Self

from jambonz_sync.transport.framing import Framing
from jambonz_sync.transport.link import Link

__all__ = [
    "BINARY",
    "CLOSE",
    "CONTINUATION",
    "PING",
    "PONG",
    "SUBPROTOCOL",
    "TEXT",
    "TIMEOUT",
    "Background",
    "Frame",
    "Peer",
    "Recorder",
    "Tls",
    "close_frame",
    "connected",
    "eventually",
    "frame",
    "frames_of",
    "loopback_pair",
    "made_link",
    "upgrade_environ",
    "upgrade_request",
]

#: Seconds after which a test fails instead of waiting; nothing takes nearly as long.
TIMEOUT = 20.0

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA

SUBPROTOCOL = "ws.jambonz.org"


# The handshake


def upgrade_environ(**more: Any) -> dict[str, Any]:
    """The environ of an upgrade request as jambonz makes it; keys given as ``None`` are left out."""
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/",
        "HTTP_HOST": "127.0.0.1:3000",
        "HTTP_UPGRADE": "websocket",
        "HTTP_CONNECTION": "Upgrade",
        "HTTP_SEC_WEBSOCKET_KEY": "dGhlIHNhbXBsZSBub25jZQ==",
        "HTTP_SEC_WEBSOCKET_VERSION": "13",
        "HTTP_SEC_WEBSOCKET_PROTOCOL": SUBPROTOCOL,
        **more,
    }
    return {key: value for key, value in environ.items() if value is not None}


def upgrade_request(path: str = "/", *, method: str = "GET", **headers: str | None) -> bytes:
    """The bytes of an upgrade request as jambonz makes it; headers given as ``None`` are left out."""
    fields = {
        "Host": "127.0.0.1",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Protocol": SUBPROTOCOL,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode("latin-1")


# Frames


class Frame(NamedTuple):
    """A frame as the server sent it."""

    opcode: int
    payload: bytes = b""
    fin: bool = True
    rsv: int = 0

    @property
    def close_code(self) -> int:
        """The code of a close frame; 1005 if it has none."""
        assert self.opcode == CLOSE, f"{self} is no close frame"
        return int(struct.unpack("!H", self.payload[:2])[0]) if self.payload else 1005


def frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, mask: bytes | None = b"\x37\xfa\x21\x3d"
) -> bytes:
    """A client's frame, masked unless ``mask`` is ``None``."""
    size = len(payload)
    masked = 0 if mask is None else 0x80
    head = bytes([fin << 7 | rsv << 4 | opcode])
    if size < 126:
        head += bytes([masked | size])
    elif size < 65_536:
        head += bytes([masked | 126]) + struct.pack("!H", size)
    else:
        head += bytes([masked | 127]) + struct.pack("!Q", size)
    if mask is None:
        return head + payload
    key = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
    return head + mask + (int.from_bytes(payload, "big") ^ key).to_bytes(size, "big")


def close_frame(code: int | None = 1000, reason: str = "", **options: Any) -> bytes:
    """A client's close frame."""
    return frame(CLOSE, b"" if code is None else struct.pack("!H", code) + reason.encode(), **options)


def _parse(data: bytes) -> tuple[Frame, int] | None:
    """The first server's frame of ``data`` and how many bytes it has; ``None`` if it is not all there."""
    if len(data) < 2:
        return None
    size, start = data[1], 2
    assert size < 128, "a server does not mask"
    if size == 126:
        size, start = int.from_bytes(data[2:4], "big"), 4
    elif size == 127:
        size, start = int.from_bytes(data[2:10], "big"), 10
    if len(data) < start + size:
        return None
    payload = bytes(data[start : start + size])
    return Frame(data[0] & 15, payload, bool(data[0] & 0x80), data[0] >> 4 & 7), start + size


def frames_of(data: bytes | bytearray) -> list[Frame]:
    """All frames of what a server has written; nothing may be left over."""
    frames = []
    rest = bytes(data)
    while rest:
        parsed = _parse(rest)
        assert parsed is not None, f"half a frame: {rest[:40]!r}"
        frames.append(parsed[0])
        rest = rest[parsed[1] :]
    return frames


class Peer:
    """The client's end of a connection, on a blocking socket."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.sock.settimeout(TIMEOUT)
        self._buffer = bytearray()

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.sock.sendall(data)

    def send_text(self, text: str) -> None:
        """Send a message."""
        self.send(frame(TEXT, text.encode()))

    def _fill(self, size: int = 65_536) -> bool:
        data = self.sock.recv(size)
        self._buffer += data
        return bool(data)

    def head(self) -> str:
        """Read the head of an HTTP response."""
        while b"\r\n\r\n" not in self._buffer:
            assert self._fill(), f"the connection ended after {bytes(self._buffer)!r}"
        head, _, rest = self._buffer.partition(b"\r\n\r\n")
        self._buffer[:] = rest
        return head.decode("latin-1")

    def frame(self) -> Frame:
        """Read the next frame."""
        while (parsed := _parse(self._buffer)) is None:
            assert self._fill(), "the connection ended before a frame"
        del self._buffer[: parsed[1]]
        return parsed[0]

    def text(self) -> str:
        """Read the next frame, a text message."""
        received = self.frame()
        assert (received.opcode, received.fin) == (TEXT, True), received
        return received.payload.decode()

    def rest(self) -> bytes:
        """Read up to the end of the stream. A reset is an error."""
        while self._fill():
            pass
        rest = bytes(self._buffer)
        self._buffer.clear()
        return rest

    def close(self) -> None:
        """Close the socket."""
        self.sock.close()


# Sockets


def loopback_pair() -> tuple[socket.socket, socket.socket]:
    """Two ends of a TCP connection: the accepting one, and the connecting one."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        theirs = socket.create_connection(listener.getsockname(), timeout=TIMEOUT)
        ours, _ = listener.accept()
    return ours, theirs


class Tls:
    """A certificate for 127.0.0.1, a server's context that shows it and a client's that trusts it."""

    def __init__(self) -> None:
        authority = trustme.CA()
        certificate = authority.issue_cert("127.0.0.1")
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(self.server)
        # Clients that read on one thread and write on another must not find a session ticket while they write: OpenSSL
        # does not lock, and nor does Python before 3.13.
        self.server.num_tickets = 0
        self.client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        authority.configure_trust(self.client)

    def pair(self, context: ssl.SSLContext | None = None) -> tuple[ssl.SSLSocket, ssl.SSLSocket]:
        """Two ends of a TLS connection: the server's, and the client's."""
        ours, theirs = loopback_pair()
        accepting = Background(lambda: self.server.wrap_socket(ours, server_side=True))
        client = (context or self.client).wrap_socket(theirs, server_hostname="127.0.0.1")
        return accepting.result(), client


# Links


class Recorder:
    """The user of a link: keeps what it is told, and lets a test wait for it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.changed = threading.Condition(self.lock)
        self.messages: list[str | bytes] = []
        #: The thread on which each message came.
        self.readers: list[threading.Thread] = []
        self.losses: list[tuple[int, str]] = []
        self.due_at = float("inf")
        self.ticks = 0
        self.reports = 0

    def message(self, message: str | bytes) -> None:
        assert self.lock.locked()
        self.messages.append(message)
        self.readers.append(threading.current_thread())
        self.changed.notify_all()

    def lost(self, code: int, reason: str) -> None:
        assert self.lock.locked()
        self.losses.append((code, reason))
        self.changed.notify_all()

    def due(self) -> float:
        return self.due_at

    def tick(self) -> None:
        assert self.lock.locked()
        self.ticks += 1
        self.due_at = float("inf")
        self.changed.notify_all()

    def report(self) -> None:
        self.reports += 1

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Block the test until ``condition()``, looked at under the lock, after whatever the link tells."""
        with self.changed:
            assert self.changed.wait_for(condition, TIMEOUT), f"in vain: {self.messages[-3:]}, {self.losses}"

    def wait_for_messages(self, count: int) -> None:
        """Block the test until so many messages have come."""
        self.wait_until(lambda: len(self.messages) >= count)

    def wait_for_loss(self) -> tuple[int, str]:
        """Block the test until the connection is over; return how it was lost."""
        self.wait_until(lambda: bool(self.losses))
        assert len(self.losses) == 1
        return self.losses[0]


class Connected(NamedTuple):
    """A link, its user and the peer."""

    link: Link
    user: Recorder
    peer: Peer

    def send(self, message: str | bytes) -> None:
        """Send a message, as the link's user does."""
        with self.user.lock:
            self.link.send(message)

    def close(self, code: int, reason: str = "") -> None:
        """Begin to close, as the link's user does."""
        with self.user.lock:
            self.link.close(code, reason)

    def wait_for_messages(self, count: int) -> Background[bool]:
        """Have an owner wait for so many messages, or for the end."""
        user = self.user
        return Background(lambda: self.link.wait(lambda: len(user.messages) >= count or bool(user.losses)))


def made_link(sock: socket.socket, user: Recorder, *, max_message_size: int = 1024 * 1024, **options: Any) -> Link:
    """A link whose handshake answer is still to be sent."""
    framing = Framing(upgrade_environ(), [SUBPROTOCOL], max_message_size=max_message_size)
    return Link(sock, framing, user, user.lock, **options)


@contextlib.contextmanager
def connected(pair: tuple[socket.socket, socket.socket] | None = None, **options: Any) -> Iterator[Connected]:
    """An open link whose peer has read the handshake; ended and closed at the end of the block."""
    ours, theirs = loopback_pair() if pair is None else pair
    user = options.pop("user", None) or Recorder()
    link = made_link(ours, user, **options)
    peer = Peer(theirs)
    with link.lock:
        link.open()
    try:
        assert peer.head().startswith("HTTP/1.1 101 ")
        yield Connected(link, user, peer)
    finally:
        link.abandon()
        finishing = Background(link.finish)
        finishing.result()
        ours.close()
        peer.close()


# Threads


class Background(threading.Thread):
    """A function on a thread of its own, whose result is asked for."""

    def __class_getitem__(cls, item: Any) -> type[Self]:
        return cls

    def __init__(self, function: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self._function = function
        self._result: Any = None
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._result = self._function()
        except BaseException as error:  # noqa: BLE001 - raised again where the result is asked for
            self._error = error

    def result(self) -> Any:
        """Wait for the function to return, and return what it did; raise what it raised."""
        self.join(TIMEOUT)
        assert not self.is_alive(), "the thread does not return"
        if self._error is not None:
            raise self._error
        return self._result


def eventually(condition: Callable[[], object]) -> None:
    """Wait for what nothing announces."""
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.002)
