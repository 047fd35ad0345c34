"""The connection to an application, which jambonz keeps up: it connects again after every loss.

::

    link = Link("ws://127.0.0.1:3000/hello#rc=3&rp=ct,5xx", Wire, clock, timers, transcript)
    link.open(pause=clock_pause)
    link.send(text)

What is said on it, and what becomes of messages while it is down, is the concern of :class:`.Application`.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urldefrag

from .clock import Clock
from .timers import Timer, Timers
from .transcript import Transcript
from .wire import CannotConnect, Closed, Connect, Connection, any_arrives

__all__ = ["Link", "Retries", "pause"]

#: How often jambonz tries to connect again, the first time, unless the address says otherwise; and how many
#: successful connections it makes by itself.
_MOST = 5

#: Before each retry of the first connection, in seconds.
_FIRST_DELAYS = (0.5, 1.0, 2.0, 4.0, 6.0)


def _later_delays() -> Iterator[float]:
    """Yield the delays before the attempts after a loss, in seconds; they begin anew with no loss but the first."""
    return itertools.chain((0.5, 1.0), itertools.count(2.0, 2.0))


def pause(clock: Clock, seconds: float) -> None:
    """Let so many seconds pass while there is nobody to listen to."""
    end = clock.now() + seconds
    while clock.now() < end:
        clock.wait(functools.partial(any_arrives, ()), end)


class Retries:
    """Whether jambonz tries the first connection again, as the fragment of an address says.

    ::

        retries = Retries("wss://host/path#rc=3&rp=ct,5xx")
        delay = retries.delay_after(error)

    ``rc`` is the number of retries, 1 to 5. ``rp`` lists after what: ``ct`` for a TCP connection that cannot be made,
    ``4xx`` and ``5xx`` for HTTP answers, ``all``.
    """

    def __init__(self, url: str) -> None:
        given = parse_qs(urldefrag(url).fragment)
        count = given.get("rc", [""])[-1]
        #: How many there are.
        self.most = min(max(int(count), 1), _MOST) if count.isdigit() else _MOST
        self._after = frozenset(given.get("rp", ["ct"])[-1].split(","))
        self._delays = iter(_FIRST_DELAYS[: self.most])

    def delay_after(self, error: CannotConnect) -> float | None:
        """Return how many seconds jambonz waits before it tries again; ``None`` if it does not."""
        status = error.http_status
        kind = "ct" if error.unreachable else f"{status // 100}xx" if status is not None else "rt"
        # "rt" is about another time limit: a handshake that takes too long is tried again under "all" only.
        again = "all" in self._after or (kind != "rt" and kind in self._after)
        return next(self._delays, None) if again else None


class Link:
    """One connection, and after a loss the next.

    * ``url``: the address, with its retry policy
    * ``connect``: makes a connection
    * ``timers``: run the attempts when they are due
    """

    def __init__(self, url: str, connect: Connect, clock: Clock, timers: Timers, transcript: Transcript) -> None:
        #: How it ended for good, once it has: closed with 1000, or by jambonz.
        self.closed: Closed | None = None
        #: How it was lost last.
        self.lost: Closed | None = None
        #: Are told that it is lost, that it is there again, and that it cannot be made and why.
        self.on_lost: Callable[[], None] = lambda: None
        self.on_restored: Callable[[], None] = lambda: None
        self.on_failed: Callable[[str], None] = lambda why: None
        #: The address, without the retry policy.
        self.url = urldefrag(url).url
        #: The number of its present connection among all those of the call, for the transcript.
        self.number = 0
        #: Run the attempts, and whatever else is due at a time.
        self.timers = timers
        self._retries = Retries(url)
        self._connect = connect
        self._clock = clock
        self._transcript = transcript
        self._connection: Connection | None = None
        self._connections = 0
        self._delays = _later_delays()
        # The next attempt of the chain that a loss starts, and the one that a message has asked for.
        self._next: Timer | None = None
        self._hurried: Timer | None = None
        self._unreachable_until = 0.0

    @property
    def connection(self) -> Connection | None:
        """The connection that can be used; ``None`` while there is none."""
        return self._connection

    # The first connection

    def to(self, url: str) -> Link:
        """Return a link to another address, which is not open yet."""
        return Link(url, self._connect, self._clock, self.timers, self._transcript)

    def open(self, pause: Callable[[float], None]) -> None:
        """Connect for the first time; ``pause`` lets so many seconds pass between attempts.

        Raises :exc:`CannotConnect` when there are no more attempts.
        """
        while True:
            try:
                self._take(self.connect())
                return
            except CannotConnect as error:
                delay = self._retries.delay_after(error)
                if delay is None:
                    raise
                self._transcript.add("note", f"{error}; jambonz tries again in {delay:g} s")
                pause(delay)

    def connect(self) -> Connection:
        """Return a new connection. Raises :exc:`CannotConnect`."""
        if self._clock.now() < self._unreachable_until:
            raise CannotConnect(f"nothing answers at {self.url}", unreachable=True)
        return self._connect(self.url)

    def _take(self, connection: Connection) -> None:
        self._connection = connection
        self._connections += 1
        self.number = self._transcript.add_connection()

    # What is lost, and found again

    def check(self) -> None:
        """Look whether the connection has ended, and how."""
        if self._connection is None or self._connection.closed is None:
            return
        closed = self._connection.closed
        self._connection = None
        if closed.code == 1000:
            self.closed = closed
        else:
            self._lose(closed)

    def drop(self, lasts: float) -> None:
        """Let the network drop the connection, and nothing connect for so many seconds."""
        if self._connection is not None:
            self._unreachable_until = self._clock.now() + lasts
            self._connection.abort()
            self.check()

    def _lose(self, closed: Closed) -> None:
        self.lost = closed
        who = "the application closed the connection" if closed.by_application else "the connection is lost"
        text = f"{who} ({closed.code}{closed.reason and ': ' + closed.reason})"
        if self._connections < self._retries.most:
            self._transcript.add("note", f"{text}; {self._schedule()}")
        else:
            self._transcript.add("note", f"{text}; jambonz has connected as often as it does by itself")
        self.on_lost()

    def _schedule(self) -> str:
        delay = next(self._delays)
        self._next = self.timers.at(self._clock.now() + delay, self._attempt)
        return f"jambonz tries again in {delay:g} s"

    def hurry(self) -> None:
        """Try at once: there is something to send. It is done as soon as the call waits for anything."""
        if self._hurried is None or not self._hurried.pending:
            self._hurried = self.timers.at(self._clock.now(), self._attempt)

    def _attempt(self) -> None:
        if self._connection is not None or self.closed is not None:
            return
        try:
            connection = self.connect()
        except CannotConnect as error:
            self._transcript.add("note", f"{error}; {self._after_failure(error)}")
            self.on_failed(str(error))
            return
        self._take(connection)
        self._transcript.add("note", "jambonz has connected again")
        self.on_restored()

    def _after_failure(self, error: CannotConnect) -> str:
        if error.http_status is not None:
            self._cancel(self._next)
            return "after an HTTP answer jambonz does not try again until it has something to send"
        if self._next is not None and self._next.pending:
            return "an attempt that is due later still comes"
        if self._connections < self._retries.most:
            return self._schedule()
        return "jambonz has connected as often as it does by itself"

    @staticmethod
    def _cancel(timer: Timer | None) -> None:
        if timer is not None:
            timer.cancel()

    # Use

    def send(self, text: str) -> None:
        """Send a message on the connection that there is."""
        if self._connection is not None:
            self._connection.send(text)

    def read(self) -> list[str | bytes]:
        """Return what has arrived, if anything has; then :meth:`check`."""
        return self._connection.read() if self._connection is not None and self._connection.wait(0) else []

    # The end

    def close(self, code: int) -> float | None:
        """Close for good. If it is down, return the time of the attempt that still is to come, if there is one.

        jambonz does not call that attempt off. It leads to a connection on which nothing is ever said.
        """
        if self._connection is not None:
            self._connection.close(code)
            self.closed = self._connection.closed
        coming = [timer.due for timer in (self._next, self._hurried) if timer is not None and timer.pending]
        down = self.closed is None and bool(coming)
        self.abort()
        return min(coming) if down else None

    def abort(self) -> None:
        """Drop it without a word, and do not try again."""
        self._cancel(self._next)
        self._cancel(self._hurried)
        if self._connection is not None:
            self._connection.abort()
            self._connection = None
