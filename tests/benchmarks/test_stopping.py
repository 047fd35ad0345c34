"""The commands that have servers, each stopped while they are up."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence

import pytest

from benchmarks.starting import ROOT
from benchmarks.stopping import STOPPED, stoppable
from tests.cli.serving import until

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="they need /proc and the CPU clocks of Linux")

#: Longer than anybody waits.
COMMANDS: Mapping[str, Sequence[str]] = {
    "audio": ["--seconds", "3600"],
    "calls": ["--only", "paced-50", "--rivals", "none", "--seconds", "3600"],
    "growth": ["--only", "services", "--most", "1", "--rounds", "1000000"],
    "held_calls": ["--servers", "gthread", "--calls", "2", "--turns", "1000000000"],
    "soak": ["--calls", "20", "--turns", "1000000000", "--at-once", "20"],
}


def listens(port: int) -> bool:
    """Whether anybody does."""
    # Reset is who is in the queue of a listener that closes.
    with contextlib.suppress(ConnectionError), socket.create_connection(("127.0.0.1", port), 10) as sock:
        # At a port from which the system happens to connect, one may meet oneself.
        return bool(sock.getsockname() != sock.getpeername())
    return False


def ports(process: subprocess.Popen[str]) -> list[int]:
    """Those of its servers, once all that it has started answer."""
    children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii").split()
    found = []
    for child in children:
        # One that has just ended has no environment.
        with contextlib.suppress(OSError):
            for line in pathlib.Path(f"/proc/{child}/environ").read_bytes().split(b"\0"):
                if line.startswith(b"PORT="):
                    found.append(int(line[len(b"PORT=") :]))
    return found if all(map(listens, found)) else []


@contextlib.contextmanager
def started(command: str, folder: pathlib.Path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """Have a command run, with its temporary files in a folder; give it, and the ports of its servers, which are up."""
    environment = {key: value for key, value in os.environ.items() if key != "PORT"}
    environment["TMPDIR"] = str(folder)
    with subprocess.Popen(
        [sys.executable, "-m", f"benchmarks.{command}", *COMMANDS[command]],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process, until(lambda: ports(process), "it has no servers")
        finally:
            process.kill()


@linux
@pytest.mark.parametrize("command", COMMANDS)
def test_sigterm(command: str, tmp_path: pathlib.Path) -> None:
    """A sentence, the status that a shell expects, and no server that is left behind."""
    if command == "held_calls":
        pytest.importorskip("gunicorn")
    with started(command, tmp_path) as (process, there):
        process.terminate()
        said = process.communicate(timeout=60)[1]
        assert process.returncode == 143
        assert not any(map(listens, there))
    assert said.endswith("\nstopped; half a soak says nothing\n" if command == "soak" else f"{STOPPED}\n")
    assert "Traceback" not in said
    assert not list(tmp_path.iterdir())


@linux
def test_ctrl_c(tmp_path: pathlib.Path) -> None:
    """The same, with the status of that."""
    with started("growth", tmp_path) as (process, there):
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1]
        assert process.returncode == 130
        assert not any(map(listens, there))
    assert said.endswith(f"{STOPPED}\n")


@linux
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="the system lacks what ends them")
@pytest.mark.parametrize("command", ["calls", "held_calls"])
def test_killed(command: str, tmp_path: pathlib.Path) -> None:
    """Servers end with a command that had no time to end them, with their workers if they have some."""
    if command == "held_calls":
        pytest.importorskip("gunicorn")
    with started(command, tmp_path) as (process, there):
        process.kill()
        assert process.wait(60) == -signal.SIGKILL
        until(lambda: not any(map(listens, there)), "a server is left behind")


def test_what_comes_back(capsys: pytest.CaptureFixture[str]) -> None:
    """A command that is not stopped returns what it does, and SIGTERM does again what it did."""
    before = signal.getsignal(signal.SIGTERM)

    @stoppable("never said")
    def main(number: int, *, more: int) -> int:
        assert signal.getsignal(signal.SIGTERM) != before
        return number + more

    assert main(2, more=1) == 3
    assert signal.getsignal(signal.SIGTERM) == before
    assert capsys.readouterr() == ("", "")


def test_stopped_in_its_own_process(capsys: pytest.CaptureFixture[str]) -> None:
    """What the command has to put away is put away before the sentence, and SIGTERM does again what it did."""
    before = signal.getsignal(signal.SIGTERM)

    @stoppable("that was that")
    def main() -> int:
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            print("put away", file=sys.stderr)
        pytest.fail("it went on")

    assert main() == 143
    assert signal.getsignal(signal.SIGTERM) == before
    assert capsys.readouterr() == ("", "put away\nthat was that\n")
