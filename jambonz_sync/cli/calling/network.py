"""What lies between jambonz and the application: the connections that control the call, and those for audio.

::

    network = CallNetwork(clock.now, tls=None)
    SimulatedCall(url, connect=network.connect, connect_audio=network.connect_audio)
    network.drop(3.0)
"""

from __future__ import annotations

import functools
import ssl
from collections.abc import Callable

from ...simulator.caller_sound import SoundWire
from ...simulator.network import Network
from ...simulator.wire import Wire

__all__ = ["CallNetwork"]


class CallNetwork(Network[Wire]):
    """Makes the connections of a call. Used on the call's thread. What is dropped are those that control the call.

    ``now`` tells the time of the call, ``tls`` is how ``wss`` is spoken.
    """

    def __init__(self, now: Callable[[], float], tls: ssl.SSLContext | None) -> None:
        super().__init__(now, functools.partial(Wire, tls=tls))
        self._tls = tls
        self._audio: list[Wire] = []

    def connect_audio(self, url: str) -> SoundWire:
        """Open a connection for audio, on which a caller is heard who says nothing. Raises :exc:`.CannotConnect`."""
        wire = SoundWire(url, tls=self._tls)
        self._audio.append(wire)
        return wire

    @property
    def open_wires(self) -> list[Wire]:
        """The connections that are up, of both kinds."""
        self._audio = [wire for wire in self._audio if wire.closed is None]
        return [*self.open, *self._audio]
