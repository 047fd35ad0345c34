"""Lines from where there is no line editing: a pipe, a file, a terminal that can do nothing.

::

    with Reader(sys.stdin.fileno(), on_line=print, on_end=lambda: print("that was all")):
        over.wait()
"""

from __future__ import annotations

import codecs
import os
import select
import socket
import threading
from collections.abc import Callable

from typing_extensions import Self

__all__ = ["Reader"]


class Reader:
    """Reads lines on a thread of its own, from a descriptor, until there are no more or nobody wants them any more.

    ``on_line`` and ``on_end`` are called on that thread.
    """

    def __init__(self, fd: int, *, on_line: Callable[[str], None], on_end: Callable[[], None]) -> None:
        self._fd = fd
        self._on_line = on_line
        self._on_end = on_end
        # A byte on it, or its end, stops the thread. Python's own reading could not be stopped, and would still hold
        # its lock when the process exits.
        self._stop, self._rope = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="reader of lines", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._rope.close()
        self._thread.join()
        self._stop.close()

    def _run(self) -> None:
        poll = select.poll()
        poll.register(self._stop, select.POLLIN)
        poll.register(self._fd, select.POLLIN)
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        rest = ""
        while self._stop.fileno() not in {fd for fd, _ in poll.poll()}:
            data = self._read()
            *lines, rest = (rest + decoder.decode(data, final=not data)).split("\n")
            for line in lines:
                self._on_line(line)
            if not data:
                if rest:
                    self._on_line(rest)
                self._on_end()
                return

    def _read(self) -> bytes:
        try:
            return os.read(self._fd, 4096)
        except OSError:
            # So ends a terminal whose other side has gone.
            return b""
