"""What becomes of the application's commands: who does them, and the two that concern the call as a whole.

::

    commanding = Commanding(execution, {"dtmf": press})
    with commanding.doing({"whisper": whisper}):
        ...
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .application import Answer
from .verb import BadVerbs, is_http, parse_verbs

if TYPE_CHECKING:
    from .execution import Execution

__all__ = ["CommandDoer", "Commanding"]

#: Does a command, of which it gets the whole message; returns whether it could make something of it.
CommandDoer = Callable[[dict[str, Any]], bool]


class Commanding:
    """The commands of one call. ``others``: what does those that are possible at any time, by their names."""

    def __init__(self, execution: Execution, others: Mapping[str, CommandDoer]) -> None:
        self._execution = execution
        # The call itself, in front of it what runs in the background, then the running verb.
        self._doers: list[Mapping[str, CommandDoer]] = [
            {"redirect": self._redirect_command, "call:status": self._status_command, **others}
        ]
        # Whether a redirect came in one piece with the answer that is waited for.
        self._overtaken = False

    @contextlib.contextmanager
    def doing(self, commands: Mapping[str, CommandDoer]) -> Iterator[None]:
        """Have commands done, by their names, for as long as a verb runs or something goes on in the background."""
        self._doers.append(commands)
        try:
            yield
        finally:
            self._doers = [doer for doer in self._doers if doer is not commands]

    def do(self, message: dict[str, Any]) -> None:
        """Do what the application commands."""
        name = message["command"]
        for commands in reversed(self._doers):
            if name in commands and commands[name](message):
                return
        self._fault(f"the command {name}, as it was sent, does nothing in this simulator")

    def _fault(self, what: str) -> None:
        self._execution.transcript.add("fault", what)

    # redirect

    def _redirect_command(self, message: dict[str, Any]) -> bool:
        data = message.get("data")
        if isinstance(data, dict):
            if not isinstance(data.get("parent_call"), list):
                return self.redirect_by_hook(data)
            self._redirect(data["parent_call"], queue=False)
        elif isinstance(data, list):
            self._redirect(data, queue=message.get("queueCommand") is True)
        return isinstance(data, (dict, list))

    def _redirect(self, data: list[Any], *, queue: bool) -> None:
        execution = self._execution
        try:
            verbs = parse_verbs(data)
        except BadVerbs as fault:
            self._fault(f"the command redirect does nothing: {fault}")
            return
        self._overtaken = execution.question is not None and execution.question.answer is not None
        if verbs:
            execution.background.delay.stop()
        if not verbs and execution.is_silent:
            execution.hang_up("the application sent a redirect without verbs to a silent call")
        elif queue:
            execution.main.queue.extend(verbs)
        else:
            execution.main.replace(verbs)

    def question_begins(self) -> None:
        """An answer is waited for, and nothing has come with it yet."""
        self._overtaken = False

    def note_overtaken(self) -> None:
        """An answer's verbs take the place of what is queued: say so if that loses a command.

        The server looks at everything that arrived together before it acts on an answer. So a redirect that came in
        one piece with the answer is executed first, and its verbs are replaced at once by those of the answer.
        """
        if self._overtaken:
            self._fault(
                "the command redirect is lost: it came in one piece with an answer, whose verbs replace its own"
            )

    def redirect_by_hook(self, data: dict[str, Any]) -> bool:
        """Do the command ``redirect`` that names hooks; return whether it does.

        Raises :exc:`~.unwinding.CallOver`.
        """
        execution, hook = self._execution, data.get("call_hook")
        if "child_call_hook" in data:
            self._fault("child_call_hook does nothing: no dialled party is connected")
        if not isinstance(hook, str):
            return "child_call_hook" in data
        if is_http(hook):
            execution.go_on_by_http(hook)
        execution.background.ask(hook, execution.leg.normal(), self._take_answer, kind="session:redirect")
        return True

    def _take_answer(self, answer: Answer | None) -> None:
        """The hook is answered; the verbs take the place of all, and without any the running verb ends."""
        if answer is None:
            return
        execution = self._execution
        try:
            verbs = answer.verbs()
        except BadVerbs as fault:
            self._fault(f"the answer to session:redirect does nothing: {fault}")
            return
        if verbs:
            execution.background.delay.stop()
        execution.main.replace(verbs if isinstance(answer.data, list) else execution.main.queue)

    # call:status

    def _status_command(self, message: dict[str, Any]) -> bool:
        data = message.get("data")
        if not isinstance(data, dict):
            return False
        execution, status = self._execution, data.get("call_status")
        if status == "completed" and execution.answered:
            execution.hang_up(f"hung up by the application after {execution.clock.now():.0f} s")
        elif status == "no-answer" and not execution.answered:
            execution.decline(503, "Service Unavailable", "by the application's command")
        else:
            self._fault(f"the command call:status {status} does nothing in this state of the call")
        return True
