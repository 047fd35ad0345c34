"""Applications for calls that take more than one connection: each connection has a script of its own.

.. code-block:: python

    def first(app):
        app.begin(gather())


    def second(app):
        app.ack(app.receive("session:reconnect"))


    transcript = call_over([first, second])
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve
from websockets.typing import Subprotocol

from jambonz_sync.simulator import SimulatedCall, Transcript
from jambonz_sync.simulator.caller import Step

from .server import App, JumpClock

__all__ = ["call_over", "lose", "serving_over"]


def lose(app: App) -> None:
    """Take in whatever comes until the connection is lost."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            app.receive("nothing")


@contextlib.contextmanager
def serving_over(scripts: Sequence[Callable[[App], Any]], **options: Any) -> Iterator[str]:
    """Serve each connection with the next script, and yield the URL; at the end raise what the scripts have raised."""
    faults: list[Exception] = []
    waiting = list(scripts)
    assigned: dict[ServerConnection, Callable[[App], Any]] = {}
    running = threading.Semaphore(0)

    def assign(ws: ServerConnection, request: Request) -> Response | None:
        # Here, while the other side waits for the handshake, and not in the order in which the threads get to run.
        response = None if process is None else process(ws, request)
        if response is None:
            assigned[ws] = waiting.pop(0)
        return response

    def handle(ws: ServerConnection) -> None:
        try:
            assigned[ws](App(ws))
        except Exception as fault:  # noqa: BLE001 - raised by the thread that called
            faults.append(fault)
        finally:
            running.release()

    process = options.get("process_request")
    options = {"subprotocols": [Subprotocol("ws.jambonz.org")], **options, "process_request": assign}
    with serve(handle, "127.0.0.1", 0, **options) as server:
        thread = threading.Thread(target=server.serve_forever, name="application", daemon=True)
        thread.start()
        host, port = server.socket.getsockname()
        try:
            yield f"ws://{host}:{port}/app"
            for _ in scripts:
                assert running.acquire(timeout=10), f"{len(waiting)} connections were not made, or do not end"
        finally:
            server.shutdown()
            thread.join(10)
    if faults:
        raise faults[0]


def call_over(
    scripts: Sequence[Callable[[App], Any]], *steps: Step, server: dict[str, Any] | None = None, **options: Any
) -> Transcript:
    """Call an application, each connection of which has its script, by default in jumps."""
    with serving_over(scripts, **(server or {})) as url:
        if "speed" not in options:
            options.setdefault("clock", JumpClock())
        return SimulatedCall(url, steps, **{"patience": 0.05, **options}).run()
