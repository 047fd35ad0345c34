"""The standalone server: when it listens, and how it ends."""

from __future__ import annotations

import contextlib
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
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from jambonz_sync import CallEnded, EndpointError, create_endpoint
from tests.local_endpoint import local_endpoint, request
from tests.scenarios.application import no_thread_left
from tests.scenarios.jambonz_side import JambonzSide, names, texts
from tests.transport.peers import TIMEOUT, Background

ROOT = pathlib.Path(__file__).resolve().parents[1]


class TestStarting:
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
        log.expect("have not returned", "test_standalone.py", "in answer")
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

    def test_again_while_it_drains(self, app):
        """A second ``stop`` is none: it returns at once, calls go on, and so do websockets that are no calls."""

        @app.endpoint.websocket("/echo")
        def echo(ws):
            while True:
                ws.send(ws.receive())

        @app.answer
        def answer(session):
            session.gather(action_hook="/menu").send()
            session.say(session.wait_for("/menu").digits).reply()

        jambonz = app.call()
        jambonz.expect_ack()
        with connect(f"{app.endpoint.url}/echo", proxy=None) as other:
            first = Background(lambda: app.endpoint.stop(drain=60))
            app.log.expect("1 calls are up, and may go on for 60 s", level=logging.INFO)
            Background(app.endpoint.stop).result()
            other.send("still there?")
            assert other.recv(TIMEOUT) == "still there?"
            jambonz.hook("/menu", digits="7")
            assert texts(jambonz.expect_ack()) == ["7"]
            jambonz.expect_goodbye()
            jambonz.hang_up()
            first.result()
            with pytest.raises(ConnectionClosed):
                other.recv(TIMEOUT)


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


def served_until(number, **options):
    """Serve an endpoint on this thread, which gets the signal as soon as it listens."""
    endpoint = local_endpoint(**options)

    def send():
        while True:
            with contextlib.suppress(EndpointError):
                assert endpoint.url
                break
            time.sleep(0.002)
        os.kill(os.getpid(), number)

    sending = threading.Thread(target=send)
    sending.start()
    endpoint.serve_forever()
    sending.join()


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

    @pytest.mark.parametrize(
        "numbers", [(signal.SIGINT,), (signal.SIGINT, signal.SIGTERM), (signal.SIGTERM, signal.SIGINT)]
    )
    def test_while_another_thread_stops_it(self, numbers, log):
        """Whoever waits no longer for the calls to end by themselves need not: a second signal closes them."""
        endpoint = local_endpoint(reconnect_timeout=0)
        service = endpoint.make_service("/app")
        service.on("session:new", lambda session: session.say("Hello.").send() and session.wait_for("/never"))
        log.allow("/never")

        def call():
            log.expect("listening on", level=logging.INFO)
            jambonz = JambonzSide(f"{endpoint.url}/app")
            try:
                jambonz.session_new()
                jambonz.expect_ack()
                stopping = Background(lambda: endpoint.stop(drain=60))
                log.expect("1 calls are up, and may go on for 60 s", level=logging.INFO)
                # Not one twice, which may count once.
                for number in numbers:
                    os.kill(os.getpid(), number)
                jambonz.expect_close(1001)
                stopping.result()
            finally:
                jambonz.drop()

        calling = Background(call)
        endpoint.serve_forever()
        calling.result()
        no_thread_left()

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_handlers_come_back(self, number):
        """The signal handlers that were there before are there again."""
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)
        before = [signal.getsignal(one) for one in numbers]
        served_until(number)
        assert [signal.getsignal(one) for one in numbers] == before
        no_thread_left()


@contextlib.contextmanager
def no_root_handlers():
    """The root logger as it is in a script, without the handlers that pytest has put there."""
    root = logging.getLogger()
    before, root.handlers[:] = root.handlers[:], []
    try:
        yield root
    finally:
        root.handlers[:] = before


class TestLines:
    """What ``serve_forever`` shows of the log, so that a script is not mute."""

    def test_no_arrangement(self, capsys):
        """Lines from INFO on are shown; afterwards the logger is as it was."""
        logger = logging.getLogger("tests.standalone.mute")
        with no_root_handlers():
            served_until(signal.SIGINT, logger=logger)
        shown = capsys.readouterr().err
        assert " INFO listening on ws://127.0.0.1:" in shown
        assert " INFO stopping because of SIGINT\n" in shown
        assert shown.endswith(" INFO stopped\n")
        assert (logger.level, logger.handlers) == (logging.NOTSET, [])

    def test_a_level_of_ones_own(self, capsys):
        """A level that was set stays."""
        logger = logging.getLogger("tests.standalone.quiet")
        logger.setLevel(logging.WARNING)
        with no_root_handlers():
            served_until(signal.SIGINT, logger=logger)
        assert capsys.readouterr().err == ""
        assert (logger.level, logger.handlers) == (logging.WARNING, [])

    @pytest.mark.parametrize("where", ["root", "own"])
    def test_an_arrangement(self, capsys, where):
        """Where the program has seen to its lines, nothing is added."""
        logger = logging.getLogger(f"tests.standalone.arranged.{where}")
        logger.setLevel(logging.INFO)
        lines = []
        handler = logging.Handler()
        handler.emit = lambda record: lines.append(record.getMessage())
        with no_root_handlers() as root:
            (root if where == "root" else logger).addHandler(handler)
            served_until(signal.SIGINT, logger=logger)
        assert capsys.readouterr().err == ""
        assert lines[-1] == "stopped"
