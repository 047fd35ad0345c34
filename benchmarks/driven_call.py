"""A call that a driver of many calls leads on: what jambonz says, on a socket that is never waited for."""

from __future__ import annotations

import json
import socket
import time
import zlib
from typing import Any

from .call_wire import (
    CLOSE,
    COMPRESSED,
    PING,
    PONG,
    TEXT,
    TRANSCRIPT,
    Frames,
    Hooks,
    call_status,
    frame,
    session_new,
    tokens_result,
)
from .call_words import TEXT as STREAMED
from .handshake import upgrade_request

__all__ = ["DrivenCall"]

_NORMAL = (1000).to_bytes(2, "big")
#: Bytes from which on jambonz compresses a message, where that was agreed upon.
_WORTH_IT = 1024
_END_OF_BLOCK = b"\x00\x00\xff\xff"


class DrivenCall:
    """One call: it is dialled when it is made, and up when :meth:`take` has returned true for the first time.

    ``port``: of this machine, where the application listens. ``path``: ``"/echo"``, or ``"/stream"`` for the answer
    that is streamed. ``number``: tells the calls of one driver apart. ``size``: bytes that each hook has at least.
    ``deflate``: offer to compress messages.

    Whatever the application does other than it should raises :exc:`ConnectionError`.
    """

    def __init__(self, port: int, path: str, number: int, *, size: int = 0, deflate: bool = False) -> None:
        self.sid = f"4a88d041-8145-43e7-a77e-{number:012d}"
        #: How long the last answer took, in seconds.
        self.delay = 0.0
        self.is_up = self.is_over = False
        self._streams = path == "/stream"
        self._number = number
        self._count = 0
        self._msgid = ""
        self._verb_id = b""
        self._sent = 0.0
        self._hooks: Hooks | None = None
        self._size = size
        self._text: list[str] = []
        self._is_asking = self._is_answered = self._is_streamed = self._is_ending = False
        self._frames: Frames | None = None
        self._head = b""
        self._unsent = b""
        self._inflate: Any = None
        # Without the look-up of a name, which would cost more than all the rest.
        self.sock = socket.socket()
        try:
            self.sock.connect(("127.0.0.1", port))
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sock.setblocking(False)
            offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n" if deflate else ""
            self._write(upgrade_request(path, more=f"{offer}User-Agent: jambonz\r\n"))
        except BaseException:
            self.sock.close()
            raise

    # What is said

    @property
    def wants_to_write(self) -> bool:
        """Whether the socket took only a part of what was said."""
        return bool(self._unsent)

    def push(self) -> None:
        """Write what could not be written before."""
        unsent, self._unsent = self._unsent, b""
        self._write(unsent)

    def speak(self) -> None:
        """Say something, for which :meth:`take` returns the answer."""
        if self._hooks is None:
            # Only now, since thousands of calls that come and go need none.
            self._hooks = Hooks(self.sid, "/heard", self._size)
        self._is_asking, self._is_answered, self._is_streamed = True, False, False
        data = self._hooks.frame(self._next_msgid(), self._verb_id)
        self._sent = time.perf_counter()
        self._write(data)

    def hang_up(self) -> None:
        """Say that the call is over. :meth:`take` returns true once the application has let go."""
        self._is_ending = True
        over = call_status(self.sid, self._next_msgid().decode(), "completed")
        self._write(frame(TEXT, over) + frame(CLOSE, _NORMAL))

    def close(self) -> None:
        """Be gone, whatever the application makes of it."""
        self.sock.close()

    def _next_msgid(self) -> bytes:
        self._count += 1
        self._msgid = f"{self._number:011d}{self._count:011d}"
        return self._msgid.encode()

    def _write(self, data: bytes) -> None:
        if self._unsent:
            self._unsent += data
            return
        try:
            sent = self.sock.send(data)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            self._unsent = data[sent:]

    # What is heard

    def take(self) -> bool:
        """Take what has come; return whether that is all of the answer, or the end, which was waited for."""
        try:
            data = self.sock.recv(262_144)
        except BlockingIOError:
            return False
        except ConnectionError:
            data = b""
        now = time.perf_counter()
        if not data:
            return self._is_gone()
        if self._frames is None:
            return self._is_opened(data)
        done = False
        for first, payload in self._frames.added(data):
            if first == TEXT:
                done = self._hear(payload) or done
            elif first == COMPRESSED and self._inflate is not None:
                done = self._hear(self._inflate.decompress(payload + _END_OF_BLOCK)) or done
            elif first == PING:
                self._write(frame(PONG, payload))
            elif first == CLOSE and self._is_ending:
                # Who closes the socket is the server's to say; jambonz lets it.
                self.is_over = True
                return True
            else:
                raise ConnectionError(f"the application has ended the call: {first:#x} {payload[:100]!r}")
        if done:
            self.delay = now - self._sent
        return done

    def _is_gone(self) -> bool:
        if not self._is_ending:
            raise ConnectionError("the application has closed the connection")
        self.is_over = True
        return True

    def _is_opened(self, data: bytes) -> bool:
        self._head += data
        head, end, rest = self._head.partition(b"\r\n\r\n")
        if not end:
            return False
        words = head.decode("latin-1").lower()
        if " 101 " not in words.partition("\r\n")[0] or "ws.jambonz.org" not in words or rest:
            raise ConnectionError(f"the call was refused: {self._head[:200]!r}")
        self._head = b""
        self._frames = Frames()
        first, payload = TEXT, session_new(self.sid, self._next_msgid().decode())
        if "permessage-deflate" in words:
            self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
            if len(payload) >= _WORTH_IT:
                deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
                payload = deflate.compress(payload) + deflate.flush(zlib.Z_SYNC_FLUSH)
                first, payload = COMPRESSED, payload.removesuffix(_END_OF_BLOCK)
        self._sent = time.perf_counter()
        self._write(frame(first, payload))
        return False

    def _hear(self, payload: bytes) -> bool:
        message = json.loads(payload)
        kind = message.get("type")
        if kind == "ack":
            self._see_ack(message)
        elif kind == "command" and self._streams and self.is_up:
            self._see_command(message)
        else:
            raise ConnectionError(f"nothing that was asked for: {payload[:200]!r}")
        if not self.is_up:
            self._begin()
            return True
        # Once for each hook: behind all that was streamed there may come a space.
        done = self._is_asking and self._is_answered and (self._is_streamed or not self._streams)
        if done:
            self._is_asking = False
        return done

    def _see_ack(self, message: dict[str, Any]) -> None:
        verbs = message["data"]
        gather = verbs[-1]
        fits = message["msgid"] == self._msgid and gather["verb"] == "gather" and gather["actionHook"] == "/heard"
        if self.is_up and not self._streams:
            fits = fits and verbs[0]["verb"] == "say" and verbs[0]["text"].endswith(TRANSCRIPT)
        if not fits or self._is_answered:
            raise ConnectionError(f"not the answer to {self._msgid}: {message!r:.200}")
        self._is_answered = True
        self._verb_id = gather["id"].encode() if "id" in gather else b""

    def _begin(self) -> None:
        """The application has taken the call."""
        self.is_up = True
        # The first answer has set it going, and is all that was compressed.
        self._inflate = None
        msgid = f"{self._number:011d}{0:011d}"
        self._write(frame(TEXT, call_status(self.sid, msgid, "in-progress")))

    def _see_command(self, message: dict[str, Any]) -> None:
        command = message["command"]
        if command == "tts:tokens":
            data = message["data"]
            self._text.append(data["tokens"])
            self._write(frame(TEXT, tokens_result(self.sid, f"{self._number:011d}{0:011d}", data["id"])))
            return
        text = "".join(self._text)
        # The space behind an earlier flush is no part of it.
        if command != "tts:flush" or text.strip() != STREAMED.strip():
            raise ConnectionError(f"not what should be streamed: {command}, {len(text)} characters")
        self._text.clear()
        self._is_streamed = True
