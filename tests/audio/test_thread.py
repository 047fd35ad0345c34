"""The thread of an audio stream: what it waits for, the handlers that run on it, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
import threading

import pytest

from jambonz_sync import WaitTimeout
from jambonz_sync.audio import AudioEnded, AudioNotActive
from tests.cli.process import environ
from tests.transport.peers import eventually

from .application import TIMEOUT, facts
from .test_stream import DTMF, speech

# Waiting


def test_wait_for(audio):
    """An event can be waited for, whether it has come already or not, and audio is kept meanwhile."""

    @audio.answer
    def voice(stream):
        first = stream.wait_for("dtmf", timeout=TIMEOUT)
        audio.told.put("first")
        second = stream.wait_for("dtmf:#", timeout=TIMEOUT)
        return first.digit, first.duration, second.digit, stream.wait_for("*").digit, stream.read(0.02)

    ws = audio.connect()
    ws.send(b"\1" * 320)
    ws.send(DTMF)
    audio.hears()
    ws.send(json.dumps({"event": "dtmf", "dtmf": "9"}))
    ws.send(json.dumps({"event": "dtmf", "dtmf": "#", "duration": "800"}))
    assert audio.outcome() == ("7", 0.2, "#", "9", b"\1" * 320)


def test_wait_in_vain(audio):
    """What does not come in time raises; the stream goes on."""

    @audio.answer
    def voice(stream):
        with pytest.raises(TypeError, match="at least one name"):
            stream.wait_for()
        with pytest.raises(WaitTimeout, match=r"'dtmf' or 'mark' did not come within 0\.01 s"):
            stream.wait_for("mark", "dtmf", timeout=0.01)
        return stream.active

    audio.connect()
    assert audio.outcome() is True


def test_end_raises(audio):
    """Whoever waits for an event learns of the end by what unwinds a handler; what came before is delivered first."""

    @audio.answer
    def voice(stream):
        evt = stream.wait_for("dtmf")
        with pytest.raises(AudioEnded) as caught:
            stream.wait_for("dtmf")
        end = caught.value
        assert (evt.digit, end.stream, end.code, end.reason) == ("7", stream, 1000, "done")
        stream.send_audio(bytes(2))

    ws = audio.connect()
    ws.send(DTMF)
    ws.close(1000, "done")
    assert isinstance(audio.outcome(), AudioEnded)
    assert not issubclass(AudioEnded, Exception)


def test_sleep(audio):
    """A sleep ends with the connection."""

    @audio.answer
    def voice(stream):
        stream.sleep(0.01)
        audio.told.put("slept")
        stream.sleep(1000)

    ws = audio.connect()
    audio.hears()
    ws.close()
    assert isinstance(audio.outcome(), AudioEnded)


def test_other_threads(audio):
    """Other threads send, and are told of the end by an ordinary error; they do not read."""

    @audio.answer
    def voice(stream):
        audio.told.put(stream)
        stream.sleep(1000)

    ws = audio.connect()
    stream = audio.hears()
    for wait in (lambda: stream.read(1), lambda: stream.wait_for("*"), lambda: stream.sleep(1), stream.catch_up):
        with pytest.raises(RuntimeError, match="own thread only"):
            wait()
    with pytest.raises(RuntimeError, match="own thread only"):
        stream.record_to("never.wav")
    assert stream.send_audio(b"\1\0" * 10)
    assert ws.recv(TIMEOUT) == b"\1\0" * 10
    assert "test_thread.py" in stream.where
    ws.close()
    assert isinstance(audio.outcome(), AudioEnded)
    with pytest.raises(AudioNotActive) as caught:
        stream.send_audio(bytes(2))
    assert caught.value.code == 1000


def test_another_thread_that_waits(make_audio, log):
    """It does not make a handler that waits for something else seem slow."""
    audio = make_audio(max_lag=1.0)

    @audio.answer
    def voice(stream):
        stream.read(0.02)
        audio.told.put(stream)
        return stream.wait_for("dtmf").digit, stream.lag

    ws = audio.connect()
    ws.send(bytes(320))
    stream = audio.hears()
    eventually(lambda: stream._channel.core.waits)
    speaking = threading.Thread(target=stream.send_audio, args=(b"\1\0" * 160,), kwargs={"wait": True})
    speaking.start()
    while isinstance(message := ws.recv(TIMEOUT), bytes):
        pass
    for _ in range(40):
        ws.send(bytes(320))
    ws.send(json.dumps({"type": "mark", "data": {**json.loads(message)["data"], "event": "playout"}}))
    speaking.join(TIMEOUT)
    ws.send(DTMF)
    assert audio.outcome() == ("7", 0.8)
    assert log.lines() == []


UNDER_GEVENT = """
from gevent import monkey
monkey.patch_all()
import threading
from jambonz_sync import create_endpoint
from websockets.sync.client import connect

endpoint = create_endpoint(host="127.0.0.1", port=0)
service = endpoint.make_audio_service("/voices")
streams = []

@service.on("connection")
def voice(stream):
    streams.append(stream)
    for frame in stream:
        stream.send_audio(frame)

endpoint.start()
with connect(endpoint.url + "/voices", subprotocols=["audio.jambonz.org"], proxy=None) as ws:
    ws.send('{"sampleRate": 8000}')
    for number in range(50):
        ws.send(bytes([number, 0]) * 160)
        assert ws.recv(20) == bytes([number, 0]) * 160
    print(streams[0].where, flush=True)
import os
os._exit(0)
"""


def test_under_gevent(tmp_path):
    """A stream's greenlet reads and sends, and is found among those that share the one thread."""
    pytest.importorskip("gevent")
    (tmp_path / "app.py").write_text(UNDER_GEVENT)
    run = subprocess.run(
        [sys.executable, "app.py"], cwd=tmp_path, env=environ(), capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.endswith("in voice\n")


# Handlers


def test_handlers(audio):
    """Handlers run on the stream's own thread, one at a time, while it waits or reads; a wait takes precedence."""
    seen = []

    @audio.answer
    def voice(stream):
        @stream.on("dtmf")
        def pressed(evt):
            # In a handler no other one runs.
            seen.append((evt.digit, threading.current_thread() is stream.owner, stream.read(0.02), list(seen)))

        stream.on("dtmf:9", lambda evt: seen.append("nine"))
        audio.told.put("ready")
        first = stream.read(0.04)
        audio.told.put("read")
        return first, stream.wait_for("dtmf").digit

    ws = audio.connect()
    audio.hears()
    # All of it may come at once.
    ws.send(DTMF)
    ws.send(json.dumps({"event": "dtmf", "dtmf": "9"}))
    ws.send(b"\1" * 320)
    ws.send(b"\2" * 640)
    audio.hears()
    ws.send(json.dumps({"event": "dtmf", "dtmf": "5"}))
    assert audio.outcome() == (b"\2" * 640, "5")
    assert seen == [("7", True, b"\1" * 320, []), "nine"]


def test_handler_by_another_thread(audio):
    """It is given what came before it, though its thread waits, and is found by the one that registers it."""

    @audio.answer
    def voice(stream):
        audio.told.put(stream)
        return stream.wait_for("mark").name

    ws = audio.connect()
    stream = audio.hears()
    ws.send(DTMF)
    ws.send(bytes(2))
    eventually(lambda: stream.lag > 0)
    stream.on("dtmf", lambda evt: audio.told.put((evt.digit, threading.current_thread() is stream.owner)))
    assert audio.hears() == ("7", True)
    ws.send(json.dumps({"type": "mark", "data": {"name": "x", "event": "playout"}}))
    assert audio.outcome() == "mark"


def test_handlers_of_who_always_reads(audio):
    """Handlers have their turn too where there is always something to read."""

    @audio.answer
    def voice(stream):
        stream.wait_for("mark")
        seen = []
        stream.on("dtmf", lambda evt: seen.append(evt.digit))
        stream.read(0.02)
        return seen

    ws = audio.connect()
    ws.send(bytes(16_000))
    ws.send(DTMF)
    ws.send(json.dumps({"type": "mark", "data": {"name": "x", "event": "playout"}}))
    assert audio.outcome() == ["7"]


def test_handlers_go_on(audio):
    """Where a handler is registered, the stream goes on after the function has returned; audio is an event too."""
    heard = bytearray()

    @audio.answer
    def voice(stream):
        stream.on("audio", heard.extend)
        stream.on("close", lambda code, reason: audio.told.put((code, reason)))

    ws = audio.connect()
    audio.outcome()
    ws.send(speech(1000))
    ws.close(1000, "bye")
    assert audio.hears() == (1000, "bye")
    assert heard == speech(1000)


def test_return_closes(audio):
    """Without a handler, the connection is closed when the function returns, which ends the listening."""

    @audio.answer
    def voice(stream):
        stream.on("close", lambda code, reason: audio.told.put(code))

    ws = audio.connect()
    with pytest.raises(Exception, match="1000"):
        ws.recv(TIMEOUT)
    assert audio.hears() == 1000


def test_function_raises(audio, log):
    """A function that raises is logged and reported, and closes the connection."""
    audio.service.on("error", lambda stream, error: audio.told.put((stream.call_sid, repr(error))))

    @audio.answer
    def voice(stream):
        stream.on("error", lambda error: audio.told.put(error.args))
        raise LookupError("nobody")

    ws = audio.connect()
    assert audio.hears() == (facts()["callSid"], "LookupError('nobody')")
    assert audio.hears() == ("nobody",)
    with pytest.raises(Exception, match="1011"):
        ws.recv(TIMEOUT)
    assert facts()["callSid"] in log.expect("the handler of connection raised", level=40)


def test_handler_raises(audio, log):
    """So is a handler that raises, and the function does not go on."""

    @audio.answer
    def voice(stream):
        @stream.on("dtmf")
        def pressed(evt):
            raise LookupError("nobody")

        try:
            stream.wait_for("mark")
        finally:
            # Nor does it read on.
            audio.told.put(stream.read(1))

    ws = audio.connect()
    ws.send(DTMF)
    assert isinstance(audio.outcome(), AudioEnded)
    assert audio.hears() == b""
    with pytest.raises(Exception, match="1011"):
        ws.recv(TIMEOUT)
    log.expect("the handler of dtmf raised", level=40)


def test_failing_failure_handlers(audio, log):
    """What is raised by those who are told of a failure is logged too."""

    @audio.service.on("error")
    def told(stream, error):
        raise KeyError("one")

    @audio.answer
    def voice(stream):
        @stream.on("error")
        def told(error):
            raise KeyError("two")

        raise LookupError("nobody")

    ws = audio.connect()
    with pytest.raises(Exception, match="1011"):
        ws.recv(TIMEOUT)
    for line in ("of connection raised", "audio service's handler of error", "the handler of error raised"):
        log.expect(line, level=40)


def test_bad_handlers(audio):
    """Only functions are handlers."""

    @audio.answer
    def voice(stream):
        with pytest.raises(TypeError, match="needs a function"):
            stream.on("dtmf", "pressed")

    audio.connect()
    assert audio.outcome() is None


# Ending it


def test_disconnect(audio):
    """jambonz is asked to end the listening, and closes."""

    @audio.answer
    def voice(stream):
        stream.disconnect()
        stream.wait_for("dtmf")

    ws = audio.connect()
    assert json.loads(ws.recv(TIMEOUT)) == {"type": "disconnect"}
    ws.close(1000)
    assert isinstance(audio.outcome(), AudioEnded)


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("send_audio", [bytes(320)]),
        ("flush_audio", []),
        ("send_mark", ["here"]),
        ("play_audio", [bytes(320)]),
        ("kill_audio", []),
    ],
)
def test_nothing_is_sent_once_closed(audio, method, arguments):
    """Whoever has closed it and sends something is told at once, not only when jambonz has closed too."""

    @audio.answer
    def voice(stream):
        stream.close(3000, "enough")
        with pytest.raises(AudioEnded):
            getattr(stream, method)(*arguments)
        stream.disconnect()
        return stream.read()

    ws = audio.connect()
    assert audio.outcome() == b""
    with pytest.raises(Exception, match="3000"):
        ws.recv(TIMEOUT)


def test_close_from_another_thread(audio):
    """Any thread may close; who waits is woken."""

    @audio.answer
    def voice(stream):
        audio.told.put(stream)
        return stream.read()

    ws = audio.connect()
    stream = audio.hears()
    stream.close(3000, "enough")
    with pytest.raises(Exception, match="3000"):
        ws.recv(TIMEOUT)
    assert audio.outcome() == b""
    stream.close()
    assert stream.ended
    with pytest.raises(AudioNotActive):
        stream.kill_audio()
    stream.disconnect()
