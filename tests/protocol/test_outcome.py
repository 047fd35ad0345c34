"""What ``session.run()`` returns."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from jambonz_sync.protocol.event import Event
from jambonz_sync.protocol.outcome import Outcome

from .conversation import event_of


def menu(**data: Any) -> Event:
    return event_of(hook="/menu", data=data)


@pytest.mark.parametrize("which", ["completed", "interrupted", "failed"])
def test_exactly_one_is_true(which):
    """An outcome is completed, interrupted or failed, and true only if completed."""
    outcome = Outcome(which)
    assert [name for name in ("completed", "interrupted", "failed") if getattr(outcome, name)] == [which]
    assert bool(outcome) == (which == "completed")


def test_outcome_maps_the_data_of_its_hook():
    """The mapping holds what the hook said."""
    event = menu(digits="1", reason="dtmfDetected")
    outcome = Outcome("completed", event)
    assert outcome.event is event
    assert outcome["digits"] == "1"
    assert dict(outcome) == {"digits": "1", "reason": "dtmfDetected"}
    assert len(outcome) == 2


def test_outcome_without_hook_is_empty():
    """Without a hook there are no data; the truth is another matter."""
    outcome = Outcome("completed")
    assert dict(outcome) == outcome.data == {}
    assert len(outcome) == 0
    assert outcome
    with pytest.raises(KeyError):
        outcome["x"]


def test_outcome_repr():
    """The representation shows how it ended and what the hook said, cut short."""
    assert repr(Outcome("failed")) == "<Outcome failed {}>"
    assert len(repr(Outcome("completed", menu(x="y" * 1_000)))) < 300


def test_data_as_attributes():
    """What the hook said can be read as attributes, as those of the event can."""
    speech = {"alternatives": [{"transcript": "one", "confidence": 0.9}]}
    outcome = Outcome("completed", menu(speech=speech, reason="speechDetected", call_sid="c1", **{"from": "49"}))
    assert (outcome.transcript, outcome.confidence, outcome.digits) == ("one", 0.9, "")
    assert (outcome.reason, outcome.call_sid, outcome.from_) == ("speechDetected", "c1", "49")
    assert Outcome("completed", menu(dial_call_status="busy")).dial_call_status == "busy"


def test_nothing_was_said():
    """An outcome without hook has nothing said and nothing pressed."""
    outcome = Outcome("interrupted")
    assert (outcome.transcript, outcome.confidence, outcome.digits, outcome.reason) == ("", None, "", None)


def test_own_names_come_first():
    """Keys spelled like the outcome's own attributes hide none of them."""
    own = ("state", "event", "data", "completed", "interrupted", "failed")
    event = menu(**dict.fromkeys(own, "payload"))
    outcome = Outcome("failed", event)
    assert (outcome.state, outcome.event, outcome.data) == ("failed", event, event.data)
    assert (outcome.completed, outcome.interrupted, outcome.failed) == (False, False, True)
    assert all(outcome[name] == "payload" for name in own)


def test_attribute_that_is_not_there():
    """The error says how the verb ended, since that may be why."""
    with pytest.raises(AttributeError) as raised:
        _ = Outcome("interrupted").dial_call_status
    assert str(raised.value) == (
        "this outcome (interrupted) has no 'dial_call_status' (the action_hook of dial may have it); its data is empty"
    )


def test_told_apart_by_identity():
    """Two verbs that ended in the same way are two outcomes, and an empty one is no empty mapping."""
    assert Outcome("completed") != Outcome("failed")
    assert Outcome("completed") != {}
    assert len({Outcome("failed"), Outcome("failed")}) == 2


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy, lambda outcome: pickle.loads(pickle.dumps(outcome))])
def test_copies(make):
    """An outcome can be copied and pickled, with its event."""
    outcome = make(Outcome("completed", menu(digits="1")))
    assert (outcome.state, outcome.digits, outcome.event.name) == ("completed", "1", "/menu")
    assert outcome.data is outcome.event.data
    assert make(Outcome("failed")).event is None


def test_dir():
    """The keys are among the names of its attributes."""
    assert {"digits", "call_sid", "completed"} <= set(dir(Outcome("completed", menu(call_sid="c1"))))
