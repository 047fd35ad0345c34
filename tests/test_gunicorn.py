"""Hooks for gunicorn's workers. Under a real gunicorn: tests/hosting/test_deploys.py."""

from __future__ import annotations

import logging
import queue
import threading
import time
from types import SimpleNamespace

import pytest

from jambonz_sync import create_endpoint, gunicorn
from jambonz_sync.endpoint import endpoints
from tests.scenarios.jambonz_side import JambonzSide, texts


@pytest.fixture(autouse=True)
def only_those_of_the_test(monkeypatch):
    """Leave alone the endpoints that other tests have in this process: once drained they take no calls."""
    others = set(gunicorn.endpoints())
    monkeypatch.setattr(gunicorn, "endpoints", lambda: [one for one in endpoints() if one not in others])


@pytest.fixture
def app(app):
    """An application that repeats what is said."""

    @app.answer
    def repeat(session):
        session.gather(input=["speech"], action_hook="/heard").send()
        while True:
            said = session.wait_for("/heard").transcript
            session.say(said).gather(input=["speech"], action_hook="/heard").reply()

    return app


def begin(app):
    """Begin a call, and hear that it is answered."""
    jambonz = JambonzSide(f"{app.endpoint.url}/app")
    jambonz.session_new()
    jambonz.expect_ack()
    jambonz.verb_status("starting")
    return jambonz


def goes_on(jambonz):
    """Whether what is said is repeated."""
    jambonz.speech("/heard", "hello")
    return texts(jambonz.expect_ack()) == ["hello"]


class Worker:
    """What the hooks look at of gunicorn's worker: whether it is to stop, and how patient it is then."""

    def __init__(self, graceful_timeout, *, worker_class="gthread", threads=2):
        self.cfg = SimpleNamespace(graceful_timeout=graceful_timeout, worker_class_str=worker_class, threads=threads)
        self.log = logging.getLogger("gunicorn of a test")
        self.asked = threading.Semaphore(0)
        self._alive = True

    @property
    def alive(self):
        self.asked.release()
        return self._alive

    def stop(self):
        self._alive = False


def draining():
    """The threads that drain."""
    return [thread for thread in threading.enumerate() if thread.name == "jambonz_sync drain"]


def wait_for_end():
    """Wait until nothing is drained any more."""
    for thread in draining():
        thread.join(30)
        assert not thread.is_alive()


def test_worker_that_goes_on(app):
    """As long as a worker is not told to stop, calls come and go; then those that are up are closed with 1001."""
    worker = Worker(0.4)
    gunicorn.post_worker_init(worker)
    jambonz = begin(app)
    # It has looked, and looked again, and all is as before.
    for _ in range(2):
        assert worker.asked.acquire(timeout=30)
        assert goes_on(jambonz)
    began = time.monotonic()
    worker.stop()
    assert jambonz.expect_close(1001) == "the server is stopping"
    # Half of the patience is left to the calls, where it is short.
    assert time.monotonic() - began >= 0.2
    wait_for_end()


def test_call_that_ends_by_itself(app, log):
    """A call that is over before the worker's patience is ends in order."""
    worker = Worker(60)
    jambonz = begin(app)
    gunicorn.post_worker_init(worker)
    worker.stop()
    log.expect("1 calls are up, and may go on for", level=20)
    assert goes_on(jambonz)
    jambonz.hang_up()
    wait_for_end()


def test_worker_that_accepts_still(app, monkeypatch):
    """A worker without a call may have accepted a connection when it is told to stop: it is served."""
    waits, go_on = queue.SimpleQueue(), threading.Event()

    def wait(seconds):
        waits.put(seconds)
        assert go_on.wait(30)

    monkeypatch.setattr(gunicorn, "time", SimpleNamespace(sleep=wait))
    worker = Worker(60)
    worker.stop()
    gunicorn.post_worker_init(worker)
    # Longer than the second after which gevent looks whether it is to accept no more.
    assert 1 < waits.get(timeout=30) < 5
    jambonz = begin(app)
    assert goes_on(jambonz)
    jambonz.hang_up()
    go_on.set()
    wait_for_end()


def test_end_at_once(app):
    """A worker that is to end at once closes the calls of every endpoint, and comes back when they have ended."""
    with create_endpoint(host="127.0.0.1", port=0) as other:
        other.make_service("/app").on("session:new", lambda session: session.pause(60).run())
        sides = [begin(app), JambonzSide(f"{other.url}/app")]
        sides[1].session_new()
        sides[1].expect_ack()
        gunicorn.worker_int(Worker(60))
        assert [len(endpoint.sessions) for endpoint in (app.endpoint, other)] == [0, 0]
        for jambonz in sides:
            jambonz.expect_close(1001)


@pytest.mark.parametrize(
    ("worker_class", "threads", "warns"), [("gthread", 1, True), ("gthread", 2, False), ("gevent", 1, False)]
)
def test_one_thread(caplog, worker_class, threads, warns):
    """A worker that can hold a single call says so when it starts."""
    worker = Worker(0, worker_class=worker_class, threads=threads)
    gunicorn.post_worker_init(worker)
    worker.stop()
    assert ("with one thread a worker holds one call" in caplog.text) is warns
