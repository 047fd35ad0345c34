from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.protocol.hooks import HookKind
from jambonz_sync.verbs.build import build

DIALOGFLOW: dict[str, Any] = {"credentials": {"private_key": "k"}, "project": "p", "lang": "en-US"}
LEX: dict[str, Any] = {"bot_id": "b", "bot_alias": "a", "region": "us-east-1", "credentials": {"accessKey": "k"}}


def refused(name: str, options: dict[str, Any], version: str | None = None) -> str:
    with pytest.raises(InvalidVerb) as caught:
        build(name, options, jambonz_version=version)
    return str(caught.value)


def test_what_they_need() -> None:
    """Every one of them, on every server."""
    for name, options in (("dialogflow", DIALOGFLOW), ("lex", LEX), ("rasa", {"url": "https://x"})):
        assert build(name, options, jambonz_version="0.9")
        for key in options:
            missing = {other: value for other, value in options.items() if other != key}
            assert refused(name, missing) == f"{name} needs {key}"


def test_credentials_pass_as_they_stand_and_are_never_repeated() -> None:
    """Those of Google may also be the text of the file."""
    assert build("dialogflow", DIALOGFLOW).options["credentials"] == {"private_key": "k"}
    assert build("dialogflow", {**DIALOGFLOW, "credentials": '{"private_key": "k"}'})
    assert refused("dialogflow", {**DIALOGFLOW, "credentials": 4711}) == (
        "dialogflow.credentials must be a dict or a string"
    )
    assert refused("lex", {**LEX, "credentials": "4711"}) == "lex.credentials must be a dict"


@pytest.mark.parametrize(("name", "options"), [("dialogflow", DIALOGFLOW), ("lex", LEX), ("rasa", {"url": "x"})])
def test_their_hooks(name: str, options: dict[str, Any]) -> None:
    """Verbs in the answer to an event end the conversation."""
    verb = build(name, {**options, "event_hook": "/event", "action_hook": "/over"})
    assert [(use.name, use.kind) for use in verb.hooks] == [("/event", HookKind.REPORT), ("/over", HookKind.ACTION)]


def test_a_newer_server_calls_tools() -> None:
    """And can take a conversation up again."""
    options = {**DIALOGFLOW, "tool_hook": "/tool", "session_id": "a_conversation-1"}
    assert build("dialogflow", options).hooks[0].kind is HookKind.NOTIFY
    assert "needs jambonz 10 or newer" in refused("dialogflow", options, "0.9")
    for name in ("", "with space", "a" * 201):
        assert "must have 1 to 200 letters, digits, - and _ as its session_id" in refused(
            "dialogflow", {**DIALOGFLOW, "session_id": name}
        )


def test_some_bots_have_an_id() -> None:
    """Those of Dialogflow ES go by their project."""
    assert build("dialogflow", {**DIALOGFLOW, "model": "es"})
    assert build("dialogflow", {**DIALOGFLOW, "model": "cx", "agent": "4711"})
    assert refused("dialogflow", {**DIALOGFLOW, "model": "ces"}) == "dialogflow needs agent, since model is ces"


def test_an_intent_has_a_name() -> None:
    """Its slots are the bot's own."""
    assert build("lex", {**LEX, "intent": {"name": "Order", "slots": {"drink_size": None}}}).options["intent"] == {
        "name": "Order",
        "slots": {"drink_size": None},
    }
    assert refused("lex", {**LEX, "intent": {}}) == "lex.intent needs name"
