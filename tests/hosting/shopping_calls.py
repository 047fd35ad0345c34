"""Calls to the shopping list of ``examples/deploy`` that come back as jambonz does, at next to no cost.

For :func:`~tests.scenarios.light_client.drive`: each method that waits is a generator.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

from tests.scenarios.light_client import LightSocket

__all__ = ["Caller", "Lost", "pause"]

#: Seconds that anything may take. jambonz is less patient, but here many calls share a small machine.
PATIENCE = 30.0
#: What jambonz waits before it tries a first connection again, in seconds.
FIRST_DELAYS = (0.5, 1.0, 2.0, 4.0, 6.0)

_Waiting = Generator[tuple[float, list[LightSocket]], None, Any]


def pause(seconds: float) -> _Waiting:
    """Let so many seconds pass."""
    until = time.monotonic() + seconds
    while (rest := until - time.monotonic()) > 0:
        yield rest, []


class Lost(Exception):
    """The connection has ended, and the call has not. ``code`` is that of the close frame; 1006 if there was none."""

    def __init__(self, code: int) -> None:
        super().__init__(f"lost with {code}")
        self.code = code


class _Connection(LightSocket):
    """The same, which leaves nothing behind when it cannot be made."""

    def __init__(self, url: str) -> None:
        try:
            super().__init__(url)
        except OSError:
            self.sock.close()
            raise


class Caller:
    """One call. ``urls``: the addresses of it, of which the next is tried when one does not take the connection."""

    def __init__(self, urls: Sequence[str], sid: str) -> None:
        self.sid = sid
        #: How many attempts to connect came to nothing.
        self.refused = 0
        #: What was ordered, as far as it was confirmed.
        self.items: list[str] = []
        #: When the session began, and the close codes of the connections that were lost.
        self.began = 0.0
        self.lost: list[int] = []
        #: What was said by each process that has taken the call over.
        self.greeted_again: list[str] = []
        self._urls = urls
        self._sock: LightSocket | None = None
        self._verb_id = ""
        self._count = 0
        # What is said last: it may have been noted, and the confirmation lost.
        self._saying = ""

    # The connection

    def _connect(self, delays: Iterator[float]) -> _Waiting:
        while True:
            try:
                self._sock = _Connection(self._urls[self.refused % len(self._urls)])
            except OSError:
                self._sock = None
            else:
                deadline = time.monotonic() + PATIENCE
                # An HTTP answer is an AssertionError there.
                while not self._sock.is_open and not self._sock.is_over:
                    assert time.monotonic() < deadline, "a handshake is not answered"
                    yield deadline - time.monotonic(), [self._sock]
                if self._sock.is_open:
                    return
                self._sock.close()
            self.refused += 1
            delay = next(delays, None)
            assert delay is not None, "jambonz gives up: nobody takes the call"
            yield from pause(delay)

    def _say(self, kind: str, data: dict[str, Any], **envelope: Any) -> str:
        assert self._sock is not None
        self._count += 1
        msgid = f"{self.sid}.{self._count}"
        facts = {"call_sid": self.sid, "direction": "inbound", "from": "15550143001", "to": "+15550143900"}
        message = {"type": kind, "msgid": msgid, "call_sid": self.sid, "data": {**facts, **data}, **envelope}
        try:
            self._sock.send(message)
        except OSError:
            # What has come before the end is still to be read.
            pass
        return msgid

    def _next(self, what: str) -> _Waiting:
        """Wait for the next message of the application. Raises :exc:`Lost`."""
        sock = self._sock
        assert sock is not None
        deadline = time.monotonic() + PATIENCE
        while not sock.messages:
            if sock.is_over or sock.close_code is not None:
                self._give_up(sock)
            assert time.monotonic() < deadline, f"too long without {what}"
            yield deadline - time.monotonic(), [sock]
        return sock.messages.popleft()

    def _give_up(self, sock: LightSocket) -> None:
        code = sock.close_code or 1006
        self.lost.append(code)
        if not sock.is_over:
            sock.lose(code)
        sock.close()
        raise Lost(code)

    def _ask(self, kind: str, data: dict[str, Any], **envelope: Any) -> _Waiting:
        msgid = self._say(kind, data, **envelope)
        message = yield from self._next(f"the ack of {kind}")
        assert (message["type"], message.get("msgid")) == ("ack", msgid), f"not the ack of {kind}: {message}"
        return message.get("data")

    def _hear(self, verbs: list[dict[str, Any]]) -> str:
        """Note the question that is asked; return its text."""
        assert verbs[-1]["verb"] == "gather", verbs
        self._verb_id = verbs[-1]["id"]
        return str(verbs[-1]["say"]["text"])

    # The call

    def begin(self) -> _Waiting:
        """Connect, and begin the session."""
        yield from self._connect(iter(FIRST_DELAYS))
        self.began = time.monotonic()
        verbs = yield from self._ask("session:new", {})
        assert self._hear(verbs).startswith("What do you need?")

    def come_back(self) -> _Waiting:
        """Connect again after a loss, as jambonz does, to a process that knows nothing of the call."""
        yield from pause(FIRST_DELAYS[0])
        # Those go on without limit; no test waits for the later ones.
        yield from self._connect(iter(FIRST_DELAYS[1:]))
        yield from self._ask("session:reconnect", {})
        message = yield from self._next("a redirect")
        assert message.get("command") == "redirect", message
        text = self._hear(message["data"])
        self.greeted_again.append(text)
        last = {f"I have {item}." for item in (*self.items[-1:], self._saying) if item}
        assert text.removeprefix("Sorry, where were we? ") in last, f"{text!r} does not go on behind {last}"

    def order(self, item: str) -> _Waiting:
        """Say what is wanted, and have it confirmed. Raises :exc:`Lost`."""
        self._saying = item
        speech = {"alternatives": [{"transcript": item, "confidence": 0.9}]}
        data = {"verb_id": self._verb_id, "reason": "speechDetected", "speech": speech}
        verbs = yield from self._ask("verb:hook", data, hook="/item")
        if not verbs or verbs[-1]["verb"] != "gather":
            # In its function's place, by a process that is about to close the connection.
            message = yield from self._next("the end of the connection")
            raise AssertionError(f"not the end, behind {verbs}: {message}")
        assert self._hear(verbs) == f"{item}. What else?"
        self.items.append(item)

    def order_until_lost(self) -> _Waiting:
        """Order, and think, again and again, until the connection is lost."""
        try:
            while True:
                yield from self.order(f"thing {len(self.items)}")
                yield from self.think(0.2)
        except Lost:
            return

    def order_until(self, done: Callable[[], bool]) -> _Waiting:
        """Order, and think, and come back whenever the connection is lost, until it is done."""
        while not done():
            try:
                yield from self.order(f"thing {len(self.items)}")
                yield from self.think(0.2)
            except Lost:
                yield from self.come_back()

    def think(self, seconds: float) -> _Waiting:
        """Say nothing for so long. Raises :exc:`Lost`."""
        sock = self._sock
        assert sock is not None
        until = time.monotonic() + seconds
        while (rest := until - time.monotonic()) > 0:
            if sock.is_over or sock.close_code is not None:
                self._give_up(sock)
            yield rest, [sock]

    def hang_up(self) -> _Waiting:
        """End the call, and wait for the application to let go."""
        sock = self._sock
        assert sock is not None
        self._say("call:status", {"call_status": "completed"})
        sock.lose(1000)
        deadline = time.monotonic() + PATIENCE
        while not sock.is_over:
            assert time.monotonic() < deadline, "the connection does not end"
            yield deadline - time.monotonic(), [sock]
        sock.close()
        assert sock.close_code == 1000, f"the close was answered with {sock.close_code}"

    def drop(self) -> None:
        """Break the connection, at the end of a test that may have failed."""
        if self._sock is not None:
            self._sock.close()
