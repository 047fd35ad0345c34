"""A network that breaks."""

from __future__ import annotations

import pytest

from jambonz_sync.simulator.connection import CannotConnect
from jambonz_sync.simulator.network import Network


class Line:
    """A connection that only knows whether it is up."""

    closed = None

    def abort(self):
        self.closed = "dropped"


def test_it_is_up():
    """Connections are made, and known as long as they are up."""
    network = Network(lambda: 0.0, lambda url: Line())
    one, two = network.connect("ws://here/1"), network.connect("ws://here/2")
    assert network.open == [one, two]
    one.closed = "over"
    assert network.open == [two]


def test_it_breaks():
    """Every connection is dropped, and none can be made until it is up again."""
    now = 10.0
    network = Network(lambda: now, lambda url: Line())
    line = network.connect("ws://here/")
    network.drop(3.0)
    assert line.closed == "dropped"
    assert network.open == []
    with pytest.raises(CannotConnect, match="the network is down") as refused:
        network.connect("ws://here/")
    assert refused.value.unreachable
    now = 13.0
    assert network.connect("ws://here/") in network.open
