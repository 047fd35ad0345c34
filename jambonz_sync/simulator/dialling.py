"""The verb ``dial``: a leg of its own, and what becomes of it.

::

    dial(run, Verb("dial", {"target": [{"type": "phone", "number": "+15550143555"}], "actionHook": "/done"}))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .caller import Answers, Busy, Outcome, Party
from .facts import outbound_leg
from .unwinding import Killed, LegGone, Skipped
from .verb import BadVerbs, Verb, hook_name, number, parse_verbs

if TYPE_CHECKING:
    from .execution import Runner

__all__ = ["dial"]

#: What the answer of a hook may bring while a dialled party is asked whether it takes the call.
_ALLOWED_IN_CONFIRMATION = frozenset({"config", "gather", "say", "tag"})

_SECONDS_TO_RINGING = 0.5


def dial(run: Runner, verb: Verb) -> None:
    """Execute it: call the first target, bridge, and send the action hook, also when it is killed."""
    if not run.is_main:
        raise Skipped("a dialled party cannot dial")
    targets = verb.options.get("target")
    if not isinstance(targets, list) or not targets or not isinstance(targets[0], dict):
        raise Skipped("it has no target")
    if verb.options.get("answerOnBridge") is not True:
        run.answer()
    if len(targets) > 1:
        run.execution.transcript.add("note", "dial: this simulator calls the first target only")
    dialling = _Dialling(run, verb, targets[0])
    killed = False
    try:
        dialling.proceed(run.execution.next_outcome())
    except Killed:
        killed = True
        dialling.end_leg()
    run.ask(verb, "actionHook", dialling.results, takes_verbs=not killed)


class _Dialling:
    """One dialled leg, from its first status to its last."""

    def __init__(self, run: Runner, verb: Verb, target: dict[str, Any]) -> None:
        self.run = run
        self.verb = verb
        self.target = target
        to = next((target[key] for key in ("number", "sipUri", "name", "tenant") if key in target), "")
        self.leg = outbound_leg(run.leg, str(to))
        self._answered_at: float | None = None

    @property
    def results(self) -> dict[str, Any]:
        """What the action hook tells of it."""
        results = {
            "dial_call_status": self.leg.call_status,
            "dial_sip_status": self.leg.sip_status,
            "dial_call_sid": self.leg.call_sid,
        }
        if self.leg.sbc_callid is not None:
            results["dial_sbc_callid"] = self.leg.sbc_callid
        return results

    def proceed(self, outcome: Outcome) -> None:
        """Ring, and do what the script says. Raises :exc:`~.unwinding.Killed`."""
        execution = self.run.execution
        # If the call ends meanwhile, so does this leg, before the call's own last status.
        execution.end_dialled_leg = self.end_leg
        execution.transcript.add("call", f"dials {self.leg.to}")
        self._status("trying", 100, "Trying")
        self.run.pass_time(_SECONDS_TO_RINGING)
        self.leg.ring()
        self._status("ringing", 180, "Ringing")
        patience = number(self.verb.options, "timeout", 60)
        if isinstance(outcome, Busy):
            self._fail("busy", 486, "Busy Here")
        elif isinstance(outcome, Answers) and outcome.after <= patience:
            self.run.pass_time(outcome.after)
            self._be_answered(outcome)
        else:
            self.run.pass_time(patience)
            self._fail("no-answer", 487, "Request Terminated")

    def _be_answered(self, party: Answers) -> None:
        self._answered_at = self.run.execution.clock.now()
        self.run.execution.transcript.add("callee", "answers")
        self._status("in-progress", 200, "OK")
        if not self._is_let_in(party):
            self.run.execution.transcript.add("call", f"{self.leg.to} is not let in")
        else:
            self.run.answer()
            self.run.execution.transcript.add("call", f"connected to {self.leg.to}")
            self.run.pass_time(min(party.seconds, number(self.verb.options, "timeLimit", party.seconds)))
            self.run.execution.transcript.add("callee", "hangs up")
        self.end_leg()

    def _is_let_in(self, party: Answers) -> bool:
        hook = hook_name(self.target.get("confirmHook")) or hook_name(self.verb.options.get("confirmHook"))
        if hook is None:
            return True
        execution = self.run.execution
        answer = execution.wait_for_answer(
            execution.application.ask("dial:confirm", self.leg.normal(), hook=hook, traced=False)
        )
        if answer is None:
            return False
        if not isinstance(answer.data, list):
            return True
        try:
            verbs = parse_verbs(answer.data)
            self.run.for_leg(
                self.leg, Party("callee", party.steps), verbs=verbs, allowed=_ALLOWED_IN_CONFIRMATION
            ).run()
        except (BadVerbs, LegGone):
            return False
        return True

    def end_leg(self) -> None:
        """End the leg, in whatever state it is; nothing happens if it has ended."""
        if self._answered_at is None:
            self._fail("no-answer", 487, "Request Terminated")
        elif self.leg.call_status == "in-progress":
            duration = round(self.run.execution.clock.now() - self._answered_at)
            self._status("completed", 200, "OK", duration=duration)
            self.run.execution.end_dialled_leg = None

    def _fail(self, status: str, sip_status: int, phrase: str) -> None:
        if self.leg.call_status in ("trying", "ringing"):
            self.run.execution.transcript.add("call", f"{self.leg.to}: {status}")
            self._status(status, sip_status, phrase)
            self.run.execution.end_dialled_leg = None

    def _status(self, status: str, sip_status: int, phrase: str, **ending: Any) -> None:
        self.leg.change(status, sip_status, phrase, **ending)
        self.run.execution.application.tell("call:status", self.leg.normal())
