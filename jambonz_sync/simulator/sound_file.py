"""What is to be heard of the caller, from a file or from samples: what can be heard as it is, and what cannot.

::

    hello = sound_file("hello.wav")
    hello.sound.seconds
    beep = caller_sound(array.array("h", [0, 8000, 0, -8000] * 400), 8000)
"""

from __future__ import annotations

import os
import shlex
from typing import Any, NamedTuple

from ..audio.clips import RAW_RATES
from ..audio.samples import SAMPLE_BYTES, BytesLike, as_bytes
from ..audio.wav import Sound, is_wav, read_wav
from ..exceptions import InvalidCommand

__all__ = ["BadSound", "PlaysSound", "SoundSource", "caller_sound", "sound_file"]

#: What a call has, and a ``listen`` that names no other.
_USUAL_RATE = 8000

#: What sound comes from: the path of a WAV file, its bytes, or an array of samples.
SoundSource = str | os.PathLike[str] | BytesLike | Any


class BadSound(ValueError):
    """Something cannot be heard of a caller. The text says why, and what to do."""


class PlaysSound(NamedTuple):
    """What the caller lets be heard: what it is called, and its sound, of 16 bits and one channel.

    ``is_file``: whether that is the name of a file.
    """

    name: str
    sound: Sound
    is_file: bool = True

    def __str__(self) -> str:
        return f"{self.name}, {self.sound.seconds:.3g} s"

    def conversion(self, rate: int) -> str:
        """Return the sentence that says how it comes to have a rate."""
        return _conversion(self.name if self.is_file else None, rate)


def sound_file(name: str) -> PlaysSound:
    """Return what is in a WAV file, ``~`` for a home directory. Raises :exc:`BadSound` for what no telephone sends."""
    try:
        sound = read_wav(os.path.expanduser(name))
    except OSError as error:
        raise BadSound(f"cannot read {name}: {error.strerror or error}") from error
    except InvalidCommand as error:
        raise BadSound(f"{error}. {_conversion(name)}") from error
    return _fitting(PlaysSound(name, sound))


def caller_sound(source: SoundSource, sample_rate: int = _USUAL_RATE) -> PlaysSound:
    """Return what is in a WAV file, in the bytes of one, or in samples of 16 bits, whose rate is ``sample_rate``.

    Raises :exc:`BadSound` for what no telephone sends.
    """
    if isinstance(source, (str, os.PathLike)):
        return sound_file(os.fspath(source))
    try:
        data = as_bytes(source)
        sound = read_wav(data) if is_wav(data) else Sound(data, sample_rate)
    except InvalidCommand as error:
        raise BadSound(f"{error}. {_conversion(None)}") from error
    if sound.sample_bytes == SAMPLE_BYTES and len(sound.data) % SAMPLE_BYTES:
        raise BadSound(f"neither a WAV file nor 16-bit samples: {len(data)} bytes, which is odd")
    return _fitting(PlaysSound("a sound", sound, is_file=False))


def _fitting(playing: PlaysSound) -> PlaysSound:
    wrong = _wrong(playing.sound)
    if wrong:
        raise BadSound(f"{playing.name} has {wrong}. {playing.conversion(_USUAL_RATE)}")
    if not playing.sound.data:
        raise BadSound(f"{playing.name} has no sound in it")
    return playing


def _conversion(name: str | None, rate: int = _USUAL_RATE) -> str:
    if name is None:
        return f"It is not converted here: give it one channel, and {rate} samples of 16 bits per second"
    command = shlex.join(["ffmpeg", "-i", name, "-ar", str(rate), "-ac", "1", "-c:a", "pcm_s16le", "caller.wav"])
    return f"It is not converted here: {command}"


def _wrong(sound: Sound) -> str:
    if sound.sample_rate not in RAW_RATES:
        rates = ", ".join(map(str, RAW_RATES[:-1]))
        return f"{sound.sample_rate} samples per second, and jambonz sends {rates} or {RAW_RATES[-1]}"
    if sound.channels != 1:
        return f"{sound.channels} channels, and a caller is heard in one"
    if sound.sample_bytes != SAMPLE_BYTES:
        return f"samples of {8 * sound.sample_bytes} bits, and jambonz sends {8 * SAMPLE_BYTES}"
    return ""
