"""Queues, their order, and the conversations they lead to."""

from __future__ import annotations

import contextlib

import pytest

from jambonz_sync.simulator.queues import Place, Queue


class Changes:
    """Counts the changes of what is shared."""

    def __init__(self) -> None:
        self.count = 0

    @contextlib.contextmanager
    def __call__(self):
        yield
        self.count += 1


@pytest.fixture
def changes():
    return Changes()


@pytest.fixture
def queue(changes):
    return Queue("queue:a:b", changes)


def test_order(queue):
    """Who came first is taken first."""
    first, second = Place("first"), Place("second")
    queue.enter(first)
    queue.enter(second)
    assert (queue.size, queue.position(first), queue.position(second)) == (2, 0, 1)
    assert queue.take("agent").taken == "first"
    assert (queue.size, queue.position(second)) == (1, 0)


def test_priority(queue):
    """A lower priority is taken earlier; who has none comes last."""
    for place in (Place("usual"), Place("two", priority=2), Place("one", priority=1), Place("also two", priority=2)):
        queue.enter(place)
    assert [queue.take("agent").taken for _ in range(4)] == ["one", "two", "also two", "usual"]


def test_empty(queue):
    """Nobody can be taken from an empty queue."""
    assert queue.take("agent") is None


def test_call_sid(queue):
    """A call can be taken out of turn."""
    queue.enter(Place("first", "sid-1"))
    queue.enter(Place("second", "sid-2"))
    assert queue.take("agent", call_sid="sid-3") is None
    assert queue.take("agent", call_sid="sid-2").taken == "second"


def test_leave(queue):
    """Who leaves is not taken; leaving twice is no harm."""
    place = Place("first")
    queue.enter(place)
    queue.leave(place)
    queue.leave(place)
    assert (queue.size, queue.position(place)) == (0, 0)
    assert place.bridge is None


def test_bridge(queue):
    """Who is taken knows by whom, and either of the two ends the conversation."""
    place = Place("caller")
    queue.enter(place)
    bridge = queue.take("agent")
    assert (place.bridge, bridge.taker, bridge.works, bridge.over) == (bridge, "agent", True, False)
    queue.leave(place)
    assert bridge.over


@pytest.mark.parametrize(("place_works", "taker_works"), [(False, True), (True, False)])
def test_no_bridge(queue, place_works, taker_works):
    """A conversation works if both can be connected."""
    queue.enter(Place("caller", works=place_works))
    assert not queue.take("agent", works=taker_works).works


def test_changes(queue, changes):
    """Whatever changes a queue or a conversation is made known, once."""
    place = Place("caller")
    queue.enter(place)
    bridge = queue.take("agent")
    before = changes.count
    bridge.hang_up()
    bridge.hang_up()
    assert (before, changes.count) == (2, 3)
