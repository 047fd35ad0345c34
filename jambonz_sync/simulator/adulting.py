"""A dialled party that is taken out of the call, with an application of its own.

::

    adulting = Adulting(run, dialled_leg, party, on_leave=bridge_ends)
    with run.execution.doing(adulting.commands):
        ...

This simulator runs a call on one thread. So the party goes on when the call that it was dialled from is over.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from .application import Answer, Application, Question
from .caller import Party
from .dialled_leg import DialledLeg
from .execution import Execution
from .reconnecting import pause
from .runner import Runner
from .verb import BadVerbs, Verb
from .wire import CannotConnect

__all__ = ["Adulting"]


class Adulting:
    """What the command ``redirect`` with a ``child_call_hook`` does while a dialled party is connected.

    ``on_leave`` is called when the party has left.
    """

    def __init__(self, run: Runner, child: DialledLeg, party: Party, on_leave: Callable[[], None]) -> None:
        self._execution = run.execution
        self._child = child
        self._party = party
        self._on_leave = on_leave

    @property
    def commands(self) -> Mapping[str, Callable[[dict[str, Any]], bool]]:
        """The command that takes the party out of the call, by its name."""
        return {"redirect": self._redirect}

    def _redirect(self, message: dict[str, Any]) -> bool:
        data = message.get("data")
        hook = data.get("child_call_hook") if isinstance(data, dict) else None
        if not isinstance(data, dict) or not isinstance(hook, str):
            return False
        if "call_hook" in data:
            self._execution.commanding.redirect_by_hook({"call_hook": data["call_hook"]})
        # Whatever becomes of the dial until the answer is there, this leg is not ended along with it.
        self._child.is_leaving = self._execution.background.ask(
            hook, self._child.leg.normal(), self._take_answer, kind="session:redirect"
        )
        return True

    def _take_answer(self, answer: Answer | None) -> None:
        try:
            verbs = [] if answer is None else answer.verbs()
        except BadVerbs as fault:
            self._execution.transcript.add("fault", f"the answer to session:redirect does nothing: {fault}")
            verbs = []
        if verbs:
            self._leave(verbs)
        else:
            self._child.stay()

    def _leave(self, verbs: list[Verb]) -> None:
        execution, leg = self._execution, self._child.leg
        execution.transcript.add("call", f"{leg.to} leaves the call")
        # Once more for everybody who leaves the same call.
        url = execution.application.link.url + "/adulting" * (len(execution.children) + 1)
        self._on_leave()
        try:
            application = execution.application.at(url, functools.partial(pause, execution.clock), leg)
        except CannotConnect as error:
            execution.transcript.add("note", f"{error}: nobody goes on with {leg.to}")
            self._child.stay()
            return
        self._child.has_left = True
        application.deaf_because = "this simulator goes on with that party when the call it was dialled from is over"
        data = {**leg.normal(), "parent_call_info": execution.leg.normal()}
        question = application.ask("session:adulting", data, traced=False)
        execution.timers.at(question.due, functools.partial(_give_up, execution, application, question))
        execution.children.append((execution.for_child(application, leg, self._party), verbs))


def _give_up(execution: Execution, application: Application, question: Question) -> None:
    if not question.is_settled:
        application.give_up(question)
        execution.transcript.add(*question.unanswered)
