"""The verb agent, as if it were a vendor."""

from __future__ import annotations

import pytest

from jambonz_sync.simulator.agent_vendor import Agent
from jambonz_sync.simulator.vendor import Call, WrongShape


def test_turn():
    """A turn ends with the answer to what the caller has said; a greeting is none."""
    agent = Agent()
    assert [*agent.begins("Hello."), *agent.said("Hello.")] == [{"type": "llm_response", "response": "Hello."}]
    events = [*agent.heard("a"), *agent.begins("b"), *agent.said("b"), *agent.begins("c"), *agent.said("c")]
    assert [event["type"] for event in events] == ["user_transcript", "llm_response", "turn_end", "llm_response"]
    assert (events[2]["transcript"], events[2]["response"], events[2]["interrupted"]) == ("a", "b", False)


def test_all_events_are_wanted():
    """It has no choice of events."""
    assert "anything" in Agent().wants(["user_transcript"])


def test_failure():
    """A failure is told in the action hook only."""
    assert [*Agent().failed("broken")] == []


def test_tools():
    """Its tool calls have arguments, and no events."""
    call = Call("c1", "find", {"orderNo": 7})
    assert [*Agent().tool_messages([call])] == [{"tool_call_id": "c1", "name": "find", "arguments": {"orderNo": 7}}]
    assert [*Agent().tool_events([call])] == []
    assert Agent().answered({"result": 1}, "c1") == {"c1": 1}
    with pytest.raises(WrongShape, match="tool_call_id must be a text, not None"):
        Agent().answered({"result": 1}, None)
