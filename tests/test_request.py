"""What a middleware sees of a request, and how it turns one away."""

from __future__ import annotations

import pytest

from jambonz_sync.request import Refusal, Request

ENVIRON = {
    "REQUEST_METHOD": "GET",
    "PATH_INFO": "/caf\xc3\xa9",
    "QUERY_STRING": "a=%20",
    "REMOTE_ADDR": "192.0.2.7",
    "CONTENT_TYPE": "text/plain",
    "HTTP_USER_AGENT": "jambonz",
    "HTTP_AUTHORIZATION": "Basic s3cret",
    "wsgi.url_scheme": "http",
}


class TestRequest:
    def test_facts(self):
        """The path is decoded, the query is as it came."""
        request = Request(ENVIRON)
        assert (request.path, request.query, request.peer) == ("/caf\u00e9", "a=%20", "192.0.2.7")
        assert request.environ is ENVIRON

    def test_path_that_is_no_utf8(self):
        """What cannot be decoded is replaced."""
        assert Request({"PATH_INFO": "/\xff"}).path == "/\ufffd"

    def test_nothing_is_there(self):
        """What the server does not tell is empty."""
        request = Request({})
        assert (request.path, request.query, request.peer, dict(request.headers)) == ("", "", "", {})

    @pytest.mark.parametrize("name", ["User-Agent", "user-agent", "USER-AGENT"])
    def test_headers(self, name):
        """They are found in any case."""
        headers = Request(ENVIRON).headers
        assert headers[name] == headers.get(name) == "jambonz"
        assert name in headers

    def test_headers_that_are_not_there(self):
        """The error names the one that was asked for; so do the things of the environ that are no headers."""
        headers = Request(ENVIRON).headers
        for name in ("X-Other", "Request-Method", "Remote-Addr"):
            assert headers.get(name) is None
            with pytest.raises(KeyError, match=name):
                headers[name]

    def test_all_headers(self):
        """Iterating names each of them, those of the body too, as they are written."""
        headers = Request(ENVIRON).headers
        assert dict(headers) == {
            "content-type": "text/plain",
            "user-agent": "jambonz",
            "authorization": "Basic s3cret",
        }
        assert len(headers) == 3

    def test_secrets(self):
        """Whoever prints a request, or its headers, tells no password."""
        request = Request(ENVIRON)
        assert repr(request) == "<Request for /caf\u00e9 from 192.0.2.7>"
        assert repr(request.headers) == "<Headers content-type, user-agent, authorization>"


class TestRefusal:
    def test_what_it_has(self):
        """Status, text and headers, the last its own copy."""
        headers = {"Retry-After": "5"}
        refusal = Refusal(503, "later", headers)
        headers.clear()
        assert (refusal.status, refusal.text, refusal.headers) == (503, "later", {"Retry-After": "5"})
        assert repr(refusal) == "Refusal(503, 'later')"
        assert (Refusal(403).text, Refusal(403).headers) == ("", {})

    @pytest.mark.parametrize("status", [101, 200, 302, 399, 499, 600, 0, -403, "403", None])
    def test_status(self, status):
        """Only what refuses, and what there is, can be one."""
        with pytest.raises(ValueError, match="from 400 to 599"):
            Refusal(status)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("X-A", "1\r\nSet-Cookie: x"),
            ("X-A", "1\n"),
            ("X-A", "\0"),
            ("X-A", "\u20ac"),
            ("X-A\r\nX-B", "1"),
            ("X A", "1"),
            ("X:A", "1"),
            ("", "1"),
        ],
    )
    def test_headers_that_cannot_be_sent(self, name, value):
        """What came from outside cannot write headers, or a whole response, of its own."""
        with pytest.raises(ValueError, match="cannot be sent"):
            Refusal(403, headers={name: value})

    def test_headers_that_can(self):
        """Anything else can, be it empty or beyond ASCII."""
        assert Refusal(403, headers={"X-A": "", "x_b": "gr\u00fc\u00df: \t!"}).headers["X-A"] == ""
