"""An audio connection to an application of this library in the same process: no socket, and time as a world has it.

::

    recorder = AudioService("/audio")
    connect = audio_connector(world, {"/audio": recorder}.get, frames=lambda: wav_frames("hello.wav"))
    call = SimulatedCall("ws://here/app", clock=WorldClock(world), connect_audio=connect, ...)

The function that takes the audio runs on a thread of the world. Other threads of the application, which are none of the
world's, may send, but what they wait for takes real time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..audio.reception import hold
from ..audio.service import AudioService
from .caller_sound import silence
from .connection import CannotConnect, Connect
from .handset import Handset
from .in_process_wire import InProcessLine, InProcessWire
from .sound_recorder import SoundRecorder
from .sound_track import SoundTrack
from .world import World

if TYPE_CHECKING:
    from ..audio.channel import Channel
    from ..session import Session

__all__ = ["AudioInProcess", "audio_connector"]

#: Returns what is sent, frame by frame: of so many samples per second and channels, from a time on.
Frames = Callable[[int, int, float], Iterator[bytes]]


def audio_connector(
    world: World,
    find_service: Callable[[str], AudioService | None],
    *,
    find_session: Callable[[str], Session | None] = lambda call_sid: None,
    frames: Callable[[], Iterable[bytes]] | None = None,
    recorders: list[SoundRecorder] | None = None,
    handset: Handset | None = None,
) -> Connect:
    """Return what connects a simulated call to the audio services of an application, whatever host an address names.

    * ``find_service``: returns the service for a path
    * ``find_session``: returns the session of a call sid
    * ``frames``: what the caller sends on each connection; ``None`` is silence without end
    * ``recorders``: gets one for each connection, with what the application has sent on it
    * ``handset``: what each connection leads to, in place of ``frames``
    """

    def connect(url: str) -> AudioInProcess:
        path = urlsplit(url).path or "/"
        service = find_service(path)
        if service is None:
            raise CannotConnect(f"{url} answered with HTTP 404: there is no service for {path}", http_status=404)
        if handset is None:
            sound = _as_they_are(None if frames is None else frames())
        else:
            sound = handset.microphone.frames
        connection = AudioInProcess(world, service, path, find_session, sound)
        if handset is not None:
            handset.connect(connection)
        if recorders is not None:
            recorders.append(connection.recorder)
        return connection

    return connect


def _as_they_are(frames: Iterable[bytes] | None) -> Frames:
    return lambda rate, channels, began: silence(rate, channels) if frames is None else filter(None, frames)


class AudioInProcess(InProcessWire["_Line"]):
    """A connection for audio, seen from jambonz."""

    def __init__(
        self,
        world: World,
        service: AudioService,
        path: str,
        find_session: Callable[[str], Session | None],
        sound: Frames,
    ) -> None:
        super().__init__(world)
        #: What the application has sent.
        self.recorder = SoundRecorder()
        #: What the caller hears of it.
        self.heard = SoundTrack()
        self._sound = sound
        world.start(
            lambda: hold(service, self, path, find_session=find_session, now=world.now), f"audio connection to {path}"
        )

    # What jambonz does

    def sound(self, rate: int, channels: int, began: float) -> Iterator[bytes]:
        """Return what the caller sends, frame by frame: of so many samples per second and channels, from a time on."""
        return self._sound(rate, channels, began)

    def send_sound(self, frame: bytes) -> None:
        """Send a frame. Nothing happens once the connection is over."""
        self._deliver(frame)

    # What the application does

    def connect(self, channel: Channel, /, *, ping: bool = True) -> _Line:
        """Give the connection to the stream that it brings."""
        self._line = _Line(self._world, self, channel)
        return self._line

    def take(self, message: str | bytes) -> None:
        """The application has sent a message."""
        if self.closed is None:
            super().take(message)
            self.recorder.take(message)


class _Line(InProcessLine):
    """The same connection, seen from the application: what its stream is held over."""

    #: What is sent is there at once.
    unwritten = 0

    def __init__(self, world: World, connection: AudioInProcess, channel: Channel) -> None:
        super().__init__(world, connection, channel)
        self._channel = channel

    # For the stream

    def close(self, code: int, reason: str = "") -> None:
        super().close(code, reason)
        closed = self._wire.closed
        assert closed is not None
        self._channel.lost(closed.code, closed.reason)

    def finish(self) -> None:
        with self._channel.lock:
            self.close(1000)
