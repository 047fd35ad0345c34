"""What the simulator sends has the shape of the golden traces, message for message."""

from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.simulator import (
    Answers,
    CallsTool,
    HangsUp,
    JoinsConference,
    ModelEnds,
    ModelSays,
    Presses,
    Says,
    Silence,
    TakesFromQueue,
    Transcript,
    WaitsInQueue,
)
from tests.golden import Trace, load, without_new_ids

from .in_world import call_in_world
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
        *((message["hook"], str(data.get("reason"))) if message["type"] == "verb:hook" else ()),
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


# Traces in which others take part, and the application sends commands


def follow(app: App, trace: Trace) -> None:
    """Do what the application does in a trace, as soon as it has received what comes before that."""
    msgids: dict[str, str] = {}
    answers: list[dict[str, Any]] = []
    for step in trace.steps:
        if step.direction == "out" and step.message is not None:
            # In one piece with what comes next: how much time passes between them is no part of a trace.
            message = step.message
            answers.append({**message, "msgid": msgids[message["msgid"]]} if message["type"] == "ack" else message)
            continue
        if answers:
            app.send_together(*answers)
            answers.clear()
        if step.message is not None:
            msgids[step.message["msgid"]] = app.receive(step.message["type"])["msgid"]
    app.until_closed()


def told(message: dict[str, Any]) -> dict[str, Any]:
    """What a message says of the others."""
    data = message["data"]
    of_interest = ("queue_size", "queue_position", "queue_result", "event", "members", "friendly_name")
    sids = {key: data[key].replace(data.get("account_sid", ""), "") for key in ("conference_sid",) if key in data}
    return {**{key: data[key] for key in of_interest if key in data}, **sids}


OTHERS = {
    "06_enqueue_wait": [
        WaitsInQueue("helpdesk"),
        TakesFromQueue("helpdesk", at=3),
        TakesFromQueue("helpdesk", at=8),
    ],
    "07_conference": [JoinsConference("standup", at=2)],
}


@pytest.mark.parametrize("name", OTHERS)
def test_shapes_among_others(name):
    """So too in a queue and in a conference, with what is told of those who are there."""
    trace = load(name)
    recorded = [step.message for step in trace.steps if step.direction == "in" and step.message is not None]
    transcript = call(
        lambda app: follow(app, trace), Says("good morning"), others=OTHERS[name], headers={"X-Queue-Hint": "gold"}
    )
    sent = transcript.messages("in")
    assert [kind(message) for message in sent] == [kind(message) for message in recorded]
    for ours, golden in zip(sent, recorded, strict=True):
        assert shape(ours) == shape(golden)
        assert told(ours) == told(golden)
    assert transcript.ending is not None
    assert transcript.ending.code == 1000


# Traces of language models and of streaming speech, with applications of this library


def assert_same(transcript: Transcript, name: str) -> None:
    """What jambonz has sent has the shape of the trace, what the application has sent is equal, all in one order."""
    recorded = [step for step in load(name).steps if step.message is not None]
    assert [record.direction for record in transcript.wire] == [step.direction for step in recorded]
    for record, step in zip(transcript.wire, recorded, strict=True):
        assert step.message is not None
        if record.direction == "in":
            # The library gives its verbs ids.
            data = {key: value for key, value in record.message["data"].items() if key != "verb_id"}
            assert kind(record.message) == kind(step.message)
            assert shape({**record.message, "data": data}) == shape(step.message)
        else:
            expected = {**step.message, "msgid": "any"}
            assert {**without_new_ids(record.message, step.message), "msgid": "any"} == expected
    assert [note for note in transcript.of("note") if not note.startswith("the model ")] == []
    assert transcript.of("fault") == []
    assert transcript.ending is not None
    assert transcript.ending.code == 1000


def test_language_model():
    """A function that a model calls, and an update while the model talks."""
    name = "08_llm_openai_tool_call"
    ack = next(step.message for step in load(name).steps if step.direction == "out")
    assert ack is not None
    (options,) = ack["data"]

    def application(session: Any) -> None:
        @session.tool
        def lookup_order(order_id: str) -> dict[str, str]:
            return {"state": {"42": "shipped"}[order_id]}

        session.llm({key: value for key, value in options.items() if key != "verb"}).send()
        assert session.wait_for("/llm-event").transcript == "where is order forty two"
        assert session.wait_for("/llm-event").type == "llm:event"
        session.update_llm({"type": "session.update", "session": {"instructions": "Wrap up politely."}})
        assert session.wait_for("/llm-done").completion_reason == "disconnect from remote end"
        session.hangup().reply()

    model = [
        CallsTool("lookup_order", {"orderId": "42"}, id="call_Q7"),
        ModelSays("It has been shipped."),
        ModelSays("Goodbye."),
        ModelEnds("disconnect from remote end"),
    ]
    caller = Says("where is order forty two")
    assert_same(call_in_world(application, caller, model=model, headers={"X-Queue-Hint": "gold"}), name)


def test_streaming_speech():
    """Tokens for which there is no room, and a caller who interrupts them."""

    def application(session: Any) -> None:
        def send(number: int, text: str) -> str:
            session.send_command("tts:tokens", {"id": number, "tokens": text})
            return str(session.wait_for("tts:tokens-result")["status"])

        barge_in = {"enable": True, "sticky": True, "input": ["speech"], "min_bargein_word_count": 1}
        session.config(tts_stream={"enable": True}, barge_in={**barge_in, "action_hook": "/heard"})
        session.say("Ask me something.").send()
        session.wait_for("/heard")
        session.reply()
        assert send(1, "Whales are large marine mammals. ") == "ok"
        assert send(2, "They sing and " + "travel and " * 60) == "ok"
        assert send(3, "dive " * 80) == "failed"
        session.wait_for("tts:stream_resumed")
        assert send(3, "dive " * 80) == "ok"
        session.send_command("tts:flush")
        session.wait_for("tts:user_interruption")
        session.wait_for("/heard")
        session.reply()
        session.send_command("tts:clear")
        assert send(4, "Sure. ") == "ok"
        session.send_command("tts:flush")
        session.config(tts_stream={"enable": False}).hangup().send(exec_immediate=False)

    caller = [Says("tell me about whales"), Silence(3), Says("stop please", barge_in=True)]
    transcript = call_in_world(application, *caller, headers={"X-Queue-Hint": "gold"})
    assert_same(transcript, "09_tts_streaming_backpressure")


def test_screened_dial():
    """A dialled party that is asked whether it takes the call."""

    def application(session: Any) -> None:
        target = [{"type": "phone", "number": "+15550143555"}]
        hooks = {"action_hook": "/dial-done", "confirm_hook": "/screen"}
        session.dial(target=target, caller_id="+15550143900", answer_on_bridge=True, timeout=25, **hooks)
        session.say("Nobody could take the call.").send()
        session.wait_for("/screen")
        accept = {"say": {"text": "Press one to accept."}, "action_hook": "/screen-key"}
        session.gather(input=["digits"], num_digits=1, timeout=6, **accept).hangup().reply()
        session.wait_for("/screen-key")
        session.say("Connecting you.").reply()
        session.wait_for("/dial-done")
        session.hangup().reply()

    answers = Answers(seconds=42, steps=[Presses("1")])
    transcript = call_in_world(application, dials=[answers], headers={"X-Queue-Hint": "gold"})
    assert_same(transcript, "05_dial_confirm_child_status")
