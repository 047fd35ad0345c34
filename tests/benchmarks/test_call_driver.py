"""Many calls at a time, against the application that is measured."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator

import pytest

if not sys.platform.startswith("linux"):
    pytest.skip("it needs epoll", allow_module_level=True)

from benchmarks import call_driver
from benchmarks.call_driver import Driver, TooSlow
from benchmarks.call_servers import CallServer, ours


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where the application listens that is measured."""
    with CallServer(ours()) as server:
        yield server.port


def test_as_fast_as_it_goes(port: int) -> None:
    """Every call takes turns, and all of them count, with all of the time that they took."""
    with Driver(port) as driver:
        driver.dial(5)
        spoken = driver.saturate(0.2)
        assert len(driver.calls) == 5
        driver.hang_up()
        assert not driver.calls
    assert spoken.seconds >= 0.2
    assert len(spoken.delays) >= 5
    assert 0 < min(spoken.delays) <= max(spoken.delays) <= spoken.seconds
    assert spoken.cpu > 0


def test_at_a_pace(port: int) -> None:
    """There are as many turns as were asked for, whose last one is not due before its time."""
    with Driver(port) as driver:
        driver.dial(3)
        spoken = driver.pace(50, 0.5)
        driver.hang_up()
    assert len(spoken.delays) == 25
    assert spoken.seconds >= 24 / 50
    assert min(spoken.delays) > 0


def test_more_calls_later(port: int) -> None:
    """Those that are up stay up."""
    with Driver(port) as driver:
        driver.dial(2)
        before = list(driver.calls)
        driver.dial(40)
        assert driver.calls[:2] == before
        assert len(driver.calls) == 40
        driver.hang_up()


def test_calls_that_come_and_go(port: int) -> None:
    """Each of them is ended, and none is left."""
    with Driver(port) as driver:
        spoken = driver.set_up(0.2)
        assert not driver.calls
        assert not driver._by_number
    assert len(spoken.delays) >= call_driver.AT_A_TIME
    assert 0 < min(spoken.delays) <= max(spoken.delays) <= spoken.seconds
    assert spoken.seconds >= 0.2


def test_big_messages(port: int) -> None:
    """They may take more than one write, and are answered all the same."""
    with Driver(port, size=300_000) as driver:
        driver.dial(3)
        for call in driver.calls:
            call.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        assert len(driver.saturate(0.1).delays) >= 3
        assert len(driver.pace(20, 0.2).delays) == 4
        driver.hang_up()


def test_streamed_speech(port: int) -> None:
    """Turns are those whose text was streamed."""
    with Driver(port, path="/stream") as driver:
        driver.dial(3)
        assert len(driver.saturate(0.1).delays) >= 3
        driver.hang_up()


def test_nothing_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who listens and never answers is not waited for for ever."""
    monkeypatch.setattr(call_driver, "_PATIENCE", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as listener, Driver(listener.getsockname()[1]) as driver:
        with pytest.raises(TooSlow, match=r"nothing came for 0\.1 s; 0 calls are up, 2 come or go"):
            driver.dial(2)


def test_too_slow(port: int) -> None:
    """Calls that take longer than patience lasts are not waited for."""
    with Driver(port) as driver, pytest.raises(TooSlow, match=r"of 100 calls were up after 0 s"):
        driver.dial(100, patience=0.0)
