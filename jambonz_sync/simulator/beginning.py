"""How a call begins: somebody calls the application, or the application has somebody called.

::

    execution.run(functools.partial(be_called, opening=session_new(leg)))
"""

from __future__ import annotations

from typing import Any

from .execution import Execution
from .unwinding import CallOver
from .verb import BadVerbs, Verb, parse_verbs

__all__ = ["be_called", "go_on"]


def be_called(execution: Execution, opening: dict[str, Any]) -> None:
    """A caller is there: ask the application for the first verbs. Without any the call is rejected.

    ``opening``: the data of ``session:new``.

    Raises :exc:`~.unwinding.CallOver`.
    """
    execution.transcript.add("call", f"{execution.leg.from_} calls {execution.leg.to}")
    answer = execution.wait_for_answer(execution.application.ask("session:new", opening))
    if answer is None:
        raise _rejection("the application did not answer session:new in time")
    try:
        verbs = parse_verbs(answer.data)
    except BadVerbs as fault:
        raise _rejection(f"{fault}, in the answer to session:new") from None
    if not verbs:
        raise _rejection("the answer to session:new has no verbs")
    execution.main.queue = verbs
    execution.change_status("trying", 100, "Trying")
    execution.application.live = True


def go_on(execution: Execution, verbs: list[Verb]) -> None:
    """A party has left the call that it was dialled from, with these verbs."""
    execution.transcript.add("call", f"{execution.leg.to} goes on by itself")
    execution.main.queue = verbs
    execution.application.live = True


def _rejection(why: str) -> CallOver:
    return CallOver(f"rejected with SIP 480: {why}", code=1001, rejected=True)
