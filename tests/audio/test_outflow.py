"""Audio that is streamed: whole samples, the silence behind it, and when it is heard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jambonz_sync.audio.outflow import Outflow
from jambonz_sync.audio.samples import without_marks


@given(st.lists(st.binary(max_size=9)))
def test_pieces(pieces):
    """Cut wherever it may be, the same is sent, in whole samples."""
    everything = b"".join(pieces)
    whole = everything[: len(everything) - len(everything) % 2]
    exact, usual = Outflow(8000), Outflow(8000)
    assert b"".join(exact.take(piece, 0, exact=True) for piece in pieces) == whole
    assert b"".join(usual.take(piece, 0) for piece in pieces) == without_marks(whole)


def test_heard_until():
    """It is heard from the moment it is sent, or else behind what was sent before."""
    outflow = Outflow(8000)
    outflow.take(bytes(16_000), 5.0)
    assert outflow.heard_until == 6.0
    outflow.take(bytes(8000), 5.1)
    assert outflow.heard_until == 6.5
    outflow.take(bytes(8000), 9.0)
    assert outflow.heard_until == 9.5


@pytest.mark.parametrize("rate", [8000, 16_000])
def test_finish(rate):
    """The silence is as long as jambonz needs to play what is before it: more at the very beginning."""
    outflow = Outflow(rate)
    assert outflow.finish(0.0) == b""
    outflow.take(bytes(2), 0.0)
    assert len(outflow.finish(0.0)) == 0.16 * rate * 2
    assert outflow.finish(0.0) == b""
    outflow.take(bytes(2), 0.0)
    assert len(outflow.finish(0.0)) == 0.1 * rate * 2
    assert outflow.heard_until == pytest.approx(0.26 + 2 / rate)


def test_kill():
    """What is killed is not heard, and nothing is left of it, not even half a sample."""
    outflow = Outflow(8000)
    outflow.take(bytes(16_001), 5.0)
    outflow.kill(5.2)
    assert (outflow.heard_until, outflow.kills) == (5.2, 1)
    assert outflow.finish(5.2) == b""
    assert outflow.take(b"\1\0", 5.2) == b"\1\0"
