from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jambonz_sync.transport.blocking_socket import BlockingSocket
from tests.transport.peers import TIMEOUT, Background, Tls, eventually, loopback_pair

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A server's non-blocking socket, and a client's."""
    ours, theirs = loopback_pair()
    ours.setblocking(False)
    with ours, theirs:
        yield ours, theirs


@pytest.fixture(params=["plain", "tls"])
def either_pair(request: pytest.FixtureRequest, tls: Tls) -> Iterator[Pair]:
    """As ``pair``, also encrypted."""
    ours, theirs = tls.pair() if request.param == "tls" else loopback_pair()
    ours.setblocking(False)
    with ours, theirs:
        yield ours, theirs


def read_all(sock: socket.socket, size: int) -> bytes:
    """Read so many bytes."""
    received = bytearray()
    while len(received) < size:
        data = sock.recv(65_536)
        assert data, "the stream ended"
        received += data
    return bytes(received)


def waiting_for(thread: threading.Thread) -> None:
    """Give a thread the time to block, without which a test would prove less and still pass."""
    thread.join(0.05)
    assert thread.is_alive()


# Receiving


def test_receiving_blocks_until_something_comes(either_pair: Pair) -> None:
    """The socket does not block; its face does."""
    ours, theirs = either_pair
    receiving = Background(lambda: BlockingSocket(ours).recv(100))
    waiting_for(receiving)
    theirs.sendall(b"hello")
    assert receiving.result() == b"hello"


def test_what_was_read_before_comes_first(pair: Pair) -> None:
    """The bytes behind the head are received once, before those that are still in the socket."""
    ours, theirs = pair
    theirs.sendall(b"late")
    shared = BlockingSocket(ours, b"early")
    assert shared.wait_readable(0)
    assert shared.recv(100) == b"early"
    assert shared.recv(100) == b"late"
    assert not shared.wait_readable(0)


def test_the_end_of_the_stream_is_empty(pair: Pair) -> None:
    """As with any socket."""
    ours, theirs = pair
    theirs.close()
    assert BlockingSocket(ours).recv(100) == b""


def test_nothing_that_was_decrypted_is_left_where_no_selector_sees_it(tls: Tls) -> None:
    """A record of which one byte was asked for is returned whole."""
    ours, theirs = tls.pair()
    with ours, theirs:
        ours.setblocking(False)
        theirs.sendall(b"x" * 10_000)
        shared = BlockingSocket(ours)
        assert shared.recv(1) == b"x" * 10_000
        assert not shared.wait_readable(0)
        theirs.sendall(b"y")
        assert shared.wait_readable(TIMEOUT)


def test_what_another_has_left_decrypted_is_not_overlooked(tls: Tls) -> None:
    """Whoever read the head read part of a record."""
    ours, theirs = tls.pair()
    with ours, theirs:
        theirs.sendall(b"x" * 10_000)
        assert ours.recv(100) == b"x" * 100
        ours.setblocking(False)
        shared = BlockingSocket(ours, b"x" * 50)
        assert shared.recv(100) == b"x" * 50
        assert shared.wait_readable(0)
        assert shared.recv(100) == b"x" * 9_900


def test_tls_may_want_to_write_in_order_to_read_and_to_read_in_order_to_write() -> None:
    """It is waited for what TLS wants, and done again."""

    class Renegotiating(socket.socket):
        wants = 0

        def recv(self, size: int, flags: int = 0) -> bytes:
            self.wants += 1
            if self.wants % 2:
                raise ssl.SSLWantWriteError
            return super().recv(size)

        def send(self, data: Any, flags: int = 0) -> int:
            self.wants += 1
            if self.wants % 2:
                raise ssl.SSLWantReadError
            return super().send(data)

    ours, theirs = socket.socketpair()
    odd = Renegotiating(fileno=ours.detach())
    odd.setblocking(False)
    with odd, theirs:
        theirs.sendall(b"hello")
        shared = BlockingSocket(odd)
        assert shared.send(b"back") == 4
        assert shared.recv(100) == b"hello"
        assert theirs.recv(100) == b"back"
        assert odd.wants == 4


# Sending


def test_what_is_sent_arrives_whole(either_pair: Pair) -> None:
    """One send is enough for more than the socket takes at once."""
    ours, theirs = either_pair
    data = bytes(range(256)) * 40_000
    sending = Background(lambda: BlockingSocket(ours).send(data))
    assert read_all(theirs, len(data)) == data
    assert sending.result() == len(data)


def test_what_threads_send_is_not_mixed(either_pair: Pair) -> None:
    """Each send is in one piece, however many threads send, while another receives."""
    ours, theirs = either_pair
    shared = BlockingSocket(ours)
    receiving = Background(lambda: shared.recv(100))
    size, count = 300_000, 8
    pieces = [bytes([letter]) * size for letter in b"abcdefgh"]
    senders = [Background(lambda piece=piece: shared.sendall(piece)) for piece in pieces]
    received = read_all(theirs, size * count)
    for sender in senders:
        sender.result()
    assert sorted(received[start : start + size] for start in range(0, len(received), size)) == pieces
    theirs.sendall(b"enough")
    assert receiving.result() == b"enough"


def test_no_two_threads_are_in_the_socket_at_once() -> None:
    """TLS would not bear it: one receives, two send, and each call of the socket is alone."""

    class Jealous(socket.socket):
        faults = 0
        inside = threading.Lock()

        @contextlib.contextmanager
        def alone(self) -> Iterator[None]:
            if not self.inside.acquire(blocking=False):
                self.faults += 1
                yield
                return
            # Long enough for the others to come.
            threading.Event().wait(0.001)
            yield
            self.inside.release()

        def recv(self, size: int, flags: int = 0) -> bytes:
            with self.alone():
                return super().recv(size)

        def send(self, data: Any, flags: int = 0) -> int:
            with self.alone():
                return super().send(data)

    ours, theirs = socket.socketpair()
    jealous = Jealous(fileno=ours.detach())
    jealous.setblocking(False)
    with jealous, theirs:
        theirs.settimeout(TIMEOUT)
        theirs.sendall(b"x" * 50)
        shared = BlockingSocket(jealous)

        def each(call: Callable[[], object]) -> Background[None]:
            return Background(lambda: [call() for _ in range(50)])

        threads = [each(lambda: shared.recv(1)), each(lambda: shared.send(b"y")), each(lambda: shared.send(b"y"))]
        for thread in threads:
            thread.result()
        assert read_all(theirs, 100) == b"y" * 100
        assert jealous.faults == 0


def test_a_peer_that_does_not_read_is_given_up(pair: Pair) -> None:
    """After the time that was granted the connection is shut, since half a message is out."""
    ours, theirs = pair
    shared = BlockingSocket(ours, patience=0.05)
    with pytest.raises(TimeoutError, match=r"read nothing for 0\.05 s"):
        shared.send(b"x" * 20_000_000)
    with pytest.raises(OSError):
        shared.send(b"more")
    assert shared.recv(1) == b""
    theirs.settimeout(TIMEOUT)
    while theirs.recv(65_536):
        pass


def test_a_peer_that_has_left_is_an_error(pair: Pair) -> None:
    """Sending to nobody raises, as soon as that is known."""
    ours, theirs = pair
    theirs.close()
    shared = BlockingSocket(ours)

    def send_on() -> None:
        while True:
            shared.send(b"hello")

    with pytest.raises(OSError):
        send_on()


# The end


def test_finish_waits_for_its_user(pair: Pair) -> None:
    """The user closes it; the connection stays open."""
    ours, theirs = pair
    shared = BlockingSocket(ours)
    finishing = Background(lambda: shared.finish(TIMEOUT))
    waiting_for(finishing)
    shared.close()
    assert finishing.result() is True
    assert shared.recv(1) == b""
    with pytest.raises(BrokenPipeError):
        shared.send(b"late")
    ours.send(b"still open")
    assert theirs.recv(100) == b"still open"


def test_finish_ends_a_thread_that_receives(either_pair: Pair) -> None:
    """A user that does not close is woken by the end of the stream."""
    ours, _ = either_pair
    shared = BlockingSocket(ours)

    def read() -> bytes:
        data = shared.recv(100)
        shared.close()
        return data

    reading = Background(read)
    waiting_for(reading)
    assert shared.finish(0.05) is False
    assert reading.result() == b""


def test_finish_ends_a_thread_that_sends(pair: Pair) -> None:
    """A sender whose peer does not read is not waited for longer than it is told to."""
    ours, _ = pair
    shared = BlockingSocket(ours)
    sending = Background(lambda: shared.send(b"x" * 20_000_000))
    waiting_for(sending)
    shared.close()
    assert shared.finish(0.05) is False
    with pytest.raises(OSError):
        sending.result()


def test_it_tells_whether_it_was_used(pair: Pair) -> None:
    """Looking at it is no use; receiving and sending are."""
    ours, theirs = pair
    shared = BlockingSocket(ours)
    assert shared.fileno() == ours.fileno()
    assert not shared.used
    shared.send(b"x")
    assert shared.used
    theirs.sendall(b"x")
    other = BlockingSocket(ours)
    eventually(lambda: other.wait_readable(1))
    assert not other.used
    other.recv(1)
    assert other.used
