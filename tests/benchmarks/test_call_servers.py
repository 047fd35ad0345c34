"""The servers that take calls."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import subprocess
import sys

import pytest

from benchmarks.side import NotInstalled
from tests.npm.install import need

if not sys.platform.startswith("linux"):
    pytest.skip("they need epoll and the CPU clocks of Linux", allow_module_level=True)

from benchmarks import call_servers
from benchmarks.call_driver import Driver
from benchmarks.call_servers import FLOOR, HOSTING, OURS, RIVALS, CallServer, Maker, floor, hosting, ours, rival


def takes_calls(maker: Maker, *, streams: bool = True) -> None:
    """It echoes, it streams, and it uses CPU and memory for that."""
    with CallServer(maker) as server:
        used = server.cpu()
        for path in ("/echo", "/stream") if streams else ("/echo",):
            with Driver(server.port, path=path) as driver:
                driver.dial(3)
                # Each of them speaks at least twice, since the pace takes one after the other.
                assert len(driver.pace(60, 0.1).delays) == 6
                driver.hang_up()
        assert server.cpu() > used
        assert server.memory() > 2**18
        server.settle()


def test_ours() -> None:
    """Ours does, and it is known what it is made of."""
    maker = ours()
    assert "jambonz-sync" in maker.versions
    takes_calls(maker)


def test_floor(tmp_path: pathlib.Path) -> None:
    """So does the one in C, which knows only turns; big messages too."""
    try:
        maker = floor(tmp_path)
    except NotInstalled:
        pytest.skip("there is no compiler")
    takes_calls(maker, streams=False)
    with CallServer(maker) as server, Driver(server.port, size=100_000) as driver:
        driver.dial(2)
        assert len(driver.pace(60, 0.1).delays) == 6
        driver.hang_up()


@pytest.mark.parametrize("name", ["node-client-ws", "sdk"])
def test_node(name: str) -> None:
    """So do those on Node."""
    need("node")
    need("npm")
    maker = rival(name)
    assert list(maker.versions) == ["node", "ws (npm)", f"@jambonz/{name}"]
    takes_calls(maker)


def test_python_sdk() -> None:
    """So does jambonz's own SDK for Python, where it is installed; where not, that is said."""
    if importlib.util.find_spec("jambonz_sdk") is None:
        with pytest.raises(
            NotInstalled, match=r"^jambonz-python-sdk is not installed; pip install jambonz-python-sdk$"
        ):
            rival("python-sdk")
        return
    maker = rival("python-sdk")
    assert maker.versions["jambonz-python-sdk"] == "0.4.0"
    takes_calls(maker)


@pytest.mark.parametrize("name", HOSTING)
def test_hosting(name: str) -> None:
    """So does ours under gunicorn, whose workers are looked at too."""
    for module in ("gunicorn", "gevent"):
        pytest.importorskip(module)
    maker = hosting(name)
    takes_calls(maker)
    with CallServer(maker) as server, Driver(server.port) as driver:
        driver.dial(1)
        driver.hang_up()
        assert len(server._processes()) >= 2


def test_core_and_another_one() -> None:
    """A server runs where it is told to, and there can be another one of its kind."""
    core = max(os.sched_getaffinity(0))
    with CallServer(ours(), core) as server, server.again() as another:
        for one in (server, another):
            assert os.sched_getaffinity(one._process.pid) == {core}
        assert server.port != another.port


def test_server_that_does_not_start() -> None:
    """What it has said is in the error."""
    with pytest.raises(RuntimeError, match="no luck today"):
        with CallServer(Maker([sys.executable, "-c", "raise SystemExit('no luck today')"])):
            pytest.fail("it is up")


def test_what_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    """Without Node, and without a compiler, that is said."""
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NotInstalled, match=r"^node is not on the path$"):
        rival("sdk")
    with pytest.raises(NotInstalled, match=r"^cc is not on the path$"):
        floor(tmp_path)


def test_compiler_that_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    """So is what a compiler has against it."""
    compiler = tmp_path / "cc"
    compiler.write_text("#!/bin/sh\necho not today >&2\nexit 1\n", encoding="ascii")
    compiler.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(NotInstalled, match=r"^the compiler refuses it: not today"):
        floor(tmp_path)


def test_npm_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """And why npm could not bring what is needed."""
    need("node")
    need("npm")

    def fails(folder: object) -> None:
        raise subprocess.TimeoutExpired("npm", 100)

    # The package has a function of that name too.
    monkeypatch.setattr(sys.modules["tests.npm.install"], "install", fails)
    with pytest.raises(NotInstalled, match=r"^@jambonz/sdk could not be installed: .*timed out"):
        rival("sdk")


def test_no_installer(monkeypatch: pytest.MonkeyPatch) -> None:
    """And that what runs npm needs something itself."""
    monkeypatch.setattr(call_servers.shutil, "which", lambda program: program)
    monkeypatch.delitem(sys.modules, "tests.npm.install")
    monkeypatch.setitem(sys.modules, "pytest", None)
    with pytest.raises(NotInstalled, match=r"^what installs @jambonz/sdk needs pytest$"):
        rival("sdk")


def test_names() -> None:
    """No two servers have the same."""
    names = [OURS, *RIVALS, *HOSTING, FLOOR]
    assert len(set(names)) == len(names)
