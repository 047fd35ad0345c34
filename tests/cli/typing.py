"""Somebody who sits at a terminal, calls with `jambonz-sync call`, and types."""

from __future__ import annotations

import contextlib
import os
import pathlib
import select
import subprocess
import time
from collections.abc import Callable, Iterator

from tests.cli.process import ROOT, command, environ
from tests.terminal import Display

__all__ = ["Typist", "typing"]


class Typist:
    """Reads what is on the terminal before typing on."""

    def __init__(self, terminal: int, process: subprocess.Popen[bytes]) -> None:
        self.display = Display(rows=24, columns=100)
        #: All that was written to the terminal, as it was.
        self.written = ""
        self._terminal = terminal
        self._process = process
        # Where in the text the next thing is looked for.
        self._seen = 0

    def sees(self, text: str) -> None:
        """Wait until a text is written to the terminal, behind the one that was seen last."""
        deadline = time.monotonic() + 60
        while (at := self.written.find(text, self._seen)) < 0:
            assert time.monotonic() < deadline, f"not seen: {text}\n\n{self.written[self._seen :]}"
            assert self._read(), f"ended, and not seen: {text}\n\n{self.written}"
        self._seen = at + len(text)

    def types(self, text: str, *, enter: bool = True) -> None:
        """Type a text, and Enter."""
        os.write(self._terminal, text.encode() + b"\r" * enter)

    def has_typed(self, text: str) -> None:
        """Wait until the last row has the prompt, and behind it this text and nothing else."""
        self._reads_until(lambda: self.display.lines[-1] == f"> {text}", f"not in the last row: {text}")

    def presses(self, key: str, *, at_prompt: bool = True) -> None:
        """Press a key with Ctrl, once there is a prompt: before that, Ctrl-D would mean something else."""
        if at_prompt:
            self._reads_until(lambda: self.display.lines[-1].startswith(">"), "no prompt")
        os.write(self._terminal, bytes([ord(key) - ord("@")]))

    def ends(self) -> int:
        """Read all there is, and return the exit status."""
        deadline = time.monotonic() + 60
        while self._read():
            assert time.monotonic() < deadline, f"it does not end\n\n{self.written}"
        return self._process.wait(30)

    def _reads_until(self, condition: Callable[[], bool], otherwise: str) -> None:
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline, f"{otherwise}\n\n{self.written}"
            assert self._read(), f"ended, and {otherwise}\n\n{self.written}"

    def _read(self) -> bool:
        """Read what comes within a while; return whether there may be more."""
        if not select.select([self._terminal], [], [], 1.0)[0]:
            return True
        try:
            text = os.read(self._terminal, 4096).decode(errors="replace")
        except OSError:
            # So it ends on Linux.
            text = ""
        self.written += text
        self.display.feed(text)
        return bool(text)


@contextlib.contextmanager
def typing(*arguments: str, code: str | None = None, cwd: pathlib.Path = ROOT, **variables: str) -> Iterator[Typist]:
    """Run `jambonz-sync` with these arguments, or `code` in its place, on a terminal of its own."""
    import fcntl  # which not every system has
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))

    def take_the_terminal() -> None:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    with subprocess.Popen(
        command(*arguments, code=code),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=cwd,
        # The size of the terminal, and not these, is to count.
        env={
            key: value
            for key, value in environ(**{"TERM": "xterm", **variables}).items()
            if key not in ("COLUMNS", "LINES")
        },
        start_new_session=True,
        preexec_fn=take_the_terminal,
    ) as process:
        os.close(theirs)
        try:
            yield Typist(ours, process)
        finally:
            if process.poll() is None:
                process.kill()
            os.close(ours)
