"""Calls by npm `ws`, the websocket library that jambonz itself uses."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence

import pytest

from tests.clients import ACK_TIMEOUT, SUBPROTOCOL, Report, templates

__all__ = ["run_calls"]

HERE = pathlib.Path(__file__).resolve().parent


def run_calls(
    url: str,
    calls: int = 200,
    turns: Sequence[str] = ("good morning", "the kettle is on"),
    timeout: float = 60.0,
    *,
    headers: Mapping[str, str] | None = None,
    handshake_timeout: float = 5.0,
) -> list[Report]:
    """Hold this many echo conversations at the same time, and return a report of each.

    A call that is not over after `timeout` seconds is cut, and reported as failed. `handshake_timeout` is kinder than
    jambonz's own 1.5 s, since all the calls come from one process and at once.

    Skips the test that runs if Node or npm is missing; fails it where `CI` is set in the environment.
    """
    node = need("node")
    install()
    scenario = {
        "url": url,
        "calls": calls,
        "turns": list(turns),
        "timeout": timeout,
        "headers": dict(headers or {}),
        "handshake_timeout": handshake_timeout,
        "ack_timeout": ACK_TIMEOUT,
        "subprotocol": SUBPROTOCOL,
        "templates": dataclasses.asdict(templates()),
    }
    done = subprocess.run(
        [node, str(HERE / "caller.mjs")],
        input=json.dumps(scenario),
        capture_output=True,
        text=True,
        # It keeps its own time; this is for the case that it does not.
        timeout=timeout + 30,
    )
    if done.returncode:
        raise RuntimeError(f"the Node caller failed with exit code {done.returncode}:\n{done.stderr[-4000:]}")
    reports = [Report(**json.loads(line)) for line in done.stdout.splitlines()]
    if len(reports) != calls:
        raise RuntimeError(f"the Node caller reported {len(reports)} of {calls} calls:\n{done.stderr[-4000:]}")
    return reports


def need(program: str) -> str:
    """Return the path of a program; skip the test if there is none, or fail it in CI."""
    path = shutil.which(program)
    if path is not None:
        return path
    text = f"`{program}` is not on the path; the callers on npm `ws` need Node 18 or newer with npm."
    if os.environ.get("CI"):
        pytest.fail(text)
    pytest.skip(text)


def install() -> None:
    """Install the npm package that `package.json` names, unless it is there in that version."""
    wanted = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["dependencies"]["ws"]
    if installed() == wanted:
        return
    npm = need("npm")
    with locked(HERE / ".node_modules.lock"):
        # Another worker may have done it while this one waited for the lock.
        if installed() == wanted:
            return
        done = subprocess.run(
            [npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"],
            cwd=HERE,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=100,
        )
        if done.returncode or installed() != wanted:
            raise RuntimeError(f"npm could not install ws {wanted}:\n{done.stdout[-4000:]}")


def installed() -> str | None:
    """Return the installed version of `ws`, or `None`."""
    # npm moves a package into place in one step, so what is found here is whole.
    path = HERE / "node_modules" / "ws" / "package.json"
    with contextlib.suppress(OSError, ValueError):
        return str(json.loads(path.read_text(encoding="utf-8"))["version"])
    return None


@contextlib.contextmanager
def locked(path: pathlib.Path) -> Iterator[None]:
    """Hold a lock between processes; the system lets go of it even if this one dies."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
