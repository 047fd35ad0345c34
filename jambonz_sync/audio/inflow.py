"""The audio that has come and that nobody has read yet: in order, in whole samples, and never too much of it.

::

    inflow = Inflow(bytes_per_second=16_000, frame_bytes=2, max_lag=10.0)
    inflow.put(frame)
    samples = inflow.take(320)
"""

from __future__ import annotations

import math

__all__ = ["Inflow"]

#: What may come beyond the bound before anybody can stop reading: what one turn at a TLS socket takes in.
_OVERSHOOT = 2 * 1024 * 1024


class Inflow:
    """Keeps at most ``max_lag`` seconds of audio.

    What comes beyond that takes the place of the oldest. With ``blocks`` it is kept too, up to a bound, since whoever
    brings it is expected to stop while :attr:`is_full`.

    * ``bytes_per_second``: of all channels
    * ``frame_bytes``: how many bytes one sample of all channels has; no less is taken
    """

    def __init__(self, *, bytes_per_second: int, frame_bytes: int, max_lag: float, blocks: bool = False) -> None:
        self.bytes_per_second = bytes_per_second
        self._frame_bytes = frame_bytes
        self._limit = max(frame_bytes, self._whole(max_lag * bytes_per_second))
        self._hard_limit = self._limit + self._whole(_OVERSHOOT) if blocks else self._limit
        self._buffer = bytearray()
        #: How many bytes somebody waits for who cannot take fewer, and which must all find room; ``inf`` for all that
        #: comes.
        self.wanted = 0.0
        # How much was wanted in vain, and is to stay until it is taken all the same.
        self._kept = 0
        #: Whether anybody has taken audio yet.
        self.is_heard = False
        #: How many bytes were dropped because they were too many.
        self.dropped = 0

    def _whole(self, size: float) -> int:
        return int(size) - int(size) % self._frame_bytes

    def size_of(self, seconds: float) -> int:
        """Return how many bytes are heard in so many seconds: at least one sample."""
        samples = round(seconds * self.bytes_per_second / self._frame_bytes)
        return max(1, samples) * self._frame_bytes

    def __len__(self) -> int:
        return self._whole(len(self._buffer))

    @property
    def lag(self) -> float:
        """How many seconds of audio have come and have not been taken."""
        return len(self) / self.bytes_per_second

    @property
    def is_full(self) -> bool:
        """Whether there is as much as there should be at most, and nobody waits for more."""
        return len(self._buffer) >= max(self._limit, self.wanted)

    @property
    def is_late(self) -> bool:
        """Whether more than half of what may wait does, while nobody waits for more."""
        return len(self._buffer) > max(self._kept + self._limit / 2, self.wanted)

    def put(self, data: bytes) -> int:
        """Add what has come; return how many bytes were dropped for it."""
        self._buffer += data
        surplus: float = len(self._buffer) - self._hard_limit
        if surplus > 0:
            # What is wanted is taken as soon as it is there, and is not to be lost to what comes together with its end.
            surplus = min(surplus, len(self._buffer) - (max(self.wanted, self._kept) + self._limit))
        if surplus <= 0:
            return 0
        # Whole samples, or the rest would be noise.
        dropped = math.ceil(surplus / self._frame_bytes) * self._frame_bytes
        del self._buffer[:dropped]
        self.dropped += dropped
        return dropped

    def take(self, size: float, *, rest: bool = False) -> bytes:
        """Return the oldest ``size`` bytes, which are whole samples, or nothing if there are fewer.

        ``rest``: take fewer if there are no more, in whole samples.
        """
        self.is_heard = True
        if size > len(self._buffer):
            if not rest:
                return b""
            size = len(self)
        if self._kept:
            self._kept = max(0, self._kept - int(size))
        if size == len(self._buffer):
            data = bytes(self._buffer)
            self._buffer.clear()
        else:
            data = bytes(self._buffer[: int(size)])
            del self._buffer[: int(size)]
        return data

    def keep(self) -> None:
        """Let all that has come stay until it is taken: it was wanted, and the rest of it did not come in time."""
        self._kept = len(self._buffer)

    def skip(self) -> float:
        """Throw away all that has come; return how many seconds that was."""
        return len(self.take(len(self))) / self.bytes_per_second
