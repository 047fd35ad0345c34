"""A server to be measured, in a process of its own, which is up inside a ``with`` block."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from typing_extensions import Self

from .machine import pinned
from .starting import ROOT

__all__ = ["PATIENCE", "ServerProcess", "cpu_of", "free_port", "resident", "status_of"]

#: Seconds that a server may take to be there, and to end.
PATIENCE = 30.0


def free_port() -> int:
    """Return a port of this machine at which nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def cpu_of(*pids: int) -> float:
    """Return the seconds of CPU that processes have used so far, on all their threads. Linux only."""
    # What clock_getcpuclockid(3) returns there. The hundredths in /proc would be coarse for a few turns.
    return sum(time.clock_gettime(~pid << 3 | 2) for pid in pids)


def status_of(pid: int) -> dict[str, str]:
    """Return what Linux tells of a process in its file ``status``: ``status_of(pid)["Threads"]``."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text("ascii")
    return dict(line.split(":", 1) for line in text.splitlines())


def resident(pid: int) -> float:
    """Return the bytes of memory of a process that are resident. Linux only."""
    return int(status_of(pid)["VmRSS"].split()[0]) * 1024.0


def _bound_to_us() -> Sequence[str]:
    """What has a command ended when this process is gone, however it went; nothing where the system lacks that."""
    program = shutil.which("setpriv")
    if program is None:
        return []
    # From then on the system sees to it; whose parent has gone before that has another one by now.
    return [program, "--pdeathsig", "TERM", "/bin/sh", "-c", f'test "$PPID" = {os.getpid()} && exec "$@"', "sh"]


class ServerProcess(ABC):
    """A process, from its start until it answers, and to its end.

    ``command``: what starts it; the environment has the ``PORT`` at which it is to listen, and a ``TMPDIR`` of its own.
    ``folder``: where it runs; by default the root of the checkout. ``core``: the number of the one on which it runs;
    ``None`` for all that this process may use when it starts.
    """

    def __init__(self, command: Sequence[str], port: int, folder: pathlib.Path = ROOT, core: int | None = None) -> None:
        #: Where it listens, on this machine.
        self.port = port
        self._command = command
        self._folder = folder
        self._core = core
        self._stack = contextlib.ExitStack()

    @abstractmethod
    def _is_ready(self) -> bool:
        """Whether it answers."""

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            temporary = stack.enter_context(tempfile.TemporaryDirectory(prefix="server-"))
            said = stack.enter_context((pathlib.Path(temporary) / "said.txt").open("w+b"))
            environment = {**os.environ, "PORT": str(self.port), "TMPDIR": temporary}
            # Not from here once it runs: it might have threads by then.
            with contextlib.nullcontext() if self._core is None else pinned(self._core):
                self._process = subprocess.Popen(
                    [*_bound_to_us(), *self._command],
                    cwd=self._folder,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=said,
                )
            stack.callback(self._end)
            deadline = time.monotonic() + PATIENCE
            while not self._is_ready():
                if self._process.poll() is not None or time.monotonic() > deadline:
                    said.seek(0)
                    raise RuntimeError(f"the server does not answer:\n{said.read().decode(errors='replace')}")
                time.sleep(0.05)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @staticmethod
    def _settle(look: Callable[[], object], seconds: float) -> None:
        """Wait until what ``look()`` returns has been the same for so many seconds, if it ever is."""
        deadline = time.monotonic() + PATIENCE
        last, since = look(), time.monotonic()
        while time.monotonic() - since < seconds and time.monotonic() < deadline:
            time.sleep(0.05)
            now = look()
            if now != last:
                last, since = now, time.monotonic()

    def _end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        finally:
            self._process.kill()
            self._process.wait()
