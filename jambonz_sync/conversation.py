"""A call on its socket: the state machine, its lock, and the waits of the call's own thread.

Threads. One lock guards the machine (``call``), the link under it, and who reads the socket. Every thread that wants
something of the call takes the lock for a moment in :meth:`Conversation.turn`: the call's own thread, the watcher, and
any other thread of the application. Nothing is done under it that can block: writing goes to the link's buffer, log
lines and records are collected, and written after the lock is free. Only the call's own thread waits, in
:meth:`Conversation.wait`.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol

from .call_log import write_lines
from .condition import Condition
from .protocol.call import Call
from .turn import TakesTurns
from .whereabouts import Owner
from .wire_recording import WireRecording

__all__ = ["Conversation", "Line"]


class Line(Protocol):
    """What a call is held over: a websocket, which is a :class:`~.transport.link.Link`, or what stands in for one.

    All but :meth:`wait` and :meth:`finish` run under the conversation's lock, and never block.
    """

    def open(self) -> None:
        """Let messages come; those that are here already before all others."""

    def send(self, message: str) -> None:
        """Send a message."""

    def close(self, code: int, reason: str = "") -> None:
        """Begin to close the connection, unless that has begun."""

    def undelivered(self) -> list[str | bytes]:
        """Return the last messages sent, in order, that have not arrived; for a line that is lost, that never will."""
        ...

    def leave(self) -> None:
        """The conversation goes on over another line. Tell it nothing more."""

    def plan(self) -> None:
        """The time at which the conversation's tick is due may have changed."""

    def wake(self) -> None:
        """What :meth:`wait` waits for may have come, by another thread."""

    def wait(self, ready: Callable[[], bool], until: float | None = None) -> bool:
        """Block the call's own thread until ``ready()``, called under the lock, or the time ``until`` has come.

        Returns the last ``ready()``; a line that is lost need not wait.
        """
        ...

    def finish(self) -> None:
        """End it, if that has not been done: on the call's own thread or, once it is left, on any.

        Nothing comes after that.
        """


class Conversation(TakesTurns[Call]):
    """One call and the thread that holds it.

    ``call`` is the machine. The thread that creates the conversation is the call's own from then on. ``log`` gets what
    there is to say, and at DEBUG every message, redacted. ``now`` is the clock of the call and of its lines, of which
    there is one after the other: see :meth:`attach`. ``recording`` is given every message.
    """

    def __init__(
        self,
        call: Call,
        log: logging.Logger | logging.LoggerAdapter[logging.Logger],
        now: Callable[[], float] = time.monotonic,
        recording: WireRecording | None = None,
    ) -> None:
        super().__init__(call, now)
        self.call = call
        self.log = log
        #: When the call began, by its clock.
        self.began = now()
        #: Whose the call is: its thread or greenlet, and the number of that.
        self.owned_by = Owner()
        self.owner = self.owned_by.ident
        #: Told of whatever may have changed under the lock, for those who wait where no socket wakes them: the call's
        #: own thread while the connection is lost, threads that have brought a line, other threads of the application.
        self.changed = Condition(self.lock)
        #: What the call is held over now. ``None`` before the first, and after the last.
        self.line: Line | None = None
        self._is_finished = False
        self._wire: list[tuple[str, str]] = []
        self._recording = recording

    def attach(self, connect: Callable[[Conversation], Line]) -> Line | None:
        """Hold the call over the line that ``connect`` makes, from its first message on.

        A line it was held over before is lost, whether that has been noticed or not. Returns ``None`` if the call is
        over; then nothing was made.
        """
        with self.turn() as call:
            if threading.get_ident() != self.owner:
                # It can be found before its own thread has got so far.
                self.changed.wait_for(lambda: self.line is not None or self._is_finished)
                call.now = self.now()
            before = self.line
            if before is not None:
                # Before there is a new line: what is sent now must wait until jambonz has said what it knows.
                call.closed(1006, "jambonz has connected again", before.undelivered())
            if self._is_finished or call.ending is not None:
                return None
            # If that fails, the one before still minds the time until which jambonz is expected.
            line = connect(self)
            if before is not None:
                before.leave()
            self.line = line
            line.open()
            return line

    def stay_with(self, line: Line) -> None:
        """Block the thread that has brought a line until the call is no longer held over it."""
        with self.lock:
            self.changed.wait_for(lambda: self.line is not line)

    def wait_for_arrival(self, seen: int, until: float | None = None) -> bool:
        """Block the call's own thread until ``call.arrivals`` is no longer ``seen``; the end of the call counts too.

        Returns ``False`` when the time ``until`` came first.
        """

        def arrived() -> bool:
            return self.call.arrivals != seen

        while True:
            line = self.line
            assert line is not None
            if line.wait(arrived, until):
                return True
            rest = None if until is None else until - self.now()
            if rest is not None and rest <= 0:
                return False
            # The line is lost: the next one may come, or the end of the call, which the watcher sees to.
            with self.lock:
                self.changed.wait_for(functools.partial(self._goes_on, line, seen), rest)

    def _goes_on(self, lost: Line, seen: int) -> bool:
        return self.line is not lost or self.call.arrivals != seen

    def finish(self) -> None:
        """End the call's last line, on the call's own thread. After that there is no other."""
        with self.lock:
            self._is_finished = True
            line = self.line
        try:
            if line is not None:
                line.finish()
        finally:
            with self.lock:
                self.line = None
                self.changed.notify_all()

    def close(self, code: int, reason: str) -> None:
        """End the call from our side: answer what is open, then close the socket."""
        with self.turn() as call:
            call.close(code, reason)
            self.flush()
            if self.line is not None:
                self.line.close(code, reason)

    # Under the lock

    def wake(self) -> None:
        """Whoever waits for what has come of a turn has to know: the call's own thread, the line, or another thread."""
        if self.line is not None:
            self.line.plan()
            self.line.wake()
        self.changed.notify_all()

    def flush(self) -> None:
        """Hand what the machine wants to send to the link."""
        if self.line is None:
            self.call.outbox.clear()
        # One by one: if the line is lost meanwhile, the machine takes back what is left.
        while self.call.outbox and self.line is not None:
            text = self.call.outbox.pop(0)
            self._trace("sent", text)
            self.line.send(text)

    def _trace(self, direction: str, text: str) -> None:
        if self.log.isEnabledFor(logging.DEBUG):
            self._wire.append((direction, text))
        if self._recording is not None:
            self._recording.note(self.now(), direction, text)

    # What the link tells, under the lock (see LinkUser)

    def message(self, message: str | bytes) -> None:
        self._trace("received", message if isinstance(message, str) else repr(message[:80]))
        self.call.now = self.now()
        self.call.receive(message)
        self.flush()
        self.changed.notify_all()

    def lost(self, code: int, reason: str) -> None:
        self.call.now = self.now()
        self.call.closed(code, reason, self.line.undelivered() if self.line is not None else ())
        self.changed.notify_all()

    def due(self) -> float:
        return self.call.due

    def tick(self) -> None:
        self.call.now = self.now()
        self.call.tick()
        self.flush()
        self.wake()

    # And after it

    def report(self) -> None:
        """Write what was collected to the log and the record. No lock is held, since both may take their time."""
        if self._recording is not None:
            self._recording.write(self.log)
        if not self._wire and not self.call.notices:
            return
        with self.lock:
            wire, self._wire = self._wire, []
            notices, self.call.notices = self.call.notices, []
        write_lines(self.log, wire, notices, self.where)

    def where(self) -> str:
        """Name the line of user code the call's thread is at."""
        return self.owned_by.where
