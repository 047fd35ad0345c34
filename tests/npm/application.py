"""An application that is written with the library for Node."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator

from tests.npm import FOLDER
from tests.npm.install import install, need

__all__ = ["node_echo"]


@contextlib.contextmanager
def node_echo() -> Iterator[str]:
    """Serve the echo application on this machine; yield its address.

    Skips the test that runs if Node or npm is missing; fails it where `CI` is set in the environment.
    """
    node = need("node")
    install(FOLDER)
    with subprocess.Popen([node, str(FOLDER / "echo.cjs")], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            # The library prints lines of its own.
            port = next(line.split()[1] for line in process.stdout if line.startswith("port "))
            yield f"ws://127.0.0.1:{port}/echo"
        finally:
            process.kill()
