"""One call, as a test makes it: what is heard, and what the caller does."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from re import Pattern
from typing import Any, NoReturn

from ..endpoint import Endpoint
from ..simulator.call import SimulatedCall
from ..simulator.caller import Answers, Busy, HangsUp, NoAnswer, Presses, Says, Step
from ..simulator.connection import Connection
from ..simulator.in_process import WorldClock
from ..simulator.model_script import CallsTool, ModelScript
from ..simulator.network import Network
from ..simulator.transcript import Transcript, WireMessage
from ..simulator.world import World
from .complaints import Complaints
from .dialled import Dialled
from .heard import Heard, Hearing
from .live_caller import LiveCaller
from .replay import record

__all__ = ["PhoneCall"]

#: How long a call that a test leaves alone goes on.
_LAST_SECONDS = 60.0


class PhoneCall:
    """A call. Made by ``jambonz.call(...)``.

    ::

        call = jambonz.call(endpoint, "/menu")
        assert call.heard("For sales press 1")
        call.presses("1")
        assert call.heard(re.compile("you are number [0-9]+"))
        call.hangs_up()

    What the caller does takes the time it would take; what the test does takes none. The call goes on only while one of
    these methods runs, and until the application waits for the caller. The one that sees the end of the call, whoever
    hangs up, returns when the application's function has ended as well.
    """

    def __init__(
        self,
        world: World,
        endpoint: Endpoint,
        path: str,
        call: SimulatedCall,
        caller: LiveCaller,
        dialled: Dialled,
        clock: WorldClock,
        network: Network[Connection],
        model: ModelScript,
        complaints: Complaints,
    ) -> None:
        #: The path that was called.
        self.path = path
        self._world = world
        self._endpoint = endpoint
        self._call = call
        self._caller = caller
        self._dialled = dialled
        self._clock = clock
        self._network = network
        self._model = model
        self._complaints = complaints
        self._hearing = Hearing(lambda: self.transcript.entries)
        self._has_hung_up = False

    def __repr__(self) -> str:
        return f"<PhoneCall: {self.state}>"

    # What came of it

    @property
    def transcript(self) -> Transcript:
        """Who said what and when, all that went over the wire, and how it ended."""
        assert self._call.transcript is not None
        return self._call.transcript

    @property
    def ended(self) -> bool:
        """Whether the call is over."""
        return self.transcript.ending is not None

    @property
    def wire(self) -> list[WireMessage]:
        """Every message so far, in both directions."""
        return self.transcript.wire

    def record(self, path: str | os.PathLike[str]) -> None:
        """Write the messages of the call so far to a file, for ``jambonz.replay``.

        ::

            call.record("calls/lost-order.jsonl")
        """
        record(self.wire, path)

    @property
    def verbs(self) -> list[dict[str, Any]]:
        """Every verb the application has sent so far, as it was on the wire.

        ::

            assert [verb["verb"] for verb in call.verbs] == ["say", "gather"]
        """
        verbs: list[dict[str, Any]] = []
        for message in self.transcript.messages("out"):
            data = message.get("data")
            if isinstance(data, list):
                verbs += [verb for verb in data if isinstance(verb, dict)]
        return verbs

    # What the caller hears

    def heard(self, expected: str | Pattern[str]) -> Heard:
        """Go on with the call until the caller hears this; return whether it does.

        ::

            assert call.heard("Say something.")
            assert call.heard(re.compile("order [0-9]+ has been (sent|delivered)"))

        It looks at what was said since the caller last did something, at each utterance once. If that is not it, the
        call goes on until the application waits for the caller, or the call is over.

        ``expected``: a part of what is said, or of the URL that is played; or a pattern that occurs in it.
        """
        self._go_on(lambda: self._caller.is_asked or self._hearing.has(expected))
        text = self._hearing.take(expected)
        return Heard(None, self.state) if text is None else Heard(text)

    # What the caller does

    def says(self, text: str, *, confidence: float = 0.9) -> None:
        """Have the caller say something, when the application next listens to it.

        ``confidence``: how sure the recognizer is of it, from 0 to 1.
        """
        self._do(Says(text, confidence))

    def presses(self, keys: str) -> None:
        """Have the caller press keys, such as ``"1234#"``, when the application next listens to it."""
        self._do(Presses(keys))

    def interrupts(self, text: str | None = None, *, keys: str | None = None) -> None:
        """Have the caller say something into what is playing, or press keys.

        The prompt has to allow that: ``gather(bargein=True)``, or ``config(barge_in=...)``.
        """
        if (text is None) == (keys is None):
            raise TypeError('interrupts() takes a text, or keys="1"')
        self._do(Says(text, barge_in=True) if text is not None else Presses(str(keys), barge_in=True))

    def is_silent(self, seconds: float | None = None) -> None:
        """Have the caller say nothing.

        ``seconds``: for how long; by default until the application lets it hear something, or the call is over. In a
        call that is over it returns at once, unless it is this caller who has hung up.
        """
        if self.ended and not self._has_hung_up:
            # The end of another call may have ended it in the same moment.
            return
        self._must_be_up()
        until = math.inf if seconds is None else self._world.now() + seconds
        self._hearing.begin()
        self._stay_silent(lambda: seconds is None and self._hearing.anything, until)

    def _stay_silent(self, until: Callable[[], bool], time: float = math.inf) -> None:
        """Let the call go on with a caller who does nothing, also where it would be asked to."""
        self._caller.stay_silent(True)
        self._clock.nudge()
        try:
            self._go_on(until, time)
        finally:
            self._caller.stay_silent(False)
            self._clock.nudge()

    def hangs_up(self) -> None:
        """Have the caller hang up, whatever goes on, and see the call through to its end.

        ::

            call.hangs_up()
            assert (folder / "message.wav").exists()

        Returns when the application's function has ended too, with all that it does when the call is over: what stands
        in a ``finally``, or behind ``record``. If that takes real time, so does this. A call that is over already is
        seen through in the same way.
        """
        if not self.ended:
            self._has_hung_up = True
            if self._caller.is_asked:
                self._caller.add(HangsUp())
            else:
                self._caller.leave(self._clock.now())
                self._clock.nudge()
        self._go_on(lambda: False)

    # What the party does that is dialled next

    def answers(self, *, after: float = 2.0, seconds: float = 5.0, confirms: Sequence[Step] = ()) -> None:
        """Have the party that is dialled next answer. Nobody else need be told: by default everybody answers.

        ::

            call.answers(after=4, seconds=60, confirms=[Presses("1")])

        ``after``, ``seconds``: how long it rings, and how long the two then talk.

        ``confirms``: what it says and presses while the ``confirm_hook`` asks it, as steps of
        :mod:`jambonz_sync.simulator`.
        """
        self._dialled.add(Answers(seconds=seconds, after=after, steps=confirms))

    def is_busy(self) -> None:
        """Have the party that is dialled next be busy."""
        self._dialled.add(Busy())

    def does_not_answer(self) -> None:
        """Have the party that is dialled next let it ring."""
        self._dialled.add(NoAnswer())

    # What the language model does

    def tool_call(self, name: str, arguments: Mapping[str, Any] | None = None) -> Any:
        """Have the language model that talks to the caller call a tool of the application; return what it gets.

        ::

            assert call.tool_call("look_up_order", {"order_id": "42"}) == {"state": "shipped"}

        The model is that of ``llm``, one of its vendor forms, or ``agent``. It calls when it has done what it was given
        to do by ``jambonz.call(..., model=[...])``.

        ``arguments``: by name.

        Returns the output in the way the model reads it: parsed where it is JSON.
        """
        self._must_be_up()
        call_id = f"call_{len(self._model.outputs)}_{name}"
        self._hearing.begin()
        self._model.add(CallsTool(name, dict(arguments or {}), id=call_id))
        self._stay_silent(lambda: call_id in self._model.outputs)
        if call_id not in self._model.outputs:
            self._complain(f"the model's call of {name} is not answered")
        return self._model.outputs[call_id]

    # What the network does

    def drops_connection(self, seconds: float = 0.0) -> None:
        """Have the network drop the connection between jambonz and the application, without a word to either.

        ::

            call.presses("1")
            call.drops_connection(3)
            assert call.heard("How many?")

        Returns when jambonz has connected again, or the call is over. The warning in the library's log that belongs to
        it does not fail the test.

        ``seconds``: for how long there is no connection to be had. jambonz tries again after half a second, and then
        less and less often.
        """
        self._must_be_up()
        self._complaints.tolerate("connection lost")
        self._network.drop(seconds)
        self._stay_silent(lambda: bool(self._network.open))

    # The end

    def finish(self) -> None:
        """Let the application react to what the caller did last, and hang up when it waits for the caller."""
        self._go_on(lambda: self._caller.is_asked, self._world.now() + _LAST_SECONDS)
        self.hangs_up()

    def _do(self, step: Says | Presses) -> None:
        self._must_be_up()
        self._caller.add(step)
        self._clock.nudge()
        self._go_on(lambda: self._caller.is_free)
        if not self._caller.is_free:
            self._complain(f"nobody listens to the caller, who wants to do this: {step}")
        # What was still to be said before the caller could act is over.
        self._hearing.begin_after_caller()

    def _must_be_up(self) -> None:
        if self.ended:
            self._complain("the caller can do nothing any more")

    # How it goes on

    def _go_on(self, until: Callable[[], bool], time: float = math.inf) -> None:
        self._world.wait(lambda: self.ended or until(), time, ends_idle=True)
        if self.ended:
            # What the function still does stands in its ``finally``, or behind the last thing it has waited for.
            self._world.wait(lambda: self._call_sid not in self._endpoint.sessions, ends_idle=True)

    @property
    def state(self) -> str:
        """What both sides are doing now, in words, with the line of the application that waits."""
        ending = self.transcript.ending
        if ending is not None:
            return f"the call is over: {ending.reason}"
        waits = "waits for the caller" if self._caller.is_asked else "goes on"
        session = self._endpoint.sessions.get(self._call_sid)
        return f"the application {waits}" + (f", at {session.where}" if session is not None else "")

    def _complain(self, what: str) -> NoReturn:
        raise AssertionError(f"{what}: {self.state}\n\n{self.transcript}")

    @property
    def _call_sid(self) -> str:
        return str(self.transcript.messages("in")[0].get("call_sid"))
