from __future__ import annotations

import pathlib
import socket
import ssl
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import trustme
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from jambonz_sync.transport import wsgi
from jambonz_sync.transport.blocking_socket import BlockingSocket
from jambonz_sync.transport.http_reply import Reply
from jambonz_sync.transport.wsgi import UnfitServer
from tests.hosting.process import Program, eventually
from tests.scenarios.application import LogLines, no_thread_left
from tests.scenarios.jambonz_side import JambonzSide, texts
from tests.transport.peers import Peer, Tls, close_frame, loopback_pair, upgrade_request
from tests.web_server import serving
from tests.wsgi_applications import joined, make_endpoint, one_by_one


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two ends of a connection."""
    ours, theirs = loopback_pair()
    with ours, theirs:
        yield ours, theirs


class Started:
    """What an application gives ``start_response``."""

    def __init__(self) -> None:
        self.status = ""
        self.headers: list[tuple[str, str]] = []

    def __call__(self, status: str, headers: list[tuple[str, str]]) -> None:
        self.status, self.headers = status, headers


# The connection


@pytest.mark.parametrize("key", ["gunicorn.socket", "werkzeug.socket"])
def test_connection_of_a_request(pair: tuple[socket.socket, socket.socket], key: str) -> None:
    """It is found where the server puts it."""
    assert wsgi.socket_of({key: pair[0], "wsgi.multithread": True}) is pair[0]


@pytest.mark.parametrize(("server", "named"), [("waitress", "waitress does not"), (None, "this WSGI server does not")])
def test_server_that_gives_no_connection(server: str | None, named: str) -> None:
    """It is named, with what can hold calls."""
    environ = {"wsgi.multithread": True, **({} if server is None else {"SERVER_SOFTWARE": server})}
    with pytest.raises(UnfitServer, match=f"^{named} let an application hold a websocket: run gunicorn with"):
        wsgi.socket_of(environ)


def test_server_with_one_thread(pair: tuple[socket.socket, socket.socket]) -> None:
    """One that would handle nothing else meanwhile is refused."""
    with pytest.raises(UnfitServer, match=r"^gunicorn/27 handles one request at a time .* threaded=True$"):
        wsgi.socket_of({"gunicorn.socket": pair[0], "wsgi.multithread": False, "SERVER_SOFTWARE": "gunicorn/27"})


def test_connection_of_another_kind(pair: tuple[socket.socket, socket.socket]) -> None:
    """What only looks like a socket cannot be read from without blocking."""
    with pytest.raises(UnfitServer):
        wsgi.socket_of({"werkzeug.socket": BlockingSocket(pair[0]), "wsgi.multithread": True})


# Answers


@pytest.mark.parametrize(("method", "body"), [("GET", [b"no\n"]), ("HEAD", [])])
def test_answer(method: str, body: list[bytes]) -> None:
    """A request that brings no call is answered, without a body where there must be none."""
    start = Started()
    reply = Reply(404, "no", {"X-A": "b"})
    assert list(wsgi.answer(reply, {"REQUEST_METHOD": method}, start)) == body
    assert start.status == "404 Not Found"
    assert start.headers == [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", "3"), ("X-A", "b")]


@pytest.mark.parametrize("key", ["gunicorn.socket", "werkzeug.socket"])
def test_end(pair: tuple[socket.socket, socket.socket], key: str) -> None:
    """The access log is told of the websocket, and the server can write nothing more."""
    ours, theirs = pair
    start = Started()
    assert list(wsgi.ended({key: ours}, start)) == []
    assert (start.status, start.headers) == ("101 Switching Protocols", [])
    with pytest.raises(BrokenPipeError):
        ours.sendall(b"HTTP/1.1 101 Switching Protocols\r\n")
    assert theirs.recv(1) == b""


def test_end_of_a_connection_that_is_gone(pair: tuple[socket.socket, socket.socket]) -> None:
    """It does not matter that there is nothing left to end."""
    ours, _ = pair
    ours.close()
    assert list(wsgi.ended({"gunicorn.socket": ours}, Started())) == []


def test_end_over_tls(tls: Tls) -> None:
    """The server is told of a broken pipe there too, not of a fault of TLS, and does not go on in clear text."""
    ours, theirs = tls.pair()
    with ours, theirs:
        wsgi.ended({"gunicorn.socket": ours}, Started())
        with pytest.raises(BrokenPipeError):
            ours.sendall(b"HTTP/1.1 101 Switching Protocols\r\n")
        theirs.settimeout(10)
        assert theirs.recv(1) == b""


# Whole servers


def hold_a_call(url: str) -> None:
    """A call that ends in order."""
    with JambonzSide(f"{url}/app") as call:
        call.session_new()
        assert texts(call.expect_ack()) == ["Hello."]
        call.expect_goodbye()


@pytest.mark.parametrize("wrap", [one_by_one, joined])
def test_middleware(wrap: Any, log: LogLines) -> None:
    """What stands between the server and the endpoint may look at the body, of which there is none."""
    endpoint = make_endpoint()
    with serving(wrap(endpoint), endpoint) as site:
        hold_a_call(site.url)
    no_thread_left()
    assert log.unexpected() == []


def test_mount(log: LogLines) -> None:
    """Below a prefix the endpoint has the paths behind it."""
    endpoint = make_endpoint()
    with serving(DispatcherMiddleware(lambda environ, start: [], {"/phone": endpoint}), endpoint) as site:
        hold_a_call(f"{site.url}/phone")
    assert log.unexpected() == []


def test_connection_while_the_endpoint_ends(log: LogLines) -> None:
    """It is closed without a word, since jambonz tries again then, as it does not after an HTTP status."""
    endpoint = make_endpoint()
    with serving(endpoint, endpoint) as site:
        endpoint.drain(0)
        with socket.create_connection(("127.0.0.1", site.port)) as connection:
            peer = Peer(connection)
            peer.send(upgrade_request("/app"))
            assert peer.rest() == b""
    assert log.unexpected() == []


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("worker", ["gthread", "gevent"])
def test_gunicorn(worker: str, encrypted: bool, tmp_path: pathlib.Path) -> None:
    """After a call gunicorn writes nothing more and has no complaint; its access log has a line. Middleware or not."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--no-control-socket"),
        *("--worker-tmp-dir", str(tmp_path), "--access-logfile", f"{tmp_path}/access.log", "--threads", "4"),
        *("--worker-class", worker, "--graceful-timeout", "10", "tests.wsgi_applications:wrapped"),
    ]
    authority = trustme.CA()
    if encrypted:
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "server.pem"))
        command[3:3] = ["--certfile", f"{tmp_path}/server.pem"]
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with Program(tmp_path, command) as program:
        eventually(lambda: any("Booting worker" in line for line in program.lines()), "it does not start")
        for mount in ("", "/one-by-one", "/joined"):
            connection = socket.create_connection(("127.0.0.1", port), timeout=10)
            if encrypted:
                connection = context.wrap_socket(connection, server_hostname="127.0.0.1")
            with connection:
                peer = Peer(connection)
                peer.send(upgrade_request(f"{mount}/app"))
                assert " 101 " in peer.head()
                peer.send_text('{"type": "session:new", "msgid": "1", "call_sid": "a", "data": {"call_sid": "a"}}')
                assert "Hello." in peer.text()
                assert "hangup" in peer.text()
                peer.send(close_frame())
                assert peer.frame().close_code == 1000
                assert peer.rest() == b""
        program.end()
        assert program.unexpected() == []
        assert program.accessed(101) == 3
