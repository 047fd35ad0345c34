"""The legs that a call has dialled."""

from __future__ import annotations

import dataclasses

import pytest

from jambonz_sync.protocol.legs import MOST_LEGS, Leg, Legs, leg_of
from jambonz_sync.protocol.message import parse

from .conversation import LEG, SID, Conversation, text_of


def message(sid=LEG, kind="call:status", **data):
    return parse(text_of(kind, data={"call_sid": sid, **data}))


@pytest.mark.parametrize("kind", ["call:status", "verb:hook", "dial:confirm", "session:redirect", "session:adulting"])
def test_about_a_leg(kind):
    """A message with the sid of another call is about a leg, one with the call's own is not."""
    assert leg_of(message(kind=kind), SID) == LEG
    assert leg_of(message(SID, kind=kind), SID) is None


@pytest.mark.parametrize("kind", ["llm:event", "llm:tool-call", "session:reconnect", "verb:status"])
def test_others(kind):
    """In other messages a ``call_sid`` may be anything."""
    assert leg_of(message(kind=kind), SID) is None


@pytest.mark.parametrize("sid", [None, 7, ["x"]])
def test_no_sid(sid):
    """What is no sid names no leg."""
    assert leg_of(message(sid), SID) is None


def test_before_the_call_is_known():
    """Before the call's own sid is known nothing is another's."""
    assert leg_of(message(), None) is None


def test_what_is_known():
    """Each message brings what it says; what it does not say stays."""
    legs = Legs()
    legs.note("a", message("a", to="+1555", call_status="trying"))
    legs.note("b", message("b"))
    legs.note("a", message("a", call_status="ringing"))
    assert dict(legs.known) == {"a": Leg("a", "+1555", "ringing"), "b": Leg("b", "", None)}
    legs.note("a", message("a", to=7, call_status=202))
    assert legs.known["a"] == Leg("a", "+1555", "ringing")


@pytest.mark.parametrize(
    ("status", "ended"),
    [(None, False), ("ringing", False), ("in-progress", False), ("completed", True), ("busy", True)],
)
def test_ended(status, ended):
    """The final statuses end it."""
    assert Leg("a", "", status).ended is ended


def test_reading():
    """What was read stays as it was, and cannot be changed."""
    legs = Legs()
    legs.note("a", message("a", call_status="trying"))
    before = legs.known
    legs.note("a", message("a", call_status="ringing"))
    assert before["a"].status == "trying"
    with pytest.raises(TypeError):
        before["b"] = Leg("b")
    with pytest.raises(dataclasses.FrozenInstanceError):
        before["a"].status = "busy"


def test_nothing_new():
    """A message that says nothing new changes nothing."""
    legs = Legs()
    legs.note("a", message("a", call_status="trying"))
    before = legs.known
    legs.note("a", message("a", call_status="trying"))
    assert legs.known is before


def test_bound():
    """Of too many the ended go first, then the oldest, and never the one just heard of."""
    legs = Legs()
    for number in range(MOST_LEGS):
        legs.note(f"leg{number}", message(call_status="completed" if number == 5 else "ringing"))
    legs.note("new1", message(call_status="completed"))
    assert "leg5" not in legs.known
    assert "leg0" in legs.known
    legs.note("new2", message(call_status="ringing"))
    assert "new1" not in legs.known
    legs.note("new3", message(call_status="ringing"))
    assert "leg0" not in legs.known
    assert {"new2", "new3"} <= legs.known.keys()
    assert len(legs.known) == MOST_LEGS


# In a call


def test_the_calls_own_status_stays():
    """What a leg does is no status of the call; the event tells which leg it is about."""
    side = Conversation().begins_with()
    side.sends("call:status", data={"call_sid": SID, "call_status": "in-progress"})
    side.sends("call:status", data={"call_sid": LEG, "to": "+1555", "call_status": "busy"})
    assert side.call.call_status == "in-progress"
    assert dict(side.call.legs.known) == {LEG: Leg(LEG, "+1555", "busy")}
    own, other = side.call.take(["call:status"]), side.call.take(["call:status"])
    assert (own.leg, other.leg) == (None, LEG)


def test_a_question_about_a_leg():
    """So does the question whether a party is to be let in."""
    side = Conversation().begins_with()
    side.sends("dial:confirm", hook="/screen", data={"call_sid": LEG, "call_status": "in-progress"})
    assert side.call.take(["/screen"]).leg == LEG
    assert side.call.legs.known[LEG].status == "in-progress"
    assert side.call.opening.leg is None
