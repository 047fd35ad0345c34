"""Calls inside Flask applications, over real sockets of Werkzeug's server, and from the test kit."""

from __future__ import annotations

import json
import logging
import queue
import socket
import time

import flask
import flask_sock
import pytest
import sqlalchemy.exc
from flask import Blueprint, Flask, abort, current_app, g, request
from flask.cli import FlaskGroup
from flask_sqlalchemy import SQLAlchemy
from simple_websocket import ConnectionClosed
from sqlalchemy.pool import QueuePool
from websockets.exceptions import ConnectionClosed as Closed

from jambonz_sync import Refusal
from jambonz_sync.flask import Jambonz
from tests.scenarios.application import TIMEOUT, no_thread_left
from tests.scenarios.jambonz_side import JambonzSide, texts
from tests.transport.peers import Peer, close_frame, upgrade_environ, upgrade_request
from tests.web_server import serving

VARIABLES = {"VOICE": {"type": "string", "description": "Who speaks."}}


@pytest.fixture
def make_site(log):
    """Serves applications; ``make_site(app, jambonz)`` returns where. In the end nothing must be left over."""
    sites = []

    def make(app, *extensions):
        site = serving(app, *(extension.endpoint for extension in extensions))
        sites.append(site)
        return site.__enter__()

    yield make
    for site in reversed(sites):
        site.__exit__(None, None, None)
    no_thread_left()
    log.allow("connection lost")
    assert log.unexpected() == []


@pytest.fixture
def told():
    """For handlers to hand something to their test."""
    return Told()


class Told(queue.SimpleQueue):
    def next(self):
        return self.get(timeout=TIMEOUT)


def says(text):
    """A handler that says something."""

    def answer(session):
        session.say(text).send()

    return answer


def first_words(site, path):
    """What a caller of this path hears first."""
    return texts(site.call(path).expect_ack())


# Where calls are answered


def test_application_given_at_once(make_site):
    """The whole of it in three lines: a call is answered, and ended when its function returns."""
    app = Flask(__name__)
    jambonz = Jambonz(app)

    @jambonz.service("/echo")
    def echo(session):
        session.say("Hello.").send()

    call = make_site(app, jambonz).call("/echo")
    assert texts(call.expect_ack()) == ["Hello."]
    call.expect_goodbye()
    call.hang_up()
    assert callable(echo)


def test_factory_called_twice(make_site):
    """An extension that is made first serves every application that a factory makes, with the same services."""
    jambonz = Jambonz()
    jambonz.service("/who")(lambda session: session.say(current_app.config["NAME"]).send())

    def create_app(name):
        app = Flask(__name__)
        app.config["NAME"] = name
        jambonz.init_app(app)
        return app

    first, second = create_app("first"), create_app("second")
    assert first.extensions["jambonz"] is jambonz
    assert first_words(make_site(first, jambonz), "/who") == ["first"]
    assert first_words(make_site(second, jambonz), "/who") == ["second"]


def test_services_made_before_and_after(make_site):
    """Services may be made before an application is known, and after."""
    jambonz = Jambonz()
    before = jambonz.make_service("/before")
    app = Flask(__name__)
    jambonz.init_app(app)
    after = jambonz.make_service("/after")
    before.on("session:new", says("before"))
    after.on("session:new", says("after"))
    site = make_site(app, jambonz)
    assert first_words(site, "/before") == ["before"]
    assert first_words(site, "/after") == ["after"]


def test_blueprint_under_two_prefixes(make_site):
    """The services of a blueprint are found wherever it is registered, with their variables, and nowhere else."""
    phone = Blueprint("phone", __name__)
    jambonz = Jambonz(phone)
    jambonz.make_service("/echo", env=VARIABLES).on("session:new", lambda session: session.say(session.path).send())
    app = Flask(__name__)
    app.register_blueprint(phone, url_prefix="/en")
    app.register_blueprint(phone, url_prefix="/de/phone", name="german")
    site = make_site(app, jambonz)
    for path in ("/en/echo", "/de/phone/echo"):
        assert first_words(site, path) == [path]
        assert json.loads(site.asks(path, "OPTIONS").body) == VARIABLES
    assert site.refused("/echo") == 404
    assert site.asks("/echo", "OPTIONS").status == 404


def test_two_extensions_of_one_application(make_site):
    """Each has its services and its settings, in the application and in a blueprint of it."""
    app = Flask(__name__)
    phone = Blueprint("phone", __name__)
    of_app, of_phone = Jambonz(app), Jambonz(phone, max_calls=1)
    of_app.make_service("/one").on("session:new", says("one"))
    of_app.make_service("/two", env=VARIABLES).on("session:new", says("two"))
    of_phone.make_service("/two").on("session:new", says("two of the blueprint"))
    app.register_blueprint(phone, url_prefix="/phone")
    site = make_site(app, of_app, of_phone)
    assert [first_words(site, path) for path in ("/one", "/two")] == [["one"], ["two"]]
    assert first_words(site, "/phone/two") == ["two of the blueprint"]
    assert [site.asks(path, "OPTIONS").status for path in ("/one", "/two", "/phone/two")] == [204, 200, 204]
    assert len(of_phone.endpoint.calls()) == 1


def test_nested_paths_and_slashes(make_site):
    """The longest path that fits answers, with or without a slash behind it."""
    app = Flask(__name__)
    jambonz = Jambonz(app)
    for path in ("/menu", "/menu/sales/", "/v1.0/calls"):
        jambonz.service(path)(says(path))
    site = make_site(app, jambonz)
    for asked, answered in (
        ("/menu", "/menu"),
        ("/menu/", "/menu"),
        ("/menu/adulting", "/menu"),
        ("/menu/sales", "/menu/sales/"),
        ("/menu/sales/", "/menu/sales/"),
        ("/menu/sales/a/b", "/menu/sales/"),
        ("/v1.0/calls", "/v1.0/calls"),
    ):
        assert first_words(site, asked) == [answered], asked
    assert site.refused("/menus") == 404


@pytest.mark.parametrize("page_first", [True, False], ids=["page first", "service first"])
def test_page_at_the_same_path(make_site, page_first):
    """One path may be a page for browsers and a service for jambonz, which is told the variables in any case."""
    app = Flask(__name__)
    jambonz = Jambonz(app)
    steps = [
        lambda: app.add_url_rule("/phone", view_func=lambda: "a page"),
        lambda: jambonz.make_service("/phone", env=VARIABLES).on("session:new", says("a call")),
    ]
    for step in steps if page_first else reversed(steps):
        step()
    site = make_site(app, jambonz)
    assert site.asks("/phone")[::2] == (200, "a page")
    assert first_words(site, "/phone") == ["a call"]
    assert json.loads(site.asks("/phone", "OPTIONS").body) == VARIABLES


@pytest.mark.parametrize("path", ["/", "*"])
def test_service_for_everything(make_site, path):
    """A service at the root answers every call, and takes no page away: not even the one that is not there."""
    app = Flask(__name__)
    jambonz = Jambonz(app)
    jambonz.make_service(path, env=VARIABLES).on("session:new", lambda session: session.say(session.path).send())
    app.add_url_rule("/page", "page", view_func=lambda: "a page")
    app.add_url_rule("/folder/", "folder", view_func=lambda: "a folder")
    app.register_error_handler(404, lambda error: ("no such page", 404))
    site = make_site(app, jambonz)
    for asked in ("/", "/page", "/a/b"):
        assert first_words(site, asked) == [asked]
    assert site.asks("/page")[::2] == (200, "a page")
    assert site.asks("/page", "POST").status == 405
    assert site.asks("/folder").status == 308
    for asked in ("/", "/nothing"):
        assert site.asks(asked)[::2] == (404, "no such page")
        assert json.loads(site.asks(asked, "OPTIONS").body) == VARIABLES


@pytest.mark.parametrize("path", ["/", "*"])
def test_options_of_pages(make_site, path):
    """Below a service at the root a page is asked by browsers what it admits, and answers by itself."""
    app = Flask(__name__)
    jambonz = Jambonz(app)
    jambonz.make_service(path, env=VARIABLES)
    app.add_url_rule("/page", "page", view_func=lambda: "a page", methods=["GET", "POST"])

    @app.route("/form", methods=["OPTIONS", "POST"], provide_automatic_options=False)
    def form():
        return "", 204, {"Access-Control-Allow-Origin": "https://example.com"}

    site = make_site(app, jambonz)
    page = site.asks("/page", "OPTIONS")
    assert (page.status, page.body) == (200, "")
    assert {name.strip() for name in page.headers["allow"].split(",")} == {"GET", "HEAD", "OPTIONS", "POST"}
    own = site.asks("/form", "OPTIONS")
    assert (own.status, own.headers["access-control-allow-origin"]) == (204, "https://example.com")
    assert json.loads(site.asks("/nothing", "OPTIONS").body) == VARIABLES


def test_plain_requests(make_site, log):
    """Who asks for a service in another way than jambonz is told what it is; a lost upgrade is told of in the log."""
    app = Flask(__name__)
    jambonz = Jambonz(app)
    jambonz.make_service("/echo")
    site = make_site(app, jambonz)
    plain = site.asks("/echo")
    assert plain.status == 426
    assert "websocket address" in plain.body
    assert site.asks("/echo", "POST").status == 405
    lost = site.asks("/echo", Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==")
    assert lost.status == 426
    assert lost.body.strip() in log.expect("asks for /echo")
    variables = site.asks("/echo", "OPTIONS")
    assert (variables.status, variables.headers["allow"]) == (204, "GET, OPTIONS")


def test_websocket_that_is_none(make_site):
    """A handshake that cannot be is refused, and so is one for another version."""
    app = Flask(__name__)
    jambonz = Jambonz(app)
    jambonz.make_service("/echo")
    site = make_site(app, jambonz)
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    assert site.asks("/echo", **upgrade).status == 426
    assert "ws.jambonz.org" in site.asks("/echo", **upgrade, Sec_WebSocket_Version="13").body


def test_routes_of_the_command_line():
    """`flask routes` names the services by their paths."""
    app = Flask(__name__)
    Jambonz(app).make_service("/echo")
    result = app.test_cli_runner().invoke(FlaskGroup(create_app=lambda: app), ["routes"])
    lines = [line.split() for line in result.output.splitlines() if "echo" in line]
    assert sorted(lines) == [["jambonz:/echo", "GET", f"/echo{rest}"] for rest in ("", "/", "/<path:rest>")]


def test_address_of_a_service():
    """`url_for` makes the address that jambonz must be given."""
    app = Flask(__name__)
    Jambonz(app).make_service("/echo")
    with app.test_request_context(base_url="https://example.com/"):
        assert flask.url_for("jambonz:/echo") == "wss://example.com/echo"


def test_client_of_flask(log):
    """The test client of Flask has no socket at all, and is told what has."""
    app = Flask(__name__)
    Jambonz(app).make_service("/echo")
    response = app.test_client().get("/echo", environ_overrides=upgrade_environ(PATH_INFO="/echo"))
    assert response.status_code == 501
    assert "run gunicorn with `-k gthread --threads N`" in response.text
    log.expect("a websocket for /echo cannot be held", level=logging.ERROR)


# Settings


def test_configuration():
    """Each setting may stand in the application's configuration, and comes before what the constructor was given."""
    middlewares = [lambda request: None]
    app = Flask(__name__)
    app.config.update(
        JAMBONZ_AUTH=["jambonz", "secret"],
        JAMBONZ_MIDDLEWARES=middlewares,
        JAMBONZ_MAX_CALLS=7,
        JAMBONZ_ACK_TIMEOUT=2.5,
        JAMBONZ_RECONNECT_TIMEOUT=3,
        JAMBONZ_SIBLINGS="sockets",
        JAMBONZ_VERSION="0.9",
        JAMBONZ_STRICT=False,
        JAMBONZ_PERMESSAGE_DEFLATE=True,
    )
    settings = Jambonz(app, max_calls=3, strict=True).endpoint._settings
    assert settings.auth == ("jambonz", "secret")
    assert settings.middlewares is middlewares
    assert (settings.max_calls, settings.ack_timeout, settings.reconnect_timeout) == (7, 2.5, 3)
    assert (settings.siblings, settings.jambonz_version, settings.strict) == ("sockets", "0.9", False)
    assert settings.permessage_deflate is True


def test_options_of_the_constructor():
    """What the configuration is silent about stays as the constructor was told."""
    settings = Jambonz(Flask(__name__), max_calls=3, ack_timeout=1).endpoint._settings
    assert (settings.max_calls, settings.ack_timeout, settings.reconnect_timeout) == (3, 1, 15.0)


def test_configuration_of_the_next_application():
    """What one application had configured does not stay for the next one of a factory."""
    jambonz = Jambonz(max_calls=3)
    for config, expected in (
        ({"JAMBONZ_AUTH": ("a", "b"), "JAMBONZ_MAX_CALLS": 7}, (("a", "b"), 7)),
        ({}, (None, 3)),
        ({"JAMBONZ_MAX_CALLS": 8}, (None, 8)),
    ):
        app = Flask(__name__)
        app.config.from_mapping(config)
        jambonz.init_app(app)
        settings = jambonz.endpoint._settings
        assert (settings.auth, settings.max_calls) == expected


@pytest.mark.parametrize(
    ("options", "first", "second", "warned"),
    [
        ({}, {"JAMBONZ_AUTH": ("a", "b")}, {}, True),
        ({"auth": ("c", "d")}, {"JAMBONZ_AUTH": ("a", "b")}, {}, True),
        ({}, {"JAMBONZ_AUTH": ("a", "b")}, {"JAMBONZ_AUTH": ("a", "b")}, False),
        ({}, {"JAMBONZ_MAX_CALLS": 7}, {}, False),
        ({"auth": ("c", "d")}, {}, {}, False),
    ],
)
def test_credentials_that_the_next_application_drops(options, first, second, warned, log):
    """Who serves both would let anybody in at the first, and is told so."""
    jambonz = Jambonz(**options)
    for config in (first, second):
        app = Flask(__name__)
        app.config.from_mapping(config)
        jambonz.init_app(app)
    assert len(log.lines()) == warned
    if warned:
        log.expect("JAMBONZ_AUTH", "holds no more", "a Jambonz of its own")


@pytest.mark.parametrize(
    ("key", "value", "error"),
    [
        ("JAMBONZ_AUTH", "secret", TypeError),
        ("JAMBONZ_MAX_CALLS", 0, ValueError),
        ("JAMBONZ_MAX_CALLS", "7", TypeError),
        ("JAMBONZ_ACK_TIMEOUT", 6, ValueError),
        ("JAMBONZ_RECONNECT_TIMEOUT", -1, ValueError),
    ],
)
def test_wrong_configuration(key, value, error):
    """What cannot be meant raises when the application is made."""
    app = Flask(__name__)
    app.config[key] = value
    with pytest.raises(error):
        Jambonz(app)


@pytest.mark.parametrize("name", ["host", "port", "ssl_context", "fallback"])
def test_what_means_nothing_here(name):
    """What would be without effect inside Flask is refused."""
    with pytest.raises(TypeError, match=f"{name} means nothing inside Flask"):
        Jambonz(**{name: None})


def test_auth_of_a_service(make_site):
    """A service may have its own credentials, in place of those of the application."""
    app = Flask(__name__)
    app.config["JAMBONZ_AUTH"] = ("jambonz", "secret")
    jambonz = Jambonz(app)
    jambonz.service("/all")(says("all"))
    jambonz.service("/own", auth=("other", "word"))(says("own"))
    site = make_site(app, jambonz)
    assert [site.refused("/all"), site.refused("/own")] == [401, 401]
    for path, credentials in (("/all", "jambonz:secret"), ("/own", "other:word")):
        with JambonzSide(f"{site.url.replace('://', f'://{credentials}@')}{path}") as call:
            call.session_new()
            assert texts(call.expect_ack()) == [path[1:]]


# Flask around a call


def test_contexts(make_site, told):
    """A handler has the application, the request and `g`; so have the functions that it registers for hooks."""
    app = Flask(__name__)
    app.config["GREETING"] = "Hello"
    jambonz = Jambonz(app)

    @jambonz.service("/echo")
    def echo(session):
        g.seen = [request.args["customer"], request.endpoint]

        @session.on("/heard")
        def heard(evt):
            told.put([*g.seen, current_app.config["GREETING"]])
            session.hangup().reply()

        session.gather(input=["speech"], action_hook="/heard").send()

    call = make_site(app, jambonz).call("/echo?customer=42")
    call.expect_ack()
    call.speech("/heard", "yes")
    assert told.next() == ["42", "jambonz:/echo", "Hello"]
    call.expect_ack()
    call.hang_up()


def test_g_is_per_call(make_site):
    """What one call keeps in `g` no other sees."""
    app = Flask(__name__)
    jambonz = Jambonz(app)

    @jambonz.service("/count")
    def count(session):
        for _ in range(2):
            g.count = g.get("count", 0) + 1
            session.say(str(g.count)).gather(input=["speech"], action_hook="/next")
            session.reply()
            session.wait_for("/next")

    site = make_site(app, jambonz)
    first, second = site.call("/count"), site.call("/count")
    assert texts(first.expect_ack()) == ["1"]
    assert texts(second.expect_ack()) == ["1"]
    first.speech("/next", "go on")
    assert texts(first.expect_ack()) == ["2"]


def test_functions_around_a_call(make_site, told):
    """What Flask calls before a request is called before the call, and the rest after it; a cookie does no harm."""
    app = Flask(__name__)
    app.secret_key = "x"
    jambonz = Jambonz(app)

    @app.before_request
    def before():
        told.put("before")
        flask.session["seen"] = True

    @app.after_request
    def after(response):
        told.put(f"after {response.status_code}")
        response.set_cookie("a", "b")
        return response

    @app.teardown_request
    def teardown_request(error):
        told.put(f"request over: {error}")

    @app.teardown_appcontext
    def teardown_appcontext(error):
        told.put("context over")

    @jambonz.service("/echo")
    def echo(session):
        told.put("call")
        session.gather(input=["speech"], action_hook="/bye").send()
        session.wait_for("/bye")

    call = make_site(app, jambonz).call("/echo")
    call.expect_ack()
    assert [told.next(), told.next()] == ["before", "call"]
    assert told.empty()
    call.speech("/bye", "bye")
    call.expect_ack()
    call.expect_goodbye()
    call.hang_up()
    assert [told.next() for _ in range(3)] == ["after 101", "request over: None", "context over"]


def test_after_request_that_raises(make_site, caplog):
    """What fails after a call is logged by Flask; on the websocket, which is over, nothing of it appears."""
    app = Flask(__name__)
    jambonz = Jambonz(app)

    @app.after_request
    def after(response):
        raise LookupError("too late")

    jambonz.service("/echo")(says("Hello."))
    site = make_site(app, jambonz)
    with socket.create_connection(("127.0.0.1", site.port)) as connection:
        peer = Peer(connection)
        peer.send(upgrade_request("/echo"))
        assert " 101 " in peer.head()
        peer.send_text(json.dumps({"type": "session:new", "msgid": "1", "call_sid": "a", "data": {"call_sid": "a"}}))
        assert "Hello." in peer.text()
        assert "hangup" in peer.text()
        peer.send(close_frame())
        assert peer.frame().close_code == 1000
        assert peer.rest() == b""
    wait_for_error(caplog, "Exception on /echo")


@pytest.mark.parametrize("fails", [False, True], ids=["all well", "after_request raises"])
def test_connection_while_the_endpoint_ends(make_site, fails):
    """It is closed without a word, whatever Flask would answer: jambonz tries again then, as it does not after HTTP."""
    app = Flask(__name__)
    jambonz = Jambonz(app)

    @app.after_request
    def after(response):
        if fails:
            raise LookupError("too late")
        return response

    jambonz.make_service("/echo")
    site = make_site(app, jambonz)
    jambonz.endpoint.drain(0)
    with socket.create_connection(("127.0.0.1", site.port)) as connection:
        peer = Peer(connection)
        peer.send(upgrade_request("/echo"))
        assert peer.rest() == b""


def wait_for_error(caplog, text):
    """Wait for a line of an application's own log."""
    deadline = time.monotonic() + TIMEOUT
    while text not in caplog.text:
        assert time.monotonic() < deadline, caplog.text
        time.sleep(0.01)


def test_before_request_that_refuses(make_site, told):
    """A function that lets nobody in who has not logged in keeps calls out too, before any handler runs."""
    app = Flask(__name__)
    jambonz = Jambonz(app)

    @app.before_request
    def log_in():
        if request.args.get("key") != "right":
            abort(403)

    jambonz.service("/echo")(lambda session: told.put("a call"))
    site = make_site(app, jambonz)
    assert site.refused("/echo") == 403
    assert told.empty()
    assert site.call("/echo?key=right").expect_ack() is not None
    assert told.next() == "a call"


def test_before_request_and_variables(make_site):
    """A function that was registered before the extension is asked about OPTIONS too, a later one is not."""
    statuses = []
    for order in (1, -1):
        app = Flask(__name__)
        jambonz = Jambonz()
        steps = [
            lambda app=app: app.before_request(lambda: abort(403)),
            lambda app=app, jambonz=jambonz: jambonz.init_app(app),
        ]
        for step in steps[::order]:
            step()
        jambonz.make_service("/echo")
        statuses.append(make_site(app, jambonz).asks("/echo", "OPTIONS").status)
    assert statuses == [403, 204]


def test_middleware(make_site):
    """A middleware refuses a call inside Flask as anywhere."""
    app = Flask(__name__)
    jambonz = Jambonz(app, middlewares=[lambda request: Refusal(403, "not today")])
    jambonz.make_service("/echo")
    assert make_site(app, jambonz).refused("/echo") == 403


def test_handler_that_raises(make_site, log, caplog, told):
    """It is logged once, by the library; the caller hears the apology, and Flask knows of nothing."""
    app = Flask(__name__)
    jambonz = Jambonz(app)
    app.teardown_request(told.put)

    @jambonz.service("/echo", apology=[{"verb": "say", "text": "Sorry."}])
    def echo(session):
        raise LookupError("no such customer")

    call = make_site(app, jambonz).call("/echo")
    assert texts(call.expect_ack()) == ["Sorry."]
    call.hang_up()
    log.expect("raised", level=logging.ERROR)
    assert told.next() is None
    assert [record.name for record in caplog.records if record.exc_info] == ["jambonz_sync"]


def test_pages_and_other_extensions(make_site):
    """Pages, and websockets of Flask-Sock, are what they were without calls."""
    app = Flask(__name__)
    jambonz = Jambonz(app)
    jambonz.service("/echo")(says("Hello."))
    sock = flask_sock.Sock(app)

    @sock.route("/sock")
    def upper(ws):
        ws.send(ws.receive().upper())

    app.add_url_rule("/page", "page", view_func=lambda: "a page")
    site = make_site(app, jambonz)
    with site.websocket("/sock") as client:
        client.send("hello")
        assert client.recv(TIMEOUT) == "HELLO"
        # Flask-Sock closes when the function returns; of a close by both sides at once it does not let go.
        with pytest.raises(Closed):
            client.recv(TIMEOUT)
    assert site.asks("/page")[::2] == (200, "a page")
    assert site.asks("/page", "OPTIONS").headers["allow"].count("GET") == 1
    assert site.asks("/sock").status == 400
    assert site.asks("/nothing").status == 404
    assert first_words(site, "/echo") == ["Hello."]


def test_websocket_that_is_no_call(make_site, told):
    """A path may be handed to a function for any websocket; it has the contexts, and the endpoint ends it."""
    app = Flask(__name__)
    jambonz = Jambonz()

    @jambonz.websocket("/monitor", subprotocols=["monitor"])
    def monitor(ws):
        told.put((current_app.name, request.path, ws.subprotocol))
        try:
            while True:
                ws.send(f"{ws.receive()}: {len(jambonz.endpoint.calls())}")
        except ConnectionClosed as closed:
            told.put(int(closed.reason))

    jambonz.init_app(app)
    site = make_site(app, jambonz)
    client = site.websocket("/monitor", subprotocols=["monitor"])
    assert told.next() == (app.name, "/monitor", "monitor")
    client.send("calls")
    assert client.recv(TIMEOUT) == "calls: 0"
    jambonz.endpoint.drain(0)
    with pytest.raises(Closed):
        client.recv(TIMEOUT)
    assert client.close_code == 1001
    assert isinstance(told.next(), int)


# The test kit


def test_kit_gives_the_contexts(jambonz, told):
    """A call of the test kit is held in the contexts that it has in a request, a fresh one for each."""
    app = Flask(__name__)
    extension = Jambonz(app)

    @extension.service("/echo")
    def echo(session):
        g.count = g.get("count", 0) + 1
        told.put((current_app.name, request.path, request.endpoint, g.count))
        session.say("Hello.").run()

    for _ in range(2):
        assert jambonz.call(extension.endpoint, "/echo/deeper").heard("Hello.")
        assert told.next() == (app.name, "/echo/deeper", "jambonz:/echo", 1)


def test_kit_and_several_applications(jambonz):
    """The contexts are those of the application that was given last."""
    extension = Jambonz()
    extension.service("/who")(lambda session: session.say(current_app.name).run())
    for name in ("first", "second"):
        extension.init_app(Flask(name))
        assert jambonz.call(extension.endpoint, "/who").heard(name)


def test_kit_without_an_application(jambonz):
    """Services of a blueprint that was registered nowhere can be called all the same, without contexts."""
    extension = Jambonz(Blueprint("phone", __name__))

    @extension.service("/echo")
    def echo(session):
        session.say("in Flask" if flask.has_app_context() else "alone").run()

    assert jambonz.call(extension.endpoint, "/echo").heard("alone")


# A database


@pytest.fixture
def database(request, tmp_path):
    """An application with a database of which there is one connection, and what its calls do with it.

    Its parameter is for how many seconds the connection is waited for.
    """
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path}/calls.db"
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "poolclass": QueuePool,
        "pool_size": 1,
        "max_overflow": 0,
        "pool_timeout": request.param,
        "connect_args": {"check_same_thread": False},
    }
    db = SQLAlchemy(app)

    class Visit(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        caller = db.Column(db.String, nullable=False)

    def visit(caller):
        """Write who calls, and tell how many have."""
        db.session.add(Visit(caller=caller))
        db.session.commit()
        return db.session.query(Visit).count()

    with app.app_context():
        db.create_all()
    yield app, visit
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("database", [10], indirect=True)
def test_calls_that_give_the_connection_back(make_site, database):
    """With a context of its own for each piece of work, two calls that are up leave the one connection to others."""
    app, visit = database
    jambonz = Jambonz(app)

    @jambonz.service("/visit")
    def answer(session):
        with current_app.app_context():
            count = visit(session.from_)
        session.say(str(count)).gather(input=["speech"], action_hook="/next").send()
        session.wait_for("/next")
        with current_app.app_context():
            count = visit(session.from_)
        session.say(str(count)).reply()

    app.add_url_rule("/visits", view_func=lambda: str(visit("a browser")))
    site = make_site(app, jambonz)
    first = site.call("/visit")
    assert texts(first.expect_ack()) == ["1"]
    second = site.call("/visit")
    assert texts(second.expect_ack()) == ["2"]
    assert site.asks("/visits").body == "3"
    for call, count in ((first, "4"), (second, "5")):
        call.speech("/next", "go on")
        assert texts(call.expect_ack()) == [count]


@pytest.mark.parametrize("database", [0], indirect=True)
def test_call_that_keeps_the_connection(make_site, database):
    """Without, a call keeps it for as long as it is up: nobody else gets it, until the call ends."""
    app, visit = database
    jambonz = Jambonz(app)

    @jambonz.service("/visit")
    def answer(session):
        # In the call's own context. A query begins a transaction again, which holds the connection.
        session.say(str(visit(session.from_))).gather(input=["speech"], action_hook="/next").send()
        session.wait_for("/next")

    site = make_site(app, jambonz)
    call = site.call("/visit")
    assert texts(call.expect_ack()) == ["1"]
    with app.app_context(), pytest.raises(sqlalchemy.exc.TimeoutError):
        visit("somebody else")
    call.speech("/next", "go on")
    call.expect_ack()
    call.expect_goodbye()
    call.hang_up()
