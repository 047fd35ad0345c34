"""A call on jambonz: the session, its queue of verbs, and what acks, commands and hang-ups do to it.

::

    ending = Execution(application, clock, transcript, leg, caller).run(data_of_session_new)

One thread runs the whole call. It executes the verbs one after another, and wherever one takes time it is in
:meth:`Execution.wait`, which takes in what the application sends. A verb that is replaced meanwhile is unwound by
:exc:`Killed`, the call that ends meanwhile by :exc:`CallOver`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, NoReturn

from .application import Answer, Application, Question
from .caller import Answers, HangsUp, Outcome, Party
from .clock import Clock
from .facts import Leg
from .transcript import Ending, Transcript
from .unwinding import CallOver, Killed, LegGone, Skipped
from .verb import BadVerbs, Verb, hook_name, parse_verbs
from .verbs import EXECUTE, canonical

__all__ = ["Execution", "Runner"]

#: A silence that is shorter, until the application's next command, is no event.
_NOTICEABLE = 1.0


class Execution:
    """One inbound call.

    * ``leg``: the caller's leg
    * ``caller``: who calls
    * ``outcomes``: what becomes of each ``dial``, in order; after the last, everybody answers
    * ``patience``: how many seconds of silence the caller bears once the verbs have run out
    * ``limit``: after how many seconds the caller hangs up in any case
    """

    def __init__(
        self,
        application: Application,
        clock: Clock,
        transcript: Transcript,
        leg: Leg,
        caller: Party,
        *,
        outcomes: Iterable[Outcome] = (),
        patience: float = 10.0,
        limit: float = 600.0,
    ) -> None:
        self.application = application
        self.clock = clock
        self.transcript = transcript
        self.leg = leg
        #: Whether jambonz reports the start and the end of verbs.
        self.notifies = False
        #: The texts that have been synthesized before, and are played from the cache.
        self.synthesized: set[str] = set()
        #: Ends the leg that a running ``dial`` has called, if there is one.
        self.end_dialled_leg: Callable[[], None] | None = None
        self._outcomes = iter(outcomes)
        self._patience = patience
        self._limit = limit
        self._main = Runner(self, leg, caller)
        self._caller = caller
        self._silent = False
        # The question that is waited for, and whether a redirect came in one piece with its answer.
        self._question: Question | None = None
        self._overtaken = False
        application.on_command = self._command

    @property
    def answered(self) -> bool:
        """Whether the caller's leg is answered."""
        return self.leg.call_status == "in-progress"

    def next_outcome(self) -> Outcome:
        """Return what becomes of the next ``dial``."""
        return next(self._outcomes, Answers())

    # The life of the call

    def run(self, opening: dict[str, Any]) -> Ending:
        """Run the call from ``session:new`` to its last message; return with which code to close the wire."""
        self.transcript.add("call", f"{self.leg.from_} calls {self.leg.to}")
        try:
            self._open(opening)
            while True:
                self._main.run()
                self._bear_silence()
        except CallOver as over:
            self.transcript.add("call", over.ending.reason)
            return over.ending

    def _open(self, opening: dict[str, Any]) -> None:
        answer = self.wait_for_answer(self.application.ask("session:new", opening))
        if answer is None:
            raise self._rejection("the application did not answer session:new in time")
        try:
            verbs = parse_verbs(answer.data)
        except BadVerbs as fault:
            raise self._rejection(f"{fault}, in the answer to session:new") from None
        if not verbs:
            raise self._rejection("the answer to session:new has no verbs")
        self._main.queue = verbs
        self.change_status("trying", 100, "Trying")
        self.application.live = True

    @staticmethod
    def _rejection(why: str) -> CallOver:
        return CallOver(f"rejected with SIP 480: {why}", code=1001, rejected=True)

    def _bear_silence(self) -> None:
        """The verbs have run out: the call stays up until the application or the caller does something."""
        if self.application.closed is not None:
            self.hang_up("the application has closed the connection, and the last verb is done")
        self._silent = True
        now = self.clock.now()
        when, step = self._caller.upcoming(now)
        leaves = when if isinstance(step, HangsUp) else math.inf
        end = min(now + self._patience, leaves)
        self.wait(min(now + _NOTICEABLE, end), lambda: bool(self._main.queue))
        if not self._main.queue:
            self.transcript.add("note", "silence: the verbs have run out, and the call stays up")
            self.wait(end, lambda: bool(self._main.queue))
        self._silent = False
        if not self._main.queue:
            if end < leaves:
                self.transcript.add("note", f"the caller has heard nothing for {self._patience:g} s")
            self.caller_hangs_up()

    def answer_call(self) -> None:
        """Answer the call, if it is not answered."""
        if not self.answered:
            self.transcript.add("call", "answered")
            self.change_status("in-progress", 200, "OK")

    def hang_up(self, why: str) -> NoReturn:
        """jambonz ends the call: hangs up, or refuses what it has not answered."""
        if self.answered:
            self._complete("jambonz")
            raise CallOver(why)
        self.decline(603, "Decline", why)

    def decline(self, status: int, phrase: str, why: str) -> NoReturn:
        """Refuse the unanswered call."""
        self._end_dialled_leg()
        self.change_status("failed", status, phrase, call_termination_by="jambonz")
        raise CallOver(f"refused with SIP {status}: {why}")

    def caller_hangs_up(self) -> NoReturn:
        """The caller has had enough."""
        self.transcript.add(self._caller.who, "hangs up")
        if not self.answered:
            self._end_dialled_leg()
            self.change_status("no-answer", 487, "Request Terminated", call_termination_by="caller")
            raise CallOver("the caller gave up before the call was answered")
        # What the telephone said in its BYE is told in this last status.
        self._complete("caller", headers={"user_agent": "Polaris 4.2", "reason": "Q.850;cause=16"})
        raise CallOver(f"hung up by the caller after {self.clock.now():.0f} s")

    def _complete(self, by: str, **facts: Any) -> None:
        self._end_dialled_leg()
        duration = round(self.clock.now())
        self.change_status("completed", 200, "OK", call_termination_by=by, duration=duration, **facts)

    def _end_dialled_leg(self) -> None:
        if self.end_dialled_leg is not None:
            self.end_dialled_leg()

    def change_status(self, status: str, sip_status: int, phrase: str, **ending: Any) -> None:
        """The call takes on a status, and the application is told."""
        self.leg.change(status, sip_status, phrase, **ending)
        self.application.tell("call:status", self.leg.normal(), traced=True)

    def notify(self, event: str, **data: Any) -> None:
        """Report what happens to a verb, if the application has asked for it. ``None`` is left out."""
        if self.notifies:
            self.application.tell(
                "verb:status", {"event": event, **{key: value for key, value in data.items() if value is not None}}
            )

    # Time

    def wait(self, until: float = math.inf, stop: Callable[[], bool] = lambda: False) -> None:
        """Let the call go on until the time ``until``, or until ``stop()`` is true.

        Raises :exc:`CallOver` when the call ends first.
        """
        while not stop():
            now = self.clock.now()
            if now >= self._caller.leaves_at:
                self.caller_hangs_up()
            if now >= self._limit:
                self.transcript.add("note", f"the call has lasted {self._limit:g} s, the limit of this simulation")
                self.caller_hangs_up()
            if now >= until:
                return
            self.clock.application_moves(self._silent or self.application.is_asked)
            self.application.listen(min(until, self._caller.leaves_at, self._limit))
            self._check_wire()

    def _check_wire(self) -> None:
        closed = self.application.closed
        if closed is None or closed.code == 1000:
            # With 1000 the application is done, and the verbs it has sent are played to their end.
            return
        if closed.by_application:
            raise CallOver(
                f"the application closed the connection with {closed.code}"
                f"{closed.reason and ' (' + closed.reason + ')'}; jambonz would reconnect, this simulator does not",
                code=closed.code,
            )
        raise CallOver(
            f"jambonz closed the connection with {closed.code}: {closed.reason}; "
            "it would reconnect, this simulator does not",
            code=closed.code,
        )

    def wait_for_answer(self, question: Question) -> Answer | None:
        """Wait for an ack; return ``None`` if it does not come in time."""
        self._question, self._overtaken = question, False
        self.wait(question.due, lambda: question.answer is not None)
        self._question = None
        if question.answer is None:
            self.application.give_up(question)
            self.transcript.add("note", f"{question.name} was not answered in time")
        return question.answer

    # Commands

    def _command(self, message: dict[str, Any]) -> None:
        name, data = message["command"], message.get("data")
        if name == "redirect" and isinstance(data, list):
            self._redirect(data, queue=message.get("queueCommand") is True)
        elif name == "call:status" and isinstance(data, dict):
            self._status_command(data.get("call_status"))
        else:
            self.transcript.add("note", f"the command {name}, as it was sent, does nothing in this simulator")

    def _redirect(self, data: list[Any], *, queue: bool) -> None:
        try:
            verbs = parse_verbs(data)
        except BadVerbs as fault:
            self.transcript.add("note", f"the command redirect does nothing: {fault}")
            return
        self._overtaken = self._question is not None and self._question.answer is not None
        if not verbs and self._silent:
            self.hang_up("the application sent a redirect without verbs to a silent call")
        elif queue:
            self._main.queue.extend(verbs)
        else:
            self._main.replace(verbs)

    def note_overtaken(self) -> None:
        """An answer's verbs take the place of what is queued: say so if that loses a command.

        The server looks at everything that arrived together before it acts on an answer. So a redirect that came in
        one piece with the answer is executed first, and its verbs are replaced at once by those of the answer.
        """
        if self._overtaken:
            self.transcript.add(
                "note", "the command redirect is lost: it came in one piece with an answer, whose verbs replace its own"
            )

    def _status_command(self, status: object) -> None:
        if status == "completed" and self.answered:
            self.hang_up(f"hung up by the application after {self.clock.now():.0f} s")
        elif status == "no-answer" and not self.answered:
            self.decline(503, "Service Unavailable", "by the application's command")
        else:
            self.transcript.add("note", f"the command call:status {status} does nothing in this state of the call")


class Runner:
    """A queue of verbs that is executed on one leg.

    * ``leg``, ``party``: for whom they are executed
    * ``parent``: the runner in whose ``dial`` this one runs; it is killed along
    * ``allowed``: the verbs that the ack of an action hook may bring; ``None`` for all
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
    ) -> None:
        self.execution = execution
        self.leg = leg
        self.party = party
        self.queue = list(verbs)
        self._parent = parent
        self._allowed = allowed
        self._killed = False

    @property
    def killed(self) -> bool:
        """Whether the running verb is to stop."""
        return self._killed or (self._parent is not None and self._parent.killed)

    @property
    def is_main(self) -> bool:
        """Whether this is the queue of the call, not that of a dialled leg."""
        return self._parent is None

    def run(self) -> None:
        """Execute verbs until there are none. Raises :exc:`CallOver`, and :exc:`Killed` if the parent's verb is."""
        while self.queue:
            self._execute(self.queue.pop(0))
            if self._parent is not None and self._parent.killed:
                raise Killed

    def replace(self, verbs: list[Verb]) -> None:
        """Kill the running verb and queue others in the place of what is queued."""
        self.queue = verbs
        self._killed = True

    def replace_by_answer(self, verbs: list[Verb]) -> None:
        """The same, for the verbs that the answer to a hook has brought."""
        self.execution.note_overtaken()
        self.replace(verbs)

    def _execute(self, verb: Verb) -> None:
        self._killed = False
        name = canonical(verb.name)
        self.notify("starting", name=name, id=verb.id)
        try:
            execute = EXECUTE.get(name)
            if execute is None:
                raise Skipped("this simulator does not know it")
            execute(self, verb)
        except Killed:
            pass
        except Skipped as reason:
            self.execution.transcript.add("note", f"{verb.name} is skipped: {reason}")
            return
        except BadVerbs as fault:
            self.execution.transcript.add("note", f"the answer to a hook of {verb.name} is no list of verbs: {fault}")
        self.notify("finished", name=name, id=verb.id)

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
        if self.is_main:
            self.execution.transcript.add("app", what)
        else:
            self.execution.transcript.add(self.party.who, f"hears: {what}")

    def party_hangs_up(self) -> NoReturn:
        """The party hangs up. Raises :exc:`CallOver`, or :exc:`LegGone` on a dialled leg."""
        if self.is_main:
            self.execution.caller_hangs_up()
        self.execution.transcript.add(self.party.who, "hangs up")
        raise LegGone

    def for_leg(self, leg: Leg, party: Party, *, verbs: Sequence[Verb], allowed: Collection[str]) -> Runner:
        """Return a runner for verbs on a dialled leg, while this one's ``dial`` goes on."""
        return Runner(self.execution, leg, party, verbs=verbs, parent=self, allowed=allowed)

    def pass_time(self, seconds: float) -> None:
        """Go on for so many seconds. Raises :exc:`Killed`."""
        self.wait_until(self.execution.clock.now() + seconds)

    def wait_until(self, until: float) -> None:
        """Go on until a time. Raises :exc:`Killed`."""
        self.execution.wait(until, lambda: self.killed)
        if self.killed:
            raise Killed

    def ask(self, verb: Verb, option: str, results: dict[str, Any], *, takes_verbs: bool = True) -> bool:
        """Send a verb's hook and wait for its ack, whose verbs replace the queue.

        Returns ``False`` if the ack did not come in time. Raises :exc:`BadVerbs` if it brings what are no verbs.
        """
        hook = hook_name(verb.options.get(option))
        if hook is None:
            return True
        if hook.startswith(("http://", "https://")):
            self.execution.transcript.add("note", f"{hook} would be called by HTTP, which this simulator does not")
            return True
        data = {**self.leg.normal(), **results}
        if verb.id is not None:
            data["verb_id"] = verb.id
        answer = self.execution.wait_for_answer(self.execution.application.ask("verb:hook", data, hook=hook))
        if answer is None:
            return False
        if takes_verbs and isinstance(answer.data, list):
            verbs = parse_verbs(answer.data)
            if self._allowed is not None:
                verbs = [verb for verb in verbs if verb.name in self._allowed]
            if verbs:
                self.replace_by_answer(verbs)
        return True
