from __future__ import annotations

import contextlib
import http.client
import json
import logging
import os
import socket
import ssl
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import flask
import flask_sock
import pytest
import simple_websocket
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from jambonz_sync.transport.pages import serve_page
from tests.transport.peers import TEXT, TIMEOUT, Peer, Tls, close_frame, frame, upgrade_request
from tests.transport.test_standalone import listening

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Site(NamedTuple):
    """Where an application is served."""

    port: int
    context: ssl.SSLContext | None

    def dial(self) -> Peer:
        """Connect, and send nothing."""
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT)
        return Peer(sock if self.context is None else self.context.wrap_socket(sock, server_hostname="127.0.0.1"))

    def exchange(self, request: bytes) -> bytes:
        """Send a request and return all that comes back. A reset is an error."""
        peer = self.dial()
        with peer.sock:
            peer.send(request)
            return peer.rest()

    def ask(
        self, method: str = "GET", path: str = "/", body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """Send a request by Python's own client."""
        connection: http.client.HTTPConnection
        if self.context is None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        else:
            connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=TIMEOUT, context=self.context)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer, answer.read()

    @property
    def url(self) -> str:
        """The address of the page at the root."""
        return f"{'http' if self.context is None else 'https'}://127.0.0.1:{self.port}"


@contextlib.contextmanager
def serving(application: Any, tls: Tls | None = None, *, timeout: float = TIMEOUT) -> Iterator[Site]:
    """A listener whose every request is the application's."""

    def answer(environ: dict[str, Any], sock: socket.socket, rest: bytes) -> None:
        serve_page(application, environ, sock, rest, timeout=timeout)

    with listening(answer, ssl_context=tls.server if tls else None) as listener:
        yield Site(listener.port, tls.client if tls else None)


@pytest.fixture(params=["plain", "tls"])
def encryption(request: pytest.FixtureRequest, tls: Tls) -> Tls | None:
    """Each with and without TLS."""
    return tls if request.param == "tls" else None


@pytest.fixture
def flask_app() -> flask.Flask:
    """An application as somebody writes it who wants pages beside calls."""
    app = flask.Flask("shop")
    sock = flask_sock.Sock(app)

    @app.get("/")
    def index() -> str:
        return "gr\u00fc\u00df Gott"

    @app.post("/form")
    def form() -> Any:
        return flask.jsonify(flask.request.form)

    @app.post("/upload")
    def upload() -> Any:
        return {"size": len(flask.request.get_data())}

    @app.get("/stream")
    def stream() -> flask.Response:
        return flask.Response((f"{number}\n" for number in range(5000)), mimetype="text/plain")

    @app.get("/fault")
    def fault() -> str:
        raise RuntimeError("the view is broken")

    @app.get("/where")
    def where() -> Any:
        request = flask.request
        return {"url": request.url, "from": request.remote_addr, "secure": request.is_secure}

    @sock.route("/echo")
    def echo(ws: simple_websocket.Server) -> None:
        while True:
            message = ws.receive()
            if message == "stop":
                return
            ws.send(message)

    return app


# Flask


def test_a_page_of_flask(flask_app: flask.Flask, encryption: Tls | None) -> None:
    """A page is what it would be under any server, and the connection ends after it."""
    with serving(flask_app, encryption) as site:
        with urllib.request.urlopen(site.url, context=site.context, timeout=TIMEOUT) as page:
            assert page.status == 200
            assert page.read().decode() == "gr\u00fc\u00df Gott"
            assert page.headers["Content-Type"] == "text/html; charset=utf-8"
            assert page.headers["Connection"] == "close"
            assert page.headers["Date"]
        answer, body = site.ask(path="/where?x=%C3%BC")
        scheme = "https" if encryption else "http"
        assert json.loads(body) == {
            "url": f"{scheme}://127.0.0.1:{site.port}/where?x=\u00fc",
            "from": "127.0.0.1",
            "secure": encryption is not None,
        }
        assert site.ask(path="/nowhere")[0].status == 404
        assert site.ask("DELETE")[0].status == 405
        assert answer.version == 11


def test_a_form(flask_app: flask.Flask) -> None:
    """A form is read from the body."""
    with serving(flask_app) as site:
        sent = urllib.request.urlopen(f"{site.url}/form", b"name=J%C3%BCrgen&age=7", timeout=TIMEOUT)
        with sent as answer:
            assert json.load(answer) == {"name": "J\u00fcrgen", "age": "7"}


@pytest.mark.parametrize("chunked", [False, True])
def test_an_upload(flask_app: flask.Flask, encryption: Tls | None, chunked: bool) -> None:
    """Megabytes arrive whole, of a known length or in chunks."""
    data = b"x" * 3_000_001
    pieces = [data[:7], data[7:1_000_000], data[1_000_000:]]
    with serving(flask_app, encryption) as site:
        assert json.loads(site.ask("POST", "/upload", iter(pieces) if chunked else data)[1]) == {"size": len(data)}


def test_a_stream_is_sent_in_chunks(flask_app: flask.Flask, encryption: Tls | None) -> None:
    """Where the length is not known, the end is."""
    with serving(flask_app, encryption) as site:
        answer, body = site.ask(path="/stream")
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert body == b"".join(b"%d\n" % number for number in range(5000))


def test_a_view_that_raises_is_logged_by_us(
    flask_app: flask.Flask, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """What Flask says of it goes to ``wsgi.errors``, hence to our log, and not to stderr."""
    # Outside a test Flask adds this handler itself, where nobody has made an arrangement.
    handler = logging.StreamHandler(flask.logging.wsgi_errors_stream)  # type: ignore[arg-type]
    flask_app.logger.addHandler(handler)
    try:
        with serving(flask_app) as site, caplog.at_level(logging.ERROR, "jambonz_sync"):
            assert site.ask(path="/fault")[0].status == 500
    finally:
        flask_app.logger.removeHandler(handler)
    [line] = [record.getMessage() for record in caplog.records if record.name == "jambonz_sync"]
    assert line.startswith("Exception on /fault [GET]\nTraceback")
    assert "RuntimeError: the view is broken" in line
    assert capfd.readouterr().err == ""


# Websockets of the application's own


@pytest.mark.parametrize("options", [{}, {"ping_interval": 25}])
def test_flask_sock(flask_app: flask.Flask, encryption: Tls | None, options: dict[str, Any]) -> None:
    """Flask-Sock holds a websocket of its own, and nothing of ours gets into it."""
    flask_app.config["SOCK_SERVER_OPTIONS"] = options
    with serving(flask_app, encryption) as site:
        url = f"{site.url.replace('http', 'ws')}/echo"
        with connect(url, ssl=site.context, open_timeout=TIMEOUT, proxy=None, max_size=None) as client:
            for message in ("hello", "x" * 2_000_000, b"\x00\xff" * 10_000):
                client.send(message)
                assert client.recv(timeout=TIMEOUT) == message
            client.send("stop")
            with pytest.raises(ConnectionClosed):
                client.recv(timeout=TIMEOUT)
            assert client.close_code == 1000


def test_the_close_is_answered_whole(flask_app: flask.Flask) -> None:
    """The peer's close gets its reply, then the end of the stream, and no page after it."""
    with serving(flask_app) as site:
        for _ in range(20):
            peer = site.dial()
            with peer.sock:
                peer.send(upgrade_request("/echo"))
                assert peer.head().startswith("HTTP/1.1 101 ")
                peer.send(frame(TEXT, b"hello"))
                assert peer.text() == "hello"
                peer.send(close_frame(4001))
                assert peer.frame().close_code == 4001
                assert peer.rest() == b""


def test_an_upgrade_that_the_application_does_not_know(flask_app: flask.Flask) -> None:
    """It is a request like any other."""
    with serving(flask_app) as site:
        assert site.exchange(upgrade_request("/elsewhere")).startswith(b"HTTP/1.1 404 ")


# PEP 3333


def test_the_environ_is_that_of_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that PEP 3333 wants is there, and nothing of the process's own variables."""
    monkeypatch.setenv("HTTP_SECRET", "x")
    environ: dict[str, Any] = {}

    def application(given: dict[str, Any], start_response: Any) -> list[bytes]:
        environ.update(given)
        start_response("200 OK", [])
        return []

    with serving(application) as site:
        site.ask("PUT", "/a%20b?c=d", b"hi", {"Content-Type": "x/y"})
    expected = {
        "REQUEST_METHOD": "PUT",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/a b",
        "QUERY_STRING": "c=d",
        "CONTENT_TYPE": "x/y",
        "CONTENT_LENGTH": "2",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": str(site.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    assert {key: environ.get(key) for key in expected} == expected
    assert "wsgi.input_terminated" not in environ
    assert set(os.environ).isdisjoint(environ)


def head_and_body(answer: bytes) -> tuple[list[str], bytes]:
    """The lines of an answer's head, without the date, and its body."""
    head, _, body = answer.partition(b"\r\n\r\n")
    return [line for line in head.decode("latin-1").split("\r\n") if not line.startswith("Date: ")], body


def returning(*blocks: bytes, status: str = "200 OK", headers: list[tuple[str, str]] | None = None) -> Application:
    """An application that returns a list."""

    def application(_: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response(status, headers or [])
        return list(blocks)

    return application


CLOSE = "Connection: close"
CHUNKS = "Transfer-Encoding: chunked"


@pytest.mark.parametrize(
    ("request_line", "application", "head", "body"),
    [
        ("GET / HTTP/1.1", returning(b"hello"), ["Content-Length: 5", CLOSE], b"hello"),
        ("GET / HTTP/1.1", returning(), ["Content-Length: 0", CLOSE], b""),
        ("GET / HTTP/1.1", returning(b""), ["Content-Length: 0", CLOSE], b""),
        ("GET / HTTP/1.1", returning(b"", b"a", b"", b"bc"), [CLOSE, CHUNKS], b"1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"),
        ("GET / HTTP/1.0", returning(b"a", b"bc"), [CLOSE], b"abc"),
        ("HEAD / HTTP/1.1", returning(b"hello"), ["Content-Length: 5", CLOSE], b""),
        ("HEAD / HTTP/1.1", returning(headers=[("Content-Length", "7")]), ["Content-Length: 7", CLOSE], b""),
        ("HEAD / HTTP/1.1", returning(), [CLOSE], b""),
        ("HEAD / HTTP/1.1", returning(b"a", b"bc"), [CLOSE], b""),
        ("GET / HTTP/1.1", returning(b"x", status="204 No Content"), [CLOSE], b""),
        ("GET / HTTP/1.1", returning(status="304 Not Modified"), [CLOSE], b""),
        (
            "GET / HTTP/1.1",
            returning(b"x", headers=[("Connection", "keep-alive"), ("X-A", "\xfc")]),
            ["X-A: \xfc", "Content-Length: 1", CLOSE],
            b"x",
        ),
    ],
)
def test_the_frame_of_an_answer(request_line: str, application: Application, head: list[str], body: bytes) -> None:
    """Length, chunks and end fit the request and the status; the application has no say in the connection."""
    with serving(application) as site:
        lines, received = head_and_body(site.exchange(f"{request_line}\r\nHost: x\r\n\r\n".encode()))
    assert lines[0].startswith("HTTP/1.1 ")
    assert (lines[1:], received) == (head, body)


def test_write() -> None:
    """An application may push its answer, and return the rest."""

    def application(_: dict[str, Any], start_response: Any) -> list[bytes]:
        write = start_response("200 OK", [])
        write(b"one ")
        write(b"two ")
        return [b"three"]

    with serving(application) as site:
        assert site.ask()[1] == b"one two three"


def test_what_is_yielded_is_sent_at_once(encryption: Tls | None) -> None:
    """The peer has read each piece before the next is made."""
    seen = threading.Semaphore(0)

    def application(_: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        for number in range(3):
            yield b"%d" % number
            assert seen.acquire(timeout=TIMEOUT)

    with serving(application, encryption) as site:
        peer = site.dial()
        with peer.sock:
            peer.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            received = b""
            for number in range(3):
                while not received.endswith(b"\r\n1\r\n%d\r\n" % number):
                    piece = peer.sock.recv(100)
                    assert piece, received
                    received += piece
                seen.release()
            assert peer.rest() == b"0\r\n\r\n"


class Closing:
    """A body that wants to be closed."""

    def __init__(self, blocks: Iterable[bytes], *, fault: Exception | None = None) -> None:
        self._blocks = blocks
        self._fault = fault
        self.closed = threading.Semaphore(0)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._blocks)

    def close(self) -> None:
        self.closed.release()
        if self._fault is not None:
            raise self._fault


def test_the_answer_is_closed_once() -> None:
    """``close()`` is called at the end."""
    result = Closing([b"a", b"b"])

    def application(_: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [])
        return result

    with serving(application) as site:
        assert site.ask()[1] == b"ab"
    assert result.closed.acquire(timeout=TIMEOUT)
    assert not result.closed.acquire(blocking=False)


def test_a_close_that_raises_does_no_harm(caplog: pytest.LogCaptureFixture) -> None:
    """The answer is out; no second one follows it."""

    def application(_: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [])
        return Closing([b"a", b"b"], fault=ValueError("cannot close"))

    with serving(application) as site:
        assert head_and_body(site.exchange(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"))[1].endswith(b"b\r\n0\r\n\r\n")
    assert "ValueError: cannot close" in caplog.text
    assert len(caplog.records) == 1


def test_wsgi_errors_is_our_log(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    """What is printed there is logged line by line, and what is left at the end of the request when it is flushed."""

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        print("first", 1, file=environ["wsgi.errors"])
        environ["wsgi.errors"].write("second")
        environ["wsgi.errors"].writelines(["", "!"])
        environ["wsgi.errors"].flush()
        print(file=environ["wsgi.errors"])
        start_response("200 OK", [])
        return []

    with serving(application) as site, caplog.at_level(logging.ERROR, "jambonz_sync"):
        site.ask()
    assert [record.getMessage() for record in caplog.records] == ["first 1", "second!"]
    assert capfd.readouterr().err == ""


# Applications that fail


def raising(fault: BaseException) -> Application:
    def application(_: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [("X-A", "b")])
        raise fault

    return application


def with_head(status: str, *headers: Any) -> Application:
    def application(_: dict[str, Any], start_response: Any) -> Any:
        start_response(status, list(headers))
        return [b"hello"]

    return application


@pytest.mark.parametrize(
    "application",
    [
        raising(RuntimeError("broken")),
        raising(ConnectionResetError("the database has gone")),
        raising(SystemExit(1)),
        lambda environ, start_response: None,
        lambda environ, start_response: [b"no head"],
        lambda environ, start_response: [],
        with_head("200 OK", ("X-Euro", "\u20ac")),
        with_head("200 OK", ("X-A", "b\r\nX-C: d")),
        with_head("200 OK\r\nX-C: d"),
        with_head("OK"),
        returning("text"),  # type: ignore[arg-type]
    ],
)
def test_an_application_that_fails(
    application: Application, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """The peer gets 500, of which it learns nothing more; the traceback is in our log, and not on stderr."""
    with serving(application) as site:
        answer, body = site.ask(path="/x%0Ay")
    assert answer.status == 500
    assert b"Error" not in body
    assert answer.headers["X-A"] is None
    [record] = [record for record in caplog.records if record.name == "jambonz_sync"]
    assert record.getMessage() == r"the application failed to answer GET '/x\ny'"
    assert record.exc_info
    assert capfd.readouterr().err == ""


def test_a_stream_that_fails_is_seen_to_be_incomplete(caplog: pytest.LogCaptureFixture) -> None:
    """Half an answer does not pass for a whole one, and is closed."""
    closed = threading.Event()

    def application(_: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        try:
            yield b"half"
            raise ConnectionResetError("the database has gone")
        finally:
            closed.set()

    with serving(application) as site, pytest.raises(http.client.IncompleteRead) as incomplete:
        site.ask()
    assert incomplete.value.partial == b"half"
    assert closed.wait(TIMEOUT)
    assert "the database has gone" in caplog.text
    assert len(caplog.records) == 1


def test_the_error_may_be_answered_by_the_application() -> None:
    """``start_response`` may be called again, with ``exc_info``, until something was sent."""

    def application(_: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b""
        try:
            raise RuntimeError("broken")
        except RuntimeError:
            start_response("503 Sorry", [], sys.exc_info())
        yield b"sorry"

    with serving(application) as site:
        answer, body = site.ask()
    assert (answer.status, answer.reason, body) == (503, "Sorry", b"sorry")


# Peers


def reading_all(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """An application that answers with the body of the request."""
    body = environ["wsgi.input"].read()
    start_response("200 OK", [])
    return [body]


def test_a_peer_that_waits_to_be_asked_for_the_body() -> None:
    """``Expect: 100-continue``: it is asked when the application reads, and the answer follows."""
    with serving(reading_all) as site:
        peer = site.dial()
        with peer.sock:
            peer.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
            assert peer.head() == "HTTP/1.1 100 Continue"
            peer.send(b"hello")
            assert peer.head().startswith("HTTP/1.1 200 OK")
            assert peer.rest() == b"hello"


def test_a_peer_whose_body_is_not_wanted_is_not_asked() -> None:
    """Nor when the application reads after the beginning of its answer."""

    def application(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("413 Too Large", [])
        yield b"no"
        with contextlib.suppress(OSError):
            environ["wsgi.input"].read()

    with serving(application) as site:
        peer = site.dial()
        with peer.sock:
            peer.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
            assert peer.head().startswith("HTTP/1.1 413 ")
            peer.sock.shutdown(socket.SHUT_WR)
            assert peer.rest() == b"2\r\nno\r\n0\r\n\r\n"


def test_the_answer_is_read_by_a_peer_that_is_still_sending(encryption: Tls | None) -> None:
    """A body that nobody wants does not make a reset of the answer."""
    with serving(returning(b"enough"), encryption) as site:
        answer, body = site.ask("POST", body=b"x" * 5_000_000)
    assert (answer.status, body) == (200, b"enough")


@pytest.mark.parametrize(
    ("request_head", "sent", "status"),
    [
        ("Content-Length: 10", b"hello", 400),
        ("Transfer-Encoding: chunked", b"5\r\nhello\r\n", 400),
        ("Transfer-Encoding: chunked", b"what?\r\n", 400),
    ],
)
def test_half_a_body(request_head: str, sent: bytes, status: int, caplog: pytest.LogCaptureFixture) -> None:
    """A peer's fault is answered as such, if it still listens, and is no traceback in the log."""
    with serving(reading_all) as site:
        peer = site.dial()
        with peer.sock:
            peer.send(f"POST / HTTP/1.1\r\nHost: x\r\n{request_head}\r\n\r\n".encode() + sent)
            peer.sock.shutdown(socket.SHUT_WR)
            assert peer.rest().startswith(b"HTTP/1.1 %d " % status)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_half_a_body_for_flask(flask_app: flask.Flask) -> None:
    """Flask takes it for what it is."""
    with serving(flask_app) as site:
        peer = site.dial()
        with peer.sock:
            peer.send(b"POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello")
            peer.sock.shutdown(socket.SHUT_WR)
            assert peer.rest().startswith(b"HTTP/1.1 400 ")


def test_a_body_that_does_not_come() -> None:
    """At the end of its time the peer is told so."""
    with serving(reading_all, timeout=0.1) as site:
        answer = site.exchange(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello")
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")


def test_a_peer_that_leaves_ends_the_stream(caplog: pytest.LogCaptureFixture) -> None:
    """An endless answer ends with its reader, is closed, and is no error."""
    result = Closing(iter(lambda: b"x" * 10_000, b""))

    def application(_: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [])
        return result

    with serving(application) as site:
        peer = site.dial()
        peer.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        peer.head()
        peer.close()
        assert result.closed.acquire(timeout=TIMEOUT)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_a_peer_that_does_not_read_is_given_up() -> None:
    """An answer that is not taken ends, and is closed."""
    result = Closing([b"x" * 50_000_000])

    def application(_: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [])
        return result

    with serving(application, timeout=0.1) as site:
        peer = site.dial()
        with peer.sock:
            peer.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert result.closed.acquire(timeout=TIMEOUT)
            assert len(peer.rest()) < 50_000_000


@pytest.mark.parametrize("application", [returning(b"hello"), raising(RuntimeError("broken"))])
def test_a_peer_that_left_before_the_answer(application: Application, caplog: pytest.LogCaptureFixture) -> None:
    """There is nobody to tell; of the application's own fault the log tells all the same."""

    class Broken(socket.socket):
        def send(self, *_: Any) -> int:
            raise BrokenPipeError(32, "Broken pipe")

    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http"}
    with Broken() as sock, caplog.at_level(logging.DEBUG, "jambonz_sync"):
        serve_page(application, environ, sock, b"")
    messages = [record.getMessage() for record in caplog.records]
    assert messages.pop() == "the answer to GET '/' was not read: [Errno 32] Broken pipe"
    assert messages in ([], ["the application failed to answer GET '/'"])
    assert ("RuntimeError: broken" in caplog.text) == bool(messages)


def test_pages_do_not_wait_for_each_other(flask_app: flask.Flask) -> None:
    """Each request has a thread."""
    meeting = threading.Barrier(3)

    @flask_app.get("/meet")
    def meet() -> str:
        meeting.wait(TIMEOUT)
        return "met"

    with serving(flask_app) as site:
        asking = [threading.Thread(target=site.ask, args=("GET", "/meet"), daemon=True) for _ in range(2)]
        for thread in asking:
            thread.start()
        assert site.ask(path="/meet")[1] == b"met"
        for thread in asking:
            thread.join(TIMEOUT)


def test_an_error_of_urllib_is_an_answer(flask_app: flask.Flask) -> None:
    """Another client reads a refusal whole."""
    with serving(flask_app) as site:
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(f"{site.url}/nowhere", timeout=TIMEOUT)
        with refusal.value:
            assert b"Not Found" in refusal.value.read()
