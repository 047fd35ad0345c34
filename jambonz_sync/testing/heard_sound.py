"""What the caller of a test has heard on the application's audio connection."""

from __future__ import annotations

import os

from ..audio.samples import SAMPLE_BYTES, without_marks
from ..audio.wav import Sound, write_wav

__all__ = ["HeardSound", "bounds", "place_in"]


class HeardSound:
    """Sound that was heard: true if it was. A failing assertion shows what the call is waiting for instead.

    ::

        sound = call.heard_sound()
        assert 1.0 < sound.seconds < 1.5
        sound.save("reply.wav")

    * ``data``: its samples, 16-bit numbers with the lower byte first, in one channel, from the first to the last that
      is no silence; empty if nothing was heard
    * ``sample_rate``: how many there are in a second
    """

    def __init__(self, sound: Sound, why: str = "") -> None:
        self.data = sound.data
        self.sample_rate = sound.sample_rate
        self._sound = sound
        self._why = why

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self._sound.seconds

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a WAV file, to be listened to."""
        write_wav(path, self._sound)

    def __bool__(self) -> bool:
        return not self._why

    def __repr__(self) -> str:
        if self:
            return f"<heard {self.seconds:.3g} s of sound, {self.sample_rate} samples per second>"
        return f"<not heard: {self._why}>"


def place_in(heard: bytes, wanted: bytes) -> int | None:
    """Return behind which byte of what was heard a sound is over that is in it; ``None`` if it is not.

    Silence before and behind it does not count, nor does what jambonz takes for marks and is not streamed.
    """
    heard, (first, last) = without_marks(heard), bounds(wanted)
    wanted = without_marks(wanted)[first:last]
    place = heard.find(wanted)
    while place >= 0 and place % SAMPLE_BYTES:
        place = heard.find(wanted, place + 1)
    return None if place < 0 else place + len(wanted)


def bounds(samples: bytes) -> tuple[int, int]:
    """Return between which bytes there is all that is no silence."""
    samples = without_marks(samples)
    last = len(samples.rstrip(b"\0"))
    first = len(samples) - len(samples.lstrip(b"\0"))
    # The upper or the lower byte of a sample may be zero.
    return min(first - first % SAMPLE_BYTES, last), last + last % SAMPLE_BYTES
