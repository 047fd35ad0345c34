"""What type checkers say about two samples: code they must accept, and code they must refuse.

``accepted.py`` and ``refused.py`` of a directory are checked together. In the latter every line that must be refused
ends in a comment with words of the error.
"""

from __future__ import annotations

import importlib.util
import json
import os
import pathlib
import re
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.npm.install import locked

__all__ = ["CHECKERS", "know_right_from_wrong"]

ROOT = pathlib.Path(__file__).parents[1]

#: An error: the file, the line, and what is wrong.
Error = tuple[str, int, str]


def run(samples: pathlib.Path, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a type checker on both files, if it is installed."""
    if importlib.util.find_spec(module) is None and not os.environ.get("CI"):
        pytest.skip(f"{module} is not installed")
    files = [str(samples / name) for name in ("accepted.py", "refused.py")]
    command = [sys.executable, "-m", module, *arguments, *files]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def mypy(samples: pathlib.Path) -> list[Error]:
    """Return mypy's errors."""
    # What it knows of the library is kept for the next samples; it cannot bear another one that writes there too.
    cache = ROOT / ".mypy_cache"
    cache.mkdir(exist_ok=True)
    with locked(cache / "samples.lock"):
        done = run(samples, "mypy", "--strict", "--cache-dir", str(cache))
    assert done.returncode in (0, 1), done.stderr
    found = re.findall(r"(\w+\.py):(\d+): error: (.*)", done.stdout)
    return [(file, int(line), text) for file, line, text in found]


def pyright(samples: pathlib.Path) -> list[Error]:
    """Return pyright's errors."""
    done = run(samples, "pyright", "--outputjson", "--pythonpath", sys.executable)
    try:
        found = json.loads(done.stdout)["generalDiagnostics"]
    except ValueError:
        # It brings Node along from the net where there is none.
        if os.environ.get("CI"):
            raise
        pytest.skip(f"pyright cannot run here: {done.stderr[-500:]}")
    return [
        (pathlib.Path(one["file"]).name, one["range"]["start"]["line"] + 1, one["message"])
        for one in found
        if one["severity"] == "error"
    ]


CHECKERS = [mypy, pyright]


def know_right_from_wrong(checker: Callable[[pathlib.Path], list[Error]], samples: pathlib.Path) -> None:
    """Assert that every marked line is refused, with the words of its comment, and no other line of either file is."""
    lines = (samples / "refused.py").read_text(encoding="utf-8").splitlines()
    marked = {number: line.split("  # ")[1] for number, line in enumerate(lines, 1) if "  # " in line}
    said: dict[int, str] = {}
    for file, line, text in checker(samples):
        assert file == "refused.py", f"{file}:{line}: {text}"
        said[line] = said.get(line, "") + text
    assert said.keys() == marked.keys()
    for number, words in marked.items():
        assert words in said[number], lines[number - 1]
