"""The clock of a call that other threads take part in."""

from __future__ import annotations

import contextlib
import functools
import math
import socket
import threading
import time

import pytest

from jambonz_sync.cli.calling.live_clock import LiveClock
from jambonz_sync.simulator.connection import any_arrives


@pytest.fixture
def clock():
    clock = LiveClock()
    clock.start()
    yield clock
    clock.close()


class Line:
    """A connection, as far as a clock knows it."""

    def __init__(self) -> None:
        self.ours, self.theirs = socket.socketpair()

    def fileno(self) -> int:
        return self.ours.fileno()

    def wait(self, seconds: float) -> bool:
        self.ours.settimeout(seconds or 0.0)
        with contextlib.suppress(BlockingIOError, TimeoutError):
            return bool(self.ours.recv(1, socket.MSG_PEEK))
        return False

    def close(self) -> None:
        self.ours.close()
        self.theirs.close()


@pytest.fixture
def lines():
    lines = [Line(), Line()]
    yield lines
    for line in lines:
        line.close()


def test_what_is_posted(clock):
    """What another thread posts is done on the thread that waits, in order, and ends the wait."""
    done = []

    def post() -> None:
        for number in (1, 2):
            clock.post(lambda number=number: done.append((number, threading.get_ident())))

    poster = threading.Thread(target=post)
    poster.start()
    while len(done) < 2:
        clock.wait(lambda seconds: False, math.inf)
    poster.join()
    assert done == [(1, threading.get_ident()), (2, threading.get_ident())]


def test_what_was_posted_before(clock):
    """What has been posted before the wait begins is done too."""
    done = []
    clock.post(lambda: done.append(1))
    clock.wait(lambda seconds: False, math.inf)
    assert done == [1]


def test_time_passes(clock):
    """Without anything to do it waits, no longer than it is told to."""
    clock.wait(lambda seconds: False, clock.now() + 0.05)
    assert 0.04 < clock.now()


@pytest.mark.parametrize("heeded", [0, 1])
def test_any_connection(clock, lines, heeded):
    """What comes on any connection ends the wait."""
    clock.open_wires = lambda: lines
    threading.Timer(0.01, lines[heeded].theirs.send, [b"x"]).start()
    clock.wait(functools.partial(any_arrives, lines), math.inf)
    assert lines[heeded].wait(0)


def test_connection_that_is_not_waited_for(clock, lines):
    """What comes on another connection does not end the wait, nor does it keep the processor busy."""
    clock.open_wires = lambda: lines
    lines[0].theirs.send(b"x")
    looks = []

    def arrives(seconds: float) -> bool:
        looks.append(seconds)
        return any_arrives(lines[1:], seconds)

    clock.wait(arrives, clock.now() + 0.05)
    assert clock.now() > 0.04
    assert looks == [0, 0]


def test_hurry(clock):
    """When nobody is interested any more, time flies."""
    clock.hurry()
    began = clock.now()
    real = time.monotonic()
    clock.wait(lambda seconds: False, began + 2.0)
    real_seconds = time.monotonic() - real
    assert clock.now() - began >= 50 * real_seconds


def test_posting_when_it_is_over(clock):
    """Nothing is done any more, and nobody minds."""
    clock.close()
    clock.post(lambda: pytest.fail("it is over"))


def test_posting_a_lot(clock):
    """Nothing is lost when more is posted than the bell can count."""
    done = []
    for number in range(5000):
        clock.post(lambda number=number: done.append(number))
    clock.wait(lambda seconds: False, math.inf)
    assert done == list(range(5000))
