"""WAV files, read and written."""

from __future__ import annotations

import io
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jambonz_sync.audio.wav import Sound, is_wav, open_wav, read_wav, wav_bytes, write_wav
from jambonz_sync.exceptions import InvalidCommand


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
