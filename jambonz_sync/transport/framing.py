"""RFC 6455 for one connection: bytes in, messages and bytes out. No socket and no thread.

simple-websocket does the handshake and brings the frame parser; its own reader thread and its blocking methods are
not used, since they write to the socket without a lock, ignore partial sends, and know no limits. What is used of it
beyond its documentation stands in this file only (and, for websockets that are no calls, in ``foreign``):

* the key ``werkzeug.socket`` of the environ, under which it looks for the socket to write to;
* ``Server.ws``, of which only the connection of wsproto that frames and parses is kept: what has read the handshake has
  some kilobytes for each call, and nothing more to do.

Nearly all messages are in one frame, not compressed, and arrive in one piece. Those are read and written by
:mod:`.frames`, which takes a small part of the time. wsproto is given all others, each from its first byte to its last,
so it is between two frames whenever one is read here.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import simple_websocket
from wsproto.connection import Connection, ConnectionState
from wsproto.events import BytesMessage, CloseConnection, Ping, Pong, TextMessage
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from .frames import LONGEST_HEAD, extent, frame_of, message_at

__all__ = ["Closed", "Framing", "HandshakeRefused", "handshake_of"]

_HANDSHAKE_HEADERS = (
    "HTTP_HOST",
    "HTTP_UPGRADE",
    "HTTP_CONNECTION",
    "HTTP_SEC_WEBSOCKET_KEY",
    "HTTP_SEC_WEBSOCKET_VERSION",
    "HTTP_SEC_WEBSOCKET_PROTOCOL",
)
_EXTENSIONS = "HTTP_SEC_WEBSOCKET_EXTENSIONS"


class HandshakeRefused(Exception):
    """The request is no valid websocket handshake. The text says what is missing."""


class Closed(NamedTuple):
    """How the peer, or a fault of its frames, closed the connection: the code and the reason."""

    code: int
    reason: str


class _Sink:
    """Stands in for the socket during the handshake and keeps what is written to it."""

    def __init__(self) -> None:
        self.written = b""

    def send(self, data: bytes) -> int:
        self.written += data
        return len(data)


class _IdleThread:
    """Stands in for simple-websocket's reader thread: the link reads."""

    name = ""

    def __init__(self, target: Any) -> None:
        pass

    def start(self) -> None:
        pass


class _IdleEvent:
    """Stands in for the event by which that thread would wake a reader."""

    def set(self) -> None:
        pass

    def clear(self) -> None:
        pass

    def wait(self, timeout: float | None = None) -> bool:
        return False


def handshake_of(environ: Mapping[str, Any], *, deflate: bool) -> dict[str, str]:
    """Return what the websocket handshake needs of an environ; whatever else is in it is none of its business.

    Extensions are left out unless ``deflate`` is wanted, because simple-websocket accepts it whenever it is offered.
    """
    keys = (*_HANDSHAKE_HEADERS, _EXTENSIONS) if deflate else _HANDSHAKE_HEADERS
    return {key: environ[key] for key in keys if key in environ}


class Framing:
    """One websocket connection without its socket.

    ``environ`` is the WSGI environ of the upgrade request, ``subprotocols`` what may be selected, in any order.
    ``max_message_size`` is in bytes, counted after decompression; a longer message closes with 1009.
    ``deflate`` accepts permessage-deflate if the peer offers it: some 100 kB more memory for each connection.

    Raises :exc:`HandshakeRefused`.
    """

    def __init__(
        self,
        environ: Mapping[str, Any],
        subprotocols: Iterable[str] = (),
        *,
        max_message_size: int = 1024 * 1024,
        deflate: bool = False,
    ) -> None:
        self.max_message_size = max_message_size
        #: What of a text that is no UTF-8, as in ``bytes.decode``: ``"strict"`` makes it a fault in the frames.
        self.text_errors = "strict"
        #: Whether compression is accepted.
        self.deflate = deflate
        #: Bytes to be written to the socket, in order.
        self.out = bytearray()
        #: How the connection was closed, once it was. Nothing is read after that.
        self.closed: Closed | None = None
        #: Whether the peer has answered the last ping.
        self.pong_received = True
        self._parts: list[str | bytes] = []
        self._size = 0
        # Of the frame that wsproto reads: its head, as long as that is not all there, and then how much is to come.
        self._head = b""
        self._missing = 0
        server, sink = self._shake_hands(environ, list(subprotocols), deflate)
        #: The subprotocol that was selected; ``None`` if the peer offered none of those allowed.
        self.subprotocol: str | None = server.subprotocol
        connection = server.ws.connection
        assert connection is not None
        self._ws: Connection = connection
        self._compresses = deflate and b"permessage-deflate" in sink.written
        self.out += sink.written

    @staticmethod
    def _shake_hands(
        environ: Mapping[str, Any], subprotocols: list[str], deflate: bool
    ) -> tuple[simple_websocket.Server, _Sink]:
        try:
            nonce = base64.b64decode(environ.get("HTTP_SEC_WEBSOCKET_KEY", ""), validate=True)
        except ValueError:
            nonce = b""
        if len(nonce) != 16:
            # RFC 6455 section 4.2.1; the libraries below take any text.
            raise HandshakeRefused("not a websocket handshake: Sec-WebSocket-Key must hold 16 bytes in base64")
        sink = _Sink()
        try:
            server = simple_websocket.Server.accept(
                {**handshake_of(environ, deflate=deflate), "werkzeug.socket": sink},
                subprotocols=subprotocols,
                thread_class=_IdleThread,
                event_class=_IdleEvent,
            )
        except (RemoteProtocolError, LocalProtocolError, ValueError) as fault:
            raise HandshakeRefused(f"not a websocket handshake: {fault}") from fault
        except simple_websocket.ConnectionError as fault:
            raise HandshakeRefused("not a websocket handshake") from fault
        return server, sink

    def receive(self, data: bytes) -> list[str | bytes]:
        """Take in bytes from the socket and return the messages they complete.

        Pongs and close replies go to :attr:`out`. After a fault in the frames :attr:`closed` is set and the close
        frame with the right code is in :attr:`out`.
        """
        messages: list[str | bytes] = []
        at = 0
        while at < len(data) and self.closed is None:
            if not self._missing:
                # Within a fragmented message there may be no other.
                whole = None
                if not self._head and not self._parts:
                    whole = message_at(data, at, self.max_message_size, self.text_errors)
                if whole is not None:
                    message, at = whole
                    messages.append(message)
                    continue
                head = self._head + data[at : at + LONGEST_HEAD]
                size = extent(head)
                if size is None:
                    # wsproto sees a fault in it as soon as it is there.
                    self._head = head
                    self._parse(data[at:], messages)
                    break
                self._missing, self._head = size - len(self._head), b""
            piece = data[at : at + self._missing]
            at += len(piece)
            self._missing -= len(piece)
            self._parse(piece, messages)
        return messages

    def _parse(self, data: bytes, messages: list[str | bytes]) -> None:
        self._ws.receive_data(data)
        for event in self._ws.events():
            if isinstance(event, (TextMessage, BytesMessage)):
                if not self._collect(event, messages):
                    break
            elif isinstance(event, Ping):
                self._pong(event)
            elif isinstance(event, Pong):
                self.pong_received = True
            elif isinstance(event, CloseConnection):
                self._peer_closes(event)
                break

    def _collect(self, event: TextMessage | BytesMessage, messages: list[str | bytes]) -> bool:
        data = event.data if isinstance(event.data, str) else bytes(event.data)
        size = len(data) if isinstance(data, bytes) or data.isascii() else len(data.encode())
        if self._size + size > self.max_message_size:
            self._fail(1009, f"a message may have {self.max_message_size} bytes")
            return False
        if event.message_finished and not self._parts:
            messages.append(data)
            return True
        # Of empty fragments only the first is kept, for its type: they would pile up without ever reaching the limit.
        if data or not self._parts:
            self._parts.append(data)
        self._size += size
        if event.message_finished:
            parts, self._parts, self._size = self._parts, [], 0
            first: Any = parts[0]
            messages.append("".join(parts) if isinstance(first, str) else b"".join(parts))  # type: ignore[arg-type]
        return True

    def _pong(self, ping: Ping) -> None:
        if self._ws.state is ConnectionState.OPEN:
            self.out += self._ws.send(ping.response())

    def _peer_closes(self, event: CloseConnection) -> None:
        if self._ws.state is ConnectionState.REMOTE_CLOSING:
            self.closed = Closed(int(event.code), event.reason or "")
            self.out += self._ws.send(event.response())
        elif self._ws.state is ConnectionState.CLOSED:
            self.closed = Closed(int(event.code), event.reason or "")
        else:
            # wsproto reports a fault in the frames as a close of its own making.
            self._fail(int(event.code), event.reason or "")

    def _fail(self, code: int, reason: str) -> None:
        self.close(code, reason)
        self.closed = Closed(code, reason)
        self._parts.clear()

    def send(self, message: str | bytes) -> None:
        """Frame a message: text if it is a ``str``, else binary. Dropped if the connection is closing."""
        if self._ws.state is not ConnectionState.OPEN:
            return
        if self._compresses:
            event = TextMessage(data=message) if isinstance(message, str) else BytesMessage(data=message)
            self.out += self._ws.send(event)
        else:
            self.out += frame_of(message)

    def ping(self, *, asks: bool = True) -> None:
        """Have the peer send a pong; ``asks``: to find out whether it is there, which :attr:`pong_received` tells."""
        if self._ws.state is ConnectionState.OPEN:
            if asks:
                self.pong_received = False
            self.out += self._ws.send(Ping(payload=b"jambonz_sync"))

    def close(self, code: int, reason: str = "") -> None:
        """Begin the closing handshake, unless it has begun. Raises :exc:`ValueError` for a code that cannot be sent."""
        if not 1000 <= code < 5000 or code in (1004, 1005, 1006, 1015):
            raise ValueError(f"{code} cannot be sent as the code of a close frame")
        if self._ws.state is ConnectionState.OPEN:
            self.out += self._ws.send(CloseConnection(code=code, reason=reason or None))

    @property
    def is_closing(self) -> bool:
        """Whether a close frame was sent or received."""
        return self._ws.state is not ConnectionState.OPEN
