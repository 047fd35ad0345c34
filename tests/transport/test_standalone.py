from __future__ import annotations

import contextlib
import errno
import http.client
import logging
import os
import select
import socket
import ssl
import struct
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from jambonz_sync import Endpoint, create_endpoint
from jambonz_sync.exceptions import EndpointError
from jambonz_sync.transport import standalone
from jambonz_sync.transport.framing import Framing
from jambonz_sync.transport.http_reply import Reply
from jambonz_sync.transport.http_request import BadRequest, Environ
from jambonz_sync.transport.link import Link
from jambonz_sync.transport.standalone import Answer, Listener
from tests.transport.peers import (
    SUBPROTOCOL,
    TEXT,
    TIMEOUT,
    Background,
    Peer,
    Recorder,
    Tls,
    close_frame,
    eventually,
    frame,
    loopback_pair,
    upgrade_request,
)

NEW = '{"type":"session:new","msgid":"m1","call_sid":"c1","data":{"call_sid":"c1","direction":"inbound"}}'


class Echo(Recorder):
    """The user of a link that sends every message back."""

    link: Link

    def message(self, message: str | bytes) -> None:
        self.link.send(message)


def echo(environ: Environ, sock: socket.socket, rest: bytes) -> bytes | None:
    """Answer a request with a websocket that echoes."""
    user = Echo()
    framing = Framing(environ, [SUBPROTOCOL], max_message_size=8_000_000)
    link = user.link = Link(sock, framing, user, user.lock, messages=framing.receive(rest))
    with link.lock:
        link.open()
    link.wait(lambda: bool(user.losses))
    link.finish()
    return None


@contextlib.contextmanager
def listening(answer: Answer = echo, **options: Any) -> Iterator[Listener]:
    """A listener that accepts, on a free port."""
    listener = Listener("127.0.0.1", 0, answer, **{"handshake_timeout": TIMEOUT, **options})
    accepting = Background(lambda: listener.serve_forever(poll_interval=0.02))
    try:
        yield listener
    finally:
        listener.shutdown()
        listener.server_close()
        accepting.result()
        eventually(lambda: not connection_threads())


def connection_threads() -> list[str]:
    """The names of threads that hold a connection."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("jambonz_sync 127.0.0.1:")]


_dialled: list[Peer] = []


def dial(port: int) -> Peer:
    """Connect, and send nothing. What a test leaves open is closed after it."""
    peer = Peer(socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT))
    _dialled.append(peer)
    return peer


@pytest.fixture(autouse=True)
def _hang_up() -> Iterator[None]:
    yield
    while _dialled:
        _dialled.pop().close()


def call(port: int, *, scheme: str = "ws", path: str = "/", **options: Any) -> ClientConnection:
    """Connect with an independent client."""
    options = {"subprotocols": [Subprotocol(SUBPROTOCOL)], "open_timeout": TIMEOUT, "proxy": None, **options}
    return connect(f"{scheme}://127.0.0.1:{port}{path}", **options)


# An independent client


@pytest.mark.parametrize("encrypted", [False, True])
def test_an_independent_client_is_served(tls: Tls, encrypted: bool) -> None:
    """Handshake, messages of all sizes both ways, and the close, by another implementation; over TLS it verifies."""
    scheme, context = ("wss", tls.client) if encrypted else ("ws", None)
    with listening(ssl_context=tls.server if encrypted else None) as listener:
        with call(listener.port, scheme=scheme, ssl=context, max_size=None) as client:
            assert client.subprotocol == SUBPROTOCOL
            assert client.response is not None
            assert "Sec-WebSocket-Extensions" not in client.response.headers
            for message in ("hello", "\u20ac" * 1000, b"\x00\xff" * 200_000, "", "x" * 3_000_000):
                client.send(message)
                assert client.recv(timeout=TIMEOUT) == message
            client.send(iter(["in ", "frag", "ments"]))
            assert client.recv(timeout=TIMEOUT) == "in fragments"
            assert client.ping().wait(TIMEOUT)
        assert client.close_code == 1000


def test_the_close_of_an_independent_client_is_always_answered() -> None:
    """Of 50 clean closes none is seen as 1006."""
    with listening() as listener:
        for code in range(4000, 4050):
            with call(listener.port) as client:
                client.send("hello")
                assert client.recv(timeout=TIMEOUT) == "hello"
                client.close(code)
            assert client.protocol.close_rcvd is not None
            assert client.protocol.close_rcvd.code == code


def test_an_independent_client_that_sends_too_much_is_told(tls: Tls) -> None:
    """A client in the middle of 20 MB reads 1009, not a reset."""
    for context in (None, tls.server):
        with listening(ssl_context=context) as listener:
            scheme, ours = ("ws", None) if context is None else ("wss", tls.client)
            with call(listener.port, scheme=scheme, ssl=ours) as client:
                with contextlib.suppress(ConnectionClosed):
                    client.send(b"x" * 20_000_000)
                with pytest.raises(ConnectionClosed):
                    client.recv(timeout=TIMEOUT)
                assert client.protocol.close_rcvd is not None
                assert client.protocol.close_rcvd.code == 1009


def test_three_hundred_handshakes_at_once() -> None:
    """A burst of calls overflows no queue: all are served."""
    count = 300
    with listening() as listener:
        # All are in the queue, or beyond it, before the first is answered.
        peers = [dial(listener.port) for _ in range(count)]
        barrier = threading.Barrier(10)

        def shake_hands(some: list[Peer]) -> None:
            barrier.wait(TIMEOUT)
            for peer in some:
                peer.send(upgrade_request())
            for peer in some:
                assert peer.head().startswith("HTTP/1.1 101 ")
                peer.send(frame(TEXT, b"hello"))
                assert peer.text() == "hello"

        for shaking in [Background(lambda start=start: shake_hands(peers[start::10])) for start in range(10)]:
            shaking.result()
        for peer in peers:
            peer.send(close_frame())
        for peer in peers:
            assert peer.frame().close_code == 1000
            assert peer.rest() == b""
            peer.close()


def test_the_backlog_holds_a_burst() -> None:
    """Connections are queued by the system while nobody accepts, many more than socketserver's five."""
    listener = Listener("127.0.0.1", 0, echo)
    peers = []
    try:
        for _ in range(100):
            peers.append(Peer(socket.create_connection(("127.0.0.1", listener.port), timeout=TIMEOUT)))
    finally:
        for peer in peers:
            peer.close()
        listener.server_close()
    assert len(peers) == 100


# Requests


def test_frames_behind_the_head_are_read() -> None:
    """A client that does not wait for the answer loses nothing, not even a frame cut in two."""
    early = frame(TEXT, b"one") + frame(TEXT, b"two")
    with listening() as listener:
        peer = dial(listener.port)
        peer.send(upgrade_request() + early[:-2])
        peer.head()
        assert peer.text() == "one"
        peer.send(early[-2:])
        assert peer.text() == "two"
        peer.send(close_frame())
        assert peer.frame().close_code == 1000
        peer.close()


@pytest.mark.parametrize(
    ("sent", "status"),
    [(b"garbage\r\n\r\n", 400), (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 30_000, 431)],
)
def test_a_bad_request_is_answered(sent: bytes, status: int) -> None:
    """What the listener cannot read is refused with a status, and the connection ends."""
    with listening() as listener:
        peer = dial(listener.port)
        peer.send(sent)
        assert peer.head().startswith(f"HTTP/1.1 {status} ")
        peer.rest()
        peer.close()


def test_a_client_that_dribbles_is_cut_off() -> None:
    """A head that does not get done ends at the deadline, without an answer."""
    with listening(handshake_timeout=0.1) as listener:
        peer = dial(listener.port)
        peer.send(b"GET / HTTP/1.1\r\nX: ")
        stop = threading.Event()

        def dribble() -> None:
            with contextlib.suppress(OSError):
                while not stop.wait(0.01):
                    peer.send(b"x")

        dribbling = Background(dribble)
        with contextlib.suppress(ConnectionResetError):
            assert peer.rest() == b""
        stop.set()
        dribbling.result()
        peer.close()


def test_a_client_that_leaves_at_once_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    """A port check leaves no trace above DEBUG."""
    caplog.set_level(logging.DEBUG, "jambonz_sync")
    with listening() as listener:
        dial(listener.port).close()
        eventually(lambda: caplog.records)
    assert {record.levelno for record in caplog.records} == {logging.DEBUG}


def test_the_answer_may_be_a_response() -> None:
    """What ``answer`` returns is written, also if it raises ``BadRequest``."""

    def answer(environ: Environ, sock: socket.socket, rest: bytes) -> bytes:
        if environ["PATH_INFO"] == "/bad":
            raise BadRequest(400, "no")
        return Reply(200, environ["PATH_INFO"]).encoded()

    with listening(answer) as listener:
        for path, expected in (("/good", (200, b"/good\n")), ("/bad", (400, b"no\n"))):
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", listener.port, timeout=TIMEOUT)) as client:
                client.request("GET", path)
                got = client.getresponse()
                assert (got.status, got.read()) == expected


def test_an_answer_that_raises_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """A fault costs one connection, with a traceback in the log; the next is served."""
    faults = [ZeroDivisionError("once")]

    def answer(environ: Environ, sock: socket.socket, rest: bytes) -> bytes:
        if faults:
            raise faults.pop()
        return Reply(200, "fine").encoded()

    with listening(answer) as listener:
        for expected in ("", "HTTP/1.1 200 OK"):
            peer = dial(listener.port)
            peer.send(upgrade_request())
            assert peer.rest().decode().partition("\r\n")[0] == expected
            peer.close()
    (record,) = caplog.records
    assert record.exc_info is not None
    assert "the connection from" in record.getMessage()


def test_each_connection_has_a_named_thread() -> None:
    """The thread is a daemon and is named after the peer, for those who look at a hanging process."""
    seen: list[threading.Thread] = []

    def answer(environ: Environ, sock: socket.socket, rest: bytes) -> bytes:
        seen.append(threading.current_thread())
        return Reply(200, "").encoded()

    with listening(answer) as listener:
        peer = dial(listener.port)
        port = peer.sock.getsockname()[1]
        peer.send(upgrade_request())
        peer.rest()
        peer.close()
    (thread,) = seen
    assert thread.daemon
    assert thread.name == f"jambonz_sync 127.0.0.1:{port}"


def test_a_thread_that_cannot_be_started_costs_one_connection(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection is closed and the fault logged; the listener goes on."""

    class Refused(threading.Thread):
        def start(self) -> None:
            raise RuntimeError("can't start new thread")

    with listening() as listener:
        with monkeypatch.context() as refusing:
            refusing.setattr(threading, "Thread", Refused)
            peer = dial(listener.port)
            assert peer.rest() == b""
            peer.close()
        assert len(listener._handshakes) == 0
        with call(listener.port) as client:
            client.send("hello")
            assert client.recv(timeout=TIMEOUT) == "hello"
    assert "cannot serve the connection" in caplog.text


def test_ipv6() -> None:
    """An address with colons is listened on as well."""
    try:
        listener = Listener("::1", 0, echo)
    except OSError:
        pytest.skip("there is no IPv6 here")
    accepting = Background(lambda: listener.serve_forever(poll_interval=0.02))
    with socket.create_connection(("::1", listener.port), timeout=TIMEOUT) as sock:
        peer = Peer(sock)
        peer.send(upgrade_request())
        assert "101" in peer.head()
        peer.send(close_frame())
        assert peer.frame().close_code == 1000
    listener.shutdown()
    listener.server_close()
    accepting.result()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems do not wake whoever waits to accept")
def test_shutdown_does_not_wait_for_the_next_look(caplog: pytest.LogCaptureFixture) -> None:
    """The thread that accepts is woken, and has nothing to complain of."""
    listener = Listener("127.0.0.1", 0, echo)
    accepting = Background(lambda: listener.serve_forever(poll_interval=10 * TIMEOUT))
    with call(listener.port) as client:
        client.send("hello")
        assert client.recv(timeout=TIMEOUT) == "hello"
    Background(listener.shutdown).result()
    listener.server_close()
    accepting.result()
    assert "cannot accept" not in caplog.text


# Descriptors


class Exhausted:
    """A listening socket whose ``accept`` fails as it does when there are no descriptors left."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.refusals = 5

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sock, name)

    def accept(self) -> Any:
        if self.refusals:
            self.refusals -= 1
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return self.sock.accept()


def test_running_out_of_descriptors_does_not_spin(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each failed accept there is a pause; the connection is served when descriptors are back."""
    pauses = []
    monkeypatch.setattr(standalone.time, "sleep", pauses.append)
    listener = Listener("127.0.0.1", 0, echo)
    listener.socket = Exhausted(listener.socket)
    accepting = Background(lambda: listener.serve_forever(poll_interval=0.02))
    with call(listener.port) as client:
        client.send("hello")
        assert client.recv(timeout=TIMEOUT) == "hello"
    listener.shutdown()
    listener.server_close()
    accepting.result()
    assert len(pauses) == 5
    assert min(pauses) > 0
    assert "cannot accept a connection" in caplog.text


def test_running_out_of_descriptors_for_good_and_back() -> None:
    """In a process at its limit connections wait, little CPU is spent, and all is well when the limit is lifted."""
    script = """
        import os, resource, sys, threading
        from jambonz_sync import create_endpoint
        endpoint = create_endpoint(host="127.0.0.1", port=0).start()
        print(endpoint.url.rpartition(":")[2], flush=True)
        sys.stdin.readline()
        taken = [os.open(os.devnull, os.O_RDONLY) for _ in range(20)]
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(taken) + 1, hard))
        print("full", flush=True)
        sys.stdin.readline()
        print(resource.getrusage(resource.RUSAGE_SELF).ru_utime, flush=True)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        sys.stdin.readline()
        endpoint.stop()
    """
    with running(script) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        port = int(process.stdout.readline())

        def ask() -> None:
            process.stdin.write("\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]

        ask()
        assert process.stdout.readline() == "full\n"
        peer = dial(port)
        peer.send(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert process.stderr is not None
        assert "cannot accept a connection" in process.stderr.readline()
        assert "cannot accept a connection" in process.stderr.readline()
        ask()
        float(process.stdout.readline())
        assert peer.head().startswith("HTTP/1.1 200 ")
        peer.close()
        ask()
        assert process.wait(TIMEOUT) == 0


@contextlib.contextmanager
def running(script: str) -> Iterator[subprocess.Popen[str]]:
    """A fresh process whose log goes to stderr."""
    prelude = "import logging; logging.basicConfig(level=logging.WARNING)\n"
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", prelude + textwrap.dedent(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=python_path(),
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def python_path() -> dict[str, str]:
    """The environment for a process that finds what this one finds."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


# TLS


def test_tls_is_never_plain_text(tls: Tls) -> None:
    """On a TLS port not a byte is answered in clear text, on any Python."""
    with listening(ssl_context=tls.server) as listener:
        peer = dial(listener.port)
        peer.send(upgrade_request())
        with contextlib.suppress(ConnectionResetError):
            assert b"HTTP" not in peer.rest()
        peer.close()


def test_a_plain_client_on_a_tls_port_ends_cleanly(tls: Tls, caplog: pytest.LogCaptureFixture) -> None:
    """One warning, no traceback, and the next client is served."""
    with listening(ssl_context=tls.server) as listener:
        peer = dial(listener.port)
        peer.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        with contextlib.suppress(ConnectionResetError):
            peer.rest()
        peer.close()
        with call(listener.port, scheme="wss", ssl=tls.client) as client:
            client.send("hello")
            assert client.recv(timeout=TIMEOUT) == "hello"
    (record,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert record.getMessage().startswith("TLS handshake failed: ")
    assert record.exc_info is None


def test_a_tls_client_on_a_plain_port_ends_cleanly(tls: Tls, caplog: pytest.LogCaptureFixture) -> None:
    """Its first bytes are no HTTP: refused, without a traceback."""
    with listening() as listener, pytest.raises(ssl.SSLError):
        call(listener.port, scheme="wss", ssl=tls.client)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_client_that_does_not_trust_the_certificate_ends_cleanly(tls: Tls, caplog: pytest.LogCaptureFixture) -> None:
    """The client's alert is a warning, without a traceback."""
    with listening(ssl_context=tls.server) as listener, pytest.raises(ssl.SSLError, match="certificate verify failed"):
        call(listener.port, scheme="wss", ssl=Tls().client)
    assert not [record for record in caplog.records if record.exc_info]


def test_a_client_that_dawdles_in_its_tls_handshake_is_cut_off(tls: Tls) -> None:
    """The deadline counts from the connection's beginning, for TLS and head together."""
    with listening(ssl_context=tls.server, handshake_timeout=0.05) as listener:
        peer = dial(listener.port)
        peer.send(b"\x16\x03\x01")
        assert peer.rest() == b""
        peer.close()


@pytest.mark.parametrize("sent", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01"])
def test_a_failed_tls_handshake_closes_its_descriptor(tls: Tls, monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    """The socket is closed by name, not by whoever happens to let go of it last."""
    made: list[ssl.SSLSocket] = []
    wrap = tls.server.wrap_socket

    def keep(*arguments: Any, **options: Any) -> ssl.SSLSocket:
        made.append(wrap(*arguments, **options))
        return made[-1]

    monkeypatch.setattr(tls.server, "wrap_socket", keep)
    with listening(ssl_context=tls.server, handshake_timeout=0.1) as listener:
        peer = dial(listener.port)
        peer.send(sent)
        eventually(lambda: made and not connection_threads())
        descriptor = made[0].fileno()
        made[0].close()
        peer.close()
    assert descriptor == -1


def test_slow_tls_handshakes_do_not_delay_others(tls: Tls) -> None:
    """TLS is done on the connection's own thread."""
    with listening(ssl_context=tls.server) as listener:
        idle = [dial(listener.port) for _ in range(10)]
        with call(listener.port, scheme="wss", ssl=tls.client) as client:
            client.send("hello")
            assert client.recv(timeout=TIMEOUT) == "hello"
        for peer in idle:
            peer.close()


def test_a_tls_handshake_goes_on_when_it_wants_to_write(tls: Tls) -> None:
    """Whether the handshake waits for the peer's bytes or for room for its own, it goes on."""

    wanted = [ssl.SSLWantWriteError, ssl.SSLWantReadError]

    class Encrypted(socket.socket):
        def do_handshake(self) -> None:
            if wanted:
                raise wanted.pop(0)

    ours, theirs = socket.socketpair()
    with theirs, Encrypted(fileno=ours.detach()) as encrypted:
        theirs.send(b"x")
        encrypted.setblocking(False)
        standalone._shake_hands(encrypted, time.monotonic() + TIMEOUT)  # type: ignore[arg-type]
        assert not wanted
        assert encrypted.recv(1) == b"x"


def test_a_connection_that_was_reset_before_tls_is_no_error(tls: Tls, caplog: pytest.LogCaptureFixture) -> None:
    """It costs a line at DEBUG, and leaves no descriptor behind."""
    caplog.set_level(logging.DEBUG, "jambonz_sync")
    accepted, theirs = loopback_pair()
    listener = Listener("127.0.0.1", 0, echo, ssl_context=tls.server)
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    theirs.close()
    eventually(lambda: select.select([accepted], [], [], 0)[0])
    listener._enter(accepted, accepted)
    listener._hold(accepted, ("127.0.0.1", 1))
    assert accepted.fileno() == -1
    assert len(listener._handshakes) == 0
    listener.server_close()
    (record,) = caplog.records
    assert record.levelno == logging.DEBUG


# The bound on open handshakes


def is_over(peer: Peer) -> bytes:
    """What is left to be read of a connection that the listener has ended."""
    with contextlib.suppress(ConnectionResetError):
        return peer.rest()
    return b""


@pytest.mark.parametrize(
    ("encrypted", "sent"), [(False, b""), (False, b"GET / HTTP/1.1\r\nX: "), (True, b""), (True, b"\x16\x03\x01")]
)
def test_the_oldest_of_too_many_handshakes_is_cut(
    tls: Tls, caplog: pytest.LogCaptureFixture, encrypted: bool, sent: bytes
) -> None:
    """Each new connection costs the one that has dawdled longest; the log says so once. A call gets through at once."""
    context = tls.server if encrypted else None
    with listening(ssl_context=context, max_handshakes=3) as listener:
        peers = []
        for _ in range(10):
            peers.append(dial(listener.port))
            peers[-1].send(sent)
        for peer in peers[:7]:
            assert is_over(peer) == b""
        eventually(lambda: len(connection_threads()) == 3)
        with call(listener.port, scheme="wss" if encrypted else "ws", ssl=tls.client if encrypted else None) as client:
            client.send("hello")
            assert client.recv(timeout=TIMEOUT) == "hello"
        assert is_over(peers[7]) == b""
        assert len(listener._handshakes) == 2
        caplog.set_level(logging.ERROR)
        for peer in peers[8:]:
            peer.close()
    lines = [record.getMessage() for record in caplog.records]
    assert lines == ["too many connections have brought no whole request yet: the oldest of them are cut"]


def test_a_call_is_out_of_the_bound() -> None:
    """Any number of connections may be up whose request has been read."""
    with listening(max_handshakes=1) as listener, contextlib.ExitStack() as stack:
        clients = [stack.enter_context(call(listener.port)) for _ in range(5)]
        for client in clients:
            client.send("hello")
            assert client.recv(timeout=TIMEOUT) == "hello"
        assert len(listener._handshakes) == 0


def test_whoever_lingers_over_an_answer_gives_way() -> None:
    """A peer that has its HTTP answer, and stays, is one of those that may be cut."""
    with listening(lambda *_: Reply(200, "fine").encoded(), max_handshakes=2) as listener:
        peers = []
        for _ in range(4):
            peers.append(dial(listener.port))
            peers[-1].send(upgrade_request())
            assert peers[-1].head().startswith("HTTP/1.1 200 ")
        eventually(lambda: len(connection_threads()) == 2)
        for peer in peers:
            peer.close()


@pytest.mark.parametrize("sent", [upgrade_request(), b"garbage\r\n\r\n"])
def test_a_request_that_is_complete_only_after_the_cut(monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    """It is not answered: jambonz tries again where a connection ends without an answer."""
    reading, go_on = threading.Event(), threading.Event()
    read = standalone.read_request

    def read_later(*arguments: Any) -> Any:
        reading.set()
        assert go_on.wait(TIMEOUT)
        return read(*arguments)

    answered: list[Environ] = []

    def answer(environ: Environ, sock: socket.socket, rest: bytes) -> None:
        answered.append(environ)

    with listening(answer, max_handshakes=1) as listener:
        monkeypatch.setattr(standalone, "read_request", read_later)
        early = dial(listener.port)
        early.send(sent)
        assert reading.wait(TIMEOUT)
        monkeypatch.setattr(standalone, "read_request", read)
        late = dial(listener.port)
        assert is_over(early) == b""
        go_on.set()
        eventually(lambda: len(connection_threads()) == 1)
        late.close()
    assert not answered


# Imports


def in_a_fresh_process(script: str) -> str:
    """Run a script; return what it prints. Warnings are errors."""
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(script)]
    done = subprocess.run(command, env=python_path(), capture_output=True, text=True, timeout=TIMEOUT, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def test_the_package_imports_no_server_and_no_framework() -> None:
    """Importing jambonz_sync imports neither websocket_server nor Flask nor pytest."""
    script = """
        import sys
        import jambonz_sync
        print(sorted({"websocket_server", "flask", "werkzeug", "pytest", "socketserver"} & set(sys.modules)))
    """
    assert in_a_fresh_process(script) == "[]"


@pytest.mark.parametrize("prepare", ["", "root.addHandler(logging.NullHandler()); root.setLevel(5)"])
def test_the_root_logger_is_left_alone(prepare: str) -> None:
    """Neither the import nor listening touches the root logger, whether it has handlers or none."""
    script = f"""
        import logging
        root = logging.getLogger()
        {prepare or "pass"}
        before = root.handlers[:], root.level, root.filters[:], root.disabled
        import jambonz_sync
        assert (root.handlers, root.level, root.filters, root.disabled) == before
        with jambonz_sync.create_endpoint(host="127.0.0.1", port=0) as endpoint:
            assert endpoint.url
            assert (root.handlers, root.level, root.filters, root.disabled) == before
        assert (root.handlers, root.level, root.filters, root.disabled) == before
        package = logging.getLogger("jambonz_sync")
        print(package.level, package.propagate, [type(handler).__name__ for handler in package.handlers])
    """
    assert in_a_fresh_process(script) == "0 True ['NullHandler']"


# The endpoint over a real socket


@contextlib.contextmanager
def serving(*paths: str, **options: Any) -> Iterator[tuple[Endpoint, int]]:
    """An endpoint with services that end every call at once, and its port."""
    endpoint = create_endpoint(host="127.0.0.1", port=0, **options)
    for path in paths:
        endpoint.make_service(path).on("session:new", lambda session: session.hangup().send())
    with endpoint:
        yield endpoint, int(endpoint.url.rpartition(":")[2])


def ask(port: int, method: str, path: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Send a plain HTTP request; return status, headers and body."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)) as client:
        client.request(method, path)
        got = client.getresponse()
        return got.status, got.headers, got.read()


def test_health() -> None:
    """``/health`` tells the number of calls, with no service for it."""
    with serving("/x") as (_, port):
        assert ask(port, "GET", "/health")[::2] == (200, b'{"status": "ok", "calls": 0}')
        assert ask(port, "HEAD", "/health")[0] == 200
        with call(port, path="/x") as client:
            assert ask(port, "GET", "/health")[::2] == (200, b'{"status": "ok", "calls": 0}'), "it has said nothing yet"
            client.send(NEW)
            client.recv(timeout=TIMEOUT)
            assert ask(port, "GET", "/health")[::2] == (200, b'{"status": "ok", "calls": 1}')


def test_an_unknown_path_is_404() -> None:
    """Plain or websocket, a path without a service does not exist."""
    with serving("/x") as (_, port):
        status, _, body = ask(port, "GET", "/y")
        assert (status, body) == (404, b"there is nothing at /y\n")
        peer = dial(port)
        peer.send(upgrade_request("/y"))
        assert peer.head().startswith("HTTP/1.1 404 ")
        peer.close()


def test_a_plain_get_is_426() -> None:
    """A browser at the address of a service learns that it is a websocket's."""
    with serving("/x") as (_, port):
        status, headers, body = ask(port, "GET", "/x")
        assert (status, headers["Upgrade"]) == (426, "websocket")
        assert b"websocket" in body


def test_other_methods_are_405() -> None:
    """A webhook posted to a service is refused, with the methods there are."""
    with serving("/x") as (_, port):
        status, headers, _ = ask(port, "POST", "/x")
        assert (status, headers["Allow"]) == (405, "GET, OPTIONS")


def test_options_is_no_content() -> None:
    """jambonz asks for application variables by OPTIONS; there are none."""
    with serving("/x") as (_, port):
        status, headers, body = ask(port, "OPTIONS", "/x")
        assert (status, headers["Allow"], body) == (204, "GET, OPTIONS", b"")
        assert ask(port, "OPTIONS", "/y")[0] == 404


def test_the_answer_to_head_has_no_body() -> None:
    """RFC 9110, section 9.3.2."""
    with serving("/x") as (_, port):
        peer = dial(port)
        peer.send(b"HEAD /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert peer.rest().endswith(b"\r\n\r\n")
        peer.close()


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (upgrade_request("/x", Sec_WebSocket_Version="8"), 426),
        (upgrade_request("/x", Sec_WebSocket_Version=None), 426),
        (upgrade_request("/x", Sec_WebSocket_Protocol="other.jambonz.org"), 400),
        (upgrade_request("/x", Sec_WebSocket_Protocol=None), 400),
        (upgrade_request("/x", Sec_WebSocket_Key=None), 400),
        (upgrade_request("/x", Connection="close"), 400),
        (upgrade_request("/x", method="POST"), 405),
        (upgrade_request("/x", Upgrade="h2c"), 426),
    ],
)
def test_a_wrong_handshake_is_refused(request_bytes: bytes, status: int) -> None:
    """Before any code of the application runs."""
    with serving("/x") as (endpoint, port):
        peer = dial(port)
        peer.send(request_bytes)
        head = peer.head()
        assert head.startswith(f"HTTP/1.1 {status} ")
        peer.close()
        assert not endpoint.sessions


def test_permessage_deflate_is_declined_unless_asked_for() -> None:
    """The endpoint's option decides."""
    for asked in (False, True):
        with serving("/x", permessage_deflate=asked) as (_, port), call(port, path="/x") as client:
            assert client.response is not None
            assert ("Sec-WebSocket-Extensions" in client.response.headers) == asked


def test_a_call_below_the_path_is_answered() -> None:
    """``/x/adulting``, with a query or without, is answered by the service of ``/x``."""
    with serving("/x") as (_, port):
        for path in ("/x/adulting", "/x/?a=1/adulting"):
            with call(port, path=path) as client:
                client.send(NEW)
                assert '"hangup"' in client.recv(timeout=TIMEOUT)


def test_a_path_beyond_ascii_is_answered() -> None:
    """A service at ``/café`` answers its calls, which come percent-encoded."""
    with serving("/caf\u00e9") as (_, port):
        assert ask(port, "GET", "/caf%C3%A9")[0] == 426


def test_no_call_begins_after_the_stop() -> None:
    """A handshake that is under way when the endpoint stops is cut off: jambonz connects elsewhere."""
    answered = threading.Event()
    endpoint = create_endpoint(host="127.0.0.1", port=0)
    endpoint.make_service("/x").on("session:new", lambda session: answered.set())
    with endpoint:
        peer = dial(int(endpoint.url.rpartition(":")[2]))
        peer.send(upgrade_request("/x")[:-2])
        eventually(connection_threads)
    try:
        with contextlib.suppress(ConnectionError):
            peer.send(b"\r\n" + frame(TEXT, NEW.encode()) + close_frame())
            assert b"101" not in peer.rest()
        assert not answered.is_set()
    finally:
        peer.close()
        eventually(lambda: not connection_threads())


def test_every_name_of_this_machine_can_be_listened_on() -> None:
    """The empty host, which ``url`` knows, is all addresses, as in the socket module."""
    endpoint = create_endpoint(host="", port=0)
    with endpoint:
        assert endpoint.url.startswith("ws://127.0.0.1:")
        assert ask(int(endpoint.url.rpartition(":")[2]), "GET", "/health")[0] == 200


def test_a_taken_port_is_an_endpoint_error() -> None:
    """The error names the port and says what to do; the endpoint can start elsewhere afterwards."""
    with serving() as (_, port):
        endpoint = create_endpoint(host="127.0.0.1", port=port)
        with pytest.raises(EndpointError, match=f"cannot listen on port {port}"):
            endpoint.start()
        with pytest.raises(EndpointError, match="does not listen"):
            assert endpoint.url


def test_start_and_stop_at_once() -> None:
    """An endpoint that is stopped before it has accepted anything stops, again and again."""
    endpoint = create_endpoint(host="127.0.0.1", port=0)
    for _ in range(5):
        endpoint.start()
        stopping = Background(endpoint.stop)
        stopping.result()
