"""The audio services of an endpoint, together."""

from __future__ import annotations

import logging
import threading

import pytest

from jambonz_sync.audio.services import AudioServices

from .application import TIMEOUT, AudioApplication


@pytest.fixture
def services():
    return AudioServices({"a": "the session"}.get, logging.getLogger("jambonz_sync"))


def test_recordings(services):
    """There is a service for recordings, whose function is that of the desk."""
    assert services.recordings.path == services.desk.path == "/jambonz_sync/recording"
    assert services.recordings.handler == services.desk.take
    elsewhere = AudioServices({}.get, logging.getLogger("jambonz_sync"), recording_path="/tapes")
    assert elsewhere.desk.path == elsewhere.recordings.path == "/tapes"


def test_close(services):
    """All are closed, and waited for no longer than is said; they may be opened again."""
    leave = threading.Event()
    up = threading.Event()
    service = services.make("/audio", max_lag=3.0)
    assert service.max_lag == 3.0

    @service.on("connection")
    def voice(stream):
        up.set()
        leave.wait(TIMEOUT)
        return stream.session

    application = AudioApplication()
    application.service = service
    application.hold = services.hold
    ws = application.connect()
    assert up.wait(TIMEOUT)
    assert not services.close(0.01)
    leave.set()
    with pytest.raises(Exception, match="1001"):
        ws.recv(TIMEOUT)
    assert services.close(TIMEOUT)
    services.open()
    again = application.connect()
    with pytest.raises(Exception, match="1000"):
        again.recv(TIMEOUT)
    application.close()
