"""Who would take an event."""

from __future__ import annotations

from jambonz_sync.protocol.interest import Interest

from .conversation import event_of


def test_nobody_is_blocked_and_nothing_is_wanted_at_first():
    """A thread in the application's own code may come for anything, but waits for nothing."""
    interest = Interest()
    assert not interest.is_blocked
    assert not interest.wants(event_of(hook="/menu").names)


def test_a_wait_blocks_and_wants_its_names():
    """While it lasts, and no longer; a wait inside another does not end what the outer one wants."""
    interest = Interest()
    interest.begin_wait(frozenset({"/menu"}))
    interest.begin_wait(frozenset())
    assert interest.is_blocked
    assert interest.wants(event_of(hook="/menu").names)
    assert not interest.wants(event_of(hook="/other").names)
    interest.end_wait()
    assert interest.is_blocked
    interest.end_wait()
    assert not interest.is_blocked
    assert not interest.wants(event_of(hook="/menu").names)


def test_a_handler_wants_its_name_and_blocks_nobody():
    """A handler takes its events whenever the thread waits, until none does any more."""
    interest = Interest()
    interest.handle("/menu")
    assert not interest.is_blocked
    assert interest.wants(event_of(hook="/menu").names)
    interest.handle_nothing()
    assert not interest.wants(event_of(hook="/menu").names)


def test_a_function_that_has_returned_comes_for_nothing():
    """After its return only handlers take events."""
    interest = Interest()
    interest.returned()
    assert interest.is_blocked


def test_what_the_innermost_wait_is_for():
    """Of nested waits the innermost is the one the thread is in."""
    interest = Interest()
    assert interest.awaited == frozenset()
    interest.begin_wait(frozenset({"/a"}))
    interest.begin_wait(frozenset({"/b"}))
    assert interest.awaited == {"/b"}
    interest.end_wait()
    assert interest.awaited == {"/a"}
