"""Kinds of sound files that jambonz does not play, known by how they begin: as bare samples they would be noise.

::

    refuse_other_kinds(data, "music.mp3", 8000, in_file=True)
"""

from __future__ import annotations

import re

from ..exceptions import InvalidCommand

__all__ = ["ANY_HEAD", "HEAD_BYTES", "conversion", "refuse_other_kinds"]

#: So many bytes of a file tell its kind.
HEAD_BYTES = 12

#: Each kind, and how its files begin. These are long enough to be no speech by chance.
_HEADS = {
    "MP3": rb"ID3[\2-\4][^\xff].[\0-\x7f]{4}",
    "Ogg": rb"OggS",
    "FLAC": rb"fLaC",
    "MP4": rb".{4}ftyp",
    "AIFF": rb"FORM.{4}AIF[FC]",
    "AU": rb"\.snd",
    "WebM": rb"\x1aE\xdf\xa3",
    "AMR": rb"#!AMR",
    "RF64": rb"RF64.{4}WAVE",
}
_HEAD = re.compile(b"|".join(b"(?P<%s>%s)" % (kind.encode(), head) for kind, head in _HEADS.items()), re.DOTALL)
#: How a file begins, a WAV file among them, for a look at each piece of what is streamed.
ANY_HEAD = re.compile(b"|".join([rb"RIFF.{4}WAVE", *_HEADS.values()]), re.DOTALL)


def refuse_other_kinds(begins: bytes, name: str, sample_rate: int, *, in_file: bool) -> None:
    """Raise :exc:`~jambonz_sync.InvalidCommand` for sound that is neither a WAV file nor bare samples.

    ::

        refuse_other_kinds(file.read(HEAD_BYTES), "music.ogg", 8000, in_file=True)

    * ``begins``: its first :data:`HEAD_BYTES` bytes, or more
    * ``name``: what the error calls it
    * ``sample_rate``: what it should be converted to, in samples per second
    * ``in_file``: whether a file begins so. Bytes that somebody hands over may be any piece of speech, and are refused
      only if they cannot be: an MP3 file without a title begins with two bytes that are a sample like any other
    """
    head = _HEAD.match(begins)
    kind = head.lastgroup if head else _kind_of_frame(begins) if in_file else None
    if kind:
        raise InvalidCommand(
            f"{name} is a file of the kind {kind}, which would be heard as noise. {conversion(sample_rate, kind)}"
        )


def conversion(sample_rate: int, kind: str = "MP3") -> str:
    """Return the sentence that tells how sound of another kind becomes a WAV file."""
    return f"Convert it: ffmpeg -i sound.{kind.lower()} -ar {sample_rate} -ac 1 sound.wav"


def _kind_of_frame(begins: bytes) -> str | None:
    """Return the kind of a file that has no head, and begins with its first frame of sound."""
    if len(begins) < 4 or begins[0] != 0xFF:
        return None
    _, sync, rates, rest = begins[:4]
    layer = sync & 0b0110
    if sync & 0b1111_0110 == 0b1111_0000:
        return "AAC" if rates >> 2 & 0b1111 < 13 else None
    # Layer I has gone out of use, and its frames begin as samples of -1 do, of which any silence has some.
    is_frame = sync >= 0b1110_0000 and sync & 0b0001_1000 != 0b0000_1000 and layer in (0b0010, 0b0100)
    # What is left are numbers that are not given away: of bits and of samples per second, and of the emphasis.
    if is_frame and 0 < rates >> 4 < 15 and rates >> 2 & 0b11 != 0b11 and rest & 0b11 != 0b10:
        return "MP3"
    return None
