"""The server application: services by path, and the calls they hold."""

from __future__ import annotations

import contextlib
import logging
import queue
import signal
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from types import FrameType
from typing import TYPE_CHECKING, Any

from typing_extensions import Self

from .conversation import Conversation, Line
from .exceptions import EndpointError
from .reception import Address, Arriving, Reception
from .routing import Router
from .service import Service
from .session import Session
from .transport.arrival import Arrival
from .transport.framing import Framing, HandshakeRefused
from .transport.http_request import Environ, response

if TYPE_CHECKING:
    from .transport.standalone import Listener

__all__ = ["Endpoint", "create_endpoint", "instead_of_listening"]

#: What an endpoint calls with itself in place of listening: who loads a script to look into it stops it there.
instead_of_listening: ContextVar[Callable[[Endpoint], object] | None] = ContextVar("instead_of_listening", default=None)

_SUBPROTOCOL = "ws.jambonz.org"

_HEALTH_PATH = "/health"


def create_endpoint(
    *,
    host: str = "0.0.0.0",
    port: int = 3000,
    ssl_context: ssl.SSLContext | None = None,
    ack_timeout: float = 4.0,
    reconnect_timeout: float = 15.0,
    jambonz_version: str | None = None,
    strict: bool = True,
    permessage_deflate: bool = False,
    logger: logging.Logger | None = None,
) -> Endpoint:
    """Make an endpoint: the server that jambonz connects to. Nothing listens yet.

    ::

        endpoint = create_endpoint(port=3000)
        service = endpoint.make_service(path="/hello")
        endpoint.serve_forever()

    * ``host``: the address to listen on; ``"127.0.0.1"`` for this machine only
    * ``port``: the port; 0 takes a free one, see ``endpoint.url``
    * ``ssl_context``: serve ``wss://`` with this server context (``ssl.create_default_context(Purpose.CLIENT_AUTH)``
      with a certificate loaded); ``None`` serves ``ws://``
    * ``ack_timeout``: seconds until a hook is answered in the handler's place, below the 5 s jambonz waits
    * ``reconnect_timeout``: seconds a call whose connection was lost is kept for jambonz to come back; its handler
      notices nothing meanwhile. ``0`` ends it at once
    * ``jambonz_version``: ``"0.9"`` also refuses verbs and options that only newer servers know; ``None`` allows both
    * ``strict``: whether unknown verbs and options raise; ``False`` lets them through to jambonz
    * ``permessage_deflate``: compress if jambonz offers it; costs some 100 kB of memory for each call
    * ``logger``: where log lines go, by default the logger ``jambonz_sync``
    """
    return Endpoint(
        host=host,
        port=port,
        ssl_context=ssl_context,
        ack_timeout=ack_timeout,
        reconnect_timeout=reconnect_timeout,
        jambonz_version=jambonz_version,
        strict=strict,
        permessage_deflate=permessage_deflate,
        logger=logger,
    )


class Endpoint:
    """The server that jambonz connects to. Made by :func:`create_endpoint`, which explains the arguments."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        ssl_context: ssl.SSLContext | None,
        ack_timeout: float,
        reconnect_timeout: float,
        jambonz_version: str | None,
        strict: bool,
        permessage_deflate: bool,
        logger: logging.Logger | None,
    ) -> None:
        if not 0 < ack_timeout < 5:
            raise ValueError(f"ack_timeout must be between 0 and 5 seconds, since jambonz waits 5; not {ack_timeout!r}")
        if reconnect_timeout < 0:
            raise ValueError(f"reconnect_timeout is a number of seconds, not {reconnect_timeout!r}; 0 does not wait")
        self.strict = strict
        self.jambonz_version = jambonz_version
        self._host = host
        self._port = port
        self._ssl_context = ssl_context
        self._deflate = permessage_deflate
        #: Where the lines about calls go.
        self.logger = logger or logging.getLogger("jambonz_sync")
        self._router: Router[Service] = Router()
        self._listener: Listener | None = None
        self._accepting: threading.Thread | None = None
        # Guards the two above, so that of two threads only one starts or stops. No other lock is taken under it.
        self._starting = threading.Lock()
        self._reception = Reception(self.logger, ack_timeout=ack_timeout, reconnect_timeout=reconnect_timeout)

    def make_service(
        self,
        path: str,
        *,
        apology: Sequence[Mapping[str, Any]] = (),
        hangup_on_return: bool = True,
    ) -> Service:
        """Make the service that answers calls to ``path`` and the paths below it.

        ::

            echo = endpoint.make_service(path="/echo")
            echo.on("session:new", answer)

        * ``path``: ``"/echo"`` answers ``/echo`` and ``/echo/anything``; the longest registered path wins, and ``"*"``
          answers what no other does
        * ``apology``: verbs, as dicts, that a caller hears whose handler has raised
        * ``hangup_on_return``: whether a call ends, politely, when the function that answers it returns

        Raises :exc:`ValueError` for a path that is taken or cannot be, :exc:`~jambonz_sync.InvalidVerb` for the
        apology.
        """
        service = Service(self, path, apology=apology, hangup_on_return=hangup_on_return)
        self._router.add(path, service)
        return service

    @property
    def paths(self) -> Sequence[str]:
        """The paths that have a service, sorted."""
        return tuple(self._router.paths)

    @property
    def sessions(self) -> Mapping[str, Session]:
        """The calls that are up, by call sid: a snapshot, from any thread."""
        return self._reception.calls.sessions

    # The standalone server

    @property
    def url(self) -> str:
        """Where the endpoint listens, such as ``ws://127.0.0.1:3000``. Raises if it does not listen."""
        listener = self._listener
        if listener is None:
            raise EndpointError("the endpoint does not listen: call start() or serve_forever() first")
        return self._url_of(listener)

    def _url_of(self, listener: Listener) -> str:
        scheme = "ws" if self._ssl_context is None else "wss"
        host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(self._host, self._host)
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{listener.port}"

    def start(self) -> Self:
        """Listen, on threads of the endpoint's own; return at once.

        Raises :exc:`~jambonz_sync.EndpointError` if the address cannot be had.
        """
        self._listen()
        return self

    def listen_at(self, *, host: str | None = None, port: int | None = None) -> None:
        """Listen elsewhere than :func:`create_endpoint` was told, from the next start on.

        ::

            endpoint.listen_at(port=0)

        ``host``, ``port``: as there; ``None`` leaves it as it is.
        """
        self._host = self._host if host is None else host
        self._port = self._port if port is None else port

    def _listen(self) -> Listener:
        instead = instead_of_listening.get()
        if instead is not None:
            instead(self)
        # Imported here: websocket-server is of no use inside a WSGI server, and importing it has side effects.
        from .transport.standalone import Listener

        with self._starting:
            if self._listener is not None:
                raise EndpointError(f"the endpoint listens already, on {self._url_of(self._listener)}")
            try:
                listener = Listener(self._host, self._port, self.answer, ssl_context=self._ssl_context)
            except OSError as error:
                raise EndpointError(
                    f"cannot listen on port {self._port} of {self._host or 'this machine'}: {error.strerror or error}. "
                    "Another program may have it: choose another port, or 0 for any free one"
                ) from error
            accepting = threading.Thread(
                target=listener.serve_forever, kwargs={"poll_interval": 0.1}, name="jambonz_sync listener", daemon=True
            )
            accepting.start()
            self._reception.calls.open()
            self._accepting = accepting
            self._listener = listener
        self.logger.info(
            "listening on %s for %s", self._url_of(listener), ", ".join(self._router.paths) or "nothing yet"
        )
        return listener

    def stop(self, drain: float | None = None) -> None:
        """Stop listening and end all calls; return when they have ended.

        ``drain``: seconds the calls that are up may go on by themselves. What is up after that is closed with 1001,
        after which jambonz connects again, to another instance if there is one.
        """
        with self._starting:
            listener, self._listener = self._listener, None
            accepting = self._accepting
        if listener is None or accepting is None:
            return
        if not drain:
            self._reception.calls.close()
        listener.shutdown()
        listener.server_close()
        accepting.join()
        self._reception.calls.wait_for_end(drain or 0.0)
        self._reception.calls.close()
        for conversation in self._reception.calls.all():
            conversation.close(1001, "the server is stopping")
        if not self._reception.calls.wait_for_end(5.0):
            stuck = [conversation.where() for conversation in self._reception.calls.all()]
            self.logger.warning("%d calls have not returned: their handlers are at %s", len(stuck), "; ".join(stuck))
        self.logger.info("stopped")

    def serve_forever(self) -> None:
        """Listen until SIGINT (Ctrl-C) or SIGTERM comes, or :meth:`stop` is called on another thread.

        Signals are handled on the main thread only; the handlers that were installed before come back at the end.
        """
        # A queue and not an Event: the handler of a signal may interrupt the wait inside the Event's lock.
        stopping: queue.SimpleQueue[int] = queue.SimpleQueue()
        with _lines_on_stderr(self.logger), _signals(stopping):
            listener = self._listen()
            while self._listener is listener:
                with contextlib.suppress(queue.Empty):
                    number = stopping.get(timeout=0.5)
                    self.logger.info("stopping because of %s", signal.Signals(number).name)
                    break
            self.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # One connection, on its own thread

    def answer(self, environ: Environ, sock: socket.socket, rest: bytes = b"") -> bytes | None:
        """Answer one HTTP request: with a response, which is returned, or by holding a call until it is over.

        ``rest`` is what came behind the request's head.
        """
        # PEP 3333: the bytes of the path, as latin-1 characters.
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        service = self._router.find(path)
        if environ.get("HTTP_UPGRADE", "").lower() != "websocket" or environ["REQUEST_METHOD"] != "GET":
            return self._answer_plainly(environ["REQUEST_METHOD"], path, service)
        if service is None:
            return response(404, f"there is no service for {path}")
        if environ.get("HTTP_SEC_WEBSOCKET_VERSION") != "13":
            return response(426, "this server speaks websocket version 13", {"Sec-WebSocket-Version": "13"})
        offered = [name.strip() for name in environ.get("HTTP_SEC_WEBSOCKET_PROTOCOL", "").split(",")]
        if _SUBPROTOCOL not in offered:
            return response(400, f"this server speaks the websocket subprotocol {_SUBPROTOCOL}")
        try:
            framing = Framing(environ, [_SUBPROTOCOL], deflate=self._deflate)
        except HandshakeRefused as refusal:
            return response(400, str(refusal))
        query = environ.get("QUERY_STRING")
        address = Address(service, path, f"{path}?{query}" if query else path)
        held = self.admit(address, Arrival(sock, framing, rest))
        if held is not None:
            # The connection is this thread's to close, when the call needs it no more.
            conversation, line = held
            conversation.stay_with(line)
            line.finish()
        return None

    def admit(
        self, address: Address, arrival: Arriving, now: Callable[[], float] = time.monotonic
    ) -> tuple[Conversation, Line] | None:
        """Hold the call of a new connection: see :meth:`~.reception.Reception.admit`."""
        return self._reception.admit(address, arrival, now)

    def find_service(self, path: str) -> Service | None:
        """Return the service that answers calls to this path."""
        return self._router.find(path)

    def _answer_plainly(self, method: str, path: str, service: Service | None) -> bytes:
        head = method == "HEAD"
        if path == _HEALTH_PATH and method in ("GET", "HEAD"):
            return response(200, f"{len(self._reception.calls)} calls", head=head)
        if service is None:
            return response(404, f"there is nothing at {path}", head=head)
        if method == "OPTIONS":
            # jambonz asks for the application's variables in this way; no content means that it has none.
            return response(204, "", {"Allow": "GET, OPTIONS"})
        if method not in ("GET", "HEAD"):
            return response(405, "calls come as websockets", {"Allow": "GET, OPTIONS"})
        text = "this is the websocket address of a jambonz application"
        return response(426, text, {"Upgrade": "websocket"}, head=head)


@contextlib.contextmanager
def _lines_on_stderr(log: logging.Logger) -> Iterator[None]:
    """Show log lines where the program has made no arrangement for them, so that a script is not mute."""
    if any(not isinstance(handler, logging.NullHandler) for handler in (*log.handlers, *logging.getLogger().handlers)):
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


@contextlib.contextmanager
def _signals(stopping: queue.SimpleQueue[int]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.put(number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
