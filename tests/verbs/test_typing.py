"""What type checkers say about the methods; each runs if it is installed."""

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

TYPING = pathlib.Path(__file__).parent / "typing"
ROOT = pathlib.Path(__file__).parents[2]


def run(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a type checker on both files."""
    if importlib.util.find_spec(module) is None and not os.environ.get("CI"):
        pytest.skip(f"{module} is not installed")
    files = [str(TYPING / name) for name in ("accepted.py", "refused.py")]
    command = [sys.executable, "-m", module, *arguments, *files]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def mypy() -> list[tuple[str, int, str]]:
    """Return mypy's errors: the file, the line, and what is wrong."""
    done = run("mypy", "--strict", "--no-incremental", "--cache-dir", os.devnull)
    assert done.returncode in (0, 1), done.stderr
    found = re.findall(r"(\w+\.py):(\d+): error: (.*)", done.stdout)
    return [(file, int(line), text) for file, line, text in found]


def pyright() -> list[tuple[str, int, str]]:
    """Return pyright's errors in the same form."""
    done = run("pyright", "--outputjson", "--pythonpath", sys.executable)
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


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_type_checkers_know_right_from_wrong(checker: Callable[[], list[tuple[str, int, str]]]) -> None:
    """Every marked line is refused, with the words of its comment, and no other line of either file is."""
    lines = (TYPING / "refused.py").read_text(encoding="utf-8").splitlines()
    marked = {number: line.split("  # ")[1] for number, line in enumerate(lines, 1) if "  # " in line}
    said: dict[int, str] = {}
    for file, line, text in checker():
        assert file == "refused.py", text
        said[line] = said.get(line, "") + text
    assert said.keys() == marked.keys()
    for number, words in marked.items():
        assert words in said[number], lines[number - 1]
