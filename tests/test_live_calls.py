"""Which calls there are, and to which of them a connection belongs."""

from __future__ import annotations

import json
import logging
import threading
from typing import Any

import pytest

from jambonz_sync import live_calls
from jambonz_sync.conversation import Conversation
from jambonz_sync.live_calls import LiveCalls, return_name
from jambonz_sync.protocol.call import Call
from jambonz_sync.protocol.message import parse
from tests.transport.peers import TIMEOUT, Background, eventually

LOG = logging.getLogger("jambonz_sync.tests.live_calls")


class Door:
    """A connection that counts how often it is given up."""

    def __init__(self) -> None:
        self.shuts = 0

    def shut(self) -> None:
        self.shuts += 1


def conversation(*, dropped: bool = False) -> Conversation:
    """A call of this thread that has begun, and has lost its connection or not."""
    call = Call(reconnect_timeout=60.0)
    call.receive(json.dumps({"type": "session:new", "msgid": "m1", "call_sid": "c1", "data": {"call_sid": "c1"}}))
    if dropped:
        call.closed(1006, "")
    return Conversation(call, LOG)


def foreign() -> Conversation:
    """A call of another thread."""
    made: Conversation = Background(conversation).result()
    made.owner = -1
    return made


def first(kind: str, *, sid: str | None = None, data: dict[str, Any] | None = None) -> Any:
    """The first message of a connection."""
    return parse(json.dumps({"type": kind, "msgid": "m1", "call_sid": sid, "data": data or {}}))


# The name


@pytest.mark.parametrize("kind", ["session:new", "session:reconnect", "session:adulting", "call:status"])
def test_the_name_is_the_sid(kind: str) -> None:
    """Of the message, or else of its data, which is all there is before an outbound call is answered."""
    assert return_name(first(kind, sid="c1", data={"call_sid": "leg"}), "/app") == "c1"
    assert return_name(first(kind, data={"call_sid": "c1"}), "/app") == "c1"


@pytest.mark.parametrize("data", [{}, {"call_sid": None}, {"call_sid": ""}, {"call_sid": 7}, {"call_sid": ["c1"]}])
def test_without_a_sid_the_name_is_what_jambonz_connects_to(data: dict[str, Any]) -> None:
    """A message session has no sid, and what comes back for a redirected call has none."""
    assert return_name(first("session:reconnect", data=data), "/app?token=1") == "/app?token=1"


def test_the_name_of_a_redirected_call() -> None:
    """The sid is there, but will not be repeated."""
    assert return_name(first("session:redirect", sid="c1", data={"call_sid": "c1"}), "/app?token=1") == "/app?token=1"


def test_the_name_where_nothing_was_said() -> None:
    """A connection without a message, or with one that cannot be read."""
    assert return_name(None, "/app") == "/app"


# Connections


def test_a_door_is_waited_on() -> None:
    """While it says nothing it is given up when no more calls are taken; then nobody is waited on."""
    calls, door, early, late = LiveCalls(), Door(), Door(), Door()
    assert calls.expect(early)
    calls.forget(early)
    assert calls.expect(door)
    calls.close()
    assert (door.shuts, early.shuts) == (1, 0)
    assert not calls.expect(late)
    calls.close()
    assert late.shuts == 0


def test_calls_are_taken_again() -> None:
    """An endpoint that starts again takes connections and calls."""
    calls, one = LiveCalls(), conversation()
    calls.close()
    assert not calls.add(one, "c1", "/x")
    assert calls.all() == []
    calls.open()
    assert calls.expect(Door())
    assert calls.add(one, "c1", "/x")
    assert calls.all() == [one]


def test_the_end_waits_for_doors() -> None:
    """A connection that has not been given up yet may still become a call."""
    calls, door = LiveCalls(), Door()
    calls.expect(door)
    assert not calls.wait_for_end(0.0)
    waiting = Background(lambda: calls.wait_for_end(TIMEOUT))
    eventually(lambda: calls._changed._waiters)  # type: ignore[attr-defined]
    assert waiting.is_alive()
    calls.forget(door)
    assert waiting.result() is True


def test_the_end_waits_for_calls() -> None:
    """Of other threads: a handler that stops the endpoint is not waited for, since it waits for this."""
    calls, own, other = LiveCalls(), conversation(), foreign()
    calls.add(own, "c1", "/x")
    assert calls.wait_for_end(0.0)
    calls.add(other, "c2", "/x")
    assert not calls.wait_for_end(0.0)
    own_thread_is_elsewhere = Background(lambda: calls.wait_for_end(0.0))
    assert own_thread_is_elsewhere.result() is False
    calls.remove(other, "c2")
    assert calls.wait_for_end(0.0)


def test_a_door_that_opens_while_all_is_closed() -> None:
    """Of many connections that come while calls are no longer taken, each is given up or was not waited on."""
    for _ in range(50):
        calls, doors, start = LiveCalls(), [Door() for _ in range(4)], threading.Barrier(5)

        def come(door: Door, calls: LiveCalls = calls, start: threading.Barrier = start) -> bool:
            start.wait(TIMEOUT)
            return calls.expect(door) is not None

        coming = [Background(lambda door=door: come(door)) for door in doors]  # type: ignore[misc]
        start.wait(TIMEOUT)
        calls.close()
        for door, one in zip(doors, coming, strict=True):
            assert one.result() is bool(door.shuts)


def test_the_oldest_door_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of too many that say nothing it is shut, once, and waited on no more; those that have spoken do not count."""
    monkeypatch.setattr(live_calls, "_MOST_DOORS", 2)
    calls = LiveCalls()
    doors = early, first, second, third, fourth = [Door() for _ in range(5)]
    calls.expect(early)
    calls.forget(early)
    assert all(calls.expect(door) for door in (first, second))
    assert [door.shuts for door in doors] == [0, 0, 0, 0, 0]
    assert calls.expect(third)
    assert [door.shuts for door in doors] == [0, 1, 0, 0, 0]
    calls.forget(first)
    assert calls.expect(fourth)
    assert [door.shuts for door in doors] == [0, 1, 1, 0, 0]
    calls.close()
    assert [door.shuts for door in doors] == [0, 1, 1, 1, 1]
    assert not calls.wait_for_end(0.0)
    for door in (second, third, fourth):
        calls.forget(door)
    assert calls.wait_for_end(0.0)


def test_doors_do_not_shut_out_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many are open, a call is held, and keeps its place."""
    monkeypatch.setattr(live_calls, "_MOST_DOORS", 1)
    calls, one = LiveCalls(), conversation()
    for _ in range(5):
        calls.expect(Door())
    assert calls.add(one, "c1", "/x")
    assert calls.take_seat(one, 1)
    assert calls.expect(Door())
    assert calls.all() == [one]
    assert len(calls) == 1


def test_a_door_that_rings_makes_room() -> None:
    """It counts no more among those that say nothing, and is waited on until it is forgotten."""
    calls, door = LiveCalls(), Door()
    calls.expect(door)
    calls.rings(door)
    calls.rings(door)
    assert (list(calls._doors), list(calls._ringing)) == ([], [door])
    calls.forget(door)
    assert not calls._ringing


def test_a_door_that_rings_is_not_shut_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many come after it and say nothing."""
    monkeypatch.setattr(live_calls, "_MOST_DOORS", 2)
    calls, ringing = LiveCalls(), Door()
    calls.expect(ringing)
    calls.rings(ringing)
    silent = [Door() for _ in range(3)]
    for door in silent:
        calls.expect(door)
    assert ringing.shuts == 0
    assert [door.shuts for door in silent] == [1, 0, 0]


def test_the_oldest_that_rings_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of too many that ring it is shut, once."""
    monkeypatch.setattr(live_calls, "_MOST_RINGING", 2)
    calls = LiveCalls()
    doors = [Door() for _ in range(4)]
    for door in doors:
        calls.expect(door)
        calls.rings(door)
    assert [door.shuts for door in doors] == [1, 1, 0, 0]


# Seats


def test_a_seat_is_taken_when_the_session_begins() -> None:
    """What is held is counted from then on, until it is over."""
    calls, one = LiveCalls(), conversation()
    calls.add(one, "c1", "/x")
    assert len(calls) == 0
    assert calls.take_seat(one, None)
    assert len(calls) == 1
    calls.remove(one, "c1")
    assert len(calls) == 0


def test_no_seat_is_left() -> None:
    """As many as may be counted are; one that found no room takes none, and its end frees none."""
    calls = LiveCalls()
    one, two, three, four = (conversation() for _ in range(4))
    for name, each in enumerate((one, two, three, four)):
        calls.add(each, str(name))
    assert [calls.take_seat(each, 2) for each in (one, two, three)] == [True, True, False]
    assert len(calls) == 2
    calls.remove(three, "2")
    assert not calls.take_seat(four, 2)
    calls.remove(one, "0")
    assert calls.take_seat(four, 2)
    assert len(calls) == 2


def test_some_find_room_always() -> None:
    """Without a limit there is a seat, which counts against that of others."""
    calls = LiveCalls()
    one, two, three = (conversation() for _ in range(3))
    for name, each in enumerate((one, two, three)):
        calls.add(each, str(name))
    assert calls.take_seat(one, 1)
    assert calls.take_seat(two, None)
    assert len(calls) == 2
    calls.remove(one, "0")
    assert not calls.take_seat(three, 1)


def test_seats_on_many_threads() -> None:
    """Never more than there are, whoever comes first."""
    calls, start = LiveCalls(), threading.Barrier(8)

    def come(name: str) -> bool:
        one = conversation()
        calls.add(one, name)
        start.wait(TIMEOUT)
        return calls.take_seat(one, 3)

    coming = [Background(lambda name=str(number): come(name)) for number in range(8)]  # type: ignore[misc]
    assert sum(one.result() for one in coming) == 3
    assert len(calls) == 3


# Those that have not spoken


def comes(calls: LiveCalls, door: Door) -> int:
    """A connection comes; returns its place."""
    place = calls.expect(door)
    assert place is not None
    return place


def lets_speak(calls: LiveCalls, place: int) -> Background:
    """A thread that waits for those that came before this place, for longer than any test takes."""
    waiting = Background(lambda: calls.let_speak(place, 100 * TIMEOUT))
    eventually(lambda: place in [listener.place for listener in calls._listeners])
    return waiting


def test_those_before_are_let_speak() -> None:
    """Who waits goes on when the last of those that came before has spoken, and not for those that came behind."""
    calls, first, second, late = LiveCalls(), Door(), Door(), Door()
    comes(calls, first)
    comes(calls, second)
    one, other = Door(), Door()
    places = [comes(calls, one), comes(calls, other)]
    comes(calls, late)
    # Not in the order they came.
    waiting = [lets_speak(calls, place) for place in reversed(places)]
    calls.forget(first)
    calls.forget(other)
    calls.forget(one)
    assert len(calls._listeners) == 2
    calls.rings(second)
    for each in waiting:
        each.result()
    assert not calls._listeners


def test_nobody_to_let_speak() -> None:
    """Whoever was first need not wait, whatever has come since."""
    calls, own = LiveCalls(), Door()
    place = comes(calls, own)
    calls.forget(own)
    comes(calls, Door())
    calls.let_speak(place, 100 * TIMEOUT)
    assert not calls._listeners


def test_the_silent_are_not_waited_for_without_end() -> None:
    """Patience has an end, and nothing is left of the wait when the silent one is gone."""
    calls, silent, own = LiveCalls(), Door(), Door()
    comes(calls, silent)
    calls.let_speak(comes(calls, own), 0.01)
    calls.forget(own)
    calls.forget(silent)
    assert not calls._listeners


def test_who_gives_way_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that is shut since there are too many will say nothing."""
    monkeypatch.setattr(live_calls, "_MOST_DOORS", 1)
    calls, own = LiveCalls(), Door()
    comes(calls, Door())
    waiting = lets_speak(calls, 1_000)
    comes(calls, own)
    calls.forget(own)
    waiting.result()


# Calls


def test_all() -> None:
    """The calls are a snapshot."""
    calls, one, two = LiveCalls(), conversation(), conversation()
    calls.add(one, "c1", "/x")
    before = calls.all()
    calls.add(two, "c2", "/x")
    assert before == [one]
    assert calls.all() == [one, two]


def test_nothing_is_left_of_a_call() -> None:
    """Neither of one that had its name for itself, nor of one that shared it."""
    calls, one, two = LiveCalls(), conversation(), conversation()
    calls.add(one, "c1", "/x")
    calls.add(two, "c1", "/x")
    calls.remove(one, "c1")
    assert calls.find("c1") is two
    calls.take_seat(two, None)
    calls.remove(two, "c1")
    assert len(calls) == 0
    assert not calls._by_name
    assert not calls._conversations


def test_find_none() -> None:
    """A connection for a call that this process does not hold."""
    calls = LiveCalls()
    calls.add(conversation(), "c1")
    assert calls.find("c2") is None


@pytest.mark.parametrize("dropped", [True, False])
def test_find_one(dropped: bool) -> None:
    """There is one: it is meant, whether its loss has been noticed or not."""
    calls, one = LiveCalls(), conversation(dropped=dropped)
    calls.add(one, "c1", "/x")
    assert calls.find("c1") is one


def test_find_the_one_that_is_lost() -> None:
    """Of several with one name the one whose loss has been noticed is meant."""
    calls, lost = LiveCalls(), conversation(dropped=True)
    for one in (conversation(), lost, conversation()):
        calls.add(one, "/app")
    assert calls.find("/app") is lost


def test_find_the_one_that_is_not_over() -> None:
    """A call that is over, and whose handler has not returned yet, is not the one that goes on."""
    calls, over, one = LiveCalls(), conversation(), conversation()
    with over.turn() as call:
        call.close(4000, "closed by the application")
    calls.add(over, "c1", "/x")
    assert calls.find("c1") is None
    calls.add(one, "c1", "/x")
    assert calls.find("c1") is one


@pytest.mark.parametrize("dropped", [True, False])
def test_no_telling_which(dropped: bool) -> None:
    """Of several alike none is found: a caller must not come into another's call."""
    calls = LiveCalls()
    for _ in range(2):
        calls.add(conversation(dropped=dropped), "/app")
    assert calls.find("/app") is None


def test_find_within_a_service() -> None:
    """Of one service the calls of another are not found, whatever their names."""
    calls, one = LiveCalls(), conversation(dropped=True)
    calls.add(one, "c1", "/app")
    assert calls.find("c1", "/app") is one
    assert calls.find("c1", "/other") is None
    assert calls.find("c1") is one


@pytest.mark.parametrize(("name", "found"), [("c1", True), ("/app?token=1", True), ("/app", False)])
def test_find_one_that_seems_to_be_up(name: str, found: bool) -> None:
    """Not under a bare path: what comes back may be another call, of another process, which has the same."""
    calls, one = LiveCalls(), conversation()
    calls.add(one, name, "/app")
    assert (calls.find(name, "/app") is one) is found


def test_find_one_that_is_lost_under_a_bare_path() -> None:
    """Among those that seem to be up it is the one that jambonz comes back for."""
    calls, up, lost = LiveCalls(), conversation(), conversation(dropped=True)
    calls.add(up, "/app", "/app")
    calls.add(lost, "/app", "/app")
    assert calls.find("/app", "/app") is lost


# Sessions


class Session:
    """What is looked at of a session."""

    def __init__(self, call_sid: str | None) -> None:
        self.call_sid = call_sid


def test_sessions_by_sid() -> None:
    """A call has its place until it is taken back; the mapping is a snapshot that cannot be changed."""
    calls, one = LiveCalls(), Session("c1")
    name = calls.name(one)  # type: ignore[arg-type]
    before = calls.sessions
    assert dict(before) == {"c1": one}
    with pytest.raises(TypeError):
        before["c2"] = one  # type: ignore[index]
    calls.unname(name, one)  # type: ignore[arg-type]
    assert dict(calls.sessions) == {}
    assert dict(before) == {"c1": one}


def test_sessions_without_sid() -> None:
    """Each has a place of its own."""
    calls, one, two = LiveCalls(), Session(None), Session(None)
    names = [calls.name(one), calls.name(two)]  # type: ignore[arg-type]
    assert set(calls.sessions.values()) == {one, two}
    calls.unname(names[0], one)  # type: ignore[arg-type]
    assert list(calls.sessions.values()) == [two]


def test_a_place_taken_by_another() -> None:
    """The end of the first session does not take away the place of the second."""
    calls, one, two = LiveCalls(), Session("c1"), Session("c1")
    name = calls.name(one)  # type: ignore[arg-type]
    calls.name(two)  # type: ignore[arg-type]
    calls.unname(name, one)  # type: ignore[arg-type]
    assert calls.sessions["c1"] is two
