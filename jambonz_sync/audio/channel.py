"""An audio connection on its socket: the state machine, its lock, and the waits of all who use it.

Threads. One lock guards the machine (``core``), the link under it, and who reads the socket. Every thread that wants
something of the stream takes the lock for a moment in :meth:`Channel.turn`: the stream's own thread, the watcher, and
any other thread of the application. Nothing is done under it that can block: writing goes to the link's buffer, log
lines are collected and written after the lock is free. The own thread waits in the link, and reads the socket
meanwhile; others wait on a condition of the same lock.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol

from ..call_log import write_lines
from ..condition import Condition
from ..turn import TakesTurns
from ..whereabouts import Owner
from .core import AudioCore

__all__ = ["AudioLine", "Channel"]


class AudioLine(Protocol):
    """What a stream is held over: an :class:`~.link.AudioLink`, or what stands in for one.

    All but :meth:`wait` and :meth:`finish` run under the channel's lock, and never block.
    """

    @property
    def unwritten(self) -> int:
        """How many bytes wait to be written."""
        ...

    def open(self) -> None:
        """Let messages come; those that are here already before all others."""

    def send(self, message: str | bytes) -> None:
        """Send a message."""

    def close(self, code: int, reason: str = "") -> None:
        """Begin to close the connection, unless that has begun."""

    def wake(self) -> None:
        """What :meth:`wait` waits for may have come, by another thread."""

    def wait(self, ready: Callable[[], bool], until: float | None = None) -> bool:
        """Block the stream's own thread until ``ready()``, called under the lock, or the time ``until`` has come."""
        ...

    def finish(self) -> None:
        """End it, if that has not been done, on the stream's own thread. Nothing comes after that."""


class Channel(TakesTurns[AudioCore]):
    """One stream and the thread that holds it, which is the one that makes this.

    ``log`` gets what there is to say, and at DEBUG every message in words. ``now`` is the clock. ``expects_facts``:
    whether the first message is that which the core was made from.
    """

    def __init__(
        self,
        core: AudioCore,
        log: logging.Logger | logging.LoggerAdapter[logging.Logger],
        *,
        blocks: bool = False,
        expects_facts: bool = True,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(core, now)
        self.core = core
        self.log = log
        self.owner = threading.current_thread()
        self._owned_by = Owner()
        self._changed = Condition(self.lock)
        self._blocks = blocks
        self._expects_facts = expects_facts
        self._line: AudioLine | None = None
        self._wire: list[tuple[str, str]] = []

    def attach(self, connect: Callable[[Channel], AudioLine]) -> AudioLine:
        """Hold the stream over the line that ``connect`` makes, from its first message on."""
        with self.turn():
            line = self._line = connect(self)
            line.open()
            return line

    def finish(self) -> None:
        """End the line, on the stream's own thread. After that there is no other."""
        line = self._line
        try:
            if line is not None:
                line.finish()
        finally:
            with self.lock:
                # It has this as its user.
                self._line = None

    @property
    def on_own_thread(self) -> bool:
        """Whether this is the thread that holds the stream."""
        return threading.get_ident() == self._owned_by.ident

    @property
    def unwritten(self) -> int:
        """How many bytes jambonz has not taken yet. Under the lock."""
        return 0 if self._line is None else self._line.unwritten

    def wait(self, ready: Callable[[], bool], until: float | None = None) -> None:
        """Block the own thread until ``ready()``, or until a time of :attr:`now`; the socket is read meanwhile.

        ``ready`` is called under the lock whenever something has come or changed, until it is true: by this thread, and
        by another that has changed something. It sends nothing. Whether it was true is for the caller to know.
        """
        if until is not None and self._is_over(ready, until):
            return
        if self._line is not None:
            self._line.wait(ready, until)
            return
        # Behind the end nothing comes.
        with self.lock:
            ready()

    def wait_elsewhere(self, ready: Callable[[], bool], until: float | None = None) -> None:
        """Block another thread in the same way."""
        with self.lock:
            self._changed.wait_for(ready, None if until is None else max(0.0, until - self.now()))

    def _is_over(self, ready: Callable[[], bool], until: float) -> bool:
        with self.lock:
            return ready() or self.now() >= until

    def close(self, code: int, reason: str) -> None:
        """Close the connection from our side."""
        with self.turn():
            self.flush()
            if self._line is not None:
                self._line.close(code, reason)
            self.core.close(code, reason)

    # Under the lock

    def wake(self) -> None:
        """Whoever waits for what has come of a turn has to know: the stream's own thread, or another."""
        if self._line is not None:
            self._line.wake()
        if self._changed.waiting:
            self._changed.notify_all()

    def flush(self) -> None:
        """Hand what the machine wants to send to the link."""
        if self._line is None or not self.core.outbox:
            return
        outbox, self.core.outbox = self.core.outbox, []
        for message in outbox:
            if isinstance(message, str):
                self._trace("sent", message)
            self._line.send(message)

    def _trace(self, direction: str, text: str) -> None:
        if self.log.isEnabledFor(logging.DEBUG):
            self._wire.append((direction, text))

    # What the link tells, under the lock (see LinkUser)

    @property
    def has_enough(self) -> bool:
        # What another thread waits for may come behind the audio.
        return self._blocks and self.core.inflow.is_full and not self._changed.waiting

    def message(self, message: str | bytes) -> None:
        if isinstance(message, str):
            self._trace("received", message)
        if self._expects_facts:
            # They are known already.
            self._expects_facts = False
            return
        self.core.now = self.now()
        self.core.receive(message)
        if self._changed.waiting:
            self._changed.notify_all()

    def lost(self, code: int, reason: str) -> None:
        self.core.now = self.now()
        self.core.closed(code, reason)
        self._changed.notify_all()

    def due(self) -> float:
        # Nothing is ever done for a stream in the place of its handler.
        return float("inf")

    def tick(self) -> None:
        return

    # And after it

    def report(self) -> None:
        """Write the collected lines to the log. No lock is held, since a log handler may take its time."""
        if not self._wire and not self.core.notices:
            return
        with self.lock:
            wire, self._wire = self._wire, []
            notices, self.core.notices = self.core.notices, []
        write_lines(self.log, wire, notices, self.where)

    def where(self) -> str:
        """Name the line of user code the stream's thread is at."""
        return self._owned_by.where
