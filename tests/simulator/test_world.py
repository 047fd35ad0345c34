"""Virtual time, and threads that take turns in it."""

from __future__ import annotations

import math
import sys
import threading

import pytest

from jambonz_sync.simulator.world import World, WorldStopped


@pytest.fixture
def world():
    """A world, whose threads are gone after the test."""
    before = set(threading.enumerate())
    made = World()
    yield made
    made.stop()
    assert set(threading.enumerate()) <= before


class Bell:
    """Rings at given times."""

    def __init__(self, world, *times):
        self.world = world
        self.times = list(times)
        self.rang = []

    def due(self):
        return self.times[0] if self.times else math.inf

    def tick(self):
        self.times.pop(0)
        self.rang.append(self.world.now())


def test_time_stands_still_while_a_thread_runs(world):
    """Whatever a thread does, it is the same moment when it has done it."""
    assert world.now() == 0.0
    sum(range(100_000))
    assert world.now() == 0.0


def test_time_jumps_to_what_is_waited_for(world):
    """When all wait, it is at once the moment that the first of them waits for."""
    assert not world.wait(lambda: False, until=86_400.0)
    assert world.now() == 86_400.0


def test_a_wait_for_what_is_there_takes_no_time(world):
    """What is ready already is not waited for."""
    assert world.wait(lambda: True, until=10.0)
    assert world.now() == 0.0


def test_threads_take_turns_in_the_order_of_time(world):
    """Two threads with pauses of their own do everything in the order of the times, every time."""
    said = []

    def counting(name, pause):
        def count():
            for number in range(3):
                world.wait(lambda: False, world.now() + pause)
                said.append((world.now(), name, number))

        return count

    world.start(counting("slow", 5.0), "slow")
    world.start(counting("quick", 2.0), "quick")
    world.wait(lambda: len(said) == 6)
    assert said == [
        (2.0, "quick", 0),
        (4.0, "quick", 1),
        (5.0, "slow", 0),
        (6.0, "quick", 2),
        (10.0, "slow", 1),
        (15.0, "slow", 2),
    ]


def test_at_the_same_moment_who_has_waited_longest_is_first(world):
    """Equal times are no race."""
    said = []
    for name in "abcde":
        world.start(lambda name=name: (world.wait(lambda: False, 1.0), said.append(name)), name)
    world.wait(lambda: len(said) == 5)
    assert said == list("abcde")


def test_only_one_thread_runs(world):
    """Between two waits nobody else does anything, however often the interpreter switches threads."""
    running = []
    seen = []
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:

        def work():
            for _ in range(50):
                running.append(1)
                seen.append(len(running))
                sum(range(200))
                running.pop()
                world.wait(lambda: False, world.now() + 1.0)

        for number in range(4):
            world.start(work, f"worker {number}")
        world.wait(lambda: len(seen) == 200)
    finally:
        sys.setswitchinterval(interval)
    assert set(seen) == {1}


def test_one_thread_sets_another_going(world):
    """What one thread changes another may wait for; no time passes between."""
    letters = []
    world.start(lambda: (world.wait(lambda: bool(letters)), letters.append("answer")), "reader")
    world.wait(lambda: False, 3.0)
    letters.append("question")
    assert world.wait(lambda: len(letters) == 2, until=100.0)
    assert world.now() == 3.0


def test_timers_ring_when_it_is_time(world):
    """A timer is called at its times, before any thread that waits for the same moment."""
    bell = Bell(world, 1.0, 2.0, 2.5)
    world.add(bell)
    assert world.wait(lambda: len(bell.rang) == 2, until=2.0)
    assert bell.rang == [1.0, 2.0]
    world.remove(bell)
    world.wait(lambda: False, 10.0)
    assert bell.rang == [1.0, 2.0]


def test_the_end_of_all_things(world):
    """Whoever wants to is told when nothing will ever happen again; the clock stays where it was."""
    world.start(lambda: world.wait(lambda: False), "who waits for ever")
    world.start(lambda: world.wait(lambda: False, 7.0), "who waits for a while")
    assert not world.wait(lambda: False, ends_idle=True)
    assert world.now() == 7.0


def test_stopping_unwinds_who_waits():
    """At the end whoever still waits is unwound, with its clean-up, which may not wait any more either."""
    world = World()
    unwound = []

    def live():
        try:
            world.wait(lambda: False)
        finally:
            unwound.append("cleaned up")
            try:
                world.wait(lambda: False)
            except WorldStopped:
                unwound.append("no more waiting")

    world.start(live, "somebody")
    world.wait(lambda: False, 1.0)
    world.stop()
    assert unwound == ["cleaned up", "no more waiting"]


def test_stopping_before_a_first_turn():
    """A thread that never had a turn never begins."""
    world = World()
    began = []
    world.start(lambda: began.append(1), "too late")
    world.stop()
    assert began == []


def test_an_unhandled_error_comes_out_where_the_world_was_made(world):
    """What a thread fails with is raised by the wait of the first thread."""

    def fail():
        raise KeyError("by mistake")

    world.start(fail, "clumsy")
    with pytest.raises(KeyError, match="by mistake"):
        world.wait(lambda: False, 5.0)
    assert not world.wait(lambda: False, 5.0)
