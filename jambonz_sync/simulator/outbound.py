"""A call that the application has placed by REST: statuses come first, and a session only if somebody answers.

::

    execution.run(functools.partial(call_out, outcome=Answers(after=3), env=None))
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from .caller import Answers, Busy, Outcome
from .execution import Execution
from .facts import session_new_outbound
from .unwinding import CallOver
from .verb import BadVerbs

__all__ = ["call_out"]

_SECONDS_TO_RINGING = 0.5

#: How long jambonz lets it ring.
_RINGING_SECONDS = 60.0


def call_out(execution: Execution, outcome: Outcome, env: Mapping[str, Any] | None) -> None:
    """Ring and, if the called party answers, ask the application for the first verbs; without any the call stays up.

    ``outcome``: what becomes of it; of :class:`.Answers` only the time counts.

    ``env``: the application's variables.

    Raises :exc:`~.unwinding.CallOver`.
    """
    execution.transcript.add("call", f"{execution.leg.from_} calls {execution.leg.to}")
    _Ringing(execution).proceed(outcome)
    application = execution.application
    answer = execution.wait_for_answer(application.ask("session:new", session_new_outbound(execution.leg, env=env)))
    application.live = True
    if answer is not None:
        try:
            execution.main.queue = answer.verbs()
        except BadVerbs as fault:
            execution.transcript.add("fault", f"{fault}, in the answer to session:new: the call stays up without verbs")


class _Ringing:
    """The call until it is answered. The application may cancel it, and do nothing else."""

    def __init__(self, execution: Execution) -> None:
        self.execution = execution
        self._cancelled = False

    def proceed(self, outcome: Outcome) -> None:
        """Return when it is answered. Raises :exc:`~.unwinding.CallOver` if it is not."""
        application = self.execution.application
        do_command, application.on_command = application.on_command, self._command
        application.live = True
        self.execution.change_status("trying", 100, "Trying")
        self._pass_time(_SECONDS_TO_RINGING)
        if isinstance(outcome, Busy):
            self._fail("busy", 486, "Busy here", "is busy")
        self.execution.change_status("ringing", 180, "Ringing")
        if not isinstance(outcome, Answers) or outcome.after > _RINGING_SECONDS:
            self._pass_time(_RINGING_SECONDS)
            self._fail("no-answer", 487, "Request Terminated", "does not answer")
        self._pass_time(outcome.after)
        application.live = False
        application.on_command = do_command
        self.execution.answer_call()

    def _pass_time(self, seconds: float) -> None:
        self.execution.wait(self.execution.clock.now() + seconds, lambda: self._cancelled)
        if self._cancelled:
            self._fail("no-answer", 487, "Request Terminated", "is no longer called: the application has cancelled it")

    def _fail(self, status: str, sip_status: int, phrase: str, why: str) -> NoReturn:
        self.execution.change_status(status, sip_status, phrase)
        raise CallOver(f"{self.execution.leg.to} {why}")

    def _command(self, message: dict[str, Any]) -> None:
        data = message.get("data")
        if message["command"] == "call:status" and isinstance(data, dict) and data.get("call_status") == "no-answer":
            self._cancelled = True
        else:
            why = "the call is not answered, and can only be cancelled"
            self.execution.transcript.add("fault", f"the command {message['command']} is lost: {why}")
