"""A dialled party that leaves the call, with an application of its own."""

from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.simulator import Answers, Presses

from .lines import call_over
from .server import HANGUP, App, CommandClock, gather, keys, say

DIAL = {"verb": "dial", "target": [{"type": "phone", "number": "+15550143555"}], "actionHook": "/done"}


def dial(app: App, **options: Any) -> dict[str, Any]:
    """Dial, and return the status with which the party answers."""
    opening = app.begin({**DIAL, **options}, say("Dialled."), HANGUP)
    while True:
        status = app.status("in-progress")
        if status["data"]["call_sid"] != opening["call_sid"]:
            return status


def test_child_leaves():
    """The party's verbs run over a connection of its own, whose messages name no call; the dial ends."""
    paths = []

    def parent(app: App) -> None:
        status = dial(app)
        app.command("redirect", {"child_call_hook": "/child"})
        asked = app.receive()
        assert (asked["type"], asked["hook"]) == ("session:redirect", "/child")
        assert asked["data"]["call_sid"] == status["data"]["call_sid"]
        app.ack(asked, [gather("digits", numDigits=1, hook="/key")])
        done = app.receive()
        assert done["data"]["dial_call_status"] == "completed"
        app.ack(done)
        code, messages = app.until_closed()
        assert code == 1000
        assert {message["data"]["call_sid"] for message in messages} == {app.received[0]["call_sid"]}

    def child(app: App) -> None:
        paths.append(app.ws.request.path)
        adulting = app.receive("session:adulting")
        assert app.received == [adulting]
        assert "call_sid" not in adulting
        assert "b3" not in adulting
        data = adulting["data"]
        assert data["parent_call_info"]["call_sid"] == data["parent_call_sid"] != data["call_sid"]
        # What it brings is thrown away.
        app.ack(adulting, [say("Never said."), HANGUP])
        hook = app.receive()
        assert keys(hook) == "7"
        assert hook["data"]["call_sid"] == data["call_sid"]
        app.ack(hook, [HANGUP])
        last = app.status("completed")
        assert "call_sid" not in last
        assert last["data"]["call_termination_by"] == "jambonz"
        assert app.until_closed() == (1000, [])

    dials = [Answers(seconds=60, steps=[Presses("7")])]
    transcript = call_over([parent, child], dials=dials, speed=50)
    assert paths == ["/app/adulting"]
    assert transcript.heard == ["Dialled."]
    assert transcript.ending.reason.startswith("hung up by the application")


@pytest.mark.parametrize("data", [None, [], [{"verb": "say", "txt": "Hello."}]])
def test_child_stays(data):
    """Without verbs for it the party stays, and talks on."""

    def parent(app: App) -> None:
        dial(app)
        app.command("redirect", {"child_call_hook": "/child"})
        app.ack(app.receive(), data)
        app.ack(app.receive())
        assert app.until_closed()[0] == 1000

    clock = CommandClock()
    transcript = call_over([parent], dials=[Answers(seconds=300)], clock=clock, watch=clock.watch)
    assert "hangs up" in transcript.of("callee")
    assert transcript.connections == 1


def test_parent_goes_first():
    """If the verbs for the parent come first the dial ends, and the party that is asked for is not ended with it."""

    def parent(app: App) -> None:
        dial(app)
        app.command("redirect", {"call_hook": "/parent", "child_call_hook": "/child"})
        parents, childs = app.receive(), app.receive()
        assert (parents["hook"], childs["hook"]) == ("/parent", "/child")
        app.ack(parents, [say("Hello, caller."), HANGUP])
        done = app.receive()
        assert done["hook"] == "/done"
        app.ack(childs, [say("Hello, callee."), HANGUP])
        app.ack(done)
        assert app.until_closed()[0] == 1000

    def child(app: App) -> None:
        app.ack(app.receive("session:adulting"))
        app.status("completed")
        app.until_closed()

    transcript = call_over([parent, child], dials=[Answers(seconds=60)], speed=20)
    assert sorted(transcript.heard) == ["Hello, callee.", "Hello, caller."]


def test_nobody_there():
    """If nobody takes the connection the party stays."""

    def parent(app: App) -> None:
        dial(app)
        app.command("redirect", {"child_call_hook": "/child"})
        app.ack(app.receive(), [say("Never said.")])
        app.ack(app.receive())
        assert app.until_closed()[0] == 1000

    def process(ws: Any, request: Any) -> Any:
        return ws.respond(404, "none") if request.path.endswith("/adulting") else None

    transcript = call_over([parent], dials=[Answers(seconds=60)], speed=20, server={"process_request": process})
    assert any("nobody goes on with +15550143555" in line for line in transcript.of("note"))


def test_unanswered_adulting():
    """Nothing comes of an ack that is missing, but a note."""

    def parent(app: App) -> None:
        dial(app)
        app.command("redirect", {"child_call_hook": "/child"})
        app.ack(app.receive(), [say("Hello, callee."), HANGUP])
        app.ack(app.receive(), [{"verb": "pause", "length": 60}, HANGUP])
        assert app.until_closed()[0] == 1000

    def child(app: App) -> None:
        app.redirect(HANGUP)
        app.until_closed()

    transcript = call_over([parent, child], dials=[Answers(seconds=60)], speed=50, ack_timeout=0.2)
    assert "session:adulting was not answered in time" in transcript.of("fault")
    assert "Hello, callee." in transcript.heard


def test_child_call_hook_by_http():
    """A hook that is called by HTTP is none that the simulator gets verbs from: the party stays, and the dial ends."""

    def parent(app: App) -> None:
        dial(app)
        app.command("redirect", {"child_call_hook": "https://example.com/child"})
        done = app.receive()
        assert done["hook"] == "/done"
        app.ack(done)
        app.until_closed()

    transcript = call_over([parent], dials=[Answers(seconds=2)], speed=20)
    assert any("would be called by HTTP" in note for note in transcript.of("note"))
    assert transcript.heard == ["Dialled."]
