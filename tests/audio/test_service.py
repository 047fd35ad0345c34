"""Audio services: what can be registered, and which connections they hold."""

from __future__ import annotations

import pytest

from jambonz_sync.audio import AudioService

from .application import TIMEOUT, facts


def test_on():
    """Functions are registered by name, as a decorator too."""
    service = AudioService("/audio")
    assert service.handler is None

    @service.on("connection")
    def voice(stream):
        pass

    assert service.handler is voice
    other = service.on("connection", lambda stream: None)
    assert service.handler is other
    assert repr(service) == "<AudioService /audio>"


def test_bad_names():
    """What it has not is refused with what it has."""
    service = AudioService("/audio")
    with pytest.raises(ValueError, match=r"no 'dtmf'; it has connection, error.*stream\.on"):
        service.on("dtmf", print)
    with pytest.raises(TypeError, match="needs a function"):
        service.on("connection", "voice")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"max_lag": 0}, "max_lag"),
        ({"max_lag": float("nan")}, "max_lag"),
        ({"when_late": "grow"}, "'drop' or 'block'"),
        ({"playout_rate": 0}, "playout_rate"),
        ({"playout_rate": "8000"}, "playout_rate"),
    ],
)
def test_bad_options(options, why):
    """Options that cannot be are refused."""
    with pytest.raises(ValueError, match=why):
        AudioService("/audio", **options)


def test_bad_auth():
    """So are credentials that are none."""
    with pytest.raises(TypeError, match="auth"):
        AudioService("/audio", auth="secret")
    assert AudioService("/audio", auth=("user", "password")).auth == ("user", "password")


def test_destination():
    """What the front door must know of it."""
    service = AudioService("/audio")
    assert "audio.jambonz.org" in service.subprotocols
    assert "audio.drachtio.org" in service.subprotocols
    # Three seconds of the best that there is.
    assert service.max_message_size > 3 * 64_000 * 2 * 2
    assert not service.schema


def test_streams(audio):
    """It knows the streams that are up."""

    @audio.answer
    def voice(stream):
        audio.told.put(audio.service.streams == (stream,))
        stream.read()

    ws = audio.connect()
    assert audio.hears() is True
    ws.close()
    audio.outcome()
    assert audio.service.wait_for_end(TIMEOUT)
    assert audio.service.streams == ()


def test_close(audio):
    """At the end streams are closed, connections that have said nothing too, and no more are taken."""

    @audio.answer
    def voice(stream):
        audio.told.put("up")
        return stream.read()

    up = audio.connect()
    waiting = audio.connect(None)
    audio.hears()
    assert not audio.service.wait_for_end(0.01)
    audio.service.close()
    for ws, code in ((up, "1001"), (waiting, "1000")):
        with pytest.raises(Exception, match=code):
            ws.recv(TIMEOUT)
    assert audio.service.wait_for_end(TIMEOUT)
    late = audio.connect(None)
    with pytest.raises(Exception, match="1001"):
        late.recv(TIMEOUT)
    audio.service.open()
    again = audio.connect()
    assert audio.hears() == "up"
    again.close()


def test_stop_from_a_stream(audio):
    """A function that stops everything is not waited for, since it waits itself."""

    @audio.answer
    def voice(stream):
        audio.service.close()
        return audio.service.wait_for_end(TIMEOUT)

    audio.connect()
    assert audio.outcome() is True


def test_nobody(audio, log):
    """A service without a function says so, and closes."""
    ws = audio.connect()
    with pytest.raises(Exception, match="1000"):
        ws.recv(TIMEOUT)
    assert facts()["callSid"] in log.expect("nobody takes the audio of /audio", level=40)
