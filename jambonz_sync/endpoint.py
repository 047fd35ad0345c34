"""The server application: services by path, and the calls they hold."""

from __future__ import annotations

import logging
import os
import time
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal

from typing_extensions import Self

from .application_variables import ApplicationVariables
from .audio.recording import RecordingDesk
from .audio.service import AudioService
from .basic_auth import Auth, checked
from .connections import Connections
from .conversation import Conversation, Line
from .entrance import Destination, Opening, Page
from .foreign_service import ForeignService
from .overview import Overview
from .reception import Address, Arriving
from .request import Middleware
from .routing import Router
from .service import Service
from .settings import Settings, WSGIApplication
from .standalone import StandaloneServer
from .tls import Tls
from .transport import wsgi
from .transport.foreign import ForeignHandler
from .transport.http_reply import Reply
from .variable_definitions import AppJson, VariableDefinition

if TYPE_CHECKING:
    from .transport.http_request import Environ

__all__ = ["Endpoint", "create_endpoint", "endpoints", "instead_of_listening"]

_endpoints: weakref.WeakSet[Endpoint] = weakref.WeakSet()

#: What an endpoint calls with itself in place of listening: who loads a script to look into it stops it there.
instead_of_listening: ContextVar[Callable[[Endpoint], object] | None] = ContextVar("instead_of_listening", default=None)


def endpoints() -> list[Endpoint]:
    """Return the endpoints of this process."""
    return list(_endpoints)


def create_endpoint(
    *,
    host: str = "0.0.0.0",
    port: int = 3000,
    ssl_context: Tls | None = None,
    auth: Auth | None = None,
    middlewares: Sequence[Middleware] = (),
    fallback: WSGIApplication | None = None,
    max_calls: int | None = None,
    ack_timeout: float = 4.0,
    reconnect_timeout: float = 15.0,
    siblings: str | os.PathLike[str] | None = None,
    app_json: AppJson | None = None,
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

    Where it listens, by itself (inside a WSGI server these three mean nothing):

    * ``host``: the address to listen on; ``"127.0.0.1"`` for this machine only
    * ``port``: the port; 0 takes a free one, see ``endpoint.url``
    * ``ssl_context``: serve ``wss://``, with a pair of PEM files ``("cert.pem", "key.pem")``, or with a server context
      of :mod:`ssl`; ``None`` serves ``ws://``

    Who may come in:

    * ``auth``: the ``("user", "password")`` that jambonz must give, or a function ``fn(user, password)`` that tells
      whether they are right; ``None`` asks for none. A service may have its own
    * ``middlewares``: functions that are called, in order, with the :class:`~jambonz_sync.Request` of each websocket
      before it is opened, and turn it away by returning a :class:`~jambonz_sync.Refusal`
    * ``max_calls``: how many calls may be up at a time. A new one beyond them is declined with SIP 503; one that comes
      back is not new. ``None`` sets no limit
    * ``fallback``: a WSGI application that answers what is not for jambonz, so that one port serves calls and pages;
      ``None`` answers with 404. ``/health`` stays the endpoint's

    How calls are held:

    * ``ack_timeout``: seconds until a hook is answered in the handler's place, below the 5 s jambonz waits
    * ``reconnect_timeout``: seconds a call whose connection was lost is kept for jambonz to come back; its handler
      notices nothing meanwhile. ``0`` ends it at once
    * ``siblings``: a directory for the processes on this machine that serve the same address: where one of them gets
      the connection on which jambonz comes back for a call of another, it hands it over. It is made with mode 0700 if
      it is not there. The workers of one gunicorn have one without being told
    * ``app_json``: the path of an ``app.json`` that describes the application variables, as the Node library has it, or
      what it holds; see :meth:`Endpoint.make_service`. ``None`` reads none
    * ``jambonz_version``: ``"0.9"`` also refuses verbs and options that only newer servers know; ``None`` allows both
    * ``strict``: whether unknown verbs and options raise; ``False`` lets them through to jambonz
    * ``permessage_deflate``: compress if jambonz offers it; costs some 100 kB of memory for each call
    * ``logger``: where log lines go, by default the logger ``jambonz_sync``

    Raises :exc:`ValueError` and :exc:`TypeError` for what cannot be meant, and :exc:`~jambonz_sync.EndpointError` for
    certificates that cannot be used.
    """
    settings = Settings(
        auth=auth,
        middlewares=middlewares,
        fallback=fallback,
        max_calls=max_calls,
        ack_timeout=ack_timeout,
        reconnect_timeout=reconnect_timeout,
        siblings=siblings,
        app_json=app_json,
        jambonz_version=jambonz_version,
        strict=strict,
        permessage_deflate=permessage_deflate,
        logger=logger or logging.getLogger("jambonz_sync"),
    )
    return Endpoint(settings, host=host, port=port, ssl_context=ssl_context)


class Endpoint(Overview):
    """The server that jambonz connects to. Made by :func:`create_endpoint`, which explains the arguments.

    It listens by itself, with :meth:`serve_forever` or :meth:`start`, or it is called as a WSGI application.
    """

    def __init__(self, settings: Settings, *, host: str, port: int, ssl_context: Tls | None) -> None:
        self._settings = settings
        self._router: Router[Destination] = Router()
        self._connections = Connections(settings, self._router)
        self._reception = self._connections.reception
        self._server = StandaloneServer(
            host,
            port,
            ssl_context,
            self._connections.answer,
            self._reception,
            self._describe_paths,
            self._describe_calls,
            settings,
        )
        _endpoints.add(self)

    @property
    def strict(self) -> bool:
        """Whether unknown verbs and options raise."""
        return self._settings.strict

    @property
    def jambonz_version(self) -> str | None:
        """The version of the server that verbs must suit, if one was named."""
        return self._settings.jambonz_version

    @property
    def logger(self) -> logging.Logger:
        """Where the lines about calls go."""
        return self._settings.logger

    def configure(self, **settings: Any) -> None:
        """Change settings, for the requests and calls that come from now on.

        ::

            endpoint.configure(max_calls=100, auth=("jambonz", os.environ["JAMBONZ_PASSWORD"]))

        ``settings``: any that :func:`create_endpoint` takes, but ``host``, ``port`` and ``ssl_context``. ``app_json``
        is read for the services that are made after this, and ``siblings`` holds where no call has come yet. Raises
        as it, and then nothing is changed.
        """
        self._settings.change(**settings)

    def make_service(
        self,
        path: str,
        *,
        auth: Auth | None = None,
        env: Mapping[str, VariableDefinition] | None = None,
        apology: Sequence[Mapping[str, Any]] = (),
        hangup_on_return: bool = True,
    ) -> Service:
        """Make the service that answers calls to ``path`` and the paths below it.

        ::

            echo = endpoint.make_service(path="/echo")
            echo.on("session:new", answer)

        * ``path``: ``"/echo"`` answers ``/echo`` and ``/echo/anything``; the longest registered path wins, and ``"*"``
          answers what no other does
        * ``auth``: who may connect here, as of :func:`create_endpoint` and in place of it
        * ``env``: the application variables that an operator may set for its calls, by name, as
          :class:`~jambonz_sync.VariableDefinition` describes them; they come before those of ``app_json``. jambonz
          asks for them by OPTIONS on the path, and ``session.env`` has the values
        * ``apology``: verbs, as dicts, that a caller hears whose handler has raised
        * ``hangup_on_return``: whether a call ends, politely, when the function that answers it returns

        Raises :exc:`ValueError` for a path that is taken or cannot be and for variables jambonz could not use,
        :exc:`~jambonz_sync.InvalidVerb` for the
        apology.
        """
        service = Service(
            self,
            path,
            auth=checked(auth),
            variables=ApplicationVariables(env, app_json=self._settings.app_json, path=path, strict=self.strict),
            beside=self._connections.audio.recordings,
            apology=apology,
            hangup_on_return=hangup_on_return,
        )
        self._router.add(path, service)
        return service

    def make_audio_service(
        self,
        path: str,
        *,
        max_lag: float = 10.0,
        when_late: Literal["drop", "block"] = "drop",
        playout_rate: int | None = None,
        auth: Auth | None = None,
    ) -> AudioService:
        """Make the service that takes the audio of calls, which jambonz brings for ``listen`` and ``stream``.

        ::

            recorder = endpoint.make_audio_service("/audio")


            @recorder.on("connection")
            def voice(stream):
                stream.record_to(f"{stream.call_sid}.wav")

        * ``path``: as of :meth:`make_service`; a ``listen`` names it as its ``url``
        * ``max_lag``, ``when_late``, ``playout_rate``: see :class:`~jambonz_sync.audio.AudioService`
        * ``auth``: who may connect here, as of :func:`create_endpoint` and in place of it; jambonz gives what it was
          given for the call itself, or what the ``listen`` has as ``ws_auth``

        Raises :exc:`ValueError` for a path that is taken or cannot be, and for what cannot be meant.
        """
        service = self._connections.audio.make(
            path, max_lag=max_lag, when_late=when_late, playout_rate=playout_rate, auth=auth
        )
        self._router.add(path, service)
        return service

    def websocket(
        self, path: str, *, subprotocols: Iterable[str] = (), auth: Auth | None = None
    ) -> Callable[[ForeignHandler], ForeignHandler]:
        """Hand the websockets of a path, which are no calls, to the function decorated with this.

        ::

            @endpoint.websocket("/monitor")
            def monitor(ws):
                while True:
                    ws.send(json.dumps([str(call) for call in endpoint.calls()]))
                    ws.receive(timeout=1)

        The function is called with a ``simple_websocket.Server``, on a thread of its own: ``receive()``, ``send()``,
        ``close()``, ``subprotocol``, and the request in ``environ``. When it returns, the websocket is closed; when the
        peer has left, ``receive()`` and ``send()`` raise ``simple_websocket.ConnectionClosed``, which need not be
        caught. Whatever else it raises is logged, and closes with 1011.

        Middlewares see these requests as well. ``max_calls`` and whatever else counts calls does not count them.
        :meth:`stop` and :meth:`drain` close them with 1001 when the calls have ended.

        * ``path``: as of :meth:`make_service`; one path is for calls or for this
        * ``subprotocols``: those that may be selected, of which a client must offer one; empty asks for none
        * ``auth``: who may connect here, as of :func:`create_endpoint` and in place of it

        Raises :exc:`ValueError` for a path that is taken or cannot be, :exc:`TypeError` for what is no function.
        """

        def register(handler: ForeignHandler) -> ForeignHandler:
            self.add_websocket(ForeignService(path, handler, subprotocols=subprotocols, auth=auth))
            return handler

        return register

    def add_websocket(self, service: ForeignService) -> None:
        """Do what :meth:`websocket` does, for a service that was made already."""
        self._router.add(service.path, service)

    @property
    def paths(self) -> Sequence[str]:
        """The paths that have a service, sorted."""
        return tuple(path for path in self._router.paths if isinstance(self._router.get(path), Service))

    def _describe_paths(self) -> str:
        return ", ".join(self._router.paths) or "nothing yet"

    def find_service(self, path: str) -> Service | None:
        """Return the service that answers calls to this path."""
        destination = self._router.find(path)
        return destination if isinstance(destination, Service) else None

    @property
    def recording_desk(self) -> RecordingDesk:
        """Where calls are recorded."""
        return self._connections.audio.desk

    def find_audio_service(self, path: str) -> AudioService | None:
        """Return what takes the audio that jambonz brings to this path."""
        destination = self._router.find(path)
        if isinstance(destination, Service):
            return destination.beside
        return destination if isinstance(destination, AudioService) else None

    # The standalone server

    @property
    def url(self) -> str:
        """Where the endpoint listens, such as ``ws://127.0.0.1:3000``. Raises if it does not listen."""
        return self._server.url

    def start(self) -> Self:
        """Listen, on threads of the endpoint's own; return at once.

        Raises :exc:`~jambonz_sync.EndpointError` if the address cannot be had.
        """
        self._look_inside()
        self._connections.open()
        self._server.listen()
        return self

    def listen_at(self, *, host: str | None = None, port: int | None = None) -> None:
        """Listen elsewhere than :func:`create_endpoint` was told, from the next start on.

        ::

            endpoint.listen_at(port=0)

        ``host``, ``port``: as there; ``None`` leaves it as it is.
        """
        self._server.listen_at(host, port)

    def _look_inside(self) -> None:
        instead = instead_of_listening.get()
        if instead is not None:
            instead(self)

    def stop(self, drain: float | None = None) -> None:
        """Stop listening and end all calls; return when they have ended.

        ``drain``: seconds the calls that are up may go on by themselves. What is up after that is closed with 1001,
        after which jambonz connects again, to another instance if there is one.
        """
        if self._server.stop(drain):
            self._connections.leave()

    def serve_forever(self, *, drain: float = 8.0) -> None:
        """Listen until SIGTERM or SIGINT (Ctrl-C) comes, or :meth:`stop` is called on another thread.

        ``drain``: seconds that calls may go on by themselves after SIGTERM, as of :meth:`stop`; a second signal ends
        them at once, and so does Ctrl-C. It must be shorter than whoever sends the signal waits: Docker waits 10 s,
        Kubernetes 30, systemd 90.

        SIGUSR1 prints what each call is doing on stderr, as :meth:`calls` tells it, and at DEBUG logs the stack of each
        handler that waits for nothing; not where the program has a handler of its own for it, by ``signal.signal``.

        Signals are handled on the main thread only; the handlers that were installed before come back at the end.
        """
        self._look_inside()
        self._connections.open()
        self._server.serve_forever(drain)
        self._connections.leave()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # Inside another server

    def drain(self, seconds: float) -> None:
        """Let calls go on for so many seconds, then end them with 1001, and take no more; return when they have ended.

        ::

            endpoint.drain(25)

        For a server that has stopped accepting connections and is about to end. With gunicorn this is done by
        :mod:`jambonz_sync.gunicorn`, and an endpoint that listens by itself is stopped with :meth:`stop`.
        """
        self._reception.drain(seconds)
        self._connections.leave()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request as a WSGI application (PEP 3333), which holds a call until it is over.

        ::

            application = endpoint  # gunicorn -k gthread --threads 200 phone:application

        ``environ``, ``start_response``: as a server with a thread (or greenlet) for each request gives them: gunicorn's
        ``gthread`` and ``gevent`` workers, Werkzeug.
        """
        decision = self.decide(environ)
        if isinstance(decision, Page):
            page: Iterable[bytes] = decision.application(environ, start_response)
            return page
        reply = self.hold(decision, environ) if isinstance(decision, Opening) else decision
        return wsgi.ended(environ, start_response) if reply is None else wsgi.answer(reply, environ, start_response)

    def decide(self, environ: Mapping[str, Any], destination: Destination | None = None) -> Opening | Reply | Page:
        """Say what is to be done with a request: see :meth:`~.connections.Connections.decide`."""
        return self._connections.decide(environ, destination)

    def hold(self, opening: Opening, environ: Mapping[str, Any]) -> Reply | None:
        """Hold the websocket of a WSGI request: see :meth:`~.connections.Connections.hold`."""
        return self._connections.hold(opening, environ)

    def admit(
        self, address: Address, arrival: Arriving, now: Callable[[], float] = time.monotonic
    ) -> tuple[Conversation, Line] | None:
        """Hold the call of a new connection: see :meth:`~.reception.Reception.admit`."""
        return self._reception.admit(address, arrival, now, alone=True)
