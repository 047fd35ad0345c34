"""Websockets beside the calls: other programs connect to a path, and a function of the application's talks to them."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from wsproto.frame_protocol import CloseReason

from .basic_auth import Auth, checked
from .transport.foreign import ForeignHandler, hold_foreign
from .wording import STOPPING

if TYPE_CHECKING:
    import simple_websocket

__all__ = ["ForeignService", "ForeignWebsockets"]

_GOODBYE = (CloseReason.GOING_AWAY, STOPPING)


class ForeignService:
    """What becomes of the websockets of one path that are no calls. Made by ``endpoint.websocket(path)``.

    Arguments are those of :meth:`jambonz_sync.Endpoint.websocket`. Raises :exc:`TypeError` and :exc:`ValueError` for
    what cannot be meant.
    """

    #: Bytes.
    max_message_size = 1024 * 1024
    #: No operator configures it.
    schema: Mapping[str, Any] = MappingProxyType({})
    #: Nothing else is spoken there.
    beside = None

    def __init__(
        self, path: str, handler: ForeignHandler, *, subprotocols: Iterable[str] = (), auth: Auth | None = None
    ) -> None:
        if not callable(handler):
            raise TypeError(f"a websocket needs a function, not {handler!r}")
        if isinstance(subprotocols, str):
            raise TypeError(f"subprotocols is a list of names, such as [{subprotocols!r}]")
        self.path = path
        self.handler = handler
        #: Those that may be selected, of which a client must offer one; empty asks for none.
        self.subprotocols: Sequence[str] = tuple(subprotocols)
        #: Who may connect, in place of the endpoint's.
        self.auth = checked(auth)

    def __repr__(self) -> str:
        return f"<ForeignService {self.path}>"


class ForeignWebsockets:
    """The websockets of an endpoint that are no calls and are up now.

    Threads. One lock, inside the condition, guards the websockets and whether there may be more. No other lock is taken
    under it, and nothing is done to a websocket.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        # With the thread that holds each.
        self._held: dict[simple_websocket.Server, int] = {}
        self._is_open = True

    def hold(self, service: ForeignService, environ: Mapping[str, Any], sock: socket.socket, rest: bytes) -> None:
        """Hold a websocket that may be opened, on the thread that calls this, until it is over."""
        with contextlib.ExitStack() as end:

            def handle(websocket: simple_websocket.Server) -> None:
                if not self._add(websocket):
                    websocket.close(*_GOODBYE)
                    return
                # When the thread is done with the connection, and not just with the function.
                end.callback(self._remove, websocket)
                service.handler(websocket)

            hold_foreign(
                handle,
                dict(environ),
                sock,
                rest,
                subprotocols=service.subprotocols,
                max_message_size=service.max_message_size,
            )

    def _add(self, websocket: simple_websocket.Server) -> bool:
        with self._changed:
            if self._is_open:
                self._held[websocket] = threading.get_ident()
            return self._is_open

    def _remove(self, websocket: simple_websocket.Server) -> None:
        with self._changed:
            del self._held[websocket]
            self._changed.notify_all()

    def open(self) -> None:
        """Take websockets."""
        with self._changed:
            self._is_open = True

    def close(self, seconds: float) -> bool:
        """Take no more, and close those that are up with 1001; return whether all have ended in so many seconds."""
        with self._changed:
            self._is_open = False
            held = list(self._held)
        for websocket in held:
            # On threads, since a peer that reads nothing keeps one waiting.
            name = "jambonz_sync closing a websocket"
            threading.Thread(target=websocket.close, args=_GOODBYE, name=name, daemon=True).start()
        # A function that stops the endpoint cannot be waited for: it waits for this.
        own = threading.get_ident()
        with self._changed:
            return self._changed.wait_for(lambda: all(holder == own for holder in self._held.values()), seconds)
