"""The verb ``message``: an SMS, whose fate is scripted.

::

    message(run, Verb("message", {"from": "100", "to": "200", "text": "Your table is booked.", "actionHook": "/sent"}))
"""

from __future__ import annotations

import uuid

from .runner import Runner
from .verb import Verb

__all__ = ["message"]

_SECONDS = 0.5

_SENT = {"message_status": "success", "carrier": "blue-carrier", "carrier_message_id": "m-1"}


def message(run: Runner, verb: Verb) -> None:
    """Execute it, and tell the action hook what became of it."""
    run.execution.transcript.add("call", f"sends {verb.options.get('to')} the message: {verb.options.get('text', '')}")
    run.pass_time(_SECONDS)
    result = run.execution.next_result("message", _SENT)
    sid = verb.options.get("message_sid") or str(uuid.uuid4())
    run.ask(verb, "actionHook", {"message_sid": sid, **result})
