"""SIP requests within the call, and their hook."""

from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.simulator import Answers, Presses, SendsRequest

from .server import HANGUP, App, call, say
from .test_dialling import dial

INFO = SendsRequest("INFO", at=1, body="Signal=5", headers={"Content-Type": "application/dtmf-relay", "X-Key": "5"})
HOOK = {"verb": "config", "sipRequestWithinDialogHook": "/request"}
PAUSE = {"verb": "pause", "length": 3}


def test_request():
    """While a verb runs the hook is told of the request; its answer makes no difference."""
    seen = []

    def application(app: App) -> None:
        app.begin({"verb": "answer"}, HOOK, PAUSE, HANGUP)
        seen.append(app.receive())
        app.ack(seen[0], [say("Never said.")])
        app.until_closed()

    transcript = call(application, INFO)
    assert transcript.heard == []
    assert "sends SIP INFO" in transcript.of("caller")
    assert transcript.of("note") == []
    data = seen[0]["data"]
    assert (seen[0]["hook"], data["sip_method"], data["sip_body"]) == ("/request", "INFO", "Signal=5")
    assert data["sip_headers"] == {"content_type": "application/dtmf-relay", "x_key": "5"}
    assert data["call_status"] == "in-progress"


@pytest.mark.parametrize(
    ("verbs", "why"),
    [
        ([{"verb": "answer"}, PAUSE, HANGUP], "config has named no hook for it"),
        ([HOOK, PAUSE, {"verb": "sip:decline", "status": 603}], "no verb runs on an answered call"),
        ([{"verb": "answer"}, HOOK], "no verb runs on an answered call"),
    ],
)
def test_request_without_effect(verbs, why):
    """Without a hook, before the answer, and while no verb runs, the application is not told."""

    def application(app: App) -> None:
        app.begin(*verbs)
        app.until_closed()
        assert not [message for message in app.received if "hook" in message]

    assert f"the application is not told of SIP INFO: {why}" in call(application, INFO, patience=2).of("note")


def test_hook_in_place_of_patterns():
    """With such a hook dial captures no keys."""
    hooks: list[Any] = []

    def application(app: App) -> None:
        app.begin(HOOK, dial(dtmfCapture=["1"], dtmfHook="/key"), HANGUP)
        hook = app.receive("verb:hook")
        hooks.append(hook["hook"])
        app.ack(hook)
        app.until_closed()

    call(application, dials=[Answers(callee=[Presses("1")])])
    assert hooks == ["/dialled"]
