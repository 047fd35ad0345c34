"""The other end of a call: what jambonz says on the wire, and what it must be told."""

from __future__ import annotations

import contextlib
import itertools
import json
import secrets
import socket
import struct
import time
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any

from typing_extensions import Self
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Subprotocol

__all__ = ["GOODBYE", "NEUTRAL", "JambonzSide", "names", "texts", "without_ids"]

#: The stand-ins, as they are on the wire.
NEUTRAL = [{"verb": "config"}]
GOODBYE = [{"verb": "hangup"}, {"verb": "sip:decline", "status": 603}]

_KEEP = object()


def names(verbs: Iterable[Mapping[str, Any]] | None) -> list[str]:
    """The names of verbs as received."""
    assert verbs is not None, "there is no list of verbs"
    return [verb["verb"] for verb in verbs]


def texts(verbs: Iterable[Mapping[str, Any]] | None) -> list[str]:
    """What is said in a list of verbs."""
    assert verbs is not None, "there is no list of verbs"
    return [verb["text"] for verb in verbs if verb["verb"] == "say"]


def without_ids(verbs: Iterable[Mapping[str, Any]] | None) -> list[dict[str, Any]]:
    """The verbs without the ids that the library gave them."""
    assert verbs is not None, "there is no list of verbs"
    return [{key: value for key, value in verb.items() if key != "id"} for verb in verbs]


class JambonzSide:
    """One call on one socket at a time, played step by step. Everything received is kept in ``received``.

    Hooks name the id of the verb that was sent last with their name, as the real server does.
    """

    #: The ways of :meth:`lose`. The last leaves the application in the belief that the connection is up.
    WAYS = ("reset", "end", 1011, 1012, 4000, "ghost")

    def __init__(self, url: str, *, call_sid: str | None = None, timeout: float = 10.0) -> None:
        self.url = url
        self.call_sid = call_sid or f"call-{secrets.token_hex(6)}"
        self.timeout = timeout
        self.received: list[dict[str, Any]] = []
        self.call_status = "trying"
        self.last_msgid = ""
        self._numbers = itertools.count(1)
        self._verb_ids: dict[str, str | None] = {}
        # What is to be said of the session when the connection was lost, and what waits to be said after that.
        self._again: dict[str, Any] | None = None
        self._away: list[tuple[str, str]] | None = None
        self._connect()

    def _connect(self) -> None:
        self._stack = contextlib.ExitStack()
        connection = connect(
            self.url,
            subprotocols=[Subprotocol("ws.jambonz.org")],
            user_agent_header="jambonz",
            proxy=None,
            open_timeout=self.timeout,
            close_timeout=self.timeout,
            ping_interval=None,
            max_size=24_576,
            max_queue=None,
        )
        self.socket = self._stack.enter_context(connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.hang_up()
        else:
            self.drop()

    # What jambonz says

    def send(self, kind: str, data: Mapping[str, Any] | None = None, **envelope: Any) -> str:
        """Send a message of any type; return its msgid. An envelope key given as ``None`` is left out.

        While the connection is lost it waits until jambonz :meth:`come_back`.
        """
        msgid = self._next_msgid()
        whole = {"type": kind, "msgid": msgid, "call_sid": self.call_sid, "data": dict(data or {}), **envelope}
        message = {key: value for key, value in whole.items() if value is not None}
        if self._again is None and kind.startswith("session:"):
            # Of a socket that the call was redirected to, jambonz repeats nothing.
            self._again = {"data": {}} if kind == "session:redirect" else message
        if self._away is None:
            self.send_text(json.dumps(message))
        else:
            self._away.append((kind, json.dumps(message)))
        return msgid

    def _next_msgid(self) -> str:
        self.last_msgid = f"{self.call_sid}.{next(self._numbers)}"
        return self.last_msgid

    def send_text(self, text: str | bytes) -> None:
        """Send anything as one message."""
        self.socket.send(text)

    def facts(self) -> dict[str, Any]:
        """What most messages repeat of the call."""
        return {
            "call_sid": self.call_sid,
            "direction": "inbound",
            "from": "15550143001",
            "to": "+15550143900",
            "call_status": self.call_status,
        }

    def session_new(self, *, kind: str = "session:new", **data: Any) -> str:
        """Begin the session."""
        return self.send(kind, {**self.facts(), **data}, b3="0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1")

    def hook(self, name: str, *, verb_id: Any = _KEEP, kind: str = "verb:hook", **data: Any) -> str:
        """Ask a hook; return the msgid. ``verb_id`` is that of the verb, unless given; ``None`` for none."""
        if verb_id is _KEEP:
            verb_id = self._verb_ids.get(name)
        ids = {} if verb_id is None else {"verb_id": verb_id}
        return self.send(kind, {**self.facts(), **ids, **data}, hook=name)

    def speech(self, name: str, transcript: str, **data: Any) -> str:
        """Ask the hook of a gather that has heard something."""
        alternatives = [{"transcript": transcript, "confidence": 0.9}]
        return self.hook(name, reason="speechDetected", speech={"alternatives": alternatives}, **data)

    def status(self, call_status: str, **data: Any) -> None:
        """Report the status of the call."""
        if "call_sid" not in data:
            self.call_status = call_status
        self.send("call:status", {**self.facts(), "call_status": call_status, **data})

    def verb_status(self, event: str, id: str | None = None, **data: Any) -> None:
        """Report the start or the end of a verb."""
        self.send("verb:status", {"event": event, **({} if id is None else {"id": id}), **data})

    def live(self) -> None:
        """Let jambonz send what it sends only when the call is built, so that commands need not wait."""
        self.send("queue:status")

    def all_read(self) -> None:
        """Wait until the application has read all that was sent: ask what is always acked at once."""
        self.send("session:adulting", self.facts())
        assert self.expect_ack() is None

    def hang_up(self, code: int = 1000) -> None:
        """The caller has hung up: the last status, and the close, whose answer must be the same code."""
        try:
            self.status("completed")
        except ConnectionClosed:
            return
        self.close(code)

    def close(self, code: int = 1000) -> None:
        """Close as jambonz does, and wait for the answer."""
        self.socket.close(code)
        reply = self.socket.protocol.close_rcvd
        assert reply is not None, "the application did not answer the close"

    def drop(self) -> None:
        """Break the connection: no close frame, a reset."""
        try:
            self.socket.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            self._stack.close()
            return
        self.socket.close_socket()
        self.socket.recv_events_thread.join(self.timeout)
        self._stack.close()

    # A connection that is lost, and the next

    def lose(self, way: str | int) -> None:
        """Lose the connection, but not the call: all that is sent from now on waits until jambonz :meth:`come_back`.

        ``way``: ``"reset"``; ``"end"``, of the stream, without a close frame; a close code; or ``"ghost"``: nobody
        hears what is said on the connection any more, but it stays open.
        """
        self._away = []
        # What has been received is acknowledged now, and not up to 40 ms later: jambonz takes longer to come back.
        self.socket.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        if way == "reset":
            self.drop()
        elif way == "end":
            self.socket.socket.shutdown(socket.SHUT_WR)
        elif isinstance(way, int):
            self.close(way)

    def connect_again(self) -> str:
        """Open the next socket and say ``session:reconnect`` on it; return its msgid. Until its ack nothing is said."""
        assert self._again is not None, "there is no session to come back to"
        if self._away is None:
            self._away = []
        before = self._stack
        self._connect()
        # Only now: the socket before may be a ghost, which nobody closes.
        self._stack.push(before.pop_all())
        msgid = self._next_msgid()
        self.send_text(json.dumps({**self._again, "type": "session:reconnect", "msgid": msgid}))
        return msgid

    def come_back(self) -> list[dict[str, Any]] | None:
        """:meth:`connect_again`; behind the ack, which must come first, say what has waited. Return the ack's verbs."""
        return self.go_on(self.connect_again())

    def go_on(self, msgid: str) -> list[dict[str, Any]] | None:
        """The ack of ``session:reconnect`` must come first. Then say what has waited: hooks before notifications."""
        verbs = self.expect_ack(msgid)
        waited, self._away = self._away or [], None
        for _, text in sorted(waited, key=lambda message: not message[0].endswith((":hook", ":confirm", ":redirect"))):
            self.send_text(text)
        return verbs

    # What it must be told

    def receive(self, timeout: float | None = None) -> dict[str, Any]:
        """Return the next message of the application."""
        try:
            data = self.socket.recv(self.timeout if timeout is None else timeout)
        except TimeoutError:
            raise AssertionError(f"nothing came in time; so far: {self.received}") from None
        assert isinstance(data, str), f"the application sent binary: {data[:100]!r}"
        message: dict[str, Any] = json.loads(data)
        self.received.append(message)
        for verb in message["data"] if isinstance(message.get("data"), list) else []:
            hook = verb.get("actionHook")
            name = hook.get("url") if isinstance(hook, dict) else hook
            if isinstance(name, str):
                self._verb_ids[name] = verb.get("id")
        return message

    def expect_ack(self, msgid: str | None = None) -> list[dict[str, Any]] | None:
        """The next message must be the ack of ``msgid``, by default of the message sent last. Return its verbs."""
        message = self.receive()
        assert message["type"] == "ack", f"not an ack: {message}"
        assert message["msgid"] == (msgid or self.last_msgid), f"the ack of another message: {message}"
        return message.get("data")

    def expect_redirect(self, *, queue: bool = False) -> list[dict[str, Any]]:
        """The next message must be a redirect, behind the queue or in its place. Return its verbs, never none."""
        message = self.receive()
        assert message["type"] == "command", f"not a command: {message}"
        assert message["command"] == "redirect", f"not a redirect: {message}"
        assert message["queueCommand"] is queue, f"queueCommand is not {queue}: {message}"
        assert message["data"], f"an empty redirect ends the call: {message}"
        verbs: list[dict[str, Any]] = message["data"]
        return verbs

    def expect_goodbye(self) -> None:
        """The next message must be what ends the call behind whatever is queued."""
        assert self.expect_redirect(queue=True) == GOODBYE

    def expect_close(self, code: int) -> str:
        """The application must close with this code, and have said nothing else. Return the reason."""
        try:
            data = self.socket.recv(self.timeout)
        except ConnectionClosed as closed:
            close, text = closed.rcvd, str(closed)
        except TimeoutError:
            raise AssertionError("the application did not close") from None
        else:
            raise AssertionError(f"not a close: {data!r}")
        assert close is not None, "the connection broke without a close frame"
        assert close.code == code, text
        return close.reason

    def nothing_for(self, seconds: float) -> None:
        """The application must say nothing for so long."""
        try:
            data = self.socket.recv(seconds)
        except TimeoutError:
            return
        raise AssertionError(f"not expected: {data!r}")

    def rest(self) -> list[dict[str, Any]]:
        """What is left to be read of a closed connection."""
        rest = []
        deadline = time.monotonic() + self.timeout
        while time.monotonic() < deadline:
            try:
                rest.append(self.receive(0))
            except (ConnectionClosed, AssertionError):
                break
        return rest
