"""Reading lines from a pipe."""

from __future__ import annotations

import os
import queue
import threading

import pytest

from jambonz_sync.cli.calling.reading import Reader


@pytest.fixture
def pipe():
    """Both ends of a pipe, the first to read from."""
    ours, theirs = os.pipe()
    yield ours, theirs
    os.close(ours)


def test_lines(pipe):
    """Lines come as they are written, in whatever pieces; the last one needs no end."""
    ours, theirs = pipe
    seen: queue.Queue[str | None] = queue.Queue()
    with Reader(ours, on_line=seen.put, on_end=lambda: seen.put(None)):
        os.write(theirs, b"one\ntw")
        assert seen.get(timeout=10) == "one"
        os.write(theirs, "o\n\né".encode()[:-1])
        assert [seen.get(timeout=10) for _ in range(2)] == ["two", ""]
        os.write(theirs, "é".encode()[-1:] + b"nd")
        os.close(theirs)
        assert [seen.get(timeout=10) for _ in range(2)] == ["énd", None]


def test_stopped(pipe):
    """A reader that is not wanted any more stops, though nothing has come."""
    ours, theirs = pipe
    before = threading.active_count()
    with Reader(ours, on_line=print, on_end=print):
        assert threading.active_count() == before + 1
    assert threading.active_count() == before
    os.close(theirs)


def test_terminal_that_has_gone():
    """A terminal whose other side has gone has no more lines."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    ended = threading.Event()
    os.close(theirs)
    with Reader(ours, on_line=print, on_end=ended.set):
        assert ended.wait(10)
    os.close(ours)
