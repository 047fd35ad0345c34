"""Simulated calls to applications of this library."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from jambonz_sync import CallEnded, CallRejected, create_endpoint
from jambonz_sync.simulator import (
    Answers,
    Busy,
    HangsUp,
    JoinsConference,
    Presses,
    Says,
    SimulatedCall,
    TakesFromQueue,
    Transcript,
    WaitsInQueue,
)
from jambonz_sync.simulator.echo_app import make_echo

from .server import JumpClock


def call(answer: Callable[[Any], Any], *steps: Any, **options: Any) -> Transcript:
    """Call an application of this library."""
    endpoint = create_endpoint(host="127.0.0.1", port=0)
    endpoint.make_service(path="/app").on("session:new", answer)
    with endpoint:
        if "speed" not in options:
            options["clock"] = JumpClock()
        return SimulatedCall(endpoint.url + "/app", steps, **options).run()


def test_echo():
    """The echo application repeats what it hears, and says goodbye to a silent caller."""
    endpoint = create_endpoint(host="127.0.0.1", port=0)
    service = make_echo(endpoint)
    with endpoint:
        transcript = SimulatedCall(
            endpoint.url + service.path, [Says("hello"), Says("the kettle is on")], clock=JumpClock()
        ).run()
    assert transcript.heard == ["Say something.", "You said: hello", "You said: the kettle is on", "Goodbye."]
    assert transcript.ending.code == 1000
    assert transcript.messages("in", "call:status")[-1]["data"]["call_termination_by"] == "jambonz"
    assert transcript.of("note") + transcript.of("fault") == []


def test_echo_whose_caller_hangs_up():
    """A caller who hangs up ends it in order."""
    endpoint = create_endpoint(host="127.0.0.1", port=0)
    make_echo(endpoint)
    with endpoint:
        transcript = SimulatedCall(endpoint.url + "/echo", [Says("hello"), HangsUp()], clock=JumpClock()).run()
    assert transcript.of("caller") == ["hello", "hangs up"]
    assert transcript.ending.code == 1000


def test_call_ended():
    """A hang-up unwinds the handler."""
    ends = []

    def answer(session: Any) -> None:
        session.gather(input=["speech"], action_hook="/said", timeout=0).send()
        try:
            session.wait_for("/said")
        except CallEnded as end:
            ends.append(end.code)
            raise

    call(answer, HangsUp())
    assert ends == [1000]


def test_call_rejected():
    """A rejected call is told apart."""
    ends = []

    def answer(session: Any) -> None:
        # An answer without verbs, which the library never gives by itself.
        with session._conversation.turn() as machine:
            machine._ack(session._opening.asking, ())
        try:
            session.wait_for("*")
        except CallRejected as end:
            ends.append(end.code)
            raise

    assert call(answer).ending.rejected
    assert ends == [1001]


def test_run():
    """run() returns when jambonz has done what it was given."""
    outcomes = []

    def answer(session: Any) -> None:
        outcomes.append(session.say("One two three.").run())
        outcomes.append(session.play("https://example.com/a.mp3").run())
        session.gather(input=["digits"], num_digits=1)
        outcomes.append(session.run())
        outcomes.append(session.dial(target=[{"type": "phone", "number": "+15550143555"}]).run())
        outcomes.append(session.dial(target=[{"type": "phone", "number": "+15550143555"}]).run())
        outcomes.append(session.say("Goodbye.").run())

    transcript = call(answer, Presses("5"), dials=[Busy(), Answers(seconds=9)])
    assert [outcome.completed for outcome in outcomes] == [True] * 6
    assert outcomes[1]["playback_seconds"] == 2
    assert outcomes[2]["digits"] == "5"
    assert [outcome["dial_call_status"] for outcome in outcomes[3:5]] == ["busy", "completed"]
    assert transcript.heard == ["One two three.", "https://example.com/a.mp3", "Goodbye."]


def test_run_interrupted():
    """What a later send replaces was interrupted."""
    outcomes = []

    def answer(session: Any) -> None:
        def interrupt() -> None:
            session.say("Stop.").send()

        timer = threading.Timer(0.1, interrupt)
        timer.start()
        outcomes.append(session.play("https://example.com/a.mp3", loop=0).run(timeout=10))
        timer.join()

    transcript = call(answer, speed=10)
    assert outcomes[0].interrupted
    assert transcript.heard[-1] == "Stop."


def test_screened_dial():
    """A dialled party is let in by the key it presses."""

    def answer(session: Any) -> None:
        @session.on("/screen")
        def screen(evt: Any) -> None:
            session.gather(input=["digits"], num_digits=1, action_hook="/key", say={"text": "Press one."})
            session.hangup().reply()

        @session.on("/key")
        def key(evt: Any) -> None:
            if evt.digits == "1":
                session.say("Connecting.")
            session.reply()

        target = [{"type": "phone", "number": "+15550143555"}]
        session.dial(target=target, confirm_hook="/screen", action_hook="/done").send()
        session.wait_for("/done")
        session.hangup().reply()

    transcript = call(answer, dials=[Answers(steps=[Presses("1")])])
    assert "connected to +15550143555" in transcript.of("call")


def test_crash():
    """When the handler raises the caller is not left ringing."""

    def answer(session: Any) -> None:
        raise ValueError("broken")

    ending = call(answer).ending
    assert "SIP 603" in ending.reason
    assert ending.code == 1000


def test_queue():
    """A caller waits in a queue, hears what was set for it, and goes on when the agent has hung up."""
    positions = []

    def answer(session: Any) -> None:
        @session.on("/wait")
        def wait(evt: Any) -> None:
            positions.append(evt["queue_position"])
            session.say(f"You are number {evt['queue_position'] + 1}.").reply()

        outcome = session.enqueue("support", wait_hook="/wait").run()
        session.say(f"You have been {outcome['queue_result']}.").hangup().send()

    others = [WaitsInQueue("support"), TakesFromQueue("support", at=2), TakesFromQueue("support", at=4)]
    transcript = call(answer, others=others)
    assert positions == [1, 0]
    assert transcript.heard == ["You are number 2.", "You are number 1.", "You have been bridged."]
    assert transcript.of("note") + transcript.of("fault") == []


def test_queue_that_is_left():
    """A caller who has waited long enough is taken out."""

    def answer(session: Any) -> None:
        session.on("/wait", reply=[{"verb": "say", "text": "Too long."}, {"verb": "leave"}])
        outcome = session.enqueue("support", wait_hook="/wait").run()
        session.say(outcome["queue_result"]).run()

    assert call(answer).heard == ["Too long.", "leave"]


def test_nobody_in_the_queue():
    """An agent who finds nobody does something else."""
    outcomes = []

    def answer(session: Any) -> None:
        outcomes.append(session.dequeue("support", timeout=20).run())
        outcomes.append(session.dequeue("sales", timeout=20).run())

    call(answer, others=[WaitsInQueue("sales", at=25)])
    assert [outcome["dequeue_result"] for outcome in outcomes] == ["timeout", "complete"]


def test_conference():
    """A caller waits for a conference, is greeted, speaks, and goes on when the moderator has left."""
    told = []

    def answer(session: Any) -> None:
        session.on("/wait", reply=[{"verb": "say", "text": "Soon."}])
        session.on("/enter", reply=[{"verb": "say", "text": "Here you are."}])
        session.on("/events", lambda evt: told.append((evt["event"], evt["members"])))
        session.conference(
            "standup",
            start_conference_on_enter=False,
            wait_hook="/wait",
            enter_hook="/enter",
            status_hook="/events",
            status_events=["join", "leave", "start-talking", "stop-talking"],
        ).run()
        session.say("It is over.").hangup().send()

    others = [JoinsConference("standup", at=1, seconds=20, ends=True)]
    transcript = call(answer, Says("good morning"), others=others)
    assert told == [("join", 2), ("start-talking", 2), ("stop-talking", 2), ("leave", 0)]
    assert transcript.heard == ["Soon.", "Here you are.", "It is over."]
    assert transcript.of("note") + transcript.of("fault") == []
