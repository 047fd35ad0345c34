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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import flask

from .basic_auth import Auth
from .endpoint import create_endpoint
from .entrance import Opening, Page
from .service import Service
from .transport import wsgi

__all__ = ["Jambonz"]

_Handler = TypeVar("_Handler", bound=Callable[..., Any])

#: The settings that an application's configuration may have, and what they are to an endpoint.
_CONFIG = {
    "JAMBONZ_AUTH": "auth",
    "JAMBONZ_MIDDLEWARES": "middlewares",
    "JAMBONZ_MAX_CALLS": "max_calls",
    "JAMBONZ_ACK_TIMEOUT": "ack_timeout",
    "JAMBONZ_RECONNECT_TIMEOUT": "reconnect_timeout",
    "JAMBONZ_VERSION": "jambonz_version",
    "JAMBONZ_STRICT": "strict",
}


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
    :func:`~jambonz_sync.create_endpoint`.
    """

    def __init__(self, app: flask.Flask | flask.Blueprint | None = None, **options: Any) -> None:
        #: The endpoint: ``jambonz.endpoint.calls()``, for example.
        self.endpoint = create_endpoint(**options)
        self._targets: list[flask.Flask | flask.Blueprint] = []
        self._services: list[Service] = []
        self._app: flask.Flask | None = None
        if app is not None:
            self.init_app(app)

    def init_app(self, app: flask.Flask | flask.Blueprint) -> None:
        """Answer calls in an application, or wherever a blueprint is registered.

        ::

            jambonz.init_app(app)

        Of the application's configuration these are taken, in place of what the constructor was given:
        ``JAMBONZ_AUTH``, ``JAMBONZ_MIDDLEWARES``, ``JAMBONZ_MAX_CALLS``, ``JAMBONZ_ACK_TIMEOUT``,
        ``JAMBONZ_RECONNECT_TIMEOUT``, ``JAMBONZ_VERSION`` and ``JAMBONZ_STRICT``. Where several applications of one
        process want different ones, each needs a ``Jambonz`` of its own.

        Raises as :func:`~jambonz_sync.create_endpoint`.
        """
        if isinstance(app, flask.Blueprint):
            app.record(lambda state: self._configure(state.app))
        else:
            self._configure(app)
        self._targets.append(app)
        for number, service in enumerate(self._services):
            self._add_rules(app, number, service)

    def _configure(self, app: Any) -> None:
        settings = {name: app.config[key] for key, name in _CONFIG.items() if key in app.config}
        self.endpoint.configure(**settings)
        app.extensions["jambonz"] = self
        self._app = app

    def make_service(
        self,
        path: str,
        *,
        auth: Auth | None = None,
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
        service = self.endpoint.make_service(path, auth=auth, apology=apology, hangup_on_return=hangup_on_return)
        service.surroundings = self._contexts
        self._services.append(service)
        for target in self._targets:
            self._add_rules(target, len(self._services) - 1, service)
        return service

    def service(self, path: str, **options: Any) -> Callable[[_Handler], _Handler]:
        """Answer the calls to a path by the function decorated with this.

        ::

            @jambonz.service("/echo")
            def echo(session):
                session.say("Hello.").run()

        ``path``, ``options``: as of :meth:`make_service`.
        """
        return self.make_service(path, **options).on("session:new")

    def _add_rules(self, target: flask.Flask | flask.Blueprint, number: int, service: Service) -> None:
        def answer(**_: Any) -> flask.Response:
            return self._answer(service)

        base = "" if service.path in ("*", "/") else service.path.rstrip("/")
        for rule in (base, f"{base}/", f"{base}/<path:rest>") if base else ("/", "/<path:rest>"):
            target.add_url_rule(rule, f"jambonz_{number}", answer, websocket=True)
            # A rule for websockets answers 400 to anything else, and Flask would answer OPTIONS by itself.
            target.add_url_rule(
                rule, f"jambonz_{number}_variables", answer, methods=["OPTIONS"], provide_automatic_options=False
            )

    def _answer(self, service: Service) -> flask.Response:
        decision = self.endpoint.decide(flask.request.environ, service)
        if isinstance(decision, Opening):
            reply = self.endpoint.hold(decision, flask.request.environ)
            if reply is None:
                return _Ended()
        else:
            # A page is for whatever has no service.
            assert not isinstance(decision, Page)
            reply = decision
        return flask.Response(reply.body, reply.status, reply.all_headers)

    @contextlib.contextmanager
    def _contexts(self, path: str) -> Iterator[None]:
        """Give a call the contexts that it has in a request, where there is no request: in a test."""
        if flask.has_app_context() or self._app is None:
            yield
            return
        with self._app.test_request_context(path):
            yield


class _Ended(flask.Response):
    """What a view returns whose connection was a websocket."""

    default_status = 101

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        return wsgi.ended(environ, start_response)
