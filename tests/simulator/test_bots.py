"""Bots of others, whose part is scripted."""

from __future__ import annotations

from typing import Any

import pytest

from .server import HANGUP, App, call, say

NEEDED = {
    "dialogflow": {"project": "p", "lang": "en", "credentials": {}},
    "lex": {"botId": "b", "botAlias": "a", "credentials": {}, "region": "r"},
    "rasa": {"url": "http://127.0.0.1/"},
}


def bot(name: str, **options: Any) -> dict[str, Any]:
    return {"verb": name, **NEEDED[name], "actionHook": "/over", "eventHook": "/event", **options}


@pytest.mark.parametrize("name", NEEDED)
def test_script(name):
    """Events come as scripted, those of lex without the facts of the call, and then the result."""
    script = {"events": [{"event": "one", "data": {}}], f"{name}_result": "redirect"}

    def application(app: App) -> None:
        app.begin(bot(name))
        event = app.receive()
        assert (event["hook"], event["data"]["event"]) == ("/event", "one")
        assert ("call_sid" in event["data"]) == (name != "lex")
        app.ack(event)
        hook = app.receive()
        assert (hook["hook"], hook["data"][f"{name}_result"]) == ("/over", "redirect")
        app.ack(hook, [say("New."), HANGUP])
        app.until_closed()

    assert call(application, results={name: [script]}).heard == ["New."]


@pytest.mark.parametrize("name", NEEDED)
def test_by_default(name):
    """By default the conversation comes to its end."""

    def application(app: App) -> None:
        app.begin(bot(name), HANGUP)
        hook = app.receive()
        assert hook["data"][f"{name}_result"] == "completed"
        app.ack(hook)
        app.until_closed()

    call(application)


def test_killed():
    """A bot that is killed tells no result."""

    def application(app: App) -> None:
        app.begin(bot("rasa"))
        app.status("in-progress")
        app.redirect(say("New."), HANGUP)
        assert app.until_closed()[1][-1]["type"] == "call:status"

    script = {"events": [{"event": "botMessage", "message": "Hi."}] * 9}
    transcript = call(application, results={"rasa": [{"rasa_result": "timeout", **script}]}, speed=1)
    assert transcript.heard == ["New."]
    assert all(message["hook"] != "/over" for message in transcript.messages("in", "verb:hook"))
