"""The golden traces with more than one connection, or another beginning, message for message."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jambonz_sync.simulator import Answers, Busy, DropsConnection, Entry, Presses, SimulatedCall, WireMessage
from tests.golden import Step, Trace, load

from .lines import lose, serving_over
from .server import App, JumpClock
from .test_golden import kind, shape

#: Where a trace goes on at another address.
ELSEWHERE = "wss://other.example.net"

CALLS: dict[str, dict[str, Any]] = {
    "10_reconnect_after_drop": {"steps": [DropsConnection(at=1), Presses("5")]},
    "11_reconnect_before_first_ack": {"steps": [DropsConnection(after="session:new")]},
    "12_session_redirect": {},
    "13_jambonz_error": {"steps": [Presses("4")]},
    "14_outbound_rest_status_first": {"placed": Answers(), "tag": {"orderId": "A-7"}},
    "15_outbound_busy_no_session": {"placed": Busy()},
    "16_session_adulting": {"dials": [Answers(seconds=60)]},
}


def is_simulated(message: dict[str, Any] | None) -> bool:
    """Whether a message is looked for: troubles of speech vendors are not simulated."""
    return (
        message is None
        or message.get("type") != "jambonz:error"
        or message["data"].get("msg") not in ("ASR error", "TTS error")
    )


def is_extra(name: str, message: dict[str, Any]) -> bool:
    """Whether the simulator sends a message more than the trace: there a dialled party answers without ringing."""
    return name == "16_session_adulting" and message["data"].get("call_status") == "ringing"


def comparable(name: str, message: dict[str, Any]) -> dict[str, Any]:
    """Return a message without what only that trace has: the SBC's id of a dialled leg, before it rings."""
    data = message["data"]
    if name == "16_session_adulting" and data.get("call_status") == "trying" and "parent_call_sid" in data:
        return {**message, "data": {key: value for key, value in data.items() if key != "sbc_callid"}}
    return message


class Lockstep:
    """Has the simulator wait, after each message that the trace follows with a command, until the command is sent.

    A command may come at any time. This way it always comes when the trace has it.
    """

    def __init__(self, trace: Trace) -> None:
        self._name = trace.name
        self._commands: list[threading.Event | None] = []
        for step in trace.steps:
            if step.message is None:
                continue
            if step.direction == "in":
                self._commands.append(None)
            elif step.message["type"] == "command":
                self._commands[-1] = threading.Event()
        self._expected = iter([event for event in self._commands if event is not None])
        self._passed: Iterator[threading.Event | None] = iter(self._commands)

    def sent(self) -> None:
        """The application has sent its next command."""
        next(self._expected).set()

    def watch(self, what: Entry | WireMessage) -> None:
        """A message has been sent to the application, or something else has happened."""
        if isinstance(what, WireMessage) and what.direction == "in" and not is_extra(self._name, what.message):
            command = next(self._passed, None)
            assert command is None or command.wait(10)


def script(name: str, steps: list[Step], lockstep: Lockstep, url: list[str]) -> Callable[[App], None]:
    """Return the application's part of one connection."""

    def receive(app: App) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(app.ws.recv(timeout=10))
        return receive(app) if is_extra(name, message) else message

    def application(app: App) -> None:
        ids = {}
        for step in steps:
            if step.direction == "out":
                assert step.message is not None
                message = dict(step.message)
                if message["type"] == "ack":
                    message["msgid"] = ids[message["msgid"]]
                app.ws.send(json.dumps(message).replace(ELSEWHERE, url[0]))
                if message["type"] == "command":
                    lockstep.sent()
            elif step.message is not None:
                ids[step.message["msgid"]] = receive(app)["msgid"]
            elif step.event == "drop":
                lose(app)
            elif step.event == "close":
                assert app.until_closed() == (step.code, [])

    return application


@pytest.mark.parametrize("name", CALLS)
def test_trace(name):
    """An application that answers as in the trace is sent messages like those of the trace, in the same places."""
    trace = load(name)
    trace = dataclasses.replace(trace, steps=tuple(step for step in trace.steps if is_simulated(step.message)))
    recorded = [step for step in trace.steps if step.direction == "in" and step.message is not None]
    env = next((step.message["data"]["env_vars"] for step in recorded if "env_vars" in step.message["data"]), None)
    lockstep, url = Lockstep(trace), [""]
    connections = sorted({step.conn for step in trace.steps})
    scripts = [script(name, [step for step in trace.steps if step.conn == conn], lockstep, url) for conn in connections]
    with serving_over(scripts) as served:
        url[0] = served.removesuffix("/app")
        simulated = SimulatedCall(
            served,
            env=env,
            headers={"X-Queue-Hint": "gold"},
            patience=0.05,
            clock=JumpClock(),
            watch=lockstep.watch,
            limit=100,
            **CALLS[name],
        )
        transcript = simulated.run()
    sent = [record for record in transcript.wire if record.direction == "in" and not is_extra(name, record.message)]
    assert [(record.connection, kind(record.message)) for record in sent] == [
        (step.conn, kind(step.message)) for step in recorded
    ]
    for record, step in zip(sent, recorded, strict=True):
        assert step.message is not None
        assert shape(comparable(name, record.message)) == shape(comparable(name, step.message))
    assert transcript.ending.code == 1000
