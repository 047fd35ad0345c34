"""Whoever knocks at the door with bad intent gets an HTTP error or a close, and no call notices.

While an attack goes on a call holds a conversation, and afterwards threads, descriptors and objects are what they were.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import gc
import itertools
import os
import pathlib
import resource
import socket
import ssl
import threading
import time

import pytest
import trustme

from jambonz_sync import CallEnded, Session
from jambonz_sync.conversation import Conversation
from jambonz_sync.protocol.call import Call
from jambonz_sync.transport import standalone
from jambonz_sync.transport.framing import Framing
from tests.hosting.residue import descriptors
from tests.scenarios.jambonz_side import JambonzSide, texts
from tests.transport.peers import TIMEOUT, Background, Peer, eventually, frames_of, upgrade_request

pytestmark = pytest.mark.skipif(not pathlib.Path("/proc/self/fd").exists(), reason="descriptors cannot be counted here")

#: Seconds an attacker has for a request's head, in place of 5.
PATIENCE = 0.5

AUTH = ("jambonz", "s3cret")


@pytest.fixture(autouse=True, scope="module")
def nothing_of_earlier_tests():
    """What there is before is not looked through each time that it is counted what is held."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """A listener that does not wait for long."""
    monkeypatch.setattr(standalone, "Listener", functools.partial(standalone.Listener, handshake_timeout=PATIENCE))


def serve_menu(app):
    """Answer calls with a menu without end."""

    @app.answer
    def answer(session):
        session.gather(action_hook="/menu").send()
        while True:
            evt = session.wait_for("/menu")
            session.say(evt.digits).gather(action_hook="/menu").reply()


def held():
    """What is held of connections and calls: threads, descriptors, objects."""
    gc.collect()
    kinds = (Framing, Conversation, Call, Session)
    objects = sum(issubclass(type(one), kinds) for one in gc.get_objects())
    return threading.active_count(), len(descriptors(os.getpid())), objects


@contextlib.contextmanager
def unharmed(app):
    """While the block runs a call holds a conversation, each turn of it within the time that jambonz waits.

    Afterwards nothing is left of what the block did.
    """
    serve_menu(app)
    with app.call() as good:
        good.expect_ack()
        good.timeout = 5.0
        turns = itertools.count(1)
        done, stop = [], threading.Event()

        def talk():
            while not stop.is_set():
                digits = str(next(turns))
                good.hook("/menu", digits=digits)
                assert texts(good.expect_ack()) == [digits]
                good.received.clear()
                done.append(digits)
                # People take a moment to think.
                stop.wait(0.005)

        before = held()
        talking = Background(talk)
        try:
            eventually(lambda: done or not talking.is_alive())
            yield
            so_far = len(done)
            eventually(lambda: len(done) > so_far + 2 or not talking.is_alive())
        finally:
            stop.set()
            talking.result()
        nothing_more_is_held(before)


def nothing_more_is_held(before):
    """All that was held for an attack has been let go."""
    # After some attacks thousands of threads have to end, and of nothing here it matters how fast.
    deadline = time.monotonic() + 60
    while (now := held()) != before:
        assert time.monotonic() < deadline, f"threads, descriptors, objects: {before} before, {now} now"
        time.sleep(0.01)


def strike(app, data, *, wrap=None):
    """Connect, send this, and read to the end, which must come from the other side."""
    with socket.create_connection(("127.0.0.1", port_of(app)), timeout=TIMEOUT) as sock:
        peer = Peer(wrap(sock) if wrap is not None else sock)
        # The end may come before all is sent, or read.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError), peer.sock:
            peer.send(data)
            return peer.rest()
    return b""


def port_of(app):
    """Where an application listens."""
    return int(app.endpoint.url.rpartition(":")[2])


def authorization(user, password):
    """An ``Authorization`` header."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def handshake(path="/secret", **changes):
    """A request that would be let in, but for its changes."""
    return upgrade_request(path, **{"Authorization": authorization(*AUTH), **changes})


def with_header(line, **changes):
    """The same with one more header line, as it is."""
    return handshake(**changes).replace(b"\r\n\r\n", b"\r\n" + line + b"\r\n\r\n")


#: What is sent, and the status of the answer.
REFUSED = {
    "megabyte header": (with_header(b"X: " + b"x" * 1_000_000), 431),
    "megabyte target": (b"GET /" + b"a" * 1_000_000, 431),
    "no upgrade": (handshake(Upgrade=None), 426),
    "other upgrade": (handshake(Upgrade="h2c"), 426),
    "two upgrades": (handshake(Upgrade="websocket, h2c"), 426),
    "no connection": (handshake(Connection=None), 400),
    "other connection": (handshake(Connection="keep-alive"), 400),
    "short key": (handshake(Sec_WebSocket_Key="c2hvcnQ="), 400),
    "other version": (handshake(Sec_WebSocket_Version="12"), 426),
    "negative version": (handshake(Sec_WebSocket_Version="-13"), 426),
    "other subprotocol": (handshake(Sec_WebSocket_Protocol="mqtt"), 400),
    "unknown path": (handshake("/secrets"), 404),
    "path with dots": (handshake("/../secret"), 404),
    "control characters": (handshake("/secret/%0d%0aforged%20line"), 400),
    "no password": (handshake(Authorization=None), 401),
    "wrong password": (handshake(Authorization=authorization("jambonz", "guess")), 401),
    "wrong user": (handshake(Authorization=authorization("guess", "s3cret")), 401),
    "half a scheme": (handshake(Authorization="Basic"), 401),
    "HTTP 1.0": (handshake().replace(b"HTTP/1.1", b"HTTP/1.0"), 426),
    "HTTP 2.0": (handshake().replace(b"HTTP/1.1", b"HTTP/2.0"), 426),
    "HTTP 0.9": (handshake().replace(b" HTTP/1.1", b""), 400),
    "no host": (handshake(Host=None), 400),
    "two hosts": (with_header(b"Host: elsewhere"), 400),
    "upgrade twice": (with_header(b"Upgrade: websocket"), 426),
    "key twice": (with_header(b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="), 400),
    "version twice": (with_header(b"Sec-WebSocket-Version: 13"), 426),
    "password twice": (with_header(f"Authorization: {authorization(*AUTH)}".encode()), 401),
    "key with underscore": (with_header(b"Sec_WebSocket_Key: dGhlIHNhbXBsZSBub25jZQ==", Sec_WebSocket_Key=None), 400),
    "password with underscore": (
        with_header(f"Authorization_: {authorization(*AUTH)}".encode(), Authorization=None),
        401,
    ),
    "space before the colon": (with_header(b"Upgrade : websocket"), 400),
    "zero byte": (with_header(b"X: \x00"), 400),
    "body": (with_header(b"Content-Length: 5") + b"hello", 400),
    "two lengths": (with_header(b"Content-Length: 5\r\nContent-Length: 6") + b"hello", 400),
    "chunked body": (with_header(b"Transfer-Encoding: chunked") + b"5\r\nhello\r\n0\r\n\r\n", 400),
    "length and chunks": (
        with_header(b"Transfer-Encoding: chunked\r\nContent-Length: 5") + b"5\r\nhello\r\n0\r\n\r\n",
        400,
    ),
    "other coding": (with_header(b"Transfer-Encoding: gzip, chunked"), 501),
    "zeros": (b"\x00" * 100, 400),
    "line breaks": (b"\r\n" * 50_000, 400),
}


class TestRequests:
    """One request each, many at a time: an HTTP error, and the end of the connection."""

    @pytest.mark.parametrize(("sent", "status"), REFUSED.values(), ids=REFUSED)
    def test_refused(self, app, log, sent, status):
        """Twenty of them at once are refused, each with the status, before any code of the application runs."""
        log.allow("but the websocket handshake lost its Upgrade header")
        app.endpoint.make_service("/secret", auth=AUTH).on("session:new", app.told.put)
        with unharmed(app):
            striking = [Background(lambda: strike(app, sent)) for _ in range(20)]
            answers = [one.result() for one in striking]
        assert {answer.partition(b" ")[2][:3] for answer in answers} == {str(status).encode()}
        assert app.told.empty()

    def test_let_in(self, app):
        """But for its changes, such a request would open a websocket."""
        app.endpoint.make_service("/secret", auth=AUTH)
        with socket.create_connection(("127.0.0.1", port_of(app)), timeout=TIMEOUT) as sock:
            peer = Peer(sock)
            peer.send(handshake())
            assert peer.head().startswith("HTTP/1.1 101 ")

    def test_a_head_without_end(self, app):
        """Whoever sends header lines for ever is refused when there are too many, and cut off when it goes on."""

        def send_for_ever(sock):
            sent = 0
            with contextlib.suppress(ConnectionError):
                while True:
                    sent += sock.send(b"X: " + b"x" * 1000 + b"\r\n")
            return sent

        with unharmed(app), contextlib.ExitStack() as stack:
            sending = []
            for _ in range(10):
                sock = stack.enter_context(socket.create_connection(("127.0.0.1", port_of(app)), timeout=TIMEOUT))
                sock.sendall(b"GET /app HTTP/1.1\r\n")
                sending.append(Background(lambda sock=sock: send_for_ever(sock)))
            assert all(one.result() > 16_000 for one in sending)

    @pytest.mark.parametrize(
        "garbage", [b"\xff" * 1000, b"GET /app HTTP/1.1\r\n\r\n", b"\x00" * 50, b"\x81\x05hello"], ids=range(4)
    )
    def test_garbage_behind_the_handshake(self, app, log, garbage):
        """The websocket is opened, and closed because of it: 1002."""
        with unharmed(app):
            striking = [Background(lambda: strike(app, handshake("/app") + garbage)) for _ in range(20)]
            answers = [one.result() for one in striking]
        for answer in answers:
            head, _, frames = answer.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 101 ")
            assert [frame.close_code for frame in frames_of(frames)] == [1002]


class TestPatience:
    """Connections that dawdle."""

    def test_slow_heads(self, app):
        """Three hundred of whom each sends a byte now and then are cut off, without an answer."""
        with unharmed(app), contextlib.ExitStack() as stack:
            socks = []
            for _ in range(300):
                socks.append(
                    stack.enter_context(socket.create_connection(("127.0.0.1", port_of(app)), timeout=TIMEOUT))
                )
            left = dict.fromkeys(socks, b"")
            sent = itertools.cycle(handshake("/app", X="x" * 10_000))
            deadline = time.monotonic() + TIMEOUT
            while left:
                assert time.monotonic() < deadline, f"{len(left)} are still there"
                byte = bytes([next(sent)])
                for sock in [*left]:
                    try:
                        sock.send(byte, socket.MSG_DONTWAIT)
                        if sock.recv(1, socket.MSG_DONTWAIT) == b"":
                            del left[sock]
                    except BlockingIOError:
                        continue
                    except ConnectionError:
                        del left[sock]
                time.sleep(0.005)

    def test_three_thousand_idle_connections(self, make_app, log, monkeypatch):
        """Half of them never send a byte, half open a websocket and say nothing: calls come and go all the same.

        No more than 500 and 1,000 of them are borne, the others give way.
        """
        room_for_descriptors(7_000)
        monkeypatch.undo()
        log.allow("too many connections")
        log.allow("declined")
        app = make_app(max_calls=10)
        serve_menu(app)
        calls = app.endpoint._reception.calls
        address = ("127.0.0.1", port_of(app))
        before = held()
        stop = threading.Event()
        done = []

        def come_and_go():
            while not stop.is_set():
                with JambonzSide(app.endpoint.url + "/app", timeout=30.0) as jambonz:
                    jambonz.session_new()
                    jambonz.expect_ack()
                    for digits in "123":
                        jambonz.hook("/menu", digits=digits)
                        assert texts(jambonz.expect_ack()) == [digits]
                done.append(jambonz.call_sid)

        coming = [Background(come_and_go) for _ in range(3)]
        try:
            with contextlib.ExitStack() as stack:
                for number in range(3_000):
                    sock = stack.enter_context(socket.create_connection(address, timeout=TIMEOUT))
                    if number % 2:
                        sock.sendall(handshake("/app"))
                so_far = len(done)
                eventually(lambda: len(done) > so_far + 10 or not all(one.is_alive() for one in coming))
                assert len(calls._doors) <= 1_000
                assert threading.active_count() <= 1_600
                stop.set()
                for one in coming:
                    one.result()
        finally:
            stop.set()
        # What the handlers have raised names their calls.
        assert all(isinstance(app.outcome(), CallEnded) for _ in done)
        nothing_more_is_held(before)


def room_for_descriptors(count):
    """Allow this process so many, or skip the test."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        if hard != resource.RLIM_INFINITY and hard < count:
            pytest.skip(f"a process may have {hard} descriptors here")
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


def client_hello():
    """What a TLS client says first."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    outgoing = ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="127.0.0.1").do_handshake()
    return outgoing.read()


class TestTls:
    """A server that encrypts, and peers that do not, or not as they should."""

    @pytest.fixture
    def app(self, make_app, log, monkeypatch, tmp_path):
        """An application that encrypts, and that calls of this process trust."""
        authority = trustme.CA()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # See Tls in tests.transport.peers.
        context.num_tickets = 0
        authority.issue_cert("127.0.0.1").configure_cert(context)
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        log.allow("TLS handshake failed")
        return make_app(ssl_context=context)

    @pytest.mark.parametrize(
        "sent",
        [
            b"",
            handshake("/app"),
            client_hello(),
            client_hello()[:100],
            client_hello() + b"\xff" * 1000,
            b"\x16\x03\x01\xff\xff" + b"\x00" * 70_000,
            b"\x15\x03\x03\x00\x02\x02\x28",
            b"\x80\x2e\x01\x00\x02",
        ],
        ids=["nothing", "plain", "no answer", "half", "garbage", "long record", "alert", "SSL 2"],
    )
    def test_no_handshake(self, app, sent):
        """The connection ends, at the latest when time is up, and not a word is said in clear text."""
        with unharmed(app):
            striking = [Background(lambda: strike(app, sent)) for _ in range(20)]
            answers = [one.result() for one in striking]
        assert not any(b"HTTP" in answer for answer in answers)

    @pytest.mark.parametrize(
        ("sent", "status"),
        [(b"\xff\r\n\r\n", b"400"), (b"GET /app HTTP/1.1\r\nX: " + b"x" * 50_000, b"431")],
        ids=["400", "431"],
    )
    def test_inside_of_it(self, app, sent, status):
        """Behind a good handshake all is as it is in clear text."""
        context = ssl.create_default_context()
        wrap = functools.partial(context.wrap_socket, server_hostname="127.0.0.1", suppress_ragged_eofs=True)
        with unharmed(app):
            striking = [Background(lambda: strike(app, sent, wrap=wrap)) for _ in range(20)]
            answers = [one.result() for one in striking]
        assert {answer.partition(b" ")[2][:3] for answer in answers} == {status}


@pytest.mark.parametrize("sent", [client_hello(), client_hello()[:100]], ids=["whole", "half"])
def test_tls_where_none_is_spoken(app, sent):
    """A TLS client gets an answer in clear text, or none, and the end."""
    with unharmed(app):
        striking = [Background(lambda: strike(app, sent)) for _ in range(20)]
        answers = [one.result() for one in striking]
    assert {answer[:12] for answer in answers} <= {b"HTTP/1.1 400", b""}
