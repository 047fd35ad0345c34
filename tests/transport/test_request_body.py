from __future__ import annotations

import io
import socket
import threading
from collections.abc import Iterator

import pytest

from jambonz_sync.transport.http_request import Environ
from jambonz_sync.transport.request_body import BodyLost, RequestBody
from tests.transport.peers import TIMEOUT, Background, Tls, loopback_pair

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A server's non-blocking socket, and a client's."""
    ours, theirs = loopback_pair()
    ours.setblocking(False)
    theirs.settimeout(TIMEOUT)
    with ours, theirs:
        yield ours, theirs


def environ_of(**headers: str) -> Environ:
    """The environ of a request with a body."""
    return {"REQUEST_METHOD": "POST", "SERVER_PROTOCOL": "HTTP/1.1", **headers}


def sized(length: int) -> Environ:
    """The environ of a request with so long a body."""
    return environ_of(CONTENT_LENGTH=str(length))


CHUNKED = environ_of(HTTP_TRANSFER_ENCODING="chunked")


def body_of(
    sock: socket.socket, environ: Environ, rest: bytes = b"", *, patience: float = TIMEOUT
) -> io.BufferedReader:
    """The body of a request, as an application reads it."""
    return io.BufferedReader(RequestBody(environ, sock, rest, patience=patience))


def test_no_body(pair: Pair) -> None:
    """Without a length there is nothing to read, and nothing is waited for."""
    assert body_of(pair[0], environ_of(), b"other things").read() == b""


def test_a_body_of_a_given_length(pair: Pair) -> None:
    """Part of it came with the head, part is still to come; what follows is not the body's."""
    ours, theirs = pair
    body = body_of(ours, sized(10), b"hel")
    theirs.sendall(b"lo you!!xxx")
    assert body.read() == b"hello you!"
    assert body.read() == b""


def test_a_body_in_chunks(pair: Pair) -> None:
    """Chunks may be cut anywhere, and have extensions and trailers."""
    ours, theirs = pair
    whole = b"5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nX-Sum: 1\r\n\r\nxxx"

    def dribble() -> None:
        for byte in whole[4:]:
            theirs.sendall(bytes([byte]))

    sending = Background(dribble)
    assert body_of(ours, CHUNKED, whole[:4]).read() == b"hello world"
    sending.result()


def test_chunks_override_a_length(pair: Pair) -> None:
    """RFC 9112, section 6.3."""
    environ = environ_of(CONTENT_LENGTH="2", HTTP_TRANSFER_ENCODING="chunked")
    assert body_of(pair[0], environ, b"5\r\nhello\r\n0\r\n\r\n").read() == b"hello"


def test_lines_and_pieces(pair: Pair) -> None:
    """PEP 3333 wants ``read(size)``, ``readline``, ``readlines`` and iteration."""
    text = b"one\ntwo\nthree\nfour\nfive"
    body = body_of(pair[0], sized(len(text)), text)
    assert body.read(2) == b"on"
    assert body.readline() == b"e\n"
    assert next(iter(body)) == b"two\n"
    assert body.readlines() == [b"three\n", b"four\n", b"five"]


def test_a_long_body_over_tls(tls: Tls) -> None:
    """Several megabytes, of which TLS holds back what was decrypted."""
    ours, theirs = tls.pair()
    with ours, theirs:
        ours.setblocking(False)
        data = bytes(range(256)) * 16_000
        sending = Background(lambda: theirs.sendall(data))
        assert body_of(ours, sized(len(data))).read() == data
        sending.result()


# Expect: 100-continue


def test_a_peer_that_waits_is_asked_at_the_first_read(pair: Pair) -> None:
    """Not before, and only once."""
    ours, theirs = pair
    body = body_of(ours, {**sized(5), "HTTP_EXPECT": "100-continue"})
    theirs.setblocking(False)
    with pytest.raises(BlockingIOError):
        theirs.recv(100)
    theirs.settimeout(TIMEOUT)
    reading = Background(body.read)
    assert theirs.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    theirs.sendall(b"hel")
    theirs.sendall(b"lo")
    assert reading.result() == b"hello"
    ours.close()
    assert theirs.recv(100) == b""


@pytest.mark.parametrize("protocol", ["HTTP/1.1", "HTTP/1.0"])
def test_a_peer_that_does_not_wait_is_not_asked(pair: Pair, protocol: str) -> None:
    """Nor one of HTTP/1.0, which knows no such thing, and none once the answer has begun."""
    ours, theirs = pair
    raw = RequestBody(
        {**sized(5), "HTTP_EXPECT": "100-continue", "SERVER_PROTOCOL": protocol}, ours, b"", patience=TIMEOUT
    )
    raw.may_ask = protocol == "HTTP/1.0"
    theirs.sendall(b"hello")
    assert io.BufferedReader(raw).read() == b"hello"
    ours.close()
    assert theirs.recv(100) == b""


# What goes wrong


@pytest.mark.parametrize(
    ("environ", "sent"), [(sized(10), b"hello"), (CHUNKED, b"a\r\nhello"), (CHUNKED, b"5\r\nhello\r\n")]
)
def test_a_peer_that_leaves(pair: Pair, environ: Environ, sent: bytes) -> None:
    """Half a body does not pass for a whole one, however often it is read."""
    ours, theirs = pair
    theirs.sendall(sent)
    theirs.shutdown(socket.SHUT_WR)
    body = body_of(ours, environ)
    for _ in range(2):
        with pytest.raises(BodyLost, match="not complete") as lost:
            body.read()
        assert lost.value.status == 400


@pytest.mark.parametrize("sent", [b"what?\r\n", b"-5\r\nhello", b"5\r\nhelloxx"])
def test_chunks_that_are_none(pair: Pair, sent: bytes) -> None:
    """A malformed body is told from a short one."""
    with pytest.raises(BodyLost, match="malformed") as lost:
        body_of(pair[0], CHUNKED, sent).read()
    assert lost.value.status == 400


def test_a_peer_that_dribbles(pair: Pair) -> None:
    """A byte now and then does not extend the time for the whole."""
    ours, theirs = pair
    stop = threading.Event()

    def dribble() -> None:
        while not stop.wait(0.01):
            theirs.sendall(b"x")

    dribbling = Background(dribble)
    with pytest.raises(BodyLost, match="took too long") as lost:
        body_of(ours, sized(1_000_000), patience=0.2).read()
    assert lost.value.status == 408
    stop.set()
    dribbling.result()


def test_a_peer_that_is_asked_and_says_nothing(pair: Pair) -> None:
    """The time runs from the first read."""
    with pytest.raises(BodyLost, match="took too long"):
        body_of(pair[0], {**sized(5), "HTTP_EXPECT": "100-continue"}, patience=0.05).read()


def test_a_reader_that_takes_its_time_is_not_the_peers_fault(pair: Pair) -> None:
    """Only waiting for the peer is counted."""
    ours, theirs = pair
    body = body_of(ours, sized(10), patience=0.2)
    theirs.sendall(b"hello")
    assert body.read(5) == b"hello"
    # As long as the application may take, which has nothing to wait for here.
    threading.Event().wait(0.3)
    theirs.sendall(b"hello")
    assert body.read(5) == b"hello"
