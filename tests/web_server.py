"""A WSGI application in this process, under Werkzeug's server, and what is asked of it."""

from __future__ import annotations

import contextlib
import http.client
import logging
import threading
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.scenarios.application import LogLines
from tests.scenarios.jambonz_side import JambonzSide

__all__ = ["Answer", "Site", "serving"]

TIMEOUT = 10.0


class Answer(NamedTuple):
    """An HTTP response. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: str


class Site:
    """Where an application is served, on a port of this machine."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._stack = contextlib.ExitStack()

    @property
    def url(self) -> str:
        """The address for websockets, to which paths are appended."""
        return f"ws://127.0.0.1:{self.port}"

    def connect(self, path: str) -> JambonzSide:
        """Open a socket as jambonz does; it is dropped in the end."""
        jambonz = JambonzSide(self.url + path)
        self._stack.callback(jambonz.drop)
        return jambonz

    def call(self, path: str, **data: Any) -> JambonzSide:
        """Begin a call."""
        jambonz = self.connect(path)
        jambonz.session_new(**data)
        return jambonz

    def websocket(self, path: str, **options: Any) -> ClientConnection:
        """Open a websocket that is no call; it is closed in the end."""
        options = {"open_timeout": TIMEOUT, "close_timeout": TIMEOUT, "proxy": None, **options}
        return self._stack.enter_context(connect(self.url + path, **options))

    def refused(self, path: str) -> int:
        """The HTTP status that a call to this path is turned away with."""
        try:
            self.connect(path)
        except InvalidStatus as refusal:
            return refusal.response.status_code
        raise AssertionError(f"a call to {path} was let in")

    def asks(self, path: str, method: str = "GET", body: Any = None, **headers: str) -> Answer:
        """Return the answer to a plain request; ``_`` stands for ``-`` in the name of a header."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)) as connection:
            connection.request(method, path, body, {"Connection": "close", **fields})
            response = connection.getresponse()
            named = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, named, response.read().decode())

    def hang_up_all(self) -> None:
        """Drop what is still connected."""
        self._stack.close()


class _Quiet(WSGIRequestHandler):
    """No line for each request. Faults are logged all the same."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


@contextlib.contextmanager
def serving(application: Any, *endpoints: Any) -> Iterator[Site]:
    """Serve an application until all its requests are over; the server must have found no fault with it.

    ``endpoints``: those that are stopped before that.
    """
    log = logging.getLogger("werkzeug")
    faults = LogLines()
    log.addHandler(faults)
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Quiet)
    # So that its end waits for the requests.
    server.daemon_threads = False
    accepting = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    accepting.start()
    site = Site(server.port)
    try:
        yield site
    finally:
        site.hang_up_all()
        server.shutdown()
        for endpoint in endpoints:
            endpoint.drain(0)
        # It closes the server, which waits for its requests.
        accepting.join()
        log.removeHandler(faults)
    assert faults.lines(logging.ERROR) == []
