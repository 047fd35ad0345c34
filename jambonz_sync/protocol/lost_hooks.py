"""Hooks that were lost with a connection: jambonz gives up on what it wants to ask while there is none."""

from __future__ import annotations

import math
from collections.abc import Iterable

from .. import wording
from .call_state import MOST_OPEN, NOTIFY
from .message import encode
from .newest import remember
from .run import Run, sentinel_of
from .speaking import Speaking
from .stand_ins import is_ours
from .verb import Verb

__all__ = ["PROBE_AFTER", "LostHooks", "reports_here"]

#: When jambonz is back, it first sends the hooks it has kept. So many seconds later, those that are missing are looked
#: for.
PROBE_AFTER = 1.0


def reports_here(verb: Verb) -> bool:
    """Whether a verb reports its end on the websocket, and not by HTTP."""
    return verb.action_hook is not None and not verb.action_hook.startswith(("http://", "https://"))


class LostHooks(Speaking):
    """Finds out which hooks will never come, and sends their verbs again where that does no harm."""

    def _probe(self) -> None:
        """Find out whether a hook was lost: what jambonz wanted to ask in a dead network it has given up on."""
        self._probe_due = math.inf
        if self._stands_still or self._sent.repeated is not None:
            self._probe_due = self.now + PROBE_AFTER
            return
        if self._run is not None or not any(reports_here(verb) for verb in self._sent.queue):
            return
        self._probe_id = self._sent.new_id()
        probe = sentinel_of(self._probe_id)
        self._redirect((probe,) if self._notify_is_sent else (NOTIFY, probe), queue=True)
        self._run_notifies = self._notify_is_sent = True

    def _miss_hooks(self) -> None:
        """All verbs in front of the probe are over. Those that have not reported never will."""
        if self._sent.repeated is not None:
            # The probe is the question that was sent again, and in front of it there is nothing.
            self._probe_id = self._sent.repeated = None
            return
        queue = self._sent.queue
        end = next((index for index, verb in enumerate(queue) if verb.id == self._probe_id), None)
        self._probe_id = None
        if end is None:
            return
        self._sent.reached(end)
        asks = (index for index, verb in enumerate(queue[:end]) if verb.name == "gather" and reports_here(verb))
        question = next(asks, None)
        if question is not None:
            verb = queue[question]
            self._warn(wording.asked_again(verb.name, verb.action_hook or ""))
            behind = tuple(again for again in queue[question + 1 : end] if not is_ours(again))
            self._ask_again((verb, *behind, *queue[end + 1 :]))
        self._tell_lost(queue[: end if question is None else question])

    def _tell_lost(self, verbs: Iterable[Verb]) -> None:
        for verb in filter(reports_here, verbs):
            hook = verb.action_hook or ""
            self._warn(wording.hook_lost(verb.name, hook))
            remember(self._lost_hooks, hook, verb, MOST_OPEN)
            self.arrivals += 1

    @property
    def _probes(self) -> bool:
        """Whether it is being found out which hooks of the verbs in the queue were lost."""
        return self._probe_id is not None or self._probe_due < math.inf

    def _miss_hook_of_run(self, run: Run) -> None:
        name, hook = run.last.name, run.last.action_hook or ""
        if run.asks:
            self._warn(wording.asked_again(name, hook))
            queue = self._sent.queue
            place = next((index for index, verb in enumerate(queue) if verb.id == run.last.id), len(queue))
            behind = tuple(again for again in queue[place + 1 :] if not is_ours(again))
            self._ask_again((*run.repeat(self._sent.new_id()), *behind))
        else:
            self._warn(wording.hook_lost(name, hook))
            run.give_up()
            self.arrivals += 1

    def _ask_again(self, verbs: tuple[Verb, ...]) -> None:
        # They are what jambonz has been given already: nothing interrupts a run whose verbs are among them.
        run, self._run = self._run, None
        self._redirect_in_parts(verbs)
        self._run = run
        if self._sent.repeat(verbs[0].id):
            self._probe_id = self._sent.repeated

    def _keep_looking(self, held: Iterable[str]) -> None:
        """The connection is lost, and so are all probes but a question sent again that is among what is still held."""
        self._miss_nothing()
        repeated = self._sent.repeated
        if repeated is None:
            return
        mark = encode({"id": repeated})[1:-1]
        if any(mark in text for text in held):
            self._probe_id = repeated
        else:
            # It may have begun, and its start been lost.
            self._sent.repeated = None
