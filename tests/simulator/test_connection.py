"""Waiting for several connections."""

from __future__ import annotations

from jambonz_sync.simulator.connection import any_arrives
from jambonz_sync.simulator.wire import Wire

from .websockets_side import echo, serving


def test_several_connections():
    """Of several connections any may have something; without any, time passes."""
    assert not any_arrives([], 0.001)
    with serving(echo) as url:
        first, second = Wire(url), Wire(url)
        assert not any_arrives([first, second], 0.03)
        for wire in (first, second):
            wire.send("hello")
            assert any_arrives([first, second], 10)
            assert wire.wait(0)
            assert wire.read() == ["hello"]
        first.close(1000)
        second.close(1000)
