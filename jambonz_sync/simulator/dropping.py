"""What a script says about the connection: when it is dropped.

::

    arrange([DropsConnection(after="/menu")], execution)
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .caller import DropsConnection

if TYPE_CHECKING:
    from .application import Application
    from .execution import Execution

__all__ = ["arrange"]


def arrange(drops: Iterable[DropsConnection], execution: Execution) -> None:
    """Have the connection dropped whenever a step says so."""
    awaited = []
    for drop in drops:
        if drop.at is not None:
            execution.timers.at(drop.at, functools.partial(_drop, execution, drop))
        else:
            awaited.append(drop)

    def sent(application: Application, name: str) -> None:
        for drop in awaited:
            if drop.after == name:
                awaited.remove(drop)
                application.link.drop(drop.lasts)
                break

    execution.application.on_sent = sent


def _drop(execution: Execution, drop: DropsConnection) -> None:
    # By then it may be another one.
    execution.application.link.drop(drop.lasts)
