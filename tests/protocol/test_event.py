"""What an application receives."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from jambonz_sync.protocol.asking import Asking
from jambonz_sync.protocol.event import Event
from jambonz_sync.protocol.hooks import HookKind
from jambonz_sync.protocol.message import Message

from .conversation import event_of

# Names


def test_hook_is_named_by_its_hook():
    """A hook's name is the hook as the verb named it; it can be waited for by type and ``*`` too."""
    event = event_of(hook="/menu")
    assert (event.name, event.type, event.hook) == ("/menu", "verb:hook", "/menu")
    assert event.names == {"/menu", "verb:hook", "*"}


def test_other_events_are_named_by_their_type():
    """What has no hook is named by its type."""
    event = event_of("call:status")
    assert (event.name, event.type, event.hook) == ("call:status", "call:status", None)
    assert event.names == {"call:status", "*"}


def test_hook_message_without_a_hook():
    """A hook that names none is named by its type."""
    assert event_of("verb:hook").names == {"verb:hook", "*"}


@pytest.mark.parametrize("kind", ["dial:confirm", "session:redirect", "llm:event", "llm:tool-call"])
def test_messages_with_hook(kind):
    """Every message that has a hook can be waited for by either."""
    assert event_of(kind, hook="/h").names == {"/h", kind, "*"}


@pytest.mark.parametrize(
    ("hook", "path"),
    [
        ("wss://example.com/menu", "/menu"),
        ("wss://example.com/menu?x=1#rc=2", "/menu"),
        ("https://example.com", "/"),
        ("wss://example.com/", "/"),
    ],
)
def test_absolute_hook_is_named_by_its_path_too(hook, path):
    """An absolute URL can be waited for as it was written, or by its path."""
    event = event_of(hook=hook)
    assert event.name == hook
    assert event.names == {hook, path, "verb:hook", "*"}


def test_hook_that_is_no_url():
    """A hook that looks like a URL and is none is a name like any other."""
    assert "wss://[menu" in event_of(hook="wss://[menu").names


def test_streaming_event_is_named_by_what_happened():
    """Streaming speech is waited for by ``tts:`` and what happened."""
    event = event_of("tts:streaming-event", data={"event_type": "stream_open"})
    assert event.name == "tts:stream_open"
    assert event.names == {"tts:stream_open", "tts:streaming-event", "*"}


# The mapping


def test_data_can_be_read_in_three_ways():
    """A key is an item, an item with a default, and an attribute."""
    event = event_of(hook="/menu", data={"from": "1", "sip_status": 200})
    assert event["from"] == event.get("from") == event.from_ == "1"
    assert event.sip_status == 200
    assert dict(event) == event.data


def test_attribute_that_is_not_there():
    """The error names the event."""
    with pytest.raises(AttributeError, match="this /menu event has no 'colour'; its data has a, b"):
        _ = event_of(hook="/menu", data={"b": 1, "a": 2}).colour


def test_own_names_come_first():
    """Keys spelled like the event's own attributes hide none of them."""
    data = dict.fromkeys(("type", "name", "hook", "data", "b3", "names", "asking", "reply", "get"), "payload")
    event = event_of(hook="/bot", data=data)
    assert (event.type, event.name, event.hook, event.data, event.b3) == ("verb:hook", "/bot", "/bot", data, None)
    assert event.names == {"/bot", "verb:hook", "*"}
    assert event.asking is None
    assert event.get("type") == event["data"] == "payload"
    with pytest.raises(RuntimeError):
        event.reply()


def test_events_without_data_are_true():
    """An event that says nothing more is an event."""
    assert event_of("call:status")
    assert len(event_of("call:status")) == 0


def test_events_are_told_apart_by_identity():
    """Two equal statuses are two events."""
    one, other = event_of("call:status"), event_of("call:status")
    assert one != other
    assert one == one
    assert len({one, other}) == 2


# Copies


def answered(**data: Any) -> tuple[Event, list[Event]]:
    """An event of a session, and what has been replied to there."""
    event, replies = event_of(hook="/menu", data=data), []
    event.asking = Asking("m1", "/menu", HookKind.ACTION, 5.0, event)
    event._answer = replies.append
    return event, replies


def test_copy():
    """A copy is another event of the same content, which answers the same question."""
    event, replies = answered(digits="1", speech={"a": [1]})
    copied = copy.copy(event)
    assert copied is not event
    assert copied.data is event.data
    assert (copied.digits, copied.names, copied.asking) == ("1", event.names, event.asking)
    copied.reply()
    assert replies == [copied]


@pytest.mark.parametrize("make", [copy.deepcopy, lambda event: pickle.loads(pickle.dumps(event))])
def test_record(make):
    """A deep copy, or what was pickled, is a record that shares nothing with the call."""
    event, replies = answered(digits="1", speech={"a": [1]})
    record = make(event)
    assert (record.name, record.type, record.hook, record.names) == (event.name, event.type, event.hook, event.names)
    assert record.data == event.data
    assert record.speech is not event.speech
    assert record.asking is None
    with pytest.raises(RuntimeError, match="belongs to no session"):
        record.reply()
    event.reply()
    assert replies == [event]


# The rest


def test_repr():
    """The representation names the event and shows its data, cut short."""
    assert repr(event_of(hook="/menu", data={"digits": "1"})) == "<Event /menu {'digits': '1'}>"
    assert len(repr(event_of(data={"x": "y" * 10_000}))) < 300


def test_b3_is_kept():
    """The trace context is kept beside the data."""
    assert Event(Message("verb:hook", "m", None, "/a", {}, "0-0-1")).b3 == "0-0-1"


# Tools that a model calls

TOOL_CALLS = ["llm:tool-call", "agent:tool-call"]


def calls(*calls: object, kind: str = "llm:tool-call") -> Event:
    """The message of the vendor that may call several tools at a time."""
    return event_of(kind, hook="/tool", data={"tool_call_id": "f", "type": "toolCall", "function_calls": list(calls)})


@pytest.mark.parametrize("kind", TOOL_CALLS)
@pytest.mark.parametrize("key", ["args", "arguments"])
def test_tool_call(kind, key):
    """The tool and its arguments have one name each, whichever verb and vendor they come from."""
    event = event_of(kind, hook="/tool", data={"tool_call_id": "c1", "name": "get_weather", key: {"Town": "Ulm"}})
    assert (event.tool_name, event.arguments, event.tool_call_id) == ("get_weather", {"Town": "Ulm"}, "c1")
    assert event.names == {"/tool", kind, "tool:get_weather", "*"}


def test_several_tool_calls():
    """Of several calls in a message the first is told of; the event is waited for by the name of each."""
    event = calls({"id": "1", "name": "a", "args": {"x": 1}}, {"id": "2", "name": "b", "args": {"y": 2}})
    assert (event.tool_name, event.arguments) == ("a", {"x": 1})
    assert [call["id"] for call in event.function_calls] == ["1", "2"]
    assert event.names == {"/tool", "llm:tool-call", "tool:a", "tool:b", "*"}


@pytest.mark.parametrize("kind", TOOL_CALLS)
@pytest.mark.parametrize("arguments", [{}, {"args": None}, {"args": "x"}, {"arguments": [1]}])
def test_tool_call_without_arguments(kind, arguments):
    """Arguments that are missing or out of shape are none."""
    event = event_of(kind, hook="/tool", data={"name": "ping", **arguments})
    assert (event.tool_name, event.arguments) == ("ping", {})


@pytest.mark.parametrize("data", [{}, {"name": None}, {"name": ""}, {"name": 7}, {"name": ["x"]}])
def test_tool_call_without_name(data):
    """A call that names no tool is waited for by its hook only."""
    event = event_of("llm:tool-call", hook="/tool", data={**data, "args": {"x": 1}})
    assert (event.tool_name, event.arguments) == ("", {"x": 1})
    assert event.names == {"/tool", "llm:tool-call", "*"}


@pytest.mark.parametrize("function_calls", [None, {}, "x", [], [None], ["x"], [{}], [{"name": 1}]])
def test_tool_calls_out_of_shape(function_calls):
    """A list of calls that is none has none."""
    event = event_of("llm:tool-call", hook="/tool", data={"function_calls": function_calls})
    assert (event.tool_name, event.arguments) == ("", {})
    assert event.names == {"/tool", "llm:tool-call", "*"}


@pytest.mark.parametrize("kind", ["verb:status", "llm:event", "agent:event", "verb:hook"])
def test_other_messages_call_no_tool(kind):
    """A name and arguments are those of a tool in a tool call only."""
    event = event_of(kind, hook="/h", data={"name": "say", "args": {"x": 1}, "function_calls": [{"name": "b"}]})
    assert (event.tool_name, event.arguments) == ("", {})
    assert event.names == {"/h", kind, "*"}


# Replying


def test_reply_goes_to_the_session():
    """``reply()`` hands the event to the session it belongs to."""
    event, answered = event_of(), []
    event._answer = answered.append
    event.reply()
    assert answered == [event]


def test_reply_without_a_session():
    """An event of no session cannot be replied to."""
    with pytest.raises(RuntimeError, match="belongs to no session"):
        event_of().reply()
