"""WAV files, read and written."""

from __future__ import annotations

import io
import struct
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jambonz_sync.audio.wav import Sound, is_wav, open_wav, read_wav, wav_bytes, wav_seconds, write_wav
from jambonz_sync.exceptions import InvalidCommand


def packed(
    kind: int, size: int, per_second: int, *, rate: int = 8000, channels: int = 1, bits: int = 8, before: bytes = b""
) -> bytes:
    """A WAV file of some kind, with so many bytes of sound."""
    form = struct.pack("<HHIIHH", kind, channels, rate, per_second, 1, bits)
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + before + b"data" + struct.pack("<I", size) + bytes(size)
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks


@given(
    st.builds(
        lambda frames, rate, channels: Sound(frames * channels, rate, channels),
        st.binary(max_size=99).map(lambda data: data * 2),
        st.sampled_from([8000, 16_000, 44_100]),
        st.sampled_from([1, 2]),
    )
)
def test_round_trip(sound):
    """What is written is what is read."""
    data = wav_bytes(sound)
    assert is_wav(data)
    assert read_wav(data) == sound


def test_ways(tmp_path):
    """A file is read by its path, by its bytes, or from where an open one is."""
    sound = Sound(b"\1\0\2\0\3\0", 8000)
    path = tmp_path / "sound.wav"
    write_wav(path, sound)
    assert read_wav(path) == read_wav(str(path)) == read_wav(path.read_bytes()) == sound
    with wave.open(str(path)) as reader:
        reader.readframes(1)
        assert read_wav(reader).data == b"\2\0\3\0"
    file = io.BytesIO()
    write_wav(file, sound)
    assert file.getvalue() == path.read_bytes()
    assert sound.seconds == 3 / 8000


def test_bit_by_bit(tmp_path):
    """A file can be written as its sound comes."""
    with open_wav(tmp_path / "sound.wav", 16_000, 2) as writer:
        for _ in range(3):
            writer.writeframesraw(b"\1\0\2\0")
    assert read_wav(tmp_path / "sound.wav") == Sound(b"\1\0\2\0" * 3, 16_000, 2)


@pytest.mark.parametrize("data", [b"", b"RIFF", b"ID3", b"RIFF\0\0\0\0WAVEjunk", wav_bytes(Sound(b"", 8000))[:30]])
def test_bad(data, tmp_path):
    """What is no such file is refused, with its name if it has one."""
    with pytest.raises(InvalidCommand, match="this is no WAV file"):
        read_wav(data)
    (tmp_path / "bad.wav").write_bytes(data)
    with pytest.raises(InvalidCommand, match=r"bad\.wav is no WAV file"):
        read_wav(tmp_path / "bad.wav")
    with pytest.raises(FileNotFoundError):
        read_wav(tmp_path / "none.wav")


def test_no_rate(tmp_path):
    """A file whose samples last no time is refused, with its name if it has one, however it is read."""
    data = bytearray(wav_bytes(Sound(bytes(320), 8000)))
    data[24:28] = bytes(4)
    (tmp_path / "bad.wav").write_bytes(data)
    with pytest.raises(InvalidCommand, match=r"^this is a WAV file without a rate"):
        read_wav(bytes(data))
    with pytest.raises(InvalidCommand, match=r"bad\.wav is a WAV file without a rate"):
        read_wav(tmp_path / "bad.wav")
    with (
        wave.open(io.BytesIO(data)) as reader,
        pytest.raises(InvalidCommand, match="this is a WAV file without a rate"),
    ):
        read_wav(reader)
    with pytest.raises(InvalidCommand, match=r"^tone\.wav is a WAV file without a rate"):
        wav_seconds(bytes(data), "tone.wav")


@given(
    st.builds(
        lambda frames, rate, channels, width: Sound(bytes(frames * channels * width), rate, channels, width),
        st.integers(0, 999),
        st.sampled_from([8000, 11_025, 48_000]),
        st.sampled_from([1, 2]),
        st.sampled_from([1, 2, 3, 4]),
    )
)
def test_seconds(sound):
    """A file with plain samples is as long as they are."""
    assert wav_seconds(wav_bytes(sound)) == sound.seconds


@pytest.mark.parametrize(
    ("data", "seconds"),
    [
        pytest.param(packed(7, 12_000, 8000), 1.5, id="mu-law"),
        pytest.param(packed(6, 12_000, 16_000, channels=2), 0.75, id="A-law, stereo"),
        pytest.param(packed(3, 64_000, 32_000, bits=32), 2.0, id="floats"),
        pytest.param(packed(0xFFFE, 16_000, 16_000, bits=16), 1.0, id="extensible"),
        pytest.param(packed(1, 16_000, 7, bits=16), 1.0, id="its bytes per second are nonsense"),
        pytest.param(packed(0x31, 3250, 1625, bits=0), 2.0, id="GSM"),
        pytest.param(packed(0x11, 8110, 4055, bits=4), 2.0, id="ADPCM"),
        pytest.param(packed(7, 8000, 8000, bits=0), 1.0, id="its bits are not told"),
        pytest.param(packed(7, 8000, 8000, before=b"LIST\3\0\0\0abc\0"), 1.0, id="a chunk of an odd size"),
    ],
)
def test_seconds_of_other_kinds(data, seconds):
    """Of kinds that Python does not read too it is known how long they are."""
    assert wav_seconds(data) == seconds


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFFFFF, 16_001])
def test_seconds_of_a_pipe(size):
    """Where the size is too large, as in what was written to a pipe, the sound goes on to the end."""
    data = wav_bytes(Sound(bytes(16_000), 8000))
    assert wav_seconds(data[:40] + struct.pack("<I", size) + data[44:]) == 1.0


@pytest.mark.parametrize("size", [12, 19, 36, 43])
def test_no_sound(size):
    """A file that ends before its sound has none."""
    with pytest.raises(InvalidCommand, match=r"^this is a WAV file without sound$"):
        wav_seconds(wav_bytes(Sound(bytes(320), 8000))[:size])


def test_sound_before_its_kind():
    """Sound of which nothing was said cannot be played."""
    with pytest.raises(InvalidCommand, match="without sound"):
        wav_seconds(b"RIFF\x0c\0\0\0WAVEdata\4\0\0\0\1\0\2\0")
