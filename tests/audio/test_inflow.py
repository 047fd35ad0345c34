"""Audio that waits to be read."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from jambonz_sync.audio.inflow import Inflow

PIECES = st.lists(st.binary(max_size=50))


def mono(max_lag: float = 1.0, **options: bool) -> Inflow:
    return Inflow(bytes_per_second=16, frame_bytes=2, max_lag=max_lag, **options)


@given(PIECES, st.integers(1, 20), st.sampled_from([2, 4]))
def test_order(pieces, samples, frame_bytes):
    """However it comes, it is taken in order, in whole samples, and only the rest of one is never taken."""
    inflow = Inflow(bytes_per_second=16_000, frame_bytes=frame_bytes, max_lag=9999)
    taken = bytearray()
    for piece in pieces:
        inflow.put(piece)
        taken += inflow.take(samples * frame_bytes)
    taken += inflow.take(math.inf, rest=True)
    everything = b"".join(pieces)
    assert taken == everything[: len(everything) - len(everything) % frame_bytes]


@given(PIECES, st.floats(0.01, 4))
def test_bound(pieces, max_lag):
    """No more is kept than is allowed, the newest of it, in whole samples, and what is gone is counted."""
    inflow = mono(max_lag)
    dropped = sum(inflow.put(piece) for piece in pieces)
    everything = b"".join(pieces)
    assert dropped == inflow.dropped
    assert dropped % 2 == 0
    assert len(inflow) <= max(2, max_lag * 16)
    kept = inflow.take(math.inf, rest=True)
    assert kept == everything[dropped : len(everything) - len(everything) % 2]


def test_lag():
    """The lag is what has come and was not taken, in seconds."""
    inflow = mono(4.0)
    inflow.put(bytes(25))
    assert (len(inflow), inflow.lag, inflow.is_late, inflow.is_full) == (24, 1.5, False, False)
    inflow.put(bytes(39))
    assert (inflow.lag, inflow.is_late, inflow.is_full) == (4.0, True, True)
    assert inflow.skip() == 4.0
    assert inflow.lag == 0


def test_size():
    """Lengths are counted in whole samples, of which there is one at least."""
    assert [mono().size_of(seconds) for seconds in (0.001, 0.125, 0.2, 1)] == [2, 2, 4, 16]


def test_wanted():
    """Whoever wants more than may wait gets it, and it is not late meanwhile."""
    inflow = mono()
    assert not inflow.is_heard
    inflow.wanted = 40
    assert inflow.put(bytes(36)) == 0
    assert (inflow.take(40), inflow.is_late, inflow.is_full) == (b"", False, False)
    assert inflow.is_heard
    # With more than that.
    assert inflow.put(bytes(20)) == 0
    assert inflow.is_full
    assert len(inflow.take(40)) == 40
    assert len(inflow) == 16
    inflow.wanted = math.inf
    assert inflow.put(bytes(9999)) == 0


def test_wanted_in_vain():
    """What has come of it stays, with as much behind it as may wait, until it is taken."""
    inflow = mono()
    inflow.wanted = 40
    assert inflow.put(bytes([1]) * 36) == 0
    inflow.wanted = 0
    inflow.keep()
    assert inflow.put(bytes([2]) * 16) == 0
    assert (len(inflow), inflow.is_late) == (52, True)
    assert inflow.put(bytes(2)) == 2
    # Part of it, and what is left is no more than it was.
    assert inflow.take(16) == bytes([1]) * 16
    assert inflow.put(bytes(2)) == 2
    assert (inflow.skip(), inflow.is_late) == (2.25, False)
    assert inflow.put(bytes(24)) == 8


def test_blocks():
    """Where reading stops when it is full, what comes before it does is kept."""
    inflow = mono(blocks=True)
    assert inflow.put(bytes(100_000)) == 0
    assert inflow.is_full
    assert inflow.put(bytes(3_000_000)) > 0
    assert len(inflow) < 2_200_000
