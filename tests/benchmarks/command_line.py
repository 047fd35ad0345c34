"""The commands: run for real, wrong, and where they cannot run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence

import pytest

from benchmarks.starting import ROOT

__all__ = ["elsewhere", "refused", "run"]

Main = Callable[[Sequence[str]], object]


def run(module: str, *arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run ``benchmarks.module`` in a process of its own, with this search path if there is one."""
    environment = dict(os.environ) if path is None else {**os.environ, "PATH": path}
    return subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
    )


def refused(main: Main, arguments: Sequence[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Give a command a wrong command line, and return what it says; it must end with 2, before anything is done."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


def elsewhere(main: Main, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """On another system a command does nothing, ends with 2, and says in a sentence why."""
    monkeypatch.setattr(sys, "platform", "darwin")
    assert main([]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.endswith(": it needs epoll, /proc and the CPU clocks of Linux\n")
    assert said.err.startswith("python -m benchmarks.")
