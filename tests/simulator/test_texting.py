"""message, and the small verbs alert, dtmf and dub."""

from __future__ import annotations

import pytest

from .server import HANGUP, App, call, say

SMS = {"verb": "message", "from": "100", "to": "200", "text": "Your table is booked.", "actionHook": "/sent"}


@pytest.mark.parametrize("status", ["success", "no carriers"])
def test_message(status):
    """The hook tells what became of the message; it does not answer the call."""

    def application(app: App) -> None:
        app.begin({**SMS, "message_sid": "m-17"}, {"verb": "sip:decline", "status": 603})
        hook = app.receive()
        assert (hook["data"]["message_status"], hook["data"]["message_sid"]) == (status, "m-17")
        app.ack(hook)
        app.until_closed()

    results = {} if status == "success" else {"message": [{"message_status": status}]}
    transcript = call(application, results=results)
    assert "sends 200 the message: Your table is booked." in transcript.of("call")
    assert "answered" not in transcript.of("call")


def test_message_sid():
    """A message without a sid is given one."""

    def application(app: App) -> None:
        app.begin(SMS, {"verb": "sip:decline", "status": 603})
        hook = app.receive()
        assert len(hook["data"]["message_sid"]) == 36
        app.ack(hook)
        app.until_closed()

    call(application)


def test_small_verbs():
    """alert writes to a log, dtmf takes as long as its keys, a dub is heard beside what follows."""
    tracks = [
        {"verb": "dub", "action": "addTrack", "track": "a"},
        {"verb": "dub", "action": "sayOnTrack", "track": "a", "say": {"text": "Hush."}},
        {"verb": "dub", "action": "sayOnTrack", "track": "a", "say": "Hush hush."},
    ]
    verbs = [{"verb": "alert", "message": "look"}, {"verb": "dtmf", "dtmf": "12", "duration": 1000}, *tracks]
    transcript = call(lambda app: (app.begin(*verbs, say("Hello."), HANGUP), app.until_closed()))
    assert {"alert: look", "jambonz presses 12", "dub: addTrack a"} <= set(transcript.of("call"))
    assert transcript.heard == ["(on track a) Hush.", "(on track a) Hush hush.", "Hello."]
    assert next(entry.time for entry in transcript.entries if entry.what == "Hello.") == pytest.approx(2)
