"""An endpoint that takes audio, and sessions that record, over sockets."""

from __future__ import annotations

import functools
import json

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from jambonz_sync import create_endpoint
from jambonz_sync.simulator import Presses, SimulatedCall
from jambonz_sync.simulator.caller_sound import SoundWire
from tests.audio.application import TIMEOUT, facts

AUDIO = [Subprotocol("audio.jambonz.org")]
CONTROL = [Subprotocol("ws.jambonz.org")]


def test_audio_service(make_app):
    """A path is for audio; connections find the session of their call, and are closed when the endpoint stops."""
    app = make_app()
    voices = app.endpoint.make_audio_service("/voices", max_lag=3.0)

    @voices.on("connection")
    def voice(stream):
        app.told.put((stream.session, stream.path))
        stream.read()

    assert app.endpoint.find_service("/voices") is None
    with connect(app.endpoint.url + "/voices", subprotocols=AUDIO) as ws:
        ws.send(json.dumps(facts()))
        assert app.hears() == (None, "/voices")
        app.endpoint.stop()
        with pytest.raises(Exception, match="1001"):
            ws.recv(TIMEOUT)


@pytest.mark.parametrize(("path", "offered"), [("/voices", CONTROL), ("/voices", [Subprotocol("other")])])
def test_wrong_subprotocol(make_app, path, offered):
    """Calls and audio are not mixed up."""
    app = make_app()
    app.endpoint.make_audio_service("/voices")
    with pytest.raises(InvalidStatus, match="400"):
        connect(app.endpoint.url + path, subprotocols=offered).__enter__()


def test_taken():
    """One path is for one of them."""
    endpoint = create_endpoint()
    endpoint.make_service("/app")
    with pytest.raises(ValueError, match="/app"):
        endpoint.make_audio_service("/app")


def test_record(make_app):
    """A session records its caller, as often as it likes."""
    app = make_app()

    @app.answer
    def take_messages(session):
        first = session.record(beep=False)
        return first, session.record(beep=False, max_length=1, finish_on_key=None)

    sound = functools.partial(SoundWire, frames=None)
    SimulatedCall(app.endpoint.url + "/app", [Presses("#")], connect_audio=sound).run()
    first, second = app.outcome()
    assert (first.reason, first.digits, second.reason) == ("key", "#", "length")
