"""A queue of verbs that is executed on one leg of a call: the caller's, or one that was dialled.

::

    Runner(execution, leg, party, verbs=parse_verbs([{"verb": "say", "text": "Hello."}])).run()

A verb that is replaced while it runs is unwound by :exc:`~.unwinding.Killed`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from .caller import Party, Says
from .facts import Leg
from .ignored import remarks
from .unwinding import Killed, LegGone, Skipped
from .verb import BadVerbs, Verb, hook_name, is_http
from .verb_names import canonical, reported_name

if TYPE_CHECKING:
    from .execution import Execution

__all__ = ["ExecuteVerb", "Runner"]


class Runner:
    """A queue of verbs that is executed on one leg.

    * ``leg``, ``party``: for whom they are executed
    * ``parent``: the runner in whose ``dial`` this one runs; it is killed along
    * ``allowed``: the verbs that the ack of an action hook may bring; ``None`` for all
    * ``broken_off``: whether it is to stop, verbs that are queued and all
    * ``hears``: is told what is to be heard, instead of the party
    """

    def __init__(
        self,
        execution: Execution,
        leg: Leg,
        party: Party,
        *,
        verbs: Sequence[Verb] = (),
        parent: Runner | None = None,
        allowed: Collection[str] | None = None,
        broken_off: Callable[[], bool] = lambda: False,
        hears: Callable[[str], None] | None = None,
    ) -> None:
        self.execution = execution
        self.leg = leg
        self.party = party
        self.queue = list(verbs)
        self._parent = parent
        self._allowed = allowed
        self._broken_off = broken_off
        self._hears = hears
        self._killed = False

    @property
    def killed(self) -> bool:
        """Whether the running verb is to stop."""
        return self._killed or self._broken_off() or (self._parent is not None and self._parent.killed)

    @property
    def is_main(self) -> bool:
        """Whether this is the queue of the call, not that of a dialled leg."""
        return self._parent is None

    @property
    def number(self) -> str:
        """The number of the party."""
        return self.leg.to if self.leg.direction == "outbound" else self.leg.from_

    def run(self) -> None:
        """Execute verbs until there are none. Raises :exc:`CallOver`, and :exc:`Killed` if the parent's verb is."""
        while self.queue and not self._broken_off():
            if self.is_main:
                self.execution.background.delay.let_filler_end()
            if self.queue:
                self._execute(self.queue.pop(0))
            if self._parent is not None and self._parent.killed:
                raise Killed

    def replace(self, verbs: list[Verb]) -> None:
        """Kill the running verb and queue others in the place of what is queued."""
        self.queue = verbs
        self._killed = True

    def replace_by_answer(self, verbs: list[Verb]) -> None:
        """The same, for the verbs that the answer to a hook has brought."""
        self.execution.commanding.note_overtaken()
        self.replace(verbs)

    def _execute(self, verb: Verb) -> None:
        self._killed = False
        name = canonical(verb.name)
        for remark in remarks(name, verb.options):
            self.execution.transcript.add("note", remark)
        if self.is_main:
            self.execution.background.verb_begins(name)
        self.notify("starting", name=reported_name(verb), id=verb.id)
        try:
            execute = self.execution.verbs.get(name)
            if execute is None:
                raise Skipped("this simulator does not know it")
            execute(self, verb)
        except Killed:
            pass
        except Skipped as reason:
            self.execution.transcript.add("note", f"{verb.name} is skipped: {reason}")
            return
        except BadVerbs as fault:
            self.execution.transcript.add("fault", f"the answer to a hook of {verb.name} is no list of verbs: {fault}")
        self.notify("finished", name=reported_name(verb), id=verb.id)

    # For the verbs

    def notify(self, event: str, **data: Any) -> None:
        """Report what happens to a verb; on a dialled leg nothing is reported."""
        if self.is_main:
            self.execution.notify(event, **data)

    def answer(self) -> None:
        """Answer the call before audio flows."""
        if self.is_main:
            self.execution.answer_call()

    def lets_hear(self, what: str) -> None:
        """Note what the party hears."""
        if self._hears is not None:
            self._hears(what)
        elif self.is_main:
            self.execution.transcript.add("app", what)
        else:
            self.execution.transcript.add(self.party.who, f"hears: {what}")

    def is_overheard(self, what: Says | str, at: float) -> None:
        """Let those who listen in the background hear what the party has begun to say, or which key it presses."""
        if self.is_main:
            self.execution.background.hearing.overhear(what, at)

    def party_hangs_up(self) -> NoReturn:
        """The party hangs up. Raises :exc:`CallOver`, or :exc:`LegGone` on a dialled leg."""
        if self.is_main:
            self.execution.caller_hangs_up()
        self.execution.transcript.add(self.party.who, "hangs up")
        raise LegGone

    def for_leg(self, leg: Leg, party: Party, *, verbs: Sequence[Verb], allowed: Collection[str]) -> Runner:
        """Return a runner for verbs on a dialled leg, while this one's ``dial`` goes on."""
        return Runner(self.execution, leg, party, verbs=verbs, parent=self, allowed=allowed)

    def for_prompts(
        self,
        verbs: Sequence[Verb],
        *,
        broken_off: Callable[[], bool] = lambda: False,
        hears: Callable[[str], None] | None = None,
    ) -> Runner:
        """Return a runner for what the same party hears, or who else ``hears`` it, while this one's verb goes on."""
        return Runner(
            self.execution,
            self.leg,
            self.party,
            verbs=verbs,
            parent=self,
            allowed=(),
            broken_off=broken_off,
            hears=self.lets_hear if hears is None else hears,
        )

    def pass_time(self, seconds: float) -> None:
        """Go on for so many seconds. Raises :exc:`Killed`."""
        self.wait_until(self.execution.clock.now() + seconds)

    def wait_until(self, until: float, stop: Callable[[], bool] = lambda: False) -> None:
        """Go on until a time, or until ``stop()``. Raises :exc:`Killed`."""
        self.execution.wait(until, lambda: self.killed or stop())
        if self.killed:
            raise Killed

    def await_command(self, stop: Callable[[], bool], *, in_vain: bool = False) -> None:
        """Wait until a command brings about ``stop()``, as :meth:`.Pace.await_command`. Raises :exc:`Killed`."""
        self.execution.await_command(lambda: self.killed or stop(), in_vain=in_vain)
        if self.killed:
            raise Killed

    def ask(self, verb: Verb, option: str, results: dict[str, Any], *, takes_verbs: bool = True) -> bool:
        """Send a verb's hook and wait for its ack, whose verbs replace the queue.

        Returns ``False`` if the ack did not come in time. Raises :exc:`BadVerbs` if it brings what are no verbs.
        """
        hook = hook_name(verb.options.get(option))
        if hook is None:
            return True
        if is_http(hook):
            self.execution.note_http(hook)
            return True
        data = {**self.leg.normal(), **results}
        if verb.id is not None:
            data["verb_id"] = verb.id
        answer = self.execution.wait_for_answer(self.execution.application.ask("verb:hook", data, hook=hook))
        if answer is None:
            return False
        verbs = answer.verbs() if takes_verbs else []
        if self._allowed is not None:
            verbs = [verb for verb in verbs if verb.name in self._allowed]
        if verbs:
            self.replace_by_answer(verbs)
        return True


#: Executes a verb, for as long as that takes.
ExecuteVerb = Callable[[Runner, Verb], None]
