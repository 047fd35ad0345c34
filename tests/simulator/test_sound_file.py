"""A file with the caller's voice, or samples of it."""

from __future__ import annotations

import array
import pathlib

import pytest

from jambonz_sync.audio.wav import Sound, wav_bytes, write_wav
from jambonz_sync.simulator.sound_file import BadSound, caller_sound, sound_file


@pytest.mark.parametrize("rate", [8000, 64_000])
def test_sound(tmp_path, rate):
    """A file of the kind that jambonz sends is taken as it is."""
    path = tmp_path / "hello.wav"
    write_wav(path, Sound(b"\1\0" * rate, rate))
    playing = sound_file(str(path))
    assert playing.sound == Sound(b"\1\0" * rate, rate)
    assert str(playing) == f"{path}, 1 s"


def test_home(tmp_path, monkeypatch):
    """A path may begin at home, as in a shell, and keeps its name."""
    monkeypatch.setenv("HOME", str(tmp_path))
    write_wav(tmp_path / "hello.wav", Sound(b"\1\0" * 10_000, 8000))
    assert str(sound_file("~/hello.wav")) == "~/hello.wav, 1.25 s"


@pytest.mark.parametrize(
    ("sound", "why"),
    [
        (Sound(b"\1\0" * 9, 44_100), "44100 samples per second, and jambonz sends 8000, 16000, 24000, 32000, 48000 or"),
        (Sound(b"\1\0" * 8, 8000, channels=2), "has 2 channels, and a caller is heard in one"),
        (Sound(b"\1" * 9, 8000, sample_bytes=1), "has samples of 8 bits, and jambonz sends 16"),
    ],
)
def test_sound_of_another_kind(tmp_path, sound, why):
    """What would have to be converted is refused, with the command that does it."""
    path = tmp_path / "a voice.wav"
    write_wav(path, sound)
    with pytest.raises(BadSound, match=why) as raised:
        sound_file(str(path))
    assert str(raised.value).endswith(f": ffmpeg -i '{path}' -ar 8000 -ac 1 -c:a pcm_s16le caller.wav")


def test_no_sound(tmp_path):
    """What cannot be read, is no WAV file or has nothing in it is refused with the reason."""
    with pytest.raises(BadSound, match=r"^cannot read .*nowhere.wav: No such file or directory$"):
        sound_file(str(tmp_path / "nowhere.wav"))
    with pytest.raises(BadSound, match=r"^cannot read .*: Is a directory$"):
        sound_file(str(tmp_path))
    text = tmp_path / "text.wav"
    text.write_text("This is no sound at all, but words.")
    with pytest.raises(BadSound, match=r"text.wav is no WAV file with plain samples: .* ffmpeg -i "):
        sound_file(str(text))
    write_wav(tmp_path / "empty.wav", Sound(b"", 8000))
    with pytest.raises(BadSound, match=r"empty.wav has no sound in it$"):
        sound_file(str(tmp_path / "empty.wav"))


# From elsewhere than a name


@pytest.mark.parametrize("kind", [str, pathlib.Path])
def test_path(tmp_path, kind):
    """A path is that of a WAV file, which gives it its name."""
    path = tmp_path / "hello.wav"
    write_wav(path, Sound(b"\1\0" * 100, 16_000))
    assert caller_sound(kind(path)) == sound_file(str(path))


def test_bytes():
    """The bytes of a WAV file have their own rate, other bytes and arrays the one that is named; none is a file."""
    samples = array.array("h", [1, 2])
    wav = caller_sound(wav_bytes(Sound(samples.tobytes(), 16_000)), 8000)
    assert (wav.sound, wav.is_file) == (Sound(samples.tobytes(), 16_000), False)
    assert caller_sound(samples).sound == caller_sound(samples.tobytes()).sound == Sound(samples.tobytes(), 8000)
    assert caller_sound(bytearray(samples.tobytes()), 24_000).sound.sample_rate == 24_000
    assert str(caller_sound(samples * 4000)) == "a sound, 1 s"


@pytest.mark.parametrize(
    ("source", "rate", "why"),
    [
        (b"\1\0\1", 8000, "neither a WAV file nor 16-bit samples: 3 bytes, which is odd$"),
        (b"\1\0", 44_100, "^a sound has 44100 samples .* give it one channel, and 8000 samples of 16 bits per second$"),
        (b"", 8000, "^a sound has no sound in it$"),
        (array.array("f", [0.5]), 8000, "audio is made of 16-bit samples, .*'f'"),
        (3, 8000, "not int"),
        (b"RIFF\0\0\0\0WAVEnothing", 8000, "no WAV file with plain samples: .* not converted here: give it"),
        (wav_bytes(Sound(b"\1\0" * 2, 8000, channels=2)), 8000, "^a sound has 2 channels"),
    ],
)
def test_bytes_of_another_kind(source, rate, why):
    """What would have to be converted is refused, without the command for files."""
    with pytest.raises(BadSound, match=why) as raised:
        caller_sound(source, rate)
    assert "ffmpeg" not in str(raised.value) or isinstance(source, array.array)
