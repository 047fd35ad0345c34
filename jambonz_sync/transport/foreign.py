"""Websockets that are no calls: handed to a function of the user's, as websockets of simple-websocket.

simple-websocket would do the rest, but that it writes from two threads, forgets to wake its reader, and is closed
before its close reply is out. What is used of it beyond its documentation, to mend that:

* ``Server.handshake``, which reads ``environ`` when the object is made;
* ``Server._thread``, the reader, and ``Server._handle_events``, which it calls for what came;
* ``Server.event``, which wakes ``receive``, and ``Server.ws``, the wsproto connection.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import simple_websocket
from wsproto.connection import ConnectionState
from wsproto.frame_protocol import CloseReason
from wsproto.utilities import LocalProtocolError

from .blocking_socket import BlockingSocket
from .framing import Framing, HandshakeRefused, handshake_of
from .http_reply import Reply
from .http_request import Environ, write_response

__all__ = ["ForeignHandler", "hold_foreign"]

_log = logging.getLogger("jambonz_sync")

#: How long the peer may take over its goodbye, and again to leave.
_FAREWELL = 2.0

#: What is done with a websocket: it is called with one of simple-websocket's, and closes it by returning.
ForeignHandler = Callable[[simple_websocket.Server], object]


def hold_foreign(
    handler: ForeignHandler,
    environ: Environ,
    sock: socket.socket,
    rest: bytes,
    *,
    subprotocols: Iterable[str] = (),
    max_message_size: int = 1024 * 1024,
    ping_interval: float = 25.0,
) -> bytes | None:
    """Hold a websocket whose messages are the business of ``handler``, on this thread, until it returns.

    ::

        def echo(ws):
            while True:
                ws.send(ws.receive())


        hold_foreign(echo, environ, sock, rest)

    * ``handler``: called with a ``simple_websocket.Server``: ``receive()``, ``send()``, ``close()``, ``environ``,
      ``subprotocol``; any thread may send and close
    * ``environ``, ``rest``: the head of the upgrade request, and what came behind it
    * ``sock``: the connection; the caller closes it
    * ``subprotocols``: those that may be selected; the peer's order decides
    * ``max_message_size``: characters or bytes; a longer message closes with 1009
    * ``ping_interval``: seconds between pings; a peer that leaves one without an answer is closed with 1008

    When the handler returns, the websocket is closed with 1000. When it raises, that is logged with its traceback and
    the code is 1011; ``ConnectionClosed``, raised by ``receive()`` and ``send()`` when the peer has left, is an end
    like any other. Returns the response to a request that is no websocket handshake, else ``None``.
    """
    subprotocols = list(subprotocols)
    try:
        Framing(environ, subprotocols)
    except HandshakeRefused as refusal:
        return Reply(400, str(refusal)).encoded()
    sock.setblocking(False)
    if sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    shared = BlockingSocket(sock, rest)
    try:
        websocket = _Websocket(
            {**environ, "werkzeug.socket": shared},
            subprotocols=subprotocols,
            max_message_size=max_message_size,
            ping_interval=ping_interval,
            thread_class=_reader,
            selector_class=_OneSocket,
        )
    except OSError as error:
        _log.debug("the peer of %r left before the handshake was done: %s", environ["PATH_INFO"], error)
        return None
    code = 1011
    try:
        handler(websocket)
        code = 1000
    except simple_websocket.ConnectionClosed:
        code = 1000
    except BaseException:  # noqa: BLE001 - the code of somebody else, sys.exit() too
        _log.exception("the handler of the websocket %r failed", environ["PATH_INFO"])
    finally:
        websocket.close(code)
        shared.finish(_FAREWELL)
        websocket.thread.join(_FAREWELL)
        write_response(sock, b"", time.monotonic() + _FAREWELL)
    return None


class _Websocket(simple_websocket.Server):  # type: ignore[misc]
    environ: Environ
    sock: Any
    thread: Any

    def __init__(self, environ: Environ, **options: Any) -> None:
        # Held where the state of the connection changes, until what was framed is written.
        self._lock = threading.RLock()
        super().__init__(environ, **options)

    def handshake(self) -> None:
        # Without the offer of permessage-deflate, which is accepted wherever it is made.
        whole = self.environ
        self.environ = handshake_of(whole, deflate=False)
        super().handshake()
        self.environ = whole

    def send(self, data: Any) -> None:
        try:
            with self._lock:
                super().send(data)
        except (OSError, LocalProtocolError) as error:
            self._end()
            raise simple_websocket.ConnectionClosed(CloseReason.ABNORMAL_CLOSURE, str(error)) from error

    def close(self, reason: Any = None, message: str | None = None) -> None:
        try:
            with self._lock:
                super().close(reason, message)
        except (OSError, LocalProtocolError, simple_websocket.ConnectionClosed):
            # Closed it is.
            pass
        self._end()

    def _end(self) -> None:
        # In this order: receive() looks at the one when it is woken by the other.
        self.connected = False
        self.event.set()

    def _handle_events(self) -> bool:
        stock: Any = super()
        with self._lock:
            # Not if we have closed meanwhile: what comes now would open the connection again.
            return bool(stock._handle_events()) and self.ws.state is ConnectionState.OPEN

    def _thread(self) -> None:
        stock: Any = super()
        try:
            stock._thread()
        except LocalProtocolError:
            # simple-websocket 1.0 dies of a ping that comes to be sent just after the close frame.
            pass
        finally:
            # Again, after it has marked the connection closed: simple-websocket sets its event too early.
            self._end()
            self.sock.close()


def _reader(target: Callable[[], None]) -> threading.Thread:
    return threading.Thread(target=target, name=f"{threading.current_thread().name} websocket", daemon=True)


class _OneSocket:
    """As much of a selector as simple-websocket uses; this one knows what was received before, and what TLS holds."""

    def register(self, sock: BlockingSocket, *_: object) -> None:
        self._sock = sock

    def select(self, timeout: float | None = None) -> bool:
        return self._sock.wait_readable(timeout)

    def close(self) -> None:
        pass
