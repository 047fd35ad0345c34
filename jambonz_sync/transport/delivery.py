"""How much of what was written to a socket has not reached the other side."""

from __future__ import annotations

import fcntl
import socket
import ssl
import struct
import termios

__all__ = ["added_by_tls", "unacknowledged"]


def unacknowledged(sock: socket.socket) -> int:
    """Return the number of bytes written to a TCP socket that the peer's system has not acknowledged.

    ::

        lost = unacknowledged(sock)

    That can be asked after the connection has broken too (SIOCOUTQ, see tcp(7)). Where the system does not tell, it is
    0, as if all had arrived.
    """
    if sock.family not in (socket.AF_INET, socket.AF_INET6):
        # Others count the memory in use, which is many times the bytes.
        return 0
    try:
        # For a socket TIOCOUTQ is the same as SIOCOUTQ.
        answer = fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, struct.pack("i", 0))
    except (OSError, ValueError):
        return 0
    return int(struct.unpack("i", answer)[0])


def added_by_tls(sock: socket.socket) -> int:
    """Return by how many bytes TLS makes a message longer that is written on its own; 0 for a plain socket."""
    if not isinstance(sock, ssl.SSLSocket):
        return 0
    # A record's head, type and tag in TLS 1.3. Head, nonce and tag of AES-GCM before that: the longest of those in use.
    return 22 if sock.version() == "TLSv1.3" else 29
