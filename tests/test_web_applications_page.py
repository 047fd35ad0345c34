"""What docs/guides/web-applications.md shows is run here, block by block, and what it claims is tried."""

from __future__ import annotations

import contextlib
import logging
import pathlib
import re
import urllib.parse

import pytest
from flask import Flask
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from jambonz_sync import create_endpoint
from jambonz_sync.flask import Jambonz
from tests.scenarios.application import TIMEOUT, no_thread_left
from tests.scenarios.jambonz_side import JambonzSide, texts
from tests.web_server import Site, serving

DOCS = pathlib.Path(__file__).resolve().parents[1] / "docs"
PAGE = (DOCS / "guides" / "web-applications.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def run(number):
    """Run a block as a module that is imported, and return its names."""
    names = {"__name__": "web_page"}
    exec(compile(BLOCKS[number], "web-applications.md", "exec"), names)
    return names


@contextlib.contextmanager
def listening(endpoint):
    """The endpoint by itself, on a free port of this machine."""
    endpoint.listen_at(host="127.0.0.1", port=0)
    with endpoint:
        site = Site(int(endpoint.url.rpartition(":")[2]))
        yield site
        site.hang_up_all()


@pytest.fixture(autouse=True)
def clean(log):
    """Nothing is left over, and nobody complains."""
    yield
    no_thread_left()
    log.allow("connection lost")
    assert log.unexpected() == []


def test_endpoint_as_an_application():
    """It is what a server for WSGI serves."""
    names = run(0)
    with serving(names["application"], names["application"]) as site:
        assert texts(site.call("/echo").expect_ack()) == ["Hello."]
        assert site.asks("/health").status == 200


def test_below_a_prefix():
    """The services stand below the prefix, and the pages beside it."""
    names = run(1)
    with serving(names["application"], names["phone"]) as site:
        assert texts(site.call("/phone/echo").expect_ack()) == ["Hello."]
        assert site.asks("/").body == "a page"
        assert site.refused("/echo") == 404


def test_pages_beside_calls():
    """A page changes what the next caller hears."""
    with listening(run(2)["endpoint"]) as site:
        assert texts(site.call("/echo").expect_ack()) == ["Hello."]
        form = urllib.parse.urlencode({"greeting": "Good morning."})
        answer = site.asks("/greeting", "POST", form, Content_Type="application/x-www-form-urlencoded")
        assert answer[::2] == (200, "It is changed.\n")
        assert texts(site.call("/echo").expect_ack()) == ["Good morning."]


def test_flask_with_calls_as_a_fallback(log):
    """It cannot hold them there, and says so."""
    app = Flask(__name__)
    Jambonz(app).make_service("/inner")
    with listening(create_endpoint(fallback=app)) as site:
        assert site.refused("/inner") == 501
    log.expect("a websocket for /inner cannot be held", level=logging.ERROR)


def test_websocket_that_is_no_call():
    """An operator sees the calls, and nobody else does."""
    names = run(3)
    endpoint = names["endpoint"]
    endpoint.make_service("/app").on("session:new", lambda session: session.say("Hello.").send().sleep(60))
    with listening(endpoint) as site:
        with pytest.raises(InvalidStatus):
            site.websocket("/monitor")
        site.call("/app").expect_ack()
        with connect(f"{site.url.replace('://', '://operator:secret@')}/monitor", proxy=None) as client:
            assert "on /app: inbound from 15550143001" in client.recv(TIMEOUT)


def test_who_may_come_in():
    """By user and password, and by address."""
    endpoint = run(4)["endpoint"]
    endpoint.make_service("/app").on("session:new", lambda session: session.say("Hello.").send())
    with listening(endpoint) as site:
        assert [site.refused(path) for path in ("/app", "/partner", "/nothing")] == [401, 401, 404]
        with JambonzSide(f"{site.url.replace('://', '://jambonz:secret@')}/app") as call:
            call.session_new()
            assert texts(call.expect_ack()) == ["Hello."]


def test_every_block_is_run():
    """There is a test for each."""
    assert len(BLOCKS) == 5
