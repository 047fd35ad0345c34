"""What was heard, and whether a sound is in it."""

from __future__ import annotations

import array

import pytest

from jambonz_sync.audio.wav import Sound, read_wav
from jambonz_sync.testing import HeardSound
from jambonz_sync.testing.heard_sound import bounds, place_in


def samples(*values: int) -> bytes:
    """They, as they are on the wire on any machine that runs this."""
    return b"".join(value.to_bytes(2, "little", signed=True) for value in values)


def test_heard(tmp_path):
    """It is true with its samples, and can be kept."""
    data = array.array("h", [1, 2] * 5000).tobytes()
    heard = HeardSound(Sound(data, 8000))
    assert (bool(heard), heard.data, heard.sample_rate, heard.seconds) == (True, data, 8000, 1.25)
    assert repr(heard) == "<heard 1.25 s of sound, 8000 samples per second>"
    heard.save(tmp_path / "heard.wav")
    assert read_wav(tmp_path / "heard.wav") == Sound(data, 8000)


def test_not_heard():
    """It is false, with the reason, which a failing assertion shows."""
    missed = HeardSound(Sound(b"", 8000), "the call is over")
    assert (bool(missed), missed.seconds, repr(missed)) == (False, 0.0, "<not heard: the call is over>")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (samples(0, 0, 5, 0, 7, 0), (4, 10)),
        # The lower byte of the first is zero, and the upper byte of the last.
        (samples(0, 256, 1, 0), (2, 6)),
        (samples(256), (0, 2)),
        # What is not heard, since jambonz takes it for marks.
        (samples(-1, 3, -1), (2, 4)),
        (samples(0, 0), (0, 0)),
        (b"", (0, 0)),
    ],
)
def test_bounds(data, expected):
    """Whole samples count, from the first to the last that is no silence."""
    assert bounds(data) == expected


@pytest.mark.parametrize(
    ("wanted", "end"),
    [
        (samples(2, 3), 6),
        (samples(0, 2, 3, 0, 0), 6),
        (samples(3, 2), None),
        # Between two samples.
        (b"\0\2", None),
        (samples(7, -1, 8), 12),
        (samples(7, 0, 8), 12),
    ],
)
def test_place(wanted, end):
    """It is found at whole samples, without the silence around it, where nothing but marks differ."""
    assert place_in(samples(1, 2, 3, 7, 0, 8), wanted) == end
