"""One question of jambonz."""

from __future__ import annotations

import gc
import weakref

import pytest

from jambonz_sync.protocol.asking import Asking, State
from jambonz_sync.protocol.hooks import HookKind

from .conversation import event_of, say


def asking_of(kind: HookKind = HookKind.ACTION) -> Asking:
    return Asking("m1", "/menu", kind, 1004.0, event_of(hook="/menu"))


def test_new_question_is_open_and_taken_by_nobody():
    """A question begins open, untaken, and with nothing known to stand behind it."""
    asking = asking_of()
    assert asking.is_open
    assert (asking.msgid, asking.name, asking.due) == ("m1", "/menu", 1004.0)
    assert not asking.taken
    assert not asking.in_list
    assert asking.behind == asking.frozen == ()


def test_question_knows_its_event_and_does_not_have_it():
    """An event and its question are freed by counting references alone."""
    event = event_of(hook="https://example.com/menu")
    event.asking = Asking("m1", "/menu", HookKind.ACTION, 1004.0, event)
    assert (event.asking.type, event.asking.names) == (event.type, event.names)
    freed = weakref.ref(event.asking)
    gc.disable()
    try:
        del event
        assert freed() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("state", [State.SETTLED, State.ANSWERED, State.LOST])
def test_question_is_open_only_before_any_ack(state):
    """A stand-in, an answer and a loss each close the question."""
    asking = asking_of()
    asking.state = state
    assert not asking.is_open


HOLDING = (HookKind.ACTION, HookKind.BARGE_IN, HookKind.SESSION)


@pytest.mark.parametrize("kind", HOLDING)
def test_open_end_of_a_verb_holds_the_queue(kind):
    """jambonz stands still while it waits for the answer to an action hook, a barge-in or a redirect."""
    assert asking_of(kind).holds_queue


@pytest.mark.parametrize("kind", [kind for kind in HookKind if kind not in HOLDING])
def test_open_hook_of_another_kind_does_not_hold_the_queue(kind):
    """Hooks of other kinds leave the queue alone."""
    assert not asking_of(kind).holds_queue


def test_settled_action_hook_holds_the_queue_only_while_verbs_are_frozen():
    """After the stand-in the queue goes on, unless the stand-in has frozen it."""
    asking = asking_of()
    asking.state = State.SETTLED
    assert not asking.holds_queue
    asking.frozen = (say(),)
    assert asking.holds_queue


def test_questions_are_compared_by_identity():
    """Two questions of the same msgid are two questions, and can be keys of a dict."""
    assert asking_of() != asking_of()
    assert len({asking_of(), asking_of()}) == 2
