"""The events of a call that its handler has not taken yet."""

from __future__ import annotations

import pytest

from jambonz_sync.protocol.asking import Asking, State
from jambonz_sync.protocol.event import Event
from jambonz_sync.protocol.hooks import HookKind
from jambonz_sync.protocol.mailbox import Mailbox

from .conversation import event_of


def status() -> Event:
    return event_of("call:status")


def question(name: str = "/menu", state: State = State.OPEN) -> Event:
    event = event_of(hook=name)
    event.asking = Asking("m", name, HookKind.ACTION, 0.0, event)
    event.asking.state = state
    return event


def fill(mailbox: Mailbox, *events: Event, size: int = 10, minor: bool = True) -> int:
    return sum(mailbox.put(event, size, minor=minor) for event in events)


# Order and names


def test_empty():
    """Nothing is in a new mailbox."""
    mailbox = Mailbox()
    assert len(mailbox) == 0
    assert mailbox.take(["*"]) is None


def test_take_in_order_of_arrival():
    """Events of one name come out in the order they came in."""
    mailbox, events = Mailbox(), [status() for _ in range(5)]
    fill(mailbox, *events)
    assert [mailbox.take(["call:status"]) for _ in events] == events
    assert len(mailbox) == 0


def test_take_the_first_of_several_names():
    """Of several names the event that came first is taken, wherever its name stands."""
    mailbox, first, second = Mailbox(), event_of(hook="/b"), event_of(hook="/a")
    fill(mailbox, first, second)
    assert mailbox.take(["/a", "/b"]) is first
    assert mailbox.take(["/a", "/b"]) is second


def test_take_leaves_the_others():
    """An event of another name stays where it is."""
    mailbox, other, wanted = Mailbox(), status(), event_of(hook="/a")
    fill(mailbox, other, wanted)
    assert mailbox.take(["/a"]) is wanted
    assert mailbox.take(["/a"]) is None
    assert mailbox.take(["*"]) is other


@pytest.mark.parametrize("name", ["/a", "verb:hook", "*"])
def test_taken_under_any_of_its_names(name):
    """Taken under one name, an event is gone under all."""
    mailbox = Mailbox()
    fill(mailbox, event_of(hook="/a"))
    assert mailbox.take([name]) is not None
    assert [mailbox.take([other]) for other in ("/a", "verb:hook", "*")] == [None, None, None]


def test_take_accepts_any_iterable():
    """The names may be an iterator."""
    mailbox = Mailbox()
    fill(mailbox, status())
    assert mailbox.take(iter(["/a", "call:status"])) is not None


def test_minor_and_major_share_one_order():
    """Whether an event may be dropped has no influence on its turn."""
    mailbox, events = Mailbox(), [status(), question(), status()]
    for event in events:
        mailbox.put(event, 10, minor=event.type == "call:status")
    assert len(mailbox) == 3
    assert [mailbox.take(["*"]) for _ in events] == events


# Bounds


def test_minor_events_are_bounded_by_number():
    """Of what can be missed only the newest are kept."""
    mailbox, events = Mailbox(limit=3), [status() for _ in range(5)]
    assert fill(mailbox, *events) == 2
    assert mailbox.dropped == 2
    assert [mailbox.take(["*"]) for _ in range(4)] == [*events[2:], None]


def test_limit_is_inclusive():
    """Exactly as many as the limit are kept."""
    mailbox = Mailbox(limit=3)
    assert fill(mailbox, status(), status(), status()) == 0
    assert len(mailbox) == 3


def test_major_events_are_not_bounded_by_number():
    """Hooks do not count against the limit and are not dropped for it."""
    mailbox = Mailbox(limit=1)
    assert fill(mailbox, *[question() for _ in range(100)], minor=False) == 0
    assert fill(mailbox, status(), status()) == 1
    assert len(mailbox) == 101


def test_minor_events_are_bounded_by_bytes():
    """Big events are dropped before their number is reached, the oldest first."""
    mailbox, events = Mailbox(max_bytes=10_000), [status() for _ in range(5)]
    assert fill(mailbox, *events, size=3_000) == 3
    assert mailbox.take(["*"]) is events[3]


def test_small_events_count_for_more_than_their_text():
    """What an event costs beside its text counts too."""
    mailbox = Mailbox(max_bytes=10_000)
    fill(mailbox, *[status() for _ in range(100)], size=0)
    assert len(mailbox) == 10


def test_minor_go_before_answered_hooks():
    """Hooks that were answered for the handler are dropped only when nothing lesser is left."""
    mailbox, hook = Mailbox(max_bytes=5_000), question(state=State.SETTLED)
    fill(mailbox, hook, size=2_000, minor=False)
    fill(mailbox, status(), status(), size=1_000)
    assert mailbox.dropped == 1
    assert mailbox.take(["/menu"]) is hook


@pytest.mark.parametrize("state", [State.SETTLED, State.ANSWERED, State.LOST])
def test_answered_hooks_are_bounded_by_bytes(state):
    """Hooks whose answer is out are dropped, the oldest first, when all events together are too big."""
    mailbox, hooks = Mailbox(max_bytes=10_000), [question(state=state) for _ in range(5)]
    assert fill(mailbox, *hooks, size=3_000, minor=False) == 3
    assert mailbox.take(["*"]) is hooks[3]


def test_events_that_ask_nothing_count_as_answered():
    """A major event without a question may be dropped like an answered hook."""
    mailbox = Mailbox(max_bytes=3_000)
    assert fill(mailbox, status(), status(), size=1_000, minor=False) == 1


def test_open_hooks_are_never_dropped():
    """A hook whose answer is open stays, however big everything is."""
    mailbox, hooks = Mailbox(max_bytes=10_000), [question() for _ in range(5)]
    assert fill(mailbox, *hooks, size=30_000, minor=False) == 0
    assert [mailbox.take(["*"]) for _ in hooks] == hooks


def test_answered_hook_behind_open_ones_is_dropped():
    """An answered hook is found behind open ones."""
    mailbox, kept, answered = Mailbox(max_bytes=3_000), question(), question(state=State.SETTLED)
    fill(mailbox, kept, answered, size=1_000, minor=False)
    assert mailbox.dropped == 1
    assert mailbox.take(["*"]) is kept
    assert mailbox.take(["*"]) is None


def test_event_bigger_than_everything():
    """An event that alone passes the bound is dropped itself."""
    mailbox = Mailbox(max_bytes=10_000)
    assert fill(mailbox, status(), size=10_000) == 1
    assert len(mailbox) == 0


def test_taking_makes_room():
    """What was taken does not count any more."""
    mailbox = Mailbox(limit=2, max_bytes=5_000)
    for _ in range(100):
        fill(mailbox, status(), size=3_000)
        assert mailbox.take(["*"]) is not None
    assert mailbox.dropped == 0


def test_names_leave_with_their_events():
    """A mailbox that saw many names keeps none of those that are gone."""
    mailbox = Mailbox(limit=1)
    for number in range(1_000):
        fill(mailbox, event_of(hook=f"/{number}"))
    assert len(mailbox._by_name) == 3


def test_has():
    """A mailbox tells whether there is something of a name, and keeps it."""
    mailbox = Mailbox()
    assert not mailbox.has(("call:status",))
    fill(mailbox, status())
    assert mailbox.has(("/other", "call:status"))
    assert mailbox.take(("call:status",)) is not None
    assert not mailbox.has(("call:status",))
