"""The listener of the standalone server: accepts connections, one thread each, and reads their HTTP request.

websocket-server is a listener and a thread per connection; its handshake, framing and TLS are not used. Importing it
configures the root logger, so it is imported here and only here, and this module only when an endpoint listens.
"""

from __future__ import annotations

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

# websocket_server calls logging.basicConfig() on import, which leaves a root logger alone that has a handler.
_placeholder = logging.NullHandler()
logging.getLogger().addHandler(_placeholder)
from websocket_server import WebsocketServer  # noqa: E402

logging.getLogger().removeHandler(_placeholder)

__all__ = ["Answer", "Listener"]

_log = logging.getLogger("jambonz_sync")

#: What is done with a request: it either returns the response to write, or has held a websocket on the socket.
Answer = Callable[[Environ, socket.socket, bytes], "bytes | None"]


class Listener(WebsocketServer):  # type: ignore[misc]
    """Listens from the moment it is made, and accepts while :meth:`serve_forever` runs.

    ``answer(environ, sock, rest)`` is called for each request on the connection's own thread. ``handshake_timeout``
    seconds are granted a peer for TLS and the request's head. Raises :exc:`OSError` if the address cannot be had.
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
    ) -> None:
        addresses = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        self.address_family = addresses[0][0]
        # Never its key and cert: where ssl.wrap_socket is gone (Python 3.12) it goes on in clear text.
        super().__init__(host, port, loglevel=logging.WARNING)
        self._answer = answer
        self._ssl_context = ssl_context
        self._handshake_timeout = handshake_timeout

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection."""
        try:
            return self.socket.accept()  # type: ignore[no-any-return]
        except OSError as error:
            # Out of descriptors, say. The connection stays in the queue, so without a pause this would spin.
            _log.error("cannot accept a connection: %s", error)
            time.sleep(0.05)
            raise

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give the connection a thread of its own."""
        name = f"jambonz_sync {client_address[0]}:{client_address[1]}"
        threading.Thread(target=self._hold, args=(request, client_address), name=name, daemon=True).start()

    def _hold(self, sock: socket.socket, peer: Any) -> None:
        try:
            self._serve(sock, peer)
        except Exception:  # noqa: BLE001 - one connection's fault is none of the others'
            _log.exception("the connection from %s failed", peer)
        finally:
            sock.close()

    def _serve(self, sock: socket.socket, peer: Any) -> None:
        deadline = time.monotonic() + self._handshake_timeout
        sock.setblocking(False)
        try:
            if self._ssl_context is not None:
                sock = self._encrypt(sock, self._ssl_context, deadline)
            try:
                environ, rest = read_request(sock, peer, deadline)
                reply = self._answer(environ, sock, rest)
            except BadRequest as refusal:
                reply = Reply(refusal.status, str(refusal)).encoded()
            if reply is not None:
                write_response(sock, reply, time.monotonic() + self._handshake_timeout)
        except Gone as reason:
            _log.debug("no request from %s: %s", peer, reason)
        finally:
            sock.close()

    @staticmethod
    def _encrypt(sock: socket.socket, context: ssl.SSLContext, deadline: float) -> ssl.SSLSocket:
        # From here on the descriptor is the new socket's.
        encrypted = context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        try:
            while True:
                try:
                    encrypted.do_handshake()
                    return encrypted
                except ssl.SSLWantReadError:
                    wait_for_socket(encrypted, select.POLLIN, deadline)
                except ssl.SSLWantWriteError:
                    wait_for_socket(encrypted, select.POLLOUT, deadline)
        except (OSError, Gone) as error:
            encrypted.close()
            _log.warning("TLS handshake failed: %s", error)
            raise Gone(str(error)) from None

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log what failed while a thread was started for a connection."""
        _log.exception("cannot serve the connection from %s", client_address)
