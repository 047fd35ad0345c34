"""What is done with a request, decided before any code of a call runs."""

from __future__ import annotations

import base64
import json
import logging
import types
from typing import Any

import pytest

from jambonz_sync.entrance import Entrance, Opening, Page
from jambonz_sync.request import Refusal, Request
from jambonz_sync.routing import Router
from jambonz_sync.settings import Settings
from jambonz_sync.transport.http_reply import Reply
from tests.transport.peers import upgrade_environ


def application(environ, start_response):
    """Another application, which nobody calls here."""
    raise AssertionError("called")


def destination(**facts: Any) -> Any:
    """What websockets of a path are for."""
    told = {"auth": None, "subprotocols": ("ws.jambonz.org",), "max_message_size": 1000, "schema": {}, "beside": None}
    return types.SimpleNamespace(**{**told, **facts})


def entrance(service: Any = None, path: str = "/app", **settings: Any) -> Entrance:
    """An entrance to one service, and two calls that are up."""
    router: Router[Any] = Router()
    router.add(path, service or destination())
    return Entrance(router, Settings(**settings), lambda: 2)


def upgrade(path: str = "/app", **more: Any) -> dict[str, Any]:
    """A request for a websocket; keys given as ``None`` are left out."""
    return upgrade_environ(**{"PATH_INFO": path, "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "192.0.2.7", **more})


def plain(method: str = "GET", path: str = "/app", **more: Any) -> dict[str, Any]:
    """Any other request."""
    return {"REQUEST_METHOD": method, "PATH_INFO": path, "SERVER_PROTOCOL": "HTTP/1.1", **more}


def basic(credentials: str) -> str:
    """An ``Authorization`` header."""
    return f"Basic {base64.b64encode(credentials.encode()).decode()}"


class TestOpening:
    def test_a_websocket(self):
        """It is opened for the service of its path; the answer to the handshake is ready."""
        service = destination()
        opening = entrance(service).decide(upgrade("/app/deeper", QUERY_STRING="a=1", SCRIPT_NAME="/mount"))
        assert isinstance(opening, Opening)
        assert opening.destination is service
        assert (opening.path, opening.target) == ("/app/deeper", "/mount/app/deeper?a=1")
        assert opening.framing.out.startswith(b"HTTP/1.1 101 ")
        assert opening.framing.subprotocol == "ws.jambonz.org"
        assert opening.framing.max_message_size == 1000

    def test_without_query(self):
        """The target has no question mark then."""
        opening = entrance().decide(upgrade())
        assert isinstance(opening, Opening)
        assert opening.target == "/app"

    @pytest.mark.parametrize("value", ["websocket", "WebSocket", "WEBSOCKET"])
    def test_case(self, value):
        """The name of the protocol is written in any case."""
        assert isinstance(entrance().decide(upgrade(HTTP_UPGRADE=value)), Opening)

    def test_a_destination_that_somebody_else_has_found(self):
        """The path decides only where nobody else has."""
        service = destination()
        opening = entrance().decide(upgrade("/other"), service)
        assert isinstance(opening, Opening)
        assert opening.destination is service

    @pytest.mark.parametrize("length", ["", "0"])
    def test_no_body(self, length):
        """WSGI servers tell a length where there is none."""
        assert isinstance(entrance().decide(upgrade(CONTENT_LENGTH=length)), Opening)

    def test_no_subprotocol(self):
        """A service that speaks none asks for none."""
        service = destination(subprotocols=())
        assert isinstance(entrance(service).decide(upgrade(HTTP_SEC_WEBSOCKET_PROTOCOL=None)), Opening)

    def test_one_of_several_subprotocols(self):
        """One that both know is enough."""
        service = destination(subprotocols=("a", "b"))
        opening = entrance(service).decide(upgrade(HTTP_SEC_WEBSOCKET_PROTOCOL="x, b"))
        assert isinstance(opening, Opening)
        assert opening.framing.subprotocol == "b"

    def test_what_is_beside(self):
        """A path may speak two things, told apart by the subprotocol; who may come in is the same for both."""
        other = destination(subprotocols=("audio.jambonz.org",), auth=("nobody", "asks"), max_message_size=5)
        both = entrance(destination(beside=other, auth=("jambonz", "secret")))
        offered = {"HTTP_SEC_WEBSOCKET_PROTOCOL": "audio.jambonz.org"}
        assert both.decide(upgrade(**offered)).status == 401
        opening = both.decide(upgrade(**offered, HTTP_AUTHORIZATION=basic("jambonz:secret")))
        assert isinstance(opening, Opening)
        assert opening.destination is other
        assert (opening.framing.subprotocol, opening.framing.max_message_size) == ("audio.jambonz.org", 5)
        neither = both.decide(upgrade(HTTP_SEC_WEBSOCKET_PROTOCOL="x"))
        assert (neither.status, neither.text) == (400, "this server speaks the websocket subprotocol ws.jambonz.org")

    @pytest.mark.parametrize("asked", [False, True])
    def test_compression(self, asked):
        """It is accepted where the settings say so."""
        environ = upgrade(HTTP_SEC_WEBSOCKET_EXTENSIONS="permessage-deflate")
        opening = entrance(permessage_deflate=asked).decide(environ)
        assert isinstance(opening, Opening)
        assert (b"permessage-deflate" in opening.framing.out) is asked

    @pytest.mark.parametrize(
        ("change", "status"),
        [
            ({"PATH_INFO": "/other"}, 404),
            ({"PATH_INFO": "/apple"}, 404),
            ({"HTTP_SEC_WEBSOCKET_VERSION": None}, 426),
            ({"HTTP_SEC_WEBSOCKET_VERSION": "8"}, 426),
            ({"HTTP_SEC_WEBSOCKET_VERSION": "13, 13"}, 426),
            ({"HTTP_SEC_WEBSOCKET_PROTOCOL": None}, 400),
            ({"HTTP_SEC_WEBSOCKET_PROTOCOL": "audio.jambonz.org"}, 400),
            ({"HTTP_SEC_WEBSOCKET_KEY": None}, 400),
            ({"HTTP_SEC_WEBSOCKET_KEY": "short"}, 400),
            ({"HTTP_CONNECTION": "close"}, 400),
            ({"CONTENT_LENGTH": "5"}, 400),
            ({"CONTENT_LENGTH": "-1"}, 400),
            ({"HTTP_TRANSFER_ENCODING": "chunked"}, 400),
            ({"SERVER_PROTOCOL": "HTTP/1.0"}, 426),
            ({"SERVER_PROTOCOL": "HTTP/2.0"}, 426),
            ({"HTTP_UPGRADE": "websocket, websocket"}, 426),
            ({"HTTP_UPGRADE": "h2c"}, 426),
            ({"HTTP_UPGRADE": None}, 426),
            ({"REQUEST_METHOD": "POST"}, 405),
            ({"PATH_INFO": "/app/\nforged"}, 400),
            ({"PATH_INFO": "/app/\xc2\x85forged"}, 400),
            ({"PATH_INFO": "/app/\xe2\x80\xa8forged"}, 400),
        ],
    )
    def test_refused(self, change, status):
        """What is no handshake, or not for here, gets an HTTP status."""
        reply = entrance().decide(upgrade(**change))
        assert isinstance(reply, Reply)
        assert reply.status == status
        assert reply.text

    def test_version(self):
        """Of the version it is told which one would do."""
        reply = entrance().decide(upgrade(HTTP_SEC_WEBSOCKET_VERSION="8"))
        assert isinstance(reply, Reply)
        assert reply.headers == {"Sec-WebSocket-Version": "13"}

    def test_subprotocols(self):
        """Of the subprotocol as well."""
        reply = entrance(destination(subprotocols=("a", "b"))).decide(upgrade())
        assert isinstance(reply, Reply)
        assert "a or b" in reply.text

    def test_lost_upgrade(self, log):
        """A proxy that swallows the header is told of, with what to write into its configuration."""
        reply = entrance().decide(upgrade(HTTP_UPGRADE=None))
        assert isinstance(reply, Reply)
        assert reply.headers == {"Upgrade": "websocket"}
        log.expect("192.0.2.7 asks for /app", "proxy_set_header Upgrade")


class TestAuth:
    @pytest.mark.parametrize(
        ("header", "admitted"),
        [(None, False), (basic("jambonz:gu3ss"), False), ("Bearer x", False), (basic("jambonz:s3cret"), True)],
    )
    def test_pair(self, log, header, admitted):
        """Whoever does not know the password gets 401, and no log line tells what was tried."""
        decision = entrance(auth=("jambonz", "s3cret")).decide(upgrade(HTTP_AUTHORIZATION=header))
        assert isinstance(decision, Opening) is admitted
        if not admitted:
            assert isinstance(decision, Reply)
            assert decision.status == 401
            assert decision.headers["WWW-Authenticate"].startswith("Basic ")
            line = log.expect("turned away 192.0.2.7", "/app", level=logging.INFO)
            assert not any(secret in line for secret in ("gu3ss", "s3cret", basic("jambonz:gu3ss")))

    def test_of_the_service(self):
        """A service's own comes in place of the endpoint's."""
        own = entrance(destination(auth=("own", "x")), auth=("jambonz", "s3cret"))
        assert isinstance(own.decide(upgrade(HTTP_AUTHORIZATION=basic("own:x"))), Opening)
        assert isinstance(own.decide(upgrade(HTTP_AUTHORIZATION=basic("jambonz:s3cret"))), Reply)

    def test_of_the_service_that_passes_for_nothing(self):
        """Something that can be called is asked, even if it is false by itself."""

        class Check(dict):
            def __call__(self, user, password):
                return False

        reply = entrance(destination(auth=Check())).decide(upgrade(HTTP_AUTHORIZATION=basic("a:b")))
        assert isinstance(reply, Reply)
        assert reply.status == 401

    def test_a_function_that_raises(self, log):
        """Nobody is let in by a fault: 500, and a traceback in the log."""

        def check(user, password):
            raise LookupError("database")

        reply = entrance(auth=check).decide(upgrade(HTTP_AUTHORIZATION=basic("a:s3cret")))
        assert isinstance(reply, Reply)
        assert (reply.status, "database" in reply.text) == (500, False)
        assert "s3cret" not in log.expect("cannot be judged", level=logging.ERROR)

    def test_before_the_handshake_is_looked_at(self):
        """Who may not come in is not told what else is wrong."""
        reply = entrance(auth=("a", "b")).decide(upgrade(HTTP_SEC_WEBSOCKET_KEY=None))
        assert isinstance(reply, Reply)
        assert reply.status == 401

    @pytest.mark.parametrize("path", ["/health", "/other"])
    def test_not_for_what_is_no_call(self, path):
        """Nobody is asked for a password where there is no service."""
        decision = entrance(auth=("a", "b")).decide(plain(path=path))
        assert isinstance(decision, Reply)
        assert decision.status in (200, 404)


class TestMiddlewares:
    def test_in_order(self):
        """Each is called with the request, until one refuses."""
        seen = []

        def middleware(name, result=None):
            def look(request):
                seen.append((name, request))
                return result

            return look

        refusal = Refusal(403, "no", {"X-A": "1"})
        chain = [middleware("first"), middleware("second", refusal), middleware("third")]
        reply = entrance(middlewares=chain).decide(upgrade())
        assert reply == Reply(403, "no", {"X-A": "1"})
        assert [name for name, _ in seen] == ["first", "second"]
        assert all(isinstance(request, Request) and request.path == "/app" for _, request in seen)

    def test_all_let_it_in(self):
        """``None`` lets it on."""
        assert isinstance(entrance(middlewares=[lambda request: None] * 2).decide(upgrade()), Opening)

    def test_after_the_password(self):
        """Who does not know it is not shown to them."""
        reply = entrance(auth=("a", "b"), middlewares=[lambda request: pytest.fail("asked")]).decide(upgrade())
        assert isinstance(reply, Reply)
        assert reply.status == 401

    def test_the_line(self, log):
        """The log names the middleware."""

        def only_from_the_sbc(request):
            return Refusal(403)

        entrance(middlewares=[only_from_the_sbc]).decide(upgrade())
        log.expect("turned away 192.0.2.7", "only_from_the_sbc refused /app with 403", level=logging.INFO)

    @pytest.mark.parametrize("result", [True, False, 403, "no", Reply(403)])
    def test_what_is_no_refusal(self, log, result):
        """Anything else that is returned is a fault, and lets nobody in."""

        class Middleware:
            def __call__(self, request):
                return result

        reply = entrance(middlewares=[Middleware()]).decide(upgrade())
        assert isinstance(reply, Reply)
        assert reply.status == 500
        log.expect("a connection from 192.0.2.7 to /app cannot be judged", level=logging.ERROR)

    def test_one_that_raises(self, log):
        """So is an exception."""

        def middleware(request):
            raise LookupError("database")

        reply = entrance(middlewares=[middleware]).decide(upgrade())
        assert isinstance(reply, Reply)
        assert reply.status == 500
        log.expect("cannot be judged", level=logging.ERROR)


class TestPlainRequests:
    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("GET", "/app", 426),
            ("HEAD", "/app", 426),
            ("GET", "/other", 404),
            ("POST", "/app", 405),
            ("POST", "/other", 404),
            ("OPTIONS", "/app", 204),
            ("OPTIONS", "/other", 404),
            ("GET", "/health", 200),
            ("HEAD", "/health", 200),
            ("POST", "/health", 404),
        ],
    )
    def test_status(self, method, path, status):
        """Each gets the status that fits."""
        reply = entrance().decide(plain(method, path))
        assert isinstance(reply, Reply)
        assert reply.status == status

    def test_health(self):
        """It tells how many calls are up, be there a service for its path or not."""
        for one in (entrance(), entrance(path="*")):
            reply = one.decide(plain(path="/health"))
            assert isinstance(reply, Reply)
            assert json.loads(reply.text) == {"status": "ok", "calls": 2}
            assert reply.content_type == "application/json"

    def test_variables(self):
        """jambonz asks for them by OPTIONS."""
        schema = {"GREETING": {"description": "wie gr\u00fc\u00dfen?"}}
        reply = entrance(destination(schema=schema)).decide(plain("OPTIONS"))
        assert isinstance(reply, Reply)
        assert (reply.status, reply.content_type, reply.headers) == (200, "application/json", {"Allow": "GET, OPTIONS"})
        assert json.loads(reply.text) == schema

    @pytest.mark.parametrize(
        "environ",
        [
            plain(path="/other"),
            plain(path="/app"),
            plain("POST"),
            plain("POST", "/health"),
            plain(path="/other\nforged"),
            upgrade("/other"),
            upgrade("/app", REQUEST_METHOD="POST"),
        ],
    )
    def test_fallback(self, environ):
        """Another application answers what is not for jambonz, websockets of other paths too."""
        decision = entrance(fallback=application).decide(environ)
        assert isinstance(decision, Page)
        assert decision.application is application

    @pytest.mark.parametrize("environ", [plain(path="/health"), plain("OPTIONS"), upgrade(HTTP_UPGRADE=None)])
    def test_not_the_fallback(self, environ):
        """But not what jambonz asks, nor a call whose handshake was spoilt on the way."""
        assert isinstance(entrance(fallback=application).decide(environ), Reply)

    def test_settings_may_change(self):
        """They are read when they are needed."""
        settings = Settings()
        router: Router[Any] = Router()
        router.add("/app", destination())
        one = Entrance(router, settings, lambda: 0)
        assert isinstance(one.decide(upgrade()), Opening)
        settings.change(auth=("a", "b"))
        assert isinstance(one.decide(upgrade()), Reply)
