"""The example programs that listen and speak, in virtual time, with callers who make a sound."""

from __future__ import annotations

import logging
import struct
import wave

import pytest

from jambonz_sync.audio import AudioService
from jambonz_sync.simulator import HangsUp, Presses, Silence, SimulatedCall
from jambonz_sync.simulator.audio_in_process import audio_connector
from jambonz_sync.simulator.in_process import WorldClock, connector
from jambonz_sync.simulator.world import World
from tests.scenarios.examples import load_example

SPEECH = struct.pack("<160h", *([5000, -5000] * 80))


def phone(module, *steps, frames=None):
    """Call an example; return what was said, and what was sent on the audio connections."""
    endpoint, world, recorders = module.endpoint, World(), []
    services = {service.path: service for service in vars(module).values() if isinstance(service, AudioService)}
    call = SimulatedCall(
        "ws://127.0.0.1/app",
        steps,
        clock=WorldClock(world),
        connect=connector(world, endpoint),
        connect_audio=audio_connector(
            world,
            # What is recorded comes to the path of the call.
            lambda path: services.get(path) or endpoint._connections.audio.recordings,
            find_session=lambda call_sid: endpoint.sessions.get(call_sid),
            frames=frames,
            recorders=recorders,
        ),
    )
    world.start(call.run, "jambonz")
    world.wait(lambda: False, ends_idle=True)
    world.stop()
    assert [entry.what for entry in call.transcript.entries if entry.who == "fault"] == []
    return [entry.what for entry in call.transcript.entries if entry.who == "app"], recorders


@pytest.mark.parametrize("steps", [[Silence(2), Presses("#")], [Silence(2), HangsUp()]], ids=["key", "hang-up"])
def test_voicemail(steps, tmp_path, log):
    """What was said after the beep is kept, whether the caller presses the key or hangs up."""
    module = load_example("voicemail")
    module.MESSAGES = tmp_path / "messages"
    said, _ = phone(module, *steps, frames=lambda: [SPEECH] * 1000)
    (path,) = module.MESSAGES.iterdir()
    with wave.open(str(path)) as file:
        assert file.readframes(160) == SPEECH
    assert str(path) in log.expect("has left", level=logging.INFO)
    assert any("Your message has" in text for text in said) is isinstance(steps[1], Presses)
    assert log.unexpected() == []


def test_voicemail__nothing_said(tmp_path, log):
    """A message without length is none."""
    module = load_example("voicemail")
    module.MESSAGES = tmp_path / "messages"
    said, _ = phone(module, Presses("#"))
    assert said[-1] == "That was too short. Goodbye."
    assert not module.MESSAGES.exists()
    assert log.unexpected() == []


def test_voice_echo(log):
    """What is said comes back, half a second late, until a key is pressed."""
    said, (recorder,) = phone(
        load_example("voice_echo"), Silence(5), Presses("5", barge_in=True), frames=lambda: [SPEECH] * 9999
    )
    assert recorder.streamed[:8000] == bytes(8000)
    assert recorder.streamed[8000 : 8000 + 32_000] == SPEECH * 100
    assert said[-1] == "Goodbye."
    assert log.unexpected() == []


@pytest.mark.parametrize(("steps", "notes"), [([], 11), ([Silence(2), Presses("5", barge_in=True)], None)])
def test_music_with_marks(steps, notes, log):
    """The marks tell how much was heard, until the end or until a key."""
    said, (recorder,) = phone(load_example("music_with_marks"), *steps)
    assert len(recorder.streamed) >= 11 * 8000
    heard = int(said[-1].split()[3])
    assert heard == notes if notes else 0 < heard < 11
    assert log.unexpected() == []


def test_live_transcription(log):
    """Each utterance is handed over as soon as it is over."""
    sound = [bytes(320)] * 50 + [SPEECH] * 100 + [bytes(320)] * 100 + [SPEECH] * 25 + [bytes(320)] * 500
    said, _ = phone(load_example("live_transcription"), Silence(9), Presses("5"), frames=lambda: sound)
    log.expect("has spoken for 2.0 seconds", level=logging.INFO)
    log.expect("has spoken for 0.5 seconds", level=logging.INFO)
    assert said[-1] == "Thank you. Goodbye."
    assert log.unexpected() == []
