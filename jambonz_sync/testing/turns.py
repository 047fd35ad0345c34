"""How a call goes on between two things that a test does, and where each turn of the caller begins.

::

    turns = Turns(world, endpoint, call, caller, clock)
    turns.do(Says("hello"))
    turns.go_on(lambda: turns.hearing.has("You said: hello"))
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NoReturn

from ..endpoint import Endpoint
from ..simulator.call import SimulatedCall
from ..simulator.caller import HangsUp, Presses, Says
from ..simulator.in_process import WorldClock
from ..simulator.transcript import Transcript
from ..simulator.world import World
from .heard import Hearing
from .live_caller import LiveCaller

__all__ = ["Turns"]


class Turns:
    """The turns of one call, in the world that it lives in. Used on the thread of the test."""

    def __init__(
        self, world: World, endpoint: Endpoint, call: SimulatedCall, caller: LiveCaller, clock: WorldClock
    ) -> None:
        self._world = world
        self._endpoint = endpoint
        self._call = call
        self._caller = caller
        self._clock = clock
        #: What the caller was let hear in this turn, in words.
        self.hearing = Hearing(lambda: self.transcript.entries)
        #: When it began, in seconds of the call.
        self.began = 0.0

    @property
    def transcript(self) -> Transcript:
        """Everything so far."""
        assert self._call.transcript is not None
        return self._call.transcript

    @property
    def now(self) -> float:
        """The time of the call, in seconds."""
        return self._clock.now()

    @property
    def ended(self) -> bool:
        """Whether the call is over."""
        return self.transcript.ending is not None

    @property
    def is_asked(self) -> bool:
        """Whether the application waits for the caller, who has nothing to do."""
        return self._caller.is_asked

    @property
    def state(self) -> str:
        """What both sides are doing now, in words, with the line of the application that waits."""
        ending = self.transcript.ending
        if ending is not None:
            return f"the call is over: {ending.reason}"
        waits = "waits for the caller" if self._caller.is_asked else "goes on"
        session = self._endpoint.sessions.get(self._call_sid)
        return f"the application {waits}" + (f", at {session.where}" if session is not None else "")

    # Where a turn begins

    def begin(self) -> None:
        """The caller's turn begins here: what was said before is over."""
        self.hearing.begin()
        self.began = self.now

    def begin_after_caller(self) -> None:
        """It begins with what the caller has done last, which must stand in the transcript."""
        self.hearing.begin_after_caller()
        self.began = next(entry.time for entry in reversed(self.transcript.entries) if entry.who == "caller")

    # How it goes on

    def go_on(self, until: Callable[[], bool], seconds: float = math.inf) -> None:
        """Let the call go on until a condition is met, for so many seconds at most, or until it is over."""
        self._world.wait(lambda: self.ended or until(), self._world.now() + seconds, ends_idle=True)
        if self.ended:
            # What the function still does stands in its ``finally``, or behind the last thing it has waited for.
            self._world.wait(lambda: self._call_sid not in self._endpoint.sessions, ends_idle=True)

    def stay_silent(self, until: Callable[[], bool], seconds: float = math.inf) -> None:
        """The same with a caller who does nothing, also where it would be asked to."""
        self._caller.stay_silent(True)
        self._clock.nudge()
        try:
            self.go_on(until, seconds)
        finally:
            self._caller.stay_silent(False)
            self._clock.nudge()

    def do(self, step: Says | Presses) -> None:
        """Have the caller do something when it is listened to, and begin its turn there."""
        self.must_be_up()
        self._caller.add(step)
        self._clock.nudge()
        self.go_on(lambda: self._caller.is_free)
        if not self._caller.is_free:
            self.complain(f"nobody listens to the caller, who wants to do this: {step}")
        # What was still to be said before the caller could act is over.
        self.begin_after_caller()

    def hang_up(self) -> None:
        """Have the caller hang up: where it is asked to do something, or else whatever goes on."""
        if self._caller.is_asked:
            self._caller.add(HangsUp())
        else:
            self._caller.leave(self._clock.now())
            self._clock.nudge()

    # What is wrong

    def must_be_up(self) -> None:
        """Fail if the call is over."""
        if self.ended:
            self.complain("the caller can do nothing any more")

    def complain(self, what: str) -> NoReturn:
        """Fail, and show what has happened so far."""
        raise AssertionError(f"{what}: {self.state}\n\n{self.transcript}")

    @property
    def _call_sid(self) -> str:
        return str(self.transcript.messages("in")[0].get("call_sid"))
