"""Sound, as the media server handles it: in frames of 20 ms.

::

    seconds = frames * FRAME_SECONDS
"""

from __future__ import annotations

__all__ = ["CALL_RATE", "FRAMES_PER_SECOND", "FRAME_SECONDS", "SAMPLE_BYTES", "frame_size"]

#: Samples per second of an ordinary call.
CALL_RATE = 8000

#: A sample is a number of 16 bits, the lower byte first.
SAMPLE_BYTES = 2

FRAMES_PER_SECOND = 50

FRAME_SECONDS = 1 / FRAMES_PER_SECOND


def frame_size(rate: int, channels: int) -> int:
    """Return how many bytes are heard in 20 ms. ``rate`` is samples per second, of each channel."""
    return rate // FRAMES_PER_SECOND * SAMPLE_BYTES * channels
