"""Conferences: who is in them, and who hears whom."""

from __future__ import annotations

import contextlib

import pytest

from jambonz_sync.simulator.rooms import Member, Room


@pytest.fixture
def closed():
    return []


@pytest.fixture
def room(closed):
    return Room("conf:a:b", "b", contextlib.nullcontext, closed.append, reports=None, age=lambda: 2.5)


def joined(room: Room, **options) -> Member:
    member = Member("somebody", **options)
    room.join(member)
    return member


def heard(member: Member) -> list[str]:
    """What a member has heard since it was asked last."""
    words = [what for who, what in member.news if "the conference" not in what]
    member.news.clear()
    return words


def test_join_and_leave(room, closed):
    """The others notice who joins and leaves; with the last one the conference is over."""
    first = joined(room)
    second = joined(room)
    assert list(first.news) == [("callee", "joins the conference")]
    assert room.leave(second) == 1
    assert list(first.news)[1:] == [("callee", "leaves the conference")]
    assert not second.news
    assert (first.inside, second.inside, closed) == (True, False, [])
    assert room.leave(first) == 0
    assert closed == [room]


def test_never_joined(room, closed):
    """Who has begun a conference and then does not join it leaves nobody behind, and ends it for nobody."""
    joined(room)
    assert room.leave(Member("another", ends=True)) == 1
    assert closed == []


def test_end(room, closed):
    """Who ends the conference puts all others out."""
    members = [joined(room), joined(room)]
    leader = joined(room, ends=True)
    assert room.leave(leader) == 2
    assert [member.inside for member in members] == [False, False]
    assert closed == [room]
    assert room.leave(members[0]) == 0


def test_speech(room):
    """All others hear what somebody says."""
    speaker, listener = joined(room), joined(room)
    assert room.speak(speaker, "hello")
    assert (heard(speaker), heard(listener)) == ([], ["hello"])


@pytest.mark.parametrize("how", ["muted", "held"])
def test_not_heard(room, how):
    """Who is muted or on hold is heard by nobody."""
    speaker, listener = joined(room, **{how: True}), joined(room)
    assert not room.speak(speaker, "hello")
    assert heard(listener) == []


def test_on_hold(room):
    """Who is on hold hears nobody, and no announcement."""
    speaker, listener = joined(room), joined(room, held=True)
    assert room.speak(speaker, "hello")
    room.announce(speaker, "The next speaker, please.")
    assert heard(listener) == []


def test_coaching(room):
    """Who speaks to one tag only is heard by those who have it."""
    coach, agent, customer = joined(room, speaks_only_to="agent"), joined(room, tag="agent"), joined(room)
    room.speak(coach, "offer a discount")
    assert (heard(agent), heard(customer)) == (["offer a discount"], [])


def test_mute_all_but_moderators(room):
    """Moderators are not silenced with the others."""
    leader, member = joined(room, moderator=True), joined(room)
    room.mute_all_but_moderators(True)
    assert (leader.muted, member.muted) == (False, True)
    room.mute_all_but_moderators(False)
    assert not member.muted


def test_announcement(room):
    """The others hear what one member's application plays to all."""
    first, second = joined(room), joined(room)
    second.news.clear()
    room.announce(first, "Welcome.")
    assert (heard(first), list(second.news)) == ([], [("app", "Welcome.")])


def test_time(room):
    """The time of day is that of the beginning and the age."""
    began, later = room.time(0.0), room.time(61.25)
    assert began.endswith("Z")
    assert len(began) == len("2026-03-04T09:30:05.412Z")
    assert began < later
