"""What becomes of connections: here, of more requests for pages than can be served at a time."""

from __future__ import annotations

import http.client
import queue
import threading

import pytest

from jambonz_sync import connections
from tests.local_endpoint import request
from tests.scenarios.jambonz_side import texts
from tests.transport.peers import TIMEOUT, Background, eventually


class SlowPages:
    """An application whose pages take until they are let go."""

    def __init__(self):
        self.asked = queue.SimpleQueue()
        self.go_on = threading.Event()

    def __call__(self, environ, start_response):
        self.asked.put(environ["PATH_INFO"])
        assert self.go_on.wait(TIMEOUT)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"a page"]


@pytest.fixture
def pages(monkeypatch):
    """Slow pages, of which two are served at a time."""
    monkeypatch.setattr(connections, "_MOST_PAGES", 2)
    pages = SlowPages()
    yield pages
    pages.go_on.set()


def test_too_many_pages(pages, make_app):
    """One more is told to come again; calls go on, and begin, all the same; later there are pages again."""
    app = make_app(fallback=pages)

    @app.answer
    def answer(session):
        session.gather(action_hook="/menu").send()
        session.say(session.wait_for("/menu").digits).reply()

    before = app.call()
    before.expect_ack()
    asking = [Background(lambda: request(app.endpoint, "GET", "/page")) for _ in range(2)]
    for _ in asking:
        assert pages.asked.get(timeout=TIMEOUT) == "/page"
    status, headers, _ = request(app.endpoint, "GET", "/page")
    assert (status, headers["Retry-After"]) == (503, "1")
    assert pages.asked.empty()
    assert request(app.endpoint, "GET", "/health")[0] == 200
    after = app.call()
    after.expect_ack()
    for jambonz in (before, after):
        jambonz.hook("/menu", digits="7")
        assert texts(jambonz.expect_ack()) == ["7"]
        jambonz.expect_goodbye()
        jambonz.hang_up()
    pages.go_on.set()
    assert [(one.result()[0], one.result()[2]) for one in asking] == [(200, "a page")] * 2
    # A place is free again a moment after the page is out.
    eventually(lambda: request(app.endpoint, "GET", "/page")[0] == 200)


def test_pages_that_nobody_waits_for(pages, make_app):
    """A peer that leaves before its request is complete gives its place back."""
    app = make_app(fallback=pages)
    pages.go_on.set()
    for _ in range(3):
        host = app.endpoint.url.rpartition("/")[2]
        connection = http.client.HTTPConnection(host, timeout=TIMEOUT)
        connection.putrequest("POST", "/form")
        connection.putheader("Content-Length", "10")
        connection.endheaders(b"half")
        connection.close()
    eventually(lambda: request(app.endpoint, "GET", "/page")[0] == 200)
