"""What docs/guides/audio.md shows is run here, block by block."""

from __future__ import annotations

import pathlib
import re
import shlex
import subprocess

import pytest

from jambonz_sync import create_endpoint
from jambonz_sync.audio.wav import Sound, read_wav, write_wav
from tests.cli.process import ROOT, command, environ

PAGE = (pathlib.Path(__file__).resolve().parents[1] / "docs" / "guides" / "audio.md").read_text(encoding="utf-8")

LISTENING, CLIPS, STREAMING, RECORDING = (
    compile(block, "audio.md", "exec") for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
)


@pytest.fixture
def endpoint(tmp_path, monkeypatch):
    """An endpoint with a service, and the files that the page names."""
    monkeypatch.chdir(tmp_path)
    for name in ("welcome.wav", "music.wav"):
        write_wav(name, Sound(bytes(16_000), 8000, 1))
    return create_endpoint()


def test_listening(jambonz, endpoint):
    """The transcriber gets frames of 20 ms."""
    frames = []

    class Transcriber:
        send = frames.append

    service = endpoint.make_service("/app")
    exec(LISTENING, {"endpoint": endpoint, "service": service, "transcriber": Transcriber})
    call = jambonz.call(endpoint, "/app")
    call.is_silent(1)
    call.hangs_up()
    # Two channels at 16,000 samples per second.
    assert {len(frame) for frame in frames[:-1]} == {1280}


@pytest.mark.parametrize(
    ("block", "options"),
    [
        (CLIPS, {}),
        (STREAMING, {"bidirectional_audio": {"enabled": True, "streaming": True, "sample_rate": 8000}}),
    ],
    ids=["clips", "streaming"],
)
def test_being_heard(jambonz, endpoint, block, options):
    """Each line does what the page says, in either mode."""
    done = []

    @endpoint.make_audio_service("/audio").on("connection")
    def voice(stream):
        names = {"stream": stream, "samples": bytes(3200), "chunk": bytes(321), "text": "hello"}
        exec(block, {**names, "speech_of": lambda text: iter([bytes(1600)] * 10)})
        done.append(True)

    @endpoint.make_service("/app").on("session:new")
    def answer(session):
        session.listen("/audio", **options).run()

    jambonz.call(endpoint, "/app").is_silent(30)
    assert done == [True]


def test_recording(jambonz, endpoint):
    """What the caller says is kept in a file."""

    @endpoint.make_service("/app").on("session:new")
    def answer(session):
        names = {"session": session}
        exec(RECORDING, names)
        session.say(names["recording"].reason).run()

    call = jambonz.call(endpoint, "/app")
    assert call.heard("Leave a message after the beep, and press pound.")
    assert call.heard("silence")
    assert pathlib.Path("message.wav").stat().st_size > 16_000


@pytest.mark.parametrize("line", re.findall(r"^\$ jambonz-sync (.*)$", PAGE, re.MULTILINE))
def test_without_a_phone(line, tmp_path):
    """The commands do what the page says; nobody types, so the caller hangs up when he has been heard."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    write_wav(tmp_path / "message.wav", Sound(b"\x01\x10" * 16_000, 8000))
    shown, prepared = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "caller.txt").write_text(prepared)
    result = subprocess.run(
        command(*shlex.split(line)),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
        env=environ(),
    )
    assert (result.returncode, result.stderr) == (0, "")
    if "--save" in line:
        # The times are those of another day.
        for text in re.findall(r"^ *[\d.]+  (.*)$", shown, re.MULTILINE):
            assert f"  {text}\n" in result.stdout
        assert re.search(
            r"^Saved both.wav: .* s, from .* s of the call on, the caller on the left", result.stdout, re.M
        )
        assert (tmp_path / "both.wav").exists()
    else:
        assert result.stdout.index("(message.wav, 2 s)") < result.stdout.index("presses #")
        (message,) = (tmp_path / "messages").iterdir()
        assert read_wav(message).data.strip(b"\0") == b"\x01\x10" * 16_000
