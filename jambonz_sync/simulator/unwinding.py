"""What unwinds a running verb, or the call with it.

::

    try:
        run.pass_time(2.0)
    except Killed:
        ...
"""

from __future__ import annotations

from .transcript import Ending

__all__ = ["CallOver", "Killed", "LegGone", "Skipped"]


class CallOver(Exception):
    """The call ends now. The text says why; ``code`` closes the websocket."""

    def __init__(self, reason: str, *, code: int = 1000, rejected: bool = False) -> None:
        super().__init__(reason)
        self.ending = Ending(code, reason, rejected)


class Killed(Exception):
    """The running verb is replaced by others."""


class LegGone(Exception):
    """The dialled leg, on which verbs are executed, has hung up or was hung up on."""


class Skipped(Exception):
    """The verb cannot be executed now, or not here; the queue goes on. The text says why."""
