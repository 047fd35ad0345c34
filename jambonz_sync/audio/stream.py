"""One audio connection of a call, as the application sees it."""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ..exceptions import WaitTimeout
from ..wording import wait_timed_out
from .arrays import as_array
from .channel import Channel
from .metadata import CALL_SIDS, Metadata
from .playing import PlaysClips
from .samples import FRAME_SECONDS
from .sending import StreamsAudio
from .wav import open_wav

if TYPE_CHECKING:
    from ..session import Session
    from .service import AudioService

__all__ = ["AudioStream"]


class AudioStream(PlaysClips, StreamsAudio):
    """The caller's voice, and a way to be heard. Given to the function registered with ``service.on("connection")``.

    ::

        @recorder.on("connection")
        def voice(stream):
            for frame in stream:
                transcriber.send(frame)

    jambonz opens such a connection for the verbs ``listen`` and ``stream``. Audio is bytes: samples of 16 bits, the
    lower byte first (L16), those of two channels in turn. Whatever reads or waits for events works on the stream's own
    thread only; any thread may send. When the function returns, and has registered no handler with :meth:`on`, the
    connection is closed, which ends the ``listen``.
    """

    def __init__(
        self,
        channel: Channel,
        service: AudioService,
        path: str,
        find_session: Callable[[str], Session | None] = lambda call_sid: None,
    ) -> None:
        super().__init__(channel, service)
        #: The path of the websocket.
        self.path = path
        self._find_session = find_session

    def __repr__(self) -> str:
        return f"<AudioStream of {self.call_sid or 'a call without sid'} on {self.path}>"

    # The facts

    @property
    def metadata(self) -> Metadata:
        """What jambonz said first: the facts of the call, and what the verb had as ``metadata``."""
        return self._channel.core.metadata

    @property
    def sample_rate(self) -> int:
        """Samples per second of what the caller says, of each channel."""
        return self.metadata.sample_rate

    @property
    def channels(self) -> int:
        """1, or 2 where the ``mix_type`` is ``stereo``: the caller, then the other party, sample by sample."""
        return self.metadata.channels

    @property
    def call_sid(self) -> str | None:
        """The sid of the call; inside a ``dial`` that of the leg that was dialled."""
        sid = self.metadata.get("callSid")
        return sid if isinstance(sid, str) else None

    @property
    def session(self) -> Session | None:
        """The session of the call, if it is one of this process and goes on.

        Its verbs may be queued and sent from here, as from any thread other than its own.
        """
        for key in CALL_SIDS:
            sid = self.metadata.get(key)
            session = self._find_session(sid) if isinstance(sid, str) else None
            if session is not None:
                return session
        return None

    @property
    def lag(self) -> float:
        """How many seconds of audio have come and have not been read. From any thread."""
        return self._channel.core.inflow.lag

    @property
    def dropped(self) -> float:
        """How many seconds of audio were dropped so far, because more came than the service lets wait."""
        inflow = self._channel.core.inflow
        return inflow.dropped / inflow.bytes_per_second

    # Reading

    def read(self, seconds: float | None = None, *, timeout: float | None = None) -> bytes:
        """Block until so much audio has come, and return it.

        ::

            for minute in iter(lambda: stream.read(60), b""):
                store(minute)

        Handlers registered with :meth:`on` run meanwhile.

        ``seconds``: how much; ``None`` takes all that comes until the end.

        ``timeout``: the longest wait, in seconds. What has come by then stays to be read.

        Returns bytes, less than wanted where the connection has ended, and ``b""`` from then on.

        Raises :exc:`~jambonz_sync.WaitTimeout`.
        """
        self._require_own_thread("read")
        data = self._take(math.inf if seconds is None else self._size_of(seconds), self._deadline(timeout))
        if data is None:
            raise WaitTimeout(wait_timed_out(["audio"], timeout or 0.0))
        return data

    def _size_of(self, seconds: float) -> int:
        if not 0 < seconds < math.inf:
            raise ValueError(
                f"audio is read by a number of seconds above 0, or None for all that comes, not {seconds!r}"
            )
        return self._channel.core.inflow.size_of(seconds)

    def _take(self, size: float, until: float | None = None) -> bytes | None:
        """Return so many bytes, or what is left at the end; ``None`` if the time ``until`` comes first.

        Handlers run meanwhile, and come first, or else whoever has always something to read would never come to them.
        """
        channel, core = self._channel, self._channel.core
        inflow = core.inflow
        data = b""
        handled: tuple[str, object] | None = None

        def look() -> bool:
            nonlocal data, handled
            if data or handled is not None:
                # Whoever has woken this thread has looked before it. Nothing may be taken twice.
                return True
            if self._handlers:
                handled = self._handled(core, reads=True)
            if handled is None:
                data = inflow.take(size, rest=core.ending is not None)
            return bool(data) or handled is not None or core.ending is not None or self._has_failed

        # Without the lock, since others only compare it. A handler that reads too puts it back.
        before, inflow.wanted = inflow.wanted, size
        try:
            while True:
                channel.wait(look, until)
                if data:
                    return data
                if handled is None:
                    break
                self._handle(*handled)
                handled = None
        finally:
            inflow.wanted = before
        if self.ended or self._has_failed:
            return b""
        with channel.lock:
            inflow.keep()
        return None

    def frames(self, seconds: float = FRAME_SECONDS) -> Iterator[bytes]:
        """Iterate over audio in pieces of this length, until the connection ends; only the last may be shorter.

        ::

            for frame in stream.frames(0.1):
                detector.feed(frame)
        """
        return iter(functools.partial(self._next, self._size_of(seconds)), b"")

    def _next(self, size: float) -> bytes:
        if not self._channel.on_own_thread:
            self._require_own_thread("read")
        return self._take(size) or b""

    def __iter__(self) -> Iterator[bytes]:
        """Iterate over frames of 20 ms, until the connection ends: ``for frame in stream: …``."""
        return self.frames()

    def read_array(self, seconds: float | None = None, *, timeout: float | None = None) -> Any:
        """Block until so much audio has come, and return it as an array of numpy, which must be installed.

        ::

            samples = stream.read_array(0.5)

        It has the type ``int16`` and one dimension, or a column for each of two channels. At the end it is empty.
        Arguments and exceptions as for :meth:`read`; :exc:`ImportError` without numpy.
        """
        return as_array(self.read(seconds, timeout=timeout), self.channels)

    def catch_up(self) -> float:
        """Throw away what has come and has not been read, to go on with what the caller says now.

        ::

            stream.play_audio("beep.wav", wait=True)
            stream.catch_up()

        Returns how many seconds that was.
        """
        self._require_own_thread("catch_up")
        with self._channel.turn() as core:
            return core.inflow.skip()

    def record_to(self, path: str | os.PathLike[str], *, seconds: float | None = None) -> float:
        """Write what comes to a WAV file, until the connection ends, and return how many seconds that was.

        ::

            stream.record_to("call.wav")

        Handlers registered with :meth:`on` run meanwhile.

        ``path``: where to; what is there is overwritten. ``seconds``: stop after so many.

        Raises :exc:`OSError` if the file cannot be written.
        """
        self._require_own_thread("record_to")
        inflow = self._channel.core.inflow
        left = math.inf if seconds is None else inflow.size_of(seconds)
        frame_size, written = inflow.size_of(FRAME_SECONDS), 0
        with open_wav(path, self.sample_rate, self.channels) as file:
            while left > 0 and (frame := self._take(min(left, frame_size))):
                file.writeframesraw(frame)
                written += len(frame)
                left -= len(frame)
        return written / inflow.bytes_per_second

    # Ending it

    def disconnect(self) -> None:
        """Have jambonz end the ``listen``, which goes on with the next verb. From any thread.

        ::

            stream.disconnect()

        jambonz closes the connection then. Nothing happens if it is over.
        """
        with self._channel.turn() as core:
            core.disconnect()

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection, which ends the ``listen`` too. From any thread; nothing happens if it is over.

        Nothing can be sent from then on. It is over when jambonz has closed it too.
        """
        self._channel.close(code, reason)
