"""An audio connection to an application of this library in the same process: no socket, and time as a world has it.

::

    recorder = AudioService("/audio")
    connect = audio_connector(world, {"/audio": recorder}.get, frames=lambda: wav_frames("hello.wav"))
    call = SimulatedCall("ws://here/app", clock=WorldClock(world), connect_audio=connect, ...)

The function that takes the audio runs on a thread of the world. Other threads of the application, which are none of the
world's, may send, but what they wait for takes real time.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..audio.reception import hold
from ..audio.service import AudioService
from .connection import CannotConnect, Closed, Connect
from .sound_recorder import SoundRecorder
from .world import World

if TYPE_CHECKING:
    from ..audio.channel import Channel
    from ..session import Session

__all__ = ["AudioInProcess", "audio_connector"]


def audio_connector(
    world: World,
    find_service: Callable[[str], AudioService | None],
    *,
    find_session: Callable[[str], Session | None] = lambda call_sid: None,
    frames: Callable[[], Iterable[bytes]] | None = None,
    recorders: list[SoundRecorder] | None = None,
) -> Connect:
    """Return what connects a simulated call to the audio services of an application, whatever host an address names.

    * ``find_service``: returns the service for a path
    * ``find_session``: returns the session of a call sid
    * ``frames``: what the caller sends on each connection; ``None`` is silence without end
    * ``recorders``: gets one for each connection, with what the application has sent on it
    """

    def connect(url: str) -> AudioInProcess:
        path = urlsplit(url).path or "/"
        service = find_service(path)
        if service is None:
            raise CannotConnect(f"{url} answered with HTTP 404: there is no service for {path}", http_status=404)
        connection = AudioInProcess(world, service, path, find_session, None if frames is None else frames())
        if recorders is not None:
            recorders.append(connection.recorder)
        return connection

    return connect


class AudioInProcess:
    """A connection, seen from jambonz."""

    def __init__(
        self,
        world: World,
        service: AudioService,
        path: str,
        find_session: Callable[[str], Session | None],
        frames: Iterable[bytes] | None = None,
    ) -> None:
        #: How the connection ended, once it has.
        self.closed: Closed | None = None
        #: What the application has sent.
        self.recorder = SoundRecorder()
        self._world = world
        self._frames = frames
        self._inbox: list[str | bytes] = []
        self._line: _Line | None = None
        # Sent before the application's thread has had its first turn.
        self._early: list[str | bytes] = []
        world.start(
            lambda: hold(service, self, path, find_session=find_session, now=world.now), f"audio connection to {path}"
        )

    # What jambonz does

    def wait(self, seconds: float) -> bool:
        """Return whether there is something to read. Whoever waits for it does so in the world."""
        return bool(self._inbox) or self.closed is not None

    def read(self) -> list[str | bytes]:
        """Return the messages that have come."""
        messages, self._inbox = self._inbox, []
        return messages

    def send(self, text: str) -> None:
        """Send one message. Nothing happens once the connection is over."""
        self._deliver(text)

    def sound(self, size: int) -> Iterator[bytes]:
        """Return what the caller sends, frame by frame; ``size`` is how many bytes are heard in 20 ms."""
        return itertools.repeat(bytes(size)) if self._frames is None else filter(None, self._frames)

    def send_sound(self, frame: bytes) -> None:
        """Send a frame. Nothing happens once the connection is over."""
        self._deliver(frame)

    def _deliver(self, message: str | bytes) -> None:
        if self.closed is not None:
            return
        if self._line is None:
            self._early.append(message)
        else:
            self._line.receive(message)

    def close(self, code: int, reason: str = "") -> None:
        """Close with a code."""
        self._end(Closed(code, reason, by_application=False))

    def abort(self) -> None:
        """Drop the connection without a word."""
        self._end(Closed(1006, "dropped", by_application=False))

    def _end(self, closed: Closed) -> None:
        if self.closed is None:
            self.closed = closed
            if self._line is not None:
                self._line.lose(closed.code, closed.reason)

    # What the application does

    def first_message(self, timeout: float) -> str | bytes | None:
        """Wait for the first message, for so many seconds of the world."""
        self._world.wait(lambda: bool(self._early) or self.closed is not None, self._world.now() + timeout)
        return self._early[0] if self._early else None

    def shut(self) -> None:
        """Give the connection up."""
        self.abort()

    def turn_away(self, code: int, reason: str) -> None:
        """Close the connection: the application does not take it."""
        self.ended(code, reason)

    def connect(self, channel: Channel, /, *, ping: bool = True) -> _Line:
        """Give the connection to the stream that it brings."""
        self._line = _Line(self._world, self, channel)
        return self._line

    def opened(self) -> list[str | bytes]:
        """Return what was sent before the application was there to receive it."""
        early, self._early = self._early, []
        return early

    def take(self, message: str | bytes) -> None:
        """The application has sent a message."""
        if self.closed is None:
            self._inbox.append(message)
            self.recorder.take(message)

    def ended(self, code: int, reason: str) -> None:
        """The application has closed the connection."""
        if self.closed is None:
            self.closed = Closed(code, reason)


class _Line:
    """The same connection, seen from the application: what its stream is held over."""

    #: What is sent is there at once.
    unwritten = 0

    def __init__(self, world: World, connection: AudioInProcess, channel: Channel) -> None:
        self._world = world
        self._connection = connection
        self._channel = channel

    # For the stream

    def open(self) -> None:
        for message in self._connection.opened():
            self._channel.message(message)
        closed = self._connection.closed
        if closed is not None:
            self._channel.lost(closed.code, closed.reason)

    def send(self, message: str | bytes) -> None:
        self._connection.take(message)

    def close(self, code: int, reason: str = "") -> None:
        self._connection.ended(code, reason)
        closed = self._connection.closed
        assert closed is not None
        self._channel.lost(closed.code, closed.reason)

    def wait(self, ready: Callable[[], bool], until: float | None = None) -> bool:
        def locked() -> bool:
            with self._channel.lock:
                return ready()

        if locked():
            return True
        return self._world.wait(locked, math.inf if until is None else until)

    def finish(self) -> None:
        with self._channel.lock:
            self.close(1000)

    # For jambonz, on its thread

    def receive(self, message: str | bytes) -> None:
        """A message has come."""
        with self._channel.lock:
            self._channel.message(message)
        self._channel.report()

    def lose(self, code: int, reason: str) -> None:
        """The connection is over."""
        with self._channel.lock:
            self._channel.lost(code, reason)
        self._channel.report()
