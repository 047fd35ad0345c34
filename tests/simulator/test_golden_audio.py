"""The golden traces of audio connections, message for message and frame for frame, over a real socket."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from jambonz_sync.simulator import Presses, SimulatedCall
from jambonz_sync.simulator.caller_sound import SoundWire
from tests.golden import Step, Trace, load

from .held_clock import HeldClock
from .server import HANGUP, App, serving
from .test_golden import shape
from .test_listening import BOTH, listen

#: For each trace: the listen, what the caller does, and how many seconds pass before each move of jambonz.
CALLS: dict[str, tuple[dict[str, Any], list[Presses], float]] = {
    "18_audio_clips": (listen(passDtmf=True, metadata={"ticket": "T-19"}), [Presses("7")], 0.5),
    "19_audio_streaming_marks": (
        listen(bidirectionalAudio={"enabled": True, "streaming": True, "sampleRate": 8000}),
        [],
        0.25,
    ),
}


def sound(trace: Trace) -> list[bytes]:
    """What the caller sends, in frames as in the trace."""
    return [bytes(step.size) for step in trace.steps if step.direction == "in" and step.event == "binary"]


def told(message: dict[str, Any]) -> dict[str, Any]:
    """What a message says that is no fact of the call: all that does not differ between two calls."""
    if "type" in message or "event" in message:
        return message
    return {key: message[key] for key in ("sampleRate", "mixType", "direction", "ticket") if key in message}


def follow(trace: Trace, advance: Callable[[], None], app: App) -> None:
    """Do what the application does on the audio connection, and check what jambonz does."""
    opening, first, *steps = trace.steps
    request = app.ws.request
    assert request is not None
    assert (request.path, app.ws.subprotocol) == (opening.path, opening.subprotocol)
    check(app.ws.recv(timeout=10), first)
    for step in steps:
        if step.direction == "in" and step.event == "close":
            with pytest.raises(ConnectionClosed):
                app.ws.recv(timeout=10)
            assert app.ws.close_code == step.code
        elif step.direction == "in":
            advance()
            check(app.ws.recv(timeout=10), step)
        elif step.event == "close":
            app.ws.close(step.code)
        else:
            # That what is streamed is no silence makes no difference.
            app.ws.send(b"\x01\x00" * (step.size // 2) if step.message is None else json.dumps(step.message))


def check(received: str | bytes, step: Step) -> None:
    if isinstance(received, bytes):
        assert (step.event, step.size) == ("binary", len(received))
        return
    assert step.message is not None
    message = json.loads(received)
    assert told(message) == told(step.message)
    # Of the facts of the call a trace may have a few only.
    assert {key: shape(message)[key] for key in step.message} == shape(step.message)


@pytest.mark.parametrize("name", CALLS)
def test_trace(name):
    """An application that acts as in the trace is sent what it is sent there, and nothing is complained of."""
    trace = load(name)
    verb, steps, seconds = CALLS[name]
    clock = HeldClock()
    hooks: list[dict[str, Any]] = []

    def application(app: App) -> None:
        if app.ws.subprotocol == "audio.jambonz.org":
            follow(trace, functools.partial(clock.advance, seconds), app)
            return
        app.begin(verb, HANGUP)
        hooks.append(app.receive())
        app.ack(hooks[0])
        app.until_closed()

    with serving(application, subprotocols=BOTH) as url:
        connect = functools.partial(SoundWire, frames=sound(trace))
        transcript = SimulatedCall(url, steps, clock=clock, connect_audio=connect).run()
    assert transcript.of("note") + transcript.of("fault") == []
    # Either way it ends the verb, whose hook tells how long it was.
    assert hooks[0]["hook"] == "/listened"
    assert re.fullmatch(r"\d+", str(hooks[0]["data"]["dial_call_duration"]))
    assert transcript.ending is not None
    assert transcript.ending.code == 1000
