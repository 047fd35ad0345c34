"""Calls to applications of this library in virtual time.

.. code-block:: python

    transcript = call_in_world(lambda session: session.say("Hello.").run(), Says("hello"))
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jambonz_sync import create_endpoint
from jambonz_sync.simulator import SimulatedCall, Transcript
from jambonz_sync.simulator.caller import Step
from jambonz_sync.simulator.in_process import WorldClock, connector
from jambonz_sync.simulator.world import World

__all__ = ["call_in_world"]


def call_in_world(answer: Callable[[Any], Any], *steps: Step, **options: Any) -> Transcript:
    """Call an application, which is a function that takes a session; what goes wrong in it is raised."""
    faults: list[BaseException] = []
    endpoint = create_endpoint()
    service = endpoint.make_service(path="/app")
    service.on("session:new", answer)
    service.on("error", lambda session, fault: faults.append(fault))
    world = World()
    call = SimulatedCall(
        "ws://127.0.0.1/app", steps, clock=WorldClock(world), connect=connector(world, endpoint), **options
    )
    world.start(call.run, "jambonz")
    world.wait(lambda: False, ends_idle=True)
    world.stop()
    if faults:
        raise faults[0]
    assert call.transcript is not None
    return call.transcript
