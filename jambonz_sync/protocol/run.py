"""Watching one list of verbs until the last of them is over: what ``session.run()`` waits for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .event import Event
from .hooks import HookKind
from .outcome import Outcome
from .verb import Verb

__all__ = ["Outcome", "Run", "sentinel_of"]


def sentinel_of(verb_id: str) -> Verb:
    """Return a verb that does nothing, so that its start tells that all verbs before it are over."""
    return Verb("config", {"id": verb_id})


class Run:
    """Decides from statuses and hooks how the last verb of a list ended.

    Every verb of the list has an id, and a ``config`` with an id of its own (the sentinel) stands behind them, because
    jambonz sends no ``finished`` for a verb that failed: then the sentinel starts instead.
    """

    #: The id of the ``config`` verb that asks jambonz to report the start and the end of verbs.
    CONFIG_ID = "run-notify"

    def __init__(self, verbs: Sequence[Verb], sentinel: str) -> None:
        self.outcome: Outcome | None = None
        #: The verb whose end is waited for.
        self.last = verbs[-1]
        self._sentinels = {sentinel}
        self._ids = {verb.id for verb in verbs} | {sentinel}
        self._begun = False
        self._killed = False
        # The connection was lost meanwhile: what was said of the end of the last verb may not have arrived.
        self._unsure = False
        #: Whether it is known that the hook of the last verb was lost with the connection.
        self.hook_is_lost = False

    def see_status(self, data: Mapping[str, Any]) -> None:
        """A ``verb:status`` came."""
        if self.outcome is not None:
            return
        what, verb_id = data.get("event"), data.get("id")
        if self._unsure and what == "starting":
            if verb_id in self._sentinels:
                if self.last.action_hook is None:
                    self.outcome = Outcome("completed")
                else:
                    self.hook_is_lost = True
                return
            self._unsure = verb_id != self.last.id
        if what == "starting" and isinstance(verb_id, str) and verb_id in self._ids:
            self._begun = True
        if not self._begun:
            # Verbs that the list replaces may still report, some under the same ids.
            return
        if what == "kill-playback" and verb_id == self.last.id:
            self._killed = True
        elif what == "finished" and verb_id == self.last.id:
            # A verb that reports its end by a hook and finishes without one was killed.
            interrupted = self._killed or self.last.action_hook is not None
            self.outcome = Outcome("interrupted" if interrupted else "completed")
        elif what == "starting" and verb_id in self._sentinels:
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
        if kind not in (HookKind.ACTION, HookKind.SESSION) or event.hook != self.last.action_hook:
            return False
        if event.get("verb_id", self.last.id) != self.last.id:
            return False
        self.outcome = Outcome("failed" if event.reason == "playFailed" else "completed", event)
        return True

    def resume(self, sentinel: str) -> None:
        """The connection was lost, and is back. Another ``config`` with this id is put behind the verbs.

        A verb whose end was told to nobody counts as completed, unless it has more to report than that: then
        :attr:`hook_is_lost`.
        """
        self._unsure = True
        self._sentinels.add(sentinel)
        self._ids.add(sentinel)

    def repeat(self, sentinel: str) -> tuple[Verb, Verb]:
        """Return the last verb, to be sent once more, and what stands behind it."""
        self.hook_is_lost = self._unsure = self._begun = False
        self._sentinels = {sentinel}
        self._ids = {self.last.id, sentinel}
        return self.last, sentinel_of(sentinel)

    def give_up(self) -> None:
        """The hook was lost, and the verb cannot be repeated."""
        self.outcome, self.hook_is_lost = Outcome("failed"), False

    @property
    def asks(self) -> bool:
        """Whether the last verb only asks the caller something, so that it may be repeated."""
        return self.last.name == "gather"

    def interrupt(self) -> None:
        """Other verbs were sent."""
        if self.outcome is None:
            self.outcome = Outcome("interrupted")
