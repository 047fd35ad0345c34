"""A small jambonz application on the PyPI package `websockets`, which knows nothing of the library under test.

.. code-block:: python

    def application(app):
        app.ack(app.receive("session:new"), [say("Hello."), HANGUP])


    transcript = call(application)
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve
from websockets.typing import Subprotocol

from jambonz_sync.simulator import Entry, Presses, Says, SimulatedCall, Transcript, WireMessage
from jambonz_sync.simulator.caller import Step
from jambonz_sync.simulator.clock import RealClock

__all__ = [
    "HANGUP",
    "App",
    "CommandClock",
    "JumpClock",
    "Verbs",
    "call",
    "gather",
    "keys",
    "play",
    "say",
    "serving",
    "words",
]

Verbs = list[dict[str, Any]]

HANGUP = {"verb": "hangup"}


def say(text: str = "One two three.", **options: Any) -> dict[str, Any]:
    return {"verb": "say", "text": text, **options}


def play(**options: Any) -> dict[str, Any]:
    return {"verb": "play", "url": "https://example.com/a.mp3", **options}


def gather(*inputs: str, hook: str = "/gathered", **options: Any) -> dict[str, Any]:
    return {"verb": "gather", "input": list(inputs or ("speech", "digits")), "actionHook": hook, **options}


def words(message: dict[str, Any]) -> str:
    """What was recognised, of a gather's hook."""
    return str(message["data"]["speech"]["alternatives"][0]["transcript"])


def keys(message: dict[str, Any]) -> str:
    """What was pressed, of a gather's hook."""
    return str(message["data"]["digits"])


class JumpClock:
    """Call time that jumps to what happens next, and stands still while the application thinks.

    So times are exact. An application that sends something by itself while a verb runs needs a clock that waits.
    """

    def __init__(self) -> None:
        self.time = 0.0
        self.thinking = False

    def start(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def application_moves(self, moves: bool) -> None:
        self.thinking = moves

    def wait(self, arrives: Callable[[float], bool], until: float) -> None:
        if not arrives(until - self.time if self.thinking else 0.0):
            self.time = max(self.time, until)


class CommandClock(JumpClock):
    """Call time that passes until the application has sent a command by itself, and jumps from then on.

    .. code-block:: python

        clock = CommandClock()
        call(application, clock=clock, watch=clock.watch)

    For an application that, behind its first command, only answers.
    """

    def __init__(self) -> None:
        super().__init__()
        self._passing: RealClock | None = RealClock(20.0)

    def start(self) -> None:
        super().start()
        if self._passing is not None:
            self._passing.start()

    def now(self) -> float:
        return super().now() if self._passing is None else self._passing.now()

    def application_moves(self, moves: bool) -> None:
        super().application_moves(moves)
        if self._passing is not None:
            self._passing.application_moves(moves)

    def wait(self, arrives: Callable[[float], bool], until: float) -> None:
        if self._passing is None:
            super().wait(arrives, until)
        else:
            self._passing.wait(arrives, until)

    def watch(self, what: Entry | WireMessage) -> None:
        """Look out for the command."""
        if self._passing is not None and isinstance(what, WireMessage) and what.message["type"] == "command":
            self.time = self._passing.now()
            self._passing = None


class App:
    """The application's end of one call, for a script that reads from top to bottom."""

    def __init__(self, ws: ServerConnection) -> None:
        self.ws = ws
        self.received: list[dict[str, Any]] = []

    def receive(self, *types: str) -> dict[str, Any]:
        """Return the next message of one of these types; by default of those that want an ack."""
        while True:
            message: dict[str, Any] = json.loads(self.ws.recv(timeout=10))
            self.received.append(message)
            if message["type"] in (types or ("session:new", "session:redirect", "verb:hook", "dial:confirm")):
                return message

    def status(self, status: str) -> dict[str, Any]:
        """Return the next call status with this value."""
        while True:
            message = self.receive("call:status")
            if message["data"]["call_status"] == status:
                return message

    def ack(self, message: dict[str, Any], data: Any = None) -> None:
        envelope = {"type": "ack", "msgid": message["msgid"]}
        self.ws.send(json.dumps(envelope if data is None else {**envelope, "data": data}))

    def begin(self, *verbs: dict[str, Any]) -> dict[str, Any]:
        """Answer `session:new`, and return it once the call exists."""
        opening = self.receive("session:new")
        self.ack(opening, list(verbs))
        self.receive("call:status")
        return opening

    def command(self, name: str, data: Any, **more: Any) -> None:
        self.ws.send(json.dumps({"type": "command", "command": name, "data": data, **more}))

    def redirect(self, *verbs: dict[str, Any], queue: bool = False) -> None:
        self.command("redirect", list(verbs), queueCommand=queue)

    def send_together(self, *messages: dict[str, Any]) -> None:
        """Send messages in one piece, which arrives as one."""
        with self.ws.protocol_mutex:
            for message in messages:
                self.ws.protocol.send_text(json.dumps(message).encode())
            self.ws.socket.sendall(b"".join(self.ws.protocol.data_to_send()))

    def until_closed(self) -> tuple[int, list[dict[str, Any]]]:
        """Take in whatever comes; return the close code and what came."""
        begun = len(self.received)
        while True:
            try:
                self.received.append(json.loads(self.ws.recv(timeout=10)))
            except ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd is not None else 1006, self.received[begun:]


@contextlib.contextmanager
def serving(application: Callable[[App], Any], **options: Any) -> Iterator[str]:
    """Serve an application and yield its URL; at the end raise what it has raised."""
    faults: list[Exception] = []
    done = threading.Event()

    def handle(ws: ServerConnection) -> None:
        try:
            application(App(ws))
        except Exception as fault:  # noqa: BLE001 - raised by the thread that called
            faults.append(fault)
        finally:
            done.set()

    options = {"subprotocols": [Subprotocol("ws.jambonz.org")], **options}
    with serve(handle, "127.0.0.1", 0, **options) as server:
        thread = threading.Thread(target=server.serve_forever, name="application", daemon=True)
        thread.start()
        host, port = server.socket.getsockname()
        try:
            yield f"ws://{host}:{port}/app"
            assert done.wait(10), "the application did not return"
        finally:
            server.shutdown()
            thread.join(10)
    if faults:
        raise faults[0]


def call(application: Callable[[App], Any], *steps: Step | str, **options: Any) -> Transcript:
    """Call an application that is served for this call only, by default in jumps.

    A step that is a text is said, or pressed if it consists of keys.
    """
    script: Sequence[Step] = [
        (Presses(step) if not set(step) - set("0123456789*#") else Says(step)) if isinstance(step, str) else step
        for step in steps
    ]
    with serving(application) as url:
        if "speed" not in options:
            options.setdefault("clock", JumpClock())
        return SimulatedCall(url, script, **{"patience": 0.05, **options}).run()
