"""What jambonz heard."""

from __future__ import annotations

import pytest

from jambonz_sync.protocol.event import Event
from tests.protocol.conversation import event_of


def speech(*alternatives: object) -> Event:
    return event_of(hook="/menu", data={"speech": {"alternatives": list(alternatives)}})


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


def test_transcript_of_speech_that_barged_in():
    """Speech that barged in comes without the object around it."""
    event = event_of("verb:status", data={"alternatives": [{"transcript": "stop", "confidence": 0.8}]})
    assert (event.transcript, event.confidence) == ("stop", 0.8)


@pytest.mark.parametrize("kind", ["agent:event", "llm:event"])
def test_transcript_in_a_conversation_with_a_model(kind):
    """A message that carries a transcript of its own has that one."""
    event = event_of(kind, data={"type": "user_transcript", "transcript": "hello"})
    assert (event.transcript, event.confidence) == ("hello", None)


def test_what_is_empty_is_there():
    """Every event has these attributes, so that a handler can ask without a care what kind of hook it is."""
    event = event_of("call:status")
    assert all(hasattr(event, name) for name in ("transcript", "confidence", "digits", "reason"))
