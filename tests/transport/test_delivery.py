"""How much of what was written has not arrived: told by the system, compared with what the other side has."""

from __future__ import annotations

import fcntl
import select
import socket
import ssl
import struct
import termios

import pytest

from jambonz_sync.transport.delivery import added_by_tls, unacknowledged
from tests.transport.peers import Background, Tls, eventually, loopback_pair


def has_to_read(sock: socket.socket) -> int:
    """How many bytes the system holds for a socket."""
    return int(struct.unpack("i", fcntl.ioctl(sock.fileno(), termios.FIONREAD, struct.pack("i", 0)))[0])


def fill(sock: socket.socket) -> int:
    """Write as much as goes, to a peer that does not read; return how much that was."""
    sock.setblocking(False)
    written = 0
    while select.select([], [sock], [], 0)[1]:
        written += sock.send(b"x" * 10_000)
    return written


def reset(sock: socket.socket) -> None:
    """Close a socket with a reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def test_nothing_was_written() -> None:
    """A new connection has nothing under way."""
    ours, theirs = loopback_pair()
    with ours, theirs:
        assert unacknowledged(ours) == 0


def test_what_has_reached_the_peers_system_has_arrived() -> None:
    """Whether the peer has read it or not."""
    ours, theirs = loopback_pair()
    with ours, theirs:
        ours.sendall(b"x" * 1000)
        eventually(lambda: has_to_read(theirs) == 1000)
        eventually(lambda: unacknowledged(ours) == 0)


def test_what_has_not_reached_it_is_counted_to_the_byte() -> None:
    """What was written is either there, or counted here; also after the peer has broken the connection."""
    ours, theirs = loopback_pair()
    with ours:
        written = fill(ours)
        eventually(lambda: unacknowledged(ours) + has_to_read(theirs) == written)
        missing = unacknowledged(ours)
        assert 0 < missing < written
        reset(theirs)
        assert select.select([ours], [], [], 10)[0]
        assert unacknowledged(ours) == missing
        with pytest.raises(ConnectionResetError):
            ours.recv(1)
        assert unacknowledged(ours) == missing


def test_what_is_written_to_a_peer_that_has_left_never_arrives() -> None:
    """The first bytes after its end are refused by a reset, which acknowledges nothing."""
    ours, theirs = loopback_pair()
    with ours:
        theirs.close()
        assert ours.recv(1) == b""
        ours.sendall(b"x" * 10)
        poll = select.poll()
        poll.register(ours, 0)
        eventually(lambda: poll.poll(0))
        assert unacknowledged(ours) == 10


def test_a_closed_socket_tells_nothing() -> None:
    """Nor does it raise."""
    ours, theirs = loopback_pair()
    theirs.close()
    ours.close()
    assert unacknowledged(ours) == 0


def test_a_socket_that_is_not_tcp_tells_nothing() -> None:
    """A socket within the machine counts memory, which would be more than was written."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(b"x")
        assert unacknowledged(ours) == 0


def test_a_plain_message_is_as_long_as_it_is() -> None:
    """Only TLS adds to it."""
    ours, theirs = loopback_pair()
    with ours, theirs:
        assert added_by_tls(ours) == 0


@pytest.mark.parametrize("size", [1, 100, 16_000])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_what_tls_adds(version: ssl.TLSVersion, size: int) -> None:
    """A message becomes a record, of exactly so many bytes more with AES-GCM."""
    tls = Tls()
    client = tls.client
    client.minimum_version = client.maximum_version = version
    if version is ssl.TLSVersion.TLSv1_2:
        client.set_ciphers("ECDHE+AESGCM")
    ours, theirs = tls.pair(client)
    with ours, theirs:
        assert ours.version() == version.name.replace("_", ".")
        # It has read all of the handshake when a message has come through.
        sending = Background(lambda: ours.sendall(b"h"))
        assert theirs.recv(1) == b"h"
        sending.result()
        ours.sendall(b"x" * size)
        eventually(lambda: has_to_read(theirs) == size + added_by_tls(ours))
