"""The network between jambonz and the application."""

from __future__ import annotations

import pytest

from jambonz_sync.cli.calling.network import CallNetwork
from jambonz_sync.simulator import CannotConnect
from tests.simulator.websockets_side import echo, serving


def test_drop():
    """A drop ends the connections that control the call, and no other; for a while none can be made."""
    now = [0.0]
    network = CallNetwork(lambda: now[0], tls=None)
    with serving(echo) as url, serving(echo, subprotocols=["audio.jambonz.org"]) as audio_url:
        control, audio = network.connect(url), network.connect_audio(audio_url)
        assert network.open_wires == [control, audio]
        network.drop(3.0)
        assert (control.closed.code, control.closed.by_application) == (1006, False)
        assert network.open_wires == [audio]
        with pytest.raises(CannotConnect, match="the network is down") as raised:
            network.connect(url)
        assert raised.value.unreachable
        now[0] = 3.0
        again = network.connect(url)
        assert network.open_wires == [again, audio]
        for wire in (again, audio):
            wire.close(1000)
    assert network.open_wires == []
