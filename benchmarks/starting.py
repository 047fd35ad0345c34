"""Fresh interpreters: how long one takes to start and run a line of code, and the memory it needs for that."""

from __future__ import annotations

import os
import pathlib
import resource
import subprocess
import sys
import time
from typing import NamedTuple

__all__ = ["ROOT", "Start", "start"]

#: Where fresh interpreters start: what they import as ``jambonz_sync`` is this checkout.
ROOT = pathlib.Path(__file__).resolve().parent.parent

# Linux alone tells the peak of a program itself; elsewhere it may be that of the one that started it. The line is run
# in the empty interpreter too, so that it takes itself off.
_PEAK = """
try:
    with open("/proc/self/status", "rb") as status:
        print(*(line.split()[1].decode() for line in status if line.startswith(b"VmHWM:")))
except OSError:
    pass
"""


class Start(NamedTuple):
    """What it took: seconds by the clock on the wall, seconds of CPU, and the most memory at a time in bytes.

    ``memory`` is ``None`` where the system does not tell.
    """

    wall: float
    cpu: float
    memory: int | None


def start(code: str) -> Start:
    """Run ``code`` in a fresh interpreter, up to its end; ``""`` starts it for nothing.

    ::

        start("import json").wall - start("").wall  # 0.009

    Raises :exc:`RuntimeError`, with what the interpreter said, if the code fails.
    """
    # Compiled files are written the first time, and found from then on, whatever the shell here wants.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    cpu, began = _cpu_of_children(), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code + _PEAK],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    wall, cpu = time.perf_counter() - began, _cpu_of_children() - cpu
    if done.returncode:
        raise RuntimeError(f"a fresh interpreter failed at {code!r}:\n{done.stderr}")
    said = done.stdout.split()
    return Start(wall, cpu, int(said[-1]) * 1024 if said else None)


def _cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
