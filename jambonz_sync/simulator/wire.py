"""The websocket from jambonz to the application: its messages, and how it closes.

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

import contextlib
import math
import ssl
import time

from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage

from .byte_stream import ByteStream
from .connection import CannotConnect, Closed, Connect, Connection, any_arrives
from .handshake import Address, shake_hands

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
_CLOSE_SECONDS = 2.0


class Wire:
    """One connection to an application.

    ::

        wire = Wire("ws://user:password@127.0.0.1:3000/hello?key=value")

    ``url``: where the application listens, as ``ws`` or ``wss``. A user and a password in it are sent as Basic
    authorization, a fragment is not sent.

    ``tls``: how ``wss`` is spoken; by default the certificate is verified by what the system trusts.

    Raises :exc:`CannotConnect`; like jambonz, also when the server accepts without the subprotocol.
    """

    _subprotocol = SUBPROTOCOL
    _largest: float = LARGEST_MESSAGE

    def __init__(
        self, url: str, *, handshake_timeout: float = _HANDSHAKE_SECONDS, tls: ssl.SSLContext | None = None
    ) -> None:
        address = Address(url)
        deadline = time.monotonic() + handshake_timeout
        #: How the connection ended, once it has.
        self.closed: Closed | None = None
        self._parts: list[str | bytes] = []
        self._size = 0
        self._ws = WSConnection(ConnectionType.CLIENT)
        self._stream = _stream_to(address, tls, handshake_timeout)
        try:
            shake_hands(self._ws, self._stream, address, self._subprotocol, deadline)
        except BaseException:
            self._stream.close()
            raise
        # What came in one piece with the handshake.
        self._early = self._collected()

    def fileno(self) -> int:
        """Return the descriptor, to poll it together with others; :meth:`wait` knows more, and is to be asked first."""
        return self._stream.fileno()

    def wait(self, seconds: float) -> bool:
        """Block until there is something to read, for at most ``seconds``; return whether there is."""
        return bool(self._early) or self.closed is not None or self._stream.wait(seconds)

    def read(self) -> list[str | bytes]:
        """Return the messages that what has arrived completes; those of one call arrived together.

        Pings are answered. Once the connection is over, :attr:`closed` says how.
        """
        messages, self._early = self._early, []
        if messages or self.closed is not None:
            return messages
        try:
            data = self._stream.receive()
        except OSError as error:
            self._gone(1006, str(error))
            return []
        if data is None:
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
            with contextlib.suppress(OSError):
                # Whatever still comes is read and dropped: closing with unread bytes would reset the connection.
                self._stream.drain(_CLOSE_SECONDS)
        self.abort()

    def abort(self) -> None:
        """Drop the connection without a word."""
        if self.closed is None:
            self.closed = Closed(1006, "dropped", by_application=False)
        self._stream.close()

    def _gone(self, code: int, reason: str) -> None:
        if self.closed is None:
            self.closed = Closed(code, reason)
        self._stream.close()

    def _write(self, data: bytes) -> None:
        try:
            self._stream.send(data)
        except OSError as error:
            self._gone(1006, str(error))


class AudioWire(Wire):
    """A connection that the media server opens for audio, where the limit of messages to jambonz does not hold."""

    _subprotocol = AUDIO_SUBPROTOCOL
    _largest = math.inf


def _stream_to(address: Address, tls: ssl.SSLContext | None, timeout: float) -> ByteStream:
    context = (tls or ssl.create_default_context()) if address.secure else None
    try:
        return ByteStream.connect(address.host, address.port, tls=context, timeout=timeout)
    except ssl.SSLCertVerificationError as error:
        why = error.verify_message or str(error)
        raise CannotConnect(f"the certificate of {address} is not to be trusted: {why}", untrusted=True) from error
    except ssl.SSLError as error:
        raise CannotConnect(f"{address} does not speak TLS as it should ({error.reason or error})") from error
    except OSError as error:
        raise CannotConnect(
            f"nothing answers at {address} ({error.strerror or error}); is the application running?", unreachable=True
        ) from error
