"""Hooks whose answer no verb waits for."""

from __future__ import annotations

from .server import HANGUP, App, call, say
from .test_session import late_clock

LISTENS = {"verb": "config", "transcribe": {"enable": True, "transcriptionHook": "/said"}}
PAUSE = {"verb": "pause", "length": 9}


def test_verbs_go_on():
    """The verbs go on while the answer is waited for, and are replaced by what it brings."""

    def application(app: App) -> None:
        app.begin({"verb": "config", "notifyEvents": True}, LISTENS, {**PAUSE, "length": 2}, say(id="s", loop=0))
        hook = app.receive("verb:hook")
        while app.receive("verb:status")["data"].get("id") != "s":
            pass
        app.ack(hook, [say("New."), HANGUP])
        app.until_closed()

    assert call(application, "hello", clock=late_clock()).heard[-1] == "New."


def test_unanswered():
    """An answer that does not come is noted, and nothing else happens."""
    transcript = call(lambda app: (app.begin(LISTENS, PAUSE, HANGUP), app.until_closed()), "hello", clock=late_clock())
    assert transcript.of("fault") == ["/said was not answered in time"]
    assert "hung up by the application" in transcript.ending.reason


def test_answer_that_makes_no_sense():
    """So is one that is no list of verbs."""

    def application(app: App) -> None:
        app.begin(LISTENS, PAUSE, HANGUP)
        app.ack(app.receive(), [{"verb": "fly"}])
        app.until_closed()

    assert "the answer to a hook is no list of verbs" in call(application, "hello").of("fault")[0]
