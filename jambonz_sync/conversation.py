"""A call on its socket: the state machine, its lock, and the waits of the call's own thread.

Threads. One lock guards the machine (``call``), the link under it, and who reads the socket. Every thread that wants
something of the call takes the lock for a moment in :meth:`Conversation.turn`: the call's own thread, the watcher, and
any other thread of the application. Nothing is done under it that can block: writing goes to the link's buffer, log
lines are collected and written after the lock is free. Only the call's own thread waits, in :meth:`Conversation.wait`.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Protocol

from .protocol.call import Call
from .redaction import redacted

__all__ = ["Conversation", "Line", "line_of_user_code"]

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_STANDARD_LIBRARY = os.path.dirname(os.path.abspath(os.__file__)) + os.sep
# One at a time: the second would find the collector switched off, and leave it so.
_looking = threading.Lock()
_INSTALLED = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")


class Line(Protocol):
    """What a call is held over: a websocket, which is a :class:`~.transport.link.Link`, or what stands in for one.

    All but :meth:`open`, :meth:`wait` and :meth:`finish` run under the conversation's lock, and never block.
    """

    def open(self) -> None:
        """Let messages come, on the call's own thread."""

    def send(self, message: str) -> None:
        """Send a message."""

    def close(self, code: int, reason: str = "") -> None:
        """Begin to close the connection, unless that has begun."""

    def plan(self) -> None:
        """The time at which the conversation's tick is due may have changed."""

    def wait(self, ready: Callable[[], bool], until: float | None = None) -> bool:
        """Block the call's own thread until ``ready()``, called under the lock, or the time ``until`` has come.

        Returns the last ``ready()``.
        """
        ...

    def finish(self) -> None:
        """End it, on the call's own thread. Nothing comes after that."""


class Conversation:
    """One call and the thread that holds it.

    ``call`` is the machine. The thread that creates the conversation is the call's own from then on. ``log`` gets what
    there is to say, and at DEBUG every message, redacted. ``now`` is the clock of the call and of its line.
    """

    def __init__(
        self,
        call: Call,
        log: logging.Logger | logging.LoggerAdapter[logging.Logger],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.call = call
        self.log = log
        self.now = now
        self.lock = threading.Lock()
        self.link: Line | None = None
        self.owner = threading.get_ident()
        self._wire: list[tuple[str, str]] = []

    def turn(self) -> _Turn:
        """Hold the lock for a moment: ``with conversation.turn() as call: …``; then send and log what came of it."""
        return _Turn(self)

    def wait_for_arrival(self, seen: int, until: float | None = None) -> bool:
        """Block the call's own thread until ``call.arrivals`` is no longer ``seen``; the end of the call counts too.

        Returns ``False`` when the time ``until`` came first.
        """
        assert self.link is not None
        return self.link.wait(lambda: self.call.arrivals != seen, until)

    def close(self, code: int, reason: str) -> None:
        """End the call from our side: answer what is open, then close the socket."""
        with self.turn() as call:
            call.close(code, reason)
            self.flush()
            if self.link is not None:
                self.link.close(code, reason)

    # Under the lock

    def flush(self) -> None:
        """Hand what the machine wants to send to the link."""
        if self.call.outbox:
            outbox, self.call.outbox = self.call.outbox, []
            if self.link is not None:
                for text in outbox:
                    self._trace("sent", text)
                    self.link.send(text)

    def _trace(self, direction: str, text: str) -> None:
        if self.log.isEnabledFor(logging.DEBUG):
            self._wire.append((direction, text))

    # What the link tells, under the lock (see LinkUser)

    def message(self, message: str | bytes) -> None:
        self._trace("received", message if isinstance(message, str) else repr(message[:80]))
        self.call.now = self.now()
        self.call.receive(message)
        self.flush()

    def lost(self, code: int, reason: str) -> None:
        self.call.now = self.now()
        self.call.closed(code, reason)

    def due(self) -> float:
        return self.call.due

    def tick(self) -> None:
        self.call.now = self.now()
        self.call.tick()
        self.flush()

    # And after it

    def report(self) -> None:
        """Write the collected lines to the log. No lock is held, since a log handler may take its time."""
        if not self._wire and not self.call.notices:
            return
        with self.lock:
            wire, self._wire = self._wire, []
            notices, self.call.notices = self.call.notices, []
        for direction, text in wire:
            self.log.debug("%s %s", direction, redacted(text))
        for notice in notices:
            where = f" [{self.where()}]" if notice.locate else ""
            self.log.log(notice.level, "%s%s", notice.text, where)

    def where(self) -> str:
        """Name the line of user code the call's thread is at."""
        return line_of_user_code(self.owner)


class _Turn:
    """A moment with the lock of a conversation."""

    __slots__ = ("_conversation",)

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    def __enter__(self) -> Call:
        self._conversation.lock.acquire()
        call = self._conversation.call
        call.now = self._conversation.now()
        return call

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        conversation = self._conversation
        try:
            conversation.flush()
            if conversation.link is not None:
                conversation.link.plan()
        finally:
            conversation.lock.release()
        conversation.report()


def _frame_of(thread: int) -> FrameType | None:
    # CPython 3.11 makes the frame objects while it holds its list of threads. A garbage collection that this sets off,
    # and that frees a threading.local, wants that list too: the process would stand still for ever.
    with _looking:
        collecting = gc.isenabled()
        gc.disable()
        try:
            return sys._current_frames().get(thread)
        finally:
            if collecting:
                gc.enable()


def line_of_user_code(thread: int) -> str:
    """Say in which line of user code a thread is: of its frames the innermost that is in no library."""
    frame = _frame_of(thread)
    if frame is None:
        return "its thread has ended"
    innermost = frame
    while frame is not None:
        path = frame.f_code.co_filename
        if not path.startswith((_PACKAGE, _STANDARD_LIBRARY, "<")) and not any(part in path for part in _INSTALLED):
            return f"{path}:{frame.f_lineno} in {frame.f_code.co_name}"
        frame = frame.f_back
    return f"{innermost.f_code.co_filename}:{innermost.f_lineno} in {innermost.f_code.co_name}"
