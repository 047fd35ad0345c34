"""Recording what a caller says: jambonz has no verb for it, so it is a ``listen`` to this very application.

::

    desk = RecordingDesk("/recording")
    service = AudioService(desk.path)
    service.on("connection", desk.take)

    recording = desk.record(session, finish_on_key="#", max_length=60)
    recording.save("message.wav")

Threads. The session's thread runs the ``listen`` and then waits for what was recorded; the audio comes on a connection
with a thread of its own, which finds what it is for by a name in the metadata. What one thread leaves to the other is a
:class:`_Take`: written by the audio's thread until its event is set, read by the session's after that. ``_takes`` is a
dict that both change by single operations, which the interpreter makes atomic.
"""

from __future__ import annotations

import os
import secrets
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ..exceptions import CallEnded
from .arrays import as_array
from .ended import RecordingFailed
from .samples import FRAME_SECONDS, loudness
from .wav import Sound, wav_bytes, write_wav

if TYPE_CHECKING:
    from ..session import Session
    from .stream import AudioStream

__all__ = ["Recording", "RecordingDesk"]

#: The key in the metadata of the ``listen``.
_KEY = "jambonzSyncRecording"

#: What does not go beyond this is silence: some 36 dB below the loudest that can be.
_SILENCE = 500

#: How long the rest of the audio is waited for behind the end of the verb, in seconds; its connection, if there seems
#: to be none; and how often it is looked for them.
_REST = 3.0
_MEETING = 0.5
_STEP = 0.02

RecordingEnd = Literal["key", "length", "silence", "hangup", "other"]


@dataclass(frozen=True)
class Recording:
    """What was recorded. ``session.record(...)`` returns one.

    ::

        recording = session.record(max_length=60)
        recording.save("message.wav")

    * ``data``: the samples, of 16 bits, the lower byte first; those of two channels in turn
    * ``sample_rate``, ``channels``: how they are made
    * ``reason``: what has ended it: ``"key"``, ``"length"``, ``"silence"``, ``"hangup"``, or ``"other"``, such as verbs
      that were sent meanwhile
    * ``digits``: the key, if one was pressed to end it
    """

    data: bytes = field(repr=False)
    sample_rate: int
    channels: int
    reason: RecordingEnd
    digits: str = ""

    @property
    def sound(self) -> Sound:
        """What was recorded, without the circumstances."""
        return Sound(self.data, self.sample_rate, self.channels)

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.sound.seconds

    @property
    def array(self) -> Any:
        """The samples as an array of numpy, which must be installed; a column for each of two channels."""
        return as_array(self.data, self.channels)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a WAV file; what is there is overwritten. Raises :exc:`OSError`."""
        write_wav(path, self.sound)

    def wav(self) -> bytes:
        """Return a whole WAV file, as for an attachment."""
        return wav_bytes(self.sound)


class _Take:
    """What the audio's thread records for the session's."""

    def __init__(self, silence: float | None) -> None:
        self.silence = silence
        self.data = bytearray()
        self.sample_rate = 8000
        self.channels = 1
        self.was_silent = False
        self.began = False
        self.over = threading.Event()

    def run(self, stream: AudioStream) -> None:
        self.began = True
        self.sample_rate, self.channels = stream.sample_rate, stream.channels
        try:
            quiet = 0.0
            for frame in stream:
                self.data += frame
                quiet = 0.0 if loudness(frame) > _SILENCE else quiet + FRAME_SECONDS
                if self.silence is not None and quiet >= self.silence - FRAME_SECONDS / 2 and not self.was_silent:
                    self.was_silent = True
                    stream.disconnect()
        finally:
            self.over.set()


class RecordingDesk:
    """Where recordings are ordered, and where the audio for them arrives.

    ``path``: that of the audio service whose function for connections is :meth:`take`.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._takes: dict[str, _Take] = {}

    def take(self, stream: AudioStream) -> None:
        """Take a connection: the function for an audio service."""
        name = stream.metadata.get(_KEY)
        take = self._takes.pop(name, None) if isinstance(name, str) else None
        if take is None:
            stream.log.warning("closed an audio connection to %s: nothing is to be recorded for it", self.path)
            return
        take.run(stream)

    def record(
        self,
        session: Session,
        *,
        beep: bool = True,
        finish_on_key: str | None = "#",
        max_length: float | None = None,
        silence: float | None = None,
        sample_rate: int = 8000,
        mix_type: Literal["mono", "stereo", "mixed"] = "mono",
        url: str | None = None,
    ) -> Recording:
        """Record the caller, on the call's own thread: see :meth:`jambonz_sync.Session.record`.

        ``url``: where jambonz brings the audio; by default to :attr:`path`.
        """
        name = secrets.token_urlsafe(12)
        take = self._takes[name] = _Take(silence)
        url = self.path if url is None else url
        options: dict[str, Any] = {
            "url": url,
            "play_beep": beep,
            "sample_rate": sample_rate,
            "mix_type": mix_type,
            "bidirectional_audio": {"enabled": False},
            "metadata": {_KEY: name},
        }
        if finish_on_key is not None:
            options["finish_on_key"] = finish_on_key
        if max_length is not None:
            options["max_length"] = max_length
        digits, seconds, ended = "", None, None
        try:
            outcome = session.listen(**options).run()
            digits, seconds = str(outcome.get("digits") or ""), outcome.get("dial_call_duration")
        except CallEnded as error:
            ended = error
        finally:
            # The thread of the audio may be the slower one. A duration is told only where there was a connection.
            _await(session, take, _REST if take.began or seconds is not None else _MEETING)
            # Whatever else was raised: nobody records for it any more.
            self._takes.pop(name, None)
        if not take.began:
            if ended is not None:
                raise ended
            raise RecordingFailed(
                f"no audio came: can jambonz reach {url} at the host of this application? It says no more than "
                "that the listening has failed. An application that is stopping takes no new connection"
            )
        reason: RecordingEnd = "other"
        if digits:
            reason = "key"
        elif take.was_silent:
            reason = "silence"
        elif ended is not None:
            reason = "hangup"
        # jambonz tells whole seconds.
        elif max_length is not None and isinstance(seconds, int) and seconds >= int(max_length):
            reason = "length"
        return Recording(bytes(take.data), take.sample_rate, take.channels, reason, digits)


def _await(session: Session, take: _Take, seconds: float) -> None:
    """Wait for the last of the audio, at most for so many seconds of whatever time the session lives in."""
    conversation = session._conversation
    until = conversation.now() + seconds
    while not take.over.is_set() and conversation.now() < until:
        step = conversation.now() + _STEP
        line = conversation.line
        # Where the connection of the call is lost, there is nothing left to wait at.
        if line is None or (not line.wait(take.over.is_set, step) and conversation.now() < step):
            take.over.wait(_STEP)
