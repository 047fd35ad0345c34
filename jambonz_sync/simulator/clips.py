"""Clips: whole pieces of sound that the application sends over the audio connection, played one after another.

::

    clips = Clips(course, report=connection_send, heard_until=hear)
    clips.add(clip_from({"audioContentType": "raw", "sampleRate": 8000, "audioContent": "AAAAAAAAAAA="}), now)
"""

from __future__ import annotations

import base64
import binascii
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..audio.wav import Sound, read_wav
from ..exceptions import InvalidCommand
from .audio_frames import CALL_RATE, FRAMES_PER_SECOND, SAMPLE_BYTES
from .course import Course
from .sound_track import SoundTrack
from .timers import Timer
from .verb import number

__all__ = ["LARGEST_QUEUE", "BadClip", "Clip", "Clips", "clip_from"]

#: So many clips may wait behind the one that plays.
LARGEST_QUEUE = 11

#: Rates that headerless sound may have, and the one that any other is taken for.
_RAW_RATES = frozenset({8000, 16000, 24000, 32000, 48000, 64000})
_USUAL_RAW_RATE = 16000


class BadClip(Exception):
    """Nothing plays of this ``playAudio``. The text says why."""


@dataclass(frozen=True)
class Clip:
    """One clip.

    * ``frames``: how long it is, in frames, of which the last one may be filled up
    * ``queued``: whether it waits for those sent before it
    * ``named``: the ``id``, if it has one, as ``playDone`` repeats it
    * ``remark``: what is wrong with it, though it plays
    * ``sound``: what is heard; ``None`` for a kind of WAV file that only the media server reads
    """

    frames: int
    queued: bool = False
    named: dict[str, Any] = field(default_factory=dict)
    remark: str | None = None
    sound: Sound | None = field(default=None, repr=False)

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.frames / FRAMES_PER_SECOND

    def __str__(self) -> str:
        return f"clip {self.named['id']}" if self.named else "a clip"


def clip_from(data: object) -> Clip:
    """Return the clip of a ``playAudio``, of which this is the ``data``. Raises :exc:`BadClip`."""
    if not isinstance(data, dict):
        raise BadClip("playAudio has no data")
    kind = data.get("audioContentType")
    if not isinstance(kind, str):
        raise BadClip("playAudio has no audioContentType, which may crash the media server")
    if kind not in ("raw", "wav", "wave"):
        raise BadClip(f"playAudio takes raw, wav and wave for its audioContentType, not {kind!r}")
    content = _decoded(data.get("audioContent"))
    remark = None
    if kind == "raw":
        rate = number(data, "sampleRate", 0)
        if rate not in _RAW_RATES:
            remark = f"playAudio has the sampleRate {data.get('sampleRate')!r}, and is played as {_USUAL_RAW_RATE}"
            rate = _USUAL_RAW_RATE
        size, per_second = len(content), SAMPLE_BYTES * int(rate)
        sound: Sound | None = Sound(content, int(rate))
    else:
        size, per_second = _wav_size(content)
        sound = _wav_sound(content)
    return Clip(
        frames=-(-size * FRAMES_PER_SECOND // per_second),
        queued=bool(data.get("queuePlay")),
        named={"id": data["id"]} if "id" in data else {},
        remark=remark,
        sound=sound,
    )


def _decoded(content: object) -> bytes:
    if not isinstance(content, str):
        raise BadClip("playAudio has no audioContent")
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadClip(f"the audioContent of playAudio is no base64: {error}") from error


def _wav_size(sound: bytes) -> tuple[int, int]:
    """Return how many bytes of samples a WAV file has, and how many are played in a second."""
    if sound[:4] != b"RIFF" or sound[8:12] != b"WAVE":
        raise BadClip("the audioContent of playAudio is no WAV file")
    position, per_second = 12, 0
    while position + 8 <= len(sound):
        name = sound[position : position + 4]
        size = int.from_bytes(sound[position + 4 : position + 8], "little")
        position += 8
        if name == b"fmt ":
            per_second = int.from_bytes(sound[position + 8 : position + 12], "little")
        elif name == b"data" and per_second:
            # A file that was written to a pipe does not know its own size.
            return min(size, len(sound) - position), per_second
        # Chunks begin at even places.
        position += size + size % 2
    raise BadClip("the audioContent of playAudio is a WAV file without sound")


def _wav_sound(content: bytes) -> Sound | None:
    try:
        sound = read_wav(content)
    except InvalidCommand:
        return None
    return sound if sound.sample_rate > 0 else None


class Clips:
    """Plays clips, each for as long as it lasts, and reports when it is done.

    * ``report``: sends a message to the application
    * ``heard_until``: is told until when the caller will hear something
    * ``heard``: where what is heard is kept, if anybody wants it
    """

    def __init__(
        self,
        course: Course,
        *,
        report: Callable[[dict[str, Any]], None],
        heard_until: Callable[[float], None],
        heard: SoundTrack | None = None,
    ) -> None:
        self._course = course
        self._report = report
        self._heard_until = heard_until
        self._heard = heard
        self._playing: Clip | None = None
        self._began = 0.0
        self._timer: Timer | None = None
        # Those that wait for nothing but the clip that plays, which nobody stops for them.
        self._next: deque[Clip] = deque()
        self._queue: deque[Clip] = deque()

    def add(self, clip: Clip, now: float) -> bool:
        """Play a clip when its turn comes; return ``False`` if it is dropped, since too many wait."""
        if not clip.queued:
            self._queue.clear()
            self._next.append(clip)
        elif self._playing is not None and len(self._queue) >= LARGEST_QUEUE:
            return False
        else:
            self._queue.append(clip)
        if self._playing is None:
            self._go_on(now)
        elif not clip.queued:
            why = "jambonz stops none for another; send killAudio first to be certain"
            self._course.transcript.add("note", f"listen: {clip} waits for {self._playing}: {why}")
        return True

    def kill(self, now: float) -> None:
        """Stop the clip that plays; those behind it are not touched."""
        if self._playing is not None:
            if self._heard is not None:
                self._heard.cut(now)
            # Times are sums of fractions; a frame that was played to its end is not to be lost by that.
            self._done(self._playing, int((now - self._began) * FRAMES_PER_SECOND + 1e-6), now)

    def stop(self) -> None:
        """Fall silent, and forget the rest, without a word."""
        self._next.clear()
        self._queue.clear()
        self._playing = None
        if self._timer is not None:
            self._timer.cancel()

    def _go_on(self, now: float) -> None:
        waiting = self._next or self._queue
        if not waiting:
            self._heard_until(now)
            return
        clip = self._playing = waiting.popleft()
        self._course.transcript.add("app", f"({clip}, {clip.seconds:g} s)")
        self._began, end = now, now + clip.seconds
        self._timer = self._course.timers.at(end, lambda: self._done(clip, clip.frames, end))
        self._heard_until(end)
        if self._heard is not None and clip.sound is not None:
            self._heard.place(clip.sound, now)

    def _done(self, clip: Clip, frames: int, now: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._playing = None
        milliseconds = frames * 1000 // FRAMES_PER_SECOND
        numbers = {
            "playbackSeconds": milliseconds // 1000,
            "playbackMilliseconds": milliseconds,
            "playbackLastOffsetPos": frames * CALL_RATE // FRAMES_PER_SECOND,
        }
        # As the media server has them, numbers are texts.
        texts = {key: str(number) for key, number in numbers.items()}
        self._report({"type": "playDone", "data": {**clip.named, **texts}})
        self._go_on(now)
