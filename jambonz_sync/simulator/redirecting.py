"""The verb ``redirect``: going on with another hook, over another connection if need be.

::

    redirect(run, Verb("redirect", {"actionHook": "wss://host/part-two?token=abc123"}))
"""

from __future__ import annotations

from .runner import Runner
from .unwinding import Skipped
from .verb import Verb, hook_name, is_http
from .wire import CannotConnect

__all__ = ["redirect"]


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
        execution.go_on_by_http(hook)
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
    verbs = answer.verbs()
    if verbs:
        run.replace_by_answer(verbs)


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
