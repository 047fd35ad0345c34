"""How time passes in a call: what is due happens, what has come is taken in, and whoever is waited for is heard.

::

    pace = Pace(call, patience=10, limit=600)
    pace.wait(clock.now() + 2.0)
    answer = pace.wait_for_answer(application.ask("verb:hook", data, hook="/menu"))
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

from .application import Answer, Application, Question, listen

if TYPE_CHECKING:
    from .execution import Execution

__all__ = ["Pace"]


class Pace:
    """The passing of time in one call.

    * ``patience``: how many seconds of silence the caller bears
    * ``limit``: after how many seconds the caller hangs up in any case
    """

    def __init__(self, call: Execution, *, patience: float, limit: float) -> None:
        self.patience = patience
        self.limit = limit
        #: The question whose answer is waited for.
        self.question: Question | None = None
        self._call = call
        # Whether a verb goes on only if the application sends a command.
        self._awaits_command = False

    def wait(self, until: float = math.inf, stop: Callable[[], bool] = lambda: False) -> None:
        """Let the call go on until the time ``until``, or until ``stop()`` is true.

        Raises :exc:`CallOver` when the call ends first.
        """
        call = self._call
        while True:
            self._check_connection()
            if stop():
                return
            now = call.clock.now()
            # What is due first comes first, even if the clock has passed more than that.
            if call.timers.run_next(min(now, until, call.caller.leaves_at, self.limit)):
                continue
            if call.others.look():
                continue
            if now >= call.caller.leaves_at:
                call.caller_hangs_up()
            if now >= self.limit:
                call.transcript.add("note", f"the call has lasted {self.limit:g} s, the limit of this simulation")
                call.caller_hangs_up()
            if now >= until:
                return
            call.clock.application_moves(self._is_the_applications_move)
            until_then = min(until, call.timers.next_due, call.caller.leaves_at, self.limit)
            listen(self._everybody, call.clock, until_then, call.background.connections)
            call.background.settle()

    def _check_connection(self) -> None:
        why, self._call.application.given_up = self._call.application.given_up, None
        if why is not None:
            self._call.hang_up(f"hung up by jambonz: {why}")

    @property
    def _is_the_applications_move(self) -> bool:
        idle = self._call.is_silent and not self._call.background.hearing.is_busy and not self._call.stream.is_busy
        waits = (idle or self._awaits_command) and self._call.application.link.connection is not None
        return waits or any(one.is_asked for one in self._everybody)

    @property
    def _everybody(self) -> list[Application]:
        return [*self._call.applications, *(child.application for child, _ in self._call.children)]

    def wait_for_answer(self, question: Question) -> Answer | None:
        """Wait for an ack; return ``None`` if it does not come in time."""
        self.question = question
        self._call.commanding.question_begins()
        while not question.is_settled and self._call.clock.now() < question.due:
            if self._call.application.never_sends(question):
                self._wait_for_ever(question)
            self._wait_until_due(question, question.due)
        self.question = None
        if question.answer is None:
            self._call.application.give_up(question)
            self._call.transcript.add(*question.unanswered)
        return question.answer

    def _wait_until_due(self, question: Question, due: float) -> None:
        # It is due later if it can only be sent later.
        self.wait(due, lambda: question.is_settled or question.due != due)

    def _wait_for_ever(self, question: Question) -> NoReturn:
        self._call.transcript.add("note", f"{question.name} is never sent, and the call waits for its answer")
        self.wait(self._call.clock.now() + self.patience)
        self._call.caller_hangs_up()

    def await_command(self, stop: Callable[[], bool], *, in_vain: bool = False) -> None:
        """Wait until ``stop()``, which a command brings about, for as long as the caller bears silence.

        ``in_vain``: nobody expects that command any more.
        """
        while not stop():
            self.wait(stop=lambda: stop() or not self._call.stream.is_busy)
            self._awaits_command = not in_vain
            end = self._call.clock.now() + self.patience
            self.wait(end, lambda: stop() or self._call.stream.is_busy)
            self._awaits_command = False
            if not stop() and not self._call.stream.is_busy:
                self.lose_patience()

    def lose_patience(self) -> NoReturn:
        """The caller has waited for nothing."""
        self._call.transcript.add("fault", f"the caller has heard nothing for {self.patience:g} s")
        self._call.caller_hangs_up()
