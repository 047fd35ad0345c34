"""The recorded audio connections: an application that acts as in the trace says the same, message for message."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from jambonz_sync.audio import AudioEnded
from tests.golden import load

from .application import TIMEOUT


def clips(stream):
    """What the application of trace 18 does."""
    audio = stream.read(0.06)
    pressed = stream.wait_for("dtmf")
    clip = stream.play_audio(bytes(8), sample_rate=8000, queue=True, id="clip-1")
    done = stream.wait_for("playDone")
    stream.kill_audio()
    stream.disconnect()
    try:
        stream.wait_for("*")
    except AudioEnded as end:
        return {
            "heard": len(audio),
            "pressed": (pressed.digit, pressed.duration),
            "clip": (clip.is_over, clip.completed, clip.played),
            "done": dict(done),
            "ticket": stream.metadata["ticket"],
            "from": stream.metadata["from"],
            "end": end.code,
        }


def marks(stream):
    """What the application of trace 19 does."""
    stream.send_audio(b"\1\0" * 1600)
    stream.send_mark("end-of-sentence-1")
    stream.send_audio(b"\1\0" * 1600)
    first = stream.wait_for("mark")
    stream.send_mark("end-of-sentence-2")
    stream.kill_audio()
    second = stream.wait_for("mark:end-of-sentence-2")
    stream.close(1000)
    return [dict(first), (second.mark, second.event)]


APPLICATIONS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "18_audio_clips": (
        clips,
        {
            "heard": 960,
            "pressed": ("7", 0.2),
            "clip": (True, True, 0.02),
            "done": {
                "id": "clip-1",
                "playback_seconds": 0,
                "playback_milliseconds": 20,
                "playback_last_offset_pos": 160,
            },
            "ticket": "T-19",
            "from": "15550143001",
            "end": 1000,
        },
    ),
    "19_audio_streaming_marks": (
        marks,
        [{"mark": "end-of-sentence-1", "event": "playout"}, ("end-of-sentence-2", "cleared")],
    ),
}


@pytest.mark.parametrize("name", APPLICATIONS)
def test_trace(audio, name):
    """What is sent is what was sent there, and what comes is told in the right words."""
    act, result = APPLICATIONS[name]
    audio.answer(act)
    opening, *steps = load(name).steps
    ws = audio.connect(None, subprotocols=[opening.subprotocol])
    assert (opening.path, ws.subprotocol) == ("/audio", opening.subprotocol)
    for step in steps:
        if step.direction == "in":
            if step.event == "close":
                ws.close(step.code)
            else:
                ws.send(bytes(step.size) if step.message is None else json.dumps(step.message))
        elif step.event == "close":
            with pytest.raises(ConnectionClosed) as caught:
                ws.recv(TIMEOUT)
            assert caught.value.rcvd is not None
            assert caught.value.rcvd.code == step.code
        else:
            sent = ws.recv(TIMEOUT)
            if step.message is None:
                assert len(sent) == step.size
            else:
                assert json.loads(sent) == step.message
    assert audio.outcome() == result
