"""Where in the application's code a thread is, or a greenlet."""

from __future__ import annotations

import gc
import os
import sys
import threading
import traceback
import weakref
from types import FrameType
from typing import Any

__all__ = ["Frames", "Owner"]

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_STANDARD_LIBRARY = os.path.dirname(os.path.abspath(os.__file__)) + os.sep
_INSTALLED = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")
# One at a time: the second would find the collector switched off, and leave it so. Reentrant, since what handles a
# signal may look in the middle of a look.
_looking = threading.RLock()
# Else a child would find the collector switched off by a thread that it does not have, and the lock taken.
os.register_at_fork(before=_looking.acquire, after_in_parent=_looking.release, after_in_child=_looking.release)


class Owner:
    """Whoever makes this: the thread or, under gevent and its like, the greenlet."""

    __slots__ = ("_greenlet", "ident")

    def __init__(self) -> None:
        #: The number of the thread, by :func:`threading.get_ident`.
        self.ident = threading.get_ident()
        # Nothing is imported for it: who has no greenlet library has no greenlets.
        library = sys.modules.get("greenlet")
        self._greenlet = None if library is None else weakref.ref(library.getcurrent())

    @property
    def greenlet(self) -> Any:
        """The greenlet, as long as it lives; ``None`` where there are none."""
        greenlet = None if self._greenlet is None else self._greenlet()
        return None if greenlet is None or greenlet.dead else greenlet

    @property
    def where(self) -> str:
        """The line of user code it is at: ``/app/menu.py:12 in answer``."""
        with Frames() as frames:
            return frames.line_of(self)


class Frames:
    """What every thread executes at the moment this is entered.

    ::

        with Frames() as frames:
            print(frames.line_of(owner))

    Meanwhile no garbage is collected, so it should not take long. CPython 3.11 makes the object of a frame when it is
    asked for, and may collect garbage at that, which does harm in two places (from 3.12 on it does so between two
    instructions only):

    * :func:`sys._current_frames` holds the list of threads then. Whatever is collected may want that list too, as a
      ``threading.local`` does, and the process stands still for ever (github.com/python/cpython/issues/106883).
    * ``f_back`` has found the frame of another thread then. What is collected may let go of the interpreter, the thread
      returns from its function, and the object is one of a frame that is no more: the process crashes, if not at once.
    """

    def __init__(self) -> None:
        self._of_threads: dict[int, FrameType] = {}
        self._collecting = False

    def __enter__(self) -> Frames:
        _looking.acquire()
        self._collecting = gc.isenabled()
        gc.disable()
        try:
            self._of_threads = sys._current_frames()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        # One of them is this thread's, and holds all the others as long as it lives.
        self._of_threads.clear()
        if self._collecting:
            gc.enable()
        _looking.release()

    def of(self, owner: Owner) -> FrameType | None:
        """The innermost frame; ``None`` where there is none, or no telling which."""
        greenlet = owner.greenlet
        if greenlet is not None:
            # One that runs has no frame to show: it is what its thread executes. Not this one, which would have itself
            # for a local variable, and never be freed.
            own: FrameType | None = greenlet.gr_frame or (sys._getframe(1) if _is_current(greenlet) else None)
            if own is not None:
                return own
        return self.of_thread(owner.ident)

    def of_thread(self, ident: int) -> FrameType | None:
        """The innermost frame of the thread with this number."""
        return self._of_threads.get(ident)

    def stack_of(self, owner: Owner) -> list[traceback.FrameSummary]:
        """Its lines of code, the innermost last; none where it has ended. Their text is not read yet."""
        return _stack(self.of(owner))

    def line_of(self, owner: Owner) -> str:
        """Say in which line of user code it is: of its frames the innermost that is in no library."""
        return _line(self.of(owner))


def _is_current(greenlet: Any) -> bool:
    return sys.modules["greenlet"].getcurrent() is greenlet


def _stack(frame: FrameType | None) -> list[traceback.FrameSummary]:
    lines = []
    while frame is not None:
        code = frame.f_code
        lines.append(traceback.FrameSummary(code.co_filename, frame.f_lineno, code.co_name, lookup_line=False))
        frame = frame.f_back
    return lines[::-1]


def _line(frame: FrameType | None) -> str:
    if frame is None:
        return "its thread has ended"
    innermost = frame
    while frame is not None:
        path = frame.f_code.co_filename
        if not path.startswith((_PACKAGE, _STANDARD_LIBRARY, "<")) and not any(part in path for part in _INSTALLED):
            return f"{path}:{frame.f_lineno} in {frame.f_code.co_name}"
        frame = frame.f_back
    return f"{innermost.f_code.co_filename}:{innermost.f_lineno} in {innermost.f_code.co_name}"
