"""Simulated calls to applications of this library."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from jambonz_sync import CallEnded, CallRejected, create_endpoint
from jambonz_sync.simulator import Answers, Busy, HangsUp, Presses, Says, SimulatedCall, Transcript
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
    assert transcript.of("note") == []


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
