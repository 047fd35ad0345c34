"""Going on with another hook, here or elsewhere."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from jambonz_sync.simulator import DropsConnection, HangsUp, Says, SimulatedCall, WireMessage

from .lines import lose, serving_over
from .server import HANGUP, App, CommandClock, JumpClock, call, gather, say

PAUSE = {"verb": "pause", "length": 60}


def to(hook: Any, **options: Any) -> dict[str, Any]:
    return {"verb": "redirect", "actionHook": hook, **options}


def statuses(app: App) -> list[str]:
    return [message["data"]["call_status"] for message in app.received if message["type"] == "call:status"]


# The verb, to another address


@pytest.mark.parametrize("status_hook", [None, "/status"])
def test_another_address(status_hook):
    """A new connection begins with session:redirect and names no call; statuses stay behind unless it takes them."""
    apps = []

    def elsewhere(app: App) -> None:
        apps.append(app)
        assert app.ws.request.path == "/part-two?token=abc"
        asked = app.receive("session:redirect")
        assert app.received == [asked]
        assert "call_sid" not in asked
        assert asked["hook"].endswith("/part-two?token=abc")
        assert asked["data"]["verb_id"] == "r"
        assert asked["data"]["call_status"] == "trying"
        app.ack(asked, [gather("speech"), HANGUP])
        hook = app.receive()
        assert "call_sid" not in hook
        app.ack(hook, [say("Part two."), HANGUP])
        assert app.until_closed()[0] == 1000

    with serving_over([elsewhere]) as other:
        url = other.replace("/app", "/part-two?token=abc")
        verb = to(url, id="r", **({"statusHook": status_hook} if status_hook else {}))

        def first(app: App) -> None:
            apps.append(app)
            app.begin(verb)
            assert app.until_closed()[0] == 1000

        transcript = call(first, Says("hello"))
    assert transcript.heard == ["Part two."]
    assert transcript.connections == 2
    old, new = apps
    expected = [["trying"], ["in-progress", "completed"]]
    assert [statuses(old), statuses(new)] == (expected if status_hook else [[*expected[0], *expected[1]], []])
    assert "call_sid" in old.received[-1]


def test_commands_after_the_move():
    """Commands on the connection that was left are ignored; those on the new one are done."""
    answered, ignored = threading.Event(), threading.Event()

    def watch(what: Any) -> None:
        if isinstance(what, WireMessage):
            if what.message["type"] == "command":
                ignored.set()
        elif what.who == "app":
            answered.set()

    def elsewhere(app: App) -> None:
        app.ack(app.receive("session:redirect"), [say(), PAUSE])
        assert ignored.wait(10)
        app.command("call:status", {"call_status": "completed"})
        assert app.until_closed()[0] == 1000

    with serving_over([elsewhere]) as other:

        def first(app: App) -> None:
            app.begin(to(other))
            assert answered.wait(10)
            app.redirect(say("Never said."), HANGUP)
            app.until_closed()

        transcript = call(first, speed=5, watch=watch)
    assert transcript.heard == ["One two three."]
    assert "the command redirect is lost: the call goes on with another connection" in transcript.of("fault")


def test_nobody_at_the_other_address():
    """If the new connection cannot be made, after all attempts, the call ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"ws://127.0.0.1:{listener.getsockname()[1]}/x"

    def application(app: App) -> None:
        app.begin({"verb": "answer"}, to(url), say("Never said."))
        assert app.until_closed()[0] == 1000

    transcript = call(application)
    assert transcript.heard == []
    assert transcript.ending.reason.endswith("which ends the call")
    assert transcript.entries[-1].time == 13.5


def test_reconnect_after_the_move():
    """A reconnect of the new connection carries nothing at all."""

    def lost(app: App) -> None:
        app.ack(app.receive("session:redirect"), [gather("digits", timeout=0)])
        lose(app)

    def again(app: App) -> None:
        message = app.receive("session:reconnect")
        assert message["data"] == {}
        assert "call_sid" not in message
        app.ack(message)
        assert app.until_closed()[0] == 1000

    with serving_over([lost, again]) as other:

        def first(app: App) -> None:
            app.begin(to(other))
            app.until_closed()

        call(first, DropsConnection(at=1), HangsUp(at=9))


def test_unanswered_elsewhere():
    """Without an ack the call ends, and so it does if the connection is lost before."""

    with serving_over([lose, lose]) as other:

        def first(app: App) -> None:
            app.begin(to(other), PAUSE)
            assert app.until_closed()[0] == 1000

        transcript = call(first, DropsConnection(after=other))
    assert "session:redirect was not answered" in transcript.ending.reason


# The verb, in other forms


def test_same_connection():
    """A relative hook is asked on the same connection; without verbs in the answer the queue goes on."""

    def application(app: App) -> None:
        app.begin(to("/one"), say("Queued."), to("/two"), say("Replaced."))
        asked = app.receive()
        assert (asked["type"], asked["hook"], asked["call_sid"]) == (
            "session:redirect",
            "/one",
            app.received[0]["call_sid"],
        )
        app.ack(asked, [])
        app.ack(app.receive(), [say("New."), HANGUP])
        app.until_closed()

    assert call(application).heard == ["Queued.", "New."]


@pytest.mark.parametrize(
    ("hook", "reason"),
    [
        ({"url": "/x"}, "is no text, which ends the call"),
        ("https://example.com/x", "jambonz goes on by HTTP with https://example.com/x"),
    ],
)
def test_hooks_that_end_it(hook, reason):
    """A hook that is an object breaks the verb, and a webhook takes the call away."""

    def application(app: App) -> None:
        app.begin({"verb": "answer"}, to(hook), say("Never said."))
        assert app.until_closed()[0] == 1000

    transcript = call(application)
    assert reason in transcript.ending.reason
    assert transcript.heard == []


# The command


@pytest.mark.parametrize(
    ("data", "heard"),
    [
        ([say("New."), HANGUP], ["New."]),
        # Without data the running verb ends and the queue goes on.
        (None, ["Queued."]),
        # An empty list drops everything.
        ([], []),
        # With a fault in it nothing changes: the pause goes on, and then the queue.
        ([{"verb": "say", "txt": "New."}], ["Queued."]),
    ],
)
@pytest.mark.parametrize("hook", ["/next", "wss://elsewhere.example.net/next"])
def test_call_hook(data, heard, hook):
    """The command with a hook asks it on the same connection, whatever it is, and the answer takes effect."""

    def application(app: App) -> None:
        app.begin({"verb": "answer"}, PAUSE, say("Queued."), HANGUP)
        app.status("in-progress")
        app.command("redirect", {"call_hook": hook})
        asked = app.receive()
        assert (asked["type"], asked["hook"]) == ("session:redirect", hook)
        assert asked["data"]["call_status"] == "in-progress"
        app.ack(asked, data)
        app.until_closed()

    clock = CommandClock()
    transcript = call(application, clock=clock, watch=clock.watch)
    assert transcript.heard == heard


def test_unanswered_call_hook():
    """Without an ack nothing changes."""

    def application(app: App) -> None:
        app.begin({"verb": "answer"}, PAUSE, say("Queued."), HANGUP)
        app.status("in-progress")
        app.command("redirect", {"call_hook": "/next"})
        app.receive()
        app.until_closed()

    clock = CommandClock()
    assert call(application, clock=clock, watch=clock.watch, ack_timeout=1.0).heard == ["Queued."]


@pytest.mark.parametrize(
    ("data", "note"),
    [
        ({"child_call_hook": "/child"}, "child_call_hook does nothing: no dialled party is connected"),
        ({"child_call": [HANGUP]}, "the command redirect, as it was sent, does nothing in this simulator"),
        ({}, "the command redirect, as it was sent, does nothing in this simulator"),
    ],
)
def test_commands_without_effect(data, note):
    """What names no hook of the call does nothing."""

    def application(app: App) -> None:
        app.begin(gather("digits", timeout=0))
        app.command("redirect", data)
        app.command("call:status", {"call_status": "completed"})
        app.until_closed()

    assert note in call(application, speed=20).of("fault")


def test_parent_call():
    """The verbs of parent_call take the place of all."""

    def application(app: App) -> None:
        app.begin(PAUSE, say("Replaced."))
        app.command("redirect", {"parent_call": [say("New."), HANGUP]}, queueCommand=True)
        app.until_closed()

    assert call(application, speed=20).heard == ["New."]


def test_call_hook_by_http():
    """A webhook takes the call away."""

    def application(app: App) -> None:
        app.begin(PAUSE)
        app.command("redirect", {"call_hook": "https://example.com/x"})
        assert app.until_closed() == (1000, [])

    assert "goes on by HTTP" in call(application, speed=20).ending.reason


def test_two_hosts():
    """The other address may be the same server, on a connection of its own."""

    def second(app: App) -> None:
        app.ack(app.receive("session:redirect"), [say("Here again."), HANGUP])
        app.until_closed()

    with serving_over([lambda app: (app.begin(to(urls[0])), app.until_closed()), second]) as url:
        urls = [url + "/again"]
        assert SimulatedCall(url, clock=JumpClock()).run().heard == ["Here again."]
