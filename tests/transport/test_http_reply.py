"""The answer to an HTTP request that brings no call."""

from __future__ import annotations

import http.client
import io

import pytest

from jambonz_sync.transport.http_reply import Reply


class _Received:
    """Bytes that came over a connection, for the standard library to read."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)


def read(data: bytes, method: str = "GET") -> http.client.HTTPResponse:
    """Have the standard library read a response."""
    got = http.client.HTTPResponse(_Received(data), method=method)  # type: ignore[arg-type]
    got.begin()
    return got


def test_a_text() -> None:
    """It ends with a line break, is UTF-8, and its length is told."""
    reply = Reply(404, "nothing at caf\u00e9")
    got = read(reply.encoded())
    body = "nothing at caf\u00e9\n".encode()
    assert (got.status, got.reason, got.read()) == (404, "Not Found", body)
    assert got.headers.items() == [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
    ]
    assert reply.phrase == "404 Not Found"
    assert reply.body == body


def test_json() -> None:
    """Any other body is sent as it is."""
    got = read(Reply(200, "{}", {}, "application/json").encoded())
    assert (got.headers["Content-Type"], got.headers["Content-Length"], got.read()) == ("application/json", "2", b"{}")


def test_nothing() -> None:
    """An empty body has a length too, so that nobody waits for it."""
    reply = Reply(500)
    got = read(reply.encoded())
    assert (got.headers["Content-Length"], got.read()) == ("0", b"")
    assert reply.headers == {}


def test_no_content() -> None:
    """204 tells nothing of a body."""
    reply = Reply(204, "", {"Allow": "GET"})
    assert reply.all_headers == [("Allow", "GET")]
    assert reply.encoded() == b"HTTP/1.1 204 No Content\r\nAllow: GET\r\nConnection: close\r\n\r\n"


def test_further_headers() -> None:
    """They come behind those of the body."""
    reply = Reply(401, "please", {"WWW-Authenticate": "Basic"})
    assert [name for name, _ in reply.all_headers] == ["Content-Type", "Content-Length", "WWW-Authenticate"]
    assert read(reply.encoded()).headers["WWW-Authenticate"] == "Basic"


def test_head() -> None:
    """The answer to HEAD is the head of the answer to GET."""
    reply = Reply(200, "hello")
    assert reply.encoded(head=True) + reply.body == reply.encoded()
    assert read(reply.encoded(head=True), "HEAD").read() == b""


@pytest.mark.parametrize("status", [200, 400, 401, 404, 405, 426, 431, 500, 501, 503])
def test_every_status_has_its_phrase(status: int) -> None:
    """As RFC 9110 has it."""
    assert read(Reply(status).encoded()).reason == http.client.responses[status]


def test_an_upgrade_is_named() -> None:
    """Whoever tells what else is spoken here names that header among those of the connection."""
    assert read(Reply(426, "", {"Upgrade": "websocket"}).encoded()).headers["Connection"] == "close, upgrade"
