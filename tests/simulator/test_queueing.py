"""The verbs enqueue, dequeue and leave."""

from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.simulator import (
    HangsUp,
    Presses,
    Silence,
    TakesFromQueue,
    Transcript,
    WaitsInQueue,
)

from .server import HANGUP, App, call, gather, say

PAUSE = {"verb": "pause", "length": 1}


def enqueue(**options: Any) -> dict[str, Any]:
    return {"verb": "enqueue", "name": "support", "waitHook": "/wait", "actionHook": "/waited", **options}


def dequeue(**options: Any) -> dict[str, Any]:
    return {"verb": "dequeue", "name": "support", "actionHook": "/talked", **options}


class Waiting:
    """An application that puts the caller into a queue, and notes what it is asked there."""

    def __init__(self, *answers: Any, result: Any = None, **options: Any) -> None:
        self.answers = list(answers)
        self.result = result
        self.options = options
        self.asked: list[dict[str, Any]] = []
        self.over: dict[str, Any] = {}
        self.rest: list[dict[str, Any]] = []

    def __call__(self, app: App) -> None:
        app.begin(enqueue(**self.options), say("Queued."), HANGUP)
        while not self.over:
            hook = app.receive()
            if hook["hook"] == "/waited":
                self.over = hook["data"]
                app.ack(hook, self.result)
            else:
                self.asked.append(hook["data"])
                # The last answer stands for all that follow.
                app.ack(hook, self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
        self.rest = app.until_closed()[1]


def times(transcript: Transcript, kind: str, hook: str) -> list[float]:
    return [record.time for record in transcript.wire if record.message.get("hook") == hook]


# Waiting


def test_wait_hook():
    """The wait hook is told of the place in the queue, and not of the call; it is asked again after the prompts."""
    application = Waiting([say("One."), PAUSE])
    transcript = call(application, others=[WaitsInQueue("support", gives_up_after=1), TakesFromQueue("support", at=3)])
    first, second = application.asked
    assert first == {
        "queue_sid": f"queue:{application.over['account_sid']}:support",
        "queue_time": 0,
        "queue_size": 2,
        "queue_position": 1,
        "call_sid": application.over["call_sid"],
        "call_id": application.over["call_id"],
    }
    assert (second["queue_time"], second["queue_size"], second["queue_position"]) == (2, 1, 0)
    # Half a second of silence goes before each asking.
    assert times(transcript, "verb:hook", "/wait") == pytest.approx([0.5, 2.4])
    assert transcript.heard == ["One.", "One.", "Queued."]


def test_tag():
    """A tag in the answer is attached to the call, and told of when the hook is asked again."""
    application = Waiting([{"verb": "tag", "data": {"orderNo": 5}}], [])
    call(application, others=[TakesFromQueue("support", at=3)])
    assert "customerData" not in application.asked[0]
    assert application.asked[1]["customerData"] == {"orderNo": 5}
    assert application.over["customerData"] == {"orderNo": 5}


@pytest.mark.parametrize("answer", [[], None, {}, ["say"], [{"verb": "say", "txt": "x"}], [gather("speech")]])
def test_prompting_ends(answer):
    """An answer without verbs, or with verbs that are not for waiting, ends the asking; the caller waits in silence."""
    application = Waiting(answer)
    transcript = call(application, others=[TakesFromQueue("support", at=30)])
    assert len(application.asked) == 1
    assert transcript.heard == ["Queued."]
    assert application.over["queue_result"] == "bridged"


def test_wait_hook_unanswered():
    """A wait hook that is not answered in time is not asked again."""

    def application(app: App) -> None:
        app.begin(enqueue(), say("Queued."), HANGUP)
        assert app.receive()["hook"] == "/wait"
        over = app.receive()
        assert (over["hook"], over["data"]["queue_result"]) == ("/waited", "bridged")
        app.ack(over)
        app.until_closed()

    transcript = call(application, ack_timeout=0.2, others=[TakesFromQueue("support", at=40)])
    assert transcript.of("fault") == ["/wait was not answered in time"]


def test_no_hooks():
    """A queue without hooks is waited in silently."""
    verbs = [{"verb": "enqueue", "name": "support"}, say("Queued."), HANGUP]
    transcript = call(
        lambda app: (app.begin(*verbs), app.until_closed()), others=[TakesFromQueue("support", at=5, seconds=10)]
    )
    assert transcript.of("call")[1:4] == ["answered", "waits in the queue support", "connected to an agent"]
    assert [(entry.time, entry.what) for entry in transcript.entries if entry.who == "app"] == [(15, "Queued.")]


@pytest.mark.parametrize(("priority", "position"), [(None, 1), (1, 0), (2, 1)])
def test_priority(priority, position):
    """A lower priority is taken earlier."""
    application = Waiting([], **({} if priority is None else {"priority": priority}))
    call(
        application, others=[WaitsInQueue("support", priority=2), TakesFromQueue("support"), TakesFromQueue("support")]
    )
    assert application.asked[0]["queue_position"] == position


# How it ends


def test_bridged():
    """When the agent has hung up the action hook says so, and verbs in its answer replace the queue."""
    application = Waiting([], result=[say("Thank you."), HANGUP], id="e")
    transcript = call(application, others=[TakesFromQueue("support", at=5, seconds=7)])
    data = application.over
    assert (data["queue_result"], data["queue_time"], data["verb_id"]) == ("bridged", 12, "e")
    assert data["queue_sid"] == f"queue:{data['account_sid']}:support"
    assert data["call_status"] == "in-progress"
    assert transcript.of("callee") == ["hangs up"]
    assert transcript.heard == ["Thank you."]


def test_prompt_is_broken_off():
    """Who is taken hears no more prompts."""
    application = Waiting([say("One two three four five."), say("Never.")])
    transcript = call(application, others=[TakesFromQueue("support", at=1)])
    assert transcript.heard == ["One two three four five.", "Queued."]
    assert [entry.time for entry in transcript.entries if entry.what == "connected to an agent"] == [1]


def test_taken_while_asked():
    """Who is taken while the application is asked is connected at once; the answer is of no concern then."""

    def application(app: App) -> None:
        app.begin(enqueue(), HANGUP)
        asked = app.receive()
        over = app.receive()
        app.ack(asked, [say("Never.")])
        app.ack(over)
        app.until_closed()

    transcript = call(application, others=[TakesFromQueue("support", at=0.6, seconds=0.1)])
    assert transcript.of("note") + transcript.of("fault") == []
    assert transcript.heard == []


def test_leave():
    """leave takes the caller out of the queue, when what stands before it has been heard."""
    application = Waiting([say("Too long."), {"verb": "leave"}, say("Never.")])
    transcript = call(application)
    assert application.over["queue_result"] == "leave"
    assert transcript.heard == ["Too long.", "Queued."]
    assert "leaves the queue" in transcript.of("call")


def test_leave_alone():
    """leave may be all there is in an answer."""
    application = Waiting([PAUSE], [{"verb": "leave"}])
    call(application)
    assert application.over["queue_result"] == "leave"
    assert len(application.asked) == 2


def test_error():
    """Who cannot be connected to the agent is told of an error."""
    application = Waiting([])
    transcript = call(application, others=[TakesFromQueue("support", at=5, connects=False)])
    assert application.over["queue_result"] == "error"
    assert "cannot be connected to an agent" in transcript.of("call")
    assert transcript.heard == ["Queued."]


@pytest.mark.parametrize(("others", "result"), [([], "hangup"), ([TakesFromQueue("support", 0, 500)], "bridged")])
def test_killed(others, result):
    """A redirect takes the caller out; the action hook is sent all the same, and verbs in its answer are ignored."""

    def application(app: App) -> None:
        app.begin({"verb": "config", "notifyEvents": True}, enqueue(waitHook="/none"), say("Replaced."))
        while app.receive("verb:status")["data"] != {"event": "starting", "name": "enqueue"}:
            pass
        if not others:
            app.ack(app.receive(), [])
        app.redirect(say("New."), HANGUP)
        hook = app.receive()
        assert (hook["hook"], hook["data"]["queue_result"]) == ("/waited", result)
        app.ack(hook, [say("Ignored."), HANGUP])
        app.until_closed()

    assert call(application, speed=20, others=others).heard == ["New."]


def test_killed_while_it_is_asked():
    """A wait hook in flight is not waited for."""

    def application(app: App) -> None:
        app.begin(enqueue(), say("Replaced."))
        asked = app.receive()
        app.redirect(say("New."), HANGUP)
        hook = app.receive()
        assert (hook["hook"], hook["data"]["queue_result"]) == ("/waited", "hangup")
        app.ack(asked, [say("Late.")])
        app.ack(hook)
        app.until_closed()

    transcript = call(application)
    assert transcript.heard == ["New."]
    assert transcript.of("note") + transcript.of("fault") == []


def test_caller_hangs_up():
    """A caller who hangs up is in the queue no longer; no hook is sent any more."""

    def application(app: App) -> None:
        app.begin(enqueue())
        app.ack(app.receive(), [])
        assert [message["type"] for message in app.until_closed()[1]] == ["call:status"]

    transcript = call(application, HangsUp(at=5), others=[TakesFromQueue("support", at=8)])
    assert transcript.ending.reason == "hung up by the caller after 5 s"


def test_caller_loses_patience():
    """A caller whose next step is to hang up hears the first prompts, and what else there is time for."""
    hooks = []

    def wait(app: App) -> None:
        app.begin(enqueue())
        for _ in range(2):
            message = app.receive()
            hooks.append(message["hook"])
            app.ack(message, [say("One two three.")])
        app.until_closed()

    transcript = call(wait, Silence(2), HangsUp())
    assert hooks == ["/wait", "/wait"]
    assert transcript.entries[-2].what == "hangs up"
    assert transcript.entries[-2].time == pytest.approx(0.5 + 1.2 + 2)


def test_patience_after_a_queue():
    """A caller who was taken in time hangs up when its turn comes next."""
    application = Waiting([PAUSE], result=[gather("speech")])
    transcript = call(application, Silence(20), HangsUp(), others=[TakesFromQueue("support", at=6)])
    assert application.over["queue_result"] == "bridged"
    assert transcript.of("caller") == ["hangs up"]


def test_keys_are_kept():
    """Keys and speech that come next are kept for what asks for them."""

    def application(app: App) -> None:
        app.begin(enqueue(), gather("digits", numDigits=1))
        app.ack(app.receive(), [])
        app.ack(app.receive())
        hook = app.receive()
        assert hook["data"]["digits"] == "5"
        app.ack(hook, [HANGUP])
        app.until_closed()

    call(application, Presses("5"), others=[TakesFromQueue("support", at=6)])


# dequeue


def talked(*others: Any, answer: Any = None, steps: Any = (), **options: Any) -> tuple[dict[str, Any], Transcript]:
    """Call an application that takes somebody from a queue; return what its hook is told, and the transcript."""
    results = []

    def application(app: App) -> None:
        app.begin(dequeue(**options), say("Next."))
        hook = app.receive("verb:hook")
        results.append(hook["data"])
        app.ack(hook, [HANGUP] if answer is None else answer)
        app.until_closed()

    transcript = call(application, *steps, others=others)
    return results[0], transcript


def test_dequeue():
    """The next who waits is taken, after a second, and talked to until it hangs up."""
    data, transcript = talked(WaitsInQueue("support", seconds=30), id="d")
    assert (data["dequeue_result"], data["verb_id"], data["call_status"]) == ("complete", "d", "in-progress")
    assert [(entry.time, entry.what) for entry in transcript.entries if entry.who in ("call", "callee")][2:5] == [
        (0, "takes the next from the queue support"),
        (1, "connected to another caller"),
        (31, "hangs up"),
    ]


def test_dequeue_looks_again():
    """An empty queue is looked into every five seconds."""
    _, transcript = talked(WaitsInQueue("support", at=7))
    assert [entry.time for entry in transcript.entries if entry.what == "connected to another caller"] == [11]


@pytest.mark.parametrize(("timeout", "time"), [(0.5, 0.5), (12, 12)])
def test_dequeue_timeout(timeout, time):
    """Nobody is waited for any longer than that."""
    data, transcript = talked(WaitsInQueue("support", at=13), timeout=timeout)
    assert data["dequeue_result"] == "timeout"
    assert [entry.time for entry in transcript.entries if entry.what == "nobody has come"] == [time]


def test_dequeue_of_nobody_who_waits_no_longer():
    """Who has given up is not taken."""
    assert talked(WaitsInQueue("support", gives_up_after=0.7), timeout=9)[0]["dequeue_result"] == "timeout"


def test_dequeue_fails():
    """Who is taken and cannot be connected counts as gone."""
    data, transcript = talked(WaitsInQueue("support", connects=False))
    assert data["dequeue_result"] == "hangup"
    assert "cannot be connected to another caller" in transcript.of("call")


def test_dequeue_of_a_call():
    """A call that is named is waited for, whoever else is there."""
    assert talked(WaitsInQueue("support"), callSid="other", timeout=9)[0]["dequeue_result"] == "timeout"


def test_dequeue_does_not_wait_for_its_hook():
    """The next verbs do not wait for the answer to the hook; verbs in it replace them."""

    def application(app: App) -> None:
        app.begin(dequeue(timeout=1), {"verb": "config", "notifyEvents": True}, say("Next.", loop=0))
        hook = app.receive("verb:hook")
        while app.receive("verb:status")["data"]["event"] != "start-playback":
            pass
        app.ack(hook, [say("New."), HANGUP])
        app.until_closed()

    assert call(application, speed=20).heard[-1] == "New."


def test_dequeue_hook_in_an_idle_call():
    """Verbs in the answer to its hook wake a call whose verbs have run out."""

    def application(app: App) -> None:
        app.begin(dequeue(timeout=1))
        app.ack(app.receive("verb:hook"), [say("New."), HANGUP])
        app.until_closed()

    assert call(application).heard == ["New."]


def test_dequeue_killed_while_it_looks():
    """Killed while nobody has come it sends no hook."""

    def application(app: App) -> None:
        app.begin(dequeue(), say("Replaced."))
        app.status("in-progress")
        app.redirect(say("New."), HANGUP)
        assert [message["type"] for message in app.until_closed()[1]] == ["call:status"]

    assert call(application, speed=20).heard == ["New."]


def test_dequeue_twice():
    """Another dequeue may follow; the hook of each is sent."""

    def application(app: App) -> None:
        app.begin(dequeue(actionHook="/talked", timeout=3), dequeue(actionHook="/again"))
        hook = app.receive("verb:hook")
        assert (hook["hook"], hook["data"]["dequeue_result"]) == ("/talked", "timeout")
        app.ack(hook)
        other = app.receive("verb:hook")
        app.ack(other, [])
        assert (other["hook"], other["data"]["dequeue_result"]) == ("/again", "complete")
        app.until_closed()

    call(application, others=[WaitsInQueue("support", at=8)])


def test_dequeue_ends_with_the_call():
    """Who hangs up lets the other go."""
    _, transcript = talked(WaitsInQueue("support", seconds=3), steps=[HangsUp(at=30)])
    assert transcript.of("callee") == ["hangs up"]


# Elsewhere


@pytest.mark.parametrize("verb", [enqueue(), dequeue(), {"verb": "conference", "name": "a"}])
def test_not_on_a_dialled_leg(verb):
    """A dialled party is put into no queue and no conference."""

    def application(app: App) -> None:
        target = [{"type": "phone", "number": "+15550143555"}]
        app.begin({"verb": "dial", "target": target, "confirmHook": "/screen"}, HANGUP)
        app.ack(app.receive(), [verb])
        app.until_closed()

    assert f"{verb['verb']} is skipped: it is for the caller's leg only" in call(application).of("note")


def test_leave_by_itself():
    """leave outside an answer to a wait hook does nothing."""
    transcript = call(lambda app: (app.begin({"verb": "leave"}, say(), HANGUP), app.until_closed()))
    assert transcript.of("note") == ["leave is skipped: it is only for the answer to a waitHook"]
