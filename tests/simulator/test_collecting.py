"""What a gather has collected; the rest is tested with the verb."""

from __future__ import annotations

import math

from jambonz_sync.simulator import Says
from jambonz_sync.simulator.collecting import Collecting


def test_keys():
    """Keys add up until they are enough."""
    collected = Collecting({"numDigits": 2}, {})
    assert collected.take_key("1", 0.0)
    assert collected.result is None
    collected.take_key("2", 0.4)
    assert collected.result == {"digits": "12", "reason": "dtmfDetected"}


def test_due():
    """The timeout is due unless somebody speaks, whose end then is."""
    collected = Collecting({"input": ["speech"], "timeout": 3}, {"vendor": "x", "language": "en-GB"})
    collected.wait_for_input(since=10)
    assert min(at for at, _ in collected.due) == 13
    assert collected.take_speech(Says("one two"), 11) is None
    assert collected.is_hearing
    at, action = min(collected.due, key=lambda due: due[0])
    assert at == 11.8
    action()
    assert collected.result is not None
    assert collected.result["speech"]["vendor"]["name"] == "x"


def test_nothing_is_due():
    """Without a timeout nothing is due until something happens."""
    collected = Collecting({"timeout": 0}, {})
    collected.wait_for_input(since=10)
    assert {at for at, _ in collected.due} == {math.inf}


def test_what_is_not_heard():
    """Speech where keys are wanted, or after a key, is not heard, and keys are not noticed where speech is wanted."""
    keys = Collecting({"input": ["digits"]}, {})
    assert keys.take_speech(Says("hello"), 0) == "the gather takes keys only"
    both = Collecting({"input": ["digits", "speech"]}, {})
    both.take_key("1", 0)
    assert both.take_speech(Says("hello"), 1) == "the first key has ended speech recognition"
    assert not Collecting({"input": ["speech"]}, {}).take_key("1", 0)
