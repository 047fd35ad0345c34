"""The audio that is streamed to jambonz: how it must be for all of it to be heard, and when it will be.

::

    outflow = Outflow(8000)
    message = outflow.take(speech, now)
    messages = outflow.finish(now)

jambonz plays from a buffer without a bound, at the pace of the clock. It releases samples into it in steps, so a rest
that is too small to make one is heard only when more comes.
"""

from __future__ import annotations

from .samples import MARK, SAMPLE_BYTES, without_marks

__all__ = ["Outflow"]

#: So much must come before anything is heard at all, in seconds; half of that from then on.
_FIRST_STEP = 0.16

#: The silence behind which all that came before it is heard.
_TAIL = 0.1


class Outflow:
    """What was streamed so far. ``rate`` is that of the stream, in samples per second."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        #: When all that was sent will have been heard.
        self.heard_until = 0.0
        #: How often all that was waiting to be heard has been dropped.
        self.kills = 0
        # Half a sample.
        self._odd = b""
        self._seconds = 0.0
        self._is_finished = True

    def take(self, data: bytes, now: float, *, exact: bool = False) -> bytes:
        """Return what to send of audio that may end within a sample, which is completed by what comes next.

        Without ``exact`` samples of the value -1 become 0, since jambonz takes them for marks.
        """
        data = self._odd + data
        whole = len(data) - len(data) % SAMPLE_BYTES
        data, self._odd = data[:whole], data[whole:]
        if not data:
            return b""
        self._is_finished = False
        self._add(len(data), now)
        return data if exact or MARK not in data else without_marks(data)

    def finish(self, now: float) -> bytes:
        """Return the silence behind which all that was sent is heard; nothing if there is no need for it."""
        # The other half of a sample never came.
        self._odd = b""
        if self._is_finished:
            return b""
        self._is_finished = True
        seconds = _TAIL if self._seconds >= _FIRST_STEP else _FIRST_STEP
        silence = bytes(round(seconds * self.rate) * SAMPLE_BYTES)
        self._add(len(silence), now)
        return silence

    def kill(self, now: float) -> None:
        """What was sent and not heard is dropped."""
        self.kills += 1
        self.heard_until = now
        self._odd = b""
        self._is_finished = True

    def _add(self, size: int, now: float) -> None:
        seconds = size / SAMPLE_BYTES / self.rate
        self._seconds += seconds
        self.heard_until = max(now, self.heard_until) + seconds
