from __future__ import annotations

import contextlib
import fcntl
import logging
import math
import select
import socket
import ssl
import struct
import termios
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jambonz_sync.transport import link as link_module
from jambonz_sync.transport.delivery import unacknowledged
from jambonz_sync.transport.framing import Framing
from jambonz_sync.transport.link import Link
from tests.transport.peers import (
    BINARY,
    CLOSE,
    PING,
    PONG,
    SUBPROTOCOL,
    TEXT,
    TIMEOUT,
    Background,
    Connected,
    Frame,
    Peer,
    Recorder,
    Tls,
    close_frame,
    connected,
    eventually,
    frame,
    loopback_pair,
    made_link,
    upgrade_environ,
)
from tests.transport.peers import _parse as parse_frame

WATCHER = "jambonz_sync watcher"


@contextlib.contextmanager
def owner_waits(connection: Connected) -> Iterator[Background[bool]]:
    """Have the link's owner wait for its end."""
    user = connection.user
    waiting = Background(lambda: connection.link.wait(lambda: bool(user.losses)))
    eventually(lambda: connection.link._owner_reads)
    yield waiting


@pytest.fixture(params=["the owner reads", "the watcher reads"])
def with_reader(request: pytest.FixtureRequest) -> Callable[[Connected], Any]:
    """Both readers: an owner that waits, and one that is away."""
    if request.param == "the owner reads":
        return owner_waits
    return lambda connection: contextlib.nullcontext()


@pytest.fixture(params=["plain", "TLS"])
def pair(request: pytest.FixtureRequest, tls: Tls) -> tuple[socket.socket, socket.socket]:
    """Two ends of a connection, plain and TLS."""
    return tls.pair() if request.param == "TLS" else loopback_pair()


# Who reads


def test_the_owner_reads_while_it_waits() -> None:
    """What comes while the owner waits comes on its own thread, and ends the wait."""
    with connected() as connection:
        waiting = connection.wait_for_messages(2)
        eventually(lambda: connection.link._owner_reads)
        connection.peer.send_text("one")
        connection.user.wait_for_messages(1)
        connection.peer.send_text("two")
        assert waiting.result() is True
        assert connection.user.messages == ["one", "two"]
        assert connection.user.readers == [waiting, waiting]


def test_a_wait_for_what_is_there_does_not_read() -> None:
    """A wait returns at once if it is ready."""
    with connected() as connection:
        assert connection.link.wait(lambda: True) is True
        assert connection.link.wait(lambda: True, until=0.0) is True


def test_a_wait_ends_at_its_time() -> None:
    """``until`` bounds the wait; it is no sooner over, and a time that has passed reads what is there all the same."""
    with connected() as connection:
        until = time.monotonic() + 0.05
        assert connection.link.wait(lambda: False, until) is False
        assert time.monotonic() >= until
        assert connection.link.wait(lambda: False, time.monotonic() - 1) is False


def test_another_thread_wakes_the_owner() -> None:
    """By a ping, which the peer answers; not for what the owner does not wait for, and not twice."""
    is_there = False

    def wake(connection: Connected) -> None:
        with connection.link.lock:
            connection.link.wake()
        connection.send("woken")

    with connected() as connection:
        link, peer = connection.link, connection.peer
        # Nobody waits.
        wake(connection)
        waiting = Background(lambda: link.wait(lambda: is_there))
        eventually(lambda: link._awaited is not None)
        wake(connection)
        is_there = True
        wake(connection)
        wake(connection)
        assert [peer.frame().opcode for _ in range(5)] == [TEXT, TEXT, PING, TEXT, TEXT]
        peer.send(frame(PONG))
        assert waiting.result() is True
        assert link._awaited is None


def test_a_ping_that_wakes_says_nothing_of_the_peer() -> None:
    """Whether it is there is asked by others, and one that is slow to answer this is not dropped for that."""
    with connected() as connection:
        waiting = Background(lambda: connection.link.wait(lambda: bool(connection.user.messages)))
        eventually(lambda: connection.link._awaited is not None)
        with connection.link.lock:
            connection.user.messages.append("by another thread")
            connection.link.wake()
            assert connection.link.framing.pong_received
        assert connection.peer.frame().opcode == PING
        connection.peer.send(frame(PONG))
        assert waiting.result() is True


def test_a_wait_goes_on_after_the_longest_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    """``poll`` takes only so long a time; the wait takes any."""
    monkeypatch.setattr(link_module, "_LONGEST_POLL", 1)
    with connected() as connection:
        waiting = connection.wait_for_messages(1)
        eventually(lambda: connection.user.reports > 20)
        connection.peer.send_text("at last")
        assert waiting.result() is True


def test_the_watcher_reads_while_the_owner_is_away() -> None:
    """While the owner computes, pings are answered and messages are handled."""
    with connected() as connection:
        connection.peer.send(frame(PING, b"there?") + frame(TEXT, b"news"))
        assert connection.peer.frame() == Frame(PONG, b"there?")
        connection.user.wait_for_messages(1)
        assert [thread.name for thread in connection.user.readers] == [WATCHER]


def test_the_readers_take_turns() -> None:
    """The owner takes over from the watcher, and the watcher from the owner, again and again, and nothing is lost."""
    with connected() as connection:
        for number in range(0, 10, 2):
            connection.peer.send_text(str(number))
            connection.user.wait_for_messages(number + 1)
            waiting = connection.wait_for_messages(number + 2)
            eventually(lambda: connection.link._owner_reads)
            connection.peer.send_text(str(number + 1))
            assert waiting.result() is True
            assert connection.user.readers[-2].name == WATCHER
            assert connection.user.readers[-1] is waiting
        assert connection.user.messages == [str(number) for number in range(10)]


class Guarded(socket.socket):
    """A socket that fails the test if it is read by two threads at once, or without the lock."""

    lock: threading.Lock
    faults: list[str]
    reading = False

    def recv(self, *arguments: Any) -> bytes:
        if self.reading or not self.lock.locked():
            self.faults.append(threading.current_thread().name)
        self.reading = True
        try:
            return super().recv(*arguments)
        finally:
            self.reading = False


def test_there_are_never_two_readers() -> None:
    """While an owner comes and goes in a stream of messages, one thread at a time reads, and the order is kept."""
    ours, theirs = loopback_pair()
    guarded = Guarded(fileno=ours.detach())
    user = Recorder()
    guarded.lock, guarded.faults = user.lock, []
    count = 3000
    with connected((guarded, theirs), user=user) as connection:
        sending = Background(lambda: [connection.peer.send_text(str(number)) for number in range(count)])
        while len(user.messages) < count:
            seen = len(user.messages)
            connection.link.wait(lambda seen=seen: len(user.messages) > seen, time.monotonic() + TIMEOUT)
            if seen % 3 == 0:
                user.wait_for_messages(min(seen + 20, count))
        sending.result()
        assert user.messages == [str(number) for number in range(count)]
    assert guarded.faults == []


def test_messages_read_before_the_link_come_first() -> None:
    """``open`` delivers what came before there was a link; half a frame of it is completed by the socket."""
    ours, theirs = loopback_pair()
    user = Recorder()
    data = frame(TEXT, b"one") + frame(PING, b"p") + frame(TEXT, b"two")
    framing = Framing(upgrade_environ(), [SUBPROTOCOL])
    link = Link(ours, framing, user, user.lock, messages=framing.receive(data[:-4]))
    theirs.sendall(data[-4:])
    with link.lock:
        link.open()
        assert user.messages == ["one"]
    user.wait_for_messages(2)
    assert user.messages == ["one", "two"]
    peer = Peer(theirs)
    assert "101" in peer.head()
    assert peer.frame() == Frame(PONG, b"p")
    link.abandon()
    link.finish()
    ours.close()
    peer.close()


def test_a_close_read_before_the_link_is_heard() -> None:
    """``open`` tells the user of the end, when that was read before there was a link."""
    ours, theirs = loopback_pair()
    user = Recorder()
    framing = Framing(upgrade_environ(), [SUBPROTOCOL])
    link = Link(ours, framing, user, user.lock, messages=framing.receive(frame(TEXT, b"one") + close_frame(4000)))
    with link.lock:
        link.open()
    assert user.messages == ["one"]
    assert user.losses == [(4000, "")]
    theirs.close()
    link.finish()
    ours.close()


def test_report_is_called_without_the_lock() -> None:
    """The user may take the lock in ``report``, on every path that calls it."""

    class Reporter(Recorder):
        def report(self) -> None:
            with self.lock:
                self.reports += 1

    user = Reporter()
    with connected(user=user) as connection:
        connection.peer.send_text("read by the watcher")
        user.wait_for_messages(1)
        with user.lock:
            user.due_at = 0.0
            connection.link.plan()
        user.wait_until(lambda: user.ticks == 1)
        assert connection.link.wait(lambda: False, 0.0) is False
        eventually(lambda: user.reports >= 3)


# Sending


def test_nodelay_is_set() -> None:
    """Small frames do not wait for the peer's delayed ack."""
    with connected() as connection:
        assert connection.link.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert connection.link.sock.gettimeout() == 0.0


def test_a_socket_without_nodelay_will_do() -> None:
    """A socket that is not TCP, as behind a proxy on the same machine, is no fault."""
    with connected(socket.socketpair()) as connection:
        connection.send("hello")
        assert connection.peer.text() == "hello"


@pytest.mark.parametrize("message", ["text \u20ac", b"\x00binary"])
def test_a_message_is_sent(message: str | bytes, pair: tuple[socket.socket, socket.socket]) -> None:
    """A ``str`` is a text frame, ``bytes`` are a binary one."""
    with connected(pair) as connection:
        connection.send(message)
        received = connection.peer.frame()
        assert received.opcode == (TEXT if isinstance(message, str) else BINARY)
        assert received.payload == (message.encode() if isinstance(message, str) else message)


def test_a_large_message_arrives_whole(
    pair: tuple[socket.socket, socket.socket], with_reader: Callable[[Connected], Any]
) -> None:
    """2 MB through a socket that takes a few kB at a time arrive whole, with what was sent behind them."""
    pair[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2048)
    large = b"0123456789abcdef" * 131_072
    with connected(pair) as connection, with_reader(connection):
        connection.send(large)
        connection.send("behind")
        assert len(connection.link.framing.out) > 1_000_000
        received = connection.peer.frame()
        assert received.opcode == BINARY
        assert received.payload == large
        assert connection.peer.text() == "behind"
        eventually(lambda: not connection.link.framing.out)


def test_a_peer_that_does_not_read_delays_nobody() -> None:
    """Sends to it do not block; another link goes on; past the bound it is dropped."""
    with connected() as stuck, connected() as other:
        for _ in range(10_000):
            stuck.send(b"x" * 10_000)
            if stuck.link.framing.out:
                break
        for number in range(20):
            other.peer.send_text(str(number))
            other.user.wait_for_messages(number + 1)
            other.send(str(number))
            assert other.peer.text() == str(number)
        assert stuck.user.losses == []
        for _ in range(10_000):
            stuck.send(b"x" * 10_000)
            if stuck.user.losses:
                break
        code, reason = stuck.user.wait_for_loss()
        assert code == 1006
        assert reason.startswith("the peer has not read 4,")
        assert not stuck.link.framing.out
        stuck.send("too late")
        assert not stuck.link.framing.out
        assert other.user.losses == []


def test_a_peer_that_stops_reading_its_pongs_is_dropped() -> None:
    """Pings whose pongs are not read cost no more than ``max_unwritten``, then the connection."""
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    with connected((ours, theirs), max_unwritten=65_536) as connection:
        pings = frame(PING, b"x" * 125) * 100
        # The connection ends while it sends.
        with contextlib.suppress(ConnectionError):
            for _ in range(1000):
                connection.peer.send(pings)
        code, reason = connection.user.wait_for_loss()
        assert code == 1006
        assert "has not read" in reason


def test_thousands_of_pings_leave_nothing_behind(with_reader: Callable[[Connected], Any]) -> None:
    """Pings that are read and answered do not fill the buffer."""
    with connected() as connection, with_reader(connection):
        pings = Background(lambda: [connection.peer.send(frame(PING, b"x" * 125) * 50) for _ in range(100)])
        for _ in range(5000):
            assert connection.peer.frame().opcode == PONG
        pings.result()
        eventually(lambda: not connection.link.framing.out)


def test_many_threads_send(pair: tuple[socket.socket, socket.socket], with_reader: Callable[[Connected], Any]) -> None:
    """Eight threads sending at once: every message arrives whole, each thread's in order, while pings are answered."""
    threads, count = 8, 150
    barrier = threading.Barrier(threads)
    pair[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16_384)

    def send(name: int) -> None:
        barrier.wait(TIMEOUT)
        for number in range(count):
            connection.send(f"{name} {number} " + "x" * (number * 37 % 2000))

    with connected(pair) as connection, with_reader(connection):
        sending = [Background(lambda name=name: send(name)) for name in range(threads)]
        # On the thread that reads: not every TLS socket can be read and written at once.
        connection.peer.send(frame(PING) * 50)
        next_of = [0] * threads
        pongs = 0
        while sum(next_of) < threads * count or pongs < 50:
            received = connection.peer.frame()
            if received.opcode == PONG:
                pongs += 1
                continue
            name, number, filling = received.payload.decode().split(" ")
            assert int(number) == next_of[int(name)]
            assert len(filling) == int(number) * 37 % 2000
            next_of[int(name)] += 1
        for thread in sending:
            thread.result()


def test_a_message_may_be_sent_from_a_message(with_reader: Callable[[Connected], Any]) -> None:
    """The user answers under the lock, from ``message`` itself."""

    class Echo(Recorder):
        link: Link

        def message(self, message: str | bytes) -> None:
            super().message(message)
            self.link.send(message)

    user = Echo()
    with connected(user=user) as connection:
        user.link = connection.link
        with with_reader(connection):
            for number in range(50):
                connection.peer.send_text(str(number))
                assert connection.peer.text() == str(number)


# Pings


def test_pings_are_sent(with_reader: Callable[[Connected], Any]) -> None:
    """A ping is sent every ``ping_interval``; a peer that answers is left in peace."""
    with connected(ping_interval=0.4) as connection, with_reader(connection):
        began = time.monotonic()
        for _ in range(3):
            ping = connection.peer.frame()
            assert ping.opcode == PING
            connection.peer.send(frame(PONG, ping.payload))
        assert time.monotonic() - began > 0.8
        eventually(lambda: connection.link.framing.pong_received)
        assert connection.user.losses == []


def test_no_pings_are_sent_if_unwanted() -> None:
    """With ``ping_interval`` ``None`` nothing is due."""
    with connected(ping_interval=None) as connection:
        assert connection.link.due == math.inf


@pytest.mark.parametrize("sent", [b"", frame(TEXT, b"half a frame")[:-3]])
def test_a_missed_pong_closes_with_1008(with_reader: Callable[[Connected], Any], sent: bytes) -> None:
    """A peer that leaves a ping unanswered is told 1008 and dropped, also in the middle of a frame."""
    with connected(ping_interval=0.05) as connection, with_reader(connection):
        connection.peer.send(sent)
        assert connection.peer.frame().opcode == PING
        assert connection.peer.frame().close_code == 1008
        assert connection.peer.rest() == b""
        assert connection.user.wait_for_loss() == (1006, "no pong within 0.05 s")


# Closing


@pytest.mark.parametrize("code", [1000, 1001, 4000, None])
def test_the_peer_closes(
    pair: tuple[socket.socket, socket.socket], with_reader: Callable[[Connected], Any], code: int | None
) -> None:
    """The close frame is answered with its code, then our stream ends; the user is told code and reason."""
    with connected(pair) as connection, with_reader(connection):
        connection.peer.send(frame(TEXT, b"before") + close_frame(code, "" if code is None else "bye"))
        assert connection.peer.frame().close_code == code or 1005
        assert connection.peer.rest() == b""
        expected = (1005, "") if code is None else (code, "bye")
        assert connection.user.wait_for_loss() == expected
        assert connection.user.messages == ["before"]
        connection.peer.close()
        Background(connection.link.finish).result()
        assert connection.user.losses == [expected]


def test_we_close(pair: tuple[socket.socket, socket.socket], with_reader: Callable[[Connected], Any]) -> None:
    """Our close frame has the code; the user is told the peer's; closing again changes nothing."""
    with connected(pair) as connection, with_reader(connection):
        connection.close(1001, "the server is stopping")
        connection.close(1000)
        connection.send("too late")
        assert connection.peer.frame() == Frame(CLOSE, b"\x03\xe9the server is stopping")
        connection.peer.send(close_frame(1001))
        assert connection.peer.rest() == b""
        assert connection.user.wait_for_loss() == (1001, "")
        connection.peer.close()
        Background(connection.link.finish).result()
        connection.close(1000)


def test_both_close_at_once(with_reader: Callable[[Connected], Any]) -> None:
    """Close frames that cross count as answers to each other."""
    with connected() as connection, with_reader(connection):
        with connection.user.lock:
            connection.peer.send(close_frame(4001))
            connection.link.close(4002)
        assert connection.peer.frame().close_code == 4002
        assert connection.peer.rest() == b""
        assert connection.user.wait_for_loss() == (4001, "")


def test_messages_come_until_the_peer_has_closed(with_reader: Callable[[Connected], Any]) -> None:
    """What the peer sent before it read our close frame is still a message."""
    with connected() as connection, with_reader(connection):
        connection.close(1000)
        connection.peer.send(frame(TEXT, b"crossed") + close_frame(1000))
        assert connection.user.wait_for_loss() == (1000, "")
        assert connection.user.messages == ["crossed"]


def test_the_close_reply_is_never_lost() -> None:
    """Of 200 clean closes each is answered before the stream ends, however fast the descriptor is closed."""
    for number in range(200):
        ours, theirs = loopback_pair()
        user = Recorder()
        link = made_link(ours, user)
        with link.lock:
            link.open()
        peer = Peer(theirs)
        peer.head()

        def hold(link: Link = link, user: Recorder = user, ours: socket.socket = ours) -> None:
            link.wait(lambda: bool(user.losses))
            link.finish()
            ours.close()

        holding = Background(hold)
        if number % 2:
            peer.send(close_frame(1000))
            assert peer.frame().close_code == 1000
        else:
            with user.lock:
                link.close(1001)
            assert peer.frame().close_code == 1001
            peer.send(close_frame(1001))
        assert peer.rest() == b""
        peer.close()
        holding.result()
        assert user.losses == [(1001 - number % 2, "")]


def test_a_peer_that_is_still_sending_reads_the_close_frame(
    pair: tuple[socket.socket, socket.socket], with_reader: Callable[[Connected], Any]
) -> None:
    """The rest of 5 MB is read and thrown away, so that no reset overtakes the 1009."""
    with connected(pair, max_message_size=1000, close_timeout=TIMEOUT) as connection, with_reader(connection):
        data = frame(BINARY, b"x" * 5_000_000)
        connection.peer.send(data)
        assert connection.peer.frame().close_code == 1009
        assert connection.peer.rest() == b""
        code, _ = connection.user.wait_for_loss()
        assert code == 1009
        connection.peer.close()
        Background(connection.link.finish).result()


def test_a_peer_that_never_answers_the_close_is_dropped(with_reader: Callable[[Connected], Any]) -> None:
    """After ``close_timeout`` the connection is over, with 1006."""
    with connected(close_timeout=0.05) as connection, with_reader(connection):
        connection.close(1000)
        assert connection.user.wait_for_loss() == (1006, "the peer did not finish the closing handshake")
        assert connection.peer.frame().close_code == 1000
        assert connection.peer.rest() == b""


def test_a_peer_that_answers_but_does_not_leave_is_dropped() -> None:
    """After its close frame the peer has ``close_timeout`` to end the stream; the user has been told already."""
    with connected(close_timeout=0.05) as connection:
        connection.peer.send(close_frame(1000))
        assert connection.user.wait_for_loss() == (1000, "")
        Background(connection.link.finish).result()
        assert connection.user.losses == [(1000, "")]


def test_a_close_frame_that_cannot_be_written_is_given_up() -> None:
    """A peer that reads nothing, not even the close frame, is dropped after ``close_timeout``."""
    with connected(close_timeout=0.05) as connection:
        while not connection.link.framing.out:
            connection.send(b"x" * 100_000)
        connection.close(1000)
        assert connection.user.wait_for_loss()[0] == 1006
        assert not connection.link.framing.out


def test_the_stream_ends_without_a_close_frame(
    pair: tuple[socket.socket, socket.socket], with_reader: Callable[[Connected], Any]
) -> None:
    """An end of the stream without a close frame is 1006."""
    with connected(pair) as connection, with_reader(connection):
        connection.peer.close()
        code, reason = connection.user.wait_for_loss()
        assert code == 1006
        assert reason


def test_a_reset_is_a_loss(with_reader: Callable[[Connected], Any]) -> None:
    """A connection reset is 1006 with what the system says of it."""
    with connected() as connection, with_reader(connection):
        connection.peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.peer.close()
        assert connection.user.wait_for_loss() == (1006, "the connection broke: Connection reset by peer")


def test_a_send_to_a_broken_connection_is_a_loss() -> None:
    """A write that fails tells the user, and does not raise."""
    with connected() as connection:
        with connection.user.lock:
            connection.peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.peer.close()
            eventually(lambda: connection.link._poll.poll(0))
            connection.link.send("one")
            connection.link.send("two")
        assert connection.user.wait_for_loss()[0] == 1006


@pytest.mark.parametrize("goodbye", [True, False])
def test_what_came_before_the_connection_broke_is_heard(goodbye: bool) -> None:
    """A write that fails does not keep the last messages, and the close frame behind them, from the user."""
    with connected() as connection:
        with connection.user.lock:
            connection.peer.send(frame(TEXT, b"completed") + (close_frame(1000, "bye") if goodbye else b""))
            connection.peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.peer.close()
            eventually(lambda: any(events & select.POLLHUP for _, events in connection.link._poll.poll(0)))
            connection.link.send("one")
            assert connection.user.messages == ["completed"]
        code, reason = connection.user.wait_for_loss()
        assert (code, reason) == (1000, "bye") if goodbye else code == 1006


# The end


def test_finish_closes_with_1000(pair: tuple[socket.socket, socket.socket]) -> None:
    """Without a close before, ``finish`` begins one and waits for the peer."""
    with connected(pair) as connection:
        finishing = Background(connection.link.finish)
        assert connection.peer.frame().close_code == 1000
        assert finishing.is_alive()
        connection.peer.send(close_frame(1000))
        assert connection.peer.rest() == b""
        connection.peer.close()
        finishing.result()
        assert connection.user.losses == [(1000, "")]


def test_finish_gives_up_on_a_silent_peer() -> None:
    """``finish`` returns after ``close_timeout``, whatever the peer does."""
    with connected(close_timeout=0.05) as connection:
        Background(connection.link.finish).result()
        assert connection.user.losses[0][0] == 1006


def test_finish_returns_only_when_the_watcher_has_let_go() -> None:
    """While the watcher is held up with the socket in its selector, ``finish`` does not return."""
    with connected(close_timeout=0.05) as connection, connected() as other:
        link = connection.link
        eventually(lambda: link._registered)
        selector = link._watcher._selector
        assert selector is not None
        assert link.sock in {key.fileobj for key in selector.get_map().values()}
        with other.user.lock:
            other.peer.send_text("the watcher waits for this link's lock")
            # The watcher comes to the lock of the other link and stays there.
            eventually(lambda: other.link._poll.poll(0))
            link.abandon()
            finishing = Background(link.finish)
            eventually(lambda: link._released)
            held = link._registered != 0
            assert finishing.is_alive() == held
        finishing.result()
        assert link._registered == 0
        assert link.sock.fileno() not in selector.get_map()
        other.user.wait_for_messages(1)


def test_finish_may_be_repeated() -> None:
    """A second ``finish``, and whatever else comes after the first, does nothing."""
    with connected(close_timeout=0.05) as connection:
        Background(connection.link.finish).result()
        Background(connection.link.finish).result()
        connection.send("nobody hears this")
        connection.close(1000)
        connection.link.abandon()
        assert connection.link.wait(lambda: False) is False
        assert len(connection.user.losses) == 1


def test_finish_lets_go_even_if_the_report_fails() -> None:
    """A log handler that raises does not leave the descriptor in the selector, where it would meet its successor."""

    class Failing(Recorder):
        fails = False

        def report(self) -> None:
            if self.fails:
                raise RuntimeError("no space left on the log's device")

    user = Failing()
    with connected(user=user, close_timeout=0.05) as connection:
        link = connection.link
        eventually(lambda: link._registered)
        user.fails = True
        with contextlib.suppress(RuntimeError):
            link.finish()
        user.fails = False
        assert link._released
        assert link._registered == 0


def test_an_owner_is_woken_by_a_close_from_another_thread() -> None:
    """A waiting owner learns of a close that another thread began, from the peer's answer."""
    with connected() as connection, owner_waits(connection) as waiting:
        connection.close(1000)
        connection.peer.send(close_frame(1000))
        assert waiting.result() is True


def test_an_owner_is_woken_by_abandon(pair: tuple[socket.socket, socket.socket]) -> None:
    """A waiting owner is woken when another thread gives the link up."""
    with connected(pair) as connection, owner_waits(connection) as waiting:
        connection.link.abandon()
        assert waiting.result() is True
        assert connection.user.losses == [(1006, "the connection failed")]


def test_a_wait_that_sees_the_end_has_looked_once_more() -> None:
    """If the link ends between two looks of the wait, ``ready`` is asked again: the end is what was waited for."""

    class Ended(Recorder):
        link: Link | None = None

        def report(self) -> None:
            # Stands for another thread, in the moment in which the lock is free.
            link, self.link = self.link, None
            if link is not None:
                link.abandon()

    user = Ended()
    with connected(user=user) as connection:
        user.link = connection.link
        assert connection.link.wait(lambda: bool(user.losses)) is True


# What has not arrived


def held_for(connection: Connected) -> int:
    """How many bytes the peer's system holds for it."""
    return int(struct.unpack("i", fcntl.ioctl(connection.peer.sock.fileno(), termios.FIONREAD, bytes(4)))[0])


def peeked(connection: Connected) -> list[Frame]:
    """The whole frames that the peer's system holds, which stay there; the rest of what was sent cannot come."""
    data = bytearray(connection.peer.sock.recv(held_for(connection), socket.MSG_PEEK))
    found = []
    while data and (parsed := parse_frame(data)) is not None:
        found.append(parsed[0])
        del data[: parsed[1]]
    return found


def comes_to_rest(connection: Connected, written: Callable[[], int]) -> None:
    """Wait until the peer's system, which nobody reads from, takes no more, and has acknowledged what it has.

    ``written``: how many bytes there have been.
    """
    seen: list[tuple[int, int]] = []

    def rests() -> bool:
        now = held_for(connection), unacknowledged(connection.link.sock)
        seen.append(now)
        return sum(now) == written() and len(seen) > 50 and set(seen[-50:]) == {now}

    eventually(rests)


def reset(peer: Peer) -> None:
    """Break the connection as a system does that has lost it."""
    peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


@pytest.mark.parametrize("buffer", ["roomy", "tight"])
def test_undelivered_is_exactly_what_has_not_arrived(buffer: str) -> None:
    """Of a peer that does not read: the messages of which its system has not got all, written or not, in order."""
    ours, theirs = loopback_pair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1_000_000 if buffer == "roomy" else 20_000)
    with connected((ours, theirs), ping_interval=None) as connection:
        link, before = connection.link, connection.link._written_bytes
        sent = [f"{number:02}" + "x" * 20_000 for number in range(16)]
        for message in sent:
            connection.send(message)
        assert bool(link.framing.out) == (buffer == "tight")
        comes_to_rest(connection, lambda: link._written_bytes - before)
        arrived = [received.payload.decode() for received in peeked(connection)]
        assert 0 < len(arrived) < 16
        with connection.user.lock:
            assert connection.link.undelivered() == sent[len(arrived) :]
        reset(connection.peer)
        connection.user.wait_for_loss()
        with connection.user.lock:
            assert connection.link.undelivered() == sent[len(arrived) :]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("size", [30, 10_000])
def test_undelivered_over_tls(size: int, version: ssl.TLSVersion) -> None:
    """The same with what TLS adds, which is little for long messages and much for short ones."""
    tls = Tls()
    tls.client.minimum_version = tls.client.maximum_version = version
    tls.client.set_ciphers("ECDHE+AESGCM")
    ours, theirs = tls.pair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1_000_000)
    with connected((ours, theirs), ping_interval=None) as connection:
        # The peer has room for some of it only.
        filling = [b"f" * 10_000 for _ in range(20)] if size < 100 else []
        sent = [f"{number:02}".zfill(size) for number in range(16)]
        for message in [*filling, *sent]:
            connection.send(message)
        assert not connection.link.framing.out
        # Each is a record of its own.
        added = 22 if version is ssl.TLSVersion.TLSv1_3 else 29
        record = len(sent[0]) + (2 if size < 126 else 4) + added
        comes_to_rest(connection, lambda: 16 * record + len(filling) * (10_004 + added))
        arrived = 0 if filling else held_for(connection) // record
        assert arrived < 16
        with connection.user.lock:
            assert connection.link.undelivered() == sent[arrived:]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_any_number_of_short_messages_over_tls(version: ssl.TLSVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    """What TLS adds to each does not add up to a message too many, or one too few."""
    tls = Tls()
    tls.client.minimum_version = tls.client.maximum_version = version
    tls.client.set_ciphers("ECDHE+AESGCM")
    with connected(tls.pair(), ping_interval=None) as connection:
        sent = [f"{number:02}" for number in range(16)]
        for message in sent:
            connection.send(message)
        record = 4 + (22 if version is ssl.TLSVersion.TLSv1_3 else 29)
        for count in range(17):
            monkeypatch.setattr(link_module, "unacknowledged", lambda sock, count=count: count * record)
            with connection.user.lock:
                assert connection.link.undelivered() == sent[16 - count :]


def test_nothing_is_undelivered_that_has_arrived(pair: tuple[socket.socket, socket.socket]) -> None:
    """What the peer's system has, has arrived, before the connection breaks and after."""
    with connected(pair) as connection:
        for number in range(10):
            connection.send(str(number))
        eventually(lambda: unacknowledged(connection.link.sock) == 0)
        with connection.user.lock:
            assert connection.link.undelivered() == []
        connection.link.abandon()
        with connection.user.lock:
            assert connection.link.undelivered() == []


def test_what_is_sent_to_a_peer_that_has_left_is_undelivered() -> None:
    """Neither what the system took before it heard of the end, nor what it refused."""
    with connected() as connection:
        connection.send("arrives")
        assert connection.peer.text() == "arrives"
        with connection.user.lock:
            connection.peer.close()
            eventually(lambda: connection.link._poll.poll(0))
            connection.link.send("one")
            poll = select.poll()
            poll.register(connection.link.sock, 0)
            eventually(lambda: poll.poll(0))
            connection.link.send("two")
            assert connection.link.undelivered() == ["one", "two"]


def test_pongs_between_messages_are_no_messages() -> None:
    """They count as bytes, and are not said again."""
    ours, theirs = loopback_pair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 20_000)
    with connected((ours, theirs), ping_interval=None) as connection:
        link, before = connection.link, connection.link._written_bytes
        sent = [f"{number}" + "x" * 30_000 for number in range(7)]
        for number, message in enumerate(sent, 1):
            connection.send(message)
            connection.peer.send(frame(PING, b"p" * 125) * 20 + frame(TEXT, b"read so far"))
            connection.user.wait_for_messages(number)
        comes_to_rest(connection, lambda: link._written_bytes - before)
        frames = peeked(connection)
        arrived = sum(received.opcode == TEXT for received in frames)
        assert any(received.opcode == PONG for received in frames)
        assert 0 < arrived < 7
        with connection.user.lock:
            assert connection.link.undelivered() == sent[arrived:]


def test_what_is_sent_behind_the_end_of_the_link_is_not_among_it() -> None:
    """By then the user has been told, and keeps it for the next connection."""
    with connected() as connection:
        connection.link.abandon()
        connection.send("too late")
        with connection.user.lock:
            assert connection.link.undelivered() == []


# Left for another connection


def test_a_link_that_is_left_says_nothing(with_reader: Callable[[Connected], Any]) -> None:
    """Its user hears neither of its end nor of what comes on it, and its time is minded elsewhere."""
    with connected() as connection, with_reader(connection):
        user = connection.user
        with user.lock:
            user.due_at = time.monotonic() + 1000
            connection.peer.send_text("crossed")
            connection.link.leave()
            assert connection.link.due == math.inf
        Background(connection.link.finish).result()
        assert user.messages == []
        assert user.losses == []
        assert user.ticks == 0


@pytest.mark.parametrize("reading", [False, True])
def test_an_owner_is_woken_when_its_link_is_left(pair: tuple[socket.socket, socket.socket], reading: bool) -> None:
    """In ``poll``, or about to go there: it sees that the link is over, and looks no more at the socket."""
    with connected(pair) as connection:
        waiting = Background(lambda: connection.link.wait(lambda: False))
        if reading:
            eventually(lambda: connection.link._owner_reads)
        with connection.user.lock:
            connection.link.leave()
        Background(connection.link.finish).result()
        assert waiting.result() is False
        assert not connection.link._owner_reads


def test_a_left_link_is_finished_only_when_its_owner_is_out() -> None:
    """Who has brought the socket may not close it while the owner is still on its way out of the wait."""
    inside, go_on = threading.Event(), threading.Event()

    class Slow(Recorder):
        def report(self) -> None:
            if threading.current_thread() is owner and self.messages:
                inside.set()
                assert go_on.wait(TIMEOUT)

    user = Slow()
    owner: threading.Thread | None = None
    with connected(user=user) as connection:
        owner = Background(lambda: connection.link.wait(lambda: False))
        eventually(lambda: connection.link._owner_reads)
        connection.peer.send_text("now")
        assert inside.wait(TIMEOUT)
        with user.lock:
            connection.link.leave()
        finishing = Background(connection.link.finish)
        eventually(lambda: connection.link._released and not connection.link._registered)
        assert finishing.is_alive()
        go_on.set()
        finishing.result()
        assert owner.result() is False


def test_a_wait_behind_the_finish_touches_nothing() -> None:
    """An owner that comes too late, to a link whose socket is closed, is sent away, and leaves no trace."""
    with connected(close_timeout=0.05) as connection, connected() as other:
        link = connection.link
        with connection.user.lock:
            link.leave()
        link.finish()
        link.sock.close()
        assert link.wait(lambda: False) is False
        assert link.wait(lambda: True) is True
        assert link not in other.link._watcher.attention
        assert link not in other.link._watcher._links


# The user's time


def test_a_dead_link_minds_its_users_time() -> None:
    """While there is no connection the user's deadline is kept all the same."""
    with connected() as connection:
        user = connection.user
        connection.peer.close()
        user.wait_for_loss()
        with user.lock:
            user.due_at = 0.0
            connection.link.plan()
        user.wait_until(lambda: user.ticks == 1)


def test_a_finished_link_minds_it_no_more() -> None:
    """Nothing is called on a user whose link is over; other links are served meanwhile."""
    with connected(close_timeout=0.05) as connection, connected() as other:
        Background(connection.link.finish).result()
        with connection.user.lock:
            connection.user.due_at = 0.0
            connection.link.plan()
        with other.user.lock:
            other.user.due_at = 0.0
            other.link.plan()
        other.user.wait_until(lambda: other.user.ticks == 1)
        assert connection.user.ticks == 0


def test_open_holds_the_lock_to_its_end() -> None:
    """Nobody reads what comes by the socket before what was read already has been delivered."""
    ours, theirs = loopback_pair()
    peer = Peer(theirs)
    peer.send_text("behind")

    class Slow(Recorder):
        def message(self, message: str | bytes) -> None:
            super().message(message)
            if message == "first":
                assert select.select([ours], [], [], TIMEOUT)[0]
                # The watcher has had time to come for it.
                eventually(lambda: link._registered or time.monotonic() > self.until)

    user = Slow()
    user.until = time.monotonic() + 0.2  # type: ignore[attr-defined]
    link = made_link(ours, user, messages=["first"])
    with link.lock:
        link.open()
        assert user.messages == ["first"]
    user.wait_for_messages(2)
    assert user.messages == ["first", "behind"]
    link.abandon()
    link.finish()
    ours.close()
    peer.close()


# Descriptors are used again


def test_a_new_connection_with_an_old_number_gets_its_own_bytes() -> None:
    """Under the watcher, sockets that get the numbers of closed ones are never mixed up with them."""
    numbers: set[int] = set()
    reused = 0
    for generation in range(8):
        with contextlib.ExitStack() as stack:
            connections = [stack.enter_context(connected(socket.socketpair())) for _ in range(12)]
            for connection in connections:
                reused += connection.link.sock.fileno() in numbers
                numbers.add(connection.link.sock.fileno())
            for index, connection in enumerate(connections):
                connection.peer.send_text(f"{generation} {index}")
            for index, connection in enumerate(connections):
                connection.user.wait_for_messages(1)
                connection.send(f"re {generation} {index}")
                assert connection.peer.text() == f"re {generation} {index}"
            for index, connection in enumerate(connections):
                assert connection.user.messages == [f"{generation} {index}"]
                assert connection.user.losses == []
                assert connection.user.readers[0].name == WATCHER
    assert reused > 40


def test_numbers_change_hands_while_others_are_watched() -> None:
    """Threads that open, use and close links at once never see another's bytes."""
    threads, rounds = 4, 12
    barrier = threading.Barrier(threads)

    def work(name: int) -> None:
        barrier.wait(TIMEOUT)
        for number in range(rounds):
            with connected(socket.socketpair()) as connection:
                connection.peer.send_text(f"{name} {number}")
                if number % 2:
                    connection.user.wait_for_messages(1)
                else:
                    assert connection.link.wait(lambda user=connection.user: bool(user.messages)) is True
                assert connection.user.messages == [f"{name} {number}"]
                assert connection.user.losses == []

    for working in [Background(lambda name=name: work(name)) for name in range(threads)]:
        working.result()


# TLS


def test_a_burst_in_one_record(tls: Tls, with_reader: Callable[[Connected], Any]) -> None:
    """Hundreds of frames in one TLS record all come, though the socket shows nothing more to read."""
    with connected(tls.pair()) as connection, with_reader(connection):
        for burst in range(1, 6):
            connection.peer.send(b"".join(frame(TEXT, str(number).encode()) for number in range(400)))
            connection.user.wait_for_messages(burst * 400)
        assert connection.user.messages == [str(number) for number in range(400)] * 5


def test_records_that_end_within_a_frame(tls: Tls, with_reader: Callable[[Connected], Any]) -> None:
    """TLS records and websocket frames need not end together."""
    texts = [str(number) * (number % 50) for number in range(200)]
    data = b"".join(frame(TEXT, text.encode()) for text in texts)
    with connected(tls.pair()) as connection, with_reader(connection):
        for start in range(0, len(data), 61):
            connection.peer.send(data[start : start + 61])
        connection.user.wait_for_messages(len(texts))
        assert connection.user.messages == texts


def test_decrypted_bytes_do_not_hide(
    tls: Tls, with_reader: Callable[[Connected], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left of a record after as much was read as may be in a row is read without the socket's showing it."""
    monkeypatch.setattr(link_module, "_CHUNK", 50)
    monkeypatch.setattr(link_module, "_MOST_READS", 2)
    with connected(tls.pair()) as connection, with_reader(connection):
        connection.peer.send(b"".join(frame(TEXT, str(number).encode()) for number in range(1000)))
        connection.user.wait_for_messages(1000)
        assert connection.user.messages == [str(number) for number in range(1000)]


def test_a_large_message_over_tls(tls: Tls, with_reader: Callable[[Connected], Any]) -> None:
    """A message of many records comes whole."""
    large = b"0123456789abcdef" * 60_000
    with connected(tls.pair()) as connection, with_reader(connection):
        connection.peer.send(frame(BINARY, large))
        connection.user.wait_for_messages(1)
        assert connection.user.messages == [large]


def test_tls_is_closed_in_order(tls: Tls) -> None:
    """The end of our stream is announced by TLS's own close, so that the peer can tell it from a cut."""
    ours, theirs = tls.pair()
    theirs.close()
    ours.close()
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    plain_ours, plain_theirs = loopback_pair()
    accepting = Background(lambda: tls.server.wrap_socket(plain_ours, server_side=True))
    encrypted = client.wrap_socket(plain_theirs, suppress_ragged_eofs=False)
    with connected((accepting.result(), encrypted)) as connection:
        connection.peer.send(close_frame(1000))
        assert connection.peer.frame().close_code == 1000
        # A cut would raise SSLEOFError.
        with contextlib.suppress(ssl.SSLZeroReturnError):
            assert connection.peer.rest() == b""


def test_the_peer_closes_tls_in_order(tls: Tls, with_reader: Callable[[Connected], Any]) -> None:
    """A peer that ends TLS by its close, without a close frame, is lost with 1006."""
    with connected(tls.pair()) as connection, with_reader(connection):
        assert isinstance(connection.peer.sock, ssl.SSLSocket)
        connection.peer.sock.setblocking(False)
        # It has sent its close when it wants to read the other one, which may not come.
        with contextlib.suppress(ssl.SSLError):
            connection.peer.sock.unwrap()
        assert connection.user.wait_for_loss() == (1006, "the peer closed the connection without a close frame")


def test_garbage_over_tls_is_a_loss(tls: Tls, with_reader: Callable[[Connected], Any]) -> None:
    """A record that is none breaks the connection with 1006."""
    with connected(tls.pair()) as connection, with_reader(connection):
        socket.socket.sendall(connection.peer.sock, b"\x17\x03\x03\x00\x20" + b"x" * 32)
        code, reason = connection.user.wait_for_loss()
        assert code == 1006
        assert reason.startswith("the connection broke: ")


# Logging


def test_nothing_is_logged_above_debug(caplog: pytest.LogCaptureFixture) -> None:
    """A link has nothing to say at INFO or above: its user has."""
    caplog.set_level(logging.INFO, "jambonz_sync")
    with connected(socket.socketpair()) as connection:
        connection.peer.close()
        connection.user.wait_for_loss()
    assert caplog.records == []
