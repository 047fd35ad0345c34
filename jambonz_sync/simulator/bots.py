"""Bots of others that hold the conversation: ``dialogflow``, ``lex`` and ``rasa``. What they do is scripted.

::

    heard = {"event": "userMessage", "message": "hello"}
    SimulatedCall(url, results={"rasa": [{"events": [heard], "rasa_result": "timeout"}]})
"""

from __future__ import annotations

from collections.abc import Callable

from .runner import Runner
from .verb import Verb

__all__ = ["bot"]

#: Until each event, and until the end.
_SECONDS = 1.0


def bot(name: str) -> Callable[[Runner, Verb], None]:
    """Return what executes this verb: events a second apart, and then the result. A bot that is killed tells none."""

    def execute(run: Runner, verb: Verb) -> None:
        run.answer()
        script = dict(run.execution.next_result(name, {f"{name}_result": "completed"}))
        for event in script.pop("events", ()):
            run.pass_time(_SECONDS)
            # The events of lex come without the facts of the call.
            facts = {} if name == "lex" else run.leg.normal()
            run.execution.background.ask(verb.options.get("eventHook"), {**facts, **event})
        run.pass_time(_SECONDS)
        run.ask(verb, "actionHook", script)

    return execute
