"""What is done with a request: an HTTP answer, a page of another application, or a websocket for a service.

All of it happens before any user code of a call runs. In order: an unknown path, a request that is no websocket
handshake, credentials, the middlewares.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from .basic_auth import Auth, admits
from .redaction import breaks_lines
from .request import Middleware, Refusal, Request
from .routing import Router
from .settings import Settings, WSGIApplication
from .transport.framing import Framing, HandshakeRefused
from .transport.http_reply import Reply

__all__ = ["Destination", "Entrance", "Opening", "Page"]

_HEALTH_PATH = "/health"


_LOST_UPGRADE = (
    "the websocket handshake lost its Upgrade header on the way: whatever stands in front must pass it on "
    "(nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;)"
)


class Destination(Protocol):
    """What websockets of a path are for: a service, say."""

    @property
    def auth(self) -> Auth | None:
        """Who may connect here; ``None`` leaves that to the endpoint."""
        ...

    @property
    def subprotocols(self) -> Sequence[str]:
        """The websocket subprotocols spoken here, of which the client must offer one; none asks for none."""
        ...

    @property
    def max_message_size(self) -> int:
        """The longest message taken, in bytes."""
        ...

    @property
    def schema(self) -> Mapping[str, Any]:
        """The application variables that jambonz offers its operators for this path."""
        ...

    @property
    def beside(self) -> Destination | None:
        """What else is spoken on the path, by another subprotocol, for whoever may connect here."""
        ...


class Opening(NamedTuple):
    """A websocket that may be opened.

    ``path`` is what services are found by, ``target`` the whole of what was asked for, with mount and query.
    ``framing`` has the answer to the handshake in its output.
    """

    destination: Destination
    path: str
    target: str
    framing: Framing


class Page(NamedTuple):
    """A request for another application."""

    application: WSGIApplication


class Entrance:
    """Decides on requests. It keeps nothing of them, and any thread may ask.

    ``router`` finds the destinations, ``count_calls`` tells how many calls are up.
    """

    def __init__(self, router: Router[Destination], settings: Settings, count_calls: Callable[[], int]) -> None:
        self._router = router
        self._settings = settings
        self._count_calls = count_calls

    def decide(self, environ: Mapping[str, Any], destination: Destination | None = None) -> Opening | Reply | Page:
        """Say what is to be done with a request, given as PEP 3333 describes it.

        ``destination``: what it is for, where somebody else has found that out; by default the path decides.
        """
        request = Request(environ)
        if destination is None:
            destination = self._router.find(request.path)
        if destination is not None and breaks_lines(request.path):
            return Reply(400, "there are control characters in the path")
        return self._upgrade(request, destination) if _is_upgrade(environ) else self._answer(request, destination)

    # Websockets

    def _upgrade(self, request: Request, destination: Destination | None) -> Opening | Reply | Page:
        environ, path = request.environ, request.path
        if destination is None:
            fallback = self._settings.fallback
            return Reply(404, f"there is no service for {path}") if fallback is None else Page(fallback)
        if environ.get("CONTENT_LENGTH", "") not in ("", "0") or "HTTP_TRANSFER_ENCODING" in environ:
            # Its bytes would be taken for frames, which whatever stands in front has not seen as such.
            return Reply(400, "a websocket handshake has no body")
        if environ.get("HTTP_SEC_WEBSOCKET_VERSION") != "13":
            return Reply(426, "this server speaks websocket version 13", {"Sec-WebSocket-Version": "13"})
        offered = {name.strip() for name in environ.get("HTTP_SEC_WEBSOCKET_PROTOCOL", "").split(",")}
        meant: Destination | None = destination
        while meant is not None and meant.subprotocols and offered.isdisjoint(meant.subprotocols):
            meant = meant.beside
        if meant is None:
            return Reply(400, f"this server speaks the websocket subprotocol {' or '.join(destination.subprotocols)}")
        refusal = self._refusal(request, destination)
        if refusal is not None:
            return refusal
        spoken = meant.subprotocols
        deflate = self._settings.permessage_deflate
        try:
            framing = Framing(environ, spoken, max_message_size=meant.max_message_size, deflate=deflate)
        except HandshakeRefused as fault:
            return Reply(400, str(fault))
        query = f"?{request.query}" if request.query else ""
        return Opening(meant, path, f"{environ.get('SCRIPT_NAME', '')}{path}{query}", framing)

    def _refusal(self, request: Request, destination: Destination) -> Reply | None:
        try:
            auth = self._settings.auth if destination.auth is None else destination.auth
            if auth is not None and not admits(auth, request.headers.get("Authorization", "")):
                self._settings.logger.info("turned away %s: wrong or no credentials for %s", request.peer, request.path)
                return Reply(401, "user and password please", {"WWW-Authenticate": 'Basic realm="jambonz"'})
            for middleware in self._settings.middlewares:
                refusal = middleware(request)
                if refusal is not None:
                    return self._refused_by(middleware, refusal, request)
        except Exception:
            self._settings.logger.exception("a connection from %s to %s cannot be judged", request.peer, request.path)
            return Reply(500, "the application failed")
        return None

    def _refused_by(self, middleware: Middleware, refusal: object, request: Request) -> Reply:
        name = getattr(middleware, "__name__", repr(middleware))
        if not isinstance(refusal, Refusal):
            raise TypeError(
                f"the middleware {name} must return None, or a Refusal such as Refusal(403), not {refusal!r}"
            )
        self._settings.logger.info(
            "turned away %s: %s refused %s with %d", request.peer, name, request.path, refusal.status
        )
        return Reply(refusal.status, refusal.text, refusal.headers)

    # What is no websocket

    def _answer(self, request: Request, destination: Destination | None) -> Reply | Page:
        method, path = request.environ["REQUEST_METHOD"], request.path
        if path == _HEALTH_PATH and method in ("GET", "HEAD"):
            return Reply(200, json.dumps({"status": "ok", "calls": self._count_calls()}), {}, "application/json")
        if destination is not None and method == "OPTIONS":
            return _variables(destination.schema)
        if destination is not None and "HTTP_SEC_WEBSOCKET_KEY" in request.environ and method == "GET":
            self._settings.logger.warning("%s asks for %s, but %s", request.peer, path, _LOST_UPGRADE)
            return Reply(426, _LOST_UPGRADE, {"Upgrade": "websocket"})
        if self._settings.fallback is not None:
            return Page(self._settings.fallback)
        if destination is None:
            return Reply(404, f"there is nothing at {path}")
        if method not in ("GET", "HEAD"):
            return Reply(405, "calls come as websockets", {"Allow": "GET, OPTIONS"})
        return Reply(426, "this is the websocket address of a jambonz application", {"Upgrade": "websocket"})


def _is_upgrade(environ: Mapping[str, Any]) -> bool:
    # RFC 9110 section 7.8, RFC 9113 section 8.6: neither HTTP/1.0 nor HTTP/2 knows an upgrade.
    can_be = environ["REQUEST_METHOD"] == "GET" and environ.get("SERVER_PROTOCOL", "HTTP/1.1") == "HTTP/1.1"
    return can_be and str(environ.get("HTTP_UPGRADE", "")).lower() == "websocket"


def _variables(schema: Mapping[str, Any]) -> Reply:
    if not schema:
        # jambonz takes it for an application without variables.
        return Reply(204, "", {"Allow": "GET, OPTIONS"})
    return Reply(200, json.dumps(dict(schema), ensure_ascii=False), {"Allow": "GET, OPTIONS"}, "application/json")
