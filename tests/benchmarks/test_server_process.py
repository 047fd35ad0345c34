from __future__ import annotations

import itertools
import os
import pathlib
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
