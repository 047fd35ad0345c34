"""One open websocket: a socket, its framing, and who reads it.

The rule is *whoever waits reads*. The thread that owns the link (the call's) reads the socket itself while it waits,
without any hand-over. While it is away in user code for more than some 10 ms, the watcher reads for it.

What makes that safe:

* The socket is non-blocking and never given a timeout. Nothing here blocks but ``poll``, in :meth:`Link.wait`.
* One lock (the user's, handed in) guards the framing, the unwritten bytes, who reads, and the user's own state. It is
  never held in ``poll``, in user code, or while the log is written. Whoever holds it takes no other lock, except that
  logging-free operations of the watcher are called (see there), so there is no order of locks to get wrong.
* Messages are framed whole under the lock into one buffer, and the buffer is written by whoever holds the lock; what
  the socket does not take the watcher writes later. So no send blocks, is partial, or mixes with another.
* The owner in ``poll`` is woken by its socket: by data, or by ``shutdown`` when another thread ends the link. When
  another thread has changed what it waits for, a ping makes the peer answer, which wakes it (:meth:`Link.wake`). So
  nothing has to be looked at now and then, which thousands of threads would do without end.
* The descriptor is closed by whoever opened it, after :meth:`Link.finish` has returned: by then the watcher has let it
  go, so it cannot watch, or read from, a new connection that happens to get the same number.
"""

from __future__ import annotations

import contextlib
import math
import select
import selectors
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from typing import Protocol

from ..condition import Condition
from .delivery import added_by_tls, unacknowledged
from .framing import Framing
from .watcher import Watcher, watcher

__all__ = ["Link", "LinkUser"]

#: How long the owner may be away in user code before the watcher reads for it.
_AWAY = 0.01
#: When a waiting owner looks again at the latest, in milliseconds. By then it has mostly been woken by a pong.
_LONGEST_POLL = 30_000
_CHUNK = 65_536
#: So many messages are remembered until it is known whether they have arrived. No more are under way but in a flood.
_REMEMBERED = 16
#: Reads in a row before the lock is given to others; of TLS, whose decrypted bytes ``poll`` does not see.
_MOST_READS = 64

_READ = selectors.EVENT_READ
_WRITE = selectors.EVENT_WRITE


class LinkUser(Protocol):
    """Who uses a link: a call, an audio stream, an echo in a test. All but :meth:`report` run under the link's lock."""

    def message(self, message: str | bytes) -> None:
        """A message has come."""

    def lost(self, code: int, reason: str) -> None:
        """The connection is over; said once. ``code`` as of RFC 6455 section 7.4, 1006 if it broke."""

    def due(self) -> float:
        """When :meth:`tick` wants to be called, by ``time.monotonic()``; ``inf`` for never."""
        ...

    def tick(self) -> None:
        """What was due is due."""

    def report(self) -> None:
        """The lock is free: write to the log what there is to say."""


class Link:
    """An open websocket with a user and an owner thread.

    ``sock`` is a connected socket, plain or TLS, whose handshake is done; it is made non-blocking here. ``framing``
    has the answer of the websocket handshake in its output. ``ping_interval`` seconds after each other pings are sent,
    and a ping unanswered for as long closes with 1008; ``None`` sends none. ``close_timeout`` seconds are granted the
    peer for its part of the closing handshake. A peer that has more than ``max_unwritten`` bytes to read is dropped.
    ``messages`` are those that were read before the link was made.
    """

    #: Whether a message may change when the user's tick is due.
    _due_changes = True

    def __init__(
        self,
        sock: socket.socket,
        framing: Framing,
        user: LinkUser,
        lock: threading.Lock,
        *,
        ping_interval: float | None = 25.0,
        close_timeout: float = 2.0,
        max_unwritten: int = 4 * 1024 * 1024,
        messages: Iterable[str | bytes] = (),
    ) -> None:
        self.sock = sock
        self._tls = sock if isinstance(sock, ssl.SSLSocket) else None
        self.framing = framing
        self.lock = lock
        #: When the watcher should call :meth:`tick`. Written under the lock, read by the watcher without it.
        self.due = math.inf
        self._user = user
        self._close_timeout = close_timeout
        self._max_unwritten = max_unwritten
        self._ping_interval = ping_interval
        self._ping_due = math.inf if ping_interval is None else time.monotonic() + ping_interval
        self._close_due = math.inf
        self._owner_reads = False
        # What it waits for, until it has been woken.
        self._awaited: Callable[[], bool] | None = None
        self._left_at = 0.0
        self._first = list(messages)
        # What was framed of late, with its size; ``None`` for frames that are no messages. And the bytes framed and
        # written since the link was made, which tell how much of it is where.
        self._framed: list[tuple[int, str | bytes | None]] = []
        self._framed_bytes = len(framing.out)
        self._written_bytes = 0
        self._undelivered: list[str | bytes] = []
        self._said_lost = False
        # Nothing more can be read: end of stream, an error, or the closing handshake has run its course.
        self._dead = False
        self._half_closed = False
        # Why nothing can be written any more; what the peer has sent before that can still be read.
        self._write_fault: str | None = None
        # Whether what was read is being handed to the user, who may write.
        self._taking = False
        # The user has another link and wants to hear nothing of this one.
        self._left = False
        self._released = False
        self._registered = 0
        # For whoever ends the link, once somebody does.
        self._let_go: Condition | None = None
        self._watcher: Watcher = watcher()
        sock.setblocking(False)
        # Not every socket has it. A reply of two small frames must not wait for the peer's delayed TCP ack.
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)

    # For the user, under the lock

    def open(self) -> None:
        """Take in what was read already, write what there is to write, and have the link looked after from now on.

        The lock is held all the while: nobody may read what comes behind that first.
        """
        self._left_at = time.monotonic()
        # Before the watcher is asked for anything: a thread that is just ending must not register the link in a
        # selector that ends with it. Its lock is taken under this one; it takes no link's lock under its own.
        self._watcher.add(self)
        first, self._first = self._first, []
        for message in first:
            self._user.message(message)
        self._hear_close()
        self._push()
        self.plan()
        self._watcher.attention[self] = None

    def send(self, message: str | bytes) -> None:
        """Send a message; the lock is held. Never blocks."""
        self._note_frames(None)
        self.framing.send(message)
        self._note_frames(message)
        self._push()

    def undelivered(self) -> list[str | bytes]:
        """Return the last messages sent, in order, that have not reached the peer's system; the lock is held.

        Once the link is dead they never will. What has reached it need not have been read.
        """
        return self._undelivered if self._dead else self._find_undelivered()

    def close(self, code: int, reason: str = "") -> None:
        """Begin the closing handshake unless it has begun; the lock is held. Never blocks."""
        if not self.framing.is_closing and not self._dead:
            self.framing.close(code, reason)
            self._push()
        self._expect_end()

    def plan(self) -> None:
        """Note when the watcher has to look; the lock is held. Called when the user's own due time may have changed.

        A link that is dead still minds its user's time, until the user leaves it or it is finished.
        """
        if self._left or self._released:
            self.due = math.inf
        else:
            self.due = min(self._user.due(), self._ping_due, self._close_due)

    def wake(self) -> None:
        """Wake the owner if what it waits for is there; the lock is held. Never blocks.

        That takes as long as the peer needs to answer a ping. One that is closing answers the close, or is given up.
        """
        if self._awaited is not None and self._awaited():
            # Once is enough.
            self._awaited = None
            self.framing.ping(asks=False)
            self._push()

    def leave(self) -> None:
        """Give the link up without telling the user, who has another one; the lock is held."""
        self._left = self._said_lost = True
        self._die(1006, "given up for another connection")
        self.plan()

    # For the owner

    def wait(self, ready: Callable[[], bool], until: float | None = None) -> bool:
        """Block the owner until ``ready()``, which is called under the lock, or the time ``until`` has come.

        ``until`` is a time of ``time.monotonic()``, or ``None``. Reads the socket meanwhile. Returns the last
        ``ready()``; at once when the link is dead, since nothing more will come.
        """
        has_looked = False
        try:
            while True:
                with self.lock:
                    self._owner_reads = True
                    self._awaited = ready
                    # What was read before has mostly emptied the socket, so that poll is to be asked first.
                    if has_looked:
                        self._read()
                    elif not (self._registered or self.framing.out or self._dead):
                        # It is back before the watcher had anything to do for it.
                        self._watcher.attention.pop(self, None)
                    done = ready()
                    # Rounded up to milliseconds, so that the last round is not spent in a hot loop.
                    rest = _LONGEST_POLL if until is None else math.ceil((until - time.monotonic()) * 1000)
                    ends = done or self._dead or (rest <= 0 and has_looked)
                    if ends:
                        self._go_away()
                    pending = self._tls is not None and self._decrypted()
                self._user.report()
                if ends:
                    return done
                if not pending:
                    self._poll.poll(max(0, min(rest, _LONGEST_POLL)))
                has_looked = True
        except BaseException:
            with self.lock:
                self._go_away()
            raise

    def finish(self) -> None:
        """End the link: see the closing handshake through, then make all others let go of the descriptor.

        Called by the owner or, for a link that the owner has left, by whoever brought the socket. Returns within
        ``close_timeout`` seconds and a little; after that the socket may be closed. A second call does nothing.
        """
        with self.lock:
            if not self.framing.is_closing:
                self.framing.close(1000)
                self._push()
            self._expect_end()
            dead, until = self._dead, self._close_due + 1
        try:
            if not dead:
                # Not for ever, even if the watcher, which minds the deadline, should fail.
                self.wait(lambda: self._dead, until)
        finally:
            with self.lock:
                self._die(1006, "the connection was given up")
                self._released = True
                self.plan()
                self._watcher.attention[self] = None
                if self._let_go is None:
                    self._let_go = Condition(self.lock)
                # An owner in poll has been woken by the end of the socket.
                while self._registered or self._owner_reads:
                    self._let_go.wait()
            self._watcher.remove(self)

    # For the watcher

    def serve(self, events: int) -> None:
        """The socket is ready for ``events``; called by the watcher."""
        with self.lock:
            if events & _WRITE:
                self._push()
            if events & _READ and not self._owner_reads:
                self._read()
            self.plan()
            self._watcher.attention[self] = None
        self._user.report()

    def attend(self) -> None:
        """Tell the watcher what to watch this link for; called by the watcher, if it is in its ``attention``."""
        with self.lock:
            wanted = 0
            away = time.monotonic() - self._left_at >= _AWAY
            if not self._dead and not self._released:
                if not self._owner_reads and away:
                    wanted |= _READ
                if self.framing.out and self._write_fault is None:
                    wanted |= _WRITE
            before = self._registered
            if wanted != before:
                self._watcher.watch(self, wanted, before)
                self._registered = wanted
                if self._let_go is not None:
                    self._let_go.notify_all()
            pending = wanted & _READ and self._decrypted()
            if not pending and (self._owner_reads or away or self._dead or self._released):
                self._watcher.attention.pop(self, None)
        if pending:
            self.serve(_READ)

    def tick(self) -> None:
        """Something is due; called by the watcher."""
        with self.lock:
            now = time.monotonic()
            if now >= self._close_due:
                self._die(1006, "the peer did not finish the closing handshake")
            elif now >= self._ping_due:
                self._ping(now)
            if self._user.due() <= now:
                self._user.tick()
            self._push()
            self.plan()
        self._user.report()

    def abandon(self) -> None:
        """Give the link up after a fault."""
        with self.lock:
            self._die(1006, "the connection failed")
            self.plan()
            self._watcher.attention[self] = None

    # All below runs under the lock

    def _go_away(self) -> None:
        """The owner goes back to user code."""
        self._owner_reads = False
        self._awaited = None
        self._left_at = time.monotonic()
        if not self._released:
            self._watcher.attention[self] = None
        if self._let_go is not None:
            # Whoever brought the socket may be about to close it, if the link has died: see finish().
            self._let_go.notify_all()

    def _decrypted(self) -> bool:
        """Whether TLS holds bytes that ``poll`` does not see."""
        return not self._dead and self._tls is not None and self._tls.pending() > 0

    def _ping(self, now: float) -> None:
        assert self._ping_interval is not None
        self._ping_due = now + self._ping_interval
        if self.framing.pong_received:
            self.framing.ping()
        else:
            reason = f"no pong within {self._ping_interval:g} s"
            self.framing.close(1008, reason)
            self._push()
            # No use in waiting for its half of the closing handshake. The close frame is on its way before the end.
            self._die(1006, reason)

    def _read(self) -> None:
        """Read what there is, up to a bound, and hand it to the user."""
        for _ in range(1 if self._tls is None and self._write_fault is None else _MOST_READS):
            if self._dead:
                return
            try:
                # Once our side has ended there is nothing to decrypt: it is thrown away.
                data = socket.socket.recv(self.sock, _CHUNK) if self._half_closed else self.sock.recv(_CHUNK)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError, InterruptedError):
                break
            except OSError as error:
                self._die(1006, self._write_fault or f"the connection broke: {error.strerror or error}")
                return
            if not data:
                self._die(1006, self._write_fault or "the peer closed the connection without a close frame")
                return
            # What comes after the close frame is read and thrown away, until the peer closes: closing a socket with
            # unread bytes in it would reset the connection, and the peer might lose our close frame.
            closed = self.framing.closed
            if closed is None:
                self._taking = True
                try:
                    for message in self.framing.receive(data):
                        if not self._said_lost:
                            self._user.message(message)
                finally:
                    self._taking = False
                if self.framing.closed is not None:
                    self._hear_close()
        if self.framing.out or self.framing.closed is not None:
            self._push()
        if self._due_changes:
            self.plan()

    def _hear_close(self) -> None:
        closed = self.framing.closed
        if closed is not None:
            self._lose(*closed)
            self._expect_end()
            if self._write_fault is not None:
                # Our half of the closing handshake can never be written.
                self._die(1006, self._write_fault)

    def _half_close(self) -> None:
        """End our side of the stream once the close frame is out, as RFC 6455 section 7.1.1 wants it of a server."""
        if self._half_closed or self.framing.out:
            return
        self._half_closed = True
        try:
            if self._tls is not None:
                # It sends our close_notify, and then fails if the peer's is not what comes next.
                with contextlib.suppress(ssl.SSLError):
                    self._tls.unwrap()
            socket.socket.shutdown(self.sock, socket.SHUT_WR)
        except OSError as error:
            self._die(1006, f"the connection broke: {error.strerror or error}")

    def _note_frames(self, message: str | bytes | None) -> None:
        """Note what was framed since this was last called."""
        total = self._written_bytes + len(self.framing.out)
        if total > self._framed_bytes:
            self._framed.append((total - self._framed_bytes, message))
            if len(self._framed) > _REMEMBERED:
                del self._framed[0]
            self._framed_bytes = total

    def _find_undelivered(self) -> list[str | bytes]:
        self._note_frames(None)
        missing = len(self.framing.out) + unacknowledged(self.sock)
        added = added_by_tls(self.sock)
        found: list[str | bytes] = []
        for size, message in reversed(self._framed):
            if missing <= 0:
                break
            missing -= size + added
            if message is not None:
                found.append(message)
        return found[::-1]

    def _push(self) -> None:
        """Write as much as the socket takes."""
        out = self.framing.out
        if self._dead:
            out.clear()
        while out and self._write_fault is None:
            try:
                sent = self.sock.send(out)
            except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError, InterruptedError):
                break
            except OSError as error:
                # What the peer has sent before it went is still to be read, and may tell why: a close frame.
                self._write_fault = f"the connection broke: {error.strerror or error}"
                if not self._taking:
                    self._read()
                return
            self._written_bytes += sent
            del out[:sent]
        if len(out) > self._max_unwritten:
            self._die(1006, f"the peer has not read {len(out):,} bytes")
        elif out:
            self._watcher.attention[self] = None
        elif self.framing.closed is not None:
            self._half_close()

    def _expect_end(self) -> None:
        self._close_due = min(self._close_due, time.monotonic() + self._close_timeout)
        self.plan()

    def _lose(self, code: int, reason: str) -> None:
        if not self._said_lost:
            self._said_lost = True
            self._user.lost(code, reason)

    def _die(self, code: int, reason: str) -> None:
        if self._dead:
            return
        self._undelivered = self._find_undelivered()
        self._dead = True
        self._ping_due = self._close_due = math.inf
        self.framing.out.clear()
        # Wakes the owner if it is in poll. Not SSLSocket.shutdown, which would strip the TLS layer off an object
        # that other threads may hold. If the peer was faster, poll has seen the end by itself.
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)
        self._lose(code, reason)
        # The user may now wait for a time at which it gives up.
        self.plan()
