"""The body of an HTTP request, read as its reader asks for it."""

from __future__ import annotations

import io
import socket
import time
from typing import TYPE_CHECKING

import h11

from .http_request import Environ, Gone, receive, write

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["BodyLost", "RequestBody"]

_CHUNK = 65_536


class BodyLost(OSError):
    """The rest of the body does not come, or is none. ``status`` is the HTTP status that says so."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class RequestBody(io.RawIOBase):
    """Reads the body of the request ``environ`` from a non-blocking socket, chunked or of a given length.

    ::

        body = io.BufferedReader(RequestBody(environ, sock, rest, patience=30))

    * ``rest``: what came behind the head
    * ``patience``: seconds the peer may keep the reader waiting, in all

    A peer that waits to be asked for the body (``Expect: 100-continue``) is asked at the first read. Reading raises
    :exc:`BodyLost`.
    """

    def __init__(self, environ: Environ, sock: socket.socket, rest: bytes, *, patience: float) -> None:
        super().__init__()
        self._sock = sock
        self._patience = patience
        self._data = bytearray()
        self._complete = False
        self._lost: BodyLost | None = None
        self._http = self._behind_the_head(environ)
        if rest:
            # Nothing at all would pass for the end of the stream.
            self._http.receive_data(rest)
        #: Whether the peer is to be asked, if it waits for that. Not any more when the answer has begun.
        self.may_ask = True

    @staticmethod
    def _behind_the_head(environ: Environ) -> h11.Connection:
        # The head was read and found good. Of it, h11 needs only what tells how the body comes.
        told = {
            "Content-Length": environ.get("CONTENT_LENGTH"),
            "Transfer-Encoding": environ.get("HTTP_TRANSFER_ENCODING"),
            "Expect": environ.get("HTTP_EXPECT"),
        }
        lines = [f"{name}: {value}" for name, value in told.items() if value]
        http = h11.Connection(h11.SERVER)
        http.receive_data(
            "\r\n".join([f"POST / {environ['SERVER_PROTOCOL']}", "Host: -", *lines, "", ""]).encode("latin-1")
        )
        http.next_event()
        return http

    def readable(self) -> bool:
        """Return ``True``."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Read some bytes, waiting for the first of them; 0 at the end of the body."""
        while not self._data and not self._complete:
            if self._lost is not None:
                raise self._lost
            try:
                self._read_on()
            except BodyLost as lost:
                self._lost = lost
        view = memoryview(buffer).cast("B")
        size = min(len(view), len(self._data))
        view[:size] = self._data[:size]
        del self._data[:size]
        return size

    def _read_on(self) -> None:
        try:
            event = self._http.next_event()
        except h11.RemoteProtocolError as error:
            raise BodyLost(400, f"the body is malformed: {error}") from error
        if isinstance(event, h11.Data):
            self._data += event.data
        elif isinstance(event, h11.EndOfMessage):
            self._complete = True
        else:
            self._http.receive_data(self._wait_for_more())

    def _wait_for_more(self) -> bytes:
        # What the reader does in between is not the peer's delay, hence no fixed deadline.
        begin = time.monotonic()
        deadline = begin + self._patience
        try:
            if self._http.they_are_waiting_for_100_continue and self.may_ask:
                ask = self._http.send(h11.InformationalResponse(status_code=100, headers=[], reason="Continue"))
                write(self._sock, bytearray(ask or b""), deadline)
            return receive(self._sock, deadline, _CHUNK)
        except (Gone, OSError) as error:
            if time.monotonic() >= deadline:
                raise BodyLost(408, "the body took too long") from error
            raise BodyLost(400, f"the body is not complete: {error}") from error
        finally:
            self._patience -= time.monotonic() - begin
