"""The endpoint: its services, what it answers, and the calls it holds."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

import jambonz_sync.reception
from jambonz_sync import CallEnded, create_endpoint
from tests.local_endpoint import local_endpoint, request
from tests.scenarios.jambonz_side import texts


class TestLookingInside:
    @pytest.mark.parametrize("method", ["start", "serve_forever", "__enter__"])
    def test_instead_of_listening(self, method):
        """Who looks into a script is called with the endpoint that would listen, which does not."""
        endpoint = local_endpoint()
        asked = []

        def stop(one):
            asked.append(one)
            raise LookupError

        token = jambonz_sync.endpoint.instead_of_listening.set(stop)
        try:
            with pytest.raises(LookupError):
                getattr(endpoint, method)()
        finally:
            jambonz_sync.endpoint.instead_of_listening.reset(token)
        assert asked == [endpoint]


class TestMaking:
    @pytest.mark.parametrize("timeout", [0, -1, 5, 60])
    def test_ack_timeout(self, timeout):
        """An ack deadline that jambonz would not wait for is refused."""
        with pytest.raises(ValueError, match="between 0 and 5"):
            local_endpoint(ack_timeout=timeout)

    def test_keywords_only(self):
        """Arguments have to be named."""
        with pytest.raises(TypeError):
            create_endpoint("127.0.0.1", 0)

    def test_services_while_listening(self, app):
        """Services may be added while the endpoint listens."""
        app.endpoint.make_service("/late").on("session:new", lambda session: session.say("Late.").send())
        with app.call("/late") as jambonz:
            assert texts(jambonz.expect_ack()) == ["Late."]


class TestHttp:
    """What is no call."""

    @pytest.fixture
    def endpoint(self, app):
        """An endpoint with one service at ``/app``."""
        return app.endpoint

    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("GET", "/app", 426),
            ("GET", "/app/deeper?x=1", 426),
            ("GET", "/other", 404),
            ("GET", "/apple", 404),
            ("POST", "/app", 405),
            ("POST", "/other", 404),
            ("DELETE", "/app", 405),
            ("OPTIONS", "/app", 204),
            ("OPTIONS", "/other", 404),
            ("GET", "/health", 200),
            ("GET", "/health?x=1", 200),
            ("HEAD", "/health", 200),
        ],
    )
    def test_status(self, endpoint, method, path, status):
        """Each request gets the status that fits."""
        assert request(endpoint, method, path)[0] == status

    def test_headers(self, endpoint):
        """A refusal says what would be right."""
        assert request(endpoint, "GET", "/app")[1]["Upgrade"] == "websocket"
        assert request(endpoint, "POST", "/app")[1]["Allow"] == "GET, OPTIONS"

    def test_head_has_no_body(self, endpoint):
        """The answer of a HEAD request is its head."""
        host, _, port = endpoint.url.rpartition("//")[2].rpartition(":")
        with socket.create_connection((host, int(port)), timeout=10) as sock:
            sock.sendall(b"HEAD /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            data = b"".join(iter(lambda: sock.recv(4096), b""))
        head, _, body = data.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        assert body == b""

    def test_health_counts_calls(self, app):
        """``/health`` tells how many calls are up."""
        app.answer(lambda session: session.say("Hello.").send() and session.wait_for("*"))
        with app.call() as jambonz:
            jambonz.expect_ack()
            assert json.loads(request(app.endpoint, "GET", "/health")[2]) == {"status": "ok", "calls": 1}

    def test_health_of_an_application(self, app):
        """A service at ``/health`` still gets its calls."""
        app.endpoint.make_service("/health").on("session:new", lambda session: session.say("Fine.").send())
        assert request(app.endpoint, "GET", "/health")[0] == 200
        with app.call("/health") as jambonz:
            assert texts(jambonz.expect_ack()) == ["Fine."]

    @pytest.mark.parametrize(
        ("path", "options", "status"),
        [
            ("/other", {"subprotocols": ["ws.jambonz.org"]}, 404),
            ("/app", {}, 400),
            ("/app", {"subprotocols": ["other.jambonz.org"]}, 400),
        ],
    )
    def test_refused_upgrades(self, endpoint, path, options, status):
        """A websocket to an unknown path, or of another protocol, is refused before any code of the application."""
        with pytest.raises(InvalidStatus) as refused, connect(endpoint.url + path, proxy=None, **options):
            raise AssertionError("let in")
        assert refused.value.response.status_code == status

    @pytest.mark.parametrize(
        ("change", "status"),
        [
            ({"Sec-WebSocket-Version": "8"}, 426),
            ({"Sec-WebSocket-Version": None}, 426),
            ({"Sec-WebSocket-Key": None}, 400),
            ({"Connection": "close"}, 400),
        ],
    )
    def test_bad_handshakes(self, endpoint, change, status):
        """A handshake that is none gets a 4xx."""
        headers = {
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Protocol": "ws.jambonz.org",
            **change,
        }
        given = {name: value for name, value in headers.items() if value is not None}
        assert request(endpoint, "GET", "/app", given)[0] == status


class TestRouting:
    def test_longest_path(self, app):
        """The longest registered path answers, and ``*`` what no other does."""
        for path in ("/app/deep", "*"):
            service = app.endpoint.make_service(path)
            service.on("session:new", lambda session: session.say(session.service.path).send())
        app.answer(lambda session: session.say(session.service.path).send())
        for path, expected in [
            ("/app", "/app"),
            ("/app/other", "/app"),
            ("/app/deep/er?token=1", "/app/deep"),
            ("/apple", "*"),
            ("/", "*"),
        ]:
            with app.call(path) as jambonz:
                assert texts(jambonz.expect_ack()) == [expected]


class TestCalls:
    def test_sessions(self, app):
        """``sessions`` has the calls that are up, by sid, and no longer."""

        @app.answer
        def answer(session):
            session.say("Hello.").send()
            app.told.put(session)
            session.wait_for("*")

        assert dict(app.endpoint.sessions) == {}
        with app.call() as one, app.call() as two:
            sessions = {app.hears(), app.hears()}
            now = app.endpoint.sessions
            assert set(now) == {one.call_sid, two.call_sid}
            assert set(now.values()) == sessions
            with pytest.raises(TypeError):
                now["x"] = None
            one.expect_ack()
            two.expect_ack()
        app.endpoint.stop()
        assert dict(app.endpoint.sessions) == {}
        assert set(now) == {one.call_sid, two.call_sid}

    def test_same_sid_twice(self, app):
        """Two sockets of one call: the end of the first does not remove the session of the second."""

        @app.answer
        def answer(session):
            session.say("Hello.").send()
            app.told.put(session)
            session.wait_for("*")

        first = app.connect(call_sid="same")
        first.session_new()
        one = app.hears()
        second = app.connect(call_sid="same")
        second.session_new()
        two = app.hears()
        assert one is not two
        first.close()
        assert isinstance(app.outcome(), CallEnded)
        assert app.endpoint.sessions["same"] is two
        second.close()

    def test_no_thread_left(self, app):
        """After a call its thread is gone; after the last one, the watcher too."""
        app.answer(lambda session: session.say("Hello.").send())
        calls = [app.call() for _ in range(5)]
        for jambonz in calls:
            jambonz.expect_ack()
        for jambonz in calls:
            jambonz.hang_up()
        deadline = time.monotonic() + 10
        while True:
            ours = {thread.name for thread in threading.enumerate() if thread.name.startswith("jambonz_sync")}
            if ours == {"jambonz_sync listener"}:
                break
            assert time.monotonic() < deadline, ours
            time.sleep(0.01)

    def test_ghost(self, app, monkeypatch, log):
        """A connection on which nothing comes is closed with 1000."""
        monkeypatch.setattr(jambonz_sync.reception, "_GHOST_AFTER", 0.1)
        jambonz = app.connect()
        jambonz.expect_close(1000)
        log.expect("ended before a session began", level=20)

    def test_no_ghost(self, app, monkeypatch):
        """An outbound call that rings for long is none."""
        monkeypatch.setattr(jambonz_sync.reception, "_GHOST_AFTER", 0.1)
        app.answer(lambda session: session.say("Hello.").send())
        with app.connect() as jambonz:
            jambonz.send("call:status", {**jambonz.facts(), "call_status": "ringing"}, call_sid=None)
            jambonz.nothing_for(0.3)
            jambonz.session_new()
            assert texts(jambonz.expect_ack()) == ["Hello."]

    def test_logger(self, make_app, log):
        """Lines go to a logger of the application's own, if it gives one."""
        mine = logging.getLogger("tests.mine")
        mine.setLevel(logging.INFO)
        mine.addHandler(log)
        try:
            app = make_app(logger=mine)
            app.answer(lambda session: session.log.info("from the handler"))
            with app.call() as jambonz:
                jambonz.expect_ack()
                log.expect("from the handler", level=20)
        finally:
            mine.removeHandler(log)
