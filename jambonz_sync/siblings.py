"""Other processes on this machine that serve the same address, and handing them the connections that are theirs.

A call lives in one process. When its connection is lost and jambonz comes back, the connection may be accepted by any
process that listens on the address: gunicorn's workers share one. The process that gets it and does not know the call
offers the open socket to its siblings, and the one that holds the call takes it.

They find each other in a directory, in which each has a Unix socket. One conversation on it:

1. the offer: the length of what follows, a line of JSON (:class:`Offer`), and what was received on the connection since
   its handshake; the descriptor of the connection goes with the first byte;
2. ``mine``, if the call is held here; else the end;
3. ``take it``: from here on the connection is used by nobody else. If that does not come, the offer is void: the
   other may have run out of patience, and then serves the connection itself.

What is handed over is a descriptor (``SCM_RIGHTS``, see unix(7)), so that a TLS connection, whose keys are in the
process, cannot be.

Threads. One accepts; each offer is answered on a thread of its own, which then holds the connection, as the thread of a
server does with a connection it has accepted. ``_lock`` guards joining and leaving, and nothing else is done under it.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import json
import logging
import os
import secrets
import socket
import ssl
import stat
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping

__all__ = ["Offer", "Siblings", "workers_directory"]

#: How long an offer may take a sibling to answer, in seconds. jambonz waits 5 for the answer to ``session:reconnect``.
_PATIENCE = 2.5
#: And all of them together.
_PATIENCE_WITH_ALL = 4.0
_PAUSE = 0.02
_MINE = b"mine\n"
_TAKE_IT = b"take it\n"
#: Between the handshake and the first message there is not more, see Framing's ``max_message_size``.
_MOST_BYTES = 2 * 1024 * 1024


@dataclasses.dataclass(frozen=True)
class Offer:
    """A connection on which jambonz has come back.

    ``name``: that of the call, as of :func:`~.live_calls.return_name`. ``kind``: what it brings, ``call`` or ``audio``.
    ``service``: the path of the service it is for.
    ``path``, ``target``: as of :class:`~.reception.Address`. ``handshake``: those keys of the request's environ that
    the websocket handshake needs. ``received``: what came on the connection behind its handshake.
    """

    name: str
    kind: str
    service: str
    path: str
    target: str
    handshake: Mapping[str, str]
    received: bytes


def workers_directory() -> str:
    """Return the directory for the workers of one parent process, gunicorn's for example."""
    return os.path.join(tempfile.gettempdir(), f"jambonz_sync-{os.geteuid()}-{os.getppid()}")


class Siblings:
    """The processes that share a directory.

    ``is_mine(offer)`` tells whether a call is held here, ``take(offer, sock)`` holds its connection until it is over;
    the socket is closed after that.
    """

    def __init__(
        self, is_mine: Callable[[Offer], bool], take: Callable[[Offer, socket.socket], None], logger: logging.Logger
    ) -> None:
        self._is_mine = is_mine
        self._take = take
        self._logger = logger
        self._lock = threading.Lock()
        self._directory: str | None = None
        self._listener: socket.socket | None = None
        self._path = ""
        # Threads do not survive a fork, and the parent's socket is the parent's.
        self._pid = 0

    def join(self, directory: str) -> None:
        """Be found in a directory, which is made if it is not there; a second call does nothing.

        A directory that cannot be used is logged, and costs no more than the hand-over.
        """
        if self._pid == os.getpid():
            return
        with self._lock:
            if self._pid == os.getpid():
                return
            if self._listener is not None:
                # A copy, made by a fork, of the parent's.
                self._listener.close()
                self._listener = None
            try:
                self._listener = self._listen(directory)
            except OSError as error:
                self._pid = os.getpid()
                self._logger.warning(
                    "calls that jambonz comes back for cannot be handed over between processes, "
                    "since %s cannot be used: %s",
                    directory,
                    error,
                )
                return
            self._directory = directory
            threading.Thread(
                target=self._accept, args=(self._listener,), name="jambonz_sync siblings", daemon=True
            ).start()
            # Last: whoever finds it asks the siblings without waiting for the lock.
            self._pid = os.getpid()
        atexit.register(self.leave)

    def _listen(self, directory: str) -> socket.socket:
        # Another may remove the directory, as its last, just after it was made.
        for attempt in range(10):
            with contextlib.suppress(FileExistsError):
                os.mkdir(directory, 0o700)
            _require_private(directory)
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            # Not the process number alone, which another container may have too.
            name = f"{os.getpid()}-{secrets.token_hex(4)}"
            self._path = os.path.join(directory, name)
            hidden = os.path.join(directory, f".{name}")
            try:
                # Not under its name before it listens: whoever were refused there would remove it.
                listener.bind(hidden)
                listener.listen(1024)
                os.rename(hidden, self._path)
            except BaseException as error:
                listener.close()
                if isinstance(error, FileNotFoundError) and attempt < 9:
                    continue
                raise
            return listener
        raise AssertionError("not reached")

    def leave(self) -> None:
        """Be found no more. Connections that were taken are held on."""
        with self._lock:
            if self._pid != os.getpid() or self._listener is None:
                return
            listener, self._listener = self._listener, None
            self._pid = 0
        # It wakes the thread that accepts, which closes the socket: the descriptor may not be used again before.
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            os.unlink(self._path)
        with contextlib.suppress(OSError):
            os.rmdir(os.path.dirname(self._path))
        atexit.unregister(self.leave)

    # Offering

    def offer(self, offer: Offer, sock: socket.socket) -> bool:
        """Offer a connection to the siblings, one after the other; return whether one has taken it.

        Then ``sock`` is a socket that leads nowhere, which may be shut and closed as if it still were the connection.
        """
        if self._listener is None or self._pid != os.getpid():
            return False
        if isinstance(sock, ssl.SSLSocket):
            if any(True for _ in self._others()):
                self._logger.warning(
                    "a call may have come back to the wrong process: over TLS, which ends in this process, it cannot "
                    "be handed over. Let whatever stands in front, such as nginx, do TLS"
                )
            return False
        try:
            # Before anybody is told to take it: after that nothing may fail.
            with _nowhere() as nowhere:
                return self._offer(offer, sock, nowhere)
        except OSError as error:
            self._logger.error("the connection of a call cannot be handed over: %s", error)
            return False

    def _offer(self, offer: Offer, sock: socket.socket, nowhere: socket.socket) -> bool:
        until = time.monotonic() + _PATIENCE_WITH_ALL
        for path in self._others():
            if time.monotonic() >= until:
                break
            try:
                with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sibling:
                    sibling.settimeout(_PATIENCE)
                    _connect(sibling, path)
                    _send_offer(sibling, offer, sock)
                    if _received(sibling, len(_MINE)) != _MINE:
                        continue
                    sibling.sendall(_TAKE_IT)
                    # A server shuts down a connection that it thinks it is done with.
                    os.dup2(nowhere.fileno(), sock.fileno(), inheritable=False)
            except (ConnectionRefusedError, FileNotFoundError):
                # It was killed, and could not tidy up; or it has left just now.
                with contextlib.suppress(OSError):
                    os.unlink(path)
            except OSError as error:
                self._logger.warning("a process found at %s does not answer: %s", path, error)
            else:
                return True
        return False

    def _others(self) -> Iterator[str]:
        assert self._directory is not None
        with contextlib.suppress(OSError):
            for name in sorted(os.listdir(self._directory)):
                path = os.path.join(self._directory, name)
                if path != self._path and not name.startswith("."):
                    yield path

    # Being offered

    def _accept(self, listener: socket.socket) -> None:
        with listener:
            while True:
                try:
                    sibling, _ = listener.accept()
                except OSError:
                    # It was shut down; with descriptors run out nobody can be helped either.
                    if self._listener is not listener:
                        return
                    # The offer stays in the queue, so without a pause this would spin.
                    time.sleep(_PAUSE)
                    continue
                try:
                    threading.Thread(
                        target=self._answer, args=(sibling,), name="jambonz_sync from a sibling", daemon=True
                    ).start()
                except RuntimeError as error:
                    # No thread is to be had now. To end here would be to be found dead, and removed, by the others.
                    sibling.close()
                    self._logger.error("the offer of another process cannot be answered: %s", error)

    def _answer(self, sibling: socket.socket) -> None:
        connection: socket.socket | None = None
        try:
            with sibling:
                sibling.settimeout(_PATIENCE)
                offer, connection = _receive_offer(sibling)
                if not self._is_mine(offer):
                    return
                sibling.sendall(_MINE)
                if _received(sibling, len(_TAKE_IT)) != _TAKE_IT:
                    return
            self._take(offer, connection)
        except (OSError, ValueError, KeyError, TypeError) as error:
            self._logger.warning("the offer of another process came to nothing: %s", error)
        finally:
            if connection is not None:
                connection.close()


def _require_private(directory: str) -> None:
    """Raise :exc:`OSError` unless the directory is ours alone: whoever else could write there would get callers."""
    found = os.lstat(directory)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise PermissionError("it must be a directory that belongs to this user, with mode 0700")


def _send_offer(sibling: socket.socket, offer: Offer, sock: socket.socket) -> None:
    told = {key: value for key, value in dataclasses.asdict(offer).items() if key != "received"}
    head = json.dumps(told).encode() + b"\n"
    whole = (len(head) + len(offer.received)).to_bytes(4, "big") + head + offer.received
    sent = socket.send_fds(sibling, [whole], [sock.fileno()])
    if sent < len(whole):
        # Not otherwise: whoever has the whole may have declined it, and hung up.
        sibling.sendall(whole[sent:])


def _receive_offer(sibling: socket.socket) -> tuple[Offer, socket.socket]:
    first, descriptors, _, _ = socket.recv_fds(sibling, 4, 1)
    if len(descriptors) != 1:
        raise ValueError("it came without a connection")
    # As every socket that Python makes; else a program that a handler starts would keep the connection open.
    os.set_inheritable(descriptors[0], False)
    connection = socket.socket(fileno=descriptors[0])
    try:
        size = int.from_bytes(first + _received(sibling, 4 - len(first)), "big")
        if size > _MOST_BYTES:
            raise ValueError(f"it has {size:,} bytes")
        head, _, received = _received(sibling, size).partition(b"\n")
        return Offer(**json.loads(head), received=received), connection
    except BaseException:
        connection.close()
        raise


def _received(sock: socket.socket, size: int) -> bytes:
    """Receive so many bytes, or fewer at the end of the stream."""
    data = bytearray()
    while len(data) < size:
        piece = sock.recv(min(size - len(data), 65_536))
        if not piece:
            break
        data += piece
    return bytes(data)


def _connect(sibling: socket.socket, path: str) -> None:
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            return sibling.connect(path)
        except BlockingIOError:
            # Its queue is full, for which unix(7) does not wait.
            if time.monotonic() >= until:
                raise
            time.sleep(_PAUSE)


@contextlib.contextmanager
def _nowhere() -> Iterator[socket.socket]:
    ours, other = socket.socketpair()
    with ours, other:
        yield ours
