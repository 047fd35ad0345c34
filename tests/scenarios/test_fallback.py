"""One port for calls and for the pages of a Flask application, while both are used."""

from __future__ import annotations

import http.client
import json
import socket
import sys
import urllib.parse

import pytest
from websockets.exceptions import ConnectionClosed

from tests.hosting.process import Program, eventually
from tests.scenarios.application import TIMEOUT, no_thread_left
from tests.scenarios.jambonz_side import texts
from tests.web_server import Site
from tests.wsgi_applications import make_endpoint_with_pages


@pytest.fixture(scope="module", params=["standalone", "gthread", "gevent"])
def site(request, tmp_path_factory):
    """The endpoint by itself, and in workers of gunicorn."""
    if request.param == "standalone":
        with make_endpoint_with_pages(host="127.0.0.1", port=0) as endpoint:
            site = Site(int(endpoint.url.rpartition(":")[2]))
            yield site
            site.hang_up_all()
        no_thread_left()
        return
    folder = tmp_path_factory.mktemp("gunicorn")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--no-control-socket"),
        *("--worker-tmp-dir", str(folder), "--worker-class", request.param, "--threads", "20"),
        *("--graceful-timeout", "10", "tests.wsgi_applications:with_pages"),
    ]
    with Program(folder, command) as program:
        eventually(lambda: any("Booting worker" in line for line in program.lines()), "it does not start")
        site = Site(port)
        yield site
        site.hang_up_all()
        program.end()
        assert program.unexpected() == []


def test_page_that_streams_while_calls_go_on(site):
    """A page that is being sent, a call and a websocket of Flask-Sock are up at the same time, and reach each other."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=TIMEOUT)
    connection.request("GET", "/stream")
    stream = connection.getresponse()
    assert stream.readline() == b"waiting\n"
    client = site.websocket("/sock")
    client.send("before")
    assert client.recv(TIMEOUT) == "BEFORE"
    call = site.call("/release")
    call.expect_ack()
    assert stream.read() == b"released\n"
    connection.close()
    client.send("after")
    assert client.recv(TIMEOUT) == "AFTER"
    call.speech("/next", "bye")
    assert texts(call.expect_ack()) == ["Goodbye."]
    call.expect_goodbye()
    call.hang_up()
    # What it is closed with does not matter: under gunicorn, Flask-Sock sometimes loses the answer to a close.
    client.close()


@pytest.mark.parametrize("who", ["application", "client"])
def test_websocket_of_the_endpoint(site, who):
    """A function of the endpoint's own holds a websocket too, and either side closes it in order."""
    client = site.websocket("/lower", subprotocols=["letters"])
    assert client.subprotocol == "letters"
    for text in ("HELLO", "X" * 300_000):
        client.send(text)
        assert client.recv(TIMEOUT) == text.lower()
    if who == "application":
        client.send("enough")
        with pytest.raises(ConnectionClosed):
            client.recv(TIMEOUT)
    else:
        client.close()
    assert client.close_code == 1000


def test_forms_and_uploads(site):
    """What a browser sends arrives whole, and the application knows its own address."""
    form = urllib.parse.urlencode({"name": "Ada"})
    answer = site.asks("/form", "POST", form, Content_Type="application/x-www-form-urlencoded")
    assert answer[::2] == (200, f"Ada from http://127.0.0.1:{site.port}/form")
    assert site.asks("/upload", "POST", b"x" * 1_000_000).body == "1000000"
    chunks = b"%x\r\n%b\r\n5\r\nxxxxx\r\n0\r\n\r\n" % (70_000, b"x" * 70_000)
    assert site.asks("/upload", "POST", chunks, Transfer_Encoding="chunked").body == "70005"


def test_whose_request_it_is(site):
    """Calls and /health are the endpoint's, and all else the application's: also what it does not know."""
    assert site.asks("/page")[::2] == (200, "a page")
    assert site.asks("/page", "HEAD")[::2] == (200, "")
    assert site.asks("/page", "POST").status == 405
    assert "Not Found" in site.asks("/nothing").body
    assert "Not Found" in site.asks("/app").body
    assert site.refused("/nothing") == 404
    assert json.loads(site.asks("/health").body)["status"] == "ok"
    assert site.asks("/app", "OPTIONS").status == 204
    with site.call("/app") as call:
        assert texts(call.expect_ack()) == ["Hello."]
