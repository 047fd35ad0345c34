"""Parties outside the call, who follow a script of their own: in the queues and conferences that the call comes to.

::

    SimulatedCall(url, others=[TakesFromQueue("support", at=12, seconds=30), JoinsConference("standup", at=5)])

They are no calls: no application is told of them, except for what it sees of them in its own call.
"""

from __future__ import annotations

import contextlib
import functools
import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

from .clock import Clock
from .platform import Platform
from .queues import Place
from .rooms import Member, Room
from .timers import Timer, Timers

__all__ = ["JoinsConference", "Other", "Others", "TakesFromQueue", "WaitsInQueue", "checked"]


@dataclass(frozen=True)
class TakesFromQueue:
    """An agent takes the next caller from a queue.

    ::

        TakesFromQueue("support", at=12, seconds=30)

    ``at``: when, in seconds since the call began; as soon as somebody waits, if nobody does then.

    ``seconds``: how long the agent then talks before hanging up.

    ``connects``: false if the two cannot be connected, which the one who waited is told as the result ``error``.
    """

    queue: str
    at: float = 10.0
    seconds: float = 20.0
    connects: bool = True


@dataclass(frozen=True)
class WaitsInQueue:
    """Another caller waits in a queue, for the call's ``dequeue`` or for somebody else.

    ::

        WaitsInQueue("support", priority=1, seconds=30)

    ``at``: since when, in seconds since the call began.

    ``gives_up_after``: after how many seconds in the queue it hangs up.

    ``seconds``: how long it talks to whoever takes it before hanging up.

    ``priority``: that of its ``enqueue``; a lower one is taken earlier.

    ``connects``: false if the two cannot be connected, which ``dequeue`` tells as the result ``hangup``.
    """

    queue: str
    at: float = 0.0
    gives_up_after: float = math.inf
    seconds: float = 5.0
    priority: float | None = None
    connects: bool = True


@dataclass(frozen=True)
class JoinsConference:
    """Another member joins a conference.

    ::

        JoinsConference("standup", at=5, seconds=60, ends=True)

    ``at``: when, in seconds since the call began.

    ``seconds``: how long it stays.

    ``starts``: whether it begins the conference, and leads it; if not, it waits until somebody does.

    ``ends``: whether the conference is over for all when it leaves.
    """

    room: str
    at: float = 0.0
    seconds: float = 20.0
    starts: bool = True
    ends: bool = False


Other = TakesFromQueue | WaitsInQueue | JoinsConference


def checked(scripts: Sequence[Other]) -> tuple[Other, ...]:
    """Return the scripts. Raises :exc:`TypeError` if one of them is something else."""
    for script in scripts:
        if not isinstance(script, (TakesFromQueue, WaitsInQueue, JoinsConference)):
            raise TypeError(f"others are TakesFromQueue, WaitsInQueue or JoinsConference, not {script!r}")
    return tuple(scripts)


#: What somebody does: yields until when it waits, at most, and for what; is sent the time it goes on.
_Life = Generator[tuple[float, Callable[[], bool]], float, None]


class Others:
    """The scripted parties around one call. They act on its thread, while it waits for anything.

    ::

        others = Others([JoinsConference("standup")], platform, timers, clock)
        others.look()
        others.leave()
    """

    def __init__(self, scripts: Sequence[Other], platform: Platform, timers: Timers, clock: Clock) -> None:
        self._platform = platform
        self._timers = timers
        self._clock = clock
        self._lives: list[tuple[_Life, Timer, Callable[[], bool]]] = []
        for script in scripts:
            life = self._live(script)
            self._wait(life, next(life))

    def look(self) -> bool:
        """Let those go on who find what they wait for; return whether anybody did."""
        return self._look(self._clock.now())

    def leave(self) -> None:
        """The simulation is over: all of them leave."""
        for life, timer, _ in self._lives:
            timer.cancel()
            life.close()
        self._lives.clear()

    def _look(self, now: float) -> bool:
        acted = False
        # What one does, another may have waited for.
        while (life := next((life for life, _, finds in self._lives if finds()), None)) is not None:
            self._go_on(life, now)
            acted = True
        return acted

    def _time_has_come(self, life: _Life, now: float) -> None:
        self._go_on(life, now)
        # Whoever has waited for that acts at the time it was due, not when it is noticed.
        self._look(now)

    def _go_on(self, life: _Life, now: float) -> None:
        for other, timer, _ in self._lives:
            if other is life:
                timer.cancel()
        self._lives = [entry for entry in self._lives if entry[0] is not life]
        with contextlib.suppress(StopIteration):
            self._wait(life, life.send(now))

    def _wait(self, life: _Life, wants: tuple[float, Callable[[], bool]]) -> None:
        until, finds = wants
        self._lives.append((life, self._timers.at(until, functools.partial(self._time_has_come, life, until)), finds))

    # What they do

    def _live(self, script: Other) -> _Life:
        if isinstance(script, TakesFromQueue):
            return self._take(script)
        return self._queue_up(script) if isinstance(script, WaitsInQueue) else self._attend(script)

    def _take(self, script: TakesFromQueue) -> _Life:
        now = yield script.at, _nothing
        queue = self._platform.queue(script.queue)
        while (taken := queue.take("an agent", works=script.connects)) is None:
            now = yield math.inf, lambda: queue.size > 0
        bridge = taken
        try:
            yield now + script.seconds, lambda: bridge.over
        finally:
            bridge.hang_up()

    def _queue_up(self, script: WaitsInQueue) -> _Life:
        now = yield script.at, _nothing
        place = Place("another caller", works=script.connects)
        if script.priority is not None:
            place.priority = script.priority
        queue = self._platform.queue(script.queue)
        queue.enter(place)
        try:
            now = yield now + script.gives_up_after, lambda: place.bridge is not None
            bridge = place.bridge
            if bridge is not None:
                yield now + script.seconds, lambda: bridge.over
        finally:
            queue.leave(place)

    def _attend(self, script: JoinsConference) -> _Life:
        now = yield script.at, _nothing
        member = Member("another member", moderator=script.starts, ends=script.ends)
        if script.starts:
            room = self._begin(script.room, now)
        else:
            name = script.room
            while (begun := self._platform.room(name)) is None:
                now = yield math.inf, lambda: self._platform.room(name) is not None
            room = begun
        room.join(member)
        try:
            yield now + script.seconds, lambda: not member.inside
        finally:
            room.leave(member)

    def _begin(self, name: str, now: float) -> Room:
        return self._platform.open_room(name, None, lambda: self._clock.now() - now)[0]


def _nothing() -> bool:
    return False
