"""What a process holds on to, as Linux tells it: threads and descriptors."""

from __future__ import annotations

import contextlib
import os
import pathlib

__all__ = ["children", "descriptors", "threads"]


def children(pid: int) -> list[int]:
    """The processes that a process has started, and that are alive."""
    text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    return [int(word) for word in text.split()]


def descriptors(pid: int) -> list[str]:
    """What the open descriptors of a process are: files, sockets, pipes; sorted."""
    folder = pathlib.Path(f"/proc/{pid}/fd")
    links = []
    for entry in folder.iterdir():
        # It may be closed while we look.
        with contextlib.suppress(OSError):
            links.append(os.readlink(entry))
    return sorted(links)


def threads(pid: int) -> int:
    """How many threads a process has."""
    return len(list(pathlib.Path(f"/proc/{pid}/task").iterdir()))
