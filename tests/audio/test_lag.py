"""Handlers that are slower than the caller: they are told, nothing grows, and what is lost is a matter of choice."""

from __future__ import annotations

import json
import queue
import threading
import time

import pytest

from tests.transport.peers import eventually

from .application import TIMEOUT

FRAME = b"\1\0" * 160


def test_drop(make_audio, log):
    """The oldest is dropped, and no more is kept than the service allows; the handler is told by what it is late."""
    audio = make_audio(max_lag=1.0)
    go_on = threading.Event()

    @audio.answer
    def voice(stream):
        assert stream.read(0.02) == FRAME
        # Away in slow code.
        audio.told.put(stream)
        go_on.wait(TIMEOUT)
        return stream.lag, round(stream.dropped, 3), stream.read(1.0), stream.lag

    ws = audio.connect()
    ws.send(FRAME)
    stream = audio.hears()
    assert stream.lag == 0
    for _ in range(30):
        ws.send(FRAME)
    log.expect("the handler is 0.5 s behind the caller", "test_lag.py")
    for number in range(100):
        ws.send(bytes([number, 0]) * 160)
    eventually(lambda: stream.dropped > 1.59)
    go_on.set()
    lag, dropped, data, left = audio.outcome()
    assert (lag, dropped, left) == (1.0, 1.6, 0.0)
    assert data == b"".join(bytes([number, 0]) * 160 for number in range(50, 100))
    log.expect("dropped 0.02 s of audio")
    ws.close()
    eventually(lambda: stream.ended)
    log.expect("dropped 1.58 s of audio")


def test_block_while_another_thread_waits(make_audio, log):
    """It goes on reading for that thread, though its own has enough and waits for the other."""
    log.allow("behind the caller")
    audio = make_audio(max_lag=0.5, when_late="block")

    @audio.answer
    def voice(stream):
        stream.read(0.02)
        playing = threading.Thread(target=stream.play_audio, args=(FRAME,), kwargs={"wait": True})
        playing.start()
        playing.join()
        return stream.lag

    ws = audio.connect()
    for _ in range(100):
        ws.send(FRAME)
    clip = json.loads(ws.recv(TIMEOUT))["data"]["id"]
    ws.send(json.dumps({"type": "playDone", "data": {"id": clip, "completed": True, "playback_milliseconds": 20}}))
    assert audio.outcome() > 0.5


def test_what_was_lost_last(make_audio, log):
    """At the end it is told what has been dropped since the last complaint."""
    audio = make_audio(max_lag=1.0)
    go_on = threading.Event()

    @audio.answer
    def voice(stream):
        stream.read(0.02)
        audio.told.put(stream)
        go_on.wait(TIMEOUT)

    ws = audio.connect()
    ws.send(FRAME)
    stream = audio.hears()
    for _ in range(100):
        ws.send(FRAME)
    log.expect("behind the caller")
    ws.close()
    eventually(lambda: stream.ended)
    log.expect("dropped 0.02 s of audio")
    log.expect("dropped 0.98 s of audio")
    go_on.set()
    audio.outcome()


def test_block(make_audio, log):
    """Or reading stops, and nothing is lost of what waits elsewhere; memory is bounded in this case too."""
    log.allow("behind the caller")
    audio = make_audio(max_lag=1.0, when_late="block")
    go_on = threading.Event()

    @audio.answer
    def voice(stream):
        stream.read(0.02)
        audio.told.put(stream)
        go_on.wait(TIMEOUT)
        return stream.read()

    ws = audio.connect()
    # More than the buffers of both sockets hold.
    sent = [bytes([number % 251, 1]) * 16_000 for number in range(1000)]

    said = []

    def speak() -> None:
        for message in sent:
            ws.send(message)
            said.append(time.monotonic())
        ws.close()

    speaking = threading.Thread(target=speak, daemon=True)
    speaking.start()
    stream = audio.hears()
    # Until nobody reads any more.
    eventually(lambda: said and time.monotonic() - said[-1] > 0.2)
    assert stream._channel.has_enough
    assert len(said) < len(sent)
    assert 1.0 <= stream.lag < 20
    go_on.set()
    assert audio.outcome() == b"".join(sent)[320:]
    assert stream.dropped == 0


def test_wait_does_not_block(make_audio):
    """Whoever waits for something else than audio learns of it, however much audio there is."""
    audio = make_audio(max_lag=0.1, when_late="block")

    @audio.answer
    def voice(stream):
        return stream.wait_for("dtmf").digit

    ws = audio.connect()
    for _ in range(500):
        ws.send(FRAME * 100)
    ws.send(json.dumps({"event": "dtmf", "dtmf": "7"}))
    assert audio.outcome() == "7"


def test_no_complaint(audio):
    """Who does not read at all is not late, since it only speaks."""

    @audio.answer
    def voice(stream):
        stream.wait_for("dtmf")
        return stream.lag, stream.dropped

    ws = audio.connect()
    for _ in range(12):
        ws.send(FRAME * 50)
    ws.send(json.dumps({"event": "dtmf", "dtmf": "7"}))
    lag, dropped = audio.outcome()
    assert (lag, dropped) == (10.0, 2.0)


def test_no_complaint_of_a_wait(audio, log):
    """Whoever waits for something else is not slow; what it has missed meanwhile it is told when it reads on."""

    @audio.answer
    def voice(stream):
        stream.read(0.02)
        audio.told.put(stream)
        stream.wait_for("dtmf")
        late = stream.lag
        audio.told.put("reads on")
        # More than there is.
        stream.read(10.01)
        return late

    ws = audio.connect()
    ws.send(FRAME)
    audio.hears()
    for _ in range(12):
        ws.send(FRAME * 50)
    ws.send(json.dumps({"event": "dtmf", "dtmf": "7"}))
    audio.hears()
    assert log.unexpected() == []
    ws.send(FRAME)
    assert audio.outcome() == 10.0
    log.expect("dropped 2.00 s of audio")


def test_peer_that_does_not_read(audio):
    """Whoever streams more than jambonz reads waits, and goes on when it does."""

    @audio.answer
    def voice(stream):
        stream.send_audio(bytes(32_000 * 1000), exact=True)
        audio.told.put("sent")
        stream.disconnect()

    ws = audio.connect(max_queue=1)
    with pytest.raises(queue.Empty):
        audio.told.get(timeout=0.2)
    size = 0
    while isinstance(message := ws.recv(TIMEOUT), bytes):
        size += len(message)
    assert size == 32_000_000
    assert audio.hears() == "sent"
