"""The verb conference: waiting, joining, speaking, leaving, and what the application is told of it."""

from __future__ import annotations

import contextlib
import datetime
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from jambonz_sync.simulator import HangsUp, JoinsConference, Presses, Says, Silence, Transcript

from .server import HANGUP, App, call, gather, say

EVENTS = ["start", "join", "leave", "end", "start-talking", "stop-talking"]


def conference(**options: Any) -> dict[str, Any]:
    return {"verb": "conference", "name": "standup", "actionHook": "/over", **options}


def reported(**options: Any) -> dict[str, Any]:
    return conference(**{"statusHook": "/events", "statusEvents": EVENTS, **options})


def hooks(transcript: Transcript, name: str) -> list[dict[str, Any]]:
    return [message["data"] for message in transcript.messages("in", "verb:hook") if message["hook"] == name]


def events(transcript: Transcript) -> list[tuple[str, int]]:
    """The events and the numbers of members that the status hook was told."""
    return [(data["event"], data["members"]) for data in hooks(transcript, "/events")]


def at(transcript: Transcript, what: str) -> float:
    return next(entry.time for entry in transcript.entries if entry.what == what)


def attend(verb: dict[str, Any], *steps: Any, result: Any = None, prompts: Any = (), **options: Any) -> Transcript:
    """Call an application that puts the caller into a conference, and says goodbye after it."""

    def application(app: App) -> None:
        app.begin(verb, say("Bye."), HANGUP)
        # What is told when the caller hangs up may be too late to be answered.
        with contextlib.suppress(ConnectionClosed):
            while True:
                message = app.receive()
                app.ack(message, {"/over": result, "/prompts": prompts}.get(message["hook"]))

    return call(application, *steps, **options)


# From the beginning to the end


def test_alone():
    """The first begins the conference; who hangs up leaves it before the call's last status."""
    transcript = attend(reported(), HangsUp(at=20))
    assert events(transcript) == [("start", 0), ("join", 1), ("leave", 0), ("end", 0)]
    assert [message["type"] for message in transcript.messages("in")[-3:]] == ["verb:hook", "verb:hook", "call:status"]
    assert transcript.of("call")[1:4] == [
        "answered",
        "joins the conference standup",
        "leaves the conference standup",
    ]


def test_among_others():
    """Others come and go; who ends the conference sends the call on."""
    others = [
        JoinsConference("standup", at=1, seconds=4),
        JoinsConference("standup", at=3, seconds=6, ends=True),
    ]
    transcript = attend(reported(), others=others)
    assert events(transcript) == [("start", 0), ("join", 1), ("leave", 0), ("end", 0)]
    assert transcript.of("callee") == ["joins the conference"] * 2 + ["leaves the conference"] * 2
    assert at(transcript, "leaves the conference standup") == at(transcript, "Bye.") == 9


def test_action_hook():
    """The action hook has the usual facts and no more; verbs in its answer replace the queue."""
    others = [JoinsConference("standup", seconds=4, ends=True)]
    transcript = attend(conference(id="c"), result=[say("How was it?"), HANGUP], others=others)
    (data,) = hooks(transcript, "/over")
    assert data["verb_id"] == "c"
    (status,) = (
        message["data"]
        for message in transcript.messages("in", "call:status")
        if message["data"]["call_status"] == "in-progress"
    )
    assert {key: data[key] for key in data if key != "verb_id"} == status
    assert transcript.heard == ["How was it?"]


def test_no_hooks():
    """A conference may be without hooks."""
    others = [JoinsConference("standup", seconds=4, ends=True)]
    assert attend({"verb": "conference", "name": "standup"}, others=others).heard == ["Bye."]


def test_ends_on_exit():
    """Who ends the conference on leaving tells of its end, and puts out the others."""
    others = [JoinsConference("standup", seconds=400), JoinsConference("standup", at=30, seconds=5, ends=True)]
    transcript = attend(reported(endConferenceOnExit=True), HangsUp(at=20), others=others)
    assert events(transcript) == [("join", 2), ("leave", 1), ("end", 1)]


# Waiting for it


def test_wait():
    """Who does not begin it waits, and hears what the wait hook answers; the hook has the raw facts."""
    others = [JoinsConference("standup", at=5)]
    verb = reported(startConferenceOnEnter=False, waitHook="/prompts")
    transcript = attend(verb, HangsUp(at=9), prompts=[say("One."), say("Two.")], others=others)
    first = hooks(transcript, "/prompts")[0]
    assert first["caller_name"] == "Nova Tester"
    assert "fs_sip_address" not in first
    assert transcript.heard[:4] == ["One.", "Two.", "One.", "Two."]
    assert at(transcript, "joins the conference standup") == 5
    assert events(transcript) == [("join", 2), ("leave", 1)]


def test_wait_needs_no_patience():
    """What goes on already is not waited for."""
    others = [JoinsConference("standup", seconds=4, ends=True)]
    transcript = attend(conference(startConferenceOnEnter=False, waitHook="/prompts"), others=others)
    assert hooks(transcript, "/prompts") == []
    assert "waits for the conference standup to begin" not in transcript.of("call")


def test_hangs_up_while_it_waits():
    """Who hangs up before it has begun was not in it."""
    transcript = attend(reported(startConferenceOnEnter=False), HangsUp(at=9))
    assert events(transcript) == []


def test_caller_loses_patience():
    """A caller whose next step is to hang up does so when the first prompts have been heard."""
    verb = conference(startConferenceOnEnter=False, waitHook="/prompts")
    transcript = attend(verb, HangsUp(), prompts=[say("One two three.")])
    assert at(transcript, "hangs up") == pytest.approx(0.75 + 1.2 + 0.5)


# Entering


@pytest.mark.parametrize("starts", [True, False])
def test_enter_hook(starts):
    """The enter hook is asked once, before joining, with the raw facts."""
    others = [JoinsConference("standup", at=1 if starts else 0, seconds=20, ends=True)]
    transcript = attend(reported(enterHook="/prompts"), prompts=[say("You are in.")], others=others)
    (data,) = hooks(transcript, "/prompts")
    assert "local_sip_address" in data
    assert transcript.heard == ["You are in.", "Bye."]
    assert at(transcript, "joins the conference standup") == pytest.approx(1.2)


def test_begins_with_the_enter_hook():
    """It has begun, and is told of, before its first member has heard the prompt."""
    transcript = attend(reported(enterHook="/prompts"), HangsUp(at=20), prompts=[say("You are first.")])
    order = [message["data"].get("event") for message in transcript.messages("in", "verb:hook")]
    assert order == ["start", None, "join", "leave", "end"]


@pytest.mark.parametrize("prompts", [None, [], [gather("speech")]])
def test_enter_hook_without_prompts(prompts):
    """Without an answer that will do the caller joins without a prompt."""
    transcript = attend(conference(enterHook="/prompts"), HangsUp(at=20), prompts=prompts)
    assert transcript.heard == []
    assert "joins the conference standup" in transcript.of("call")


def test_hangs_up_while_it_enters():
    """A conference whose beginner hangs up before joining does not stay."""
    verb = reported(enterHook="/prompts")
    transcript = attend(verb, HangsUp(at=1), prompts=[{"verb": "pause", "length": 500}])
    assert events(transcript) == [("start", 0)]


# What is told of it


def test_facts_of_an_event():
    """An event has the usual facts, those of the conference, and the trace context inside the data."""
    others = [JoinsConference("standup", at=2)]
    transcript = attend(reported(startConferenceOnEnter=False), Says("hello"), HangsUp(), others=others)
    messages = [message for message in transcript.messages("in", "verb:hook") if message["hook"] == "/events"]
    assert all("b3" not in message for message in messages)
    join, start, stop, leave = (message["data"] for message in messages)
    assert [data["event"] for data in (join, start, stop, leave)] == ["join", "start-talking", "stop-talking", "leave"]
    assert [data["duration"] for data in (join, start, stop, leave)] == pytest.approx([0, 0.5, 0.9, 1.4])
    assert join["conference_sid"] == f"conf:{join['account_sid']}:standup"
    assert join["friendly_name"] == "standup"
    assert join["call_status"] == "in-progress"
    assert join["b3"].startswith(join["trace_id"])
    assert len({data["b3"] for data in (join, start, stop, leave)}) == 4
    times = [datetime.datetime.fromisoformat(data["time"].replace("Z", "+00:00")) for data in (join, start)]
    assert times[1] - times[0] == datetime.timedelta(seconds=0.5)


@pytest.mark.parametrize("options", [{"statusEvents": ["leave"]}, {"statusEvents": []}])
def test_chosen_events(options):
    """Only what statusEvents lists is told."""
    assert [event for event, _ in events(attend(reported(**options), HangsUp(at=3)))] == options["statusEvents"]


def test_status_hook_alone():
    """Without statusEvents nothing is told."""
    assert events(attend(conference(statusHook="/events"), HangsUp(at=3))) == []


def test_reports_are_not_waited_for():
    """The conference goes on while the status hook is not answered, and verbs in the answer are ignored."""

    def application(app: App) -> None:
        app.begin(reported(statusEvents=["start", "join"]))
        start, join = app.receive(), app.receive()
        app.ack(join, [say("Ignored."), HANGUP])
        app.ack(start, [say("Ignored."), HANGUP])
        app.until_closed()

    transcript = call(application, HangsUp(at=3))
    assert transcript.heard == []
    assert transcript.ending.reason == "hung up by the caller after 3 s"


# What the caller does in it


def test_speech():
    """The caller says what comes next in the script, and then hangs up."""
    transcript = attend(reported(), Says("one two"), Says("three"), HangsUp())
    talk = [data for data in hooks(transcript, "/events") if "talking" in data["event"]]
    assert [(data["event"], data["duration"]) for data in talk] == [
        ("start-talking", 0.5),
        ("stop-talking", 1.3),
        ("start-talking", 1.8),
        ("stop-talking", 2.2),
    ]
    assert transcript.of("caller") == ["one two", "three", "hangs up"]


def test_silence():
    """A silence keeps what comes next for later, even for after the conference."""
    others = [JoinsConference("standup", seconds=4, ends=True)]
    transcript = attend(
        reported(), Silence(6), Says("good"), HangsUp(), result=[gather("speech", hook="/said"), HANGUP], others=others
    )
    assert [event for event, _ in events(transcript)] == ["join", "leave", "end"]
    assert at(transcript, "good") == 6


def test_keys_are_kept():
    """Keys are kept for what asks for them."""
    others = [JoinsConference("standup", seconds=4, ends=True)]
    transcript = attend(
        conference(), Presses("5"), result=[gather("digits", hook="/pressed", numDigits=1), HANGUP], others=others
    )
    assert hooks(transcript, "/pressed")[0]["digits"] == "5"


@pytest.mark.parametrize("options", [{"joinMuted": True}, {"joinMuted": False}])
def test_join_muted(options):
    """Who has joined muted is not heard, and its talking not told."""
    transcript = attend(reported(**options), Says("hello"), HangsUp(at=5))
    muted = options["joinMuted"]
    assert ("start-talking" in dict(events(transcript))) is not muted
    assert transcript.of("note") == (["nobody in the conference hears that"] if muted else [])


def test_put_out_while_it_speaks():
    """Who is put out while it speaks has not stopped talking by itself."""
    others = [JoinsConference("standup", seconds=1, ends=True)]
    transcript = attend(reported(), Says("one two three four five six seven"), others=others)
    assert [event for event, _ in events(transcript)] == ["join", "start-talking", "leave", "end"]
    assert at(transcript, "Bye.") == 1


# Killed


def test_killed():
    """A redirect takes the caller out; the action hook is sent all the same, and what is new waits for its answer."""

    def application(app: App) -> None:
        app.begin(reported(statusEvents=["join", "leave"]), say("Replaced."))
        join = app.receive()
        app.ack(join)
        app.redirect(say("New."), HANGUP)
        leave = app.receive()
        over = app.receive()
        assert (leave["data"]["event"], over["hook"]) == ("leave", "/over")
        app.ack(leave)
        app.ack(over)
        app.until_closed()

    assert call(application, speed=20).heard == ["New."]


def test_verbs_in_the_answer_of_a_killed_one():
    """Verbs in the answer to that hook replace those of the redirect."""

    def application(app: App) -> None:
        app.begin(reported(statusEvents=["join"]))
        app.ack(app.receive())
        app.redirect(say("Lost."), HANGUP)
        app.ack(app.receive(), [say("Newer."), HANGUP])
        app.until_closed()

    assert call(application, speed=20).heard == ["Newer."]


@pytest.mark.parametrize("options", [{"startConferenceOnEnter": False, "waitHook": "/wait"}, {"enterHook": "/enter"}])
def test_killed_before_it_has_joined(options):
    """So too while it waits or is about to enter; nothing is told of leaving."""

    def application(app: App) -> None:
        app.begin(reported(statusEvents=["join", "leave"], **options))
        app.ack(app.receive(), [{"verb": "pause", "length": 600}])
        app.redirect(say("New."), HANGUP)
        over = app.receive()
        assert over["hook"] == "/over"
        app.ack(over)
        app.until_closed()

    transcript = call(application, speed=20)
    assert transcript.heard == ["New."]
    assert events(transcript) == []


# What is left out


def test_left_out():
    """What has no effect here is noted."""
    verb = conference(beep=True, maxParticipants=3, record={"path": "/tmp/a.wav"})
    transcript = attend(verb, HangsUp(at=3))
    assert transcript.of("note") == ["conference: this simulator leaves out maxParticipants, record"]
