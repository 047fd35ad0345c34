"""Callers who wait: what they hear meanwhile, which the application is asked for again and again.

::

    entertain(run, "/wait", lambda: {"queue_size": 2}, allowed={"say", "play"}, silence=0.5, over=lambda: taken)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from typing import Any

from .application import Answer
from .caller import HangsUp
from .runner import Runner
from .verb import BadVerbs, Verb, parse_verbs

__all__ = ["PROMPTS", "ask_for_prompts", "entertain"]

#: What may be heard while a caller waits.
PROMPTS = frozenset({"pause", "play", "say"})

_LEAVE = "leave"


def entertain(
    run: Runner,
    hook: object,
    facts: Callable[[], dict[str, Any]],
    *,
    allowed: Collection[str],
    silence: float,
    over: Callable[[], bool],
) -> bool:
    """Let the party wait until ``over()``; return ``True`` if before that an answer's ``leave`` has ended it.

    ``hook`` is asked, with ``facts()``, what the party hears. When that has been played it is asked again, after so
    many seconds of ``silence``; it is not asked again after an answer without verbs, or none.

    A caller whose next step is to hang up does so when the first answer has been played.

    Raises :exc:`~.unwinding.Killed` when the verb is replaced meanwhile.
    """
    party = run.party
    leaves_at = party.leaves_at
    asking = hook is not None
    try:
        while not over():
            if asking:
                run.wait_until(run.execution.clock.now() + silence, over)
                verbs = ask_for_prompts(run, hook, facts(), allowed=allowed, over=over)
                names = [verb.name for verb in verbs]
                leaves = _LEAVE in names
                run.for_prompts(verbs[: names.index(_LEAVE)] if leaves else verbs, broken_off=over).run()
                if leaves and not over():
                    return True
                asking = bool(verbs)
            when, step = party.upcoming(run.execution.clock.now())
            if isinstance(step, HangsUp):
                party.leaves_at = min(party.leaves_at, when)
            if not asking:
                run.wait_until(math.inf, over)
        return False
    finally:
        party.leaves_at = leaves_at


def ask_for_prompts(
    run: Runner, hook: object, facts: dict[str, Any], *, allowed: Collection[str], over: Callable[[], bool]
) -> list[Verb]:
    """Ask and return what the party is to hear: nothing if there is no answer, or none that will do.

    An answer that comes after ``over()`` is of no concern any more.

    Raises :exc:`~.unwinding.Killed` when the verb is replaced meanwhile.
    """
    answers: list[Answer | None] = []
    if over() or not run.execution.background.ask(hook, facts, answers.append):
        return []
    run.wait_until(math.inf, lambda: bool(answers) or over())
    answer = answers[0] if answers else None
    if answer is None:
        return []
    try:
        verbs = parse_verbs(answer.data)
    except BadVerbs as fault:
        run.execution.transcript.add("fault", f"nothing is heard: {fault}, in the answer to a hook")
        return []
    strange = {verb.name for verb in verbs}.difference(allowed)
    if strange:
        names = " and ".join(sorted(strange))
        run.execution.transcript.add("fault", f"nothing is heard: {names} may not be in the answer to this hook")
        return []
    return verbs
