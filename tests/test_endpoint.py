"""The endpoint: listening, routing, and stopping."""

from __future__ import annotations

import contextlib
import http.client
import json
import logging
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

import jambonz_sync.reception
from jambonz_sync import CallEnded, EndpointError, create_endpoint
from tests.scenarios.application import no_thread_left
from tests.scenarios.jambonz_side import JambonzSide, names, texts

ROOT = pathlib.Path(__file__).resolve().parents[1]


def local_endpoint(**options):
    """An endpoint on a free port of this machine."""
    return create_endpoint(host="127.0.0.1", port=0, **options)


def request(endpoint, method, path, headers=None):
    """Send a plain HTTP request; return status, headers and body."""
    host, _, port = endpoint.url.rpartition("//")[2].rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    with contextlib.closing(connection):
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()


class TestListeningElsewhere:
    def test_listen_at(self):
        """Host and port can be changed after the endpoint was made; what is left out stays."""
        endpoint = create_endpoint(host="127.0.0.1", port=1)
        endpoint.listen_at(port=0)
        with endpoint:
            assert endpoint.url.startswith("ws://127.0.0.1:")
            assert not endpoint.url.endswith((":0", ":1"))
        endpoint.listen_at(host="localhost")
        with endpoint:
            assert endpoint.url.startswith("ws://localhost:")

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


class TestStarting:
    def test_start_and_stop(self):
        """``start`` returns the endpoint, listening; ``stop`` ends it, and no thread is left."""
        endpoint = local_endpoint()
        assert endpoint.start() is endpoint
        url = endpoint.url
        assert url.startswith("ws://127.0.0.1:")
        endpoint.stop()
        no_thread_left()
        port = int(url.rpartition(":")[2])
        with socket.socket() as sock:
            assert sock.connect_ex(("127.0.0.1", port)) != 0

    def test_with(self):
        """``with`` starts and stops, also when its body raises."""
        endpoint = local_endpoint()
        with contextlib.suppress(LookupError), endpoint:
            assert endpoint.url
            raise LookupError
        with pytest.raises(EndpointError, match="does not listen"):
            assert endpoint.url
        no_thread_left()

    def test_again(self):
        """A stopped endpoint can be started again."""
        endpoint = local_endpoint()
        for _ in range(3):
            with endpoint:
                assert request(endpoint, "GET", "/health")[0] == 200

    def test_twice(self):
        """An endpoint that listens cannot be started a second time, and goes on."""
        with local_endpoint() as endpoint:
            with pytest.raises(EndpointError, match="listens already"):
                endpoint.start()
            assert request(endpoint, "GET", "/health")[0] == 200

    def test_serve_forever_twice(self):
        """Nor can it be served a second time."""
        with local_endpoint() as endpoint:
            server_of_it = endpoint._server
            first = server_of_it._listener
            raised = []

            def serve():
                try:
                    endpoint.serve_forever()
                except EndpointError as error:
                    raised.append(str(error))

            server = threading.Thread(target=serve, daemon=True)
            server.start()
            server.join(1)
            lost = server_of_it._listener is not first
        if lost:
            first.shutdown()
            first.server_close()
        server.join(10)
        no_thread_left()
        assert raised
        assert "listens already" in raised[0]

    def test_stop_without_start(self):
        """Stopping what does not listen does nothing."""
        endpoint = local_endpoint()
        endpoint.stop()
        with endpoint:
            pass
        endpoint.stop()

    def test_taken_port(self):
        """A port that is taken is an error that names it and says what to do."""
        with local_endpoint() as endpoint:
            port = int(endpoint.url.rpartition(":")[2])
            other = create_endpoint(host="127.0.0.1", port=port)
            with pytest.raises(EndpointError, match=f"cannot listen on port {port} of 127.0.0.1: .*choose another"):
                other.start()
            with pytest.raises(EndpointError, match="does not listen"):
                assert other.url

    def test_unknown_host(self):
        """So is an address that this machine does not have."""
        with pytest.raises(EndpointError, match=r"of 192\.0\.2\.1"):
            create_endpoint(host="192.0.2.1", port=0).start()

    def test_all_addresses(self):
        """The URL of an endpoint on all addresses names one that works."""
        with create_endpoint(host="0.0.0.0", port=0) as endpoint:
            assert endpoint.url.startswith("ws://127.0.0.1:")

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
            ("/app", {"subprotocols": ["audio.jambonz.org"]}, 400),
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


class TestStopping:
    def test_calls_are_closed(self, app):
        """Without a drain time, calls are closed with 1001 at once, their hooks answered, their handlers unwound."""

        @app.answer
        def answer(session):
            session.gather(action_hook="/menu").send()
            session.wait_for("/menu")
            session.wait_for("call:status")

        jambonz = app.call()
        jambonz.expect_ack()
        stopper = threading.Thread(target=app.endpoint.stop)
        stopper.start()
        assert jambonz.expect_close(1001) == "the server is stopping"
        stopper.join(10)
        ended = app.outcome()
        assert isinstance(ended, CallEnded)
        assert ended.code == 1001

    def test_drain(self, app):
        """Within the drain time running calls go on, and ``stop`` returns when the last has ended."""

        @app.answer
        def answer(session):
            session.gather(action_hook="/menu").send()
            session.wait_for("/menu")
            session.say("Thanks.").reply()

        jambonz = app.call()
        jambonz.expect_ack()
        port = int(app.endpoint.url.rpartition(":")[2])
        stopper = threading.Thread(target=app.endpoint.stop, kwargs={"drain": 10})
        began = time.monotonic()
        stopper.start()
        while True:
            with socket.socket() as sock:
                if sock.connect_ex(("127.0.0.1", port)):
                    break
        jambonz.hook("/menu")
        assert texts(jambonz.expect_ack()) == ["Thanks."]
        jambonz.expect_goodbye()
        jambonz.hang_up()
        stopper.join(10)
        assert time.monotonic() - began < 8

    def test_drain_runs_out(self, app):
        """What is up after the drain time is closed with 1001."""

        @app.answer
        def answer(session):
            session.say("Hello.").send()
            session.wait_for("*")

        jambonz = app.call()
        jambonz.expect_ack()
        stopper = threading.Thread(target=app.endpoint.stop, kwargs={"drain": 0.1})
        stopper.start()
        jambonz.expect_close(1001)
        stopper.join(10)
        assert not stopper.is_alive()

    def test_before_the_session(self, app):
        """A connection on which no session has begun is closed as well."""
        jambonz = app.connect()
        stopper = threading.Thread(target=app.endpoint.stop)
        stopper.start()
        jambonz.expect_close(1001)
        stopper.join(10)
        assert not stopper.is_alive()

    def test_busy_handlers(self, app, log, monkeypatch):
        """A handler that is busy in user code is waited for a while; a warning names the line it is at."""
        release = threading.Event()

        @app.answer
        def answer(session):
            session.say("Hello.").send()
            release.wait(30)

        jambonz = app.call()
        jambonz.expect_ack()
        calls = app.endpoint._reception.calls
        wait = calls.wait_for_end
        monkeypatch.setattr(calls, "wait_for_end", lambda seconds: wait(min(seconds, 0.2)))
        stopper = threading.Thread(target=app.endpoint.stop)
        stopper.start()
        jambonz.expect_close(1001)
        log.expect("have not returned", "test_endpoint.py", "in answer")
        release.set()
        stopper.join(10)

    def test_serve_forever_ends_with_stop(self, log):
        """``serve_forever`` on another thread returns when the endpoint is stopped."""
        endpoint = local_endpoint()
        server = threading.Thread(target=endpoint.serve_forever, daemon=True)
        server.start()
        log.expect("listening on", level=20)
        endpoint.stop()
        server.join(10)
        assert not server.is_alive()
        no_thread_left()

    def test_stopped_the_moment_it_listens(self):
        """``serve_forever`` returns also if the endpoint is stopped by the time it begins to wait."""
        endpoint = local_endpoint()
        handler = logging.Handler()
        handler.emit = lambda record: endpoint.stop()
        logger = logging.getLogger("jambonz_sync")
        level = logger.level
        logger.setLevel(logging.INFO)
        logger.addHandler(handler)
        try:
            server = threading.Thread(target=endpoint.serve_forever, daemon=True)
            server.start()
            server.join(3)
            assert not server.is_alive()
        finally:
            logger.removeHandler(handler)
            logger.setLevel(level)


SERVER = """
import sys
from jambonz_sync import create_endpoint

endpoint = create_endpoint(host="127.0.0.1", port=int(sys.argv[1]))
service = endpoint.make_service("/app")

@service.on("session:new")
def answer(session):
    session.say("Hello.").send()
    session.wait_for("/next")
    session.say("Goodbye.").reply()

endpoint.serve_forever(drain=float(sys.argv[2]))
print("after", flush=True)
"""


@contextlib.contextmanager
def server_process(drain=8):
    """A server in a process of its own; yields the process and its URL."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", SERVER, str(port), str(drain)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    with process:
        try:
            deadline = time.monotonic() + 20
            while True:
                with socket.socket() as sock:
                    if sock.connect_ex(("127.0.0.1", port)) == 0:
                        break
                assert time.monotonic() < deadline, "the server does not listen"
                time.sleep(0.01)
            yield process, f"ws://127.0.0.1:{port}"
        finally:
            process.kill()


def told_of_calls(process, text):
    """Wait for a line in the log of a server's process."""
    assert any(text in line for line in process.stderr)


class TestSignals:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_ends(self, number):
        """A signal ends ``serve_forever`` quickly, and the program goes on behind it."""
        with server_process() as (process, _):
            began = time.monotonic()
            process.send_signal(number)
            out, err = process.communicate(timeout=20)
            assert (process.returncode, out) == (0, "after\n")
            assert "Traceback" not in err
            assert time.monotonic() - began < 3

    @pytest.mark.parametrize("again", [False, True])
    def test_with_calls(self, again):
        """After Ctrl-C, or a second signal, calls that are up get 1001, so that another instance can take them over."""
        with server_process() as (process, url):
            calls = [JambonzSide(f"{url}/app") for _ in range(5)]
            for jambonz in calls:
                jambonz.session_new()
                assert names(jambonz.expect_ack()) == ["say"]
            process.send_signal(signal.SIGTERM if again else signal.SIGINT)
            if again:
                told_of_calls(process, "5 calls are up, and may go on for 8 s")
                process.send_signal(signal.SIGTERM)
            for jambonz in calls:
                jambonz.expect_close(1001)
                jambonz.drop()
            out, err = process.communicate(timeout=20)
            assert (process.returncode, out) == (0, "after\n")
            assert "have not returned" not in err

    def test_terminated_with_calls(self):
        """After SIGTERM nothing more is accepted, and the calls that are up go on to their end."""
        with server_process(drain=60) as (process, url):
            jambonz = JambonzSide(f"{url}/app")
            jambonz.session_new()
            jambonz.expect_ack()
            process.send_signal(signal.SIGTERM)
            told_of_calls(process, "1 calls are up, and may go on for 60 s")
            with pytest.raises(ConnectionRefusedError):
                connect(f"{url}/app")
            jambonz.hook("/next")
            assert texts(jambonz.expect_ack()) == ["Goodbye."]
            jambonz.hang_up()
            out, _ = process.communicate(timeout=20)
            assert (process.returncode, out) == (0, "after\n")

    def test_drained_to_the_end(self):
        """What is still up when the time is over gets 1001."""
        with server_process(drain=0.5) as (process, url):
            jambonz = JambonzSide(f"{url}/app")
            jambonz.session_new()
            jambonz.expect_ack()
            process.send_signal(signal.SIGTERM)
            jambonz.expect_close(1001)
            jambonz.drop()
            assert process.wait(20) == 0

    def test_handlers_come_back(self):
        """The signal handlers that were there before are there again."""
        before = signal.getsignal(signal.SIGTERM)
        endpoint = local_endpoint()
        timer = threading.Timer(0.2, os.kill, [os.getpid(), signal.SIGTERM])
        timer.start()
        endpoint.serve_forever()
        timer.join()
        assert signal.getsignal(signal.SIGTERM) is before
        no_thread_left()
