"""Watching one list of verbs until the last of them is over: what ``session.run()`` waits for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .event import Event
from .hooks import HookKind
from .outcome import Outcome
from .verb import Verb

__all__ = ["Outcome", "Run"]


class Run:
    """Decides from statuses and hooks how the last verb of a list ended.

    Every verb of the list has an id, and a ``config`` with an id of its own (the sentinel) stands behind them, because
    jambonz sends no ``finished`` for a verb that failed: then the sentinel starts instead.
    """

    #: The id of the ``config`` verb that asks jambonz to report the start and the end of verbs.
    CONFIG_ID = "run-notify"

    def __init__(self, verbs: Sequence[Verb], sentinel: str) -> None:
        self.outcome: Outcome | None = None
        self._last = verbs[-1]
        self._sentinel = sentinel
        self._ids = {verb.id for verb in verbs} | {sentinel}
        self._begun = False
        self._killed = False

    def see_status(self, data: Mapping[str, Any]) -> None:
        """A ``verb:status`` came."""
        if self.outcome is not None:
            return
        what, verb_id = data.get("event"), data.get("id")
        if what == "starting" and isinstance(verb_id, str) and verb_id in self._ids:
            self._begun = True
        if not self._begun:
            # Verbs that the list replaces may still report, some under the same ids.
            return
        if what == "kill-playback" and verb_id == self._last.id:
            self._killed = True
        elif what == "finished" and verb_id == self._last.id:
            # A verb that reports its end by a hook and finishes without one was killed.
            interrupted = self._killed or self._last.action_hook is not None
            self.outcome = Outcome("interrupted" if interrupted else "completed")
        elif what == "starting" and verb_id == self._sentinel:
            self.outcome = Outcome("failed")
        elif what == "starting" and not (isinstance(verb_id, str) and verb_id in self._ids):
            self.outcome = Outcome("interrupted")

    def see_hook(self, event: Event, kind: HookKind) -> bool:
        """A hook came. Returns whether it is the one that reports the end of the last verb."""
        if self.outcome is not None:
            return False
        if kind is HookKind.BARGE_IN:
            self.outcome = Outcome("interrupted")
            return False
        if kind not in (HookKind.ACTION, HookKind.SESSION) or event.hook != self._last.action_hook:
            return False
        if event.get("verb_id", self._last.id) != self._last.id:
            return False
        self.outcome = Outcome("failed" if event.reason == "playFailed" else "completed", event)
        return True

    def interrupt(self) -> None:
        """Other verbs were sent."""
        if self.outcome is None:
            self.outcome = Outcome("interrupted")
