"""WSGI applications that answer calls, for servers in other processes: ``tests.wsgi_applications:wrapped``."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import flask
import flask_sock
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from jambonz_sync import Endpoint, Session, create_endpoint

__all__ = ["joined", "make_endpoint", "make_endpoint_with_pages", "one_by_one", "with_pages", "wrapped"]


def make_endpoint(**options: Any) -> Endpoint:
    """An endpoint that says hello."""
    endpoint = create_endpoint(**options)
    endpoint.make_service("/app").on("session:new", lambda session: session.say("Hello.").send())
    return endpoint


def one_by_one(application: Any) -> Callable[..., Iterator[bytes]]:
    """Middleware that gives the body on, piece by piece."""

    def middleware(environ: Any, start_response: Any) -> Iterator[bytes]:
        yield from application(environ, start_response)

    return middleware


def joined(application: Any) -> Callable[..., list[bytes]]:
    """Middleware that has a look at the whole body."""
    return lambda environ, start_response: [b"".join(application(environ, start_response))]


def make_endpoint_with_pages(**options: Any) -> Endpoint:
    """An endpoint for calls, and a Flask application for the rest, with one of everything."""
    app = flask.Flask("pages")
    sock = flask_sock.Sock(app)
    released = threading.Event()

    @app.get("/page")
    def page() -> str:
        return "a page"

    @app.post("/form")
    def form() -> str:
        return f"{flask.request.form['name']} from {flask.request.url}"

    @app.post("/upload")
    def upload() -> str:
        return str(len(flask.request.get_data()))

    @app.get("/stream")
    def stream() -> flask.Response:
        def pieces() -> Iterator[str]:
            yield "waiting\n"
            assert released.wait(30)
            yield "released\n"

        return flask.Response(pieces(), mimetype="text/plain")

    @sock.route("/sock")
    def upper(ws: Any) -> None:
        while True:
            ws.send(ws.receive().upper())

    endpoint = make_endpoint(fallback=app, **options)

    @endpoint.websocket("/lower", subprotocols=["letters"])
    def lower(ws: Any) -> None:
        while (text := ws.receive()) != "enough":
            ws.send(text.lower())

    @endpoint.make_service("/release").on("session:new")
    def release(session: Session) -> None:
        released.set()
        session.gather(input=["speech"], action_hook="/next").send()
        session.wait_for("/next")
        session.say("Goodbye.").reply()

    return endpoint


wrapped = DispatcherMiddleware(
    make_endpoint(), {"/one-by-one": one_by_one(make_endpoint()), "/joined": joined(make_endpoint())}
)
with_pages = make_endpoint_with_pages()
