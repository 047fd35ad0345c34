"""The servers that hold calls to be measured, each in a process of its own, and what such a process needs."""

from __future__ import annotations

import contextlib
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from typing_extensions import Self

from .starting import ROOT

__all__ = ["SERVERS", "Held", "HeldServer", "Way"]

_PATIENCE = 30.0
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


class HeldServer:
    """A server that is up inside a ``with`` block.

    ::

        with HeldServer("gthread", 1000) as server:
            Caller(server.port, "call-1")

    ``name``: one of :data:`SERVERS`. ``calls``: how many it must be able to hold.
    """

    def __init__(self, name: str, calls: int) -> None:
        self._way = SERVERS[name]
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            #: Where it listens, on this machine.
            self.port = int(sock.getsockname()[1])
        values = {"port": self.port, "calls": calls, "connections": calls + 100}
        self._command = [sys.executable, *(part.format(**values) for part in self._way.command)]
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            # Its workers find each other there.
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="held-"))
            said = stack.enter_context((pathlib.Path(folder) / "said.txt").open("w+b"))
            environment = {**os.environ, "PORT": str(self.port), "TMPDIR": folder}
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said
            )
            stack.callback(self._end)
            deadline = time.monotonic() + _PATIENCE
            while not self._is_ready():
                if self._process.poll() is not None or time.monotonic() > deadline:
                    said.seek(0)
                    raise RuntimeError(f"the server does not answer:\n{said.read().decode(errors='replace')}")
                time.sleep(0.05)
            self._pid = self._holder()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _is_ready(self) -> bool:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health") as answer:
            return bool(answer.status == 200)
        return False

    def _end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE)
        finally:
            self._process.kill()
            self._process.wait()

    def _holder(self) -> int:
        """The process that holds the calls."""
        pid = self._process.pid
        if not self._way.forks:
            return pid
        (worker,) = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
        return int(worker)

    # What it needs

    def holds(self) -> Held:
        """What it needs at this moment."""
        process = pathlib.Path(f"/proc/{self._pid}")
        status = dict(line.split(":", 1) for line in (process / "status").read_text("ascii").splitlines())
        return Held(
            int(status["VmRSS"].split()[0]) * 1024.0, float(len(os.listdir(process / "fd"))), float(status["Threads"])
        )

    def cpu(self) -> float:
        """The seconds of CPU that it has used so far."""
        # Behind the name of the program, in which there may be anything, the 12th and the 13th.
        fields = pathlib.Path(f"/proc/{self._pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def settle(self) -> None:
        """Wait until its threads and descriptors change no more."""
        deadline = time.monotonic() + _PATIENCE
        last, since = self.holds()[1:], time.monotonic()
        while time.monotonic() - since < 0.5 and time.monotonic() < deadline:
            time.sleep(0.05)
            now = self.holds()[1:]
            if now != last:
                last, since = now, time.monotonic()
