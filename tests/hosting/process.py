"""A program in a process of its own, with all that it writes in files."""

from __future__ import annotations

import os
import pathlib
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any

from typing_extensions import Self

__all__ = ["ROOT", "Program", "eventually"]

ROOT = pathlib.Path(__file__).resolve().parents[2]

#: Seconds after which it has failed, for whatever is waited for; nothing takes nearly as long.
TIMEOUT = 30.0

#: How the lines look that nobody need look at: those of Python's logging, of gunicorn, of nginx.
_HARMLESS = re.compile(r"^\S+ \S+ INFO |\[INFO\]|\[notice\]|^\s*$")


def eventually(condition: Callable[[], Any], what: str | Callable[[], str]) -> Any:
    """Return the first true value of a condition, within half a minute; ``what`` says what has failed."""
    deadline = time.monotonic() + TIMEOUT
    while not (value := condition()):
        assert time.monotonic() < deadline, what if isinstance(what, str) else what()
        time.sleep(0.02)
    return value


class Program:
    """A process. It is ended by its id, and killed if it does not end.

    ``folder``: for its files. ``command``: what is run, in the root of the checkout. ``variables``: further environment
    variables. ``status``: the exit status that it is to have after SIGTERM.
    """

    def __init__(
        self,
        folder: pathlib.Path,
        command: Sequence[str],
        *,
        variables: Mapping[str, str] | None = None,
        status: int = 0,
    ) -> None:
        self.folder = folder
        self._status = status
        self._seen: set[tuple[pathlib.Path, int]] = set()
        self._allowed: list[str] = []
        environ = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            # Shown on stderr, where nothing unexpected may be.
            "PYTHONWARNINGS": "default",
            "PYTHONUNBUFFERED": "1",
            **(variables or {}),
        }
        with (folder / "stdout.txt").open("wb") as out, (folder / "stderr.txt").open("wb") as err:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=ROOT, env=environ
            )

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether it has ended, by itself or otherwise."""
        return self._process.poll() is not None

    # What it has written

    def lines(self) -> list[str]:
        """What it has logged: stderr, and its error log if it writes one."""
        return [line for _, line in self._lines()]

    def _lines(self) -> Iterator[tuple[tuple[pathlib.Path, int], str]]:
        for file in (self.folder / "stderr.txt", self.folder / "error.log"):
            if file.exists():
                for number, line in enumerate(file.read_text("utf-8", "replace").splitlines()):
                    yield (file, number), line

    def expect(self, *parts: str) -> str:
        """Wait for a line with all these parts, which is no fault then; return it. Each line is found once."""

        def find() -> str:
            for place, line in self._lines():
                if place not in self._seen and all(part in line for part in parts):
                    self._seen.add(place)
                    return line
            return ""

        return str(eventually(find, lambda: f"no line with {parts}; there are:\n" + "\n".join(self.lines())))

    def allow(self, part: str) -> None:
        """Lines with this in them are no fault."""
        self._allowed.append(part)

    def unexpected(self) -> list[str]:
        """The lines above INFO that no test asked for, tracebacks, and whatever else was written to stderr."""
        return [
            line
            for place, line in self._lines()
            if place not in self._seen and not _HARMLESS.search(line) and not any(p in line for p in self._allowed)
        ]

    def accessed(self, status: int) -> int:
        """How many requests with this status its access log tells of."""
        file = self.folder / "access.log"
        lines = file.read_text("utf-8").splitlines() if file.exists() else self.lines()
        return sum(f'" {status} ' in line for line in lines)

    # Its end

    def end(self) -> None:
        """Send SIGTERM and wait until it has ended, with the status that it is to have."""
        if not self.ended:
            self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(TIMEOUT)
        finally:
            self._process.kill()
            self._process.wait()
        assert status == self._status, f"it has ended with {status}:\n" + "\n".join(self.lines())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
