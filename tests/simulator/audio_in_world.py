"""Calls in virtual time to applications of this library that listen, with an audio side that lives in the same world.

.. code-block:: python

    def audio(side):
        side.receive()
        side.answer({"type": "disconnect"})


    transcript = call_with_audio(lambda session: session.listen("/audio").run(), audio)
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from typing import Any

from jambonz_sync import create_endpoint
from jambonz_sync.simulator import SimulatedCall, Transcript
from jambonz_sync.simulator.connection import Closed
from jambonz_sync.simulator.in_process import WorldClock, connector
from jambonz_sync.simulator.world import World

__all__ = ["WorldAudio", "call_with_audio"]


class WorldAudio:
    """An audio connection, and what the application does at its other end, on a thread of the world."""

    def __init__(self, world: World, application: Callable[[WorldAudio], Any]) -> None:
        self.world = world
        self.closed: Closed | None = None
        self._to_jambonz: deque[str | bytes] = deque()
        self._to_application: deque[tuple[float, str]] = deque()
        world.start(lambda: application(self), "the audio side")

    # For jambonz

    def wait(self, seconds: float) -> bool:
        return bool(self._to_jambonz) or self.closed is not None

    def read(self) -> list[str | bytes]:
        messages = list(self._to_jambonz)
        self._to_jambonz.clear()
        return messages

    def send(self, text: str) -> None:
        self._to_application.append((self.world.now(), text))

    def close(self, code: int, reason: str = "") -> None:
        self.closed = Closed(code, reason, by_application=False)

    def abort(self) -> None:
        self.close(1006)

    # For the application

    def receive(self) -> tuple[float, dict[str, Any]]:
        """Wait for the next message; return it, and the time at which it was sent."""
        self.world.wait(lambda: bool(self._to_application))
        time, text = self._to_application.popleft()
        return time, json.loads(text)

    def answer(self, *messages: dict[str, Any] | bytes) -> None:
        """Send messages, or audio, which arrive together."""
        self._to_jambonz.extend(json.dumps(message) if isinstance(message, dict) else message for message in messages)


def call_with_audio(answer: Callable[[Any], Any], audio: Callable[[WorldAudio], Any], **options: Any) -> Transcript:
    """Call an application; whatever address it listens at, ``audio`` is there. What goes wrong in either is raised."""
    faults: list[BaseException] = []
    endpoint = create_endpoint()
    service = endpoint.make_service(path="/app")
    service.on("session:new", answer)
    service.on("error", lambda session, fault: faults.append(fault))
    world = World()
    call = SimulatedCall(
        "ws://127.0.0.1/app",
        clock=WorldClock(world),
        connect=connector(world, endpoint),
        connect_audio=lambda url: WorldAudio(world, audio),
        **options,
    )
    world.start(call.run, "jambonz")
    world.wait(lambda: False, ends_idle=True)
    world.stop()
    if faults:
        raise faults[0]
    assert call.transcript is not None
    return call.transcript
