"""Sound from files for the caller to send, and what the application sends back, to be looked at or listened to.

::

    wire = functools.partial(RecordedWire, frames=wav_frames("hello.wav"), recorders=recorders)
    SimulatedCall(url, connect_audio=wire).run()
    recorders[0].save("heard.wav", sample_rate=8000)
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import ssl
from collections.abc import Iterable, Iterator

from ..audio.wav import Sound, is_wav, read_wav, write_wav
from .audio_frames import FRAMES_PER_SECOND
from .caller_sound import SoundWire

__all__ = ["RecordedWire", "SoundRecorder", "wav_frames"]


def wav_frames(path: str | os.PathLike[str]) -> Iterator[bytes]:
    """Return the sound of a WAV file in frames of 20 ms, of which the last may be shorter.

    It must have the rate and the channels that the ``listen`` asks for, since nothing is converted.
    """
    sound = read_wav(path)
    size = sound.sample_rate // FRAMES_PER_SECOND * sound.channels * sound.sample_bytes
    return (sound.data[start : start + size] for start in range(0, len(sound.data), size))


class SoundRecorder:
    """What the application has sent on one connection, whether all of it was heard or not.

    * ``streamed``: the audio that was streamed
    * ``clips``: the clips, in order
    """

    def __init__(self) -> None:
        self.streamed = bytearray()
        self.clips: list[Sound] = []

    def take(self, message: str | bytes) -> None:
        """The application has sent a message."""
        if isinstance(message, bytes):
            self.streamed += message
            return
        try:
            told = json.loads(message)
            if told["type"] == "playAudio":
                self._take_clip(told["data"])
        except (ValueError, KeyError, TypeError):
            # Whoever plays it complains.
            return

    def _take_clip(self, data: dict[str, object]) -> None:
        try:
            content = base64.b64decode(str(data["audioContent"]), validate=True)
        except binascii.Error:
            return
        if is_wav(content):
            self.clips.append(read_wav(content))
        elif isinstance(data.get("sampleRate"), int):
            self.clips.append(Sound(content, int(str(data["sampleRate"]))))

    def save(self, path: str | os.PathLike[str], *, sample_rate: int) -> None:
        """Write what was streamed to a WAV file; ``sample_rate`` is that of the ``bidirectional_audio``."""
        write_wav(path, Sound(bytes(self.streamed), sample_rate))


class RecordedWire(SoundWire):
    """A connection for audio, over a socket, on which the caller is heard and the application recorded.

    ``frames``, ``tls``: as for :class:`~.caller_sound.SoundWire`. ``recorders`` gets the recorder.
    """

    def __init__(
        self,
        url: str,
        *,
        recorders: list[SoundRecorder],
        frames: Iterable[bytes] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(url, frames=frames, tls=tls)
        #: What the application has sent.
        self.recorder = SoundRecorder()
        recorders.append(self.recorder)

    def read(self) -> list[str | bytes]:
        """Return the messages that have come."""
        messages = super().read()
        for message in messages:
            self.recorder.take(message)
        return messages
