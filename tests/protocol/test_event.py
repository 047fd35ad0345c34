"""What an application receives."""

from __future__ import annotations

import copy

import pytest

from jambonz_sync.protocol.event import Event
from jambonz_sync.protocol.message import Message

from .conversation import event_of


def speech(*alternatives: object) -> Event:
    return event_of(hook="/menu", data={"speech": {"alternatives": list(alternatives)}})


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


def test_mapping_of_the_data():
    """An event is a mapping of its data."""
    event = event_of(data={"from": "1", "to": "2"})
    assert event["from"] == "1"
    assert event.get("to") == "2"
    assert event.get("x") is None
    assert event.get("x", 5) == 5
    assert "from" in event
    assert "x" not in event
    assert dict(event) == event.data == {"from": "1", "to": "2"}
    assert len(event) == 2
    with pytest.raises(KeyError):
        event["x"]


def test_read_only():
    """The mapping cannot be written."""
    with pytest.raises(TypeError):
        event_of()["x"] = 1


def test_data_as_attributes():
    """What the data holds can be read as an attribute."""
    assert event_of(data={"sip_status": 200}).sip_status == 200


def test_from_is_a_keyword():
    """What is called ``from`` can be read as ``from_``."""
    assert event_of(data={"from": "1"}).from_ == "1"


def test_attribute_that_is_not_there():
    """The error names the event, the key, and the keys there are."""
    with pytest.raises(AttributeError, match="this /menu event has no 'sip_statu'; its data has a, b"):
        _ = event_of(hook="/menu", data={"b": 1, "a": 2}).sip_statu


def test_special_attributes_are_not_looked_up_in_words():
    """Protocols of Python that probe for special methods get a plain error."""
    with pytest.raises(AttributeError, match=r"^__fspath__$"):
        _ = event_of().__fspath__


def test_unfinished_event_has_no_attributes():
    """An event that has not been initialised, as copy makes one, raises instead of recursing."""
    with pytest.raises(AttributeError):
        _ = Event.__new__(Event).x


def test_copy():
    """An event can be copied."""
    assert copy.copy(event_of(data={"a": 1})).a == 1


def test_events_are_told_apart_by_identity():
    """Two equal statuses are two events."""
    one, other = event_of("call:status"), event_of("call:status")
    assert one != other
    assert one == one
    assert len({one, other}) == 2


def test_repr():
    """The representation names the event and shows its data, cut short."""
    assert repr(event_of(hook="/menu", data={"digits": "1"})) == "<Event /menu {'digits': '1'}>"
    assert len(repr(event_of(data={"x": "y" * 10_000}))) < 300


def test_b3_is_kept():
    """The trace context is kept beside the data."""
    assert Event(Message("verb:hook", "m", None, "/a", {}, "0-0-1")).b3 == "0-0-1"


# What recognisers and keypads say


def test_transcript_and_confidence():
    """The best alternative is the first."""
    event = speech({"transcript": "hello", "confidence": 0.9}, {"transcript": "yellow", "confidence": 0.2})
    assert event.transcript == "hello"
    assert event.confidence == 0.9


def test_whole_confidence_is_a_float():
    """A confidence of 1 is a float like any other."""
    confidence = speech({"transcript": "x", "confidence": 1}).confidence
    assert isinstance(confidence, float)
    assert confidence == 1.0


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"speech": None},
        {"speech": "hello"},
        {"speech": []},
        {"speech": {}},
        {"speech": {"alternatives": None}},
        {"speech": {"alternatives": {}}},
        {"speech": {"alternatives": []}},
        {"speech": {"alternatives": ["hello"]}},
        {"speech": {"alternatives": [{}]}},
        {"speech": {"alternatives": [{"transcript": None, "confidence": None}]}},
        {"speech": {"alternatives": [{"transcript": "", "confidence": "high"}]}},
    ],
)
def test_nothing_was_said(data):
    """Whatever is missing or out of shape counts as nothing said."""
    event = event_of(data=data)
    assert event.transcript == ""
    assert event.confidence is None


@pytest.mark.parametrize(
    ("data", "digits"), [({}, ""), ({"digits": None}, ""), ({"digits": ""}, ""), ({"digits": "1#"}, "1#")]
)
def test_digits(data, digits):
    """The keys pressed are a text, empty where there are none."""
    assert event_of(data=data).digits == digits


def test_reason():
    """The reason is what jambonz says, or None."""
    assert event_of(data={"reason": "timeout"}).reason == "timeout"
    assert event_of().reason is None


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
