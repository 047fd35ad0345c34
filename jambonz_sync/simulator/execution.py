"""A call on jambonz: the session, its queue of verbs, and what acks, commands and hang-ups do to it.

::

    ending = Execution(application, clock, transcript, leg, caller).run(data_of_session_new)

One thread runs the whole call. It executes the verbs one after another, and wherever one takes time it is in
:meth:`Execution.wait`, which takes in what the application sends. A verb that is replaced meanwhile is unwound by
:exc:`Killed`, the call that ends meanwhile by :exc:`CallOver`.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

from .application import Answer, Application, Question, listen
from .background import Background
from .caller import Answers, HangsUp, NoAnswer, Outcome, Party, Says
from .clock import Clock
from .commands import call_commands
from .facts import Leg
from .ignored import remarks
from .model_script import ModelScript, ModelStep
from .others import Other, Others
from .platform import Platform
from .redirecting import redirect_by_hook
from .stream_script import StreamOutcome
from .streaming import TokenStream
from .transcript import Ending, Transcript
from .unwinding import CallOver, Killed, LegGone, Skipped
from .verb import BadVerbs, Verb, hook_name, is_http, parse_verbs
from .verbs import EXECUTE, canonical, reported_name
from .wire import AudioWire, Connect

__all__ = ["CommandDoer", "Execution", "Runner"]

#: Does a command, of which it gets the whole message; returns whether it could make something of it.
CommandDoer = Callable[[dict[str, Any]], bool]

#: A silence that is shorter, until the application's next command, is no event.
_NOTICEABLE = 1.0


class Execution:
    """One inbound call.

    * ``leg``: the caller's leg
    * ``caller``: who calls
    * ``outcomes``: what becomes of each ``dial``, or a list of what becomes of each of its targets, in order; after the
      last, everybody answers
    * ``streams``: what becomes of each connection for streaming speech, in order; after the last, all succeed
    * ``model``: what the language models do that the caller talks to
    * ``results``: what becomes of verbs whose result depends on others, by the name of the verb, in order
    * ``connect_audio``: opens the connection of a ``listen``
    * ``patience``: how many seconds of silence the caller bears once the verbs have run out
    * ``limit``: after how many seconds the caller hangs up in any case
    * ``platform``: what it shares with other calls; by default it has queues and conferences to itself
    * ``others``: parties outside the call, in those queues and conferences
    """

    def __init__(
        self,
        application: Application,
        clock: Clock,
        transcript: Transcript,
        leg: Leg,
        caller: Party,
        *,
        outcomes: Iterable[Outcome | Sequence[Outcome]] = (),
        streams: Iterable[StreamOutcome] = (),
        model: Sequence[ModelStep] = (),
        results: Mapping[str, Iterable[Any]] | None = None,
        connect_audio: Connect = AudioWire,
        patience: float = 10.0,
        limit: float = 600.0,
        platform: Platform | None = None,
        others: Sequence[Other] = (),
    ) -> None:
        #: Where hooks go, and where commands come from.
        self.application = application
        #: Where the statuses go: to the application the call began with, unless a redirect has named another.
        self.notifier = application
        #: All of the applications, each at the end of a connection of its own.
        self.applications = [application]
        self.clock = clock
        self.transcript = transcript
        self.leg = leg
        #: Parties that have left this call and go on by themselves, each with its first verbs.
        self.children: list[tuple[Execution, list[Verb]]] = []
        #: What is due while the call waits, for what goes on in the background.
        self.timers = application.link.timers
        #: Whether jambonz reports the start and the end of verbs.
        self.notifies = False
        #: The texts that have been synthesized before, and are played from the cache.
        self.synthesized: set[str] = set()
        #: The queues and conferences, and who else comes to them.
        self.platform = Platform() if platform is None else platform
        self.others = Others(others, self.platform, self.timers, clock)
        #: Ends the leg that a running ``dial`` has called, or a member's part in a ``conference``, if there is one.
        self.end_dialled_leg: Callable[[], None] | None = None
        #: Opens the connection of a ``listen``.
        self.connect_audio = connect_audio
        self._outcomes = iter(outcomes)
        self._results = {name: iter(items) for name, items in (results or {}).items()}
        self._patience = patience
        self._limit = limit
        self._answered_at = 0.0
        #: The queue of the call itself.
        self.main = Runner(self, leg, caller)
        #: What goes on beside the verbs.
        self.background = Background(self, caller)
        #: What the language models do that the caller talks to.
        self.model = ModelScript(model)
        #: The speech that the application streams.
        self.stream = TokenStream(self, streams)
        self._caller = caller
        self._silent = False
        # Whether a verb goes on only if the application sends a command.
        self._awaits_command = False
        # The question that is waited for, and whether a redirect came in one piece with its answer.
        self._question: Question | None = None
        self._overtaken = False
        # What does commands: the call itself, in front of it what runs in the background, then the running verb.
        self._doers: list[Mapping[str, CommandDoer]] = [
            {
                "redirect": self._redirect_command,
                "call:status": self._status_command,
                **self.stream.commands,
                **call_commands(self),
            }
        ]
        application.on_command = self._command

    @property
    def answered(self) -> bool:
        """Whether the caller's leg is answered."""
        return self.leg.call_status == "in-progress"

    @property
    def url(self) -> str:
        """The address of the application, against which others are resolved."""
        return self.application.link.url

    def note_http(self, hook: str) -> None:
        """A hook is an address that the simulator does not call."""
        self.transcript.add("note", f"{hook} would be called by HTTP, which this simulator does not")

    def next_result(self, name: str, usual: Any) -> Any:
        """Return what becomes of the next verb of this name; after the last that is scripted, the ``usual``."""
        return next(self._results.get(name, iter(())), usual)

    def move_to(self, application: Application) -> None:
        """Go on with another application, which gets the hooks from now on and commands the call."""
        self.application.live, self.application.deaf_because = False, "the call goes on with another connection"
        application.live, application.on_command = True, self._command
        self.application = application
        self.applications.append(application)

    def next_outcomes(self, targets: int) -> list[Outcome]:
        """Return what becomes of the targets of the next ``dial``; those of whom nothing is said do not answer."""
        outcome = next(self._outcomes, Answers())
        if isinstance(outcome, Sequence):
            return [*outcome, *[NoAnswer()] * targets][:targets]
        return [outcome] * targets

    def for_child(self, application: Application, leg: Leg, party: Party) -> Execution:
        """Return the call of a party that leaves this one."""
        return Execution(
            application,
            self.clock,
            self.transcript,
            leg,
            party,
            connect_audio=self.connect_audio,
            patience=self._patience,
            limit=self._limit,
            platform=self.platform,
        )

    # The life of the call

    def run(self, begin: Callable[[Execution], None]) -> Ending:
        """Run the call to its last message; return with which code to close the connection.

        ``begin`` does whatever comes before the first verb.
        """
        try:
            begin(self)
            while True:
                self.main.run()
                self._bear_silence()
        except CallOver as over:
            self.transcript.add("call", over.ending.reason)
            return over.ending
        finally:
            self.others.leave()
            self.background.end()

    def _bear_silence(self) -> None:
        """The verbs have run out: the call stays up until the application or the caller does something."""
        if self.application.closed is not None:
            self.hang_up("the application has closed the connection, and the last verb is done")
        self._silent = True
        self.background.verb_begins(None)
        noted = False
        while not self.main.queue:
            # What still goes on is no silence; patience begins anew when it has led to nothing.
            self.wait(stop=lambda: bool(self.main.queue) or not self._goes_on)
            now = self.clock.now()
            when, step = self._caller.upcoming(now)
            leaves = when if isinstance(step, HangsUp) else math.inf
            end = min(now + self._patience, leaves)
            self.wait(min(now + _NOTICEABLE, end), self._is_not_silent)
            if not noted and not self._is_not_silent():
                noted = True
                self.transcript.add("note", "silence: the verbs have run out, and the call stays up")
            self.wait(end, self._is_not_silent)
            if not self._is_not_silent():
                if end < leaves:
                    self._lose_patience()
                self.caller_hangs_up()
        self._silent = False

    @property
    def _goes_on(self) -> bool:
        return self.background.is_busy or self.stream.is_busy

    def _is_not_silent(self) -> bool:
        return bool(self.main.queue) or self._goes_on

    def _lose_patience(self) -> NoReturn:
        self.transcript.add("note", f"the caller has heard nothing for {self._patience:g} s")
        self.caller_hangs_up()

    def await_command(self, stop: Callable[[], bool], *, in_vain: bool = False) -> None:
        """Wait until ``stop()``, which a command brings about, for as long as the caller bears silence.

        ``in_vain``: nobody expects that command any more.
        """
        while not stop():
            self.wait(stop=lambda: stop() or not self.stream.is_busy)
            self._awaits_command = not in_vain
            end = self.clock.now() + self._patience
            self.wait(end, lambda: stop() or self.stream.is_busy)
            self._awaits_command = False
            if not stop() and not self.stream.is_busy:
                self._lose_patience()

    def answer_call(self) -> None:
        """Answer the call, if it is not answered."""
        if not self.answered:
            self.transcript.add("call", "answered")
            self._answered_at = self.clock.now()
            self.change_status("in-progress", 200, "OK")
            self.background.recording.call_answered()

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
        bye = {"headers": {"user_agent": "Polaris 4.2", "reason": "Q.850;cause=16"}}
        self._complete("caller", **(bye if self.leg.parent_call_sid is None else {}))
        raise CallOver(f"hung up by the caller after {self.clock.now():.0f} s")

    def _complete(self, by: str, **facts: Any) -> None:
        self._end_dialled_leg()
        duration = round(self.clock.now() - self._answered_at)
        self.change_status("completed", 200, "OK", call_termination_by=by, duration=duration, **facts)

    def _end_dialled_leg(self) -> None:
        if self.end_dialled_leg is not None:
            self.end_dialled_leg()

    def change_status(self, status: str, sip_status: int, phrase: str, **ending: Any) -> None:
        """The call takes on a status, and the application is told."""
        self.leg.change(status, sip_status, phrase, **ending)
        # A party that was dialled is none of the trace, even when it goes on by itself.
        self.notifier.tell("call:status", self.leg.normal(), traced=self.leg.parent_call_sid is None)

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
        while True:
            self._check_connection()
            if stop():
                return
            now = self.clock.now()
            # What is due first comes first, even if the clock has passed more than that.
            if self.timers.run_next(min(now, until, self._caller.leaves_at, self._limit)):
                continue
            if self.others.look():
                continue
            if now >= self._caller.leaves_at:
                self.caller_hangs_up()
            if now >= self._limit:
                self.transcript.add("note", f"the call has lasted {self._limit:g} s, the limit of this simulation")
                self.caller_hangs_up()
            if now >= until:
                return
            self.clock.application_moves(self._is_the_applications_move)
            until_then = min(until, self.timers.next_due, self._caller.leaves_at, self._limit)
            listen(self._everybody, self.clock, until_then, self.background.connections)
            self.background.settle()

    def _check_connection(self) -> None:
        why, self.application.given_up = self.application.given_up, None
        if why is not None:
            self.hang_up(f"hung up by jambonz: {why}")

    @property
    def _is_the_applications_move(self) -> bool:
        idle = self._silent and not self.background.hearing.is_busy and not self.stream.is_busy
        waits = (idle or self._awaits_command) and self.application.link.connection is not None
        return waits or any(one.is_asked for one in self._everybody)

    @property
    def _everybody(self) -> list[Application]:
        return [*self.applications, *(child.application for child, _ in self.children)]

    def wait_for_answer(self, question: Question) -> Answer | None:
        """Wait for an ack; return ``None`` if it does not come in time."""
        self._question, self._overtaken = question, False
        while not question.is_settled and self.clock.now() < question.due:
            if self.application.never_sends(question):
                self._wait_for_ever(question)
            self._wait_until_due(question, question.due)
        self._question = None
        if question.answer is None:
            self.application.give_up(question)
            why = " in time" if question.failed is None else f": {question.failed}"
            self.transcript.add("note", f"{question.name} was not answered{why}")
        return question.answer

    def _wait_until_due(self, question: Question, due: float) -> None:
        # It is due later if it can only be sent later.
        self.wait(due, lambda: question.is_settled or question.due != due)

    def _wait_for_ever(self, question: Question) -> NoReturn:
        self.transcript.add("note", f"{question.name} is never sent, and the call waits for its answer")
        self.wait(self.clock.now() + self._patience)
        self.caller_hangs_up()

    # Commands

    @contextlib.contextmanager
    def doing(self, commands: Mapping[str, CommandDoer]) -> Iterator[None]:
        """Have commands done, by their names, for as long as a verb runs or something goes on in the background.

        Each gets the whole message and returns whether it could make something of it.
        """
        self._doers.append(commands)
        try:
            yield
        finally:
            self._doers = [doer for doer in self._doers if doer is not commands]

    def _command(self, message: dict[str, Any]) -> None:
        name = message["command"]
        for commands in reversed(self._doers):
            if name in commands and commands[name](message):
                return
        self.transcript.add("note", f"the command {name}, as it was sent, does nothing in this simulator")

    def _redirect_command(self, message: dict[str, Any]) -> bool:
        data = message.get("data")
        if isinstance(data, dict):
            if not isinstance(data.get("parent_call"), list):
                return redirect_by_hook(self, data)
            self._redirect(data["parent_call"], queue=False)
        elif isinstance(data, list):
            self._redirect(data, queue=message.get("queueCommand") is True)
        return isinstance(data, (dict, list))

    def _redirect(self, data: list[Any], *, queue: bool) -> None:
        try:
            verbs = parse_verbs(data)
        except BadVerbs as fault:
            self.transcript.add("note", f"the command redirect does nothing: {fault}")
            return
        self._overtaken = self._question is not None and self._question.answer is not None
        if verbs:
            self.background.delay.stop()
        if not verbs and self._silent:
            self.hang_up("the application sent a redirect without verbs to a silent call")
        elif queue:
            self.main.queue.extend(verbs)
        else:
            self.main.replace(verbs)

    def note_overtaken(self) -> None:
        """An answer's verbs take the place of what is queued: say so if that loses a command.

        The server looks at everything that arrived together before it acts on an answer. So a redirect that came in
        one piece with the answer is executed first, and its verbs are replaced at once by those of the answer.
        """
        if self._overtaken:
            self.transcript.add(
                "note", "the command redirect is lost: it came in one piece with an answer, whose verbs replace its own"
            )

    def _status_command(self, message: dict[str, Any]) -> bool:
        data = message.get("data")
        if not isinstance(data, dict):
            return False
        status = data.get("call_status")
        if status == "completed" and self.answered:
            self.hang_up(f"hung up by the application after {self.clock.now():.0f} s")
        elif status == "no-answer" and not self.answered:
            self.decline(503, "Service Unavailable", "by the application's command")
        else:
            self.transcript.add("note", f"the command call:status {status} does nothing in this state of the call")
        return True


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
        self.execution.note_overtaken()
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
        """Wait until a command brings about ``stop()``, as :meth:`Execution.await_command`. Raises :exc:`Killed`."""
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
        if takes_verbs and isinstance(answer.data, list):
            verbs = parse_verbs(answer.data)
            if self._allowed is not None:
                verbs = [verb for verb in verbs if verb.name in self._allowed]
            if verbs:
                self.replace_by_answer(verbs)
        return True
