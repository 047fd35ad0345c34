"""The verb dial: the dialled leg, its confirmation, and how it ends."""

from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.simulator import Answers, Busy, HangsUp, NoAnswer, Presses, Says

from .server import HANGUP, App, call, gather, say
from .test_session import late_clock


def dial(**options: Any) -> dict[str, Any]:
    target = [{"type": "phone", "number": "+15550143555"}]
    return {"verb": "dial", "target": target, "actionHook": "/dialled", **options}


def child_statuses(messages: list[dict[str, Any]]) -> list[str]:
    return [
        message["data"]["call_status"]
        for message in messages
        if message["type"] == "call:status" and "parent_call_sid" in message["data"]
    ]


def dialled(*outcomes: Any, **options: Any) -> tuple[dict[str, Any], list[str], App]:
    """Call an application that dials; return the hook's data, the child's statuses, and the application's end."""
    ends = []

    def application(app: App) -> None:
        app.begin(dial(**options), HANGUP)
        hook = app.receive("verb:hook")
        app.ack(hook)
        app.until_closed()
        ends.append((hook["data"], child_statuses(app.received), app))

    call(application, dials=outcomes)
    return ends[0]


def test_answered():
    """A party that answers talks for a while, and hangs up."""
    data, statuses, app = dialled(Answers(seconds=30))
    assert statuses == ["trying", "ringing", "in-progress", "completed"]
    assert (data["dial_call_status"], data["dial_sip_status"]) == ("completed", 200)
    last = [message for message in app.received if message["type"] == "call:status"][-2]
    assert last["call_sid"] == data["call_sid"] == last["data"]["parent_call_sid"]
    assert data["dial_call_sid"] == last["data"]["call_sid"] != data["call_sid"]
    assert last["data"]["duration"] == 30
    assert "b3" not in last


def test_answered_by_default():
    """Where the script says nothing everybody answers."""
    assert dialled()[0]["dial_call_status"] == "completed"


def test_time_limit():
    """timeLimit ends the conversation."""
    _, _, app = dialled(Answers(seconds=100), timeLimit=10)
    (completed,) = (m for m in app.received if m["type"] == "call:status" and m["data"].get("duration") == 10)
    assert completed["data"]["call_status"] == "completed"


def test_busy():
    """A busy party ends the dial at once."""
    data, statuses, _ = dialled(Busy())
    assert statuses == ["trying", "ringing", "busy"]
    assert (data["dial_call_status"], data["dial_sip_status"]) == ("busy", 486)


@pytest.mark.parametrize("outcome", [NoAnswer(), Answers(after=11)])
def test_no_answer(outcome):
    """A party that does not answer in time is not connected."""
    data, statuses, _ = dialled(outcome, timeout=10)
    assert statuses == ["trying", "ringing", "no-answer"]
    assert data["dial_call_status"] == "no-answer"


def test_several_dials():
    """Each dial of a call has the next outcome of the script."""

    def application(app: App) -> None:
        app.begin(dial(), dial(), HANGUP)
        seen = []
        for _ in range(2):
            hook = app.receive()
            seen.append(hook["data"]["dial_call_status"])
            app.ack(hook)
        assert seen == ["busy", "completed"]
        app.until_closed()

    call(application, dials=[Busy()])


@pytest.mark.parametrize(("on_bridge", "first"), [(False, "in-progress"), (True, "completed")])
def test_answer_on_bridge(on_bridge, first):
    """With answerOnBridge the caller is answered only when the party is connected."""

    def application(app: App) -> None:
        app.begin(dial(answerOnBridge=on_bridge), {"verb": "sip:decline", "status": 486})
        app.ack(app.receive())
        app.until_closed()

    transcript = call(application, dials=[Busy()])
    assert ("answered" in transcript.of("call")) is not on_bridge


# Several targets

TARGETS = [{"type": "sip", "sipUri": "sip:a@example.com"}, {"type": "user", "name": "b@example.com"}]


def test_targets():
    """Several targets ring at the same time, each of them once; the first to answer is connected."""
    data, _, app = dialled([Answers(after=3), Answers(after=2)], target=[*TARGETS, TARGETS[0]])
    last = {
        message["data"]["to"]: message["data"]["call_status"]
        for message in app.received
        if message["type"] == "call:status" and "parent_call_sid" in message["data"]
    }
    assert last == {"sip:a@example.com": "no-answer", "b@example.com": "completed"}
    assert data["dial_call_status"] == "completed"


def test_targets_that_do_not_answer():
    """Where nobody answers the last status seen is told. Of whom the script says nothing does not answer."""
    data, statuses, _ = dialled([Busy()], target=TARGETS, timeout=5)
    assert data["dial_call_status"] == "no-answer"
    assert statuses == ["trying", "trying", "ringing", "busy", "ringing", "no-answer"]


def test_targets_that_are_screened():
    """Who is answered next has its turn when the first is not let in."""
    asked = []

    def application(app: App) -> None:
        app.begin(dial(target=TARGETS, confirmHook="/screen"), HANGUP)
        for answer in ([HANGUP], [], None):
            message = app.receive()
            asked.append((message["hook"], message["data"]["to"]))
            app.ack(message, answer)
        app.until_closed()

    transcript = call(application, dials=[[Answers(), Answers()]])
    assert asked[:2] == [("/screen", "sip:a@example.com"), ("/screen", "b@example.com")]
    assert "connected to b@example.com" in transcript.of("call")


def test_dial_music():
    """dialMusic is heard while it rings."""

    def application(app: App) -> None:
        app.begin(dial(dialMusic="music.mp3"), HANGUP)
        app.ack(app.receive())
        app.until_closed()

    assert call(application).heard == ["music.mp3"]


def test_killed():
    """A killed dial ends the leg and sends its hook; verbs in that ack are ignored."""

    def application(app: App) -> None:
        app.begin(dial(), say("Replaced."))
        while child_statuses(app.received)[-1:] != ["in-progress"]:
            app.receive("call:status")
        app.redirect(say("New."), HANGUP)
        hook = app.receive()
        assert hook["data"]["dial_call_status"] == "completed"
        app.ack(hook, [say("Ignored."), HANGUP])
        app.until_closed()

    assert call(application, dials=[Answers(seconds=500)], speed=50).heard == ["New."]


def test_killed_while_it_rings():
    """A dial that is killed while it rings has not been answered."""

    def application(app: App) -> None:
        app.begin(dial())
        app.status("ringing")
        app.redirect(say("New."), HANGUP)
        hook = app.receive()
        assert hook["data"]["dial_call_status"] == "no-answer"
        app.ack(hook)
        app.until_closed()

    assert call(application, dials=[NoAnswer()], speed=50).heard == ["New."]


@pytest.mark.parametrize(("at", "status"), [(1.5, "no-answer"), (10, "completed")])
def test_caller_hangs_up(at, status):
    """When the caller hangs up the dialled leg ends first, then the call."""

    def application(app: App) -> None:
        app.begin(dial())
        messages = app.until_closed()[1]
        assert [message["data"]["call_status"] for message in messages[-2:]] == [status, "completed"]
        assert "parent_call_sid" in messages[-2]["data"]

    call(application, HangsUp(at=at), dials=[Answers(seconds=500)])


def test_unanswered_caller_hangs_up():
    """So too when the caller has not been answered."""

    def application(app: App) -> None:
        app.begin(dial(answerOnBridge=True))
        messages = app.until_closed()[1]
        assert [message["data"]["call_status"] for message in messages[-2:]] == ["no-answer", "no-answer"]

    call(application, HangsUp(at=3), dials=[NoAnswer()])


# Confirmation


def confirmed(answer: Any, *steps: Any, second: Any = None, **options: Any) -> tuple[bool, list[str]]:
    """Dial with a confirm hook that is answered so; return whether the party was let in, and what it did and heard."""
    asked = []

    def application(app: App) -> None:
        app.begin(dial(confirmHook="/screen", **options), HANGUP)
        while True:
            message = app.receive()
            asked.append(message["hook"])
            if message["hook"] == "/dialled":
                app.ack(message)
                app.until_closed()
                return
            if message["type"] == "dial:confirm":
                assert "parent_call_sid" in message["data"]
                assert "b3" not in message
            app.ack(message, answer if message["type"] == "dial:confirm" else second)

    transcript = call(application, dials=[Answers(steps=steps)])
    assert asked[0] == "/screen"
    return "connected to +15550143555" in transcript.of("call"), transcript.of("callee")


@pytest.mark.parametrize("answer", [None, []])
def test_confirmed_without_verbs(answer):
    """An answer without verbs lets the party in."""
    assert confirmed(answer) == (True, ["answers", "hangs up"])


def test_confirmed_with_a_message():
    """Verbs are executed for the party, who is let in if it stays."""
    verbs = [say("A call for you."), {"verb": "play", "url": "a.mp3", "actionHook": "/key"}]
    assert confirmed(verbs) == (True, ["answers", "hears: A call for you.", "hears: a.mp3", "hangs up"])


def test_refused_by_hangup():
    """hangup refuses the party."""
    assert confirmed([HANGUP]) == (False, ["answers"])


SCREEN = [gather("digits", hook="/key", numDigits=1, say={"text": "Press one."}), HANGUP]


def test_key_accepts():
    """The answer to a gather's hook replaces the hangup behind it."""
    accepted, did = confirmed(SCREEN, Presses("1"), second=[say("Connecting.")])
    assert accepted
    assert did == ["answers", "hears: Press one.", "presses 1", "hears: Connecting.", "hangs up"]


@pytest.mark.parametrize("second", [None, [HANGUP], [{"verb": "play", "url": "a"}]])
def test_key_refuses(second):
    """An answer without verbs, or only with verbs that are not allowed there, leaves the hangup."""
    assert not confirmed(SCREEN, Presses("2"), second=second)[0]


def test_party_hangs_up():
    """A party that hangs up while it is asked is not connected."""
    accepted, did = confirmed(SCREEN, HangsUp())
    assert not accepted
    assert did[-1] == "hangs up"


def test_party_says():
    """A party may answer by speech."""
    assert confirmed([gather("speech", hook="/key"), HANGUP], Says("yes"), second=[say("Good.")])[0]


def test_not_on_a_dialled_leg():
    """A dialled party can neither dial nor be declined."""
    assert confirmed([dial()])[0]


def test_declined_by_sip():
    """An answer with sip:decline, which is not allowed in it, is of no use, and the party is not let in."""
    assert confirmed([{"verb": "sip:decline", "status": 603}]) == (False, ["answers"])


def test_confirm_hook_by_http():
    """A hook that is called by HTTP does not come over the connection; that it would be called is noted."""

    def application(app: App) -> None:
        app.begin(dial(confirmHook="https://example.com/screen"), HANGUP)
        app.ack(app.receive("dial:confirm", "verb:hook"))
        app.until_closed()
        assert not [message for message in app.received if message["type"] == "dial:confirm"]

    transcript = call(application)
    assert "connected to +15550143555" in transcript.of("call")
    (note,) = transcript.of("note")
    assert note.startswith("https://example.com/screen would be called by HTTP")


def test_confirm_hook_of_the_target():
    """The target's own confirm hook is the one that is asked."""
    target = [{"type": "phone", "number": "+15550143555", "confirmHook": "/screen"}]
    assert confirmed([HANGUP], target=target) == (False, ["answers"])


def test_confirmation_that_makes_no_sense():
    """An answer that holds no verbs refuses the party."""
    assert not confirmed(["say"])[0]


def test_confirmation_unanswered():
    """A party whose dial:confirm is not answered is dropped."""

    def application(app: App) -> None:
        app.begin(dial(confirmHook="/screen"), HANGUP)
        app.receive("dial:confirm")
        app.ack(app.receive("verb:hook"))
        app.until_closed()

    assert "is not let in" in str(call(application, clock=late_clock()))


def test_killed_while_it_is_confirmed():
    """A redirect tears the dial down, with what is executed for the party."""

    def application(app: App) -> None:
        app.begin(dial(confirmHook="/screen"))
        app.ack(app.receive(), [{"verb": "pause", "length": 500}, say("Never.")])
        app.redirect(say("New."), HANGUP)
        app.ack(app.receive())
        app.until_closed()

    transcript = call(application, speed=50)
    assert transcript.heard == ["New."]
    assert "hears: Never." not in transcript.of("callee")


def test_refer_hook_is_left_out():
    """That nobody sends a REFER is noted."""

    def application(app: App) -> None:
        app.begin(dial(referHook="/refer"), HANGUP)
        app.ack(app.receive())
        app.until_closed()

    assert "leaves out referHook" in call(application).of("note")[0]
