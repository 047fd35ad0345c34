"""Text messages to an application."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jambonz_sync.simulator import RealClock, SimulatedMessage, Transcript

from .server import App, say, serving


def texts(text: str, **options: Any) -> dict[str, Any]:
    return {"verb": "message", "from": "200", "to": "100", "text": text, **options}


def send(application: Callable[[App], Any], **options: Any) -> Transcript:
    with serving(application) as url:
        return SimulatedMessage(url, "Are you open?", **options).run()


def test_session_without_a_call():
    """session:new names no call, on the envelope or in its data; the verb message texts back."""

    def application(app: App) -> None:
        opening = app.receive("session:new")
        assert "call_sid" not in opening
        assert "call_sid" not in opening["data"]
        assert (opening["data"]["from"], opening["data"]["to"], opening["data"]["text"]) == ("1", "2", "Are you open?")
        assert opening["data"]["media"] == ["https://example.com/a.jpg"]
        app.ack(opening, [say("Never said."), texts("Until six.", actionHook="/sent", id="m"), texts("Never sent.")])
        hook = app.receive()
        assert "call_sid" not in hook
        assert (hook["hook"], hook["data"]["message_status"], hook["data"]["verb_id"]) == ("/sent", "success", "m")
        app.ack(hook, [texts("Come by.", actionHook="/again")])
        app.ack(app.receive())
        assert app.until_closed() == (1000, [])

    transcript = send(application, from_="1", to="2", media=["https://example.com/a.jpg"])
    assert transcript.of("caller") == ["Are you open?"]
    assert transcript.heard == ["Until six.", "Come by."]
    assert transcript.of("note") == ["say is skipped: there is no call"]
    assert transcript.ending.code == 1000


@pytest.mark.parametrize(
    ("data", "notes"),
    [
        (None, []),
        ([], []),
        ([{"verb": "x"}], ["element 0: there is no verb 'x', in the answer to session:new"]),
    ],
)
def test_no_verbs(data, notes):
    """Without verbs the session is over."""

    def application(app: App) -> None:
        app.ack(app.receive("session:new"), data)
        assert app.until_closed() == (1000, [])

    transcript = send(application)
    assert transcript.heard == []
    assert transcript.of("fault") == notes


@pytest.mark.parametrize("drops", [True, False])
def test_unanswered(drops):
    """Without an ack in time, or a connection to bring it, the session is over."""

    def application(app: App) -> None:
        app.receive("session:new")
        if drops:
            app.ws.close(1011)
        else:
            app.command("redirect", [texts("Hello.")])
            app.until_closed()

    transcript = send(application, clock=RealClock(thinking_speed=1 if drops else 20))
    assert "session:new was not answered in time" in transcript.of("fault")
    assert ("the command redirect is lost: there is no call" in transcript.of("fault")) is not drops


def test_hook_by_http():
    """A hook that is called by HTTP does not come over the connection."""

    def application(app: App) -> None:
        app.ack(app.receive("session:new"), [texts("Until six.", actionHook="https://example.com/sent")])
        assert app.until_closed() == (1000, [])

    transcript = send(application)
    assert transcript.of("note") == ["https://example.com/sent would be called by HTTP, which this simulator does not"]
