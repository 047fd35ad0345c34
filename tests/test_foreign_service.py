"""Websockets beside the calls, standalone and under a WSGI server."""

from __future__ import annotations

import contextlib
import http.client
import json
import logging
import queue
import socket
import threading

import pytest
from simple_websocket import ConnectionClosed
from websockets.exceptions import ConnectionClosed as Closed
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from jambonz_sync import Refusal, connections, create_endpoint
from jambonz_sync.foreign_service import ForeignService
from jambonz_sync.simulator.wire import CannotConnect
from tests.scenarios.application import TIMEOUT, no_thread_left
from tests.scenarios.jambonz_side import texts
from tests.transport.peers import Background, Peer, upgrade_request
from tests.web_server import serving


def echo(ws):
    """Send every message back."""
    while True:
        ws.send(ws.receive())


@pytest.fixture
def open_websocket(app):
    """Opens websockets of the application's endpoint; they are closed in the end."""
    with contextlib.ExitStack() as stack:

        def open_websocket(path="/echo", credentials="", **options):
            url = app.endpoint.url.replace("://", f"://{credentials}") + path
            options = {"open_timeout": TIMEOUT, "close_timeout": TIMEOUT, "proxy": None, **options}
            return stack.enter_context(connect(url, **options))

        yield open_websocket


def sends_back(client, text="hello"):
    """Whether a websocket is up."""
    client.send(text)
    return client.recv(TIMEOUT) == text


def ends_with(client):
    """The code that the application closes with."""
    with pytest.raises(Closed):
        client.recv(TIMEOUT)
    return client.close_code


# Who is let in


def test_function_gets_the_websocket(app, open_websocket):
    """It is called with the open websocket, and what it was asked for; when it returns, the websocket is closed."""

    @app.endpoint.websocket("/echo", subprotocols=["b", "c"])
    def talk(ws):
        app.told.put((ws.environ["PATH_INFO"], ws.environ["QUERY_STRING"], ws.subprotocol))
        ws.send(ws.receive())

    client = open_websocket("/echo/deeper?a=1", subprotocols=["a", "c"])
    assert app.hears() == ("/echo/deeper", "a=1", "c")
    assert sends_back(client)
    assert ends_with(client) == 1000
    assert callable(talk)


def test_wsgi_server():
    """Inside a WSGI server it is the same, and calls go on beside it."""
    inside = create_endpoint()
    inside.websocket("/echo")(echo)
    inside.make_service("/app").on("session:new", lambda session: session.say("Hello.").send())
    with serving(inside, inside) as site:
        client = site.websocket("/echo")
        assert sends_back(client)
        assert texts(site.call("/app").expect_ack()) == ["Hello."]
        assert sends_back(client)
        inside.drain(0)
        assert ends_with(client) == 1001
    no_thread_left()


def test_no_service_for_calls(app, open_websocket, jambonz):
    """jambonz finds no service there, and the kit and the list of paths know of none."""
    app.endpoint.websocket("/echo")(echo)
    assert app.endpoint.find_service("/echo") is None
    assert app.endpoint.paths == ("/app",)
    with pytest.raises(CannotConnect):
        jambonz.call(app.endpoint, "/echo")
    assert repr(ForeignService("/echo", echo)) == "<ForeignService /echo>"


def test_auth_and_middlewares(make_app):
    """The endpoint's credentials are asked for, or the path's own; the middlewares see these requests too."""
    app = make_app(
        auth=("jambonz", "secret"), middlewares=[lambda request: Refusal(403) if "bad" in request.query else None]
    )
    app.endpoint.websocket("/echo")(echo)
    app.endpoint.websocket("/own", auth=lambda user, password: user == password)(echo)

    def status(path, credentials=""):
        url = app.endpoint.url.replace("://", f"://{credentials}") + path
        try:
            with connect(url, proxy=None) as client:
                assert sends_back(client)
                return 101
        except InvalidStatus as refusal:
            return refusal.response.status_code

    assert (status("/echo"), status("/own"), status("/nothing")) == (401, 401, 404)
    assert (status("/echo", "jambonz:secret@"), status("/own", "a:a@")) == (101, 101)
    assert (status("/echo", "a:a@"), status("/own", "jambonz:secret@")) == (401, 401)
    assert status("/own?bad", "a:a@") == 403


def test_requests_that_open_nothing(app, open_websocket):
    """A subprotocol that nobody speaks is refused; what is no websocket is told that this is the address of some."""
    app.endpoint.websocket("/echo", subprotocols=["b"])(echo)
    for protocols in (None, ["a"]):
        with pytest.raises(InvalidStatus) as caught:
            open_websocket(subprotocols=protocols)
        assert caught.value.response.status_code == 400

    def answer(method):
        host = app.endpoint.url.partition("//")[2]
        with contextlib.closing(http.client.HTTPConnection(host, timeout=TIMEOUT)) as connection:
            connection.request(method, "/echo")
            return connection.getresponse().status

    assert (answer("GET"), answer("OPTIONS"), answer("POST")) == (426, 204, 405)


def test_not_counted_as_calls(make_app):
    """Websockets take no place of a call, and are let in when there is none."""
    app = make_app(max_calls=1)
    app.endpoint.websocket("/echo")(echo)
    app.answer(lambda session: session.gather(input=["speech"], action_hook="/x").send().wait_for("/x"))
    with connect(f"{app.endpoint.url}/echo", proxy=None) as first:
        assert sends_back(first)
        call = app.call()
        call.expect_ack()
        with connect(f"{app.endpoint.url}/echo", proxy=None) as second:
            assert sends_back(second)
            host = app.endpoint.url.partition("//")[2]
            with contextlib.closing(http.client.HTTPConnection(host, timeout=TIMEOUT)) as connection:
                connection.request("GET", "/health")
                assert json.loads(connection.getresponse().read())["calls"] == 1
            assert len(app.endpoint.calls()) == 1


def test_what_cannot_be():
    """A path is for calls or for this; a function must be one; subprotocols are a list."""
    phone = create_endpoint()
    phone.make_service("/app")
    with pytest.raises(ValueError, match="there is a service for '/app' already"):
        phone.websocket("/app")(echo)
    phone.websocket("/echo")(echo)
    with pytest.raises(ValueError, match="there is a service for '/echo' already"):
        phone.make_service("/echo")
    with pytest.raises(TypeError, match="needs a function, not None"):
        phone.websocket("/other")(None)
    with pytest.raises(TypeError, match=r"a list of names, such as \['b'\]"):
        phone.websocket("/other", subprotocols="b")(echo)
    with pytest.raises(TypeError, match="auth is a pair"):
        phone.websocket("/other", auth="secret")(echo)
    with pytest.raises(ValueError, match="starts with '/'"):
        phone.websocket("other")(echo)


# How it ends


def test_function_that_raises(app, open_websocket):
    """It is logged with its traceback, and the websocket closed with 1011."""

    @app.endpoint.websocket("/echo")
    def fail(ws):
        raise LookupError("no such thing")

    assert ends_with(open_websocket()) == 1011
    app.log.expect("the handler of the websocket '/echo' failed", level=logging.ERROR)


def test_stop(app, open_websocket):
    """It closes with 1001, and returns when the functions have returned."""

    @app.endpoint.websocket("/echo")
    def note_the_end(ws):
        try:
            echo(ws)
        except ConnectionClosed:
            app.told.put("over")
            raise

    clients = [open_websocket() for _ in range(3)]
    assert all(sends_back(client) for client in clients)
    app.endpoint.stop()
    # Nothing is waited for here.
    assert [app.told.get_nowait() for _ in clients] == ["over"] * 3
    assert [ends_with(client) for client in clients] == [1001] * 3


def test_stop_by_the_function(app, open_websocket):
    """A function may stop the endpoint itself."""

    @app.endpoint.websocket("/echo")
    def stop(ws):
        ws.receive()
        app.endpoint.stop()
        app.told.put("stopped")

    client = open_websocket()
    client.send("stop")
    assert ends_with(client) == 1001
    assert app.hears() == "stopped"


def test_drain(app, open_websocket):
    """They go on for as long as calls do, which they may be about, and are not waited for after that."""
    app.endpoint.websocket("/echo")(echo)
    app.answer(lambda session: session.gather(input=["speech"], action_hook="/x").send().wait_for("/x"))
    call = app.call()
    call.expect_ack()
    client = open_websocket()
    stopping = Background(lambda: app.endpoint.stop(drain=60))
    app.log.expect("1 calls are up", level=logging.INFO)
    assert sends_back(client)
    call.speech("/x", "bye")
    call.expect_ack()
    call.expect_goodbye()
    call.hang_up()
    assert ends_with(client) == 1001
    stopping.result()


def test_started_again(app, open_websocket):
    """An endpoint that was stopped and started again takes websockets again."""
    app.endpoint.websocket("/echo")(echo)
    app.endpoint.stop()
    app.endpoint.start()
    assert sends_back(open_websocket())


def test_websocket_that_comes_too_late():
    """One that is accepted while the endpoint ends is closed with 1001, before the function is called."""
    inside = create_endpoint()
    called = queue.SimpleQueue()
    inside.websocket("/echo")(called.put)
    with serving(inside, inside) as site:
        inside.drain(0)
        assert ends_with(site.websocket("/echo")) == 1001
    assert called.empty()


def test_function_that_does_not_return(app, open_websocket, monkeypatch):
    """It keeps `stop` waiting for a moment only, and is told of in the log."""
    monkeypatch.setattr(connections, "_FAREWELL", 0.1)
    free = threading.Event()

    @app.endpoint.websocket("/echo")
    def busy(ws):
        ws.send("busy")
        free.wait(TIMEOUT)

    client = open_websocket()
    assert client.recv(TIMEOUT) == "busy"
    app.endpoint.stop()
    app.log.expect("connections that are no calls are still held")
    free.set()
    assert ends_with(client) == 1001


def test_peer_that_reads_nothing(app, monkeypatch):
    """A peer that cannot even be told goodbye does not keep `stop` waiting, nor the goodbyes of others."""
    monkeypatch.setattr(connections, "_FAREWELL", 1)

    @app.endpoint.websocket("/flood")
    def flood(ws):
        app.told.put(ws)
        while True:
            ws.send(b"x" * 500_000)

    app.endpoint.websocket("/echo")(echo)
    port = int(app.endpoint.url.rpartition(":")[2])
    with contextlib.ExitStack() as stack:
        connection = socket.socket()
        stack.enter_context(connection)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", port))
        Peer(connection).send(upgrade_request("/flood"))
        app.hears()
        client = stack.enter_context(connect(f"{app.endpoint.url}/echo", proxy=None))
        assert sends_back(client)
        app.endpoint.stop()
        app.log.expect("connections that are no calls are still held")
        assert ends_with(client) == 1001
