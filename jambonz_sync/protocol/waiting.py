"""What the call's thread waits for, and what is answered at once because nobody will."""

from __future__ import annotations

from collections.abc import Sequence

from .. import wording
from .asking import Asking
from .call_state import NOTIFY
from .hooks import HookKind
from .run import Run, sentinel_of
from .sending import Sending
from .verb import Verb

__all__ = ["Waiting"]


class Waiting(Sending):
    """The waits of the call's thread, and the runs among them."""

    @property
    def _is_blocked(self) -> bool:
        """Whether the call's thread is in a wait for which nothing has come yet, or has returned.

        What it waits for may have come in one piece with what it will ask for next: then it is as good as free.
        """
        # A handler that was called from a run() may wait for something else.
        if self._run is not None and self._run.outcome is not None and self._interest.depth == self._run_depth:
            return False
        return self._interest.is_blocked and not self.mailbox.has(self._interest.awaited)

    def begin_wait(self, names: frozenset[str]) -> None:
        """The call's thread blocks until an event of one of ``names`` comes; waits may be nested.

        What nobody will take while it lasts is answered at once.
        """
        self._interest.begin_wait(names)
        if self._is_blocked:
            self._settle_unwanted()

    def end_wait(self) -> None:
        """The innermost wait is over."""
        self._interest.end_wait()

    def start_run(self, verbs: Sequence[Verb], *, current: Asking | None) -> Run:
        """Send the verbs as :meth:`send` does and watch for the end of the last one, until :meth:`stop_run`."""
        named = [verb if verb.id is not None else verb.with_id(self._sent.new_id()) for verb in verbs]
        sentinel = self._sent.new_id()
        listed = [*named, sentinel_of(sentinel)]
        if not self._notify_is_sent or self._notify_may_be_lost:
            listed.insert(0, NOTIFY)
        self.send(listed, current=current)
        self._run_notifies = self._notify_is_sent = True
        self._run = Run(named, sentinel)
        # No name: the hook that ends the run is recognised before it could be settled, by its verb's id.
        self._run_depth = self._interest.depth + 1
        self.begin_wait(frozenset())
        return self._run

    def stop_run(self) -> None:
        """Watch no more."""
        self._run = None
        self.end_wait()

    def handle(self, name: str) -> None:
        """A handler for ``name`` is registered, maybe by another thread while the call's own waits."""
        self._interest.handle(name)
        self.arrivals += 1

    def returned(self) -> None:
        """The handler has returned: from now on only registered handlers take events."""
        self._interest.returned()
        self._settle_unwanted()

    def give_up(self) -> None:
        """A handler has raised: nobody takes anything any more."""
        self._interest.handle_nothing()
        self.returned()

    def _settle_unwanted(self) -> None:
        for asking in [a for a in self._open if not a.taken and not self._interest.wants(a.names)]:
            # What is sent again in place of the first may have settled the second.
            if asking in self._open:
                self._settle_for_nobody(asking)
        for asking in [a for a in self._frozen if not a.taken and not self._interest.wants(a.names)]:
            self.move_on(asking)

    def _settle_for_nobody(self, asking: Asking) -> None:
        self._settle(asking)
        self.move_on(asking)
        if asking.kind is HookKind.CONFIRM:
            self._warn_once("nobody", asking.name, wording.confirm_declined(asking.name), locate=True)
        else:
            self._warn_once("nobody", asking.name, wording.hook_for_nobody(asking.name), locate=True)
