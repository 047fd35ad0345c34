"""Going on with another hook: the verb ``redirect``, and the command that names hooks in place of verbs.

::

    redirect(run, Verb("redirect", {"actionHook": "wss://host/part-two?token=abc123"}))
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NoReturn

from .application import Answer
from .unwinding import CallOver, Skipped
from .verb import BadVerbs, Verb, hook_name, is_http, parse_verbs
from .wire import CannotConnect

if TYPE_CHECKING:
    from .execution import Execution, Runner

__all__ = ["redirect", "redirect_by_hook"]


def redirect(run: Runner, verb: Verb) -> None:
    """Execute it: ask the hook for verbs, over another connection if it is a websocket address.

    Raises :exc:`~.unwinding.CallOver` if there is no answer.
    """
    execution = run.execution
    hook = verb.options.get("actionHook")
    if not isinstance(hook, str):
        execution.hang_up("the actionHook of redirect is no text, which ends the call in a websocket application")
    if not hook:
        raise Skipped("it has no actionHook")
    if is_http(hook):
        _go_on_by_http(hook)
    if hook.startswith(("ws://", "wss://")):
        if not run.is_main:
            raise Skipped("a dialled party stays where the call is")
        _go_elsewhere(run, verb, hook)
    data = run.leg.normal()
    if verb.id is not None:
        data["verb_id"] = verb.id
    answer = execution.wait_for_answer(execution.application.ask("session:redirect", data, hook=hook))
    if answer is None:
        execution.hang_up("session:redirect was not answered, which ends the call")
    elif isinstance(answer.data, list) and answer.data:
        run.replace_by_answer(parse_verbs(answer.data))


def _go_elsewhere(run: Runner, verb: Verb, url: str) -> None:
    execution = run.execution
    try:
        application = execution.application.at(url, pause=run.pass_time)
    except (CannotConnect, ValueError) as error:
        # What is no address, or one for wss, cannot be called here.
        execution.hang_up(f"{error}, which ends the call")
    execution.transcript.add("call", f"goes on at {application.link.url}")
    execution.move_to(application)
    if hook_name(verb.options.get("statusHook")) is not None:
        execution.notifier = application


def _go_on_by_http(hook: str) -> NoReturn:
    raise CallOver(f"jambonz goes on by HTTP with {hook}, which this simulator does not")


def redirect_by_hook(execution: Execution, data: dict[str, Any]) -> bool:
    """Do the command ``redirect`` that names hooks; return whether it does.

    Raises :exc:`~.unwinding.CallOver`.
    """
    hook = data.get("call_hook")
    if "child_call_hook" in data:
        execution.transcript.add("note", "child_call_hook does nothing: no dialled party is connected")
    if not isinstance(hook, str):
        return "child_call_hook" in data
    if is_http(hook):
        _go_on_by_http(hook)
    execution.background.ask(
        hook, execution.leg.normal(), functools.partial(_take_answer, execution), kind="session:redirect"
    )
    return True


def _take_answer(execution: Execution, answer: Answer | None) -> None:
    """The hook of the command is answered; the verbs take the place of all, and without any the running verb ends."""
    if answer is None:
        return
    try:
        verbs = parse_verbs(answer.data) if isinstance(answer.data, list) else execution.main.queue
    except BadVerbs as fault:
        execution.transcript.add("note", f"the answer to session:redirect does nothing: {fault}")
        return
    execution.main.replace(verbs)
