"""The websocket from jambonz to the application: what the server sends in the handshake, and how it closes.

::

    wire = Wire("ws://127.0.0.1:3000/hello")
    wire.send('{"type": "session:new"}')
    while wire.wait(1.0):
        for message in wire.read():
            print(message)
    wire.close(1000)

No thread: whoever holds the wire waits, reads and writes on the thread it is on. wsproto frames and parses.
"""

from __future__ import annotations

import base64
import contextlib
import math
import select
import socket
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)
from wsproto.extensions import PerMessageDeflate
from wsproto.utilities import RemoteProtocolError

from ..exceptions import JambonzError

__all__ = [
    "AUDIO_SUBPROTOCOL",
    "LARGEST_MESSAGE",
    "SUBPROTOCOL",
    "AudioWire",
    "CannotConnect",
    "Closed",
    "Connect",
    "Connection",
    "Wire",
    "any_arrives",
]

SUBPROTOCOL = "ws.jambonz.org"
AUDIO_SUBPROTOCOL = "audio.jambonz.org"

#: In bytes, after decompression. One more and jambonz closes with 1009.
LARGEST_MESSAGE = 24_576

_HANDSHAKE_SECONDS = 1.5
_SEND_SECONDS = 5.0
_CLOSE_SECONDS = 2.0


class CannotConnect(JambonzError):
    """There is no application at the address, or none that speaks to jambonz. The text says which.

    ``unreachable``: whether no TCP connection could be made, or it broke off in the handshake.

    ``http_status``: the status of a plain HTTP answer, if there was one.
    """

    def __init__(self, text: str, *, unreachable: bool = False, http_status: int | None = None) -> None:
        super().__init__(text)
        self.unreachable = unreachable
        self.http_status = http_status


class Closed(NamedTuple):
    """How the connection ended: the close code, the reason, and whether the application was the one to close it."""

    code: int
    reason: str
    by_application: bool = True


class Connection(Protocol):
    """What the simulator needs of a connection to an application. :class:`Wire` is one, over a socket.

    Used on one thread: the one that runs the call.
    """

    #: How the connection ended, once it has.
    closed: Closed | None

    def wait(self, seconds: float) -> bool:
        """Block until there is something to read, or the end, for at most so many real seconds; return whether so."""
        ...

    def read(self) -> list[str | bytes]:
        """Return the messages that have arrived; those of one call arrived together."""
        ...

    def send(self, text: str) -> None:
        """Send one message. Nothing happens once the connection is over."""

    def close(self, code: int, reason: str = "") -> None:
        """Close with a code. Nothing happens once the connection is over."""

    def abort(self) -> None:
        """Drop the connection without a word."""


#: Opens a connection to the application at an address. Raises :exc:`CannotConnect`.
Connect = Callable[[str], Connection]

#: How long one connection is waited for until the others are looked at again, in real seconds.
_TURN = 0.01


def any_arrives(connections: Sequence[Connection], seconds: float) -> bool:
    """Block until any of the connections has something to read, or its end, for at most so many real seconds."""
    if len(connections) == 1:
        return connections[0].wait(seconds)
    deadline = time.monotonic() + seconds
    while not any(connection.wait(0) for connection in connections):
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        if connections:
            connections[0].wait(min(left, _TURN))
        else:
            time.sleep(left)
    return True


class Wire:
    """One connection to an application.

    ::

        wire = Wire("ws://user:password@127.0.0.1:3000/hello?key=value")

    ``url``: where the application listens; ``ws`` only, since a simulated call stays on one machine. A user and a
    password in it are sent as Basic authorization, a fragment is not sent.

    Raises :exc:`CannotConnect`; like jambonz, also when the server accepts without the subprotocol.
    """

    _subprotocol = SUBPROTOCOL
    _largest: float = LARGEST_MESSAGE

    def __init__(self, url: str, *, handshake_timeout: float = _HANDSHAKE_SECONDS) -> None:
        parts = urlsplit(url)
        if parts.scheme != "ws" or not parts.hostname:
            raise ValueError(f"the simulator calls addresses such as ws://127.0.0.1:3000/path, not {url!r}")
        #: How the connection ended, once it has.
        self.closed: Closed | None = None
        self._url = url
        self._early: list[str | bytes] = []
        self._parts: list[str | bytes] = []
        self._size = 0
        self._ws = WSConnection(ConnectionType.CLIENT)
        address = (parts.hostname, parts.port or 80)
        try:
            self._socket = socket.create_connection(address, timeout=handshake_timeout)
        except OSError as error:
            raise CannotConnect(
                f"nothing answers at {url} ({error.strerror or error}); is the application running?", unreachable=True
            ) from error
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)
        try:
            self._shake_hands(time.monotonic() + handshake_timeout)
        except BaseException:
            self._socket.close()
            raise
        if self.closed is None:
            self._socket.settimeout(_SEND_SECONDS)

    def _shake_hands(self, deadline: float) -> None:
        parts = urlsplit(self._url)
        headers = [(b"User-Agent", b"jambonz")]
        if parts.username is not None and parts.password is not None:
            credentials = f"{unquote(parts.username)}:{unquote(parts.password)}"
            headers.append((b"Authorization", b"Basic " + base64.b64encode(credentials.encode())))
        request = Request(
            host=parts.netloc.rpartition("@")[2],
            target=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
            extensions=[PerMessageDeflate()],
            extra_headers=headers,
            subprotocols=[self._subprotocol],
        )
        self._write(self._ws.send(request))
        refusal: RejectConnection | None = None
        body, complete = b"", False
        while True:
            event = self._next_of_handshake(deadline)
            if isinstance(event, AcceptConnection):
                if event.subprotocol != self._subprotocol:
                    raise CannotConnect(
                        f"Server sent no subprotocol: the application at {self._url} must select "
                        f"{self._subprotocol}, or jambonz drops the connection"
                    )
                # What came in one piece with the handshake.
                self._early = self._collected()
                return
            if isinstance(event, RejectConnection):
                refusal = event
            elif isinstance(event, RejectData):
                body += event.data
                complete = event.body_finished
            if refusal is not None and (not refusal.has_body or complete):
                text = body.decode(errors="replace").strip()[:200]
                raise CannotConnect(
                    f"{self._url} answered with HTTP {refusal.status_code}{text and ': '}{text}",
                    http_status=refusal.status_code,
                )

    def _next_of_handshake(self, deadline: float) -> Event:
        try:
            while True:
                for event in self._ws.events():
                    return event
                if not self.wait(deadline - time.monotonic()):
                    raise CannotConnect(f"{self._url} accepted the connection, but no handshake came in time")
                data = self._socket.recv(65_536)
                if not data:
                    raise CannotConnect(f"{self._url} closed the connection during the handshake", unreachable=True)
                self._ws.receive_data(data)
        except RemoteProtocolError as error:
            raise CannotConnect(f"{self._url} is no websocket server that jambonz can talk to: {error}") from error
        except OSError as error:
            raise CannotConnect(f"{self._url} broke off the handshake: {error}", unreachable=True) from error

    def wait(self, seconds: float) -> bool:
        """Block until there is something to read, for at most ``seconds``; return whether there is."""
        return bool(self._early) or self.closed is not None or bool(self._poll.poll(max(0.0, seconds) * 1000))

    def read(self) -> list[str | bytes]:
        """Return the messages that what has arrived completes; those of one call arrived together.

        Pings are answered. Once the connection is over, :attr:`closed` says how.
        """
        messages, self._early = self._early, []
        if messages or self.closed is not None:
            return messages
        try:
            data = self._socket.recv(65_536)
        except OSError as error:
            self._gone(1006, str(error))
            return []
        if not data:
            self._gone(1006, "the application dropped the connection")
            return []
        self._ws.receive_data(data)
        return self._collected()

    def _collected(self) -> list[str | bytes]:
        messages: list[str | bytes] = []
        for event in self._ws.events():
            if isinstance(event, (TextMessage, BytesMessage)):
                if not self._collect(event, messages):
                    break
            elif isinstance(event, Ping):
                if self._ws.state is ConnectionState.OPEN:
                    self._write(self._ws.send(event.response()))
            elif isinstance(event, CloseConnection):
                if self._ws.state is ConnectionState.REMOTE_CLOSING:
                    self._write(self._ws.send(event.response()))
                    self._gone(int(event.code), event.reason or "")
                elif self._ws.state is ConnectionState.OPEN:
                    # A fault in the frames, which wsproto reports as a close of its own making.
                    self.close(int(event.code), event.reason or "")
                else:
                    self._gone(int(event.code), event.reason or "")
                break
        return messages

    def _collect(self, event: TextMessage | BytesMessage, messages: list[str | bytes]) -> bool:
        data = event.data if isinstance(event.data, str) else bytes(event.data)
        self._size += len(data.encode() if isinstance(data, str) else data)
        if self._size > self._largest:
            self.close(1009, f"a message may have {self._largest} bytes")
            return False
        self._parts.append(data)
        if event.message_finished:
            parts, self._parts, self._size = self._parts, [], 0
            if isinstance(data, str):
                messages.append("".join(part for part in parts if isinstance(part, str)))
            else:
                messages.append(b"".join(part for part in parts if isinstance(part, bytes)))
        return True

    def send(self, text: str) -> None:
        """Send one message. Nothing happens once the connection is over."""
        if self.closed is None and self._ws.state is ConnectionState.OPEN:
            self._write(self._ws.send(TextMessage(data=text)))

    def close(self, code: int, reason: str = "") -> None:
        """Close with a code and wait up to two seconds for the application to do the same."""
        if self.closed is None and self._ws.state is ConnectionState.OPEN:
            self.closed = Closed(code, reason, by_application=False)
            self._write(self._ws.send(CloseConnection(code=code, reason=reason)))
            deadline = time.monotonic() + _CLOSE_SECONDS
            with contextlib.suppress(OSError):
                # Whatever still comes is read and dropped: closing with unread bytes would reset the connection.
                while self._poll.poll(max(0.0, deadline - time.monotonic()) * 1000) and self._socket.recv(65_536):
                    pass
        self.abort()

    def abort(self) -> None:
        """Drop the connection without a word."""
        if self.closed is None:
            self.closed = Closed(1006, "dropped", by_application=False)
        self._socket.close()

    def _gone(self, code: int, reason: str) -> None:
        if self.closed is None:
            self.closed = Closed(code, reason)
        self._socket.close()

    def _write(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError as error:
            self._gone(1006, str(error))


class AudioWire(Wire):
    """A connection that the media server opens for audio, where the limit of messages to jambonz does not hold."""

    _subprotocol = AUDIO_SUBPROTOCOL
    _largest = math.inf
