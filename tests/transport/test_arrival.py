"""A connection before it is known whose it is: the first message, and what becomes of the connection then."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator

import pytest

from jambonz_sync.transport import arrival as arrival_module
from jambonz_sync.transport.arrival import Arrival
from jambonz_sync.transport.framing import Framing
from tests.transport.peers import (
    BINARY,
    PING,
    PONG,
    SUBPROTOCOL,
    TEXT,
    TIMEOUT,
    Background,
    Frame,
    Peer,
    Recorder,
    Tls,
    close_frame,
    eventually,
    frame,
    loopback_pair,
    upgrade_environ,
)


class Came:
    """An arrival, the peer, and the links made of it, which are ended with the test."""

    def __init__(self, pair: tuple[socket.socket, socket.socket]) -> None:
        self.sock = pair[0]
        self.peer = Peer(pair[1])
        self.user = Recorder()
        self.arrival = self.arrives()

    def arrives(self, rest: bytes = b"") -> Arrival:
        """The connection, with what came behind the head of its request."""
        self.arrival = Arrival(self.sock, Framing(upgrade_environ(), [SUBPROTOCOL]), rest)
        return self.arrival

    def first_message(self, timeout: float = TIMEOUT) -> str | bytes | None:
        """Wait for it on this thread."""
        return self.arrival.first_message(timeout)

    def goes_on(self) -> Recorder:
        """Make the link and open it; return its user."""
        link = self.arrival.connect(self.user)
        with self.user.lock:
            link.open()
        self.finish = link.finish
        self.abandon = link.abandon
        self.link = link
        return self.user

    abandon: Callable[[], None] = staticmethod(lambda: None)
    finish: Callable[[], None] = staticmethod(lambda: None)

    def end(self) -> None:
        """Close everything."""
        self.abandon()
        self.finish()
        self.sock.close()
        self.peer.close()


@pytest.fixture(params=["plain", "TLS"])
def came(request: pytest.FixtureRequest, tls: Tls) -> Iterator[Came]:
    """A connection that has just been accepted, plain and TLS."""
    came = Came(tls.pair() if request.param == "TLS" else loopback_pair())
    yield came
    came.end()


@pytest.fixture
def plain() -> Iterator[Came]:
    """The same, plain."""
    came = Came(loopback_pair())
    yield came
    came.end()


def fill(sock: socket.socket) -> None:
    """Write until the socket takes no more, to a peer that does not read."""
    sock.setblocking(False)
    try:
        while True:
            sock.send(b"x" * 100_000)
    except BlockingIOError:
        pass


# The first message


def test_the_first_message_is_returned_and_delivered(came: Came) -> None:
    """The handshake is answered at once; the message is told, and the link's user gets it all the same."""
    waiting = Background(came.first_message)
    assert came.peer.head().startswith("HTTP/1.1 101 ")
    came.peer.send_text("one")
    assert waiting.result() == "one"
    assert came.goes_on().messages == ["one"]
    came.peer.send_text("two")
    came.user.wait_for_messages(2)
    assert came.user.messages == ["one", "two"]


def test_a_message_that_came_with_the_request(came: Came) -> None:
    """What came behind the head is read first, without a look at the socket."""
    came.arrives(frame(TEXT, b"one"))
    assert came.first_message(0.0) == "one"
    assert came.peer.head().startswith("HTTP/1.1 101 ")
    assert came.goes_on().messages == ["one"]


def test_half_a_message_came_with_the_request(came: Came) -> None:
    """The other half comes by the socket, after the handshake was answered."""
    data = frame(TEXT, b"one and a half")
    came.arrives(data[:9])
    waiting = Background(came.first_message)
    came.peer.head()
    came.peer.send(data[9:])
    assert waiting.result() == "one and a half"
    assert came.goes_on().messages == ["one and a half"]


def test_a_message_in_two_halves(came: Came) -> None:
    """Half of the first message is none."""
    data = frame(TEXT, b"first")
    waiting = Background(came.first_message)
    came.peer.head()
    came.peer.send(data[:4])
    came.peer.send(data[4:])
    assert waiting.result() == "first"


def test_half_of_the_second_message_is_not_lost(came: Came) -> None:
    """What was read of it belongs to the link, which reads the rest."""
    data = frame(TEXT, b"one") + frame(TEXT, b"two")
    came.arrives(data[:-2])
    assert came.first_message() == "one"
    came.peer.head()
    came.peer.send(data[-2:])
    came.goes_on().wait_for_messages(2)
    assert came.user.messages == ["one", "two"]


def test_several_messages_in_one_piece(came: Came) -> None:
    """The first is told; all are delivered in order, before what comes behind them."""
    texts = [str(number) for number in range(50)]
    came.peer.send(b"".join(frame(TEXT, text.encode()) for text in texts))
    assert came.first_message() == "0"
    came.peer.send_text("behind")
    came.goes_on().wait_for_messages(51)
    assert came.user.messages == [*texts, "behind"]


@pytest.mark.parametrize("reader", ["owner", "watcher"])
def test_decrypted_bytes_wait_for_the_link(tls: Tls, monkeypatch: pytest.MonkeyPatch, reader: str) -> None:
    """What TLS has decrypted behind the first message is read by the link, though the socket shows nothing."""
    monkeypatch.setattr(arrival_module, "_CHUNK", 10)
    came = Came(tls.pair())
    came.peer.send(b"".join(frame(TEXT, str(number).encode()) for number in range(200)))
    assert came.first_message() == "0"
    assert isinstance(came.sock, ssl.SSLSocket)
    assert came.sock.pending() > 0
    user = came.goes_on()
    if reader == "owner":
        assert came.link.wait(lambda: len(user.messages) == 200)
    user.wait_for_messages(200)
    assert user.messages == [str(number) for number in range(200)]
    came.end()


def test_a_binary_message_is_a_message(plain: Came) -> None:
    """Whose it is, nobody will be able to say; that is not for the arrival to judge."""
    plain.peer.send(frame(BINARY, b"\0"))
    assert plain.first_message() == b"\0"


def test_pings_are_answered_meanwhile(came: Came) -> None:
    """A ping is no message, and does not wait for one."""
    waiting = Background(came.first_message)
    came.peer.head()
    came.peer.send(frame(PING, b"there?"))
    assert came.peer.frame() == Frame(PONG, b"there?")
    assert waiting.is_alive()
    came.peer.send_text("yes")
    assert waiting.result() == "yes"


# No message


def test_nothing_comes(came: Came) -> None:
    """After its time the wait is over; the connection is not."""
    assert came.first_message(0.05) is None
    came.peer.send_text("late")
    came.goes_on().wait_for_messages(1)
    assert came.user.messages == ["late"]


def test_the_peer_closes_first(came: Came) -> None:
    """A close frame in place of a message; the link tells its user the code, and answers."""
    came.peer.send(close_frame(4000, "never mind"))
    assert came.first_message() is None
    assert came.goes_on().losses == [(4000, "never mind")]
    came.peer.head()
    assert came.peer.frame().close_code == 4000


def test_the_peer_leaves_first(came: Came) -> None:
    """An end of the stream in place of a message."""
    came.peer.close()
    assert came.first_message() is None
    code, _ = came.goes_on().wait_for_loss()
    assert code == 1006


def test_the_peer_leaves_behind_its_message(came: Came) -> None:
    """Then there is a message, and the link finds the end behind it."""
    came.peer.send_text("the only one")
    came.peer.close()
    assert came.first_message() == "the only one"
    code, _ = came.goes_on().wait_for_loss()
    assert code == 1006
    assert came.user.messages == ["the only one"]


def test_the_peer_resets_first(plain: Came) -> None:
    """A reset ends the wait and does not raise; the link tells its user."""
    waiting = Background(plain.first_message)
    plain.peer.head()
    plain.peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    plain.peer.close()
    assert waiting.result() is None
    code, _ = plain.goes_on().wait_for_loss()
    assert code == 1006


def test_a_fault_in_the_frames(plain: Came) -> None:
    """What is no frame ends the wait; the peer is told by the link."""
    plain.peer.send(frame(TEXT, b"not masked", mask=None))
    assert plain.first_message() is None
    assert plain.goes_on().losses[0][0] == 1002
    plain.peer.head()
    assert plain.peer.frame().close_code == 1002


def test_a_peer_that_does_not_read_the_answer(plain: Came) -> None:
    """It is not waited for longer than for a message."""
    fill(plain.sock)
    assert plain.first_message(0.05) is None


# Given up


def test_shut_from_another_thread(plain: Came) -> None:
    """The wait ends at once, and there is still a goodbye to be said."""
    waiting = Background(plain.first_message)
    plain.peer.head()
    plain.arrival.shut()
    assert waiting.result() is None
    plain.arrival.turn_away(1001, "the server is stopping")
    closing = plain.peer.frame()
    assert (closing.close_code, closing.payload[2:]) == (1001, b"the server is stopping")


def test_shut_from_another_thread_over_tls(tls: Tls) -> None:
    """TLS takes the end of its stream for a fault and says so; after that the peer hears no goodbye."""
    came = Came(tls.pair())
    waiting = Background(came.first_message)
    came.peer.head()
    came.arrival.shut()
    assert waiting.result() is None
    came.arrival.turn_away(1001, "the server is stopping")
    with pytest.raises((ssl.SSLError, AssertionError)):
        came.peer.frame()
    came.end()


def test_shut_before_the_wait_begins(came: Came) -> None:
    """Then there is none."""
    came.arrival.shut()
    assert came.first_message() is None


def test_shut_at_the_same_moment_as_the_message(plain: Came) -> None:
    """Whichever is first: the wait ends, with the message or without."""
    start = threading.Barrier(2)

    def shut() -> None:
        start.wait(TIMEOUT)
        plain.arrival.shut()

    shutting = Background(shut)
    waiting = Background(plain.first_message)
    plain.peer.head()
    start.wait(TIMEOUT)
    plain.peer.send_text("one")
    assert waiting.result() in ("one", None)
    shutting.result()


def test_shut_after_the_peer_has_gone(plain: Came) -> None:
    """That is no error, nor is it a second time."""
    plain.peer.close()
    assert plain.first_message() is None
    plain.arrival.shut()
    plain.arrival.shut()


def test_turned_away_before_its_message(came: Came) -> None:
    """The peer gets the answer of the handshake and the close frame, and nobody the message."""
    came.arrives(frame(TEXT, b"one"))
    came.arrival.first_message(0.0)
    came.arrival.turn_away(1001, "")
    assert came.peer.head().startswith("HTTP/1.1 101 ")
    assert came.peer.frame().close_code == 1001


def test_turning_away_does_not_wait(plain: Came) -> None:
    """A peer that does not read is not told."""
    fill(plain.sock)
    Background(lambda: plain.arrival.turn_away(1001, "")).result()


def test_turning_away_who_has_gone(plain: Came) -> None:
    """A connection that is broken is no error."""
    plain.peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    plain.peer.close()
    assert plain.first_message() is None
    plain.arrival.turn_away(1001, "")
    eventually(lambda: plain.arrival.first_message(0.0) is None)


def test_much_and_no_message(plain: Came) -> None:
    """Pings without end are not waited on without end, however long a first message may take."""
    waiting = Background(plain.first_message)
    plain.peer.head()
    plain.peer.sock.setblocking(False)
    pings, sent = frame(PING, b"x" * 125) * 500, 0
    while waiting.is_alive() and sent < 4_000_000:
        # It answers each, and would wait until that is read.
        with contextlib.suppress(BlockingIOError):
            sent += plain.peer.sock.send(pings[sent % len(pings) :])
        with contextlib.suppress(BlockingIOError):
            plain.peer.sock.recv(1_000_000)
    assert waiting.result() is None
    assert sent > arrival_module._MOST_BYTES
    assert len(plain.arrival.received) < arrival_module._MOST_BYTES + 100_000


def test_pings_and_the_longest_message(plain: Came) -> None:
    """They leave room for it."""
    data = frame(PING, b"x" * 125) * 1000 + frame(TEXT, b"x" * 1024 * 1024)
    plain.arrives(data[:1_000_000])
    waiting = Background(plain.first_message)
    reading = Background(lambda: plain.peer.sock.recv(1_000_000))
    plain.peer.sock.sendall(data[1_000_000:])
    assert waiting.result() == "x" * 1024 * 1024
    reading.result()


# Kept


@pytest.fixture
def lent(plain: Came) -> Came:
    """A connection that a server has lent, which it will shut and close when it gets it back."""
    plain.arrival = Arrival(plain.sock, Framing(upgrade_environ(), [SUBPROTOCOL]), lent=True)
    plain.peer.send_text("one")
    assert plain.first_message() == "one"
    plain.peer.head()
    return plain


def test_what_is_lent_is_kept(lent: Came) -> None:
    """The call has a descriptor of its own; that of the server leads nowhere, and no child inherits either."""
    lender, number = lent.sock, lent.sock.fileno()
    lent.arrival.keep()
    own = lent.arrival.own
    assert own is lent.arrival.sock
    assert own is not None
    assert lender.fileno() == number != own.fileno()
    assert not lender.get_inheritable()
    assert not own.get_inheritable()
    with pytest.raises(OSError, match="Broken pipe"):
        lender.send(b"HTTP/1.1 500 Internal Server Error")
    with contextlib.suppress(OSError):
        lender.shutdown(socket.SHUT_RDWR)
    lender.close()
    lent.peer.send_text("two")
    lent.goes_on().wait_for_messages(2)
    assert lent.user.messages == ["one", "two"]
    with lent.user.lock:
        lent.link.send("three")
    assert lent.peer.text() == "three"
    lent.abandon()
    lent.finish()
    lent.arrival.let_go()
    assert own.fileno() == -1
    assert lent.peer.rest() == b""


@pytest.mark.parametrize("is_lent", [False, True])
def test_what_cannot_or_need_not_be_kept(plain: Came, tls: Tls, is_lent: bool) -> None:
    """Over TLS, and where nobody lends it, the connection stays what it was."""
    here = Came(tls.pair()) if is_lent else plain
    arrival = Arrival(here.sock, Framing(upgrade_environ(), [SUBPROTOCOL]), lent=is_lent)
    arrival.keep()
    assert arrival.own is None
    assert arrival.sock is here.sock
    arrival.let_go()
    here.sock.sendall(b"HTTP/1.1 ")
    assert here.peer.sock.recv(9) == b"HTTP/1.1 "
    here.end()
