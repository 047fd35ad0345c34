"""The handshake of jambonz with an application: what it asks for, and which answers it makes do with.

::

    shake_hands(ws, stream, Address("ws://127.0.0.1:3000/hello"), "ws.jambonz.org", deadline)
"""

from __future__ import annotations

import base64
import time
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from wsproto import WSConnection
from wsproto.events import AcceptConnection, Event, RejectConnection, RejectData, Request
from wsproto.extensions import PerMessageDeflate
from wsproto.utilities import RemoteProtocolError

from .byte_stream import ByteStream
from .connection import CannotConnect

__all__ = ["Address", "shake_hands"]

_PORTS = {"ws": 80, "wss": 443}


class Address:
    """Where an application listens.

    ::

        Address("wss://user:password@example.com/hello?key=value")

    A user and a password in it are sent as Basic authorization, a fragment is not sent.

    Raises :exc:`ValueError` for what is no address of a websocket.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError(
                f"the simulator calls addresses such as ws://127.0.0.1:3000/path or wss://example.com/path, not {url!r}"
            )
        self.secure = parts.scheme == "wss"
        self.host: str = parts.hostname
        self.port = parts.port or _PORTS[parts.scheme]
        #: As it stands in the request.
        self.authority = parts.netloc.rpartition("@")[2]
        self.target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self.credentials: bytes | None = None
        if parts.username is not None and parts.password is not None:
            self.credentials = f"{unquote(parts.username)}:{unquote(parts.password)}".encode()
        # Without the credentials, which are nobody's business who reads an error.
        self._shown = parts._replace(netloc=self.authority).geturl()

    def __str__(self) -> str:
        return self._shown


def shake_hands(ws: WSConnection, stream: ByteStream, address: Address, subprotocol: str, deadline: float) -> None:
    """Open the websocket. Raises :exc:`.CannotConnect`; like jambonz, also if the subprotocol is not selected."""
    _Handshake(ws, stream, address, deadline).run(subprotocol)


class _Handshake:
    def __init__(self, ws: WSConnection, stream: ByteStream, address: Address, deadline: float) -> None:
        self._ws = ws
        self._stream = stream
        self._address = address
        self._deadline = deadline

    def run(self, subprotocol: str) -> None:
        self._ask(subprotocol)
        refusal: RejectConnection | None = None
        body, complete = b"", False
        while True:
            event = self._next_event()
            if isinstance(event, AcceptConnection):
                if event.subprotocol != subprotocol:
                    raise CannotConnect(
                        f"Server sent no subprotocol: the application at {self._address} must select "
                        f"{subprotocol}, or jambonz drops the connection"
                    )
                return
            if isinstance(event, RejectConnection):
                refusal = event
            elif isinstance(event, RejectData):
                body += event.data
                complete = event.body_finished
            if refusal is not None and (not refusal.has_body or complete):
                text = body.decode(errors="replace").strip()[:200]
                raise CannotConnect(
                    f"{self._address} answered with HTTP {refusal.status_code}{text and ': '}{text}",
                    http_status=refusal.status_code,
                )

    def _ask(self, subprotocol: str) -> None:
        headers: Sequence[tuple[bytes, bytes]] = [(b"User-Agent", b"jambonz")]
        if self._address.credentials is not None:
            headers = [*headers, (b"Authorization", b"Basic " + base64.b64encode(self._address.credentials))]
        request = Request(
            host=self._address.authority,
            target=self._address.target,
            extensions=[PerMessageDeflate()],
            extra_headers=list(headers),
            subprotocols=[subprotocol],
        )
        try:
            self._stream.send(self._ws.send(request))
        except OSError as error:
            raise self._broken_off(error) from error

    def _next_event(self) -> Event:
        try:
            while True:
                for event in self._ws.events():
                    return event
                if not self._stream.wait(self._deadline - time.monotonic()):
                    raise CannotConnect(f"{self._address} accepted the connection, but no handshake came in time")
                data = self._stream.receive()
                if data == b"":
                    raise CannotConnect(f"{self._address} closed the connection during the handshake", unreachable=True)
                if data is not None:
                    self._ws.receive_data(data)
        except RemoteProtocolError as error:
            raise CannotConnect(f"{self._address} is no websocket server that jambonz can talk to: {error}") from error
        except OSError as error:
            raise self._broken_off(error) from error

    def _broken_off(self, error: OSError) -> CannotConnect:
        return CannotConnect(f"{self._address} broke off the handshake: {error}", unreachable=True)
