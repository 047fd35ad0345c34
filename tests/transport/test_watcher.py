from __future__ import annotations

import contextlib
import logging
import os
import selectors
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from jambonz_sync.transport import link as link_module
from jambonz_sync.transport import watcher as watcher_module
from jambonz_sync.transport.link import Link
from jambonz_sync.transport.watcher import Watcher, watcher
from tests.transport.peers import (
    PING,
    PONG,
    TIMEOUT,
    Background,
    Frame,
    Peer,
    Recorder,
    close_frame,
    connected,
    eventually,
    frame,
    made_link,
)


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watcher]:
    """A watcher that only this test's links have; its thread must have ended after the test."""
    own = Watcher()
    monkeypatch.setattr(link_module, "watcher", lambda: own)
    yield own
    thread = own._thread
    if thread is not None:
        thread.join(TIMEOUT)
        assert not thread.is_alive()


def running(watching: Watcher) -> bool:
    """Whether the watcher's thread lives."""
    return watching._thread is not None


# The thread


def test_the_thread_lives_as_long_as_there_are_links(own: Watcher) -> None:
    """It starts with the first link, is one for all, ends with the last, and starts again."""
    assert not running(own)
    for _ in range(2):
        with connected() as first:
            thread = own._thread
            assert thread is not None
            assert thread.daemon
            assert thread.name == "jambonz_sync watcher"
            with connected() as second:
                assert own._thread is thread
                first.peer.send(frame(PING, b"1"))
                second.peer.send(frame(PING, b"2"))
                assert first.peer.frame() == Frame(PONG, b"1")
                assert second.peer.frame() == Frame(PONG, b"2")
            assert own._thread is thread
        thread.join(TIMEOUT)
        assert not thread.is_alive()
        assert not running(own)
        assert not own._links


def test_many_links_lengthen_the_switch_interval(own: Watcher) -> None:
    """While there are many, the interpreter switches between threads less often; when they are gone, as before."""
    before = sys.getswitchinterval()
    with contextlib.ExitStack() as links:
        for _ in range(60):
            links.enter_context(connected())
        eventually(lambda: sys.getswitchinterval() == pytest.approx(0.006))
    eventually(lambda: sys.getswitchinterval() == before)


def test_all_links_of_a_process_have_one_watcher() -> None:
    """``watcher()`` is the same on every thread."""
    barrier = threading.Barrier(8)

    def ask() -> Watcher:
        barrier.wait(TIMEOUT)
        return watcher()

    assert {asking.result() for asking in [Background(ask) for _ in range(8)]} == {watcher()}


def test_the_first_askers_get_the_same_watcher(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that ask at once, when there is none yet, get one and the same."""
    monkeypatch.setattr(watcher_module, "_the_watcher", None)
    asking = [Background(watcher) for _ in range(8)]
    assert len({asked.result() for asked in asking}) == 1
    with watcher_module._choosing:
        late = Background(watcher)
    assert late.result() is watcher()


def test_who_had_to_wait_for_the_choice_takes_what_was_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that was held up while another chose does not choose again."""
    chosen = Watcher()
    monkeypatch.setattr(watcher_module, "_the_watcher", None)

    class Choosing:
        def __enter__(self) -> None:
            watcher_module._the_watcher = chosen

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(watcher_module, "_choosing", Choosing())
    assert watcher() is chosen


def test_links_come_and_go_on_many_threads(own: Watcher) -> None:
    """While its thread ends and starts again and again, every link is looked after."""
    threads, rounds = 3, 12

    def work() -> None:
        for number in range(rounds):
            with connected(socket.socketpair(), close_timeout=0.02) as connection:
                connection.peer.send_text(str(number))
                connection.user.wait_for_messages(1)

    for working in [Background(work) for _ in range(threads)]:
        working.result()
    eventually(lambda: not running(own))
    assert not own._links


def test_a_link_that_comes_while_the_thread_ends_is_looked_after(monkeypatch: pytest.MonkeyPatch) -> None:
    """A link that is being opened when the last one goes is registered where the next thread looks."""

    class Slow(Watcher):
        last: Link | None = None

        def add(self, link: Link) -> None:
            if self.last is not None:
                # The thread that opens the link is held up, and the watcher has time to look at the link already.
                deadline = time.monotonic() + 0.2
                while not link._registered and time.monotonic() < deadline:
                    time.sleep(0.005)
                thread, last, self.last = self._thread, self.last, None
                last.abandon()
                last.finish()
                assert thread is not None
                thread.join(TIMEOUT)
            super().add(link)

    own = Slow()
    monkeypatch.setattr(link_module, "watcher", lambda: own)
    ours, theirs = socket.socketpair()
    last = made_link(ours, Recorder())
    with last.lock:
        last.open()
    own.last = last
    ours2, theirs2 = socket.socketpair()
    user = Recorder()
    link = made_link(ours2, user, close_timeout=0.05)
    Background(link.open).result()
    peer = Peer(theirs2)
    try:
        assert peer.head()
        peer.send_text("hello")
        user.wait_for_messages(1)
        link.abandon()
        Background(link.finish).result()
    finally:
        for sock in (ours, theirs, ours2, theirs2):
            sock.close()
        # Should it have failed, the thread would complain for ever.
        own._links.clear()


def test_a_thread_that_cannot_start_is_tried_again(own: Watcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system refuses a thread the link that asked fails, and the next one gets its watcher."""

    class Refused(threading.Thread):
        def start(self) -> None:
            raise RuntimeError("can't start new thread")

    ours, theirs = socket.socketpair()
    link = made_link(ours, Recorder())
    with monkeypatch.context() as refusing:
        refusing.setattr(threading, "Thread", Refused)
        with pytest.raises(RuntimeError):
            with link.lock:
                link.open()
    ours.close()
    theirs.close()
    assert not running(own)
    own._links.pop(link, None)
    with connected(close_timeout=0.05) as connection:
        connection.peer.send_text("hello")
        connection.user.wait_for_messages(1)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_selector_that_cannot_be_made_is_tried_again(own: Watcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Out of descriptors at the wrong moment, the watcher does without, or comes back."""
    made = selectors.DefaultSelector
    failures = [OSError(24, "Too many open files")]

    def make() -> Any:
        if failures:
            raise failures.pop()
        return made()

    monkeypatch.setattr(selectors, "DefaultSelector", make)
    ours, theirs = socket.socketpair()
    unlucky = made_link(ours, Recorder(), close_timeout=0.05)
    with contextlib.suppress(OSError):
        with unlucky.lock:
            unlucky.open()
    eventually(lambda: not failures)
    lucky_user = Recorder()
    ours2, theirs2 = socket.socketpair()
    lucky = made_link(ours2, lucky_user, close_timeout=0.05)
    try:
        with lucky.lock:
            lucky.open()
        peer = Peer(theirs2)
        peer.head()
        peer.send_text("hello")
        lucky_user.wait_for_messages(1)
        for link in (unlucky, lucky):
            link.abandon()
            Background(link.finish).result()
    finally:
        for sock in (ours, theirs, ours2, theirs2):
            sock.close()


# What it looks after


def test_what_is_due_is_done_with_nobody_waiting(own: Watcher) -> None:
    """``tick`` is called when the user's time has come, once it has been planned, and not before."""
    with connected() as connection:
        due_at = time.monotonic() + 0.1
        with connection.user.lock:
            connection.user.due_at = due_at
            connection.link.plan()
        connection.user.wait_until(lambda: connection.user.ticks == 1)
        assert time.monotonic() >= due_at
        with connection.user.lock:
            connection.user.due_at = time.monotonic() + 3600
            connection.link.plan()
        connection.peer.send(frame(PING))
        connection.peer.frame()
        assert connection.user.ticks == 1


def test_what_is_due_is_done_while_the_owner_waits(own: Watcher) -> None:
    """Deadlines are the watcher's while the owner sits in ``poll``, too."""
    with connected() as connection:
        waiting = connection.wait_for_messages(1)
        eventually(lambda: connection.link._owner_reads)
        with connection.user.lock:
            connection.user.due_at = time.monotonic()
            connection.link.plan()
        connection.user.wait_until(lambda: connection.user.ticks == 1)
        connection.peer.send_text("hello")
        assert waiting.result() is True


def test_bytes_left_over_are_written_while_the_owner_waits(own: Watcher) -> None:
    """What the socket did not take at once the watcher writes, whoever reads."""
    with connected() as connection:
        waiting = connection.wait_for_messages(1)
        eventually(lambda: connection.link._owner_reads)
        large = b"x" * 3_000_000
        connection.send(large)
        assert connection.peer.frame().payload == large
        connection.peer.send_text("hello")
        assert waiting.result() is True


# Faults


class Faulty(Recorder):
    """A user that raises where it is told to."""

    def __init__(self, *faults: str) -> None:
        super().__init__()
        self.faults = set(faults)

    def _fail(self, name: str) -> None:
        if name in self.faults:
            raise ZeroDivisionError(name)

    def message(self, message: str | bytes) -> None:
        self._fail("message")
        super().message(message)

    def lost(self, code: int, reason: str) -> None:
        super().lost(code, reason)
        self._fail("lost")

    def tick(self) -> None:
        super().tick()
        self._fail("tick")

    def report(self) -> None:
        super().report()
        self._fail("report")


@pytest.mark.parametrize("faults", [("message",), ("tick",), ("report",), ("message", "lost"), ("message", "report")])
def test_a_fault_in_one_link_does_not_harm_others(
    own: Watcher, caplog: pytest.LogCaptureFixture, faults: tuple[str, ...]
) -> None:
    """Whatever a link's user raises: that link ends, with a traceback in the log, and the watcher goes on."""
    user = Faulty()
    with connected() as other, connected(user=user) as connection:
        thread = own._thread
        user.faults = set(faults)
        connection.peer.send_text("hello")
        if "tick" in faults:
            with user.lock:
                user.due_at = time.monotonic()
                connection.link.plan()
        user.wait_for_loss()
        user.faults.clear()
        assert user.losses == [(1006, "the connection failed")]
        connection.peer.rest()
        other.peer.send_text("hello")
        other.user.wait_for_messages(1)
        assert own._thread is thread
    (record, *_) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.getMessage() == "a connection failed while it was watched; it is closed"
    assert record.exc_info is not None


def test_a_log_that_fails_does_not_end_the_watcher(own: Watcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log handler that raises, as the fault of a link is logged, costs nobody the watcher."""

    class Failing(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise OSError("no space left on device")

    failing = Failing()
    logger = logging.getLogger("jambonz_sync")
    user = Faulty()
    with connected() as other, connected(user=user) as connection:
        user.faults = {"message"}
        logger.addHandler(failing)
        try:
            connection.peer.send_text("hello")
            user.wait_for_loss()
        finally:
            logger.removeHandler(failing)
        other.peer.send_text("hello")
        other.user.wait_for_messages(1)


# Forks


def test_a_forked_child_has_a_watcher_of_its_own() -> None:
    """In a child the parent's watcher thread does not exist: links of the child are watched all the same."""
    script = """
        import os, sys
        from jambonz_sync.transport import watcher as module
        from jambonz_sync.transport.watcher import watcher
        from tests.transport.peers import Frame, PING, PONG, connected, frame

        def use():
            with connected(close_timeout=0.05) as connection:
                connection.peer.send(frame(PING, b"there?"))
                assert connection.peer.frame() == Frame(PONG, b"there?")
                return watcher()

        with connected(close_timeout=0.05):
            parents = use()
            assert parents.pid == os.getpid()
            # The moment of the fork finds the lock taken.
            with module._choosing:
                child = os.fork()
            if child == 0:
                own = use()
                os._exit(0 if own is not parents and own.pid == os.getpid() else 1)
            _, status = os.waitpid(child, 0)
            assert use() is parents
        sys.exit(os.waitstatus_to_exitcode(status))
    """
    # From Python 3.12 a fork with threads warns, which is what is tried here.
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", textwrap.dedent(script)]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_close_frames_are_answered_with_nobody_waiting(own: Watcher) -> None:
    """The whole closing handshake works without the owner."""
    with connected() as connection:
        connection.peer.send(close_frame(1000))
        assert connection.peer.frame().close_code == 1000
        assert connection.peer.rest() == b""
        assert connection.user.wait_for_loss() == (1000, "")
