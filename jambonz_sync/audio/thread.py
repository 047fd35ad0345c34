"""The thread of an audio stream: its waits, the handlers that run on it, and how it ends."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

from ..exceptions import WaitTimeout
from ..wording import wait_timed_out
from . import wording
from .channel import Channel
from .core import AudioCore
from .ended import AudioEnded, AudioNotActive
from .event import AudioEvent
from .samples import FRAME_SECONDS

if TYPE_CHECKING:
    from .service import AudioService
    from .stream import AudioStream

__all__ = ["AudioThread"]

_Handler = TypeVar("_Handler", bound=Callable[..., Any])

#: The name for ``on`` by which audio itself is handed over.
_AUDIO = "audio"

#: Names for ``on`` that are nothing jambonz sends, with what the function is given.
_OWN_NAMES = ("close", "error")


#: How often it is looked whether jambonz has read what it was sent, in seconds.
_STEP = 0.02


class AudioThread:
    """What a stream does on its own thread.

    Threads. The lists of ``_own_handlers`` and the dict ``_handlers`` are replaced, never changed, by whichever thread
    registers a handler; all else is the own thread's.
    """

    def __init__(self, channel: Channel, service: AudioService) -> None:
        #: The service that takes this stream.
        self.service = service
        self._channel = channel
        self._handlers: dict[str, Callable[..., Any]] = {}
        self._own_handlers: dict[str, list[Callable[..., Any]]] = {name: [] for name in _OWN_NAMES}
        self._in_handler = False
        # Whether a function of the application has raised, after which the stream only ends.
        self._has_failed = False

    @property
    def log(self) -> logging.Logger | logging.LoggerAdapter[logging.Logger]:
        """A logger whose lines name the call."""
        return self._channel.log

    @property
    def owner(self) -> threading.Thread:
        """The thread that the function for this stream runs on."""
        return self._channel.owner

    @property
    def where(self) -> str:
        """The line of the application's code that this thread is at: ``/app/recorder.py:12 in voice``."""
        return self._channel.where()

    @property
    def ended(self) -> bool:
        """Whether the connection is over. What has come before that may still be read."""
        return self._channel.core.ending is not None

    @property
    def active(self) -> bool:
        """Whether the connection is up: ``while stream.active:``. The opposite of :attr:`ended`."""
        return not self.ended

    # Handlers

    @overload
    def on(self, name: str, fn: _Handler) -> _Handler: ...
    @overload
    def on(self, name: str, fn: None = None) -> Callable[[_Handler], _Handler]: ...
    def on(self, name: str, fn: Any = None) -> Any:
        """Call ``fn(event)`` for every event of this name; as a decorator too.

        ::

            @stream.on("dtmf")
            def pressed(evt):
                stream.kill_audio()

        Handlers run on the stream's own thread, one at a time: while it waits or reads, and after the service's
        function has returned, until the connection is over. :meth:`wait_for` takes precedence. A second handler for a
        name takes the place of the first.

        ``name``: as for :meth:`wait_for`; also ``"audio"`` for ``fn(data)``, with frames of 20 ms as bytes, while
        nothing else reads; ``"close"`` for ``fn(code, reason)`` when the connection is over, and ``"error"`` for
        ``fn(exc)`` when a function for this stream has raised.
        """
        if fn is None:
            return lambda function: self.on(name, function)
        if not callable(fn):
            raise TypeError(f"on({name!r}) needs a function, not {fn!r}")
        with self._channel.turn():
            if name in _OWN_NAMES:
                self._own_handlers = {**self._own_handlers, name: [*self._own_handlers[name], fn]}
            else:
                self._handlers = {**self._handlers, name: fn}
        return fn

    def _handle(self, name: str, given: object) -> None:
        self._in_handler = True
        try:
            self._handlers[name](given)
        except AudioEnded:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever it is, it ends this stream and no more
            self._failed(name, error)
        finally:
            self._in_handler = False

    def _handled(self, core: AudioCore, *, reads: bool = False) -> tuple[str, object] | None:
        """Return what has come for a handler, and the handler's name; no audio where the stream's function reads."""
        if self._in_handler:
            return None
        event = core.take(self._handlers.keys())
        if event is not None:
            return self._handler_name(event), event
        if _AUDIO in self._handlers and not reads:
            frame = core.inflow.take(core.inflow.size_of(FRAME_SECONDS), rest=core.ending is not None)
            if frame:
                return _AUDIO, frame
        return None

    def _handler_name(self, event: AudioEvent) -> str:
        detailed = sorted(event.names - {"*", event.name}, key=len, reverse=True)
        return next(name for name in (*detailed, event.name, "*") if name in self._handlers)

    # Waiting

    def _until(
        self,
        result: Callable[[AudioCore], Any],
        until: float | None = None,
        *,
        takes: bool = False,
    ) -> Any:
        """Block until ``result(core)`` is true, and return that; ``None`` if the time ``until`` comes before.

        On the stream's own thread handlers run meanwhile. What is to be handled comes first, unless the result
        ``takes`` an event itself. Handlers never run inside one another: while one runs, what it waits for is all that
        is taken.

        Raises what tells the end of the connection.
        """
        channel, core = self._channel, self._channel.core
        own = channel.on_own_thread
        found: Any = None
        handled: tuple[str, object] | None = None
        over = False

        def look() -> bool:
            nonlocal found, handled, over
            if found or handled is not None:
                # Whoever has woken this thread has looked before it. Nothing may be taken twice.
                return True
            if takes:
                found = result(core)
            if own and not found and self._handlers:
                handled = self._handled(core)
            if not takes and handled is None:
                found = result(core)
            over = core.ending is not None or (own and self._has_failed)
            return over or handled is not None or bool(found)

        wait = channel.wait if own else channel.wait_elsewhere
        while True:
            if own:
                # Of other threads nobody expects that they read.
                core.waits = True
            try:
                wait(look, until)
            finally:
                if own:
                    core.waits = False
            if found:
                return found
            if handled is not None:
                self._handle(*handled)
                handled = None
            elif over:
                raise self._end_error()
            else:
                return None

    def _await_room(self, most: int) -> None:
        """Block until at most so many bytes wait for jambonz to read them."""
        # Nothing tells that it has read some.
        while self._until(lambda core: self._channel.unwritten <= most, self._deadline(_STEP)) is None:
            continue

    def wait_for(self, *names: str, timeout: float | None = None) -> AudioEvent:
        """Block until one of ``names`` comes, and return it.

        ::

            evt = stream.wait_for("dtmf", timeout=30)
            stream.wait_for("mark:end of sentence")

        Events that came before the wait are delivered too, in order of arrival. Audio that comes meanwhile is kept, as
        far as the service's ``max_lag`` allows.

        ``names``: ``"dtmf"`` or a single key, such as ``"dtmf:#"``; ``"playDone"``, or that of one clip,
        ``"playDone:clip-1"``; ``"mark"`` or ``"mark:your name for it"``; or ``"*"`` for whatever comes.

        ``timeout``: the longest wait, in seconds; ``None`` waits as long as the connection lasts.

        Raises :exc:`~jambonz_sync.WaitTimeout` and, once the connection is over, :exc:`~jambonz_sync.AudioEnded`.
        """
        self._require_own_thread("wait_for")
        if not names:
            raise TypeError('wait_for needs at least one name, such as "dtmf" or "*"')
        wanted = frozenset(names)
        event = self._until(lambda core: core.take(wanted), self._deadline(timeout), takes=True)
        if event is None:
            raise WaitTimeout(wait_timed_out(names, timeout or 0.0))
        return cast("AudioEvent", event)

    def sleep(self, seconds: float) -> None:
        """Sleep as ``time.sleep`` does, but raise :exc:`~jambonz_sync.AudioEnded` when the connection ends meanwhile.

        Handlers registered with :meth:`on` run meanwhile.
        """
        self._require_own_thread("sleep")
        self._until(lambda core: None, self._deadline(seconds))

    def _deadline(self, timeout: float | None) -> float | None:
        return None if timeout is None else self._channel.now() + timeout

    # The end

    def _require_own_thread(self, method: str) -> None:
        if not self._channel.on_own_thread:
            raise RuntimeError(wording.not_on_stream_thread(method))

    def _raise_if_over(self, core: AudioCore) -> None:
        if core.over is not None or (self._has_failed and self._channel.on_own_thread):
            raise self._end_error()

    def _end_error(self) -> BaseException:
        code, reason = self._channel.core.over or (1011, wording.handler_raised("the stream"))
        text = wording.stream_over(code, reason)
        if not self._channel.on_own_thread:
            return AudioNotActive(text, code=code, reason=reason)
        return AudioEnded(text, stream=self, code=code, reason=reason)

    def _failed(self, name: str, error: BaseException) -> None:
        self._has_failed = True
        self.log.error(wording.handler_raised(name), exc_info=error)
        self.service.report_error(cast("AudioStream", self), error)
        self._tell("error", (error,))
        self._channel.close(1011, "the handler failed")

    def _tell(self, name: str, arguments: Iterable[Any]) -> None:
        for fn in self._own_handlers[name]:
            try:
                fn(*arguments)
            except Exception:
                self.log.exception("the handler of %s raised an exception", name)

    # The life of the stream, called by whoever took the connection in

    def live(self, handler: Callable[[AudioStream], Any]) -> None:
        """Run the service's function, then the registered handlers, until the connection is over or nobody is left."""
        try:
            handler(cast("AudioStream", self))
            if self._handlers:
                self._until(lambda core: None)
        except AudioEnded:
            self.log.debug("the handler was unwound: the audio connection is over")
        except BaseException as error:  # noqa: BLE001 - whatever it is, sys.exit() too, it ends this stream and no more
            self._failed("connection", error)
        if not self.ended:
            self._channel.close(1000, "")

    def told_end(self) -> None:
        """The connection has ended: say so to whoever wants to know."""
        ending = self._channel.core.ending
        if ending is not None:
            self._tell("close", ending)
        # Such functions mostly use the stream, which has them.
        self._handlers, self._own_handlers = {}, {name: [] for name in _OWN_NAMES}
