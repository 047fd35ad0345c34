"""How connections become streams, and what the log tells of them."""

from __future__ import annotations

import json
import logging
import socket

import pytest

from jambonz_sync.audio import AudioService
from jambonz_sync.audio.reception import hold

from .application import TIMEOUT, audio_application, facts


@pytest.mark.parametrize("name", ["audio.jambonz.org", "audio.drachtio.org"])
def test_subprotocols(audio, name):
    """Either name of the subprotocol is selected, whichever is offered."""
    audio.answer(lambda stream: None)
    ws = audio.connect(subprotocols=["other", name])
    assert ws.subprotocol == name


def test_log(audio, log):
    """The log tells the beginning and the end, with the call sid."""

    @audio.answer
    def voice(stream):
        stream.log.info("from %s", stream.metadata["from"])
        stream.read()

    ws = audio.connect()
    sid = facts()["callSid"]
    assert sid in log.expect("audio begins on /audio: 8000 samples per second, mono", level=logging.INFO)
    assert sid in log.expect("from 15550143001", level=logging.INFO)
    ws.close(1000, "enough")
    assert sid in log.expect("audio ended after", "enough", level=logging.INFO)


def test_early_audio(audio):
    """What comes in one piece with the first message is not lost."""

    @audio.answer
    def voice(stream):
        return stream.read()

    ws = audio.connect(None)
    with ws.send_context():
        for message in (json.dumps(facts()), b"\1\0" * 160):
            if isinstance(message, str):
                ws.protocol.send_text(message.encode())
            else:
                ws.protocol.send_binary(message)
    ws.close()
    assert audio.outcome() == b"\1\0" * 160


def test_nothing_is_said(audio, log, monkeypatch):
    """A connection that says nothing is closed in the end, and no function sees it."""
    monkeypatch.setattr("jambonz_sync.audio.reception._GHOST_AFTER", 0.05)
    audio.answer(lambda stream: audio.told.put("never"))
    ws = audio.connect(None)
    with pytest.raises(Exception, match="no message came"):
        ws.recv(TIMEOUT)
    log.expect("ended before it began", level=logging.INFO)
    assert audio.told.empty()


def test_drop(audio):
    """A connection that breaks ends the stream, with what has come."""

    @audio.answer
    def voice(stream):
        stream.on("close", lambda code, reason: audio.told.put(code))
        data = stream.read(0.02)
        audio.told.put("first")
        return data + stream.read()

    ws = audio.connect()
    ws.send(b"\1\0" * 160)
    assert audio.hears() == "first"
    ws.socket.shutdown(socket.SHUT_RDWR)
    assert audio.outcome() == b"\1\0" * 160
    assert audio.hears() == 1006


def test_garbage(audio, log):
    """What cannot be read is ignored, with a warning that is not repeated, and what is new is passed on."""

    @audio.answer
    def voice(stream):
        evt = stream.wait_for("*")
        return evt.name, dict(evt), evt.raw

    ws = audio.connect()
    for text in ("no JSON", "[]", "{}", '{"type": 7}'):
        ws.send(text)
    ws.send('{"type":"loudness","data":{"peakLevel":7}}')
    assert audio.outcome() == ("loudness", {"peakLevel": 7}, {"type": "loudness", "data": {"peakLevel": 7}})
    log.expect("ignored a message that is not JSON: no JSON")


def test_wire_log(audio, log):
    """At DEBUG every message in words is logged, with nothing but the beginning of what is long."""

    @audio.answer
    def voice(stream):
        stream.play_audio(bytes(100_000))
        stream.read()

    ws = audio.connect(facts(password="hidden"))
    assert "hidden" not in log.expect("received", '"ticket":"T-19"', level=logging.DEBUG)
    assert len(log.expect("sent", "playAudio", level=logging.DEBUG)) < 2100
    ws.close()


class Newcomer:
    """A connection whose service is closed while its first message is read."""

    def __init__(self, service: AudioService) -> None:
        self.service = service
        self.turned_away: list[int] = []

    def first_message(self, timeout: float) -> str:
        self.service._is_open = False
        return json.dumps(facts())

    def turn_away(self, code: int, reason: str) -> None:
        self.turned_away.append(code)

    def shut(self) -> None:
        raise AssertionError("not while it is read")


def test_closed_meanwhile():
    """A connection that says something when it is too late is turned away."""
    service = AudioService("/audio")
    newcomer = Newcomer(service)
    hold(service, newcomer, "/audio")
    assert newcomer.turned_away == [1001]
    assert service.streams == ()


def test_nobodys_session():
    """Sessions are looked up where there are any."""
    with audio_application() as application:
        application.hold = lambda service, path, arrival: hold(service, arrival, path)

        @application.answer
        def voice(stream):
            return stream.session

        application.connect()
        assert application.outcome() is None
