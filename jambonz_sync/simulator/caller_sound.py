"""The sound of the caller on an audio connection, if it is asked for; as a rule nothing is sent of it.

::

    SimulatedCall(url, connect_audio=SoundWire).run()
    SimulatedCall(url, connect_audio=functools.partial(SoundWire, frames=[hello, bytes(320)])).run()

What the caller says is words, not sound. So whoever opens the connection says what is to be heard on it.
"""

from __future__ import annotations

import itertools
import ssl
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, runtime_checkable

from wsproto.connection import ConnectionState
from wsproto.events import BytesMessage

from .audio_frames import FRAME_SECONDS, frame_size
from .timers import Timer, Timers
from .wire import AudioWire

__all__ = ["CallerSound", "CarriesSound", "SoundWire", "silence"]


@runtime_checkable
class CarriesSound(Protocol):
    """A connection for audio on which the caller is heard."""

    def sound(self, rate: int, channels: int, began: float) -> Iterator[bytes]:
        """Return what is sent, frame by frame: of so many samples per second and channels, from a time on."""
        ...

    def send_sound(self, frame: bytes) -> None:
        """Send a frame. Nothing happens once the connection is over."""


def silence(rate: int, channels: int) -> Iterator[bytes]:
    """Return silence without end, in frames of 20 ms."""
    return itertools.repeat(bytes(frame_size(rate, channels)))


class SoundWire(AudioWire):
    """A connection for audio, over a socket, on which the caller is heard.

    ``frames``: what the caller sends: 16-bit samples, little-endian, at the rate and with the channels that the
    ``listen`` asks for. A frame is sent when its time has passed, whether that is 20 ms or not; behind the last one
    nothing is. ``None`` is silence without end, in frames of 20 ms.

    ``tls``: how ``wss`` is spoken.

    Raises :exc:`.CannotConnect`.
    """

    def __init__(self, url: str, *, frames: Iterable[bytes] | None = None, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(url, tls=tls)
        self._frames = frames

    def sound(self, rate: int, channels: int, began: float) -> Iterator[bytes]:
        """Return the frames, those without a byte left out."""
        return silence(rate, channels) if self._frames is None else filter(None, self._frames)

    def send_sound(self, frame: bytes) -> None:
        """Send a frame. Nothing happens once the connection is over; to who reads too slowly the frame is lost."""
        if self.closed is None and self._ws.state is ConnectionState.OPEN and self._stream.takes_more:
            self._write(self._ws.send(BytesMessage(data=frame)))


class CallerSound:
    """Sends what is heard of the caller, at the pace at which it is heard.

    * ``rate``, ``channels``: samples per second, of each channel, and how many there are
    * ``is_paused``: whether what is heard now is not sent
    """

    def __init__(
        self, timers: Timers, connection: CarriesSound, rate: int, channels: int, is_paused: Callable[[], bool]
    ) -> None:
        self._timers = timers
        self._connection = connection
        self._rate = rate
        self._channels = channels
        self._size = frame_size(rate, channels)
        self._frames: Iterator[bytes] = iter(())
        self._is_paused = is_paused
        self._began = 0.0
        self._heard = 0
        self._timer: Timer | None = None

    def begin(self, now: float) -> None:
        """Begin to send."""
        self._began = now
        self._frames = self._connection.sound(self._rate, self._channels, now)
        self._see_to_next()

    def _see_to_next(self) -> None:
        frame = next(self._frames, None)
        if frame is not None:
            self._heard += len(frame)
            # Counted from the beginning, since small fractions would add up.
            due = self._began + self._heard / self._size * FRAME_SECONDS
            self._timer = self._timers.at(due, lambda: self._send(frame))

    def _send(self, frame: bytes) -> None:
        if not self._is_paused():
            self._connection.send_sound(frame)
        self._see_to_next()

    def end(self) -> None:
        """Send no more."""
        if self._timer is not None:
            self._timer.cancel()
