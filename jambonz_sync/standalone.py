"""The standalone server of an endpoint: when it listens, and how it ends."""

from __future__ import annotations

import contextlib
import logging
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TYPE_CHECKING

from .exceptions import EndpointError
from .reception import Reception
from .settings import Settings
from .tls import Tls, server_context

if TYPE_CHECKING:
    from .transport.standalone import Answer, Listener

__all__ = ["StandaloneServer"]


class StandaloneServer:
    """Listens for an endpoint, whenever it is asked to.

    ``answer`` is called with each request, see :class:`~.transport.standalone.Listener`. ``reception`` holds the calls.
    ``describe_paths()`` says what there are services for, ``describe_calls()`` what the calls are doing.
    """

    def __init__(
        self,
        host: str,
        port: int,
        tls: Tls | None,
        answer: Answer,
        reception: Reception,
        describe_paths: Callable[[], str],
        describe_calls: Callable[[], str],
        settings: Settings,
    ) -> None:
        self._host = host
        self._port = port
        self._ssl_context = server_context(tls)
        self._answer = answer
        self._reception = reception
        self._describe_paths = describe_paths
        self._describe_calls = describe_calls
        self._settings = settings
        self._listener: Listener | None = None
        self._accepting: threading.Thread | None = None
        # Set when the last stop has come to its end.
        self._ended = threading.Event()
        # Whether somebody waits no longer for the calls.
        self._hurried = False
        # Guards the three above, so that of two threads only one starts or stops. No other lock is taken under it.
        self._starting = threading.Lock()

    @property
    def url(self) -> str:
        """Where the server listens. Raises if it does not."""
        listener = self._listener
        if listener is None:
            raise EndpointError("the endpoint does not listen: call start() or serve_forever() first")
        return self._url_of(listener)

    def _url_of(self, listener: Listener) -> str:
        scheme = "ws" if self._ssl_context is None else "wss"
        host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(self._host, self._host)
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{listener.port}"

    def listen_at(self, host: str | None, port: int | None) -> None:
        """Listen there from the next start on; ``None`` leaves it as it is."""
        self._host = self._host if host is None else host
        self._port = self._port if port is None else port

    def listen(self) -> Listener:
        """Listen, on threads of the server's own, and return at once."""
        # Imported here: websocket-server is of no use inside a WSGI server, and importing it has side effects.
        from .transport.standalone import Listener

        with self._starting:
            if self._listener is not None:
                raise EndpointError(f"the endpoint listens already, on {self._url_of(self._listener)}")
            try:
                listener = Listener(self._host, self._port, self._answer, ssl_context=self._ssl_context)
            except OSError as error:
                raise EndpointError(
                    f"cannot listen on port {self._port} of {self._host or 'this machine'}: {error.strerror or error}. "
                    "Another program may have it: choose another port, or 0 for any free one"
                ) from error
            accepting = threading.Thread(
                target=listener.serve_forever, kwargs={"poll_interval": 0.1}, name="jambonz_sync listener", daemon=True
            )
            # Before the first is accepted.
            self._reception.calls.open()
            accepting.start()
            self._ended = threading.Event()
            self._hurried = False
            self._accepting = accepting
            self._listener = listener
        self._settings.logger.info("listening on %s for %s", self._url_of(listener), self._describe_paths())
        return listener

    def stop(self, drain: float | None = None) -> bool:
        """Stop listening, then end all calls as :meth:`.Reception.drain` does; return when they have ended.

        Returns ``False``, at once, if it does not listen, or another thread is stopping it.
        """
        with self._starting:
            listener, self._listener = self._listener, None
            accepting, ended = self._accepting, self._ended
        if listener is None or accepting is None:
            return False
        try:
            self._end(listener, accepting, drain)
        finally:
            ended.set()
        return True

    def _end(self, listener: Listener, accepting: threading.Thread, drain: float | None) -> None:
        if not drain:
            self._reception.calls.close()
        # First: jambonz tries a connection again that is refused, for 13 s, and by then another process may listen.
        listener.shutdown()
        listener.server_close()
        accepting.join()
        self._reception.drain(drain or 0.0, lambda: self._hurried)
        self._settings.logger.info("stopped")

    def serve_forever(self, drain: float) -> None:
        """Listen until SIGINT or SIGTERM comes, or :meth:`stop` is called on another thread."""
        # A queue and not an Event: the handler of a signal may interrupt the wait inside the Event's lock.
        signals: queue.SimpleQueue[int] = queue.SimpleQueue()
        with _lines_on_stderr(self._settings.logger), _signals(signals):
            listener = self.listen()
            ended = self._ended
            seconds = 0.0
            while self._listener is listener:
                number = self._stop_signal(signals, 0.5)
                if number is not None:
                    self._settings.logger.info("stopping because of %s", signal.Signals(number).name)
                    # Whoever types Ctrl-C does not want to wait, for another thread's drain either.
                    seconds = drain if number == signal.SIGTERM else 0.0
                    self._hurried = number == signal.SIGINT
                    break
            # Another thread may be stopping it: the program should not end before the calls have.
            threading.Thread(target=self.stop, args=(seconds,), name="jambonz_sync stop", daemon=True).start()
            while not ended.is_set():
                if self._stop_signal(signals, 0.1) is not None:
                    self._hurried = True

    def _stop_signal(self, signals: queue.SimpleQueue[int], seconds: float = 0.0) -> int | None:
        """Return a signal that ends the server, if one comes within so many seconds; see to those that only ask."""
        with contextlib.suppress(queue.Empty):
            while (number := signals.get(timeout=seconds)) == signal.SIGUSR1:
                # Not to the log, whose level may let nothing through: somebody has asked for it.
                with contextlib.suppress(OSError, ValueError):
                    print(self._describe_calls(), file=sys.stderr, flush=True)
            return number
        return None


@contextlib.contextmanager
def _lines_on_stderr(log: logging.Logger) -> Iterator[None]:
    """Show log lines where the program has made no arrangement for them, so that a script is not mute."""
    if any(not isinstance(handler, logging.NullHandler) for handler in _handlers_of(log)):
        yield
        return
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    level = log.level
    log.addHandler(handler)
    if level == logging.NOTSET:
        log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)


def _handlers_of(log: logging.Logger) -> Iterator[logging.Handler]:
    logger: logging.Logger | None = log
    while logger is not None:
        yield from logger.handlers
        logger = logger.parent if logger.propagate else None


@contextlib.contextmanager
def _signals(signals: queue.SimpleQueue[int]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def note(number: int, frame: FrameType | None) -> None:
        signals.put(number)

    taken = [signal.SIGINT, signal.SIGTERM]
    # A program that does something with it keeps it.
    if signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL:
        taken.append(signal.SIGUSR1)
    before = {number: signal.signal(number, note) for number in taken}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
