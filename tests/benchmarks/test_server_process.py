from __future__ import annotations

import itertools
import os
import pathlib
import shutil
import subprocess
import sys
import time

import pytest

from benchmarks import server_process
from benchmarks.server_process import ServerProcess, cpu_of, resident, status_of

linux = pytest.mark.skipif(not pathlib.Path("/proc/self/status").exists(), reason="it reads /proc")


@linux
def test_what_a_process_uses() -> None:
    """CPU of any number of processes, memory, and what else Linux tells."""
    before = cpu_of(os.getpid())
    while cpu_of(os.getpid()) == before:
        pass
    assert cpu_of() == 0
    assert resident(os.getpid()) > 1 << 20
    assert int(status_of(os.getpid())["Threads"]) >= 1


def test_settling(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is over when nothing has changed for so long, and in any case when patience is."""
    clock = itertools.count()
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    looks = iter([1, 2, 3, *[3] * 50])
    ServerProcess._settle(lambda: next(looks), 5.0)
    assert next(looks) == 3
    restless = itertools.count()
    ServerProcess._settle(lambda: next(restless), 5.0)
    assert next(restless) < server_process.PATIENCE


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="the system lacks what ends them")
def test_who_started_it_is_gone_already() -> None:
    """What would begin only then does not, since nothing would end it."""
    command = [*server_process._bound_to_us(), "echo", "it is up"]
    assert subprocess.run(command, capture_output=True, text=True).stdout == "it is up\n"
    # For what runs there, another process has taken the place of this one.
    code = "import subprocess, sys; subprocess.run(sys.argv[1:])"
    assert subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True).stdout == ""


def test_without_what_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that cannot do so starts the command as it is."""
    monkeypatch.setenv("PATH", "/nowhere")
    assert server_process._bound_to_us() == []
