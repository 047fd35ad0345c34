"""Commands to a call in a conference."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from jambonz_sync.simulator import HangsUp, JoinsConference, Says, Silence, Transcript

from .server import HANGUP, App, call, gather, say

STARTS_AND_ENDS = ["join", "start-talking", "leave", "say-start", "say-done", "play-start", "play-done"]


def command(name: str, data: Any) -> dict[str, Any]:
    return {"type": "command", "command": name, "data": data}


def participant(action: str, **data: Any) -> dict[str, Any]:
    return command("conf:participant-action", {"action": action, **data})


def commanded(*commands: dict[str, Any], then: Callable[[App], Any] | None = None, **options: Any) -> Transcript:
    """Call an application that sends commands as soon as the caller, who then speaks, is in a conference."""
    verb = {"verb": "conference", "name": "standup", "statusHook": "/events", "statusEvents": STARTS_AND_ENDS}

    def application(app: App) -> None:
        app.begin({**verb, **options}, say("Over."), HANGUP)
        join = app.receive()
        # In one piece with the ack: no time passes before they come.
        app.send_together({"type": "ack", "msgid": join["msgid"]}, *commands)
        if then is not None:
            then(app)
        # What is told when the caller hangs up may be too late to be answered.
        with contextlib.suppress(ConnectionClosed):
            while True:
                app.ack(app.receive())

    steps = [Silence(30), Says("hello"), HangsUp()]
    return call(application, *steps, others=[JoinsConference("standup", seconds=500)])


def events(transcript: Transcript) -> list[str]:
    return [
        message["data"]["event"]
        for message in transcript.messages("in", "verb:hook")
        if message["hook"] == "/events" and message["data"]["event"] != "join"
    ]


def is_heard(transcript: Transcript) -> bool:
    """Whether what the caller says was heard."""
    return "start-talking" in events(transcript)


# Mute


@pytest.mark.parametrize(
    "mute",
    [
        participant("mute"),
        command("mute:status", {"mute_status": "mute"}),
        command("mute:status", "mute"),
        command("conf:mute-status", {"conf_mute_status": "mute"}),
        command("conf:hold-status", {"conf_hold_status": "hold"}),
        participant("hold"),
    ],
)
@pytest.mark.parametrize(
    ("unmute", "heard"),
    [
        ([], False),
        (
            [
                participant("unmute"),
                participant("unhold"),
                command("mute:status", "anything"),
            ],
            True,
        ),
    ],
)
def test_mute(mute, unmute, heard):
    """Who is muted or on hold is not heard, until it no longer is."""
    transcript = commanded(mute, *unmute)
    assert is_heard(transcript) == heard
    assert transcript.of("note") == ([] if heard else ["nobody in the conference hears that"])


def test_unmute():
    """Each command has its opposite."""
    transcript = commanded(
        command("conf:mute-status", {"conf_mute_status": "mute"}),
        command("conf:mute-status", {"conf_mute_status": "unmute"}),
        command("conf:hold-status", {"conf_hold_status": "hold"}),
        command("conf:hold-status", {"conf_hold_status": "unhold"}),
    )
    assert is_heard(transcript)
    assert transcript.of("call")[3:7] == [
        "all but the moderators are muted",
        "all but the moderators are no longer muted",
        "is on hold in the conference",
        "is no longer on hold in the conference",
    ]


def test_moderator():
    """A moderator is not muted with the others."""
    assert is_heard(commanded(command("conf:mute-status", {"conf_mute_status": "mute"}), startConferenceOnEnter=True))


# Hold


def test_hold_music():
    """On hold the member hears what the wait hook answers, again and again, until it is back."""

    def then(app: App) -> None:
        for number in range(3):
            hook = app.receive()
            assert hook["hook"] == "/music"
            assert "caller_name" in hook["data"]
            app.ack(hook, [say(f"Music {number}.")] if number < 2 else None)
        app.command("conf:hold-status", {"conf_hold_status": "unhold"})

    transcript = commanded(command("conf:hold-status", {"conf_hold_status": "hold", "wait_hook": "/music"}), then=then)
    assert transcript.heard == ["Music 0.", "Music 1."]


def test_hold_music_ends():
    """Back in the conference the member hears no more of it."""

    def then(app: App) -> None:
        hook = app.receive()
        unhold = participant("unhold")
        app.send_together({"type": "ack", "msgid": hook["msgid"], "data": [say("Never.")]}, unhold)

    transcript = commanded(participant("hold", wait_hook="/music"), then=then)
    assert transcript.heard == []
    assert is_heard(transcript)


def test_other_music():
    """Another hook takes the place of the first; a hold without one keeps it."""
    asked = []

    def then(app: App) -> None:
        for following in (participant("hold", wait_hook="/other"), participant("hold"), participant("unhold")):
            hook = app.receive()
            asked.append(hook["hook"])
            app.send_together({"type": "ack", "msgid": hook["msgid"], "data": []}, following)

    commanded(participant("hold", wait_hook="/music"), then=then)
    assert asked == ["/music", "/other", "/other"]


# Tags and coaching


def test_tags():
    """A member is given a tag, and is heard by some only."""
    transcript = commanded(
        participant("tag", tag="agent"),
        participant("coach", tag="new"),
        participant("uncoach"),
        participant("untag"),
    )
    assert transcript.of("call")[3:7] == [
        "has the tag agent in the conference",
        "is heard only by those with the tag new",
        "is heard by all of the conference",
        "has no tag in the conference any more",
    ]


# Kick


def test_kick():
    """Who is put out goes on with the next verbs."""
    transcript = commanded(participant("kick"))
    assert events(transcript) == ["leave"]
    assert transcript.heard == ["Over."]
    assert transcript.of("call")[3:5] == ["is put out of the conference", "leaves the conference standup"]


def test_kick_on_hold():
    """So does a member on hold, whatever it hears."""

    def then(app: App) -> None:
        hook = app.receive()
        app.send_together(
            {"type": "ack", "msgid": hook["msgid"], "data": [say("One two three.", loop=0)]}, participant("kick")
        )

    transcript = commanded(participant("hold", wait_hook="/music"), then=then)
    assert transcript.heard == ["Over."]


# What all hear


def test_announcements():
    """All hear what is said and played, one after the other; the status hook is told of each, with its id."""
    transcript = commanded(
        command("room:say", {"text": "Five minutes left.", "id": "a", "loop": 2}),
        command("room:play", {"url": "gong.mp3"}),
    )
    assert transcript.heard == ["Five minutes left.", "Five minutes left.", "gong.mp3"]
    told = [
        (message["data"]["event"], message["data"].get("id"), message["data"]["duration"])
        for message in transcript.messages("in", "verb:hook")
        if message["data"]["event"].startswith(("say", "play"))
    ]
    assert [(event, name) for event, name, _ in told] == [
        ("say-start", "a"),
        ("say-done", "a"),
        ("play-start", None),
        ("play-done", None),
    ]
    assert [time - told[0][2] for _, _, time in told] == pytest.approx([0, 2.4, 2.4, 4.4])


def test_announcement_that_replaces_another():
    """One that replaces breaks off what is heard, and what was to be heard next."""
    transcript = commanded(
        command("room:say", {"text": "Five minutes left."}),
        command("room:say", {"text": "Never."}),
        command("room:play", {"url": "gong.mp3", "replace": True}),
    )
    assert transcript.heard == ["gong.mp3"]


def test_announcement_that_is_broken_off():
    """One that is being heard is broken off, and counts as done."""

    def then(app: App) -> None:
        start = app.receive()
        assert start["data"]["event"] == "say-start"
        replacement = command("room:play", {"url": "gong.mp3", "replace": True})
        app.send_together({"type": "ack", "msgid": start["msgid"]}, replacement)

    transcript = commanded(command("room:say", {"text": "Five minutes left.", "loop": 0}), then=then)
    assert transcript.heard == ["Five minutes left.", "gong.mp3"]
    assert events(transcript)[:4] == ["say-start", "say-done", "play-start", "play-done"]


def test_announcement_of_who_is_put_out():
    """With the member its announcement goes too."""

    def then(app: App) -> None:
        start = app.receive()
        app.send_together({"type": "ack", "msgid": start["msgid"]}, participant("kick"))

    transcript = commanded(command("room:say", {"text": "Five minutes left.", "loop": 0}), then=then)
    assert transcript.heard == ["Five minutes left.", "Over."]
    assert events(transcript) == ["say-start", "leave"]


def test_announcement_on_hold():
    """A member on hold does not hear it."""
    transcript = commanded(participant("hold"), command("room:say", {"text": "Five minutes left."}))
    assert transcript.heard == []
    assert events(transcript)[:2] == ["say-start", "say-done"]


# What makes no sense


@pytest.mark.parametrize(
    "wrong",
    [
        command("conf:mute-status", "mute"),
        command("conf:hold-status", "hold"),
        command("conf:participant-action", "mute"),
        command("conf:participant-action", {"action": "sing"}),
        command("conf:participant-action", {"tag": "agent"}),
        command("room:say", {"url": "gong.mp3"}),
        command("room:play", "gong.mp3"),
    ],
)
def test_wrong_data(wrong):
    """A command in another shape does nothing, which is noted."""
    transcript = commanded(wrong)
    assert f"the command {wrong['command']}, as it was sent, does nothing in this simulator" in transcript.of("fault")
    assert is_heard(transcript)


def test_outside_a_conference():
    """Outside a conference the commands do nothing."""

    def application(app: App) -> None:
        app.begin(gather("speech"))
        hook = app.receive()
        app.send_together(participant("mute"), {"type": "ack", "msgid": hook["msgid"], "data": [HANGUP]})
        app.until_closed()

    (note,) = call(application, "hello").of("fault")
    assert note == "the command conf:participant-action, as it was sent, does nothing in this simulator"
