"""The connections of an endpoint, whoever has accepted them: each is decided on, and held by what it is for.

Threads. A connection is held on the thread that brings it. What is up is known to :class:`.Reception` (calls),
:class:`.AudioServices` and :class:`.ForeignWebsockets`, each with its own lock; nothing here is changed after it was
made.
"""

from __future__ import annotations

import functools
import os
import socket
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .audio.link import AudioArrival
from .audio.service import AudioService
from .audio.services import AudioServices
from .conversation import Conversation, Line
from .entrance import Destination, Entrance, Opening, Page
from .foreign_service import ForeignService, ForeignWebsockets
from .reception import Address, Arriving, Reception
from .routing import Router
from .service import Service
from .settings import Settings
from .siblings import Offer, Siblings, workers_directory
from .transport import wsgi
from .transport.arrival import Arrival
from .transport.framing import Framing, handshake_of
from .transport.http_reply import Reply

if TYPE_CHECKING:
    from .transport.http_request import Environ

__all__ = ["Connections"]

#: Seconds that the functions of connections that are no calls have to return in at the end.
_FAREWELL = 5.0

#: So many pages of a ``fallback`` are served at a time, beside any number of calls.
_MOST_PAGES = 200


class Connections:
    """Decides on requests, and holds what they open. ``router`` finds what they are for."""

    def __init__(self, settings: Settings, router: Router[Destination]) -> None:
        self._settings = settings
        self._router = router
        self.reception = Reception(settings, self._hand_over)
        calls = self.reception.calls
        self.audio = AudioServices(calls.session, settings.logger)
        self.websockets = ForeignWebsockets()
        # Each has a thread, and whoever asks for one may be slow to send the rest of the request.
        self._pages = threading.BoundedSemaphore(_MOST_PAGES)
        self._entrance = Entrance(router, settings, lambda: len(calls))
        self._siblings = Siblings(self._is_mine, self._take_over, settings.logger)

    def open(self) -> None:
        """Take what is no call, too; calls are taken as the server begins to listen."""
        self.audio.open()
        self.websockets.open()

    def leave(self) -> None:
        """Give up what is no call, once the calls have ended."""
        ended = [self.audio.close(_FAREWELL), self.websockets.close(_FAREWELL)]
        if not all(ended):
            self._settings.logger.warning("connections that are no calls are still held: their functions do not return")
        self._siblings.leave()

    def decide(self, environ: Mapping[str, Any], destination: Destination | None = None) -> Opening | Reply | Page:
        """Say what is to be done with a request: see :meth:`.Entrance.decide`."""
        decision = self._entrance.decide(environ, destination)
        return self._counted(decision) if isinstance(decision, Reply) else decision

    def _counted(self, reply: Reply) -> Reply:
        if reply.status >= 400:
            self.reception.tally.refused(reply.status)
        return reply

    def answer(self, environ: Environ, sock: socket.socket, rest: bytes) -> bytes | None:
        """Answer a request of the standalone server: with a response, or by using the socket until it is done with."""
        decision = self.decide(environ)
        if isinstance(decision, Reply):
            return decision.encoded(head=environ["REQUEST_METHOD"] == "HEAD")
        if isinstance(decision, Page):
            return self._serve_page(decision, environ, sock, rest)
        else:
            self._hold(decision, environ, sock, rest)
        return None

    def _serve_page(self, page: Page, environ: Environ, sock: socket.socket, rest: bytes) -> bytes | None:
        # Imported here: most endpoints serve none.
        from .transport.pages import serve_page

        if not self._pages.acquire(blocking=False):
            return self._counted(Reply(503, "too many pages are asked for", {"Retry-After": "1"})).encoded()
        try:
            serve_page(page.application, environ, sock, rest)
        finally:
            self._pages.release()
        return None

    def hold(self, opening: Opening, environ: Mapping[str, Any]) -> Reply | None:
        """Hold the websocket of a WSGI request until it is over.

        Returns the answer where the server is not made for that; ``None`` when it was done, after which there is
        nothing to answer.
        """
        try:
            sock = wsgi.socket_of(environ)
        except wsgi.UnfitServer as unfit:
            self._settings.logger.error("a websocket for %s cannot be held: %s", opening.path, unfit)
            return self._counted(Reply(501, str(unfit)))
        self._hold(opening, environ, sock, b"")
        return None

    def _hold(self, opening: Opening, environ: Mapping[str, Any], sock: socket.socket, rest: bytes) -> None:
        destination = opening.destination
        if isinstance(destination, ForeignService):
            self.websockets.hold(destination, environ, sock, rest)
            return
        if self._settings.siblings is not None or "gunicorn.socket" in environ:
            # Here, since this is the process that will hold calls, and not one that has loaded the application to fork.
            self._siblings.join(os.fspath(self._settings.siblings or workers_directory()))
        if isinstance(destination, AudioService):
            audio = AudioArrival(sock, opening.framing, rest, environ)
            self.audio.hold(
                destination,
                opening.path,
                audio,
                lambda sid: self._offer(sid, "audio", opening, destination.path, audio),
            )
        else:
            assert isinstance(destination, Service)
            address = Address(destination, opening.path, opening.target)
            lent = "gunicorn.socket" in environ
            self._hold_call(address, Arrival(sock, opening.framing, rest, environ, lent=lent))

    def _hold_call(self, address: Address, arrival: Arrival) -> None:
        held = None
        try:
            held = self.reception.admit(address, arrival)
        finally:
            if held is None:
                arrival.let_go()
        if held is None:
            return
        stay = functools.partial(_stay, *held, arrival)
        if arrival.own is None:
            stay()
        else:
            # Not on the server's thread: each call has one already, and there may be no more for those that come back.
            threading.Thread(target=stay, name="jambonz_sync came back", daemon=True).start()

    # Between processes

    def _hand_over(self, name: str, address: Address, arrival: Arriving) -> bool:
        return isinstance(arrival, Arrival) and self._offer(name, "call", address, address.service.path, arrival)

    def _offer(self, name: str, kind: str, asked: Address | Opening, service: str, arrival: Arrival) -> bool:
        offer = Offer(
            name=name,
            kind=kind,
            service=service,
            path=asked.path,
            target=asked.target,
            handshake=handshake_of(arrival.environ, deflate=self._settings.permessage_deflate),
            received=bytes(arrival.received),
        )
        return self._siblings.offer(offer, arrival.sock)

    def _is_mine(self, offer: Offer) -> bool:
        # The audio of a call comes to another service than the call.
        service = offer.service if offer.kind == "call" else None
        return self.reception.calls.find(offer.name, service) is not None

    def _take_over(self, offer: Offer, sock: socket.socket) -> None:
        service = (
            self.audio.recordings if offer.service == self.audio.recordings.path else self._router.get(offer.service)
        )
        if not isinstance(service, AudioService if offer.kind == "audio" else Service):
            raise ValueError(f"there is no service {offer.service} here")
        deflate = self._settings.permessage_deflate
        framing = Framing(
            offer.handshake, service.subprotocols, max_message_size=service.max_message_size, deflate=deflate
        )
        # The answer to the handshake has been given.
        framing.out.clear()
        if isinstance(service, AudioService):
            self.audio.hold(service, offer.path, AudioArrival(sock, framing, offer.received, offer.handshake))
        else:
            address = Address(service, offer.path, offer.target)
            self._hold_call(address, Arrival(sock, framing, offer.received, offer.handshake))


def _stay(conversation: Conversation, line: Line, arrival: Arrival) -> None:
    try:
        # The connection is this thread's to close, when the call needs it no more.
        conversation.stay_with(line)
        line.finish()
    finally:
        arrival.let_go()
