"""The servers whose turns are measured by :mod:`.calls`, each a process of its own: ours, the rivals, and a floor."""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import pathlib
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .server_process import PATIENCE, ServerProcess, cpu_of, free_port, resident, status_of
from .side import NotInstalled
from .starting import ROOT

__all__ = ["FLOOR", "HOSTING", "NPM", "OURS", "RIVALS", "CallServer", "Maker", "floor", "hosting", "ours", "rival"]

OURS = "jambonz-sync"
FLOOR = "floor"
#: Those that are compared with, by the names of their packages.
RIVALS = ("node-client-ws", "sdk", "python-sdk")
#: Ours under gunicorn, with one worker and with two.
HOSTING = ("gthread 1", "gthread 2", "gevent 1", "gevent 2")

_APPLICATION = "benchmarks.call_application"
#: Where the packages of npm are installed.
NPM = ROOT / "benchmarks" / "npm"
#: More calls than are ever up at once.
_MOST_CALLS = 2_200


class Maker(NamedTuple):
    """What starts a server: a command, and the folder in which it is given. ``versions`` are of what it is made of."""

    command: Sequence[str]
    folder: pathlib.Path = ROOT
    versions: Mapping[str, str] = {}


def ours() -> Maker:
    """Our own server, standalone."""
    packages = ["jambonz-sync", "simple-websocket", "wsproto"]
    # It reads messages, where it is installed.
    packages += ["orjson"] if importlib.util.find_spec("orjson") is not None else []
    return Maker(
        [sys.executable, "-m", _APPLICATION], versions={name: importlib.metadata.version(name) for name in packages}
    )


def rival(name: str) -> Maker:
    """One of :data:`RIVALS`; raises :exc:`~.side.NotInstalled` if it is not here and cannot be brought."""
    if name == "python-sdk":
        _require("jambonz_sdk", "jambonz-python-sdk")
        packages = ("jambonz-python-sdk", "aiohttp", "pydantic")
        versions = {package: importlib.metadata.version(package) for package in packages}
        return Maker([sys.executable, "-m", "benchmarks.call_rival"], versions=versions)
    package = f"@jambonz/{name}"
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise NotInstalled(f"{program} is not on the path")
    try:
        from tests.npm.install import install
    except ModuleNotFoundError as error:
        raise NotInstalled(f"what installs {package} needs {error.name}") from error
    try:
        install(NPM)
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        raise NotInstalled(f"{package} could not be installed: {error}") from error
    code = "console.log(process.versions.node, require('./node_modules/ws/package.json').version, "
    code += f"require('./node_modules/{package}/package.json').version)"
    said = subprocess.run(["node", "-e", code], cwd=NPM, capture_output=True, text=True, check=True).stdout
    versions = dict(zip(("node", "ws (npm)", package), said.split(), strict=True))
    return Maker(["node", "calls.cjs", package], NPM, versions)


def floor(folder: pathlib.Path) -> Maker:
    """The floor, compiled into a folder; raises :exc:`~.side.NotInstalled` where there is no compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise NotInstalled("cc is not on the path")
    program = folder / "floor"
    source = ROOT / "benchmarks" / "call_floor.c"
    done = subprocess.run([compiler, "-O2", "-o", program, source], capture_output=True, text=True)
    if done.returncode:
        raise NotInstalled(f"the compiler refuses it: {done.stderr}")
    return Maker([str(program)])


def hosting(name: str) -> Maker:
    """One of :data:`HOSTING`; raises :exc:`~.side.NotInstalled` if it is not here."""
    kind, _, workers = name.partition(" ")
    modules = ["gunicorn"] if kind == "gthread" else ["gunicorn", "gevent"]
    for module in modules:
        _require(module, module)
    command = [sys.executable, "-m", "gunicorn", "--worker-class", kind, "--workers", workers, "--no-control-socket"]
    command += ["--bind", "127.0.0.1:{port}", "--backlog", "4096", "--graceful-timeout", "1"]
    # Threads are made when there is something for them to do.
    command += ["--threads", str(_MOST_CALLS)] if kind == "gthread" else []
    command += ["--worker-connections", str(_MOST_CALLS + 100), f"{_APPLICATION}:application"]
    return Maker(command, versions={module: importlib.metadata.version(module) for module in modules})


def _require(module: str, distribution: str) -> None:
    if importlib.util.find_spec(module) is None:
        raise NotInstalled(f"{distribution} is not installed; pip install {distribution}")


class CallServer(ServerProcess):
    """A server that is up inside a ``with`` block.

    ::

        with CallServer(ours()) as server, Driver(server.port) as driver:
            driver.dial(50)

    ``core``: the number of the one on which it runs; ``None`` for any.
    """

    def __init__(self, maker: Maker, core: int | None = None) -> None:
        port = free_port()
        command = [part.replace("{port}", str(port)) for part in maker.command]
        super().__init__(command, port, maker.folder, core)
        self._maker = maker

    def again(self) -> CallServer:
        """Another one of the same kind, which is not up yet."""
        return CallServer(self._maker, self._core)

    def _is_ready(self) -> bool:
        # Here, since how long it takes to start is measured too, and finer than others need it.
        while self._process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), PATIENCE):
                return True
            time.sleep(0.001)
        return False

    def cpu(self) -> float:
        """The seconds of CPU that it has used so far, on all threads and in all processes."""
        return cpu_of(*self._processes())

    def memory(self) -> float:
        """The bytes of memory that are resident, in all processes."""
        return sum(map(resident, self._processes()))

    def settle(self) -> None:
        """Wait until its memory and its threads change no more, or hardly."""
        self._settle(lambda: (self.memory() // 2**18, self._threads()), 0.3)

    def _processes(self) -> list[int]:
        pid = self._process.pid
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
        return [pid, *map(int, children)]

    def _threads(self) -> int:
        return sum(int(status_of(pid)["Threads"]) for pid in self._processes())
