"""The link of an audio connection: when it is not read from, also over TLS."""

from __future__ import annotations

import json
import threading

import pytest

from jambonz_sync.audio.link import AudioArrival
from jambonz_sync.transport.framing import Framing
from tests.transport.peers import (
    BINARY,
    CLOSE,
    PING,
    PONG,
    TEXT,
    Background,
    Peer,
    Recorder,
    Tls,
    eventually,
    frame,
    loopback_pair,
    upgrade_environ,
)

from .application import TIMEOUT, AudioApplication, facts


class Listener(Recorder):
    """A user of a link that has enough when a test says so."""

    has_enough = False


@pytest.fixture(scope="module")
def tls() -> Tls:
    return Tls()


def test_reading_stops():
    """What comes while the owner is away is read by nobody if that is enough; the owner reads in any case."""
    ours, theirs = loopback_pair()
    peer, user = Peer(theirs), Listener()
    environ = upgrade_environ(HTTP_SEC_WEBSOCKET_PROTOCOL="audio.jambonz.org")
    arrival = AudioArrival(ours, Framing(environ, ["audio.jambonz.org"]), frame(TEXT, b"facts"))
    assert arrival.first_message(TIMEOUT) == "facts"
    assert "audio.jambonz.org" in peer.head()
    with user.lock:
        link = arrival.connect(user, ping=False)
        link.open()
    try:
        assert user.messages == ["facts"]
        # The watcher reads.
        peer.send(frame(BINARY, b"1"))
        user.wait_for_messages(2)
        user.has_enough = True
        # That is known when the next message has come.
        peer.send(frame(BINARY, b"2"))
        eventually(lambda: not link._registered)
        peer.send(frame(BINARY, b"3") + frame(PING, b"are you there"))
        # It does so no more, though it comes by again and again.
        left = link._left_at
        eventually(lambda: link._left_at > left + 0.05)
        assert len(user.messages) == 3
        waiting = Background(lambda: link.wait(lambda: len(user.messages) > 3))
        assert waiting.result()
        assert peer.frame() == (PONG, b"are you there", True, 0)
        user.has_enough = False
        peer.send(frame(BINARY, b"4"))
        user.wait_for_messages(5)
        assert user.messages == ["facts", b"1", b"2", b"3", b"4"]
        assert link.unwritten == 0
    finally:
        link.abandon()
        link.finish()
        ours.close()
        peer.close()


@pytest.mark.parametrize("size", [1, 3, 4096, 10_000])
def test_facts_that_are_cut_within_a_letter(audio, log, size):
    """What jambonz says first may be no UTF-8, in whatever pieces it comes; what it says later must be."""
    cut = json.dumps(facts(notes="x" + "é" * 9000), ensure_ascii=False).encode()[:8191]
    with pytest.raises(UnicodeDecodeError):
        cut.decode()

    @audio.answer
    def voice(stream):
        return stream.call_sid, stream.sample_rate, stream.read()

    ours, theirs = loopback_pair()
    environ = upgrade_environ(HTTP_SEC_WEBSOCKET_PROTOCOL="audio.jambonz.org")
    framing = Framing(environ, ["audio.jambonz.org"])
    holding = Background(lambda: audio.hold(audio.service, "/audio", AudioArrival(ours, framing)))
    peer = Peer(theirs)
    peer.head()
    wire = frame(TEXT, cut)
    for start in range(0, len(wire), size):
        peer.send(wire[start : start + size])
    peer.send(frame(BINARY, b"\1\0" * 160))
    peer.send(frame(TEXT, cut))
    assert peer.frame().opcode == CLOSE
    assert audio.outcome() == (facts()["callSid"], 8000, b"\1\0" * 160)
    log.expect("cut off after 8,191 bytes")
    peer.close()
    holding.result()
    ours.close()


def test_a_first_frame_that_is_too_long(audio, log):
    """It is not waited for in one piece, and refused as any other."""
    ours, theirs = loopback_pair()
    environ = upgrade_environ(HTTP_SEC_WEBSOCKET_PROTOCOL="audio.jambonz.org")
    arrival = AudioArrival(ours, Framing(environ, ["audio.jambonz.org"], max_message_size=100_000))
    peer = Peer(theirs)
    reading = Background(lambda: arrival.first_message(TIMEOUT))
    peer.head()
    wire = frame(TEXT, b"x" * 100_001)
    peer.send(wire[:70_000])
    peer.send(wire[70_000:])
    assert reading.result() is None
    assert arrival.framing.closed is not None
    assert arrival.framing.closed.code == 1009
    ours.close()
    peer.close()


@pytest.mark.parametrize("when_late", ["drop", "block"])
def test_tls(tls, log, when_late):
    """Over TLS, which reads ahead, nothing is lost and nothing stands still."""
    log.allow("behind the caller")
    audio = AudioApplication(ssl_context=tls.server, when_late=when_late, max_lag=5.0)
    sent = bytes(range(256)) * 1250

    @audio.answer
    def voice(stream):
        data = b""
        while len(data) < len(sent):
            frame = stream.read(0.02)
            stream.send_audio(frame, exact=True)
            data += frame
        return data == sent

    ws = audio.connect(facts(sampleRate=64_000), ssl=tls.client)

    def speak() -> None:
        for start in range(0, len(sent), 10_000):
            ws.send(sent[start : start + 10_000])

    speaking = threading.Thread(target=speak, daemon=True)
    speaking.start()
    back = b""
    while len(back) < len(sent):
        back += ws.recv(TIMEOUT)
    speaking.join(TIMEOUT)
    assert back == sent
    assert audio.outcome() is True
    audio.close()
    assert log.unexpected() == []


def test_tls_late(tls, log):
    """What TLS has decrypted already is not lost either where reading stops."""
    log.allow("behind the caller")
    audio = AudioApplication(ssl_context=tls.server, when_late="block", max_lag=0.5)
    go_on = threading.Event()

    @audio.answer
    def voice(stream):
        audio.told.put(stream)
        go_on.wait(TIMEOUT)
        return stream.read(), stream.dropped

    ws = audio.connect(ssl=tls.client)
    stream = audio.hears()
    sent = [bytes([number]) * 16_000 for number in range(100)]
    for message in sent[:50]:
        ws.send(message)
    eventually(lambda: stream._channel.has_enough)
    go_on.set()
    for message in sent[50:]:
        ws.send(message)
    ws.send(json.dumps({"event": "dtmf", "dtmf": "1"}))
    ws.close()
    assert audio.outcome() == (b"".join(sent), 0.0)
    audio.close()
    assert log.unexpected() == []
