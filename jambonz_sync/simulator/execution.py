"""A call on jambonz: the session, its queue of verbs, and what acks, commands and hang-ups do to it.

::

    ending = Execution(application, clock, transcript, leg, caller, verbs=EXECUTE, commands=call_commands).run(begin)

One thread runs the whole call. It executes the verbs one after another, and wherever one takes time it is in
:meth:`Execution.wait`, which takes in what the application sends. A verb that is replaced meanwhile is unwound by
:exc:`Killed`, the call that ends meanwhile by :exc:`CallOver`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from .application import Answer, Application, Question
from .background import Background
from .caller import Answers, HangsUp, NoAnswer, Outcome, Party
from .clock import Clock
from .commanding import CommandDoer, Commanding
from .course import Course
from .facts import Leg
from .model_script import ModelScript
from .others import Other, Others
from .pace import Pace
from .platform import Platform
from .runner import ExecuteVerb, Runner
from .stream_script import StreamOutcome
from .streaming import TokenStream
from .transcript import Ending, Transcript
from .unwinding import CallOver
from .verb import Verb
from .wire import AudioWire, Connect

__all__ = ["Execution"]

#: A silence that is shorter, until the application's next command, is no event.
_NOTICEABLE = 1.0


class Execution(Course):
    """One call, and all that goes on in it.

    * ``leg``: the caller's leg
    * ``caller``: who calls
    * ``verbs``: what executes each verb
    * ``commands``: returns what does the commands that are possible at any time
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
        verbs: Mapping[str, ExecuteVerb],
        commands: Callable[[Execution], Mapping[str, CommandDoer]],
        outcomes: Iterable[Outcome | Sequence[Outcome]] = (),
        streams: Iterable[StreamOutcome] = (),
        model: ModelScript | None = None,
        results: Mapping[str, Iterable[Any]] | None = None,
        connect_audio: Connect = AudioWire,
        patience: float = 10.0,
        limit: float = 600.0,
        platform: Platform | None = None,
        others: Sequence[Other] = (),
    ) -> None:
        super().__init__(application, clock, transcript, leg, caller)
        #: All of the applications, each at the end of a connection of its own.
        self.applications = [application]
        #: Parties that have left this call and go on by themselves, each with its first verbs.
        self.children: list[tuple[Execution, list[Verb]]] = []
        #: What executes each verb, by its name.
        self.verbs = verbs
        #: The texts that have been synthesized before, and are played from the cache.
        self.synthesized: set[str] = set()
        #: Whether they are.
        self.caches_speech = True
        #: The queues and conferences, and who else comes to them.
        self.platform = Platform() if platform is None else platform
        self.others = Others(others, self.platform, self.timers, clock)
        #: Opens the connection of a ``listen``.
        self.connect_audio = connect_audio
        self._commands = commands
        self._outcomes = iter(outcomes)
        self._results = {name: iter(items) for name, items in (results or {}).items()}
        self._pace = Pace(self, patience=patience, limit=limit)
        #: The queue of the call itself.
        self.main = Runner(self, leg, caller)
        #: What goes on beside the verbs.
        self.background = Background(self, caller)
        self.on_answer = self.background.recording.call_answered
        #: What the language models do that the caller talks to.
        self.model = ModelScript() if model is None else model
        #: The speech that the application streams.
        self.stream = TokenStream(self, streams)
        #: Whether the verbs have run out.
        self.is_silent = False
        #: What becomes of commands.
        self.commanding = Commanding(self, {**self.stream.commands, **commands(self)})
        application.on_command = self.commanding.do

    @property
    def question(self) -> Question | None:
        """The question whose answer is waited for."""
        return self._pace.question

    def next_result(self, name: str, usual: Any) -> Any:
        """Return what becomes of the next verb of this name; after the last that is scripted, the ``usual``."""
        return next(self._results.get(name, iter(())), usual)

    def next_outcomes(self, targets: int) -> list[Outcome]:
        """Return what becomes of the targets of the next ``dial``; those of whom nothing is said do not answer."""
        outcome = next(self._outcomes, Answers())
        if isinstance(outcome, Sequence):
            return [*outcome, *[NoAnswer()] * targets][:targets]
        return [outcome] * targets

    def move_to(self, application: Application) -> None:
        """Go on with another application, which gets the hooks from now on and commands the call."""
        self.application.live, self.application.deaf_because = False, "the call goes on with another connection"
        application.live, application.on_command = True, self.commanding.do
        self.application = application
        self.applications.append(application)

    def for_child(self, application: Application, leg: Leg, party: Party) -> Execution:
        """Return the call of a party that leaves this one."""
        return Execution(
            application,
            self.clock,
            self.transcript,
            leg,
            party,
            verbs=self.verbs,
            commands=self._commands,
            connect_audio=self.connect_audio,
            patience=self._pace.patience,
            limit=self._pace.limit,
            platform=self.platform,
        )

    def doing(self, commands: Mapping[str, CommandDoer]) -> AbstractContextManager[None]:
        """Have commands done, by their names, for as long as a verb runs or something goes on in the background.

        Each gets the whole message and returns whether it could make something of it.
        """
        return self.commanding.doing(commands)

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
        self.is_silent = True
        self.background.verb_begins(None)
        noted = False
        while not self.main.queue:
            # What still goes on is no silence; patience begins anew when it has led to nothing.
            self.wait(stop=lambda: bool(self.main.queue) or not self._goes_on)
            now = self.clock.now()
            when, step = self.caller.upcoming(now)
            leaves = when if isinstance(step, HangsUp) else math.inf
            end = min(now + self._pace.patience, leaves)
            self.wait(min(now + _NOTICEABLE, end), self._is_not_silent)
            if not noted and not self._is_not_silent():
                noted = True
                self.transcript.add("note", "silence: the verbs have run out, and the call stays up")
            self.wait(end, self._is_not_silent)
            if not self._is_not_silent():
                if end < leaves:
                    self._pace.lose_patience()
                self.caller_hangs_up()
        self.is_silent = False

    @property
    def _goes_on(self) -> bool:
        return self.background.is_busy or self.stream.is_busy

    def _is_not_silent(self) -> bool:
        return bool(self.main.queue) or self._goes_on

    # Time, as :class:`.Pace` lets it pass

    def wait(self, until: float = math.inf, stop: Callable[[], bool] = lambda: False) -> None:
        """See :meth:`.Pace.wait`."""
        self._pace.wait(until, stop)

    def wait_for_answer(self, question: Question) -> Answer | None:
        """See :meth:`.Pace.wait_for_answer`."""
        return self._pace.wait_for_answer(question)

    def await_command(self, stop: Callable[[], bool], *, in_vain: bool = False) -> None:
        """See :meth:`.Pace.await_command`."""
        self._pace.await_command(stop, in_vain=in_vain)
