"""Samples: what passes for them, and what is changed in them."""

from __future__ import annotations

import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jambonz_sync.audio.samples import as_bytes, loudness, without_marks
from jambonz_sync.exceptions import InvalidCommand

SAMPLES = st.lists(st.integers(-32_768, 32_767) | st.sampled_from([-1, -256, 255]))


def packed(samples: list[int]) -> bytes:
    return array.array("h", samples).tobytes()


@pytest.mark.parametrize("source", [b"\1\0", bytearray(b"\1\0"), memoryview(b"\1\0"), array.array("h", [1])])
def test_bytes(source):
    """Whatever shows bytes or samples is taken."""
    assert as_bytes(source) == b"\1\0"


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (array.array("f", [0.5]), "of the format 'f'"),
        (array.array("i", [1]), "of the format 'i'"),
        (array.array("H", [1]), "of the format 'H'"),
        (memoryview(bytes(8)).cast("B").cast("h", [2, 2]), "has 2"),
        ("text", "not str"),
        (None, "not NoneType"),
    ],
)
def test_refused(source, why):
    """Anything else is refused."""
    with pytest.raises(InvalidCommand, match=why):
        as_bytes(source)


def test_one_channel_of_two_dimensions():
    """A single column is one channel."""
    assert as_bytes(memoryview(b"\1\0\2\0").cast("B").cast("h", [2, 1])) == b"\1\0\2\0"


@given(SAMPLES)
def test_without_marks(samples):
    """Of all samples only those of the value -1 are changed, to 0."""
    assert without_marks(packed(samples)) == packed([0 if sample == -1 else sample for sample in samples])


@given(SAMPLES)
def test_loudness(samples):
    """What is the farthest from 0 counts."""
    assert loudness(packed(samples)) == max((abs(sample) for sample in samples), default=0)


def test_big_endian(monkeypatch):
    """On machines that put the upper byte first, arrays are turned round."""
    samples = array.array("h", [1, -2])
    swapped = array.array("h", samples)
    swapped.byteswap()
    monkeypatch.setattr("sys.byteorder", "big")
    sent, loud = as_bytes(samples), loudness(swapped.tobytes())
    monkeypatch.undo()
    assert (sent, loud) == (swapped.tobytes(), 2)
