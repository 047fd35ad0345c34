"""Parties outside the call, who follow scripts of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jambonz_sync.simulator import HangsUp, JoinsConference, Platform, SimulatedCall, TakesFromQueue, WaitsInQueue
from jambonz_sync.simulator.others import Other, Others
from jambonz_sync.simulator.queues import Place
from jambonz_sync.simulator.rooms import Member
from jambonz_sync.simulator.timers import Timers

from .server import JumpClock


class Scene:
    """A platform on which nobody is but the scripted parties, and the time, which a test lets pass."""

    def __init__(self, *scripts: Other) -> None:
        self.clock = JumpClock()
        self.timers = Timers()
        self.platform = Platform()
        self.queue = self.platform.queue("support")
        self.others = Others(scripts, self.platform, self.timers, self.clock)

    def until(self, time: float) -> None:
        """Let everything happen that is due until then."""
        self.others.look()
        while self.timers.next_due <= time:
            self.clock.time = self.timers.next_due
            self.timers.run_next(time)
        self.clock.time = time

    def first_time(self, happens: Callable[[], bool]) -> float:
        """Return when something is so for the first time, to the half second."""
        while not happens():
            self.until(self.clock.time + 0.5)
        return self.clock.time


# In queues


def test_takes():
    """An agent takes who waits when its time has come, talks, and hangs up."""
    scene = Scene(TakesFromQueue("support", at=3, seconds=4))
    place = Place("caller")
    scene.queue.enter(place)
    assert scene.first_time(lambda: place.bridge is not None) == 3
    assert (place.bridge.taker, place.bridge.works) == ("an agent", True)
    assert scene.first_time(lambda: place.bridge.over) == 7


def test_waits_for_somebody_to_take():
    """An agent who finds nobody takes whoever comes next, and then talks as long as it would have."""
    scene = Scene(TakesFromQueue("support", at=3, seconds=4))
    scene.until(10)
    place = Place("caller")
    scene.queue.enter(place)
    assert scene.others.look()
    assert not scene.others.look()
    assert scene.first_time(lambda: place.bridge.over) == 14


def test_takes_one():
    """Each agent takes one caller."""
    scene = Scene(TakesFromQueue("support", at=3, seconds=1))
    scene.queue.enter(Place("first"))
    scene.queue.enter(Place("second"))
    scene.until(100)
    assert scene.queue.size == 1


def test_hung_up_on():
    """An agent on whom the caller has hung up is done."""
    scene = Scene(TakesFromQueue("support", at=3, seconds=400))
    place = Place("caller")
    scene.queue.enter(place)
    scene.until(5)
    place.bridge.hang_up()
    assert scene.others.look()
    assert scene.timers.next_due > 403


def test_waits_in_a_queue():
    """Another caller waits until it gives up."""
    scene = Scene(WaitsInQueue("support", at=2, gives_up_after=5))
    assert scene.first_time(lambda: scene.queue.size == 1) == 2
    assert scene.first_time(lambda: scene.queue.size == 0) == 7


def test_talks():
    """Another caller who is taken talks, and hangs up."""
    scene = Scene(WaitsInQueue("support", gives_up_after=5, seconds=8))
    scene.until(4)
    bridge = scene.queue.take("agent")
    assert bridge.taken == "another caller"
    assert scene.first_time(lambda: bridge.over) == 12


def test_priority():
    """Another caller may be more important than others, or less."""
    scene = Scene(WaitsInQueue("support"), WaitsInQueue("support", priority=1, connects=False))
    scene.until(1)
    assert not scene.queue.take("agent").works
    assert scene.queue.take("agent").works


def test_among_themselves():
    """Agents take other callers too, at the time when both are there."""
    scene = Scene(TakesFromQueue("support", at=1, seconds=2), WaitsInQueue("support", at=4, seconds=1))
    scene.until(4)
    assert scene.queue.size == 0
    # The caller is the first of the two to hang up.
    assert scene.timers.next_due == 5


# In conferences


def test_joins_a_conference():
    """Another member begins a conference, leads it, and stays for a while."""
    scene = Scene(JoinsConference("standup", at=2, seconds=6))
    assert scene.first_time(lambda: scene.platform.room("standup") is not None) == 2
    room = scene.platform.room("standup")
    (member,) = room.members
    assert (member.moderator, member.ends, room.reports) == (True, False, None)
    scene.until(3)
    assert room.age() == 1
    assert scene.first_time(lambda: scene.platform.room("standup") is None) == 8


def test_waits_for_a_conference():
    """A member that begins none waits until somebody does, and then stays as long as it would have."""
    scene = Scene(
        JoinsConference("standup", at=2, seconds=6, starts=False), JoinsConference("standup", at=9, seconds=50)
    )
    scene.until(9)
    room = scene.platform.room("standup")
    assert [member.moderator for member in room.members] == [True, False]
    assert scene.first_time(lambda: len(room.members) == 1) == 15


def test_joins_what_goes_on():
    """Nobody begins a conference that goes on."""
    scene = Scene(JoinsConference("standup"), JoinsConference("standup", at=2))
    scene.until(3)
    assert len(scene.platform.room("standup").members) == 2


@pytest.mark.parametrize(("ends", "inside"), [(True, False), (False, True)])
def test_ends_a_conference(ends, inside):
    """A member may put out all others when it leaves."""
    scene = Scene(JoinsConference("standup", seconds=6, ends=ends))
    scene.until(1)
    member = Member("caller")
    scene.platform.room("standup").join(member)
    scene.until(7)
    assert member.inside == inside


def test_put_out():
    """A member of a conference that somebody else has ended is done."""
    scene = Scene(JoinsConference("standup", seconds=600), JoinsConference("standup", at=1, seconds=2, ends=True))
    scene.until(3)
    assert scene.platform.room("standup") is None
    assert scene.timers.next_due > 600


# Scripts


def test_no_script():
    """What is no script is refused when the call is made up, not when it is placed."""
    with pytest.raises(TypeError, match=r"others are TakesFromQueue, .* not HangsUp\("):
        SimulatedCall("ws://127.0.0.1:1/", others=[HangsUp()])


# The end


def test_leave():
    """When the simulation is over all of them are gone from wherever they were."""
    scene = Scene(
        WaitsInQueue("support", at=1),
        TakesFromQueue("sales", at=1, seconds=100),
        JoinsConference("standup", at=1, seconds=100),
        WaitsInQueue("support", at=50),
    )
    place = Place("caller")
    scene.platform.queue("sales").enter(place)
    scene.until(2)
    scene.others.leave()
    assert scene.queue.size == 0
    assert place.bridge.over
    assert scene.platform.room("standup") is None
    assert scene.timers.next_due == float("inf")
