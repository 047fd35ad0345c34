"""What is said first on an audio connection."""

from __future__ import annotations

import json

import pytest

from jambonz_sync.audio.metadata import parse_metadata

from .application import FACTS


def test_facts():
    """Keys are found as they came, and facts by our names too; it can be gone through."""
    metadata = parse_metadata(json.dumps({**FACTS, "my_key": 1, "customerData": {"inner_key": 2}}))
    assert metadata["callSid"] == metadata["call_sid"] == FACTS["callSid"]
    assert metadata["sbc_callid"] == FACTS["sbcCallid"]
    assert (metadata["my_key"], metadata["customer_data"]) == (1, {"inner_key": 2})
    assert set(metadata) == {*FACTS, "my_key", "customerData"}
    assert len(metadata) == len(FACTS) + 2
    assert ("call_sid" in metadata, "callSid" in metadata, "call_sids" in metadata) == (True, True, False)
    assert metadata.get("nothing") is None
    assert (metadata.sample_rate, metadata.channels, metadata.fault) == (8000, 1, None)
    assert FACTS["callSid"] in repr(metadata)


@pytest.mark.parametrize(("mix", "channels"), [("mono", 1), ("mixed", 1), ("stereo", 2), (None, 1)])
def test_channels(mix, channels):
    """Only stereo has two."""
    assert parse_metadata(json.dumps({"sampleRate": 48_000, "mixType": mix})).channels == channels


@pytest.mark.parametrize("rate", ["8000", 0, -8000, None, 8000.5])
def test_overwritten(rate):
    """Metadata of the application's own may overwrite anything, the rate too, which is said."""
    metadata = parse_metadata(json.dumps({"sampleRate": rate}))
    assert metadata.sample_rate == 8000
    assert "must not have that key" in str(metadata.fault)


@pytest.mark.parametrize("errors", ["ignore", "replace"])
@pytest.mark.parametrize("before", ["", "x", "xx", "xxx"])
def test_cut_off(before, errors):
    """What was cut off, anywhere in a letter, is read to the last whole value of those that matter."""
    text = json.dumps({**FACTS, "from": 'a "b"', "notes": before + "\U0001f642" * 9000}, ensure_ascii=False)
    metadata = parse_metadata(text.encode()[:8191].decode(errors=errors))
    assert "8,191 bytes" in str(metadata.fault)
    assert metadata["call_sid"] == FACTS["callSid"]
    assert metadata["from"] == 'a "b"'
    assert "notes" not in metadata


@pytest.mark.parametrize(
    ("first", "fault"),
    [
        ('{"sampleRate": 16000, "callSid": "\\x", "from": "tru', "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "no JSON object"),
        (b"\1\0", "did not begin"),
        (None, "did not begin"),
    ],
)
def test_unreadable(first, fault):
    """What cannot be read is no reason to give up."""
    metadata = parse_metadata(first)
    assert fault in str(metadata.fault) or "cut off" in str(metadata.fault)
    assert set(metadata) <= {"sampleRate"}
