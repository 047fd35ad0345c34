"""Running a script over and over: a parent that watches its files, and a child that serves it.

::

    serve_and_watch(pathlib.Path("app.py"), ["--port=3000", "app.py"])

The two are joined by a pair of sockets. Through it the child tells which files it has imported, and each of them
notices the other's end, however it comes.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence

__all__ = ["serve_and_watch", "watched_by"]

#: How often the files are looked at, in seconds.
_INTERVAL = 0.3

#: How long a child has to end its calls and itself, in seconds.
_GRACE = 10.0

_ENDED_BY_SIGTERM = 128 + 15


# The parent


def serve_and_watch(script: pathlib.Path, arguments: Sequence[str]) -> int:
    """Run the command line in a child, and again whenever a file of the script has changed; return the exit status.

    It is over with SIGINT or SIGTERM, or when the child has ended well by itself.

    ``arguments``: those of ``run``, to which ``--watched-by`` is added.
    """
    files = _Files(script.resolve().parent)
    with _signals() as signals:
        while not signals:
            # Before the child reads them, so that no change falls between the two.
            files.look()
            child = _Child(arguments)
            try:
                status = _watch(child, files, signals)
            finally:
                child.end(signals)
            if status == 0:
                break
            if status is not None:
                _say(f"the program has {_how(status)}; waiting for a change")
            while not signals:
                name = files.changed()
                if name is not None:
                    _say(f"{name} has changed: starting again")
                    break
                time.sleep(_INTERVAL)
    return 0


def _how(status: int) -> str:
    return f"ended with {status}" if status > 0 else f"been ended by {signal.Signals(-status).name}"


def _watch(child: _Child, files: _Files, signals: list[int]) -> int | None:
    """Return the status with which the child has ended, or ``None`` when it has to."""
    while not signals:
        files.add(child.listen())
        status = child.status
        if status is not None:
            return status
        if files.changed():
            return None
    return None


def _say(what: str) -> None:
    print(f"jambonz-sync: {what}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def _signals() -> Iterator[list[int]]:
    """Collect the signals that stop the program, in a list that fills."""
    came: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda number, _: came.append(number)) for number in numbers}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Files:
    """The files that are watched: all of Python in a folder, and what else is added."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._folder = folder
        self._added: set[str] = set()
        self._times: dict[str, int | None] = {}
        self._changed: str | None = None

    def look(self) -> None:
        """From now on, what is there now is unchanged."""
        self._changed = None
        self._times = {name: _time_of(name) for name in self._names()}

    def add(self, names: Iterable[str]) -> None:
        """Watch these too, as they are now."""
        for name in names:
            self._added.add(name)
            self._times.setdefault(name, _time_of(name))

    def changed(self) -> str | None:
        """Return the name of a file that was changed, added or removed since, also if that was undone meanwhile."""
        if self._changed is None:
            names = sorted(self._names() | self._times.keys())
            changed = (name for name in names if name not in self._times or _time_of(name) != self._times[name])
            self._changed = next((os.path.relpath(name, self._folder) for name in changed), None)
        return self._changed

    def _names(self) -> set[str]:
        # The hidden ones are the notes of editors.
        return {str(path) for path in self._folder.glob("*.py") if not path.name.startswith(".")} | self._added


def _time_of(name: str) -> int | None:
    try:
        return os.stat(name).st_mtime_ns
    except OSError:
        # Some editors put a new file in the place of the old one.
        return None


class _Child:
    """The process that serves the script."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._socket, theirs = socket.socketpair()
        self._told = b""
        with theirs:
            number = theirs.fileno()
            command = [sys.executable, "-m", "jambonz_sync", "run", f"--watched-by={number}", *arguments]
            self._process = subprocess.Popen(command, pass_fds=[number])

    @property
    def status(self) -> int | None:
        """The status with which it has ended, if it has."""
        return self._process.poll()

    def listen(self) -> list[str]:
        """Wait a moment for what it has to tell, and return the files that it has imported."""
        if not select.select([self._socket], [], [], _INTERVAL)[0]:
            return []
        data = self._socket.recv(65536)
        if not data:
            # It is about to end; this cannot be waited for by select() any more.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_INTERVAL)
            return []
        *names, self._told = (self._told + data).split(b"\0")
        return [os.fsdecode(name) for name in names]

    def end(self, signals: list[int]) -> None:
        """See it through to its end: by SIGTERM, and by force when that takes too long or a further signal comes."""
        began = time.monotonic()
        # After Ctrl-C the terminal has told it already; a second time does no harm.
        self._process.terminate()
        while self._process.poll() is None:
            if time.monotonic() - began > _GRACE or len(signals) > 1:
                self._process.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_INTERVAL)
        self._socket.close()


# The child


def watched_by(number: int, script: pathlib.Path) -> None:
    """Tell the parent, on this socket, which files of the script's folder are imported; end with the parent."""
    # What a file says must not depend on whether it was changed within the second in which it was compiled.
    sys.dont_write_bytecode = True
    parent = socket.socket(fileno=number)
    # Children of this process are none of the parent's.
    parent.set_inheritable(False)
    folder = script.resolve().parent
    threading.Thread(target=_tell, args=(parent, folder), name="jambonz_sync reloading", daemon=True).start()


def _tell(parent: socket.socket, folder: pathlib.Path) -> None:
    told: set[str] = set()
    alive = True
    while alive:
        new = _imported_from(folder) - told
        told |= new
        try:
            parent.sendall(b"".join(os.fsencode(name) + b"\0" for name in new))
            # The parent sends nothing, so what can be read is its end.
            alive = not select.select([parent], [], [], _INTERVAL)[0]
        except OSError:
            alive = False
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE)
    os._exit(_ENDED_BY_SIGTERM)


def _imported_from(folder: pathlib.Path) -> set[str]:
    names = {getattr(module, "__file__", None) for module in [*sys.modules.values()]}
    paths = {pathlib.Path(name) for name in names if isinstance(name, str) and name.endswith(".py")}
    return {
        str(path)
        for path in paths
        if path.is_relative_to(folder) and "site-packages" not in path.relative_to(folder).parts
    }
