"""What a language model wants called."""

from __future__ import annotations

import pytest

from jambonz_sync.protocol.message import UNACKED_TYPES
from jambonz_sync.protocol.tool_call import TOOL_CALL_TYPES, ToolCall, tool_calls


def calls(data, kind="llm:tool-call"):
    return list(tool_calls(kind, data))


def test_types():
    """Two messages bring tool calls, and neither wants an ack."""
    assert TOOL_CALL_TYPES == {"llm:tool-call", "agent:tool-call"}
    assert TOOL_CALL_TYPES < UNACKED_TYPES


@pytest.mark.parametrize("kind", ["llm:event", "agent:event", "verb:hook", "call:status"])
def test_other_messages(kind):
    """No other message brings any, whatever its data."""
    assert calls({"tool_call_id": "a", "name": "b", "function_calls": [{"id": "c"}]}, kind) == []


@pytest.mark.parametrize(("kind", "key"), [("llm:tool-call", "args"), ("agent:tool-call", "arguments")])
def test_one(kind, key):
    """Most bring one; its arguments go by either name."""
    data = {"tool_call_id": "call-1", "name": "look_up", key: {"orderId": 42}}
    assert calls(data, kind) == [ToolCall("call-1", "look_up", {"orderId": 42})]


def test_several():
    """Those of Google may bring several, each with an id of its own."""
    data = {
        "tool_call_id": "function_call_id",
        "type": "toolCall",
        "function_calls": [{"id": "a", "name": "one", "args": {"x": 1}}, {"id": "b", "name": "two"}],
    }
    assert calls(data) == [ToolCall("a", "one", {"x": 1}), ToolCall("b", "two", {})]


def test_none_of_several():
    """A list of none brings none."""
    assert calls({"tool_call_id": "function_call_id", "function_calls": []}) == []


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"tool_call_id": None, "name": None, "args": None},
        {"tool_call_id": 7, "name": ["x"], "args": "text"},
        {"function_calls": "text"},
        {"function_calls": {"id": "a"}},
        {"function_calls": [{}]},
        {"function_calls": ["text", None, {"id": 7, "name": 7, "args": 7}]},
    ],
)
def test_odd_data(data):
    """What is missing, or of another type, is empty."""
    assert calls(data) == [ToolCall("", "", {})]
