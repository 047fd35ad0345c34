"""Calls that cost next to nothing, to any of the servers, for :func:`~tests.scenarios.light_client.drive`."""

from __future__ import annotations

import collections
import socket
import ssl
import time
import urllib.parse
from collections.abc import Callable, Generator, Iterable
from typing import Any

from tests.hosting.servers import Server
from tests.scenarios.light_client import LightSocket, Story
from tests.transport.peers import upgrade_request

__all__ = ["Crowd", "closed_by_the_application", "echo_call"]

#: Seconds that anything may take. jambonz is less patient, but here many calls share a small machine.
PATIENCE = 30.0

_Waiting = Generator[tuple[float, list[LightSocket]], None, Any]


class _SecureLightSocket(LightSocket):
    """The same over TLS."""

    def __init__(self, url: str, context: ssl.SSLContext) -> None:
        parts = urllib.parse.urlsplit(url)
        assert parts.hostname is not None
        connection = socket.create_connection((parts.hostname, parts.port or 443), 10)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = context.wrap_socket(connection, server_hostname=parts.hostname)
        self.is_open = self.is_over = False
        self.messages = collections.deque()
        self.close_code = None
        self._data = b""
        self.sock.sendall(upgrade_request(parts.path))
        self.sock.setblocking(False)

    def read(self) -> None:
        """Take in what has come; all of it, since nothing tells of what has been decrypted."""
        try:
            while not self.is_over:
                super().read()
        except ssl.SSLWantReadError:
            pass


class _LightCall:
    """One call: what jambonz says, and what it waits for. Each fault is an :exc:`AssertionError`."""

    def __init__(self, server: Server, path: str, sid: str) -> None:
        context, url = server.client_context, server.url + path
        self.sock = LightSocket(url) if context is None else _SecureLightSocket(url, context)
        self._sid = sid
        self._count = 0

    def say(self, kind: str, data: dict[str, Any], **envelope: Any) -> str:
        """Send a message; return its msgid."""
        self._count += 1
        msgid = f"{self._sid}.{self._count}"
        self.sock.send({"type": kind, "msgid": msgid, "call_sid": self._sid, "data": data, **envelope})
        return msgid

    def until(self, done: Callable[[], bool], what: str) -> _Waiting:
        """Wait for something."""
        deadline = time.monotonic() + PATIENCE
        while not done():
            assert not self.sock.is_over, f"the connection ended before {what}"
            assert time.monotonic() < deadline, f"too long without {what}"
            yield deadline - time.monotonic(), [self.sock]

    def ask(self, kind: str, data: dict[str, Any], **envelope: Any) -> _Waiting:
        """Send what wants an ack, which must be the next that comes; return its verbs."""
        msgid = self.say(kind, data, **envelope)
        yield from self.until(lambda: bool(self.sock.messages), f"the ack of {kind}")
        message = self.sock.messages.popleft()
        assert (message["type"], message["msgid"]) == ("ack", msgid), f"not the ack of {kind}: {message}"
        return message["data"]

    def begin(self) -> _Waiting:
        """Open the websocket and the session; return the first verbs."""
        yield from self.until(lambda: self.sock.is_open, "the handshake was done")
        facts = {"call_sid": self._sid, "direction": "inbound", "from": "15550143001", "to": "+15550143900"}
        return (yield from self.ask("session:new", facts))

    def see_off(self) -> _Waiting:
        """Wait for the end of the connection, before which the code 1000 must have come."""
        yield from self.until(lambda: self.sock.is_over, "the end of the connection")
        assert self.sock.close_code == 1000, f"closed with {self.sock.close_code or 1006}"
        assert not self.sock.messages, f"not wanted: {self.sock.messages}"


class Crowd:
    """So many calls, of which none goes on before all have begun."""

    def __init__(self, size: int) -> None:
        self._missing = size

    def join(self, call: _LightCall) -> _Waiting:
        """Wait for the others."""
        self._missing -= 1
        deadline = time.monotonic() + PATIENCE
        while self._missing > 0:
            assert time.monotonic() < deadline, f"{self._missing} calls have not begun"
            # Nothing that comes on this connection tells of them.
            yield 0.02, [call.sock]


def echo_call(server: Server, sid: str, turns: Iterable[str], crowd: Crowd | None = None) -> Story:
    """A call to the echo, in which the caller says something on each turn, and then hangs up."""
    call = _LightCall(server, "/app", sid)
    try:
        verbs = yield from call.begin()
        if crowd is not None:
            yield from crowd.join(call)
        for words in turns:
            speech = {"alternatives": [{"transcript": words, "confidence": 0.9}]}
            data = {"call_sid": sid, "verb_id": verbs[-1]["id"], "reason": "speechDetected", "speech": speech}
            verbs = yield from call.ask("verb:hook", data, hook="/echo")
            assert verbs[0].get("text") == f"I heard {words}", f"not the echo of {words!r}: {verbs}"
        call.say("call:status", {"call_sid": sid, "call_status": "completed"})
        call.sock.lose(1000)
        yield from call.see_off()
    finally:
        call.sock.close()


def closed_by_the_application(server: Server, sid: str) -> Story:
    """A call of which the application closes the connection."""
    call = _LightCall(server, "/close", sid)
    try:
        yield from call.begin()
        yield from call.until(lambda: call.sock.close_code is not None, "the application closed")
        # As RFC 6455 wants it: the close is answered with its code, and then it is the server that ends the connection.
        call.sock.lose(1000)
        yield from call.see_off()
    finally:
        call.sock.close()
