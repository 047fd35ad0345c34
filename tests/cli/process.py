"""The command line in a process of its own."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys

__all__ = ["ROOT", "command", "environ", "interrupted", "on_a_terminal", "run", "unread"]

ROOT = pathlib.Path(__file__).resolve().parents[2]


def command(*arguments: str, code: str | None = None) -> list[str]:
    """Return the command line that runs `jambonz-sync` with these arguments."""
    start = ["-m", "jambonz_sync"] if code is None else ["-c", f"{code}\nimport sys; sys.exit(main(sys.argv[1:]))"]
    return [sys.executable, *start, *arguments]


def environ(**variables: str) -> dict[str, str]:
    """Return the environment for it, with further variables."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "COLUMNS": "100", **variables}


def run(*arguments: str, code: str | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own; with `code`, which defines `main`, in the place of the module."""
    return subprocess.run(
        command(*arguments, code=code), capture_output=True, text=True, timeout=60, env=environ(**variables), cwd=ROOT
    )


def interrupted(*arguments: str, at: str, cwd: pathlib.Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run it, and send SIGINT once a line of its output has this in it; return what it has written since then."""
    # A process group of its own, as a shell gives it; the signal goes to this one process.
    with subprocess.Popen(
        command(*arguments),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environ(),
        cwd=cwd,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if at in line:
                break
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def unread(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run it with an output that nobody reads."""
    ours, theirs = os.pipe()
    os.close(ours)
    try:
        return subprocess.run(
            command(*arguments),
            stdout=theirs,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            env=environ(**variables),
            cwd=ROOT,
        )
    finally:
        os.close(theirs)


def on_a_terminal(*arguments: str, **variables: str) -> bytes:
    """Run it on a terminal, and return what it has printed there; it must end with 0."""
    import pty  # which not every system has

    ours, theirs = pty.openpty()
    with subprocess.Popen(command(*arguments), stdout=theirs, env=environ(TERM="xterm", **variables), cwd=ROOT) as it:
        os.close(theirs)
        output = b""
        # At the end of the other side, reading from a terminal is an error on Linux.
        while chunk := _read(ours):
            output += chunk
        assert it.wait(60) == 0
    os.close(ours)
    return output


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""
