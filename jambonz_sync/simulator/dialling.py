"""The verb ``dial``: legs of its own, and what becomes of them.

::

    dial(run, Verb("dial", {"target": [{"type": "phone", "number": "+15550143555"}], "actionHook": "/done"}))
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from typing import Any

from .adulting import Adulting
from .bridging import Bridge
from .caller import Answers, Outcome, Party
from .dialled_leg import DialledLeg
from .runner import Runner
from .unwinding import Killed, LegGone, Skipped
from .verb import BadVerbs, Verb, hook_name, is_http, number

__all__ = ["dial"]

#: What the answer of a hook may bring while a dialled party is asked whether it takes the call.
_ALLOWED_IN_CONFIRMATION = frozenset({"config", "gather", "say", "tag"})

#: What the answer to ``dial:confirm`` itself must not bring.
_FORBIDDEN_IN_CONFIRMATION = frozenset({"sip:decline"})

_MOST_TARGETS = 10


def dial(run: Runner, verb: Verb) -> None:
    """Execute it: call, bridge with who is first, and send the action hook, also when it is killed."""
    if not run.is_main:
        raise Skipped("a dialled party cannot dial")
    targets = _targets(verb)
    if not targets:
        raise Skipped("it has no target")
    if "referHook" in verb.options:
        run.execution.transcript.add("note", "dial: this simulator leaves out referHook, since nobody sends a REFER")
    if verb.options.get("answerOnBridge") is not True:
        run.answer()
    dialling = _Dialling(run, verb, targets)
    killed = False
    try:
        dialling.proceed()
    except Killed:
        killed = True
    dialling.end()
    run.execution.end_dialled_leg = None
    run.ask(verb, "actionHook", dialling.results, takes_verbs=not killed)


def _targets(verb: Verb) -> list[dict[str, Any]]:
    """Return the targets, each of them once."""
    found: list[dict[str, Any]] = []
    given = verb.options.get("target")
    for target in given if isinstance(given, list) else []:
        if isinstance(target, dict) and target not in found:
            found.append(target)
    return found[:_MOST_TARGETS]


class _Dialling:
    """All legs of one ``dial``."""

    def __init__(self, run: Runner, verb: Verb, targets: Sequence[dict[str, Any]]) -> None:
        self.run = run
        self.verb = verb
        outcomes = run.execution.next_outcomes(len(targets))
        self._legs = [self._leg(target, outcome) for target, outcome in zip(targets, outcomes, strict=True)]
        # Those who are answered, and are not asked yet whether they take the call.
        self._answered: deque[DialledLeg] = deque()
        # The one whose status was the last, or who is connected.
        self._told = self._legs[0]
        self._connected: DialledLeg | None = None

    def _leg(self, target: dict[str, Any], outcome: Outcome) -> DialledLeg:
        leg = DialledLeg(self.run.execution, self.run.leg, target, outcome, self._on_status)
        tag = self.verb.options.get("tag")
        leg.leg.customer_data = tag if isinstance(tag, dict) else None
        return leg

    def _on_status(self, leg: DialledLeg) -> None:
        if self._connected is None:
            self._told = leg
        if leg.is_answered:
            self._answered.append(leg)

    @property
    def results(self) -> dict[str, Any]:
        """What the action hook tells."""
        leg = self._told.leg
        results = {
            "dial_call_status": "completed" if self._told.has_left else leg.call_status,
            "dial_sip_status": leg.sip_status,
            "dial_call_sid": leg.call_sid,
        }
        if leg.sbc_callid is not None:
            results["dial_sbc_callid"] = leg.sbc_callid
        return results

    def proceed(self) -> None:
        """Ring, and do what the script says. Raises :exc:`~.unwinding.Killed`."""
        # If the call ends meanwhile, so do these legs, before the call's own last status.
        self.run.execution.end_dialled_leg = self.end
        music = self.verb.options.get("dialMusic")
        if isinstance(music, str) and music:
            self.run.lets_hear(music)
        for leg in self._legs:
            leg.call(number(self.verb.options, "timeout", 60))
        while not all(leg.is_over for leg in self._legs):
            self.run.wait_until(math.inf, lambda: bool(self._answered) or all(leg.is_over for leg in self._legs))
            if self._answered:
                self._take(self._answered.popleft())

    def _take(self, leg: DialledLeg) -> None:
        party = leg.outcome
        assert isinstance(party, Answers)
        if not self._is_let_in(leg, party):
            self.run.execution.transcript.add("call", f"{leg.leg.to} is not let in")
            leg.end()
            return
        self._connected = self._told = leg
        for other in self._legs:
            if other is not leg:
                other.end()
        self.run.answer()
        self.run.execution.transcript.add("call", f"connected to {leg.leg.to}")
        bridge = Bridge(self.run, self.verb, leg.leg, party)
        leaving = Adulting(self.run, leg, Party("callee", party.steps), bridge.end)
        with self.run.execution.doing(leaving.commands):
            bridge.talk()
        leg.end()

    def _is_let_in(self, leg: DialledLeg, party: Answers) -> bool:
        hook = hook_name(leg.target.get("confirmHook")) or hook_name(self.verb.options.get("confirmHook"))
        if hook is None:
            return True
        execution = self.run.execution
        if is_http(hook):
            execution.note_http(hook)
            return True
        answer = execution.wait_for_answer(
            execution.application.ask("dial:confirm", leg.leg.normal(), hook=hook, traced=False)
        )
        if answer is None:
            return False
        try:
            verbs = answer.verbs()
            strange = _FORBIDDEN_IN_CONFIRMATION.intersection(verb.name for verb in verbs)
            if strange:
                raise BadVerbs(f"{' and '.join(strange)} is not allowed there")
            self.run.for_leg(leg.leg, Party("callee", party.steps), verbs=verbs, allowed=_ALLOWED_IN_CONFIRMATION).run()
        except BadVerbs as fault:
            execution.transcript.add("fault", f"the answer to dial:confirm does nothing: {fault}")
            return False
        except LegGone:
            return False
        return True

    def end(self) -> None:
        """End all legs."""
        for leg in self._legs:
            leg.end()
