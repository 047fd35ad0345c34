"""Calls in virtual time, to applications that listen, with what takes the audio in the same world.

.. code-block:: python

    transcript = call_with_audio(lambda session: session.listen("/audio").run(), voice, frames=lambda: [bytes(320)])
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from jambonz_sync import create_endpoint
from jambonz_sync.audio import AudioService
from jambonz_sync.simulator import SimulatedCall, Transcript
from jambonz_sync.simulator.audio_in_process import audio_connector
from jambonz_sync.simulator.in_process import WorldClock, connector
from jambonz_sync.simulator.sound_recorder import SoundRecorder
from jambonz_sync.simulator.world import World

__all__ = ["call_with_audio"]


def call_with_audio(
    answer: Callable[[Any], Any],
    voice: Callable[[Any], Any],
    *steps: Any,
    service: AudioService | None = None,
    frames: Callable[[], Iterable[bytes]] | None = None,
    recorders: list[SoundRecorder] | None = None,
    **options: Any,
) -> Transcript:
    """Call an application whose audio ``voice`` takes. What goes wrong in either is raised."""
    faults: list[BaseException] = []
    endpoint = create_endpoint()
    app = endpoint.make_service(path="/app")
    app.on("session:new", answer)
    app.on("error", lambda session, fault: faults.append(fault))
    service = service or AudioService("/audio")
    service.on("connection", voice)
    service.on("error", lambda stream, fault: faults.append(fault))
    world = World()
    call = SimulatedCall(
        "ws://127.0.0.1/app",
        steps,
        clock=WorldClock(world),
        connect=connector(world, endpoint),
        connect_audio=audio_connector(
            world,
            {service.path: service}.get,
            find_session=lambda call_sid: endpoint.sessions.get(call_sid),
            frames=frames,
            recorders=recorders,
        ),
        **options,
    )
    world.start(call.run, "jambonz")
    world.wait(lambda: False, ends_idle=True)
    world.stop()
    if faults:
        raise faults[0]
    assert call.transcript is not None
    return call.transcript
