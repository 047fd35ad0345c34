"""What the calls of one jambonz share: the account, its queues and its conferences.

::

    platform = Platform()
    customer = SimulatedCall(url_of_the_customers, platform=platform)
    agent = SimulatedCall(url_of_the_agents, [Silence(30), HangsUp()], platform=platform)

Every call runs on a thread of its own, and acts here on that thread. One lock guards all of it. Whoever waits for
another call blocks on its own connection to the application; a :class:`Line` ends that wait when something changes.
"""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
import weakref
from collections.abc import Callable, Iterator

from .queues import Queue
from .rooms import Reports, Room
from .wire import Closed, Connect, Connection

__all__ = ["Line", "Platform"]

#: After how many real seconds, at most, a call notices what another one has done.
_NOTICED_WITHIN = 0.02


class Platform:
    """One jambonz, as far as its calls have to do with each other.

    ::

        platform = Platform()
        platform.queue("support").size

    A call that is given none has one to itself.
    """

    def __init__(self) -> None:
        #: The account of all its calls.
        self.account_sid = str(uuid.uuid4())
        self._lock = threading.RLock()
        self._queues: dict[str, Queue] = {}
        self._rooms: dict[str, Room] = {}
        # A line that its call has dropped is of no more concern to anybody.
        self._lines: weakref.WeakSet[Line] = weakref.WeakSet()

    @contextlib.contextmanager
    def changing(self) -> Iterator[None]:
        """Change what is shared: nobody else does meanwhile, and everybody looks again afterwards."""
        with self._lock:
            yield
            for line in tuple(self._lines):
                line.wake()

    def connecting(self, connect: Connect) -> Connect:
        """Return what opens connections for a call of this platform, which notices changes on them."""

        def connect_line(url: str) -> Line:
            line = Line(connect(url))
            with self._lock:
                self._lines.add(line)
            return line

        return connect_line

    def queue(self, name: str) -> Queue:
        """Return the queue of this name; a queue in which nobody waits is there too."""
        with self._lock:
            if name not in self._queues:
                self._queues[name] = Queue(f"queue:{self.account_sid}:{name}", self.changing)
            return self._queues[name]

    def room(self, name: str) -> Room | None:
        """Return the conference of this name, if somebody is in it."""
        with self._lock:
            room = self._rooms.get(name)
            return room if room is not None and room.members else None

    def open_room(self, name: str, reports: Reports | None, age: Callable[[], float]) -> tuple[Room, bool]:
        """Return the conference of this name, and whether it is new: one that this begins.

        ``reports`` and ``age`` are for the new one, see :class:`.Room`.
        """
        with self._lock:
            room = self._rooms.get(name)
            if room is not None:
                return room, False
            sid = f"conf:{self.account_sid}:{name}"
            room = Room(sid, name, self.changing, self.close_room, reports=reports, age=age)
            self._rooms[name] = room
            return room, True

    def close_room(self, room: Room) -> None:
        """The conference is over; the next one of this name is another. Nothing happens if it was over before."""
        with self._lock:
            self._rooms = {name: other for name, other in self._rooms.items() if other is not room}


class Line:
    """A call's connection to its application, on which waiting ends also when the platform has changed.

    ::

        line = Line(Wire(url))

    With a connection that cannot be woken, such as a socket, the wait is cut into pieces of 20 ms of real time. A clock
    that only asks whether something has come, without waiting, notices a change at once.
    """

    def __init__(self, connection: Connection) -> None:
        #: How the connection ended, as of the last use of it.
        self.closed: Closed | None = connection.closed
        self._connection = connection
        self._woken = threading.Event()

    def wake(self) -> None:
        """Something has changed. Any thread may call this."""
        self._woken.set()

    def wait(self, seconds: float) -> bool:
        """Block until there is something to read, the end, or a change, for at most so many real seconds."""
        deadline = time.monotonic() + seconds
        while not self._woken.is_set():
            left = max(0.0, deadline - time.monotonic())
            if self._connection.wait(min(left, _NOTICED_WITHIN)):
                break
            if left == 0.0:
                return self._woken.is_set()
        self.closed = self._connection.closed
        return True

    def read(self) -> list[str | bytes]:
        """Return the messages that have arrived: none if it was a change that ended the wait."""
        self._woken.clear()
        messages = self._connection.read() if self._connection.wait(0) else []
        self.closed = self._connection.closed
        return messages

    def send(self, text: str) -> None:
        """Send one message. Nothing happens once the connection is over."""
        self._connection.send(text)

    def close(self, code: int, reason: str = "") -> None:
        """Close with a code. Nothing happens once the connection is over."""
        self._connection.close(code, reason)
        self.closed = self._connection.closed

    def abort(self) -> None:
        """Drop the connection without a word."""
        self._connection.abort()
        self.closed = self._connection.closed
