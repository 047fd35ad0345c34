"""Watching one list of verbs until the last of them is over: what ``session.run()`` waits for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from .event import Event
from .hooks import HookKind
from .verb import Verb

__all__ = ["Outcome", "Run"]

_State = Literal["completed", "interrupted", "failed"]


class Outcome(Mapping[str, Any]):
    """How a verb ended, and what its hook said.

    ::

        outcome = session.dial(target=[{"type": "phone", "number": "+15550100"}]).run()
        if outcome["dial_call_status"] != "completed":
            session.say("Nobody is free.").run()

    Exactly one of ``completed``, ``interrupted`` (by the caller's barge-in, or by verbs sent meanwhile) and ``failed``
    is true. The mapping holds the data of the verb's action hook, and is empty for a verb that has none. An outcome is
    true if the verb was completed.
    """

    def __init__(self, state: _State, event: Event | None = None) -> None:
        self.state = state
        #: The verb's action hook, if it sent one. ``session.reply()`` answers it.
        self.event = event

    @property
    def completed(self) -> bool:
        """The verb did what it should."""
        return self.state == "completed"

    @property
    def interrupted(self) -> bool:
        """The caller or the application stopped it."""
        return self.state == "interrupted"

    @property
    def failed(self) -> bool:
        """jambonz could not do it: a missing file, a voice that does not exist."""
        return self.state == "failed"

    @property
    def data(self) -> Mapping[str, Any]:
        """The data of the verb's action hook; empty if there was none."""
        return self.event.data if self.event is not None else {}

    def __getitem__(self, key: str) -> Any:
        return self.data[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)

    def __bool__(self) -> bool:
        return self.completed

    def __repr__(self) -> str:
        return f"<Outcome {self.state} {dict(self.data)!r:.200}>"


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
