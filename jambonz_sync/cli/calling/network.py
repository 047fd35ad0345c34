"""What lies between jambonz and the application: the connections that control the call, and those for audio.

::

    network = CallNetwork(clock.now, tls=None, handset=handset)
    SimulatedCall(url, connect=network.connect, connect_audio=network.connect_audio)
    network.drop(3.0)
"""

from __future__ import annotations

import functools
import ssl
from collections.abc import Callable, Iterator

from ...simulator.caller_sound import SoundWire
from ...simulator.handset import Handset
from ...simulator.network import Network
from ...simulator.sound_track import SoundTrack
from ...simulator.wire import Wire

__all__ = ["CallNetwork"]


class _Lead(SoundWire):
    """A connection for audio between an application and the caller's ear and mouth."""

    def __init__(self, url: str, handset: Handset, *, tls: ssl.SSLContext | None) -> None:
        super().__init__(url, tls=tls)
        self.heard = SoundTrack()
        self._handset = handset

    def sound(self, rate: int, channels: int, began: float) -> Iterator[bytes]:
        return self._handset.microphone.frames(rate, channels, began)


class CallNetwork(Network[Wire]):
    """Makes the connections of a call. Used on the call's thread. What is dropped are those that control the call.

    ``now`` tells the time of the call, ``tls`` is how ``wss`` is spoken, ``handset`` is what each connection for audio
    leads to.
    """

    def __init__(self, now: Callable[[], float], tls: ssl.SSLContext | None, handset: Handset) -> None:
        super().__init__(now, functools.partial(Wire, tls=tls))
        self._tls = tls
        self._handset = handset
        self._audio: list[Wire] = []

    def connect_audio(self, url: str) -> SoundWire:
        """Open a connection for audio. Raises :exc:`.CannotConnect`."""
        wire = _Lead(url, self._handset, tls=self._tls)
        self._handset.connect(wire)
        self._audio.append(wire)
        return wire

    @property
    def open_wires(self) -> list[Wire]:
        """The connections that are up, of both kinds."""
        self._audio = [wire for wire in self._audio if wire.closed is None]
        return [*self.open, *self._audio]
