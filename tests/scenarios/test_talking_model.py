"""A whole conversation with a language model, as it was recorded, in each of the ways in which it can be written."""

from __future__ import annotations

import pytest

from jambonz_sync import create_endpoint
from tests.golden import load, replay

from .application import no_thread_left


def begin(session):
    """What the call begins with."""
    session.llm(
        vendor="openai",
        model="gpt-4o-realtime-preview",
        auth={"apiKey": "test-key-not-real"},
        action_hook="/llm-done",
        event_hook="/llm-event",
        tool_hook="/llm-tool",
        events=["response.done", "conversation.item.input_audio_transcription.completed"],
        llm_options={
            "response_create": {"modalities": ["text", "audio"], "instructions": "Greet the caller."},
            "session_update": {
                "tools": [
                    {
                        "type": "function",
                        "name": "lookup_order",
                        "description": "find an order",
                        "parameters": {"type": "object", "properties": {"orderId": {"type": "string"}}},
                    }
                ]
            },
        },
    ).send()


def wrap_up(session, evt):
    """The first answer of the model is its last but one."""
    if evt["type"] == "response.done" and evt["response"]["id"] == "resp_1":
        session.update_llm({"type": "session.update", "session": {"instructions": "Wrap up politely."}})


def in_plain_code(session):
    """A conversation as one loop."""
    begin(session)
    while True:
        evt = session.wait_for("/llm-event", "/llm-tool", "/llm-done")
        if evt.name == "/llm-event":
            wrap_up(session, evt)
        elif evt.name == "/llm-tool":
            assert evt.tool_name == "lookup_order"
            assert evt.arguments == {"orderId": "42"}
            session.send_tool_output(evt, {"state": "shipped"})
        else:
            assert evt.completion_reason == "disconnect from remote end"
            session.hangup().reply()
            return


def with_handlers(session):
    """The same with functions for each thing that comes."""
    begin(session)
    session.on("/llm-event", lambda evt: wrap_up(session, evt))
    session.on("/llm-tool", lambda evt: session.send_tool_output(evt, {"state": "shipped"}))
    session.on("/llm-done", lambda evt: session.hangup().reply())


def with_tools(session):
    """The same with a plain function for the model."""

    @session.tool
    def lookup_order(order_id):
        assert order_id == "42"
        return {"state": "shipped"}

    session.on("/llm-event", lambda evt: wrap_up(session, evt))
    begin(session)
    session.wait_for("/llm-done")
    session.hangup().reply()


def in_one_loop_with_tools(session):
    """And with a loop over all else."""
    session.tool("lookup_order", lambda order_id: {"state": "shipped"})
    begin(session)
    for evt in session:
        if evt.hook == "/llm-event":
            wrap_up(session, evt)
        elif evt.hook == "/llm-done":
            session.hangup().reply()


@pytest.mark.parametrize("verb_ids", [True, False], ids=["with ids", "as recorded"])
@pytest.mark.parametrize("answer", [in_plain_code, with_handlers, with_tools, in_one_loop_with_tools])
def test_golden(answer, verb_ids, log):
    """A recorded conversation with a model, said on the wire as it was recorded."""
    errors = []
    with create_endpoint(host="127.0.0.1", port=0) as endpoint:
        service = endpoint.make_service("/app")
        service.on("session:new", answer)
        service.on("error", lambda session, error: errors.append(error))
        replay(endpoint.url, load("08_llm_openai_tool_call"), verb_ids=verb_ids)
    no_thread_left()
    assert errors == []
    assert log.unexpected() == []
