"""What Ctrl-C does while a call goes on; these tests send real signals to this process."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from jambonz_sync.cli.calling.interrupts import CallOver, Interrupts


@pytest.fixture
def before():
    """The handlers as they were; they must be so again."""
    numbers = (signal.SIGINT, signal.SIGUSR1)
    handlers = [signal.getsignal(number) for number in numbers]
    yield
    assert [signal.getsignal(number) for number in numbers] == handlers
    descriptor = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(descriptor)
    assert descriptor == -1


def interrupt_a_wait() -> None:
    os.kill(os.getpid(), signal.SIGINT)
    threading.Event().wait(30)


def end_while_reading(interrupts: Interrupts, over: threading.Event, fd: int) -> None:
    # Whoever reads looks first whether the call is over, so it ends after this.
    interrupts.reading = True
    over.set()
    interrupts.call_is_over()
    os.read(fd, 1)


@pytest.mark.usefixtures("before")
def test_first():
    """The first SIGINT hangs up, and nothing is raised."""
    hung_up = threading.Event()
    with Interrupts(threading.Event(), hung_up.set):
        os.kill(os.getpid(), signal.SIGINT)
        assert hung_up.wait(30)


@pytest.mark.usefixtures("before")
def test_second():
    """The second is an exception on the main thread, in whatever that waits for."""
    hung_up = threading.Event()
    with Interrupts(threading.Event(), hung_up.set):
        os.kill(os.getpid(), signal.SIGINT)
        assert hung_up.wait(30)
        with pytest.raises(KeyboardInterrupt):
            interrupt_a_wait()


@pytest.mark.usefixtures("before")
def test_end_of_the_call():
    """The end of the call gets the main thread out of the reading of a line, even if it is deaf at first."""
    over = threading.Event()
    interrupts = Interrupts(over, lambda: None)
    ours, theirs = os.pipe()
    with interrupts:
        with pytest.raises(CallOver):
            end_while_reading(interrupts, over, ours)
        assert not interrupts.reading
    os.close(ours)
    os.close(theirs)


@pytest.mark.usefixtures("before")
def test_end_of_the_call_while_nothing_is_read():
    """It disturbs nothing else."""
    over, hung_up = threading.Event(), threading.Event()
    interrupts = Interrupts(over, hung_up.set)
    with interrupts:
        over.set()
        interrupts.call_is_over()
        # What comes later is heard later: when this has been, so has the end of the call.
        os.kill(os.getpid(), signal.SIGINT)
        assert hung_up.wait(30)
    interrupts.call_is_over()
