"""Clips: whole pieces of sound that are sent at once, and played by jambonz one after another.

::

    clips = Clips()
    message = clips.play(Clip("clip-1", content_of(bytes(320), 8000)), queue=False, now=0.0)

No message says that a clip begins, or that one was dropped: jambonz tells the end of those that it has played, and of
the one that was killed. What becomes of the others is known here, from what was sent.
"""

from __future__ import annotations

import base64
import os
import wave
from dataclasses import dataclass, field
from typing import Any

from ..exceptions import InvalidCommand
from . import commands
from .event import AudioEvent
from .file_kinds import conversion, refuse_other_kinds
from .samples import SAMPLE_BYTES, BytesLike, as_bytes
from .wav import is_wav, read_wav, wav_bytes, wav_seconds

__all__ = ["LARGEST_CLIP", "RAW_RATES", "Clip", "ClipSource", "Clips", "Content", "content_of"]

#: Samples per second that a clip without a header may have; jambonz plays any other as if it had 16,000.
RAW_RATES = (8000, 16000, 24000, 32000, 48000, 64000)

#: In bytes. That is ten minutes at 8,000 samples per second.
LARGEST_CLIP = 10 * 1024 * 1024

#: jambonz keeps 11 waiting behind the one that plays, and drops any more without a word. Which one plays is not known
#: here to the millisecond, so there are 11 in all.
_MOST = 11

#: jambonz plays in frames of 20 ms, and may fill up the last.
_FRAME_MILLISECONDS = 20

#: So many that were sent and not reported are remembered, most of which were dropped and will never be reported.
_MOST_REMEMBERED = 100

#: What takes the place of the clips that wait, so that they are never played: a frame of silence.
_HUSH_ID = "jambonz_sync:hush"
_HUSH = {"audioContentType": "raw", "sampleRate": 8000, "audioContent": base64.b64encode(bytes(320)).decode()}

#: What a clip can be made of.
ClipSource = str | os.PathLike[str] | BytesLike | wave.Wave_read | Any


@dataclass(frozen=True)
class Content:
    """What a clip sounds like: how the wire has it, and how long it is."""

    wire: dict[str, Any]
    seconds: float


def content_of(source: ClipSource, sample_rate: int) -> Content:
    """Return the content of a clip.

    ``source``: the path of a WAV file, or of samples if it does not begin as a WAV file does; the bytes of either; a
    reader of the module ``wave``; an array of samples. ``sample_rate`` is that of samples without a header.

    Raises :exc:`~jambonz_sync.InvalidCommand` for what jambonz would not play, or not as it is meant, and
    :exc:`OSError`.
    """
    name, in_file = "this", False
    if isinstance(source, wave.Wave_read):
        data = wav_bytes(read_wav(source))
    elif isinstance(source, (str, os.PathLike)):
        name, in_file = os.fspath(source), True
        with open(name, "rb") as file:
            data = file.read(LARGEST_CLIP + 1)
    else:
        data = as_bytes(source)
    if len(data) > LARGEST_CLIP:
        raise InvalidCommand(f"a clip may have {LARGEST_CLIP:,} bytes; stream what is longer, with send_audio()")
    if is_wav(data):
        return Content({"audioContentType": "wav", "audioContent": _base64(data)}, wav_seconds(data, name))
    if not data:
        raise InvalidCommand("there is nothing to play: the clip is empty")
    refuse_other_kinds(data, name, sample_rate, in_file=in_file)
    if len(data) % SAMPLE_BYTES:
        raise InvalidCommand(
            f"{name} is neither a WAV file nor 16-bit samples: it has {len(data)} bytes, which is odd. "
            f"{conversion(sample_rate)}"
        )
    if sample_rate not in RAW_RATES:
        raise InvalidCommand(
            f"samples without a header are played at {', '.join(map(str, RAW_RATES))} samples per second, not at "
            f"{sample_rate!r}; convert them, or give them a WAV header, with which they may have any rate"
        )
    wire = {"audioContentType": "raw", "sampleRate": sample_rate, "audioContent": _base64(data)}
    return Content(wire, len(data) / SAMPLE_BYTES / sample_rate)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


@dataclass(eq=False)
class Clip:
    """A clip that was sent to be played. ``stream.play_audio(...)`` returns one.

    ::

        clip = stream.play_audio("music.wav")
        stream.wait_for("dtmf")
        stream.kill_audio()

    * ``id``: its name, which ``playDone`` repeats
    * ``is_over``: whether it is done with: its end was reported, or it was dropped where it waited
    * ``played``: how many seconds of it were heard, as reported. Where it has just begun as ``kill_audio()`` drops it
      for one that waits, that is 0 until its report comes
    * ``completed``: whether that was all of it
    """

    id: str
    content: Content = field(repr=False)
    is_over: bool = False
    completed: bool = False
    played: float = 0.0

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.content.seconds

    def end(self, milliseconds: object) -> None:
        """It has been played for so long."""
        self.is_over = True
        # Only the end of what was dropped, or of something else than was sent, comes without a number.
        played = milliseconds if isinstance(milliseconds, int) else 0
        self.played = played / 1000
        whole = self.content.seconds * 1000
        self.completed = isinstance(milliseconds, int) and played + _FRAME_MILLISECONDS >= whole


class Clips:
    """The clips that jambonz has been sent and has not reported as played."""

    def __init__(self) -> None:
        # In the order in which they end. Those that were dropped, and are over, stay among them for as long as a report
        # may be under way that was sent before that.
        self._sent: list[Clip] = []
        #: When all of them will have been played.
        self.quiet_from = 0.0
        #: Counts those whose end was reported; who waits looks again when it changes.
        self.reports = 0

    def __len__(self) -> int:
        return len(self._open)

    @property
    def _open(self) -> list[Clip]:
        return [clip for clip in self._sent if not clip.is_over]

    @property
    def has_room(self) -> bool:
        """Whether one more may wait."""
        return len(self) < _MOST

    @property
    def oldest(self) -> str:
        """The name of the one that should end first; ``""`` if there is none."""
        return next((clip.id for clip in self._open), "")

    def play(self, clip: Clip, *, queue: bool, now: float) -> list[str]:
        """Return the messages that play a clip: behind those that play and wait, or else instead of them."""
        before = [] if queue else self.hush(now)
        # Behind a silence that has just been put in place of all that waited, and is still to be played.
        behind = queue or len(before) > 1
        self._sent.append(clip)
        self.quiet_from = max(now, self.quiet_from) + clip.seconds
        message = commands.play_audio(clip.content.wire, clip.id, queue=behind)
        # It is large, and whoever keeps the clip has no use for it.
        clip.content = Content({}, clip.seconds)
        return [*before, message]

    def hush(self, now: float) -> list[str]:
        """Return the messages after which nothing is heard, and nothing waits to be.

        ``killAudio`` stops what plays, and the next one begins. So those that wait are dropped first, as a clip does
        that is not queued: one that nobody hears. And jambonz may just have finished what is to be killed, in which
        case it is that one which is killed.
        """
        if not self._open:
            return []
        waiting = self._open[1:]
        for clip in waiting:
            clip.end(None)
        self.quiet_from = now
        if not waiting:
            return [commands.KILL_AUDIO]
        # When this is reported, nothing will be of those that were sent before it.
        self._sent.append(Clip(_HUSH_ID, Content({}, 0.0), is_over=True))
        self._forget(len(self._sent) - _MOST_REMEMBERED)
        return [commands.play_audio(_HUSH, _HUSH_ID, queue=False), commands.KILL_AUDIO]

    def go_on(self, now: float) -> None:
        """The first of them begins, since one before it has just ended: not always when it should have.

        jambonz may take a moment between two of them, and these add up.
        """
        self.quiet_from = now + sum(clip.seconds for clip in self._open)

    def done(self, event: AudioEvent) -> bool:
        """jambonz reports the end of a clip; return whether that is anybody's business."""
        # The media server may have made a text of it.
        clip_id = str(event.get("id"))
        for place, clip in enumerate(self._sent):
            if clip.id == clip_id:
                clip.end(event.get("playback_milliseconds"))
                self.reports += 1
                # Those before it were played before it, or never.
                self._forget(place + 1)
                break
        return clip_id != _HUSH_ID

    def end(self) -> None:
        """The connection is over: none of them will be played any more."""
        self._forget(len(self._sent))

    def _forget(self, count: int) -> None:
        """Of the first of them no report is to come."""
        for clip in self._sent[: max(0, count)]:
            if not clip.is_over:
                clip.end(None)
        del self._sent[: max(0, count)]
