"""The listener of the standalone server: accepts connections, one thread each, and reads their HTTP request.

websocket-server is a listener and a thread per connection; its handshake, framing and TLS are not used. Importing it
configures the root logger, so it is imported here and only here, and this module only when an endpoint listens.
"""

from __future__ import annotations

import contextlib
import logging
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any

from .http_reply import Reply
from .http_request import BadRequest, Environ, Gone, read_request, wait_for_socket, write_response
from .open_handshakes import Cut, OpenHandshakes

# websocket_server calls logging.basicConfig() on import, which leaves a root logger alone that has a handler.
_placeholder = logging.NullHandler()
logging.getLogger().addHandler(_placeholder)
from websocket_server import WebsocketServer  # noqa: E402

logging.getLogger().removeHandler(_placeholder)

__all__ = ["Answer", "Listener"]

_log = logging.getLogger("jambonz_sync")

#: What is done with a request: it either returns the response to write, or has held a websocket on the socket.
Answer = Callable[[Environ, socket.socket, bytes], "bytes | None"]

#: While connections are cut, a line says so this often, in seconds.
_TELL_EVERY = 60.0


class Listener(WebsocketServer):  # type: ignore[misc]
    """Listens from the moment it is made, and accepts while :meth:`serve_forever` runs.

    ``answer(environ, sock, rest)`` is called for each request on the connection's own thread. ``handshake_timeout``
    seconds are granted a peer for TLS and the request's head, and to no more than ``max_handshakes`` of them at once:
    the oldest gives way to the newest. Raises :exc:`OSError` if the address cannot be had.
    """

    # A hundred calls may arrive at once, and each expects its handshake within 1.5 s; socketserver queues 5.
    request_queue_size = 1024

    def __init__(
        self,
        host: str,
        port: int,
        answer: Answer,
        *,
        ssl_context: ssl.SSLContext | None = None,
        handshake_timeout: float = 5.0,
        max_handshakes: int = 500,
    ) -> None:
        addresses = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        self.address_family = addresses[0][0]
        # Never its key and cert: where ssl.wrap_socket is gone (Python 3.12) it goes on in clear text.
        super().__init__(host, port, loglevel=logging.WARNING)
        self._answer = answer
        self._ssl_context = ssl_context
        self._handshake_timeout = handshake_timeout
        self._handshakes = OpenHandshakes(max_handshakes)
        # The thread that accepts and others may both find that it is time; a line more does no harm.
        self._tell_at = 0.0
        self._stopping = False

    def shutdown(self) -> None:
        """Accept no more connections, from now on."""
        self._stopping = True
        # Wakes the thread that accepts, which looks only now and then; where the system does not, that is waited for.
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        super().shutdown()

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection."""
        try:
            return self.socket.accept()  # type: ignore[no-any-return]
        except OSError as error:
            if self._stopping:
                raise
            # Out of descriptors, say. The connection stays in the queue, so without a pause this would spin.
            _log.error("cannot accept a connection: %s", error)
            time.sleep(0.05)
            raise

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give the connection a thread of its own."""
        self._enter(request, request)
        try:
            name = f"jambonz_sync {client_address[0]}:{client_address[1]}"
            threading.Thread(target=self._hold, args=(request, client_address), name=name, daemon=True).start()
        except BaseException:
            # The base class closes the connection.
            self._handshakes.leave(request)
            raise

    def _enter(self, accepted: socket.socket, sock: socket.socket) -> None:
        if self._handshakes.enter(accepted, sock) and time.monotonic() >= self._tell_at:
            self._tell_at = time.monotonic() + _TELL_EVERY
            _log.warning("too many connections have brought no whole request yet: the oldest of them are cut")

    def _hold(self, accepted: socket.socket, peer: Any) -> None:
        try:
            self._serve(accepted, peer)
        except Gone as reason:
            _log.debug("no request from %s: %s", peer, reason)
        except Exception:  # noqa: BLE001 - one connection's fault is none of the others'
            _log.exception("the connection from %s failed", peer)

    def _serve(self, accepted: socket.socket, peer: Any) -> None:
        deadline = time.monotonic() + self._handshake_timeout
        # With TLS it is another one, which has the descriptor from then on.
        sock = accepted
        try:
            sock.setblocking(False)
            if self._ssl_context is not None:
                sock = self._wrap(accepted, self._ssl_context)
                self._encrypt(accepted, sock, deadline)
            reply = self._reply_to(accepted, sock, peer, deadline)
            if reply is not None:
                # Whoever lingers over it may have to give way, too.
                self._enter(accepted, sock)
                write_response(sock, reply, time.monotonic() + self._handshake_timeout)
        finally:
            # In this order.
            self._handshakes.leave(accepted)
            sock.close()

    def _reply_to(self, accepted: socket.socket, sock: socket.socket, peer: Any, deadline: float) -> bytes | None:
        try:
            try:
                environ, rest = read_request(sock, peer, deadline)
            finally:
                if not self._handshakes.leave(accepted):
                    raise Cut
            return self._answer(environ, sock, rest)
        except BadRequest as refusal:
            return Reply(refusal.status, str(refusal)).encoded()

    def _wrap(self, accepted: socket.socket, context: ssl.SSLContext) -> ssl.SSLSocket:
        try:
            # Of a connection that was reset already, Python before 3.13 would leave the descriptor open.
            accepted.getpeername()
            self._handshakes.hide(accepted)
            return context.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False)
        except OSError as error:
            raise Gone(str(error)) from None

    def _encrypt(self, accepted: socket.socket, sock: ssl.SSLSocket, deadline: float) -> None:
        try:
            self._handshakes.show(accepted, sock)
            _shake_hands(sock, deadline)
        except (OSError, Gone) as error:
            # One that was cut is told of elsewhere.
            if self._handshakes.leave(accepted):
                _log.warning("TLS handshake failed: %s", error)
            raise Gone(str(error)) from None

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log what failed while a thread was started for a connection."""
        _log.exception("cannot serve the connection from %s", client_address)


def _shake_hands(sock: ssl.SSLSocket, deadline: float) -> None:
    while True:
        try:
            return sock.do_handshake()
        except ssl.SSLWantReadError:
            wait_for_socket(sock, select.POLLIN, deadline)
        except ssl.SSLWantWriteError:
            wait_for_socket(sock, select.POLLOUT, deadline)
