from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from jambonz_sync.transport.http_reply import Reply
from jambonz_sync.transport.http_request import (
    MAX_HEAD,
    BadRequest,
    Environ,
    Gone,
    read_request,
    wait_for_socket,
    write_response,
)
from tests.transport.peers import TIMEOUT, Background, Peer, Tls, eventually, frame, upgrade_request

PEER = ("192.0.2.7", 5060)


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """A server's non-blocking socket, and a client's."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.settimeout(TIMEOUT)
    with ours, theirs:
        yield ours, theirs


def soon() -> float:
    """A deadline that no test reaches."""
    return time.monotonic() + TIMEOUT


def request_of(data: bytes) -> tuple[Environ, bytes]:
    """Read a request that is all there."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        theirs.sendall(data)
        return read_request(ours, PEER, soon())


def head_of(size: int) -> bytes:
    """A whole request whose head has so many bytes."""
    return upgrade_request(X="x" * (size - len(upgrade_request(X=""))))


# Reading


def test_an_upgrade_request() -> None:
    """The environ of jambonz's request."""
    environ, rest = request_of(upgrade_request("/calls/in?x=1&y=%20"))
    assert rest == b""
    assert environ["REQUEST_METHOD"] == "GET"
    assert environ["SCRIPT_NAME"] == ""
    assert environ["PATH_INFO"] == "/calls/in"
    assert environ["QUERY_STRING"] == "x=1&y=%20"
    assert environ["SERVER_PROTOCOL"] == "HTTP/1.1"
    assert environ["REMOTE_ADDR"] == "192.0.2.7"
    assert environ["wsgi.url_scheme"] == "http"
    assert environ["HTTP_UPGRADE"] == "websocket"
    assert environ["HTTP_SEC_WEBSOCKET_PROTOCOL"] == "ws.jambonz.org"


def test_every_value_is_a_string() -> None:
    """PEP 3333 wants native strings of latin-1 characters."""
    environ, _ = request_of(b"GET / HTTP/1.0\r\nX-Name: gr\xc3\xbc\xdf\r\n\r\n")
    assert environ["HTTP_X_NAME"] == "gr\xc3\xbc\xdf"
    assert all(type(value) is str for value in environ.values())
    assert environ["SERVER_PROTOCOL"] == "HTTP/1.0"


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/", "/", ""),
        ("/?", "/", ""),
        ("/a%20b/%2Fc", "/a b//c", ""),
        ("/caf%C3%A9", "/caf\xc3\xa9", ""),
        ("/x?a=1/adulting", "/x", "a=1/adulting"),
        ("/x?a=?", "/x", "a=?"),
    ],
)
def test_the_path_is_unquoted_and_the_query_is_not(target: str, path: str, query: str) -> None:
    """As in any WSGI server: the path's bytes as latin-1 characters, the query as it came."""
    environ, _ = request_of(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert environ["PATH_INFO"] == path
    assert environ["QUERY_STRING"] == query


def test_repeated_headers_are_joined() -> None:
    """A header given twice is one list."""
    environ, _ = request_of(b"GET / HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nx-a: 2\r\n\r\n")
    assert environ["HTTP_X_A"] == "1, 2"


def test_content_type_and_length_have_their_own_names() -> None:
    """PEP 3333 knows these two without ``HTTP_``."""
    environ, _ = request_of(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi")
    assert environ["CONTENT_TYPE"] == "text/plain"
    assert environ["CONTENT_LENGTH"] == "2"


def test_the_servers_name_and_port_are_there() -> None:
    """PEP 3333 wants them always; an URL cannot be made without them."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
        with socket.create_connection(address) as theirs, listener.accept()[0] as ours:
            ours.setblocking(False)
            theirs.sendall(upgrade_request())
            environ, _ = read_request(ours, theirs.getsockname(), soon())
    assert environ["SERVER_NAME"] == "127.0.0.1"
    assert environ["SERVER_PORT"] == str(address[1])


def test_a_header_with_an_underscore_cannot_pose_as_another() -> None:
    """``Sec_WebSocket_Key`` is not ``Sec-WebSocket-Key``, nor joined to it."""
    environ, _ = request_of(upgrade_request().replace(b"\r\n\r\n", b"\r\nSec_WebSocket_Key: x\r\n\r\n"))
    assert environ["HTTP_SEC_WEBSOCKET_KEY"] == "dGhlIHNhbXBsZSBub25jZQ=="


def test_without_a_peers_address() -> None:
    """A socket without an address, as a unix socket's, has an empty ``REMOTE_ADDR``."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        theirs.sendall(upgrade_request())
        environ, _ = read_request(ours, (), soon())
    assert environ["REMOTE_ADDR"] == ""


def test_what_comes_behind_the_head_is_returned() -> None:
    """Frames sent without waiting for the answer are not lost."""
    behind = frame(1, b"early") + frame(1, b"too")[:-1]
    _, rest = request_of(upgrade_request() + behind)
    assert rest == behind


def test_the_head_may_come_in_pieces(pair: tuple[socket.socket, socket.socket]) -> None:
    """One byte at a time is as good."""
    ours, theirs = pair

    def dribble() -> None:
        for byte in upgrade_request("/slow"):
            theirs.sendall(bytes([byte]))

    sending = Background(dribble)
    environ, rest = read_request(ours, PEER, soon())
    sending.result()
    assert environ["PATH_INFO"] == "/slow"
    assert rest == b""


def test_a_request_over_tls(tls: Tls) -> None:
    """Over TLS the scheme is https; records may be as small as they like."""
    ours, theirs = tls.pair()
    with ours, theirs:
        ours.setblocking(False)

        def dribble() -> None:
            for byte in upgrade_request("/tls"):
                theirs.sendall(bytes([byte]))

        sending = Background(dribble)
        environ, _ = read_request(ours, PEER, soon())
        sending.result()
    assert environ["PATH_INFO"] == "/tls"
    assert environ["wsgi.url_scheme"] == "https"


# Limits


def test_a_head_of_16_kib_passes() -> None:
    """Just below the limit is read."""
    environ, _ = request_of(upgrade_request(X="x" * (MAX_HEAD - 300)))
    assert len(environ["HTTP_X"]) == MAX_HEAD - 300


@pytest.mark.parametrize("size", [MAX_HEAD + 1, 20_000])
def test_a_larger_head_that_is_all_there_is_431(size: int) -> None:
    """It does not slip through because its end came with the bytes that passed the limit."""
    with pytest.raises(BadRequest, match=f"its head has {size} bytes, of {MAX_HEAD} at the most") as caught:
        request_of(head_of(size))
    assert caught.value.status == 431


def test_what_comes_behind_the_head_does_not_count(pair: tuple[socket.socket, socket.socket]) -> None:
    """A head just at the limit is read, whatever comes in one piece with its end."""
    ours, theirs = pair
    reading = Background(lambda: read_request(ours, PEER, soon()))
    request = head_of(MAX_HEAD) + b"\x81\x80" * 1000
    theirs.sendall(request[:1])
    # By itself, so that what is read next does not end where the head does.
    eventually(lambda: not select.select([ours], [], [], 0)[0])
    theirs.sendall(request[1:])
    environ, rest = reading.result()
    assert environ["HTTP_X"].endswith("x")
    assert rest


def test_a_larger_head_is_431(pair: tuple[socket.socket, socket.socket]) -> None:
    """A header without end is refused at the limit, without reading on."""
    ours, theirs = pair
    sent = threading.Event()

    def flood() -> None:
        with contextlib.suppress(OSError):
            theirs.sendall(b"GET / HTTP/1.1\r\nX: ")
            while not sent.is_set():
                theirs.sendall(b"x" * 1000)

    flooding = Background(flood)
    with pytest.raises(BadRequest) as refusal:
        read_request(ours, PEER, soon())
    assert refusal.value.status == 431
    sent.set()
    ours.close()
    flooding.result()


@pytest.mark.parametrize(
    "data",
    [
        b"garbage\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n",
        b"GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/9.9.9\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
    ],
)
def test_garbage_is_400(data: bytes) -> None:
    """What is no HTTP request is refused, also a TLS client's first bytes."""
    with pytest.raises(BadRequest, match="not a request") as refusal:
        request_of(data)
    assert refusal.value.status == 400


def test_a_peer_that_says_nothing_is_gone_at_the_deadline(pair: tuple[socket.socket, socket.socket]) -> None:
    """Silence ends at the deadline."""
    deadline = time.monotonic() + 0.05
    with pytest.raises(Gone, match="took too long"):
        read_request(pair[0], PEER, deadline)
    assert time.monotonic() >= deadline


def test_a_peer_that_dribbles_is_gone_at_the_deadline(pair: tuple[socket.socket, socket.socket]) -> None:
    """A byte now and then does not extend the deadline."""
    ours, theirs = pair
    stop = threading.Event()

    def dribble() -> None:
        theirs.sendall(b"GET / HTTP/1.1\r\nX: ")
        while not stop.wait(0.01):
            theirs.sendall(b"x")

    dribbling = Background(dribble)
    deadline = time.monotonic() + 0.2
    with pytest.raises(Gone):
        read_request(ours, PEER, deadline)
    assert time.monotonic() >= deadline
    stop.set()
    dribbling.result()


def test_a_deadline_in_the_past_does_not_wait(pair: tuple[socket.socket, socket.socket]) -> None:
    """A wait that begins too late is over at once, even if the socket is ready."""
    with pytest.raises(Gone):
        wait_for_socket(pair[0], select.POLLOUT, time.monotonic() - 1)


def test_a_peer_that_leaves_is_gone(pair: tuple[socket.socket, socket.socket]) -> None:
    """The end of the stream within the head."""
    ours, theirs = pair
    theirs.sendall(b"GET / HT")
    theirs.close()
    with pytest.raises(Gone, match="closed the connection"):
        read_request(ours, PEER, soon())


def test_a_connection_that_breaks_is_gone() -> None:
    """An error of the socket is no exception of its own kind."""

    class Broken(socket.socket):
        def recv(self, *_: Any) -> bytes:
            raise ConnectionResetError(104, "Connection reset by peer")

    with Broken() as sock, pytest.raises(Gone, match="reset"):
        read_request(sock, PEER, soon())


# Answering


def test_a_response_is_read_by_a_peer_that_is_still_sending() -> None:
    """What comes behind the request is read, so that no reset overtakes the response."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        peer = Peer(socket.create_connection(listener.getsockname()))
        ours, _ = listener.accept()
    ours.setblocking(False)
    refusal = Reply(431, "too much").encoded()

    def refuse() -> None:
        write_response(ours, refusal, soon())
        ours.close()

    refusing = Background(refuse)
    peer.send(b"x" * 5_000_000)
    peer.sock.shutdown(socket.SHUT_WR)
    assert peer.rest() == refusal
    refusing.result()
    peer.close()


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_long_response_arrives_whole(tls: Tls, encrypted: bool) -> None:
    """A response larger than the socket's buffer is written as the peer reads it."""
    ours, theirs = tls.pair() if encrypted else socket.socketpair()
    ours.setblocking(False)
    peer = Peer(theirs)
    data = Reply(200, "x" * 5_000_000).encoded()
    writing = Background(lambda: write_response(ours, data, soon()))
    received = bytearray()
    while len(received) < len(data):
        received += theirs.recv(65_536)
    assert received == data
    peer.close()
    writing.result()
    ours.close()


def test_a_peer_that_does_not_read_the_response_is_given_up() -> None:
    """Writing ends at the deadline."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        deadline = time.monotonic() + 0.05
        write_response(ours, Reply(200, "x" * 5_000_000).encoded(), deadline)
        assert time.monotonic() >= deadline


def test_a_peer_that_keeps_the_connection_open_is_given_up(pair: tuple[socket.socket, socket.socket]) -> None:
    """After the response the peer has until the deadline to leave."""
    deadline = time.monotonic() + 0.05
    write_response(pair[0], Reply(200, "").encoded(), deadline)
    assert time.monotonic() >= deadline
    assert pair[1].recv(65_536) == Reply(200, "").encoded()


def test_a_peer_that_never_stops_sending_is_given_up() -> None:
    """Bytes that never cease to come do not keep the thread past the deadline."""

    class Endless(socket.socket):
        received = 0

        def recv(self, size: int, flags: int = 0) -> bytes:
            self.received += 1
            assert self.received < 100_000, "the deadline has no effect"
            return b"x" * size

    ours, theirs = socket.socketpair()
    endless = Endless(fileno=ours.detach())
    with endless, theirs:
        endless.setblocking(False)
        write_response(endless, Reply(200, "").encoded(), time.monotonic() - 1)


def test_a_peer_that_has_left_gets_no_response(pair: tuple[socket.socket, socket.socket]) -> None:
    """Writing to nobody is no error."""
    ours, theirs = pair
    theirs.close()
    write_response(ours, Reply(200, "hello").encoded(), soon())
