"""What an audio stream has made is freed when it has ended, and what a frame has made at once."""

from __future__ import annotations

import json

import pytest
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.scenarios.application import no_thread_left
from tests.scenarios.freed import MANY, left_over, uncollected

FRAME = b"\1\0" * 160
DTMF = json.dumps({"event": "dtmf", "dtmf": "7"})


def echo(stream):
    """Each frame goes back."""
    for frame in stream:
        stream.send_audio(frame)


def handlers(stream):
    """Functions that use the stream stand to the end."""
    stream.on("dtmf", lambda evt: stream.log.info("%s pressed", evt.digit))
    stream.on("audio", stream.send_audio)
    stream.on("close", lambda code, reason: stream.log.info("%d", code))
    stream.on("error", lambda error: stream.log.info("%s", error))


def waiting(stream):
    """One key is waited for, in vain then, and the end unwinds the function."""
    stream.send_audio(stream.read(0.02))
    stream.wait_for("dtmf")
    stream.send_audio(FRAME, wait=True)


def raising(stream):
    """The application has a fault."""
    stream.send_audio(stream.read(0.02))
    raise KeyError("voice")


@pytest.mark.parametrize("voice", [echo, handlers, waiting, raising])
def test_streams(voice):
    """Streams leave nothing over when they have ended: none of them, and nothing of what belonged to one."""
    with uncollected() as endpoint:
        service = endpoint.make_audio_service("/voices")
        service.on("connection", voice)
        for _ in range(MANY):
            with connect(f"{endpoint.url}/voices", subprotocols=[Subprotocol("audio.jambonz.org")], proxy=None) as ws:
                ws.send('{"sampleRate": 8000}')
                ws.send(FRAME)
                assert ws.recv(20) == FRAME
                if voice is not raising:
                    ws.send(DTMF)
        endpoint.stop()
        no_thread_left()
        assert left_over() == {}


def test_frames():
    """Frames leave nothing over while their stream goes on."""
    with uncollected() as endpoint:
        endpoint.make_audio_service("/voices").on("connection", echo)
        with connect(f"{endpoint.url}/voices", subprotocols=[Subprotocol("audio.jambonz.org")], proxy=None) as ws:
            ws.send('{"sampleRate": 8000}')
            for _ in range(MANY):
                ws.send(FRAME)
                assert ws.recv(20) == FRAME
            assert left_over() == {}
