"""Every message of running calls in files, for ``jambonz.replay`` in a test."""

from __future__ import annotations

import errno
import itertools
import json
import logging
import os
import pathlib
import re
import secrets
import threading
from collections import deque
from typing import Any

from .redaction import masked

__all__ = ["Recordings", "WireRecording", "line_of"]

_DIRECTIONS = {"received": "in", "sent": "out"}
_LONGEST_NAME = 100
_APPEND = os.O_WRONLY | os.O_APPEND


def line_of(time: float, direction: str, message: dict[str, Any]) -> str:
    """Return the line of a record for a message that went ``in`` or ``out`` so many seconds after the first."""
    record = {"time": round(time, 3), "direction": direction, "message": message}
    line = json.dumps(record, ensure_ascii=False)
    # There are more characters that end a line than one, and some that no file can hold.
    return f"{line if line.isprintable() else json.dumps(record)}\n"


class Recordings:
    """A folder in which calls are recorded. Makes it; raises :exc:`OSError` if that cannot be."""

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)

    def begin(self) -> WireRecording:
        """Record another call."""
        return WireRecording(self.directory)


class WireRecording:
    """The record of one call: a file of JSON lines, named after its sid, made when its first message is written.

    Threads. :meth:`note` is called under the lock of the call, and does no more than remember. :meth:`write` is called
    by any thread that holds no lock, and writes what is remembered, unless another thread is just doing so: that one
    writes it too. So the lines are in order, and nobody waits for anybody.
    """

    def __init__(self, directory: pathlib.Path) -> None:
        self._directory = directory
        self._noted: deque[tuple[float, str, str]] = deque()
        self._writing = threading.Lock()
        # All below belongs to whoever writes.
        self._path: pathlib.Path | None = None
        self._began = 0.0
        self._is_made = False
        self._has_failed = False

    def note(self, now: float, direction: str, text: str) -> None:
        """A message was ``received`` or ``sent``."""
        self._noted.append((now, direction, text))

    def write(self, log: logging.Logger | logging.LoggerAdapter[logging.Logger]) -> None:
        """Write what was noted. If that fails, ``log`` gets a warning, and no more of this call is recorded."""
        # Asked again when the lock is free: who was turned away meanwhile has noted something before.
        while self._noted and self._writing.acquire(blocking=False):
            try:
                self._write_noted(log)
            finally:
                self._writing.release()

    def _write_noted(self, log: logging.Logger | logging.LoggerAdapter[logging.Logger]) -> None:
        noted = [self._noted.popleft() for _ in range(len(self._noted))]
        if self._has_failed:
            return
        try:
            self._append("".join(line for one in noted for line in self._lines(*one)))
        except OSError as error:
            self._has_failed = True
            log.warning("the call is not recorded any more: %s", error)

    def _lines(self, now: float, direction: str, text: str) -> list[str]:
        try:
            message = masked(text)
            if not isinstance(message, dict):
                return []
            if self._path is None:
                self._began = now
                self._path = self._directory / _name_of(message)
            return [line_of(now - self._began, _DIRECTIONS[direction], message)]
        except (ValueError, RecursionError):
            return []

    def _append(self, text: str) -> None:
        if not text:
            return
        data = text.encode()
        descriptor = self._open()
        try:
            size = os.fstat(descriptor).st_size
            if os.write(descriptor, data) < len(data):
                # Half a line would make the whole of it unreadable.
                os.ftruncate(descriptor, size)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))
        finally:
            os.close(descriptor)

    def _open(self) -> int:
        # Not kept open: a server that records a thousand calls would need a thousand descriptors more.
        assert self._path is not None
        if self._is_made:
            return os.open(self._path, _APPEND)
        stem, numbers = self._path.stem, itertools.count(2)
        while True:
            try:
                # For nobody else to read: callers' numbers and words are in it.
                descriptor = os.open(self._path, _APPEND | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                # The call was here before: it was redirected, say, or taken over after a restart.
                self._path = self._path.with_name(f"{stem}-{next(numbers)}.jsonl")
            else:
                self._is_made = True
                return descriptor


def _name_of(message: dict[str, Any]) -> str:
    data = message.get("data")
    sid = message.get("call_sid") or (data.get("call_sid") if isinstance(data, dict) else None)
    # It comes over the network.
    name = re.sub(r"[^A-Za-z0-9_-]", "_", sid)[:_LONGEST_NAME] if isinstance(sid, str) else ""
    return f"{name or f'without-sid-{secrets.token_hex(4)}'}.jsonl"
