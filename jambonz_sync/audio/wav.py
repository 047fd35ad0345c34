"""WAV files, by the standard library: what is in one, and how to write one.

::

    sound = read_wav("greeting.wav")
    write_wav("copy.wav", sound)
"""

from __future__ import annotations

import io
import os
import wave
from dataclasses import dataclass
from typing import IO, Any

from ..exceptions import InvalidCommand
from .samples import SAMPLE_BYTES

__all__ = ["Sound", "WavSource", "is_wav", "open_wav", "read_wav", "wav_bytes", "wav_seconds", "write_wav"]

#: What a WAV file can be read from: its path, its bytes, or a reader of the module ``wave``.
WavSource = str | os.PathLike[str] | bytes | wave.Wave_read

#: Kinds of WAV files in which each sample has its bits to itself: PCM, floats, A-law, mu-law, and the extensible kind.
_EVEN_KINDS = (1, 3, 6, 7, 0xFFFE)


@dataclass(frozen=True)
class Sound:
    """Samples, and what is needed to hear them.

    * ``data``: the samples, those of several channels interleaved
    * ``sample_rate``: samples per second, of each channel
    * ``channels``: how many there are
    * ``sample_bytes``: how many bytes a sample has; 2 for what jambonz sends
    """

    data: bytes
    sample_rate: int
    channels: int = 1
    sample_bytes: int = SAMPLE_BYTES

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.data) / (self.sample_rate * self.channels * self.sample_bytes)


def is_wav(data: bytes) -> bool:
    """Return whether bytes begin as a WAV file does."""
    return data.startswith(b"RIFF") and data[8:12] == b"WAVE"


def read_wav(source: WavSource) -> Sound:
    """Return the sound of a WAV file with plain samples (PCM).

    ::

        sound = read_wav("greeting.wav")

    ``source``: a path, the bytes of a whole file, or what ``wave.open`` returns, which is read from where it is.

    Raises :exc:`~jambonz_sync.InvalidCommand` for what is no such file, and :exc:`OSError`.
    """
    if isinstance(source, wave.Wave_read):
        return _read(source, "this")
    name = "this" if isinstance(source, bytes) else os.fspath(source)
    try:
        with wave.open(io.BytesIO(source) if isinstance(source, bytes) else name, "rb") as reader:
            return _read(reader, name)
    except (wave.Error, EOFError) as error:
        why = str(error) or "it ends too early"
        raise InvalidCommand(f"{name} is no WAV file with plain samples: {why}") from error


def _read(reader: wave.Wave_read, name: str) -> Sound:
    if not reader.getframerate():
        raise InvalidCommand(_no_rate(name))
    return Sound(
        reader.readframes(reader.getnframes()), reader.getframerate(), reader.getnchannels(), reader.getsampwidth()
    )


def _no_rate(name: str) -> str:
    return f"{name} is a WAV file without a rate: nothing of it is played in a second"


def wav_seconds(data: bytes, name: str = "this") -> float:
    """Return how long a WAV file is, of whatever kind its samples are.

    ::

        seconds = wav_seconds(pathlib.Path("greeting.wav").read_bytes())

    ``data``: the whole file. ``name``: what an error calls it. Where samples are packed, as in ADPCM, it is as long as
    the file says that its bytes last.

    Raises :exc:`~jambonz_sync.InvalidCommand` for a file that holds no sound, or no rate at which to play it.
    """
    per_second, place = 0, 12
    while place + 8 <= len(data):
        chunk, size = data[place : place + 4], _number(data, place + 4, 4)
        place += 8
        if chunk == b"fmt ":
            per_second = _bytes_per_second(data, place)
            if not per_second:
                raise InvalidCommand(_no_rate(name))
        elif chunk == b"data" and per_second:
            # What was written to a pipe does not know its own size: it is the rest.
            return min(size, len(data) - place) / per_second
        # Chunks begin at even places.
        place += size + size % 2
    raise InvalidCommand(f"{name} is a WAV file without sound")


def _bytes_per_second(data: bytes, place: int) -> int:
    kind, channels, rate, said = (_number(data, place + at, size) for at, size in ((0, 2), (2, 2), (4, 4), (8, 4)))
    # What a file says there itself is not to be relied on, since hardly anybody reads it.
    counted = rate * channels * -(-_number(data, place + 14, 2) // 8) if kind in _EVEN_KINDS else 0
    return (counted or said) if rate else 0


def _number(data: bytes, place: int, size: int) -> int:
    return int.from_bytes(data[place : place + size], "little")


def open_wav(
    target: str | os.PathLike[str] | IO[bytes], sample_rate: int, channels: int = 1, sample_bytes: int = SAMPLE_BYTES
) -> wave.Wave_write:
    """Begin a WAV file, to be written to by ``writeframesraw``; it is complete when it is closed.

    ::

        with open_wav("call.wav", 8000) as file:
            file.writeframesraw(frame)
    """
    file: Any = os.fspath(target) if isinstance(target, (str, os.PathLike)) else target
    writer: wave.Wave_write = wave.open(file, "wb")
    writer.setnchannels(channels)
    writer.setsampwidth(sample_bytes)
    writer.setframerate(sample_rate)
    return writer


def write_wav(target: str | os.PathLike[str] | IO[bytes], sound: Sound) -> None:
    """Write a WAV file: to a path, or to what has been opened for it and can seek."""
    with open_wav(target, sound.sample_rate, sound.channels, sound.sample_bytes) as writer:
        writer.writeframes(sound.data)


def wav_bytes(sound: Sound) -> bytes:
    """Return a whole WAV file."""
    file = io.BytesIO()
    write_wav(file, sound)
    return file.getvalue()
