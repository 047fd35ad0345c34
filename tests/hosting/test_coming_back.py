"""Every connection of a server is lost at one moment, and jambonz comes back for all calls while the server is full."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.hosting.kinds import KINDS
from tests.hosting.process import eventually
from tests.hosting.servers import start
from tests.scenarios.jambonz_side import JambonzSide, texts

THREADS = 10
#: As many as there are threads, but for the one that a connection arrives on.
CALLS = THREADS - 1


def begun(url):
    """A call that has begun, and of which jambonz has reported so much that it can be redirected."""
    jambonz = JambonzSide(f"{url}/app")
    jambonz.session_new()
    jambonz.expect_ack()
    jambonz.verb_status("starting")
    jambonz.all_read()
    return jambonz


def all_come_back(server, calls):
    """All are lost, and that is noticed; they come back all at once, and are heard."""
    for jambonz in calls:
        jambonz.lose("reset")
    for _ in calls:
        server.program.expect("connection lost")
    with ThreadPoolExecutor(len(calls)) as pool:
        assert list(pool.map(JambonzSide.come_back, calls)) == [None] * len(calls)
    for jambonz in calls:
        jambonz.speech("/echo", "tea")
        assert texts(jambonz.expect_ack()) == ["I heard tea"]


@pytest.mark.parametrize("kind", ["gunicorn gthread", "gunicorn gevent"])
def test_all_at_once(kind, tmp_path):
    """No call waits for a thread that is free, again and again, and in the end no descriptor is left over."""
    with start(KINDS[kind], tmp_path, threads=THREADS) as server, contextlib.ExitStack() as stack:
        threads, files = server.holds()
        calls = []
        for _ in range(CALLS):
            calls.append(begun(server.url))
            stack.callback(calls[-1].drop)
        all_come_back(server, calls)
        # The thread of each call has the connection that it began on, and another the one that it goes on over.
        once = len(server.holds()[1])
        for _ in range(3):
            all_come_back(server, calls)
        eventually(lambda: len(server.holds()[1]) <= once, lambda: f"{once} descriptors became {server.holds()}")
        for jambonz in calls:
            jambonz.hang_up()
        # Since its first call it has a socket by which other workers would find it.
        server.returns_to((threads, [*files, "socket"]))
