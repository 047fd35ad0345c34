"""sip:refer and sip:request."""

from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.simulator import Transcript

from .server import HANGUP, App, call, say
from .test_session import late_clock

ANSWER = {"verb": "answer"}
REFER = {"verb": "sip:refer", "referTo": "sip:desk@example.com", "actionHook": "/referred", "eventHook": "/event"}
REQUEST = {"verb": "sip:request", "method": "INFO", "actionHook": "/requested"}


def hooks(*verbs: dict[str, Any], count: int, **options: Any) -> tuple[list[dict[str, Any]], Transcript]:
    """Call an application, and return so many of its hooks."""
    found: list[dict[str, Any]] = []

    def application(app: App) -> None:
        app.begin(*verbs)
        for _ in range(count):
            found.append(app.receive())
            app.ack(found[-1])
        app.until_closed()

    transcript = call(application, **options)
    return found, transcript


def test_refer():
    """A transfer is reported step by step, and then its outcome."""
    found, transcript = hooks(ANSWER, REFER, HANGUP, count=4)
    assert [hook["data"] for hook in found[:3]] == [
        {"event": "transfer-status", "call_status": status} for status in (100, 180, 200)
    ]
    assert (found[3]["data"]["refer_status"], found[3]["data"]["final_referred_call_status"]) == (202, 200)
    assert "refers the caller to sip:desk@example.com" in transcript.of("call")


def test_refer_refused():
    """A transfer that is refused is over at once."""
    found, _ = hooks(ANSWER, REFER, HANGUP, count=1, results={"sip:refer": [{"refer_status": 403}]})
    assert found[0]["data"]["refer_status"] == 403
    assert "final_referred_call_status" not in found[0]["data"]


def test_refer_without_a_final_report():
    """For a final report jambonz waits for 15 seconds."""
    found, transcript = hooks(ANSWER, REFER, HANGUP, count=1, results={"sip:refer": [{"refer_status": 202}]})
    assert found[0]["hook"] == "/referred"
    assert transcript.entries[-1].time == pytest.approx(15.2)


def test_request():
    """The hook tells the status of the request in the place of the call's."""
    found, _ = hooks(
        ANSWER, REQUEST, HANGUP, count=1, results={"sip:request": [{"result": "failed", "sip_status": 501}]}
    )
    assert (found[0]["data"]["result"], found[0]["data"]["sip_status"]) == ("failed", 501)


def test_request_succeeds():
    """By default it succeeds."""
    found, _ = hooks(ANSWER, REQUEST, HANGUP, count=1)
    assert (found[0]["data"]["result"], found[0]["data"]["sip_status"]) == ("success", 200)


def test_request_unanswered():
    """An unanswered hook of sip:request ends the call."""

    def application(app: App) -> None:
        app.begin(ANSWER, REQUEST, say("Never."))
        app.until_closed()

    assert "sip:request was not answered" in call(application, clock=late_clock()).ending.reason


@pytest.mark.parametrize("verb", [REFER, REQUEST])
def test_before_the_answer(verb):
    """Neither is possible before the call is answered, or on a dialled leg."""
    _, transcript = hooks(verb, {"verb": "sip:decline", "status": 603}, count=0)
    assert transcript.of("note") == [f"{verb['verb']} is skipped: the call is not answered"]
    target = [{"type": "phone", "number": "+15550143555", "confirmHook": "/screen"}]

    def application(app: App) -> None:
        app.begin({"verb": "dial", "target": target}, HANGUP)
        app.ack(app.receive(), [verb])
        app.until_closed()

    assert "it is for the caller's leg only" in call(application).of("note")[0]
