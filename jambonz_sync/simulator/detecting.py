"""Answering machine detection, whose result is scripted.

::

    detect(execution, {"actionHook": "/amd"}, leg, [{"type": "amd_machine_detected", "reason": "hint"}])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from .execution import Execution
from .facts import Leg
from .timers import Timer

__all__ = ["A_PERSON", "detect"]

#: Until the first event, and from one to the next.
_SECONDS = 1.0

#: What is detected where the script does not say.
A_PERSON: Sequence[Mapping[str, Any]] = (
    {"type": "amd_human_detected", "reason": "short greeting", "greeting": "hello", "language": "en-GB"},
)


def detect(
    execution: Execution, options: Mapping[str, Any], leg: Leg, events: Sequence[Mapping[str, Any]]
) -> list[Timer]:
    """Report the events of a detection one after another, a second apart; cancel the timers to end it.

    The verbs in an answer take the place of everything.
    """

    def report(event: Mapping[str, Any]) -> None:
        execution.background.ask(options.get("actionHook"), {**leg.normal(), **event}, execution.background.take_verbs)

    now = execution.clock.now()
    return [execution.timers.at(now + _SECONDS * (i + 1), partial(report, event)) for i, event in enumerate(events)]
