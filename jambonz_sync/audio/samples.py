"""Samples as an audio connection carries them: 16-bit numbers, the lower byte first (L16).

::

    data = as_bytes(array.array("h", [0, 1, -1]))
"""

from __future__ import annotations

import array
import sys

from ..exceptions import InvalidCommand

__all__ = ["FRAME_SECONDS", "MARK", "SAMPLE_BYTES", "BytesLike", "as_bytes", "loudness", "without_marks"]

#: A sample is a number of 16 bits.
SAMPLE_BYTES = 2

#: jambonz sends a frame for every 20 ms, though it may put several of them into one message.
FRAME_SECONDS = 0.02

BytesLike = bytes | bytearray | memoryview

#: How the media server writes a mark into its buffer of samples: the value -1.
MARK = b"\xff\xff"


def as_bytes(source: object) -> bytes:
    """Return the bytes of samples: of ``bytes`` and its like as they are, of an array if its items are samples.

    ::

        data = as_bytes(numpy.zeros(160, dtype="<i2"))

    Whatever Python's buffer protocol shows will do. Raises :exc:`~jambonz_sync.InvalidCommand` for items that are no
    16-bit numbers, for more than one channel, and for what has no buffer at all.
    """
    if isinstance(source, bytes):
        return source
    try:
        view = memoryview(source)  # type: ignore[arg-type]
    except TypeError:
        raise InvalidCommand(f"audio is bytes, or an array of 16-bit samples, not {type(source).__name__}") from None
    if view.format not in ("B", "b", "c", "h", "<h"):
        raise InvalidCommand(
            f"audio is made of 16-bit samples, and the items of this {type(source).__name__} are of the format "
            f"{view.format!r}. In numpy: (samples * 32767).astype('<i2') for floats from -1 to 1"
        )
    if view.ndim > 1 and view.shape is not None and view.shape[1:] != (1,) * (view.ndim - 1):
        raise InvalidCommand(f"jambonz plays one channel, and this has {view.shape[1]}; choose one: samples[:, 0]")
    data = view.tobytes()
    if view.format == "h" and sys.byteorder == "big":
        swapped = array.array("h", data)
        swapped.byteswap()
        data = swapped.tobytes()
    return data


def without_marks(data: bytes) -> bytes:
    """Return samples with 0 in place of -1, which passes for a mark. ``data`` has an even length."""
    place = data.find(MARK)
    if place < 0:
        return data
    changed = bytearray(data)
    while place >= 0:
        if place % SAMPLE_BYTES:
            # The upper byte of one sample and the lower byte of the next.
            place = changed.find(MARK, place + 1)
        else:
            changed[place : place + SAMPLE_BYTES] = bytes(SAMPLE_BYTES)
            place = changed.find(MARK, place + SAMPLE_BYTES)
    return bytes(changed)


def loudness(data: bytes) -> int:
    """Return how far the samples go at most, from 0 to 32,768. ``data`` has an even length."""
    if not data:
        return 0
    samples = array.array("h", data)
    if sys.byteorder == "big":
        samples.byteswap()
    return max(max(samples), -min(samples))
