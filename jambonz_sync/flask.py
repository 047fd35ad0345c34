"""Calls inside a Flask application.

::

    from flask import Flask
    from jambonz_sync.flask import Jambonz

    app = Flask(__name__)
    jambonz = Jambonz(app)


    @jambonz.service("/echo")
    def echo(session):
        session.say("Hello.").run()

Needs Flask: ``pip install "jambonz-sync[flask]"``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import Any, TypeAlias, TypeVar

import flask
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import WebsocketMismatch

from .audio.service import AudioService
from .basic_auth import Auth
from .endpoint import create_endpoint
from .entrance import Opening, Page
from .foreign_service import ForeignService
from .service import Service
from .settings import Settings
from .transport import wsgi
from .transport.foreign import ForeignHandler
from .variable_definitions import VariableDefinition

__all__ = ["Jambonz"]

_Handler = TypeVar("_Handler", bound=Callable[..., Any])

#: The settings that an application's configuration may have, and what they are to an endpoint.
_CONFIG = {
    "JAMBONZ_AUTH": "auth",
    "JAMBONZ_MIDDLEWARES": "middlewares",
    "JAMBONZ_MAX_CALLS": "max_calls",
    "JAMBONZ_ACK_TIMEOUT": "ack_timeout",
    "JAMBONZ_RECONNECT_TIMEOUT": "reconnect_timeout",
    "JAMBONZ_SIBLINGS": "siblings",
    "JAMBONZ_VERSION": "jambonz_version",
    "JAMBONZ_STRICT": "strict",
    "JAMBONZ_PERMESSAGE_DEFLATE": "permessage_deflate",
}

_DEFAULTS = Settings()

#: What an endpoint may be told that the application decides here, or whatever serves it.
_NOT_HERE = ("host", "port", "ssl_context", "fallback")


_AnyService: TypeAlias = Service | AudioService | ForeignService


class Jambonz:
    """An endpoint that is part of a Flask application, or of a blueprint.

    ::

        jambonz = Jambonz()


        @jambonz.service("/echo")
        def echo(session):
            session.say(f"Hello from {current_app.name}.").run()


        def create_app():
            app = Flask(__name__)
            app.config["JAMBONZ_MAX_CALLS"] = 100
            jambonz.init_app(app)
            return app

    A call is one long request: its function runs inside the request's and the application's context, so that
    ``current_app``, ``g`` and ``request`` work. What belongs to a context, such as the session of Flask-SQLAlchemy with
    its database connection, is kept until the call ends; for work in between open a context of its own, which gives
    it back::

        with current_app.app_context():
            customer = db.session.get(Customer, number)

    ``app``: the application or blueprint, if there is one already; see :meth:`init_app`. ``options``: as of
    :func:`~jambonz_sync.create_endpoint`, but for ``host``, ``port``, ``ssl_context`` and ``fallback``: here another
    server listens, and pages are Flask's. Raises :exc:`TypeError` for those, and as it.
    """

    def __init__(self, app: flask.Flask | flask.Blueprint | None = None, **options: Any) -> None:
        for name in _NOT_HERE:
            if name in options:
                raise TypeError(f"{name} means nothing inside Flask: another server listens, and pages are Flask's")
        #: The endpoint: ``jambonz.endpoint.calls()``, for example.
        self.endpoint = create_endpoint(**options)
        self._options = options
        # The names of those settings that were taken from an application.
        self._taken: Set[str] = frozenset()
        self._targets: list[flask.Flask | flask.Blueprint] = []
        self._services: list[_AnyService] = []
        # The views made for them, by which a request is told to be for one.
        self._views: dict[Callable[..., Any], _AnyService] = {}
        self._app: flask.Flask | None = None
        if app is not None:
            self.init_app(app)

    def init_app(self, app: flask.Flask | flask.Blueprint) -> None:
        """Answer calls in an application, or wherever a blueprint is registered.

        ::

            jambonz.init_app(app)

        Of the application's configuration these are taken, in place of what the constructor was given:
        ``JAMBONZ_AUTH``, ``JAMBONZ_MIDDLEWARES``, ``JAMBONZ_MAX_CALLS``, ``JAMBONZ_ACK_TIMEOUT``,
        ``JAMBONZ_RECONNECT_TIMEOUT``, ``JAMBONZ_SIBLINGS``, ``JAMBONZ_VERSION``, ``JAMBONZ_STRICT`` and
        ``JAMBONZ_PERMESSAGE_DEFLATE``. Where several applications of one process want different ones, each needs a
        ``Jambonz`` of its own.

        Raises as :func:`~jambonz_sync.create_endpoint`.
        """
        if isinstance(app, flask.Blueprint):
            app.record(lambda state: self._configure(state.app))
        else:
            self._configure(app)
        self._targets.append(app)
        for service in self._services:
            self._add_rules(app, service)

    def _configure(self, app: Any) -> None:
        settings = {name: app.config[key] for key, name in _CONFIG.items() if key in app.config}
        # What an application before had configured, say in the test before, is none of this one's.
        forgotten = {name: self._options.get(name, getattr(_DEFAULTS, name)) for name in self._taken - settings.keys()}
        self.endpoint.configure(**forgotten, **settings)
        if "auth" in forgotten:
            self.endpoint.logger.warning(
                "JAMBONZ_AUTH of the application that this Jambonz was given before holds no more, since the next one "
                "has none: where both are served, each needs a Jambonz of its own"
            )
        self._taken = settings.keys()
        app.extensions["jambonz"] = self
        self._app = app
        # A blueprint may be registered more than once.
        if self._answer_plainly not in app.before_request_funcs.get(None, ()):
            app.before_request(self._answer_plainly)

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

            echo = jambonz.make_service("/echo")
            echo.on("session:new", answer)

        Arguments and exceptions are those of :meth:`jambonz_sync.Endpoint.make_service`. In a blueprint, its prefix
        stands before the path. OPTIONS on the same path tells jambonz which variables the application has.
        """
        service = self.endpoint.make_service(
            path, auth=auth, env=env, apology=apology, hangup_on_return=hangup_on_return
        )
        service.surroundings = self._contexts
        self._add(service)
        return service

    def make_audio_service(self, path: str, **options: Any) -> AudioService:
        """Make the service that takes the audio of calls, which jambonz brings for ``listen`` and ``stream``.

        ::

            recorder = jambonz.make_audio_service("/audio")
            recorder.on("connection", voice)

        ``path``, ``options`` and exceptions are those of :meth:`jambonz_sync.Endpoint.make_audio_service`. The function
        runs inside the request's and the application's context.
        """
        service = self.endpoint.make_audio_service(path, **options)
        self._add(service)
        return service

    def _add(self, service: _AnyService) -> None:
        self._services.append(service)
        for target in self._targets:
            self._add_rules(target, service)

    def service(self, path: str, **options: Any) -> Callable[[_Handler], _Handler]:
        """Answer the calls to a path by the function decorated with this.

        ::

            @jambonz.service("/echo")
            def echo(session):
                session.say("Hello.").run()

        ``path``, ``options``: as of :meth:`make_service`.
        """
        return self.make_service(path, **options).on("session:new")

    def websocket(
        self, path: str, *, subprotocols: Iterable[str] = (), auth: Auth | None = None
    ) -> Callable[[ForeignHandler], ForeignHandler]:
        """Hand the websockets of a path, which are no calls, to the function decorated with this.

        ::

            @jambonz.websocket("/monitor")
            def monitor(ws):
                ws.send(f"{len(jambonz.endpoint.calls())} calls are up")

        Arguments, exceptions and what the function gets are those of :meth:`jambonz_sync.Endpoint.websocket`. It runs
        inside the request's and the application's context.
        """

        def register(handler: ForeignHandler) -> ForeignHandler:
            service = ForeignService(path, handler, subprotocols=subprotocols, auth=auth)
            self.endpoint.add_websocket(service)
            self._add(service)
            return handler

        return register

    def _add_rules(self, target: flask.Flask | flask.Blueprint, service: _AnyService) -> None:
        def answer(**_: Any) -> flask.Response:
            return self._answer(service)

        self._views[answer] = service
        # In the name of an endpoint dots separate blueprints.
        name = f"jambonz:{service.path}".replace(".", "%2E")
        base = _base(service)
        for rule in (base, f"{base}/", f"{base}/<path:rest>") if base else ("/", "/<path:rest>"):
            target.add_url_rule(rule, name, answer, websocket=True, provide_automatic_options=False)

    def _answer_plainly(self) -> flask.Response | None:
        """Answer a request that is no websocket but for the path of one, in place of the routes that it might take.

        Flask would answer OPTIONS by itself, and anything else with 400 if there is no page.
        """
        mismatch = isinstance(flask.request.routing_exception, WebsocketMismatch)
        if flask.request.method != "OPTIONS" and not mismatch:
            return None
        app = flask.current_app
        adapter = app.create_url_adapter(flask.request)
        assert adapter is not None
        try:
            name, _ = adapter.match(method="GET", websocket=True)
        except HTTPException:
            return None
        service = self._views.get(app.view_functions[name])
        if service is None:
            return None
        if flask.request.routing_exception is None and not _base(service) and flask.request.path != "/":
            # A page, which has an answer of its own: what a browser asks before it posts to it, say.
            return None
        if mismatch and flask.request.method != "OPTIONS" and not _base(service):
            # A page that is not there, and not an address that was meant for calls.
            raise NotFound
        return self._answer(service)

    def _answer(self, service: _AnyService) -> flask.Response:
        environ = flask.request.environ
        decision = self.endpoint.decide(environ, service)
        if isinstance(decision, Opening):
            reply = self.endpoint.hold(decision, environ)
            if reply is None:
                # At once, for the case that what Flask does after this fails, and is answered with a page.
                wsgi.shut(environ)
                return _Ended()
        else:
            # There is no fallback.
            assert not isinstance(decision, Page)
            reply = decision
        return flask.Response(reply.body, reply.status, reply.all_headers)

    @contextlib.contextmanager
    def _contexts(self, path: str) -> Iterator[None]:
        """Give a call the contexts that it has in a request, where there is no request: in a test."""
        if flask.has_app_context() or self._app is None:
            yield
            return
        with self._app.test_request_context(path, headers={"Connection": "Upgrade", "Upgrade": "websocket"}):
            yield


def _base(service: _AnyService) -> str:
    """What the paths of a service begin with; empty where they are all that no other has."""
    return "" if service.path == "*" else service.path.rstrip("/")


class _Ended(flask.Response):
    """What a view returns whose connection was a websocket."""

    default_status = 101

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        return wsgi.ended(environ, start_response)
