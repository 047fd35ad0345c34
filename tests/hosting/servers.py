"""A server in a process of its own, and the questions that tests ask of it.

.. code-block:: python

    with start(KINDS["gunicorn gthread"], folder) as server:
        jambonz = JambonzSide(f"{server.url}/app")
"""

from __future__ import annotations

import contextlib
import http.client
import pathlib
import socket
import ssl
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import trustme

from tests.hosting import residue
from tests.hosting.kinds import Kind
from tests.hosting.nginx import start_nginx
from tests.hosting.process import Program, eventually

__all__ = ["HANDSHAKE", "Answer", "Server", "start"]


#: The headers of a handshake as jambonz makes it, for :meth:`Server.asks`.
HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec_WebSocket_Key": "AQIDBAUGBwgJCgsMDQ4PEA==",
    "Sec_WebSocket_Version": "13",
    "Sec_WebSocket_Protocol": "ws.jambonz.org",
}


class Answer(NamedTuple):
    """An HTTP response. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: str


class Server:
    """A server that is up. Made by :func:`start`."""

    def __init__(
        self,
        kind: Kind,
        program: Program,
        port: int,
        *,
        threads: int,
        trust: pathlib.Path | None,
        nginx: Program | None = None,
    ) -> None:
        self.kind = kind
        self.program = program
        self.threads = threads
        #: The certificate that a client must trust, over TLS, and what such a client encrypts with.
        self.trust = trust
        self.client_context = None if trust is None else ssl.create_default_context(cafile=trust)
        self.nginx = nginx
        self._port = port

    @property
    def url(self) -> str:
        """The websocket address that the paths of the services are appended to."""
        return f"{'ws' if self.trust is None else 'wss'}://127.0.0.1:{self._port}{self.kind.mount}"

    def asks(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """Return the answer to a plain HTTP request; ``_`` stands for ``-`` in the name of a header."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = self._connection()
        with contextlib.closing(connection):
            connection.request(method, self.kind.mount + path, headers={"Connection": "close", **fields})
            response = connection.getresponse()
            named = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, named, response.read().decode())

    def _connection(self) -> http.client.HTTPConnection:
        where = urllib.parse.urlsplit(self.url).netloc
        if self.client_context is None:
            return http.client.HTTPConnection(where, timeout=10)
        return http.client.HTTPSConnection(where, timeout=10, context=self.client_context)

    def is_ready(self) -> bool:
        """Whether it answers."""
        assert not self.program.ended, "it has ended:\n" + "\n".join(self.program.lines())
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.asks("/app", "OPTIONS").status == 204
        return False

    # What it holds on to

    def returns_to(self, before: tuple[int, Sequence[str]]) -> None:
        """Wait until it has no more threads and descriptors than there were before; ``before`` is of :meth:`holds`."""
        spare = self.threads * len(self._workers()) if self.kind.pool else 0

        def is_back() -> bool:
            count, files = self.holds()
            return count <= before[0] + spare and len(files) <= len(before[1])

        eventually(is_back, lambda: f"{self.kind.name} holds on to {self.holds()}; before it was {before}")

    def holds(self) -> tuple[int, Sequence[str]]:
        """How many threads it has, and its descriptors."""
        workers = self._workers()
        return sum(map(residue.threads, workers)), [file for pid in workers for file in residue.descriptors(pid)]

    def _workers(self) -> Sequence[int]:
        return residue.children(self.program.pid) if self.kind.forks else [self.program.pid]


def _free_port() -> int:
    """A port that nobody uses at the moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextlib.contextmanager
def start(kind: Kind, folder: pathlib.Path, *, threads: int = 40) -> Iterator[Server]:
    """Start a server of a kind; end it, and see that it ends in order, with nothing in its logs that is unexpected.

    ``folder``: for its files. ``threads``: how many requests it must be able to hold at once.
    """
    port = _free_port()
    variables = {"PORT": str(port)}
    trust = folder / "authority.pem" if kind.tls else None
    if trust is not None:
        variables.update(_certificate(folder, trust))
    command = [part.format(port=port, folder=folder, threads=threads) for part in kind.command]
    with contextlib.ExitStack() as stack:
        nginx = None
        outer = port
        if kind.behind_nginx:
            outer = _free_port()
            front = folder / "nginx"
            front.mkdir()
            nginx = stack.enter_context(start_nginx(front, outer, port))
        program = stack.enter_context(Program(folder, command, variables=variables, status=kind.status))
        server = Server(kind, program, outer, threads=threads, trust=trust, nginx=nginx)
        if nginx is not None:
            # Until it is up, nginx says that it cannot reach it.
            behind = Server(kind, program, port, threads=threads, trust=trust)
            eventually(behind.is_ready, "the server behind nginx does not answer")
        eventually(server.is_ready, lambda: f"{kind.name} does not answer:\n" + "\n".join(program.lines()))
        # The second line of what Werkzeug's server says at its start.
        program.allow(" * Running on http://127.0.0.1:")
        yield server
        program.end()
        for part in filter(None, (program, nginx)):
            assert part.unexpected() == [], f"in the log of {kind.name}"


def _certificate(folder: pathlib.Path, trust: pathlib.Path) -> Mapping[str, str]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(trust))
    issued = authority.issue_cert("127.0.0.1")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    for number, part in enumerate(issued.cert_chain_pems):
        part.write_to_path(str(certificate), append=number > 0)
    issued.private_key_pem.write_to_path(str(key))
    return {"CERTIFICATE": str(certificate), "PRIVATE_KEY": str(key)}
