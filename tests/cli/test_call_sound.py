"""`jambonz-sync call` with sound: the caller's from files, and what was heard into one."""

from __future__ import annotations

import pathlib
import re
import subprocess

import pytest

from jambonz_sync.audio.wav import Sound, read_wav, write_wav
from jambonz_sync.cli import main
from tests.cli.applications import ECHO
from tests.cli.process import ROOT, command, environ, interrupted, run
from tests.cli.typing import typing

VOICE_ECHO = str(ROOT / "examples" / "voice_echo.py")

#: A second of it.
VOICE = Sound(b"\x01\x10" * 8000, 8000)


@pytest.fixture(autouse=True)
def _files(tmp_path, monkeypatch):
    """The caller's voice, in the directory in which all of this happens."""
    monkeypatch.chdir(tmp_path)
    write_wav("voice.wav", VOICE)
    write_wav("wide.wav", Sound(VOICE.data, 16_000))
    write_wav("music.wav", Sound(bytes(44_100 * 4), 44_100, 2))


def call(*arguments, lines=(), **variables):
    """Run a call of a prepared caller here."""
    return subprocess.run(
        command("call", *arguments),
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        timeout=60,
        env=environ(**variables),
    )


def voices(path):
    """How many samples of the voice are on the left, and on the right."""
    sound = read_wav(path)
    assert (sound.sample_rate, sound.channels) == (8000, 2)
    return sound.data[1::4].count(VOICE.data[1]), sound.data[3::4].count(VOICE.data[1])


def test_voicemail(tmp_path):
    """A prepared caller leaves a message of his own voice, and presses a key behind it."""
    example = str(ROOT / "examples" / "voicemail.py")
    result = call(example, "--speed", "10", lines=["/sound voice.wav", "##"], MESSAGES=str(tmp_path / "messages"))
    assert (result.returncode, result.stderr) == (0, "")
    assert re.search(
        r"caller  \(voice.wav, 1 s\)\n.*caller  presses #\n.*app     Your message has 2 sec", result.stdout
    )
    (message,) = (tmp_path / "messages").iterdir()
    # Silence before and behind it, as the caller takes his time.
    assert read_wav(message).data.strip(b"\0") == VOICE.data


def test_echo():
    """What is played from the beginning comes back, and both are saved, each on its side."""
    result = call(VOICE_ECHO, "--sound", "voice.wav", "--save", "both.wav", "--speed", "2", lines=["/silence", "#1"])
    assert (result.returncode, result.stderr) == (0, "")
    assert re.search(r"caller  \(voice.wav, 1 s\)\n.*app     \(streamed audio\)\n.*caller  presses 1", result.stdout)
    seconds = f"{read_wav('both.wav').seconds:.1f}"
    assert re.search(
        rf"\nSaved both.wav: {seconds} s, from \d+\.\d s of the call on, the caller on the left", result.stdout
    )
    said, heard = voices("both.wav")
    assert said == 8000
    # What had not come back when the key was pressed is not heard.
    assert 1 <= heard <= 8000


def test_typed(tmp_path):
    """At a terminal a sound is played when it is ordered, and waits for who will listen."""
    pytest.importorskip("pty")
    pytest.importorskip("readline")
    write_wav("app.wav", VOICE)
    with typing("call", VOICE_ECHO, "--save", "both.wav", cwd=tmp_path) as typist:
        typist.sees("Whatever you say comes back to you.")
        typist.types("/sound voice.wav")
        typist.sees("voice.wav is to be heard when the application listens to the caller's sound")
        typist.types("/sound nowhere.wav")
        typist.sees("cannot read nowhere.wav: No such file")
        typist.sees("caller  (voice.wav, 1 s)")
        typist.sees("(streamed audio)")
        typist.types("/sound app.wav")
        typist.sees("caller  (app.wav, 1 s)")
        typist.types("#1")
        typist.sees("Goodbye.")
        typist.sees("Saved both.wav: ")
        assert typist.ends() == 0
    said, heard = voices("both.wav")
    assert said == 16_000
    assert heard >= 1


def test_interrupted():
    """At Ctrl-C what was heard so far is saved."""
    example = str(ROOT / "examples" / "music_with_marks.py")
    ended = interrupted("call", example, "--save", "heard.wav", at="(streamed audio)", cwd=pathlib.Path.cwd())
    assert (ended.returncode, ended.stderr) == (0, "")
    assert re.search(r"hung up by the caller.*\n(.*\n)*Saved heard.wav: ", ended.stdout)
    assert read_wav("heard.wav").seconds > 0


def test_nobody_listens(tmp_path):
    """An application that listens to words hears no file: nothing is saved, and it is told why."""
    (tmp_path / "app.py").write_text(ECHO)
    result = call("app.py", "--sound", "voice.wav", "--save", "both.wav", "--speed", "20", lines=["hello"])
    assert (result.returncode, result.stderr) == (0, "")
    assert (
        "Nothing to save: the application has not listened to the caller; both.wav is not written.\n" in result.stdout
    )
    assert "has not listened to the caller's sound: voice.wav was not played.\n" in result.stdout
    assert not (tmp_path / "both.wav").exists()


# What is wrong


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("nowhere.wav", "cannot read nowhere.wav: No such file"),
        ("music.wav", "music.wav has 44100 samples per second, and jambonz sends 8000, 16000"),
        (__file__, "is no WAV file with plain samples"),
    ],
)
def test_wrong_sound(name, why, capsys):
    """A file that cannot be heard as it is ends with 2, before anything is called."""
    assert main(["call", "ws://127.0.0.1:1/", "--sound", name]) == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert why in errors


def test_wrong_sound_in_a_prepared_caller(tmp_path):
    """The same in a line, which is named."""
    (tmp_path / "caller.txt").write_text("hello\n/sound music.wav\n")
    result = run("call", "ws://127.0.0.1:1/", "--script", str(tmp_path / "caller.txt"))
    assert (result.returncode, result.stdout) == (2, "")
    assert "line 2 of " in result.stderr


def test_another_rate():
    """A file that has another rate than the application listens with is told in the call, which ends with 2."""
    result = call(VOICE_ECHO, "--sound", "wide.wav", "--speed", "10")
    assert result.returncode == 2
    assert "fault   nobody hears wide.wav: wide.wav has 16000 samples per second" in result.stdout
    assert result.stdout.count("ffmpeg -i wide.wav -ar 8000 -ac 1") == 1
    assert result.stderr == "jambonz-sync: a sound was not heard, since the application listens at another rate\n"


def test_save_that_cannot_be_written(capsys):
    """A file that cannot be written is noticed before the call."""
    assert main(["call", "ws://127.0.0.1:1/", "--save", "no/where.wav"]) == 1
    assert capsys.readouterr() == ("", "jambonz-sync: cannot write no/where.wav: No such file or directory\n")


def test_save_that_fails(tmp_path):
    """One that cannot be written any more at the end makes the call a failure."""
    script = pathlib.Path(VOICE_ECHO).read_text()
    goodbye = 'session.say("Goodbye.")'
    (tmp_path / "app.py").write_text(script.replace(goodbye, f"os.mkdir('both.wav'); {goodbye}"))
    result = call("app.py", "--sound", "voice.wav", "--save", "both.wav", "--speed", "5", lines=["/silence", "#1"])
    assert result.returncode == 1
    assert result.stderr == "jambonz-sync: cannot write both.wav: Is a directory\n"


def test_nothing_there(capsys):
    """Where nothing answers, nothing is said of what might have been saved."""
    assert main(["call", "ws://127.0.0.1:1/", "--save", "both.wav", "--script", "/dev/null"]) == 1
    assert "Nothing to save" not in capsys.readouterr().out
