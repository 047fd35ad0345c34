"""Lines from a terminal, with line editing, for as long as the call goes on.

::

    with interrupts:
        read_lines(interrupts, call.over, on_line=call.take_text)

Other threads print meanwhile. They do so above the row in which is typed, and leave that alone.
"""

from __future__ import annotations

import contextlib
import sys
import termios
import threading
from collections.abc import Callable, Iterator

from .interrupts import CallOver, Interrupts

__all__ = ["has_line_editing", "read_lines"]

_PROMPT = "> "


def has_line_editing() -> bool:
    """Return whether lines can be edited here, and prepare for it."""
    try:
        import readline
    except ImportError:
        return False
    # What is typed keeps to one row, so that others can print above it.
    readline.parse_and_bind("set horizontal-scroll-mode on")
    readline.parse_and_bind("set enable-bracketed-paste off")
    return True


def read_lines(interrupts: Interrupts, over: threading.Event, on_line: Callable[[str], None]) -> None:
    """Read lines until the end of the input, or until the call is over. For the main thread, inside ``interrupts``."""
    # Out here, so that it holds wherever in the following it is raised.
    with _unflushed(sys.stdin.fileno()), contextlib.suppress(CallOver):
        try:
            interrupts.reading = True
            _read(over, on_line)
        finally:
            interrupts.reading = False


@contextlib.contextmanager
def _unflushed(fd: int) -> Iterator[None]:
    """Have Ctrl-C leave alone what was typed before it, and what is being printed.

    What it takes away may be what the reading of a line has just been told of, and now waits for, deaf to any signal.
    """
    before = termios.tcgetattr(fd)
    changed = termios.tcgetattr(fd)
    changed[3] |= termios.NOFLSH
    termios.tcsetattr(fd, termios.TCSADRAIN, changed)
    try:
        yield
    finally:
        termios.tcsetattr(fd, termios.TCSADRAIN, before)


def _read(over: threading.Event, on_line: Callable[[str], None]) -> None:
    with contextlib.suppress(EOFError):
        while not over.is_set():
            on_line(input(_PROMPT))
