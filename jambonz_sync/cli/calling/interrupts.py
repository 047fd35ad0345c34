"""What Ctrl-C does while a call goes on, and how the main thread is got out of what it waits for.

::

    interrupts = Interrupts(call.over, call.hang_up)
    call.on_over = interrupts.call_is_over
    with interrupts:
        call.start()
        call.over.wait()

Python runs the handler of a signal on the main thread, when that comes back to Python; while it reads a line with line
editing, that may be at the next key only. So a thread of its own is told of each SIGINT, by the descriptor that Python
writes the numbers of signals to. Where the main thread is to do something, it is kicked with SIGUSR1, again and again
until it has noticed.
"""

from __future__ import annotations

import contextlib
import select
import signal
import socket
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from typing_extensions import Self

__all__ = ["CallOver", "Interrupts"]

_KICK = signal.SIGUSR1
_AGAIN_SECONDS = 0.05

_OVER = 0


class CallOver(BaseException):
    """Gets the main thread out of the reading of a line: there is no call any more."""


class Interrupts:
    """The caller hangs up at the first SIGINT; the second raises :exc:`KeyboardInterrupt` on the main thread.

    For the main thread, in a ``with`` statement.

    ``over`` is set when the call is over, and then :meth:`call_is_over` called. ``hang_up`` is called on any thread.
    """

    def __init__(self, over: threading.Event, hang_up: Callable[[], None]) -> None:
        #: Whether the main thread reads a line, which it is to stop when the call is over. Written by that thread.
        self.reading = False
        self._over = over
        self._hang_up = hang_up
        self._hung_up = False
        # Set on the thread that listens, taken back by the main thread when it has noticed.
        self._abort = False
        self._ear, self._mouth = socket.socketpair()
        for end in (self._ear, self._mouth):
            end.setblocking(False)
        self._main = threading.get_ident()
        self._listener = threading.Thread(target=self._listen, name="interrupts", daemon=True)
        self._before: list[tuple[int, Any]] = []
        self._descriptor_before = -1

    def __enter__(self) -> Self:
        self._descriptor_before = signal.set_wakeup_fd(self._mouth.fileno(), warn_on_full_buffer=False)
        self._before = [
            (number, signal.signal(number, handler))
            for number, handler in ((signal.SIGINT, _leave_it_to_the_listener), (_KICK, self._kicked))
        ]
        self._listener.start()
        return self

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(self._descriptor_before)
        self._mouth.close()
        # A kick that came after the handlers are gone would end the process.
        self._listener.join()
        self._ear.close()
        for number, handler in self._before:
            signal.signal(number, handler)

    def call_is_over(self) -> None:
        """Get the main thread out of the reading of a line. Any thread may call this."""
        # Closed: nobody waits any more.
        with contextlib.suppress(OSError):
            self._mouth.send(bytes([_OVER]))

    # On the thread that listens

    def _listen(self) -> None:
        poll = select.poll()
        poll.register(self._ear, select.POLLIN)
        while True:
            heard = b""
            if poll.poll(_AGAIN_SECONDS * 1000 if self._is_wanted else None):
                heard = self._ear.recv(256)
                if not heard:
                    return
            for number in heard:
                if number == signal.SIGINT:
                    self._interrupt()
            # Not for the echo of the last kick, or there would be no end of them.
            if self._is_wanted and set(heard) != {_KICK}:
                signal.pthread_kill(self._main, _KICK)

    def _interrupt(self) -> None:
        if self._hung_up:
            self._abort = True
        else:
            self._hung_up = True
            self._hang_up()

    @property
    def _is_wanted(self) -> bool:
        return self._abort or (self.reading and self._over.is_set())

    # On the main thread

    def _kicked(self, number: int, frame: FrameType | None) -> None:
        if self._abort:
            self._abort = False
            raise KeyboardInterrupt
        if self.reading and self._over.is_set():
            self.reading = False
            raise CallOver


def _leave_it_to_the_listener(number: int, frame: FrameType | None) -> None:
    # It has been told before this is called.
    return
