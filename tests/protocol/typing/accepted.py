"""What a type checker must accept."""

from __future__ import annotations

from typing import Any

from typing_extensions import assert_type

from jambonz_sync import Event, Outcome
from jambonz_sync.protocol.facts.hearing import Alternative


def what_was_said(evt: Event) -> None:
    assert_type(evt.transcript, str)
    assert_type(evt.confidence, float | None)
    assert_type(evt.digits, str)
    assert_type(evt.speech["alternatives"], list[Alternative])
    assert_type(evt.speech["alternatives"][0]["confidence"], float)
    if evt.reason == "timeout" or evt.reason is None:
        return
    if evt.confidence is not None and evt.confidence < 0.5:
        print(evt.reason.upper())


def the_call(evt: Event) -> None:
    print(evt.from_ + evt.to + evt.call_sid, evt.sip_status + 1, evt.duration / 60)
    if evt.call_status == "completed" and evt.call_termination_by == "caller":
        print(evt.customerData["order"])
    elif evt.call_status in ("busy", "no-answer"):
        print(evt.sip_reason)


def who_waits(evt: Event) -> None:
    print(evt.queue_size + 1, evt.queue_position * 30, evt.queue_time // 60)
    if evt.queue_result == "bridged" or evt.dequeue_result == "complete":
        print(evt.queue_sid)


def what_happened(evt: Event) -> None:
    if evt.event == "join":
        print(evt.members + 1, evt.conference_sid, evt.friendly_name)
    elif evt.event == "start-playback" or evt.event == "transfer-status":
        print(evt.verb, evt.id)
    if evt["type"] == "amd_machine_detected" and evt.reason == "hint":
        print(evt.hint)
    print(evt.refer_status + evt.final_referred_call_status, evt.playback_milliseconds or 0)
    if evt.event_type == "stream_open" or evt.status == "failed" or evt.failover == "not available":
        print(evt.msg)


def a_model_calls(evt: Event) -> None:
    assert_type(evt.tool_name, str)
    assert_type(evt.arguments, dict[str, Any])
    assert_type(evt.tool_call_id, str)
    for call in evt.function_calls:
        print(call["id"])
    print(evt.latency.get("model_latency", 0) + 1, evt.response, evt.interrupted)
    if evt.completion_reason == "server error":
        print(evt.error)


def the_mapping(evt: Event) -> None:
    print(evt["whatever"], evt.get("whatever"), "whatever" in evt, len(evt), dict(evt))
    assert_type(evt.name, str)
    assert_type(evt.hook, str | None)
    assert_type(evt.data, dict[str, Any])


def how_it_ended(outcome: Outcome) -> None:
    if outcome and outcome.dial_call_status == "completed":
        print(outcome.dial_call_sid, outcome.dial_sip_status - 200)
    assert_type(outcome.event, Event | None)
    assert_type(outcome.transcript, str)
    print(outcome.state.upper())
    print(outcome["whatever"], outcome.digits, outcome.queue_result, outcome.verb_id)
