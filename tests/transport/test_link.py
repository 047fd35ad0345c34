from __future__ import annotations

import contextlib
import logging
import math
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jambonz_sync.transport import link as link_module
from jambonz_sync.transport.link import Link
from tests.transport.peers import (
    BINARY,
    CLOSE,
    PING,
    PONG,
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
)

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


def test_a_wait_goes_on_after_the_longest_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    """``poll`` takes only so long a time; the wait takes any."""
    monkeypatch.setattr(link_module, "_LONGEST_POLL", 0.001)
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


def test_bytes_read_before_the_link_come_first() -> None:
    """``open`` takes in what came behind the request's head; half a frame of it is completed by the socket."""
    ours, theirs = loopback_pair()
    user = Recorder()
    data = frame(TEXT, b"one") + frame(PING, b"p") + frame(TEXT, b"two")
    link = made_link(ours, user, rest=data[:-4])
    theirs.sendall(data[-4:])
    link.open()
    user.wait_for_messages(2)
    assert user.messages == ["one", "two"]
    peer = Peer(theirs)
    assert "101" in peer.head()
    assert peer.frame() == Frame(PONG, b"p")
    link.abandon()
    link.finish()
    ours.close()
    peer.close()


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
        eventually(lambda: user.reports >= 4)


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
