"""The lock of a stream, its line, and who waits where."""

from __future__ import annotations

import logging
import threading
import time

import pytest

from jambonz_sync.audio.channel import Channel
from jambonz_sync.audio.core import AudioCore
from jambonz_sync.audio.metadata import parse_metadata
from tests.scenarios.application import LogLines
from tests.transport.peers import Background, eventually


class Line:
    """A line that notes what is done with it, and on which nothing ever comes."""

    unwritten = 7

    def __init__(self) -> None:
        self.done: list[object] = []
        self.wakes = 0

    def open(self) -> None:
        self.done.append("open")

    def send(self, message: str | bytes) -> None:
        self.done.append(message)

    def close(self, code: int, reason: str = "") -> None:
        self.done.append((code, reason))

    def wake(self) -> None:
        self.wakes += 1

    def wait(self, ready, until=None) -> bool:
        self.done.append("wait")
        return bool(ready())

    def finish(self) -> None:
        raise AssertionError("nobody does that here")


@pytest.fixture
def channel() -> Channel:
    core = AudioCore(parse_metadata('{"sampleRate": 8000}'), max_lag=1.0)
    return Channel(core, logging.getLogger("jambonz_sync"), expects_facts=False)


def test_line(channel):
    """What is to be sent waits for a line, and goes out in order when a turn ends."""
    line = Line()
    with channel.turn() as core:
        core.send("before")
    assert channel.unwritten == 0
    assert channel.attach(lambda channel: line) is line
    with channel.turn() as core:
        core.send("one", b"two")
        assert line.done == ["open", "before"]
    channel.close(1000, "done")
    assert line.done == ["open", "before", "one", b"two", (1000, "done")]
    assert channel.unwritten == 7


def test_close_without_a_line(channel):
    """Before there is a line there is nothing to close."""
    channel.close(1000, "")
    assert channel.core.ending is None


def test_own_thread(channel):
    """The own thread waits at its line, but not for what is there, nor for a time that is over."""
    line = Line()
    channel.attach(lambda channel: line)
    channel.wait(lambda: True, channel.now() + 1)
    channel.wait(lambda: False, channel.now() - 1)
    assert line.done == ["open"]
    channel.wait(lambda: False, channel.now() + 1)
    channel.wait(lambda: False)
    assert line.done == ["open", "wait", "wait"]
    assert channel.on_own_thread
    assert "test_channel.py" in channel.where()


def test_other_threads(channel):
    """Others wait until something comes, or for as long as they want."""
    assert not Background(lambda: channel.on_own_thread).result()
    waiting = Background(lambda: channel.wait_elsewhere(lambda: len(channel.core.inflow) == 2))
    eventually(lambda: channel._changed._waiters)
    assert waiting.is_alive()
    with channel.lock:
        channel.message(b"\1\0")
    waiting.result()
    began = time.monotonic()
    Background(lambda: channel.wait_elsewhere(lambda: False, channel.now() + 0.02)).result()
    assert time.monotonic() - began >= 0.02
    # A time that is over is none to wait for.
    Background(lambda: channel.wait_elsewhere(lambda: False, channel.now() - 1)).result()


def test_end_wakes(channel):
    """The end wakes whoever waits."""
    waiting = Background(lambda: channel.wait_elsewhere(lambda: channel.core.ending is not None))
    with channel.lock:
        channel.lost(1006, "gone")
    waiting.result()
    assert channel.core.ending == (1006, "gone")


def test_another_thread_waits():
    """Where reading stops when there is enough, it goes on for what another thread waits for."""
    core = AudioCore(parse_metadata('{"sampleRate": 8000}'), max_lag=1.0, blocks=True)
    channel = Channel(core, logging.getLogger("jambonz_sync"), blocks=True, expects_facts=False)
    channel.message(bytes(16_000))
    assert channel.has_enough
    over = threading.Event()
    waiting = Background(lambda: channel.wait_elsewhere(over.is_set))
    eventually(lambda: not channel.has_enough)
    over.set()
    with channel.turn():
        pass
    waiting.result()
    assert channel.has_enough


def test_nothing_is_due(channel):
    """Nothing is ever done in the handler's place."""
    channel.tick()
    assert channel.due() == float("inf")
    assert channel.core.outbox == []


def test_log(channel):
    """Lines are written when the lock is free, those about a slow handler with the place it is at."""
    lines = LogLines()

    class Free(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            assert not channel.lock.locked()

    logger = logging.getLogger("jambonz_sync")
    level = logger.level
    for handler in (lines, Free()):
        logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        with channel.turn() as core:
            core.complain("lag", logging.WARNING, "slow", locate=True)
            core.complain("bad", logging.WARNING, "bad")
        with channel.lock:
            channel.message('{"event":"dtmf","dtmf":"5"}')
        channel.report()
        channel.report()
    finally:
        logger.setLevel(level)
        for handler in logger.handlers[-2:]:
            logger.removeHandler(handler)
    assert lines.lines(logging.DEBUG)[0].startswith("slow [")
    assert lines.lines(logging.DEBUG)[1:] == ["bad", 'received {"event":"dtmf","dtmf":"5"}']
