"""The servers that echo audio."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from benchmarks.side import NotInstalled
from tests.npm.install import need

if not sys.platform.startswith("linux"):
    pytest.skip("they need epoll and the CPU clocks of Linux", allow_module_level=True)

from benchmarks import audio_servers
from benchmarks.audio_callers import calling, converse
from benchmarks.audio_servers import NODE, OURS, PLAIN, EchoServer, commands, node


def converses(server: EchoServer) -> None:
    """It echoes two streams, for a second group of callers too, and uses CPU for that."""
    used = server.cpu()
    assert used > 0
    for _ in range(2):
        with calling(server.port, streams=2) as callers:
            assert len(converse(callers, seconds=0.1).delays) == 10
    assert server.cpu() > used


@pytest.mark.parametrize("name", [OURS, PLAIN])
def test_server(name: str) -> None:
    """Those in Python echo all frames."""
    assert list(commands()) == [OURS, PLAIN]
    with EchoServer(commands()[name]) as server:
        converses(server)


def test_core() -> None:
    """It runs where it is told to, and who started it does not."""
    allowed = os.sched_getaffinity(0)
    with EchoServer(commands()[PLAIN], min(allowed)) as server:
        assert os.sched_getaffinity(server._process.pid) == {min(allowed)}
        assert os.sched_getaffinity(0) == allowed


def test_node() -> None:
    """So does that of Node, and it is known what it is made of."""
    need("node")
    need("npm")
    command, versions = node()
    assert list(versions) == ["node", "ws (npm)"]
    assert versions["ws (npm)"] == "8.18.3"
    assert NODE not in commands()
    with EchoServer(command) as server:
        converses(server)


def test_no_node(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no Node, that is said."""
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NotInstalled, match=r"^node is not on the path$"):
        node()


def test_npm_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """So is why npm could not bring what is needed."""
    need("node")
    need("npm")

    def fails(folder: object) -> None:
        raise subprocess.TimeoutExpired("npm", 100)

    # The package has a function of that name too.
    monkeypatch.setattr(sys.modules["tests.npm.install"], "install", fails)
    with pytest.raises(NotInstalled, match=r"^npm ws could not be installed: .*timed out"):
        node()


def test_no_installer(monkeypatch: pytest.MonkeyPatch) -> None:
    """And that what runs npm needs something itself."""
    monkeypatch.setattr(audio_servers.shutil, "which", lambda program: program)
    monkeypatch.delitem(sys.modules, "tests.npm.install")
    monkeypatch.setitem(sys.modules, "pytest", None)
    with pytest.raises(NotInstalled, match=r"^what installs npm ws needs pytest$"):
        node()


def test_server_that_does_not_start() -> None:
    """What it has said is in the error."""
    with pytest.raises(RuntimeError, match="no luck today"):
        with EchoServer([sys.executable, "-c", "raise SystemExit('no luck today')"]):
            pytest.fail("it is up")
