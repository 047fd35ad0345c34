"""Pages of a WSGI application on the standalone server's port: one request, one answer, end of the connection.

wsgiref runs the application. What it leaves to the server is here: the bytes of the body and of the answer, chunked
where the length is not known, and what is not to be said in answer to HEAD, or in a 204.
"""

from __future__ import annotations

import io
import logging
import socket
import sys
import time
from typing import TYPE_CHECKING, Any
from wsgiref.handlers import BaseHandler
from wsgiref.util import is_hop_by_hop

from .blocking_socket import BlockingSocket
from .http_request import Environ, Gone, write, write_response
from .request_body import BodyLost, RequestBody

if TYPE_CHECKING:
    from wsgiref.headers import Headers

    from _typeshed import OptExcInfo
    from _typeshed.wsgi import WSGIApplication

__all__ = ["serve_page"]

_log = logging.getLogger("jambonz_sync")

#: Of so many bytes each piece of an answer is, which the peer has to take in time.
_CHUNK = 65_536
#: How long the peer of a websocket that the application held may take over its goodbye.
_FAREWELL = 2.0


def serve_page(
    app: WSGIApplication, environ: Environ, sock: socket.socket, rest: bytes, *, timeout: float = 30.0
) -> None:
    """Answer one request by a WSGI application, Flask's for instance.

    ::

        environ, rest = read_request(sock, peer, deadline)
        serve_page(flask_app, environ, sock, rest)

    * ``environ``, ``rest``: the request's head, and what came behind it
    * ``sock``: non-blocking; the caller closes it
    * ``timeout``: seconds the peer may keep us waiting for the body, in all; again for each 64 KiB of the answer that
      it is to read; and for it to leave at the end

    An application that raises is logged with its traceback and answered for with 500. Of an answer that breaks off
    the peer learns by the missing end. An application that takes the socket (``werkzeug.socket``) for a websocket, as
    Flask-Sock does, answers for itself.
    """
    shared = BlockingSocket(sock, rest, patience=timeout)
    body = RequestBody(environ, sock, rest, patience=timeout)
    _Page(environ, sock, shared, body, timeout).run(app)
    if shared.used:
        shared.finish(_FAREWELL)
        timeout = _FAREWELL
    # Nothing is left to write, but to be read there may be, by the peer and by us.
    write_response(sock, b"", time.monotonic() + timeout)


class _Page(BaseHandler):
    environ: Environ
    headers: Headers | None
    headers_sent: bool
    status: str | None

    # The variables of the process are none of the application's.
    os_environ = {}  # noqa: RUF012 - as in the base class
    http_version = "1.1"
    wsgi_multiprocess = False

    def __init__(
        self, environ: Environ, sock: socket.socket, shared: BlockingSocket, body: RequestBody, timeout: float
    ) -> None:
        self._request = environ
        self._sock = sock
        self._shared = shared
        self._body = body
        self._timeout = timeout
        self._out = bytearray()
        # The head of the answer is out, and what follows is its body.
        self._in_body = False
        self._chunked = False

    def run(self, application: WSGIApplication) -> None:
        """Answer the request."""
        # The base class takes every ConnectionError for a peer that left, also that of the application's database.
        try:
            self.setup_environ()
            self.result = application(self.environ, self.start_response)
            self.finish_response()
        except Gone as reason:
            _log.debug("the answer to %s was not read: %s", self._name(), reason)
        except BaseException:  # noqa: BLE001 - sys.exit() in a view ends neither the server nor this request
            self._fail()

    def _fail(self) -> None:
        fault = sys.exc_info()[1]
        if isinstance(fault, BodyLost):
            _log.debug("the body of %s did not come: %s", self._name(), fault)
            self.error_status = f"{fault.status} {'Request Timeout' if fault.status == 408 else 'Bad Request'}"
            self.error_body = f"{fault}\n".encode()
        else:
            _log.exception("the application failed to answer %s", self._name())
        if self._in_body:
            return
        try:
            self.result = self.error_output(self.environ, self.start_response)
            self.finish_response()
        except Gone as reason:
            _log.debug("the answer to %s was not read: %s", self._name(), reason)

    def _name(self) -> str:
        return f"{self._request['REQUEST_METHOD']} {self._request['PATH_INFO']!r}"

    # The environ

    def add_cgi_vars(self) -> None:
        """Describe the request."""
        self.environ.update(self._request)
        self.environ["werkzeug.socket"] = self._shared
        if "HTTP_TRANSFER_ENCODING" in self._request:
            # It overrides a length that is given as well, and without one Werkzeug wants to know that there is an end.
            self.environ.pop("CONTENT_LENGTH", None)
            self.environ["wsgi.input_terminated"] = True

    def get_stdin(self) -> Any:
        """Return ``wsgi.input``."""
        return io.BufferedReader(self._body)

    def get_stderr(self) -> Any:
        """Return ``wsgi.errors``."""
        return _ErrorLog()

    def get_scheme(self) -> str:
        """Return ``http`` or ``https``."""
        return str(self._request["wsgi.url_scheme"])

    # The head of the answer

    def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None) -> Any:
        """``start_response`` of PEP 3333."""
        for text in (status, *(part for header in headers for part in header)):
            if isinstance(text, str) and ("\r" in text or "\n" in text or not _is_latin_1(text)):
                raise ValueError(f"{text!r} cannot be sent in the head of a response")
        # Often an application asks to keep the connection alive; it does not matter enough to refuse it.
        headers = [header for header in headers if not is_hop_by_hop(header[0])]
        return super().start_response(status, headers, exc_info)

    def _has_no_body(self) -> bool:
        return str(self.status)[:3] in ("204", "304") or str(self.status).startswith("1")

    def cleanup_headers(self) -> None:
        """Complete the head."""
        super().cleanup_headers()
        assert self.headers is not None  # for the type checker
        self.headers["Connection"] = "close"
        if self._has_no_body():
            # Nor a length. A 304 may have one, but nobody needs it.
            del self.headers["Content-Length"]
            return
        if "Content-Length" in self.headers or self._request["REQUEST_METHOD"] == "HEAD":
            return
        if self._request["SERVER_PROTOCOL"] == "HTTP/1.1":
            self._chunked = True
            self.headers["Transfer-Encoding"] = "chunked"

    def send_headers(self) -> None:
        """Send the head."""
        self._body.may_ask = False
        super().send_headers()
        self._in_body = True

    # The body of the answer

    def write(self, data: bytes) -> None:
        """``write`` of PEP 3333."""
        # The head may change until there is something of the body.
        if data != b"" or self.headers_sent:
            super().write(data)

    def finish_content(self) -> None:
        """End the answer."""
        if not self.headers_sent:
            if self.headers is not None and self._request["REQUEST_METHOD"] != "HEAD":
                self.headers.setdefault("Content-Length", "0")
            self.send_headers()
        if self._chunked:
            self._out += b"0\r\n\r\n"
        self._flush()

    def _write(self, data: bytes) -> None:
        if not self._in_body:
            self._out += data
        elif data and self._request["REQUEST_METHOD"] != "HEAD" and not self._has_no_body():
            self._out += b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data

    def _flush(self) -> None:
        out, self._out = memoryview(self._out), bytearray()
        if self._shared.used:
            # A websocket was held on the socket, and its frames were the answer.
            return
        try:
            for start in range(0, len(out), _CHUNK):
                write(self._sock, bytearray(out[start : start + _CHUNK]), time.monotonic() + self._timeout)
        except OSError as error:
            raise Gone(str(error)) from error


def _is_latin_1(text: str) -> bool:
    return not text or max(text) <= "\xff"


class _ErrorLog(io.TextIOBase):
    """``wsgi.errors``: what is written there is logged, whole lines at a time."""

    def __init__(self) -> None:
        super().__init__()
        self._text = ""

    def write(self, text: str, /) -> int:
        self._text += text
        if self._text.endswith("\n"):
            self.flush()
        return len(text)

    def flush(self) -> None:
        text, self._text = self._text.rstrip(), ""
        if text:
            _log.error("%s", text)
