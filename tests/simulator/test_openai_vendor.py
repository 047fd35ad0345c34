"""The language models of OpenAI, and those that speak its language."""

from __future__ import annotations

import pytest

from jambonz_sync.simulator.openai_vendor import GptLive, Later, OpenAI
from jambonz_sync.simulator.vendor import Call, WrongShape


def test_events():
    """Every event has an id; those of one response and of one item belong together."""
    model = OpenAI()
    events = [*model.connected({"session_update": {}}), *model.caller_begins(), *model.heard("a")]
    events += [*model.tool_events([Call("c1", "find", {"a": 1})]), *model.begins("b"), *model.said("b")]
    events += [*model.begins("c"), *model.caller_begins(), *model.interrupted("c"), *model.failed({"code": 7})]
    assert [event["type"] for event in events] == [
        "session.created",
        "session.updated",
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "conversation.item.input_audio_transcription.completed",
        "response.output_item.done",
        "response.created",
        "output_audio.playback_started",
        "response.audio_transcript.done",
        "response.done",
        "output_audio.playback_stopped",
        "response.created",
        "output_audio.playback_started",
        "input_audio_buffer.speech_started",
        "response.done",
        "output_audio.playback_stopped",
        "error",
    ]
    assert len({event["event_id"] for event in events}) == len(events)
    assert {event["item_id"] for event in events[2:6]} == {"it_01"}
    assert [event["response"]["id"] for event in events if "response" in event] == ["resp_1"] * 2 + ["resp_2"] * 2
    assert events[6]["item"]["arguments"] == '{"a": 1}'
    assert {event["type"] for event in events} <= set(OpenAI.kinds)


def test_later_vendors():
    """Those of newer servers take any ``result``; one of them has updates of its own."""
    assert Later().answered({"result": None}, "c1") == {"c1": None}
    with pytest.raises(WrongShape, match="result"):
        Later().answered({"type": "conversation.item.create"}, "c1")
    with pytest.raises(WrongShape, match="tool_call_id"):
        Later().answered({"result": None}, None)
    Later().check_update({"anything": 1})
    GptLive().check_update({"type": "session.context.append"})
    with pytest.raises(WrongShape, match=r"session\.context\.append"):
        GptLive().check_update({"type": "response.cancel"})
