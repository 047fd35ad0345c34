"""Callers that come and go: each has a life of so many turns, and its own way to end."""

from __future__ import annotations

import contextlib
import json
import random
import select
import socket
import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

from .audio_callers import AudioCaller
from .callers import Caller

__all__ = ["Life", "SoakCaller", "lives"]

#: Seconds that an answer may take.
_PATIENCE = 60.0


class Life(NamedTuple):
    """What becomes of a call.

    ``turns``: so many. ``ended_by``: ``"caller"`` or ``"jambonz"``, which stands for the application there.
    ``lost``: in the middle the connection is lost, by ``"end"`` of stream or by ``"reset"``, and jambonz comes back;
    ``None`` for not at all. ``audio``: its audio is sent, and comes back, too.
    """

    number: int
    turns: int
    ended_by: str
    lost: str | None
    audio: bool


def lives(calls: int, turns: int) -> Iterator[Life]:
    """Give so many lives, of so many turns in all: some half as long as others, mixed, the same in every run."""
    usual, rest = divmod(turns, calls)
    for number in range(calls):
        # Two that follow each other have as many together as two of the usual length.
        more = random.Random(number // 2).randrange(usual // 2 + 1) if number ^ 1 < calls else 0
        yield Life(
            number,
            usual + (more if number % 2 else -more) + (rest if number == calls - 1 else 0),
            "caller" if number % 4 in (0, 3) else "jambonz",
            "reset" if number % 6 == 1 else "end" if number % 6 == 4 else None,
            number % 5 == 0,
        )


class SoakCaller(Caller):
    """A call that is up, from the moment it is made.

    ::

        caller = SoakCaller(3000, life)
        while not caller.is_over:
            caller.act()
            caller.see()

    Acting and seeing are two, so that others may act meanwhile. Both raise :exc:`OSError` if the call is lost.
    """

    def __init__(self, port: int, life: Life) -> None:
        self.life = life
        #: Whether it has hung up, or was hung up on; how many turns it has taken.
        self.is_over = False
        self.turns = 0
        self._port = port
        self._answer: list[dict[str, Any]] = []
        self._words = ""
        self._audio: AudioCaller | None = None
        super().__init__(port, f"call-{life.number}")
        if life.audio:
            try:
                self._audio = AudioCaller(port, life.number)
            except BaseException:
                self._sock.close()
                raise

    def act(self) -> None:
        """Say something, or goodbye where it is for the application to hang up."""
        is_last = self.turns == self.life.turns - 1
        if self.turns == self.life.turns // 2 and self.life.lost:
            self._lose(self.life.lost)
        self._words = "goodbye" if is_last and self.life.ended_by == "jambonz" else f"words {self.turns}"
        speech = {"alternatives": [{"transcript": self._words, "confidence": 0.9}]}
        data = {"verb_id": self._verb_id, "reason": "speechDetected", "speech": speech}
        self._say("verb:hook", data, hook="/heard")
        if self._audio is not None:
            self._audio.speak()

    def see(self) -> None:
        """Wait for the answer, and hang up if it was the last."""
        self.listen()
        if not self._answer or self._answer[0].get("text") != f"You said {self._words}.":
            raise ConnectionError(f"not the answer to {self._words!r}: {self._answer}")
        self.turns += 1
        if self._audio is not None:
            self._hear(self._audio)
        if self.turns == self.life.turns:
            if ("hangup" in (verb["verb"] for verb in self._answer)) != (self.life.ended_by == "jambonz"):
                raise ConnectionError(f"not how the call should end: {self._answer}")
            self.hang_up()

    def listen(self) -> None:
        """Wait for the answer to what was said last."""
        while True:
            first, payload = self._frame()
            if first == 0x89:
                self._send(0x8A, payload)
                continue
            message = json.loads(payload) if first == 0x81 else {}
            # Behind a connection that was lost there may be a command.
            if message.get("type") != "command":
                break
        if message.get("type") != "ack" or message.get("msgid") != f"{self._count}":
            raise ConnectionError(f"not the answer of the application: {payload[:200]!r}")
        self._answer = message.get("data", [])
        for verb in self._answer:
            self._verb_id = verb.get("id", self._verb_id)

    def _frame(self) -> tuple[int, bytes]:
        head = self._stream.read(2)
        if len(head) < 2:
            raise ConnectionError("the application has closed the connection")
        size = head[1] if head[1] < 126 else int.from_bytes(self._stream.read(2), "big")
        return head[0], self._stream.read(size)

    @staticmethod
    def _hear(audio: AudioCaller) -> None:
        while select.select([audio], [], [], _PATIENCE)[0]:
            if audio.listen():
                return
        raise ConnectionError("no audio came back")

    def _lose(self, how: str) -> None:
        """Lose the connection, and come back as jambonz does."""
        if how == "reset":
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._stream.close()
        self._sock.close()
        self._sock = socket.create_connection(("127.0.0.1", self._port), _PATIENCE)
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stream = self._sock.makefile("rb")
        self._open()
        self._say("session:reconnect", {"direction": "inbound", "from": "15550143001", "to": "+15550143900"})
        self.listen()

    def hang_up(self) -> None:
        """End the call, whoever has hung up, and wait until the application has let go."""
        self._say("call:status", {"call_status": "completed", "call_termination_by": self.life.ended_by})
        self._send(0x88, struct.pack("!H", 1000))
        with contextlib.suppress(OSError):
            self._stream.read()
        self.is_over = True
        self.__exit__()

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        if self._audio is not None:
            self._audio.__exit__()
