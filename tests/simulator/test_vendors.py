"""The vendors of language models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from jambonz_sync.simulator.vendor import Call, Vendor, WrongShape
from jambonz_sync.simulator.vendors import refusal, vendor_of


def vendor(name: str) -> Vendor:
    kind = vendor_of("llm", {"vendor": name})
    assert kind is not None
    return kind()


def conversation(model: Vendor) -> Iterator[dict[str, Any]]:
    """The events of a short conversation: a question, a tool, an answer, an interruption, a failure."""
    yield from model.connected({})
    yield from model.caller_begins()
    yield from model.heard("question")
    yield from model.tool_events([Call("c1", "find", {"orderNo": 7})])
    yield from model.begins("answer")
    yield from model.said("answer")
    yield from model.begins("more")
    yield from model.caller_begins()
    yield from model.interrupted("more")
    yield from model.failed("broken")


@pytest.mark.parametrize(
    ("name", "types"),
    [
        (
            "deepgram",
            [
                "Welcome",
                "SettingsApplied",
                "UserStartedSpeaking",
                "ConversationText",
                "FunctionCallRequest",
                "ConversationText",
                "AgentStartedSpeaking",
                "AgentAudioDone",
                "ConversationText",
                "AgentStartedSpeaking",
                "UserStartedSpeaking",
                "Error",
            ],
        ),
        (
            "ultravox",
            [
                "createCall",
                "state",
                "transcript",
                "state",
                "client_tool_invocation",
                "state",
                "transcript",
                "state",
                "state",
                "playback_clear_buffer",
                "state",
                "error",
            ],
        ),
        (
            "elevenlabs",
            [
                "conversation_initiation_metadata",
                "user_transcript",
                "client_tool_call",
                "agent_response",
                "agent_response",
                "interruption",
                "error",
            ],
        ),
    ],
)
def test_types(name, types):
    """The events of a conversation, by their types."""
    model = vendor(name)
    assert [model.kind(event) for event in conversation(model)] == types


def test_google():
    """Google's events have no types, and go by one name."""
    model = vendor("google")
    events = list(conversation(model))
    assert {model.kind(event) for event in events} == {"llm_event"}
    assert events[1:] == [
        {"serverContent": {"inputTranscription": {"text": "question"}}},
        {"toolCall": {"functionCalls": [{"id": "c1", "name": "find", "args": {"orderNo": 7}}]}},
        {"serverContent": {"outputTranscription": {"text": "answer"}}},
        {"serverContent": {"turnComplete": True}},
        {"serverContent": {"interrupted": True}},
    ]


@pytest.mark.parametrize(
    ("name", "count"),
    [("openai", 30), ("deepgram", 11), ("ultravox", 7), ("elevenlabs", 4), ("google", 1), ("microsoft", 30)],
)
def test_default_events(name, count):
    """So many types of event are reported if the verb does not say which."""
    assert len(set(vendor(name).kinds)) == len(vendor(name).kinds) == count


@pytest.mark.parametrize("name", ["openai", "ultravox", "google", "elevenlabs"])
def test_ids(name):
    """Every call of a tool has an id of its own."""
    assert vendor(name).new_id() != vendor(name).new_id()


def test_updates_of_google():
    """Google takes any update, ElevenLabs none."""
    vendor("google").check_update({"clientContent": {}})
    with pytest.raises(WrongShape, match="no updates on to elevenlabs"):
        vendor("elevenlabs").check_update({"type": "contextual_update"})


@pytest.mark.parametrize("name", ["say", "llm", "s2s", "acme_s2s"])
def test_no_vendor(name):
    """There is none for other verbs, and none of another name."""
    assert vendor_of(name, {}) is None
    assert vendor_of(name, {"vendor": ["openai"]}) is None


def test_refusal():
    """A verb that needs no model is nobody's business here; one that does needs its vendor, and what that needs."""
    assert refusal("say", {}) is None
    assert refusal("agent", {}) is None
    assert refusal("gptlive_s2s", {}) is None
    assert str(refusal("s2s", {})).startswith("s2s has no vendor None, only openai, microsoft, ")
    assert refusal("google_s2s", {"auth": {"apiKey": ""}}) == "google_s2s needs auth.apiKey"
    assert refusal("google_s2s", {"auth": {"apiKey": "k"}, "llmOptions": {"setup": {}}}) is None
