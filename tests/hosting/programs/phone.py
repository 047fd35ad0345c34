"""The application that every server runs: the echo of the examples, and services for what an echo does not show."""

from __future__ import annotations

import importlib.util
import logging
import pathlib
import sys
import time
from typing import Any

__all__ = ["add_services", "log_to_stderr"]

_ECHO = pathlib.Path(__file__).resolve().parents[3] / "examples" / "echo.py"


def log_to_stderr() -> None:
    """Write the log to stderr, one line each, so that the test can look for what does not belong there."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)


def add_services(endpoint: Any) -> None:
    """Make the services; ``endpoint`` is whatever has ``make_service``."""
    endpoint.make_service("/app").on("session:new", _example().answer)
    endpoint.make_service("/busy").on("session:new", _be_busy)
    endpoint.make_service("/interrupted").on("session:new", _be_interrupted)
    endpoint.make_service("/count").on("session:new", _count)
    endpoint.make_service("/close").on("session:new", _close)
    endpoint.make_service("/private", auth=("jambonz", "secret")).on("session:new", _close)
    endpoint.websocket("/mirror")(_mirror)


def _example() -> Any:
    spec = importlib.util.spec_from_file_location("echo", _ECHO)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _be_busy(session: Any) -> None:
    """Be lost in something that knows nothing of calls: until there is the file that the caller names."""
    session.gather(input=["speech"], action_hook="/file").send()
    file = pathlib.Path(session.wait_for("/file").transcript)
    deadline = time.monotonic() + 30
    while not file.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    session.say("Done.").reply()


def _be_interrupted(session: Any) -> None:
    """Have two questions open at a time."""
    session.config(barge_in={"enable": True, "sticky": True, "input": ["speech"], "action_hook": "/heard"})
    session.gather(input=["digits"], action_hook="/typed").send()
    while True:
        evt = session.wait_for("/heard", "/typed")
        session.say(f"{evt.name} {evt.transcript or evt.digits}").gather(input=["digits"], action_hook="/typed").reply()


def _count(session: Any) -> None:
    """Tell how much has come, again and again."""
    session.gather(input=["speech"], action_hook="/words").send()
    while True:
        words = session.wait_for("/words").transcript
        session.say(f"{len(words)} characters").gather(input=["speech"], action_hook="/words").reply()


def _close(session: Any) -> None:
    """Close the connection once the first verbs are out."""
    session.say("Never mind.").send()
    session.close()


def _mirror(ws: Any) -> None:
    """Send all back: a websocket that is no call."""
    while True:
        ws.send(ws.receive())
