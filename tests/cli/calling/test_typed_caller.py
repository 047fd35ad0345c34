"""The caller whose words are typed."""

from __future__ import annotations

import math

import pytest

from jambonz_sync.audio.wav import Sound
from jambonz_sync.cli.calling.lines import Order
from jambonz_sync.cli.calling.typed_caller import TypedCaller
from jambonz_sync.simulator import Entry, HangsUp, ModelSays, Presses, Says, WireMessage
from jambonz_sync.simulator.caller import REACTION
from jambonz_sync.simulator.sound_file import PlaysSound


class Made:
    """A caller, and what it has had done."""

    def __init__(self, *, interrupts: bool) -> None:
        self.done: list[Order] = []
        self.asked = 0
        self.caller = TypedCaller(interrupts=interrupts, do=self.done.append)
        self.caller.on_asked = self._count

    def _count(self) -> None:
        self.asked += 1

    @property
    def next_step(self) -> object:
        return self.caller.upcoming(0.0)[1]


@pytest.fixture(params=[True, False], ids=["typed", "prepared"])
def made(request):
    """Both kinds of callers."""
    return Made(interrupts=request.param)


def test_lines_in_order(made):
    """What is said and pressed comes in order, and whoever waits for it notices."""
    changed = []
    made.caller.on_change = lambda: changed.append(made.caller.changes)
    made.caller.take_line(Says("hello"))
    made.caller.take_line(Presses("1"))
    assert changed == [1, 2]
    when, step = made.caller.upcoming(3.0)
    assert (when, step.text) == (3.0 + REACTION, "hello")
    assert made.caller.unsaid == 2
    made.caller.take()
    assert made.next_step.keys == "1"
    made.caller.take()
    assert made.caller.upcoming(4.0) == (math.inf, None)
    assert made.caller.unsaid == 0


def test_who_interrupts():
    """Somebody who types breaks into what plays; a prepared caller listens."""
    for interrupts in (True, False):
        made = Made(interrupts=interrupts)
        made.caller.take_line(Says("hello"))
        assert (made.caller.interruption(0.0) is not None) is interrupts


def test_typed_orders_are_done_at_once():
    """What somebody orders who types is not put off by what is still to be said."""
    made = Made(interrupts=True)
    made.caller.take_line(Says("hello"))
    for name in ("drop", "hangup", "busy"):
        made.caller.take_line(Order(name))
    assert [order.name for order in made.done] == ["drop", "hangup", "busy"]


def test_prepared_orders_are_done_in_order():
    """An order of a prepared caller is done when the line before it is; the one to hang up waits to be asked."""
    made = Made(interrupts=False)
    for line in (Order("busy"), Says("hello"), Order("drop", 2.0), Order("wire"), Order("hangup")):
        made.caller.take_line(line)
    assert made.done == [Order("busy")]
    made.caller.take()
    assert made.done == [Order("busy"), Order("drop", 2.0), Order("wire")]
    assert made.next_step == HangsUp()


def test_asked(made):
    """A caller who has nothing to say tells that it is asked."""
    assert made.caller.asked(1.0) == (math.inf, None)
    assert made.asked == 1


def test_no_more_lines(made):
    """Behind the last line the caller hangs up."""
    made.caller.end_lines()
    assert made.next_step == HangsUp()


def test_leaving(made):
    """The caller can leave, whatever is to be said."""
    made.caller.take_line(Says("hello"))
    made.caller.leave(4.0)
    assert made.caller.leaves_at == 4.0


@pytest.mark.parametrize(
    ("what", "ends"),
    [
        (Entry(9.0, "app", "Are you there?"), True),
        (WireMessage(9.0, "in", {"type": "verb:hook", "hook": "/x", "data": {"reason": "timeout"}}), True),
        (WireMessage(9.0, "in", {"type": "call:status", "data": {}}), False),
        (WireMessage(9.0, "out", {"type": "ack", "data": {"reason": "timeout"}}), False),
        (WireMessage(9.0, "out", {"type": "ack"}), False),
        (Entry(9.0, "note", "silence"), False),
    ],
)
def test_silence(made, what, ends):
    """A silence lasts until the application has stopped waiting; what follows is said after that."""
    made.caller.take_line(Order("silence"))
    made.caller.take_line(Says("hello"))
    # It has not begun before the application waits.
    made.caller.notice(Entry(1.0, "app", "Say something."))
    assert made.next_step is None
    made.caller.asked(2.0)
    made.caller.notice(what)
    assert (made.next_step is not None) is ends


def test_what_the_model_does(made):
    """It is done by others: at once for somebody who types, in its turn for a prepared caller."""
    made.caller.take_line(Says("hello"))
    made.caller.take_line(ModelSays("Well?"))
    assert made.done == ([ModelSays("Well?")] if made.caller._interrupts else [])
    made.caller.take()
    assert made.done == [ModelSays("Well?")]


# Sounds

SOUND = PlaysSound("hello.wav", Sound(bytes(16_000), 8000))


def test_typed_sound():
    """Somebody who types has it played at once, and is not held up by it."""
    made = Made(interrupts=True)
    made.caller.take_line(Says("hello"))
    made.caller.take_line(SOUND)
    assert made.done == [SOUND]
    made.caller.begins_to_play(SOUND, 9.0)
    assert made.caller.upcoming(2.0)[0] == 2.0 + REACTION


def test_prepared_sound():
    """The lines behind it wait until it is heard, and are said when it is over."""
    made = Made(interrupts=False)
    for line in (Says("hello"), SOUND, Order("busy"), Presses("#")):
        made.caller.take_line(line)
    made.caller.end_lines()
    assert (made.done, made.caller.unsaid) == ([], 3)
    made.caller.take()
    assert (made.done, made.next_step, made.caller.unsaid) == ([SOUND], None, 2)
    made.caller.asked(1.0)
    changes = made.caller.changes
    made.caller.begins_to_play(SOUND, 9.0)
    assert made.caller.changes > changes
    assert made.done == [SOUND, Order("busy")]
    when, step = made.caller.upcoming(2.0)
    assert (when, step) == (9.0 + REACTION, Presses("#"))
    assert made.caller.unsaid == 1


def test_sound_that_is_no_line():
    """What plays by itself puts off what is said, and lets nothing go on that waits for another sound."""
    made = Made(interrupts=False)
    for line in (Says("hello"), SOUND, Presses("#")):
        made.caller.take_line(line)
    made.caller.begins_to_play(PlaysSound("other.wav", SOUND.sound), 3.0)
    assert made.caller.upcoming(1.0) == (3.0 + REACTION, Says("hello"))
    made.caller.take()
    made.caller.begins_to_play(PlaysSound("other.wav", SOUND.sound), 6.0)
    assert made.next_step is None


def test_silence_behind_a_sound():
    """Behind a sound a silence waits until the application is heard; before it has begun nothing is waited for."""
    made = Made(interrupts=False)
    for line in (SOUND, Order("silence"), Presses("#")):
        made.caller.take_line(line)
    made.caller.asked(1.0)
    made.caller.notice(Entry(1.5, "app", "Hello?"))
    made.caller.begins_to_play(SOUND, 3.0)
    assert made.next_step is None
    made.caller.notice(Entry(4.0, "app", "(streamed audio)"))
    assert made.next_step == Presses("#")
