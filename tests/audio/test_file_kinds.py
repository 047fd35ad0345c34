"""Kinds of sound files that jambonz does not play."""

from __future__ import annotations

import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jambonz_sync.audio.file_kinds import HEAD_BYTES, conversion, refuse_other_kinds
from jambonz_sync.audio.wav import Sound, wav_bytes
from jambonz_sync.exceptions import InvalidCommand

#: How files begin that were written by ffmpeg and others, with their kinds.
HEADS = [
    (b"ID3\x04\0\0\0\0\0\x23TSSE", "MP3"),
    (b"OggS\0\2\0\0\0\0\0\0", "Ogg"),
    (b"fLaC\0\0\0\x22\x12\0\x12\0", "FLAC"),
    (b"\0\0\0\x1cftypM4A ", "MP4"),
    (b"FORM\0\0\7\xfaAIFF", "AIFF"),
    (b"FORM\0\0\7\xfaAIFC", "AIFF"),
    (b".snd\0\0\0\x20\0\0\7\xd0", "AU"),
    (b"\x1aE\xdf\xa3\x9fB\x86\x81\1B\xf7\x81", "WebM"),
    (b"#!AMR\n<\x91\x17\x16\xbe\x66", "AMR"),
    (b"RF64\xff\xff\xff\xffWAVE", "RF64"),
]

#: Files without a head, by their first frame: MPEG 1, 2 and 2.5, layers III and II, with and without a checksum; AAC.
FRAMES = [
    (b"\xff\xfb\x90\x64", "MP3"),
    (b"\xff\xfa\x50\xc4", "MP3"),
    (b"\xff\xf3\x48\xc4", "MP3"),
    (b"\xff\xe3\x18\xc4", "MP3"),
    (b"\xff\xfd\x84\x04", "MP3"),
    (b"\xff\xf1\x50\x80", "AAC"),
    (b"\xff\xf9\x60\x40", "AAC"),
]

#: What only looks like such a frame, but for one number that is not given away.
NO_FRAMES = [
    b"\xff\xeb\x90\x64",
    b"\xff\xfb\xf0\x64",
    b"\xff\xfb\x00\x64",
    b"\xff\xfb\x9c\x64",
    b"\xff\xfb\x90\x66",
    b"\xff\xff\x90\x64",
    b"\xff\xf1\x74\x80",
    b"\xff\x1b\x90\x64",
    b"\xfe\xfb\x90\x64",
    b"\xff\xfb\x90",
]


@pytest.mark.parametrize(("begins", "kind"), HEADS)
@pytest.mark.parametrize("in_file", [True, False])
def test_heads(begins, kind, in_file):
    """What has a head that no speech has is refused wherever it comes from, with the way to convert it."""
    with pytest.raises(InvalidCommand, match=rf"^tune is a file of the kind {kind}, .* -ar 16000 -ac 1 sound\.wav$"):
        refuse_other_kinds(begins + bytes(80), "tune", 16_000, in_file=in_file)
    with pytest.raises(InvalidCommand, match=kind):
        refuse_other_kinds(begins[:HEAD_BYTES], "tune", 16_000, in_file=in_file)


@pytest.mark.parametrize(("begins", "kind"), FRAMES)
def test_frames(begins, kind):
    """A file may begin with sound at once; where bytes are handed over, that may be speech."""
    refuse_other_kinds(begins, "tune", 8000, in_file=False)
    with pytest.raises(InvalidCommand, match=f"of the kind {kind}"):
        refuse_other_kinds(begins, "tune", 8000, in_file=True)


@pytest.mark.parametrize(
    "begins", [*NO_FRAMES, *(head[:place] for head, _ in HEADS for place in range(3)), b"FORMULA 1!!!"]
)
def test_samples(begins):
    """What begins nearly so are samples."""
    refuse_other_kinds(begins, "tune", 8000, in_file=True)


@given(st.lists(st.integers(-512, 511), max_size=8))
def test_silence(samples):
    """However a file of silence begins, with the noise that a line has: it is silence."""
    refuse_other_kinds(array.array("h", samples).tobytes(), "tune", 8000, in_file=True)


def test_wav():
    """A WAV file is none of them."""
    refuse_other_kinds(wav_bytes(Sound(bytes(320), 8000)), "tune", 8000, in_file=True)


def test_conversion():
    """It is said how to convert what is of no known kind too."""
    assert conversion(8000) == "Convert it: ffmpeg -i sound.mp3 -ar 8000 -ac 1 sound.wav"
