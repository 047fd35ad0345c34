"""Sound, as the media server handles it: in frames of 20 ms.

::

    seconds = frames * FRAME_SECONDS
"""

from __future__ import annotations

__all__ = ["CALL_RATE", "FRAMES_PER_SECOND", "FRAME_SECONDS", "SAMPLE_BYTES"]

#: Samples per second of an ordinary call.
CALL_RATE = 8000

#: A sample is a number of 16 bits, the lower byte first.
SAMPLE_BYTES = 2

FRAMES_PER_SECOND = 50

FRAME_SECONDS = 1 / FRAMES_PER_SECOND
