"""Golden traces: recorded conversations between jambonz and an application, and their replay against a server.

.. code-block:: python

    @pytest.mark.parametrize("verb_ids", [True, False])
    def test_echo(endpoint, verb_ids):
        replay(endpoint.url, load("02_echo_gather_speech"), verb_ids=verb_ids)
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import pathlib
import socket
import struct
from collections.abc import Mapping
from typing import Any, Literal

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

__all__ = ["AUDIO", "CONTROL", "GoldenMismatch", "Step", "Trace", "load", "replay"]

DIRECTORY = pathlib.Path(__file__).resolve().parent / "data" / "golden"

# One byte more and jambonz closes the socket with 1009; on audio sockets it has no such limit.
LARGEST_CONTROL_MESSAGE = 24_576


@dataclasses.dataclass(frozen=True)
class Step:
    """A line of a trace: a JSON text frame, or an event of the socket.

    `direction` is `"in"` for what jambonz does and `"out"` for what the application does. Either `message` or `event`
    is `None`; an event is `"open"`, `"close"`, `"drop"` or `"binary"`.
    """

    direction: Literal["in", "out"]
    message: dict[str, Any] | None = None
    event: Literal["open", "close", "drop", "binary"] | None = None
    conn: int = 1
    note: str = ""
    path: str = ""
    subprotocol: str = ""
    code: int = 0
    size: int = 0

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Step:
        return cls(
            direction=line["dir"],
            message=line.get("msg"),
            event=line.get("event"),
            conn=line.get("conn", 1),
            note=line.get("note", ""),
            path=line.get("path", ""),
            subprotocol=line.get("subprotocol", ""),
            code=line.get("code", 0),
            size=line.get("bytes", 0),
        )

    def __str__(self) -> str:
        """Return the step as one line of a conversation."""
        return describe(self.direction, self.conn, self.message if self.event is None else self.facts())

    def facts(self) -> str:
        if self.event == "open":
            return f"open {self.path} ({self.subprotocol})"
        if self.event == "binary":
            return f"binary, {self.size} bytes"
        return f"{self.event} {self.code}"


@dataclasses.dataclass(frozen=True)
class Trace:
    """A whole conversation, in wire order."""

    name: str
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        return self.name

    def messages(self, direction: str, type: str) -> list[dict[str, Any]]:
        """Return the messages of one direction and type, in order."""
        found = (step.message for step in self.steps if step.direction == direction and step.message is not None)
        return [message for message in found if message.get("type") == type]


class GoldenMismatch(AssertionError):
    """The application did something else than the trace; says what, and shows the conversation so far."""


def names(pattern: str = "*") -> list[str]:
    return sorted(path.stem for path in DIRECTORY.glob(f"{pattern}.json"))


AUDIO = [name for name in names() if "_audio_" in name]
CONTROL = [name for name in names() if name not in AUDIO]


def load(name: str) -> Trace:
    """Return the trace of this name; the number it begins with will do."""
    found = [known for known in names() if known == name or known.partition("_")[0] == name]
    if len(found) != 1:
        raise LookupError(f"no golden trace {name!r}; there are {', '.join(names())}")
    lines = json.loads(DIRECTORY.joinpath(f"{found[0]}.json").read_text(encoding="utf-8"))
    return Trace(found[0], tuple(Step.from_json(line) for line in lines))


def replay(
    url: str,
    trace: Trace,
    *,
    verb_ids: bool = True,
    timeout: float = 10.0,
    headers: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Play jambonz's part of a trace to the server at `url`, and compare the application's part step by step.

    `url` is where the paths of the trace begin, as in `ws://127.0.0.1:3000`. Messages must be equal, except that a verb
    may carry an `id` where the trace has none. If `verb_ids` is true, a hook names the id that its verb carried, as
    it does on the real server; if it is false, hooks are sent as recorded.

    Raises :exc:`GoldenMismatch` on the first difference, and on a step that takes longer than `timeout` seconds.
    Returns what the application sent, as received.
    """
    player = Player(url.rstrip("/"), trace, verb_ids, timeout, dict(headers or {}))
    try:
        for step in trace.steps:
            player.play(step)
    finally:
        player.abort()
    return player.received


class Player:
    """One replay: its sockets, and the conversation so far."""

    def __init__(self, url: str, trace: Trace, verb_ids: bool, timeout: float, headers: dict[str, str]) -> None:
        self.url = url
        self.trace = trace
        self.verb_ids = verb_ids
        self.timeout = timeout
        self.headers = headers
        self.stack = contextlib.ExitStack()
        self.connections: dict[int, ClientConnection] = {}
        self.conversation: list[str] = []
        self.received: list[dict[str, Any]] = []
        # The id of the verb last sent with an action hook, by hook: what the real server reports as `verb_id`.
        self.last_ids: dict[str, str | None] = {}

    def play(self, step: Step) -> None:
        if step.event is not None:
            getattr(self, f"{step.event}_{step.direction}")(step)
        elif step.direction == "in":
            self.message_in(step)
        else:
            self.message_out(step)

    # What jambonz does.

    def open_in(self, step: Step) -> None:
        self.conversation.append(str(step))
        uri = self.url + step.path
        try:
            connection = connect(
                uri,
                subprotocols=[Subprotocol(step.subprotocol)],
                additional_headers=self.headers,
                user_agent_header="jambonz",
                proxy=None,
                open_timeout=self.timeout,
                close_timeout=self.timeout,
                # Nothing but the trace is on the wire: jambonz sends no pings by default.
                ping_interval=None,
                max_size=LARGEST_CONTROL_MESSAGE if step.subprotocol == "ws.jambonz.org" else None,
            )
        except (OSError, WebSocketException) as exc:
            raise self.mismatch(f"cannot connect to {uri}: {exc}") from exc
        self.connections[step.conn] = self.stack.enter_context(connection)
        if connection.subprotocol != step.subprotocol:
            raise self.mismatch(f"the server chose the subprotocol {connection.subprotocol!r}")

    def message_in(self, step: Step) -> None:
        assert step.message is not None
        message = self.with_verb_id(step.message) if self.verb_ids else step.message
        self.send(step, json.dumps(message))
        self.conversation.append(describe("in", step.conn, message))

    def binary_in(self, step: Step) -> None:
        self.send(step, bytes(step.size))
        self.conversation.append(str(step))

    def send(self, step: Step, data: str | bytes) -> None:
        try:
            self.connections[step.conn].send(data)
        except ConnectionClosed as exc:
            self.take_rest(step.conn)
            raise self.mismatch(f"the application closed the connection ({exc}) before this step:\n  {step}") from exc

    def close_in(self, step: Step) -> None:
        connection = self.connections.pop(step.conn)
        connection.close(step.code)
        self.conversation.append(str(step))
        # What the application sent of its own accord shows at the end, at the latest.
        if self.take_rest(step.conn, connection):
            raise self.mismatch("the application sent more than the trace has")
        reply = connection.protocol.close_rcvd
        if reply is None:
            raise self.mismatch(f"the application did not answer the close within {self.timeout:g} s")
        if reply.code != step.code:
            raise self.mismatch(f"the application answered the close {step.code} with {reply.code}")

    def drop_in(self, step: Step) -> None:
        abort(self.connections.pop(step.conn), self.timeout)
        self.conversation.append(str(step))

    # What the application does.

    def message_out(self, step: Step) -> None:
        assert step.message is not None
        data = self.receive(step)
        if isinstance(data, bytes):
            raise self.mismatch(f"expected a message, received {len(data)} bytes of binary:\n  {step}")
        message = self.take(step.conn, data)
        if canonical(without_new_ids(message, step.message)) != canonical(step.message):
            raise self.mismatch(f"expected:\n  {json.dumps(step.message)}\nreceived:\n  {json.dumps(message)}")

    def binary_out(self, step: Step) -> None:
        data = self.receive(step)
        if isinstance(data, str) or len(data) != step.size:
            got = describe("out", step.conn, data if isinstance(data, str) else f"binary, {len(data)} bytes")
            raise self.mismatch(f"expected:\n  {step}\nreceived:\n  {got}")
        self.conversation.append(str(step))

    def close_out(self, step: Step) -> None:
        connection = self.connections[step.conn]
        try:
            data = connection.recv(self.timeout)
        except TimeoutError:
            raise self.mismatch(f"nothing came within {self.timeout:g} s; expected:\n  {step}") from None
        except ConnectionClosed as exc:
            code = exc.rcvd.code if exc.rcvd is not None else 1006
            self.conversation.append(describe("out", step.conn, f"close {code}"))
            if code != step.code:
                raise self.mismatch(f"expected close {step.code}") from exc
            del self.connections[step.conn]
        else:
            raise self.mismatch(f"expected:\n  {step}\nreceived:\n  {data!r}")

    def receive(self, step: Step) -> str | bytes:
        try:
            return self.connections[step.conn].recv(self.timeout)
        except TimeoutError:
            raise self.mismatch(f"nothing came within {self.timeout:g} s; expected:\n  {step}") from None
        except ConnectionClosed as exc:
            raise self.mismatch(f"the application closed the connection ({exc}); expected:\n  {step}") from exc

    def take(self, conn: int, data: str) -> dict[str, Any]:
        """Note a message of the application, and the ids of its verbs."""
        try:
            message: dict[str, Any] = json.loads(data)
        except ValueError:
            raise self.mismatch(f"received what is not JSON:\n  {data!r}") from None
        self.received.append(message)
        self.conversation.append(describe("out", conn, message))
        for verb in verbs_of(message):
            hook = verb.get("actionHook")
            name = hook.get("url") if isinstance(hook, dict) else hook
            if isinstance(name, str):
                self.last_ids[name] = verb.get("id")
        return message

    def take_rest(self, conn: int, connection: ClientConnection | None = None) -> int:
        """Note what is left to be read of a closed connection; return how many messages that were."""
        connection = connection or self.connections[conn]
        count = 0
        while True:
            try:
                data = connection.recv(timeout=0)
            except (ConnectionClosed, TimeoutError):
                return count
            count += 1
            if isinstance(data, str):
                self.take(conn, data)
            else:
                self.conversation.append(describe("out", conn, f"binary, {len(data)} bytes"))

    def with_verb_id(self, message: dict[str, Any]) -> dict[str, Any]:
        """Return the message as the server would send it, now that its verb has an id."""
        data = message.get("data")
        if message.get("type") != "verb:hook" or not isinstance(data, dict) or "verb_id" in data:
            return message
        identifier = self.last_ids.get(message["hook"])
        return message if identifier is None else {**message, "data": {**data, "verb_id": identifier}}

    def mismatch(self, text: str) -> GoldenMismatch:
        so_far = "\n".join(f"  {line}" for line in self.conversation)
        return GoldenMismatch(f"{self.trace}: {text}\nThe conversation so far:\n{so_far}")

    def abort(self) -> None:
        for connection in self.connections.values():
            abort(connection, self.timeout)
        self.connections.clear()
        self.stack.close()


def abort(connection: ClientConnection, timeout: float) -> None:
    """End a connection as a broken network does: no close frame, a reset."""
    # The peer may have been first.
    with contextlib.suppress(OSError):
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close_socket()
    connection.recv_events_thread.join(timeout)


def verbs_of(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the top-level verbs that a message of the application carries."""
    data = message.get("data")
    return [verb for verb in data if isinstance(verb, dict)] if isinstance(data, list) else []


def without_new_ids(message: dict[str, Any], golden: Mapping[str, Any]) -> dict[str, Any]:
    """Return the message without the ids that its verbs carry where the golden ones have none."""
    data, expected = message.get("data"), golden.get("data")
    if not isinstance(data, list) or not isinstance(expected, list) or len(data) != len(expected):
        return message
    verbs = [
        {key: value for key, value in verb.items() if key != "id" or "id" in wanted}
        if isinstance(verb, dict) and isinstance(wanted, dict)
        else verb
        for verb, wanted in zip(data, expected, strict=True)
    ]
    return {**message, "data": verbs}


def canonical(message: Mapping[str, Any]) -> str:
    """Return a text that is equal for equal messages only; `==` would take `1` for `true`."""
    return json.dumps(message, sort_keys=True)


def describe(direction: str, conn: int, what: Any) -> str:
    """Return a line of a conversation, elided."""
    text = what if isinstance(what, str) else json.dumps(what)
    if len(text) > 400:
        text = f"{text[:260]} … {text[-120:]}"
    return f"{direction:>3} {conn}  {text}"
