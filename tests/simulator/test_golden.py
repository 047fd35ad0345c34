"""What the simulator sends has the shape of the golden traces, message for message."""

from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.simulator import HangsUp, Presses, Says
from tests.golden import load

from .server import App, call


def shape(value: Any) -> Any:
    """The keys and the types of a message, without its values."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value).__name__


def kind(message: dict[str, Any]) -> tuple[str, ...]:
    """What a message is about, by which it can be found in a trace."""
    data = message["data"]
    return (
        message["type"],
        *(str(data[key]) for key in ("event", "name", "verb") if key in data),
        *((str(data["reason"]),) if message["type"] == "verb:hook" else ()),
        *((str(data["call_status"]),) if message["type"] == "call:status" else ()),
    )


SCRIPTS = {
    "01_hello": [],
    "02_echo_gather_speech": [Says("the kettle is on"), Says("nine green bottles"), HangsUp()],
    "03_dtmf_menu": [Presses("9"), Presses("1")],
    "04_gather_timeout": [],
    "17_verb_status": [Presses("3", barge_in=True)],
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_shapes(name):
    """An application that answers as in the trace is sent messages like those of the trace."""
    trace = load(name)
    answers = [step.message for step in trace.steps if step.direction == "out" and step.message is not None]
    recorded = [step.message for step in trace.steps if step.direction == "in" and step.message is not None]

    def application(app: App) -> None:
        for answer in answers:
            app.ack(app.receive(), answer.get("data"))
        app.until_closed()

    env = recorded[0]["data"].get("env_vars")
    sent = call(application, *SCRIPTS[name], env=env, headers={"X-Queue-Hint": "gold"}, limit=100).messages("in")
    if name == "17_verb_status":
        # There the call is answered before the config ends, here when the gather needs audio.
        recorded.sort(key=kind)
        sent.sort(key=kind)
    assert [kind(message) for message in sent] == [kind(message) for message in recorded]
    for ours, golden in zip(sent, recorded, strict=True):
        assert shape(ours) == shape(golden)
