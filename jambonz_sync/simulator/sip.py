"""SIP requests within the call: the verbs ``sip:refer`` and ``sip:request``, whose outcome is scripted.

::

    refer(run, Verb("sip:refer", {"referTo": "sip:desk@example.com", "actionHook": "/referred"}))
"""

from __future__ import annotations

from .runner import Runner
from .unwinding import Skipped
from .verb import Verb

__all__ = ["refer", "request"]

_ROUND_TRIP = 0.2

#: From one report about a transfer to the next.
_SECONDS = 1.0

_ACCEPTED = 202

_TRANSFERRED = {"refer_status": _ACCEPTED, "final_referred_call_status": 200}


def refer(run: Runner, verb: Verb) -> None:
    """Execute it: the caller's telephone calls the target itself, and reports how that goes."""
    _needs_answered_call(run)
    run.execution.transcript.add("call", f"refers the caller to {verb.options.get('referTo')}")
    run.pass_time(_ROUND_TRIP)
    result = run.execution.next_result("sip:refer", _TRANSFERRED)
    final = result.get("final_referred_call_status")
    if result.get("refer_status") == _ACCEPTED:
        # Without a final report jambonz waits for 15 seconds.
        reports = [(_SECONDS, 100), (_SECONDS, 180), (_SECONDS, final)] if final is not None else [(15.0, None)]
        for seconds, status in reports:
            run.pass_time(seconds)
            if status is not None:
                event = {"event": "transfer-status", "call_status": status}
                run.execution.background.ask(verb.options.get("eventHook"), event)
    run.ask(verb, "actionHook", dict(result))


def request(run: Runner, verb: Verb) -> None:
    """Execute it. An action hook that is not answered in time ends the call."""
    _needs_answered_call(run)
    run.execution.transcript.add("call", f"sends SIP {verb.options.get('method')}")
    run.pass_time(_ROUND_TRIP)
    result = run.execution.next_result("sip:request", {"result": "success", "sip_status": 200})
    if not run.ask(verb, "actionHook", dict(result)):
        run.execution.hang_up("the action hook of sip:request was not answered, which ends the call")


def _needs_answered_call(run: Runner) -> None:
    if not run.is_main:
        raise Skipped("it is for the caller's leg only")
    if not run.execution.answered:
        raise Skipped("the call is not answered")
