"""`jambonz-sync run` in a process of its own, and calls to it."""

from __future__ import annotations

import contextlib
import pathlib
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from jambonz_sync.simulator import CannotConnect, SimulatedCall, Transcript
from jambonz_sync.simulator.caller import Step
from tests.cli.process import command, environ

__all__ = ["Served", "serve", "until"]


def until(condition: Callable[[], Any], what: str) -> Any:
    """Return the first true value of a condition, which comes within half a minute."""
    deadline = time.monotonic() + 30
    while not (value := condition()):
        assert time.monotonic() < deadline, what
        time.sleep(0.02)
    return value


class Served:
    """The process. What it says is in a file; its stdout is open as long as it or a child of it lives."""

    def __init__(self, process: subprocess.Popen[str], errors: pathlib.Path) -> None:
        self.process = process
        self._errors = errors

    @property
    def errors(self) -> str:
        """What is on stderr so far."""
        return self._errors.read_text(encoding="utf-8")

    def says(self, text: str, times: int = 1) -> str:
        """Wait until it has said something on stderr, so many times; return all that it has said."""
        return until(lambda: self.errors.count(text) >= times and self.errors, f"not said: {text}")

    @property
    def url(self) -> str:
        """Where it listens now, or has last; waits for the first time."""
        self.says("listening on ")
        return re.findall(r"listening on (\S+) for ", self.errors)[-1]

    def call(self, path: str, steps: Sequence[Step] = (), **more: Any) -> Transcript:
        """Call it."""
        return SimulatedCall(self.url + path, steps, **{"speed": 20.0, **more}).run()

    def hears(self, text: str, url: str = "") -> None:
        """Wait until a call hears this: at an address, or at ``/hello`` where it listens then."""
        until(lambda: text in _heard(url or f"{self.url}/hello"), f"not heard: {text}")

    def end(self, number: int = signal.SIGTERM) -> int:
        """End it by a signal; return its status, once it and all its children are gone."""
        self.process.send_signal(number)
        return self.ends()

    def ends(self) -> int:
        """Wait until it and all its children are gone; return its status."""
        self.process.communicate(timeout=30)
        return self.process.returncode


def _heard(url: str) -> Sequence[str]:
    with contextlib.suppress(CannotConnect):
        return SimulatedCall(url, speed=20).run().heard
    return []


@contextlib.contextmanager
def serve(folder: pathlib.Path, *arguments: str, **variables: str) -> Iterator[Served]:
    """Run `jambonz-sync run` with these arguments, in a folder."""
    errors = folder / "stderr.txt"
    with (
        errors.open("w", encoding="utf-8") as file,
        subprocess.Popen(
            command("run", *arguments),
            stdout=subprocess.PIPE,
            stderr=file,
            text=True,
            cwd=folder,
            env=environ(**variables),
            # A process group of its own, as a shell gives it.
            start_new_session=True,
        ) as process,
    ):
        try:
            yield Served(process, errors)
        finally:
            if process.poll() is None:
                process.terminate()
