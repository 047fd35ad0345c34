"""Putting npm packages into place, once."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
from collections.abc import Iterator

import pytest

__all__ = ["install", "locked", "need"]


def need(program: str) -> str:
    """Return the path of a program; skip the test if there is none, or fail it where ``CI`` is set."""
    path = shutil.which(program)
    if path is not None:
        return path
    text = f"`{program}` is not on the path; these tests need Node 18 or newer with npm."
    if os.environ.get("CI"):
        pytest.fail(text)
    pytest.skip(text)


def install(folder: pathlib.Path) -> pathlib.Path:
    """Install what the ``package.json`` of a folder names, unless it is there; return its ``node_modules``."""
    wanted = json.loads((folder / "package.json").read_text(encoding="utf-8"))["dependencies"]
    modules = folder / "node_modules"
    if _versions(modules, wanted) != wanted:
        npm = need("npm")
        with locked(folder / ".node_modules.lock"):
            # Another worker may have done it while this one waited for the lock.
            if _versions(modules, wanted) != wanted:
                _run(npm, folder)
                if _versions(modules, wanted) != wanted:
                    raise RuntimeError(f"npm has not installed {wanted} into {folder}")
    return modules


def _run(npm: str, folder: pathlib.Path) -> None:
    done = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=100,
    )
    if done.returncode:
        raise RuntimeError(f"npm could not install into {folder}:\n{done.stdout[-4000:]}")


def _versions(modules: pathlib.Path, names: dict[str, str]) -> dict[str, str]:
    # What npm writes last, so that what it lists is whole.
    with contextlib.suppress(OSError, ValueError, KeyError):
        lock = json.loads((modules / ".package-lock.json").read_text(encoding="utf-8"))["packages"]
        return {name: lock[f"node_modules/{name}"]["version"] for name in names}
    return {}


@contextlib.contextmanager
def locked(path: pathlib.Path) -> Iterator[None]:
    """Hold a lock between processes; the system lets go of it even if this one dies."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
