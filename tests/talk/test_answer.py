"""What the caller answered to a question."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest

from jambonz_sync import Answer, InvalidCommand
from jambonz_sync.protocol.outcome import Outcome
from jambonz_sync.talk.answer import answer_of
from tests.protocol.conversation import event_of


def came(**data):
    """The outcome of a gather whose hook said this."""
    return Outcome("completed", event_of(hook="/run", data=data))


def speech(transcript, confidence=0.9, reason="speechDetected"):
    alternatives = [{"transcript": transcript, **({} if confidence is None else {"confidence": confidence})}]
    return came(reason=reason, speech={"alternatives": alternatives})


def test_speech():
    """What was said, without the blanks around it."""
    answer = answer_of(speech(" Ada "))
    assert (bool(answer), answer.text, answer.value, answer.reason) == (True, "Ada", "Ada", "speechDetected")
    assert (answer.transcript, answer.digits, answer.confidence) == (" Ada ", "", 0.9)


def test_keys():
    """The keys that were pressed."""
    answer = answer_of(came(reason="dtmfDetected", digits="12"))
    assert (bool(answer), answer.text, answer.reason) == (True, "12", "dtmfDetected")


def test_without_a_reason():
    """Should a server give no reason, what came tells."""
    assert answer_of(came(digits="1")).reason == "dtmfDetected"
    assert answer_of(came()).reason == "empty"


@pytest.mark.parametrize(
    ("outcome", "reason", "text"),
    [
        (came(reason="timeout"), "timeout", ""),
        (came(reason="error", details="x"), "error", ""),
        (came(reason="dtmfDetected", digits=""), "empty", ""),
        (speech(""), "empty", ""),
        (speech("Ada", 0.2, "stt-low-confidence"), "stt-low-confidence", "Ada"),
        (Outcome("interrupted"), "interrupted", ""),
        (Outcome("failed"), "failed", ""),
    ],
)
def test_nothing(outcome, reason, text):
    """What counts as nothing is false and has no value, whatever a validator would say."""
    answer = answer_of(outcome, validate=lambda text: "something")
    assert (bool(answer), answer.value, answer.reason, answer.text) == (False, None, reason, text)
    assert answer.event is outcome.event


@pytest.mark.parametrize(
    ("confidence", "least", "sure"), [(0.5, 0.5, True), (0.49, 0.5, False), (None, 0.5, True), (0.0, 0.0, True)]
)
def test_confidence(confidence, least, sure):
    """Where the recogniser says how sure it is, that must be enough."""
    assert bool(answer_of(speech("Ada", confidence), min_confidence=least)) is sure


def test_keys_are_sure():
    """Keys have no confidence."""
    assert answer_of(came(reason="dtmfDetected", digits="1"), min_confidence=1)


@pytest.mark.parametrize("value", [0, "", False, []])
def test_validated(value):
    """Any value but None is one, also one that is false itself."""
    answer = answer_of(speech("x"), validate=lambda text: value)
    assert answer
    assert answer.value == value


def test_refused():
    """None and ValueError refuse; the text stays."""
    for validate in (int, lambda text: None):
        answer = answer_of(speech("x"), validate=validate)
        assert (bool(answer), answer.text, answer.value, answer.reason) == (False, "x", None, "invalid")


@pytest.mark.parametrize("error", [KeyError("x"), InvalidCommand("x")])
def test_faults_pass_through(error):
    """Other errors are the application's, also those of this library that are ValueErrors."""

    def validate(text):
        raise error

    with pytest.raises(type(error)):
        answer_of(speech("x"), validate=validate)


def test_a_value():
    """It reads as its text, cannot be changed, and can be compared, copied and pickled."""
    answer = answer_of(speech("Ada"))
    assert f"{answer}" == "Ada"
    assert repr(answer) == "Answer(text='Ada', value='Ada', reason='speechDetected')"
    with pytest.raises(dataclasses.FrozenInstanceError):
        answer.text = "Bob"
    assert copy.copy(answer) == answer
    assert pickle.loads(pickle.dumps(answer)).transcript == "Ada"
    assert Answer() == Answer("", None, "timeout")
    assert (Answer().digits, Answer().transcript, Answer().confidence) == ("", "", None)
