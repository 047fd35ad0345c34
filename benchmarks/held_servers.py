"""The servers that hold calls to be measured, each in a process of its own, and what such a process needs."""

from __future__ import annotations

import contextlib
import functools
import os
import pathlib
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .server_process import ServerProcess, cpu_of, free_port, resident, status_of

__all__ = ["SERVERS", "Held", "HeldServer", "Way"]

_MODULE = "benchmarks.held_application"


class Way(NamedTuple):
    """A way to serve.

    ``command`` is for Python, with ``{port}``, ``{calls}`` and ``{connections}`` to be filled in; ``needs`` are the
    modules that must be there, and ``forks`` tells whether a child of the process holds the calls.
    """

    command: Sequence[str]
    needs: Sequence[str] = ()
    forks: bool = False


def _gunicorn(*options: str) -> Sequence[str]:
    """One worker, since a call is held by one; without the socket that gunicorn would make in the home directory."""
    command = ["-m", "gunicorn", "--workers", "1", "--bind", "127.0.0.1:{port}", "--no-control-socket"]
    command += ["--backlog", "4096", "--worker-connections", "{connections}", "--graceful-timeout", "5"]
    return [*command, *options, f"{_MODULE}:application"]


#: All of them, by name.
SERVERS: Mapping[str, Way] = {
    "standalone": Way(["-m", _MODULE]),
    "gthread": Way(_gunicorn("--worker-class", "gthread", "--threads", "{calls}"), ["gunicorn"], forks=True),
    "gevent": Way(_gunicorn("--worker-class", "gevent"), ["gunicorn", "gevent"], forks=True),
}


class Held(NamedTuple):
    """What a process needs: bytes of memory that are resident, open descriptors, threads."""

    memory: float
    descriptors: float
    threads: float


class HeldServer(ServerProcess):
    """A server that is up inside a ``with`` block.

    ::

        with HeldServer(SERVERS["gthread"], 1000) as server:
            Caller(server.port, "call-1")

    ``calls``: how many it must be able to hold.
    """

    def __init__(self, way: Way, calls: int) -> None:
        self._way = way
        port = free_port()
        values = {"port": port, "calls": calls, "connections": calls + 100}
        super().__init__([sys.executable, *(part.format(**values) for part in self._way.command)], port)

    def _is_ready(self) -> bool:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health") as answer:
            return bool(answer.status == 200)
        return False

    @functools.cached_property
    def _pid(self) -> int:
        """The process that holds the calls."""
        pid = self._process.pid
        if not self._way.forks:
            return pid
        (worker,) = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
        return int(worker)

    # What it needs

    def holds(self) -> Held:
        """What it needs at this moment."""
        pid = self._pid
        return Held(resident(pid), float(len(os.listdir(f"/proc/{pid}/fd"))), float(status_of(pid)["Threads"]))

    def cpu(self) -> float:
        """The seconds of CPU that it has used so far."""
        return cpu_of(self._pid)

    def settle(self) -> None:
        """Wait until its threads and descriptors change no more."""
        self._settle(lambda: self.holds()[1:], 0.5)
