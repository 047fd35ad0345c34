"""The servers that echo the audio of :mod:`.audio`, each in a process of its own."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence

from .server_process import PATIENCE, ServerProcess, cpu_of, free_port
from .side import NotInstalled
from .starting import ROOT

__all__ = ["NODE", "OURS", "PLAIN", "EchoServer", "commands", "node"]

OURS = "jambonz-sync"
NODE = "Node ws"
PLAIN = "plain echo"

#: Where npm ``ws`` is installed, for the tests too.
_CLIENTS = ROOT / "tests" / "clients"

# What the documentation of ws has for an echo, for binary messages. It is run in the folder above.
_NODE_PROGRAM = """
const { WebSocketServer } = require("ws");
const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.env.PORT) });
server.on("connection", (connection) => {
  connection.on("error", console.error);
  connection.on("message", (data, isBinary) => {
    if (isBinary) connection.send(data, { binary: true });
  });
});
"""


def commands() -> dict[str, Sequence[str]]:
    """Return what starts those servers that need nothing but Python, by name."""
    return {
        OURS: [sys.executable, "-m", "benchmarks.audio_application"],
        PLAIN: [sys.executable, "-m", "benchmarks.audio_plain"],
    }


def node() -> tuple[Sequence[str], Mapping[str, str]]:
    """Return what starts the server of Node, and the versions it is made of; install it if it is not there.

    Raises :exc:`~.side.NotInstalled`.
    """
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise NotInstalled(f"{program} is not on the path")
    try:
        from tests.npm.install import install
    except ModuleNotFoundError as error:
        raise NotInstalled(f"what installs npm ws needs {error.name}") from error
    try:
        modules = install(_CLIENTS)
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        raise NotInstalled(f"npm ws could not be installed: {error}") from error
    code = "console.log(process.versions.node, require('ws/package.json').version)"
    said = subprocess.run(["node", "-e", code], cwd=modules.parent, capture_output=True, text=True, check=True).stdout
    versions = dict(zip(("node", "ws (npm)"), said.split(), strict=True))
    return ["node", "-e", _NODE_PROGRAM], versions


class EchoServer(ServerProcess):
    """A server that is up inside a ``with`` block.

    ::

        with EchoServer(commands()[OURS]) as server, calling(server.port, streams=50) as callers:
            converse(callers, seconds=5.0)

    ``command``: what starts it. ``core``: the number of the one on which it runs; ``None`` for any.
    """

    def __init__(self, command: Sequence[str], core: int | None = None) -> None:
        # Python finds its modules in the root of the checkout, Node in the folder where they are.
        super().__init__(command, free_port(), _CLIENTS if command[0] == "node" else ROOT, core)

    def _is_ready(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), PATIENCE):
            return True
        return False

    def cpu(self) -> float:
        """The seconds of CPU that it has used so far, on all its threads."""
        return cpu_of(self._process.pid)
