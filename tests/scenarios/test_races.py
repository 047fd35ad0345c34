"""A short hunt for races; ``python -m tests.races`` hunts for longer."""

from __future__ import annotations

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_three_seconds():
    """Three seconds of wild calls break no rule."""
    # In a process of its own, which can be ended even if it locks up, and whose locks are nobody else's.
    done = subprocess.run(
        [sys.executable, "-m", "tests.races", "--seconds", "3", "--seed", "1"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout
    assert "questions" in done.stdout
