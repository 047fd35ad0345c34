"""The network between jambonz and the application."""

from __future__ import annotations

import pytest

from jambonz_sync.audio.wav import Sound
from jambonz_sync.cli.calling.network import CallNetwork
from jambonz_sync.simulator import CannotConnect
from jambonz_sync.simulator.handset import Handset
from jambonz_sync.simulator.sound_file import PlaysSound
from tests.simulator.websockets_side import echo, serving


def handset(now):
    return Handset(lambda: now[0], begins=lambda sound, end: None, complain=pytest.fail)


def test_drop():
    """A drop ends the connections that control the call, and no other; for a while none can be made."""
    now = [0.0]
    network = CallNetwork(lambda: now[0], None, handset(now))
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


def test_sound():
    """Each connection for audio leads to the caller's handset: it carries its sound, and keeps what is heard."""
    now = [2.5]
    held = handset(now)
    network = CallNetwork(lambda: now[0], None, held)
    held.microphone.play(PlaysSound("hello", Sound(b"\1\0" * 160, 8000)))
    with serving(echo, subprotocols=["audio.jambonz.org"]) as url:
        with pytest.raises(CannotConnect):
            network.connect_audio("ws://127.0.0.1:1/")
        assert not held.is_listened_to
        first = network.connect_audio(url)
        assert next(first.sound(8000, 2, 2.5)) == b"\1\0\0\0" * 160
        second = network.connect_audio(url)
        assert (held.is_listened_to, held.listened_since) == (True, 2.5)
        assert held.heard == [first.heard, second.heard]
        for wire in (first, second):
            wire.close(1000)
    assert not held.is_listened_to
