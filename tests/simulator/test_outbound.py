"""Calls that the application has placed by REST."""

from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.simulator import Answers, Busy, HangsUp, NoAnswer, RealClock

from .server import HANGUP, App, call, gather, say, words

Messages = list[dict[str, Any]]


def statuses(messages: Messages) -> list[str]:
    return [message["data"]["call_status"] for message in messages if message["type"] == "call:status"]


def test_answered():
    """The statuses come first, without the sid of the call on the envelope; session:new comes when it is answered."""

    def application(app: App) -> None:
        opening = app.receive("session:new")
        *before, last = app.received
        assert last is opening
        assert statuses(before) == ["trying", "ringing", "in-progress"]
        assert all("call_sid" not in message and "b3" in message for message in before)
        data = opening["data"]
        assert {message["data"]["call_sid"] for message in before} == {opening["call_sid"]} == {data["call_sid"]}
        assert (data["direction"], data["call_status"], data["from"], data["to"]) == (
            "outbound",
            "in-progress",
            "100",
            "200",
        )
        assert data["customerData"] == {"order": "A-7"}
        assert data["env_vars"] == {"GREETING": "Good day"}
        assert "sip" not in data
        app.ack(opening, [say("Your order is on its way."), gather("speech")])
        hook = app.receive()
        assert words(hook) == "thank you"
        app.ack(hook, [HANGUP])
        assert app.status("completed")["data"]["duration"] < 10
        assert app.until_closed() == (1000, [])

    transcript = call(
        application,
        "thank you",
        placed=Answers(after=20),
        from_="100",
        to="200",
        tag={"order": "A-7"},
        env={"GREETING": "Good day"},
    )
    assert transcript.heard == ["Your order is on its way."]
    assert transcript.of("callee") == ["thank you"]
    assert [entry.time for entry in transcript.entries if entry.what == "answered"] == [20.5]


@pytest.mark.parametrize(
    ("placed", "expected"),
    [
        (Busy(), [("trying", 100), ("busy", 486)]),
        (NoAnswer(), [("trying", 100), ("ringing", 180), ("no-answer", 487)]),
        (Answers(after=61), [("trying", 100), ("ringing", 180), ("no-answer", 487)]),
    ],
)
def test_not_answered(placed, expected):
    """Without an answer there is never a session; the connection is closed with 1000 after the last status."""
    seen: Messages = []

    def application(app: App) -> None:
        code, messages = app.until_closed()
        assert code == 1000
        seen.extend(messages)

    transcript = call(application, placed=placed, to="200")
    assert [(message["data"]["call_status"], message["data"]["sip_status"]) for message in seen] == expected
    assert {message["type"] for message in seen} == {"call:status"}
    assert transcript.of("call")[-1].startswith("200 ")
    assert transcript.ending.code == 1000


def test_cancelled():
    """The application cancels it by call:status no-answer; other commands are lost until it is answered."""

    def application(app: App) -> None:
        app.status("ringing")
        app.redirect(HANGUP)
        app.command("call:status", {"call_status": "completed"})
        app.command("call:status", {"call_status": "no-answer"})
        assert statuses(app.until_closed()[1]) == ["no-answer"]

    transcript = call(application, placed=NoAnswer(), clock=RealClock(speed=5))
    assert transcript.of("call")[-1].endswith("the application has cancelled it")
    assert [line.partition(":")[0] for line in transcript.of("fault")] == [
        "the command redirect is lost",
        "the command call",
    ]


@pytest.mark.parametrize(
    ("data", "fault"),
    [(None, ""), ([], ""), ({}, ""), ("say", ""), ([{"verb": "say", "txt": "Hello."}], "say has no property 'txt'")],
)
def test_first_ack_without_verbs(data, fault):
    """Here a first ack that brings no verbs is fine: the call stays up and waits."""

    def application(app: App) -> None:
        app.ack(app.receive("session:new"), data)
        assert statuses(app.until_closed()[1]) == ["completed"]

    transcript = call(application, placed=Answers())
    assert not transcript.ending.rejected
    assert transcript.of("callee") == ["hangs up"]
    assert fault in transcript.of("fault")[0]


def test_commands_once_it_is_answered():
    """A call that was answered without verbs takes them by command."""

    def application(app: App) -> None:
        app.ack(app.receive("session:new"), [{"verb": "config", "notifyEvents": True}, {"verb": "config", "id": "c"}])
        while app.receive("verb:status")["data"] != {"event": "finished", "name": "config", "id": "c"}:
            pass
        app.redirect(say("Hello."), HANGUP)
        assert app.until_closed()[0] == 1000

    assert call(application, placed=Answers(), patience=10).heard == ["Hello."]


def test_session_new_unanswered():
    """Without an ack in five seconds the call stays up, silent."""

    def application(app: App) -> None:
        app.receive("session:new")
        assert statuses(app.until_closed()[1]) == ["completed"]

    transcript = call(application, placed=Answers(), clock=RealClock(speed=50, thinking_speed=20))
    assert "session:new was not answered in time" in transcript.of("fault")
    assert transcript.of("callee") == ["hangs up"]


def test_called_party_gives_up():
    """A script may end the call while it rings."""

    def application(app: App) -> None:
        assert statuses(app.until_closed()[1]) == ["trying", "ringing", "no-answer"]

    call(application, HangsUp(at=5), placed=NoAnswer())
