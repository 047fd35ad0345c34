from __future__ import annotations

import contextlib
import logging
import queue
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
import simple_websocket
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol
from wsproto.utilities import LocalProtocolError

from jambonz_sync.transport import foreign
from jambonz_sync.transport.blocking_socket import BlockingSocket
from jambonz_sync.transport.foreign import hold_foreign
from jambonz_sync.transport.http_request import Environ
from tests.transport.peers import (
    CLOSE,
    PING,
    PONG,
    TEXT,
    TIMEOUT,
    Background,
    Peer,
    Tls,
    close_frame,
    eventually,
    frame,
    loopback_pair,
    upgrade_environ,
    upgrade_request,
)
from tests.transport.test_standalone import listening

Handler = Callable[[Any], object]


class Place(NamedTuple):
    """Where foreign websockets are held."""

    port: int
    context: ssl.SSLContext | None

    def connect(self, path: str = "/", **options: Any) -> ClientConnection:
        """Connect with an independent client."""
        options = {"open_timeout": TIMEOUT, "proxy": None, "max_size": None, "ssl": self.context, **options}
        return connect(f"{'ws' if self.context is None else 'wss'}://127.0.0.1:{self.port}{path}", **options)

    def dial(self, request: bytes | None = None) -> Peer:
        """Connect byte by byte, and send the handshake."""
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT)
        peer = Peer(sock if self.context is None else self.context.wrap_socket(sock, server_hostname="127.0.0.1"))
        peer.send(upgrade_request() if request is None else request)
        return peer


@contextlib.contextmanager
def holding(handler: Handler, tls: Tls | None = None, **options: Any) -> Iterator[Place]:
    """A listener whose every request is a foreign websocket."""

    def answer(environ: Environ, sock: socket.socket, rest: bytes) -> bytes | None:
        return hold_foreign(handler, environ, sock, rest, **options)

    with listening(answer, ssl_context=tls.server if tls else None) as listener:
        yield Place(listener.port, tls.client if tls else None)


@pytest.fixture(params=["plain", "tls"])
def encryption(request: pytest.FixtureRequest, tls: Tls) -> Tls | None:
    """Each with and without TLS."""
    return tls if request.param == "tls" else None


def echo(ws: Any) -> None:
    """Send every message back."""
    while True:
        ws.send(ws.receive())


def closed_by_server(client: ClientConnection) -> int:
    """Wait for the end, and return the code the server gave."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            client.recv(timeout=TIMEOUT)
    assert client.protocol.close_rcvd is not None, "the connection ended without a close frame"
    return client.protocol.close_rcvd.code


# What the handler is given


def test_an_independent_client_is_served(encryption: Tls | None) -> None:
    """Messages of all sizes both ways, and the close, by another implementation."""
    with holding(echo, encryption, max_message_size=8_000_000) as place:
        with place.connect() as client:
            for message in ("hello", "\u20ac" * 1000, b"\x00\xff" * 200_000, "", "x" * 3_000_000):
                client.send(message)
                assert client.recv(timeout=TIMEOUT) == message
            client.send(iter(["in ", "frag", "ments"]))
            assert client.recv(timeout=TIMEOUT) == "in fragments"
            assert client.ping().wait(TIMEOUT)
        assert client.close_code == 1000


def test_the_handler_runs_on_the_connections_thread_and_sees_the_request() -> None:
    """It is called once, with the whole environ."""
    seen: queue.Queue[tuple[str, Environ]] = queue.Queue()

    def handler(ws: Any) -> None:
        assert isinstance(ws, simple_websocket.Server)
        seen.put((threading.current_thread().name, ws.environ))

    with holding(handler) as place, place.connect("/a%20b?c=d", additional_headers={"X-A": "b"}) as client:
        name, environ = seen.get(timeout=TIMEOUT)
        assert closed_by_server(client) == 1000
        assert seen.empty()
    assert name.startswith("jambonz_sync 127.0.0.1:")
    assert (environ["PATH_INFO"], environ["QUERY_STRING"]) == ("/a b", "c=d")
    assert environ["HTTP_X_A"] == "b"
    assert "HTTP_SEC_WEBSOCKET_EXTENSIONS" in environ


@pytest.mark.parametrize(("offered", "selected"), [(["a", "b"], "b"), (["c", "b"], "c"), (["a"], None), (None, None)])
def test_subprotocols(offered: list[str] | None, selected: str | None) -> None:
    """The first that both know is selected."""
    seen: queue.Queue[Any] = queue.Queue()
    protocols = None if offered is None else [Subprotocol(name) for name in offered]
    with holding(lambda ws: seen.put(ws.subprotocol), subprotocols=["b", "c"]) as place:
        with place.connect(subprotocols=protocols) as client:
            assert client.subprotocol == selected
            assert seen.get(timeout=TIMEOUT) == selected


def test_compression_is_declined() -> None:
    """permessage-deflate is offered by the client, and not accepted."""
    with holding(echo) as place, place.connect(compression="deflate") as client:
        assert client.response is not None
        assert "Sec-WebSocket-Extensions" not in client.response.headers
        client.send("x" * 10_000)
        assert client.recv(timeout=TIMEOUT) == "x" * 10_000


@pytest.mark.parametrize("encrypted", [False, True])
def test_frames_behind_the_head_are_read(tls: Tls, encrypted: bool) -> None:
    """A client that does not wait for the answer loses nothing, pings or not."""
    with holding(echo, tls if encrypted else None) as place:
        peer = place.dial(upgrade_request() + frame(TEXT, b"one") + frame(TEXT, b"two" * 3_000))
        with peer.sock:
            peer.head()
            assert peer.text() == "one"
            assert peer.text() == "two" * 3_000


def test_the_socket_is_made_ready() -> None:
    """It is made non-blocking if it was not, as a WSGI server's; small messages are not held back (Nagle)."""
    ours, theirs = loopback_pair()
    with ours, theirs:
        peer = Peer(theirs)
        holding_it = Background(lambda: hold_foreign(lambda ws: None, upgrade_environ(), ours, b""))
        peer.head()
        assert peer.frame().close_code == 1000
        peer.close()
        holding_it.result()
        assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
        assert not ours.getblocking()


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        upgrade_request(Sec_WebSocket_Key="short"),
        upgrade_request(Sec_WebSocket_Key=None),
        upgrade_request(Sec_WebSocket_Version="8"),
    ],
)
def test_what_is_no_handshake_is_refused(request_bytes: bytes) -> None:
    """The handler is not called."""
    with holding(lambda ws: pytest.fail("was called")) as place:
        peer = place.dial(request_bytes)
        with peer.sock:
            assert peer.rest().startswith(b"HTTP/1.1 400 ")


def test_a_peer_that_leaves_before_the_answer(caplog: pytest.LogCaptureFixture) -> None:
    """There is nobody to call the handler for."""

    class Broken(socket.socket):
        def send(self, *_: Any) -> int:
            raise BrokenPipeError(32, "Broken pipe")

    with caplog.at_level(logging.DEBUG, "jambonz_sync"), Broken() as sock:
        assert hold_foreign(lambda ws: pytest.fail("was called"), upgrade_environ(), sock, b"") is None
    assert "left before the handshake was done: [Errno 32] Broken pipe" in caplog.text


# The end


def test_the_websocket_is_closed_when_the_handler_returns(encryption: Tls | None) -> None:
    """With 1000, after all that was sent, and the peer's reply is waited for."""

    def handler(ws: Any) -> None:
        ws.send("x" * 1_000_000)
        ws.send("goodbye")

    with holding(handler, encryption) as place:
        for _ in range(10):
            with place.connect() as client:
                assert client.recv(timeout=TIMEOUT) == "x" * 1_000_000
                assert client.recv(timeout=TIMEOUT) == "goodbye"
                assert closed_by_server(client) == 1000
            assert client.protocol.close_sent is not None


def test_the_peers_close_is_always_answered() -> None:
    """Its reply is out before the socket is closed: of 100 none is lost."""
    with holding(echo) as place:
        for code in range(4000, 4100):
            peer = place.dial()
            with peer.sock:
                peer.head()
                peer.send(close_frame(code))
                assert peer.frame().close_code == code
                assert peer.rest() == b""


def test_a_close_reply_that_takes_its_time_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The handler is woken before the reply is written; the socket is not closed before."""

    class Slow(BlockingSocket):
        def send(self, data: bytes) -> int:
            if data[0] & 0xF == CLOSE:
                threading.Event().wait(0.1)
            return super().send(data)

    monkeypatch.setattr(foreign, "BlockingSocket", Slow)
    with holding(echo) as place:
        peer = place.dial()
        with peer.sock:
            peer.head()
            peer.send(close_frame(4001))
            assert peer.frame().close_code == 4001
            assert peer.rest() == b""


def test_a_handler_that_raises_is_logged(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    """The code is 1011, the traceback in our log."""

    def handler(ws: Any) -> None:
        ws.receive()
        raise RuntimeError("the handler is broken")

    with holding(handler) as place, place.connect("/x%0Ay") as client:
        client.send("hello")
        assert closed_by_server(client) == 1011
    assert r"the handler of the websocket '/x\ny' failed" in caplog.text
    assert "RuntimeError: the handler is broken" in caplog.text
    assert capfd.readouterr().err == ""


def test_a_handler_that_exits(caplog: pytest.LogCaptureFixture) -> None:
    """It ends its websocket with 1011, and not the thread of the server that it runs on."""

    def handler(ws: Any) -> None:
        ws.receive()
        sys.exit("enough")

    ours, theirs = loopback_pair()
    with ours, theirs:
        peer = Peer(theirs)
        held = Background(lambda: hold_foreign(handler, upgrade_environ(), ours, b""))
        peer.head()
        peer.send_text("hello")
        assert peer.frame().close_code == 1011
        peer.close()
        assert held.result() is None
    assert "the handler of the websocket '/' failed" in caplog.text
    assert "SystemExit: enough" in caplog.text


def test_a_peer_that_leaves_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    """Neither while the handler receives nor while it sends, with a close or without."""

    def chatter(ws: Any) -> None:
        while True:
            ws.send("x" * 100_000)

    for handler in (echo, chatter):
        with holding(handler) as place:
            for goodbye in (close_frame(), b""):
                peer = place.dial()
                peer.head()
                peer.send(goodbye)
                peer.close()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_the_handler_may_close(encryption: Tls | None) -> None:
    """With a code and a reason of its own, twice without harm; after that it can neither send nor receive."""
    done = threading.Event()

    def handler(ws: Any) -> None:
        ws.close(4003, "enough")
        ws.close()
        for use in (ws.receive, lambda: ws.send("late")):
            with pytest.raises(simple_websocket.ConnectionClosed):
                use()
        done.set()

    with holding(handler, encryption) as place, place.connect() as client:
        assert closed_by_server(client) == 4003
        assert client.close_reason == "enough"
        assert done.wait(TIMEOUT)


def test_what_comes_after_our_close_does_not_open_it_again() -> None:
    """A message that crosses the close frame leaves the websocket closed."""
    closed, crossed, seen = threading.Event(), threading.Event(), threading.Event()

    def handler(ws: Any) -> None:
        ws.close(4003)
        closed.set()
        assert crossed.wait(TIMEOUT)
        ws.thread.join(TIMEOUT)
        assert not ws.connected
        seen.set()

    with holding(handler) as place:
        peer = place.dial()
        with peer.sock:
            peer.head()
            assert peer.frame().close_code == 4003
            assert closed.wait(TIMEOUT)
            peer.send(frame(TEXT, b"crossing"))
            crossed.set()
            assert seen.wait(TIMEOUT)
            peer.send(close_frame(4003))
            assert peer.rest() == b""


def test_a_close_on_another_thread_wakes_the_handler() -> None:
    """Whoever closes, ``receive()`` ends."""
    woken = threading.Event()

    def handler(ws: Any) -> None:
        closing = threading.Timer(0.05, ws.close, (4003,))
        closing.start()
        with pytest.raises(simple_websocket.ConnectionClosed):
            ws.receive()
        woken.set()
        closing.join(TIMEOUT)

    with holding(handler) as place:
        peer = place.dial()
        with peer.sock:
            peer.head()
            # No reply to the close, which would wake the handler too.
            assert peer.frame().close_code == 4003
            assert woken.wait(TIMEOUT)


def test_a_peer_that_does_not_answer_the_close_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while the connection is ended all the same, and nobody is left on it."""
    monkeypatch.setattr(foreign, "_FAREWELL", 0.05)
    with holding(lambda ws: None) as place:
        peer = place.dial()
        with peer.sock:
            peer.head()
            assert peer.frame().close_code == 1000
            assert peer.rest() == b""
            eventually(lambda: not [name for name in thread_names() if name.endswith(" websocket")])


def thread_names() -> list[str]:
    return [thread.name for thread in threading.enumerate()]


def test_its_reader_is_a_daemon_named_after_the_connection() -> None:
    """A handler that hangs does not keep the process from ending."""
    seen: queue.Queue[threading.Thread] = queue.Queue()
    with holding(lambda ws: seen.put(ws.thread)) as place, place.connect():
        reader = seen.get(timeout=TIMEOUT)
        assert reader.daemon
        assert reader.name.startswith("jambonz_sync 127.0.0.1:")
        assert reader.name.endswith(" websocket")


# Threads, sizes and silence


def test_threads_send_at_once(encryption: Tls | None) -> None:
    """Eight threads and pongs between: every message arrives, whole."""
    count, size = 100, 40_000

    def handler(ws: Any) -> None:
        def chatter(name: int) -> None:
            for number in range(count):
                ws.send(f"{name}:{number}:".ljust(size, "x"))

        threads = [Background(lambda name=name: chatter(name)) for name in range(8)]
        for thread in threads:
            thread.result()
        assert ws.receive(timeout=TIMEOUT) == "enough"

    with holding(handler, encryption) as place, place.connect() as client:
        received: dict[str, list[int]] = {}
        for number in range(8 * count):
            if number % 10 == 0:
                client.ping()
            message = client.recv(timeout=TIMEOUT)
            assert isinstance(message, str)
            assert len(message) == size
            sender, which, _ = message.split(":")
            received.setdefault(sender, []).append(int(which))
        client.send("enough")
        assert closed_by_server(client) == 1000
    assert sorted(received) == [str(name) for name in range(8)]
    assert all(numbers == list(range(count)) for numbers in received.values())


def test_nothing_is_sent_behind_the_close(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that was framed before the close frame is written before it, however slowly."""
    sending, closing = threading.Event(), threading.Event()

    class Slow(BlockingSocket):
        def send(self, data: bytes) -> int:
            if data.endswith(b"slow"):
                sending.set()
                # As long as the one who closes may need to get ahead.
                closing.wait(0.1)
            return super().send(data)

    monkeypatch.setattr(foreign, "BlockingSocket", Slow)

    def handler(ws: Any) -> None:
        talking = Background(lambda: ws.send("slow"))
        assert sending.wait(TIMEOUT)
        ws.close(4003)
        closing.set()
        talking.result()

    with holding(handler) as place:
        peer = place.dial()
        with peer.sock:
            peer.head()
            assert peer.text() == "slow"
            assert peer.frame().close_code == 4003


def test_a_reader_that_fails_ends_the_websocket(monkeypatch: pytest.MonkeyPatch) -> None:
    """The handler is woken, and nothing is waited for."""

    def fail(_: Any) -> None:
        raise LocalProtocolError("Ping cannot be sent now")

    monkeypatch.setattr(simple_websocket.Server, "_thread", fail)
    monkeypatch.setattr(foreign, "_FAREWELL", TIMEOUT * 10)
    woken = threading.Event()

    def handler(ws: Any) -> None:
        with pytest.raises(simple_websocket.ConnectionClosed):
            ws.receive()
        woken.set()

    with holding(handler) as place:
        peer = place.dial()
        with peer.sock:
            assert woken.wait(TIMEOUT)
            peer.head()
            assert peer.rest() == b""


def test_a_message_that_is_too_large() -> None:
    """The peer reads 1009; the handler is woken, each time."""
    ended: queue.Queue[bool] = queue.Queue()

    def handler(ws: Any) -> None:
        with pytest.raises(simple_websocket.ConnectionClosed):
            ws.receive(timeout=TIMEOUT)
        ended.put(True)

    with holding(handler, max_message_size=1000) as place:
        for _ in range(20):
            with place.connect() as client:
                client.send("x" * 1001)
                assert closed_by_server(client) == 1009
            assert ended.get(timeout=TIMEOUT)
        peer = place.dial()
        with peer.sock:
            peer.head()
            # No reset keeps it from sending all, and from reading why that was in vain.
            peer.send(frame(TEXT, b"x" * 5_000_000))
            peer.sock.shutdown(socket.SHUT_WR)
            assert peer.frame().close_code == 1009
            assert peer.rest() == b""


def test_a_message_of_the_largest_size_passes() -> None:
    """The bound is inclusive."""
    with holding(echo, max_message_size=1000) as place, place.connect() as client:
        client.send(b"x" * 1000)
        assert client.recv(timeout=TIMEOUT) == b"x" * 1000


def test_a_peer_that_does_not_read_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A send that gets nowhere ends the connection, and raises what a lost peer always does."""

    class Impatient(BlockingSocket):
        def __init__(self, sock: socket.socket, rest: bytes = b"") -> None:
            super().__init__(sock, rest, patience=0.1)

    monkeypatch.setattr(foreign, "BlockingSocket", Impatient)
    ended: queue.Queue[str] = queue.Queue()

    def handler(ws: Any) -> None:
        with pytest.raises(simple_websocket.ConnectionClosed) as closed:
            ws.send("x" * 20_000_000)
        ended.put(str(closed.value))

    with holding(handler) as place:
        peer = place.dial()
        with peer.sock:
            peer.head()
            assert "read nothing for 0.1 s" in ended.get(timeout=TIMEOUT)


def test_a_silent_peer_is_pinged(encryption: Tls | None) -> None:
    """One that does not answer is closed with 1008."""
    with holding(echo, encryption, ping_interval=0.05) as place:
        peer = place.dial()
        with peer.sock:
            peer.head()
            assert peer.frame().opcode == PING
            assert peer.frame().close_code == 1008


def test_a_silent_peer_that_answers_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is pinged again, and closed when it does not answer that."""
    ticks = threading.Semaphore(0)

    class Ticking(foreign._OneSocket):
        def select(self, timeout: float | None = None) -> bool:
            # The interval has passed when the test says so.
            while not (ticked := ticks.acquire(blocking=False)) and not super().select(0.01):
                pass
            return not ticked

    monkeypatch.setattr(foreign, "_OneSocket", Ticking)
    with holding(echo, ping_interval=TIMEOUT * 10) as place:
        peer = place.dial()
        with peer.sock:
            peer.head()
            for _ in range(3):
                ticks.release()
                ping = peer.frame()
                assert ping.opcode == PING
                peer.send(frame(PONG, ping.payload) + frame(TEXT, b"here"))
                assert peer.text() == "here"
            ticks.release()
            assert peer.frame().opcode == PING
            ticks.release()
            assert peer.frame().close_code == 1008


def test_a_burst_over_tls_is_read_at_once(tls: Tls) -> None:
    """Messages that share a record are not left for the next ping."""
    with holding(echo, tls, ping_interval=TIMEOUT * 10) as place:
        peer = place.dial()
        with peer.sock:
            peer.head()
            # Larger together than what simple-websocket reads at a time.
            peer.send(b"".join(frame(TEXT, b"%d" % number + b"x" * 1000) for number in range(12)))
            for number in range(12):
                assert peer.text().startswith(f"{number}x")


def test_a_fault_in_the_frames() -> None:
    """What is no frame closes with 1002."""
    with holding(echo) as place:
        peer = place.dial()
        with peer.sock:
            peer.head()
            peer.send(frame(TEXT, b"hello", mask=None))
            assert peer.frame().close_code == 1002
            assert peer.rest() == b""
