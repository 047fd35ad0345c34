"""Callers that cost next to nothing: what jambonz says on the wire, on blocking sockets."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
from typing import Any

from typing_extensions import Self

from .handshake import upgrade_request

__all__ = ["Caller"]

#: Seconds that an answer may take.
_PATIENCE = 60.0


class Caller:
    """A call that is up, from the moment it is made.

    ::

        caller = Caller(3000, "call-1")
        caller.speak()
        caller.listen()
        caller.hang_up()

    ``port``: of this machine, where the application listens. ``sid``: of the call.
    """

    def __init__(self, port: int, sid: str) -> None:
        self._sid = sid
        self._count = 0
        self._verb_id = ""
        self._sock = socket.create_connection(("127.0.0.1", port), _PATIENCE)
        try:
            self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._stream = self._sock.makefile("rb")
            self._open()
            self._say("session:new", {"direction": "inbound", "from": "15550143001", "to": "+15550143900"})
            self.listen()
        except BaseException:
            self._sock.close()
            raise

    def _open(self) -> None:
        self._sock.sendall(upgrade_request("/app"))
        status = self._stream.readline()
        if b" 101 " not in status:
            raise ConnectionError(f"the call was refused: {status!r}")
        while self._stream.readline() != b"\r\n":
            pass

    def _say(self, kind: str, data: dict[str, Any], **envelope: Any) -> None:
        self._count += 1
        facts = {"call_sid": self._sid, **data}
        message = {"type": kind, "msgid": f"{self._count}", "call_sid": self._sid, "data": facts, **envelope}
        self._send(0x81, json.dumps(message).encode())

    def _send(self, first: int, payload: bytes) -> None:
        size = len(payload)
        head = struct.pack("!BB", first, 0x80 | size) if size < 126 else struct.pack("!BBH", first, 0xFE, size)
        # A mask of zeros changes nothing.
        self._sock.sendall(head + bytes(4) + payload)

    def speak(self) -> None:
        """Say something."""
        speech = {"alternatives": [{"transcript": "the kettle is on", "confidence": 0.9}]}
        data = {"verb_id": self._verb_id, "reason": "speechDetected", "speech": speech}
        self._say("verb:hook", data, hook="/heard")

    def listen(self) -> None:
        """Wait for the verbs with which the application answers. Raises :exc:`ConnectionError` for anything else."""
        while True:
            first, size = self._stream.read(2)
            if size == 126:
                size = int.from_bytes(self._stream.read(2), "big")
            payload = self._stream.read(size)
            if first != 0x89:
                break
            self._send(0x8A, payload)
        message = json.loads(payload) if first == 0x81 else {}
        if message.get("type") != "ack" or message.get("msgid") != f"{self._count}":
            raise ConnectionError(f"not the answer of the application: {payload[:200]!r}")
        self._verb_id = message["data"][-1]["id"]

    def hang_up(self) -> None:
        """End the call, and wait until the application has let go."""
        self._say("call:status", {"call_status": "completed"})
        self._send(0x88, struct.pack("!H", 1000))
        with contextlib.suppress(OSError):
            self._stream.read()
        self._sock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self._sock.close()
