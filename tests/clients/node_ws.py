"""Calls by npm `ws`, the websocket library that jambonz itself uses."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import subprocess
from collections.abc import Mapping, Sequence

from tests.clients import ACK_TIMEOUT, SUBPROTOCOL, Report, templates
from tests.npm.install import install, need

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
    install(HERE)
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
