"""How many handshakes may be open, and which of them gives way."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import pytest

from jambonz_sync.transport.http_request import Gone
from jambonz_sync.transport.open_handshakes import Cut, OpenHandshakes
from tests.transport.peers import TIMEOUT, Background, Tls, loopback_pair


class Connections:
    """Connections made for a test: of each the end that was accepted, and whether its peer sees an end."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._stack = stack
        self._peers: dict[socket.socket, socket.socket] = {}

    def one(self) -> socket.socket:
        """A new one."""
        ours, theirs = loopback_pair()
        self._stack.enter_context(ours)
        self._peers[ours] = self._stack.enter_context(theirs)
        return ours

    def is_cut(self, accepted: socket.socket) -> bool:
        """Whether its peer is told of the end."""
        peer = self._peers[accepted]
        peer.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            return peer.recv(1) == b""
        return False


@pytest.fixture
def connections() -> Iterator[Connections]:
    """Makes connections, and closes them after the test."""
    with contextlib.ExitStack() as stack:
        yield Connections(stack)


def test_the_oldest_gives_way(connections: Connections) -> None:
    """One too many ends the oldest, one by one, and never the newest; that is told to whoever enters."""
    handshakes = OpenHandshakes(2)
    first, second, third, fourth = accepted = [connections.one() for _ in range(4)]
    assert [handshakes.enter(sock, sock) for sock in (first, second)] == [False, False]
    assert not any(map(connections.is_cut, accepted))
    assert handshakes.enter(third, third)
    assert list(map(connections.is_cut, accepted)) == [True, False, False, False]
    assert handshakes.enter(fourth, fourth)
    assert list(map(connections.is_cut, accepted)) == [True, True, False, False]
    assert len(handshakes) == 2


def test_one_that_has_left_is_left_alone(connections: Connections) -> None:
    """It makes room, and nobody shuts it any more."""
    handshakes = OpenHandshakes(1)
    first, second = connections.one(), connections.one()
    handshakes.enter(first, first)
    assert handshakes.leave(first)
    assert not handshakes.enter(second, second)
    assert not connections.is_cut(first)


def test_one_that_was_cut_may_not_go_on(connections: Connections) -> None:
    """Its thread learns of it when it leaves, be it twice, and in :meth:`hide` and :meth:`show`."""
    handshakes = OpenHandshakes(1)
    first, second = connections.one(), connections.one()
    handshakes.enter(first, first)
    handshakes.enter(second, second)
    assert [handshakes.leave(first) for _ in range(2)] == [False, False]
    with pytest.raises(Cut):
        handshakes.hide(first)
    with pytest.raises(Cut, match="dawdled"):
        handshakes.show(first, first)
    assert issubclass(Cut, Gone)
    assert len(handshakes) == 1


def test_a_thread_that_waits_for_the_peer_is_woken(connections: Connections) -> None:
    """It sees the end of the stream at once."""
    handshakes = OpenHandshakes(1)
    first, second = connections.one(), connections.one()
    first.settimeout(TIMEOUT)
    handshakes.enter(first, first)
    waiting = Background(lambda: first.recv(1))
    handshakes.enter(second, second)
    assert waiting.result() == b""


def test_a_hidden_one_is_not_touched(connections: Connections) -> None:
    """Its turn comes as that of any other, but its socket is let alone; its thread is told afterwards."""
    handshakes = OpenHandshakes(1)
    first, second = connections.one(), connections.one()
    handshakes.enter(first, first)
    handshakes.hide(first)
    assert handshakes.enter(second, second)
    assert not connections.is_cut(first)
    with pytest.raises(Cut):
        handshakes.show(first, first)


def test_it_keeps_its_age(connections: Connections) -> None:
    """Whoever hides and shows a socket does not become younger by that."""
    handshakes = OpenHandshakes(2)
    first, second, third = (connections.one() for _ in range(3))
    handshakes.enter(first, first)
    handshakes.enter(second, second)
    handshakes.hide(first)
    handshakes.show(first, first)
    handshakes.enter(third, third)
    assert connections.is_cut(first)
    assert not connections.is_cut(second)


def test_the_socket_that_tls_made(connections: Connections, tls: Tls) -> None:
    """The accepted socket has lost its descriptor to it: the new one is shut, without a TLS goodbye."""
    handshakes = OpenHandshakes(1)
    first, second = connections.one(), connections.one()
    handshakes.enter(first, first)
    handshakes.hide(first)
    with tls.server.wrap_socket(first, server_side=True, do_handshake_on_connect=False) as encrypted:
        assert first.fileno() == -1
        handshakes.show(first, encrypted)
        handshakes.enter(second, second)
        assert connections.is_cut(first)
        assert not handshakes.leave(first)


def test_a_peer_that_has_left_already(connections: Connections) -> None:
    """A socket that cannot be shut any more is no fault."""
    handshakes = OpenHandshakes(1)
    first, second = connections.one(), connections.one()
    handshakes.enter(first, first)
    first.close()
    assert handshakes.enter(second, second)
    assert len(handshakes) == 1


def test_many_threads(connections: Connections) -> None:
    """Of connections that enter and leave on many threads, each is either cut or may go on, and none is forgotten."""
    handshakes = OpenHandshakes(3)

    def come_and_go() -> int:
        cut = 0
        for _ in range(200):
            ours, theirs = socket.socketpair()
            with ours, theirs:
                handshakes.enter(ours, ours)
                theirs.setblocking(False)
                if not handshakes.leave(ours):
                    cut += 1
                    assert theirs.recv(1) == b""
                else:
                    with pytest.raises(BlockingIOError):
                        theirs.recv(1)
        return cut

    for going in [Background(come_and_go) for _ in range(8)]:
        going.result()
    assert len(handshakes) == 0
