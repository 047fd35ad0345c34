"""What lies between jambonz and the application, and may break.

::

    network = Network(clock.now, tls=None)
    SimulatedCall(url, connect=network.connect, connect_audio=network.connect_audio)
    network.drop(3.0)
"""

from __future__ import annotations

import ssl
from collections.abc import Callable

from ...simulator.connection import CannotConnect
from ...simulator.wire import AudioWire, Wire

__all__ = ["Network"]


class Network:
    """Makes the connections of a call. Used on the call's thread.

    ``now`` tells the time of the call, ``tls`` is how ``wss`` is spoken.
    """

    def __init__(self, now: Callable[[], float], tls: ssl.SSLContext | None) -> None:
        self._now = now
        self._tls = tls
        self._control: list[Wire] = []
        self._audio: list[Wire] = []
        self._down_until = 0.0

    def connect(self, url: str) -> Wire:
        """Open a connection that jambonz controls the call by. Raises :exc:`.CannotConnect`."""
        if self._now() < self._down_until:
            raise CannotConnect("the network is down", unreachable=True)
        wire = Wire(url, tls=self._tls)
        self._control.append(wire)
        return wire

    def connect_audio(self, url: str) -> AudioWire:
        """Open a connection for audio. Raises :exc:`.CannotConnect`."""
        wire = AudioWire(url, tls=self._tls)
        self._audio.append(wire)
        return wire

    def drop(self, seconds: float) -> None:
        """Drop the connections that control the call, and let none be made for so many seconds of the call."""
        self._down_until = self._now() + seconds
        for wire in self._control:
            if wire.closed is None:
                wire.abort()

    @property
    def open_wires(self) -> list[Wire]:
        """The connections that are up."""
        self._control = [wire for wire in self._control if wire.closed is None]
        self._audio = [wire for wire in self._audio if wire.closed is None]
        return [*self._control, *self._audio]
