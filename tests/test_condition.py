from __future__ import annotations

import threading

import pytest

from jambonz_sync.condition import Condition


def test_whoever_waits_is_woken() -> None:
    """All threads that wait for it are, each in `wait_for` as in `wait`."""
    lock = threading.Lock()
    condition = Condition(lock)
    waiting, woken, ready = threading.Semaphore(0), threading.Semaphore(0), False

    def wait() -> None:
        with lock:
            waiting.release()
            condition.wait_for(lambda: ready)
        woken.release()

    threads = [threading.Thread(target=wait) for _ in range(5)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert waiting.acquire(timeout=20)
    # Whoever has the lock now knows that they wait, since they gave it up.
    with lock:
        ready = True
        condition.notify_all()
    for thread in threads:
        thread.join(20)
        assert woken.acquire(blocking=False)


def test_a_wait_that_is_over_is_counted_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """While nobody waits, after a time that was up as after an exception, there is nothing to do."""
    condition = Condition(threading.Lock())
    with condition:
        assert condition.wait(0.001) is False
        assert condition.wait_for(lambda: False, 0.001) is False
    monkeypatch.setattr(threading.Condition, "wait", lambda self, timeout=None: 1 / 0)
    with condition, pytest.raises(ZeroDivisionError):
        condition.wait()
    monkeypatch.setattr(threading.Condition, "notify_all", lambda self: pytest.fail("there is nobody"))
    with condition:
        condition.notify_all()
