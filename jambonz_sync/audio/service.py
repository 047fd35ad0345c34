"""What takes the audio that jambonz sends to one path."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from ..basic_auth import Auth, checked
from ..live_calls import Door
from ..registration import Registration
from ..wording import STOPPING

if TYPE_CHECKING:
    from .stream import AudioStream

__all__ = ["AudioService"]

_Handler = TypeVar("_Handler", bound=Callable[..., Any])

_NAMES = ("connection", "error")

#: The first is that of ordinary installations, the other is what the media server has if nothing is set.
_SUBPROTOCOLS = ("audio.jambonz.org", "audio.drachtio.org")

#: In bytes. What jambonz sends after a pause of the network may be merged into one message; it buffers 3 s.
_LARGEST_MESSAGE = 4 * 1024 * 1024


class AudioService:
    """The function that takes the audio of calls, on one path. Made by ``endpoint.make_audio_service(path)``.

    ::

        recorder = endpoint.make_audio_service("/audio")


        @recorder.on("connection")
        def voice(stream):
            stream.record_to(f"{stream.call_sid}.wav")

    * ``path``: ``"/audio"`` takes ``/audio`` and ``/audio/anything``
    * ``max_lag``: how many seconds of audio are kept that the function has not read
    * ``when_late``: what happens to more than that. ``"drop"`` drops the oldest. ``"block"`` stops reading while the
      function is busy elsewhere, until jambonz, which keeps two or three seconds more, drops what the caller says next;
      then nothing is lost of what comes from elsewhere, faster than anybody speaks. Meanwhile the end is not noticed
      either. While the function waits for something else than audio, the oldest is dropped in any case
    * ``playout_rate``: samples per second of what is streamed to the caller; ``None`` is that of what the caller says
    * ``auth``: who may connect, by the ``ws_auth`` of the ``listen``; ``None`` leaves that to the endpoint

    Threads. One lock, inside the condition, guards the streams, the connections that have said nothing yet, and whether
    there may be more. No other lock is taken under it.
    """

    #: Nothing else is spoken on its path.
    beside = None

    def __init__(
        self,
        path: str,
        *,
        max_lag: float = 10.0,
        when_late: Literal["drop", "block"] = "drop",
        playout_rate: int | None = None,
        auth: Auth | None = None,
    ) -> None:
        if not max_lag > 0:
            raise ValueError(f"max_lag is a number of seconds above 0, not {max_lag!r}")
        if when_late not in ("drop", "block"):
            raise ValueError(f"when_late is 'drop' or 'block', not {when_late!r}")
        if playout_rate is not None and (not isinstance(playout_rate, int) or playout_rate <= 0):
            raise ValueError(f"playout_rate is a number of samples per second, not {playout_rate!r}")
        self.path = path
        self.auth = checked(auth)
        self.max_lag = max_lag
        self.when_late = when_late
        self.playout_rate = playout_rate
        self._registration = Registration("an audio service", _NAMES, "For keys and marks use stream.on(...)")
        self._changed = threading.Condition()
        self._waiting: set[Door] = set()
        self._streams: dict[AudioStream, None] = {}
        self._is_open = True

    @property
    def subprotocols(self) -> Sequence[str]:
        """The websocket subprotocols of audio, of which one must be offered."""
        return _SUBPROTOCOLS

    @property
    def max_message_size(self) -> int:
        """The longest message taken, in bytes."""
        return _LARGEST_MESSAGE

    @property
    def schema(self) -> Mapping[str, Any]:
        """The application variables of this path: none, since no operator configures it."""
        return MappingProxyType({})

    def __repr__(self) -> str:
        return f"<AudioService {self.path}>"

    @overload
    def on(self, name: str, fn: _Handler) -> _Handler: ...
    @overload
    def on(self, name: str, fn: None = None) -> Callable[[_Handler], _Handler]: ...
    def on(self, name: str, fn: Any = None) -> Any:
        """Register the function for new connections; as a decorator too.

        ::

            service.on("connection", voice)

        ``name``:

        * ``"connection"``: ``fn(stream)`` takes each new connection, on a thread of its own
        * ``"error"``: ``fn(stream, exc)`` is told of an exception in that function and in handlers of its streams
        """
        return self._registration.on(name, fn)

    @property
    def handler(self) -> Callable[[AudioStream], Any] | None:
        """The function for new connections."""
        return self._registration.get("connection")

    def report_error(self, stream: AudioStream, error: BaseException) -> None:
        """Tell the function for ``error``, if there is one."""
        self._registration.report_error(stream, error, "the audio service's handler of error raised an exception")

    # The connections, for the endpoint

    @property
    def streams(self) -> tuple[AudioStream, ...]:
        """The streams that are up, as they are now. From any thread."""
        with self._changed:
            return tuple(self._streams)

    def expect(self, connection: Door) -> bool:
        """Wait on a connection for its first message, until :meth:`forget`. Returns whether that is wanted."""
        with self._changed:
            if self._is_open:
                self._waiting.add(connection)
            return self._is_open

    def forget(self, connection: Door) -> None:
        """Its first message has come, or never will."""
        with self._changed:
            self._waiting.discard(connection)
            self._changed.notify_all()

    def add(self, stream: AudioStream) -> bool:
        """Hold a stream, until :meth:`remove`. Returns whether that is wanted."""
        with self._changed:
            if self._is_open:
                self._streams[stream] = None
            return self._is_open

    def remove(self, stream: AudioStream) -> None:
        """The stream is over, and its function has returned."""
        with self._changed:
            del self._streams[stream]
            self._changed.notify_all()

    def open(self) -> None:
        """Take connections."""
        with self._changed:
            self._is_open = True

    def close(self) -> None:
        """Take no more, and close those that are up."""
        with self._changed:
            self._is_open = False
            for connection in self._waiting:
                connection.shut()
            streams = tuple(self._streams)
        for stream in streams:
            stream.close(1001, STOPPING)

    def wait_for_end(self, seconds: float) -> bool:
        """Wait until no connection is held any more; return whether that came within so many seconds."""
        own = threading.current_thread()
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._waiting and all(stream.owner is own for stream in self._streams), seconds
            )
