"""The same conversations under every server that the library is said to work under."""

from __future__ import annotations

import contextlib
import itertools
import json

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.clients.node_ws import run_calls
from tests.hosting.kinds import KINDS
from tests.hosting.light_calls import closed_by_the_application, echo_call
from tests.hosting.servers import HANDSHAKE, start
from tests.hosting.tls_client import one_call_at_a_time
from tests.scenarios.jambonz_side import NEUTRAL, JambonzSide, texts
from tests.scenarios.light_client import drive
from tests.transport.peers import Background

TURNS = ("good morning", "the kettle is on")


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """Starts the server of a name, once, and begins a busy call to it; returns both.

    In the end the log of each must hold nothing that no test has expected.
    """
    servers = {}
    with contextlib.ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        one_call_at_a_time(patch)

        def start_once(name):
            if name not in servers:
                folder = tmp_path_factory.mktemp("server")
                server = stack.enter_context(start(KINDS[name], folder))
                if server.trust is not None:
                    # What the clients of both languages look for.
                    patch.setenv("SSL_CERT_FILE", str(server.trust))
                    patch.setenv("NODE_EXTRA_CA_CERTS", str(server.trust))
                busy = Background(lambda: hold_a_busy_conversation(server, folder / "go on"))
                stack.callback(busy.join)
                servers[name] = server, busy
            return servers[name]

        yield start_once


@pytest.fixture(params=KINDS, ids=lambda name: name.replace(" ", "-"))
def both(request, started):
    """A server of each kind, and the busy call to it."""
    return started(request.param)


@pytest.fixture
def server(both):
    """A server of each kind."""
    return both[0]


@pytest.fixture
def busy(both):
    """A call whose handler is away for longer than a hook may wait; it takes seconds, beside all that others do."""
    return both[1]


def hold_a_busy_conversation(server, file):
    """The hook is answered in the handler's place; what the handler says in the end follows."""
    with JambonzSide(f"{server.url}/busy") as jambonz:
        jambonz.session_new()
        jambonz.expect_ack()
        jambonz.live()
        jambonz.speech("/file", str(file))
        assert jambonz.expect_ack() == NEUTRAL
        server.program.expect(" WARNING ", "/file was not answered within 4 s", "phone.py")
        file.touch()
        assert texts(jambonz.expect_redirect()) == ["Done."]
        jambonz.expect_goodbye()


@pytest.fixture
def begin(server):
    """Begins a call; returns it, and what the caller hears first."""
    with contextlib.ExitStack() as stack:

        def begin(path="/app"):
            jambonz = JambonzSide(server.url + path)
            # Or a server that is to end would wait for the call of a test that has failed.
            stack.callback(jambonz.drop)
            jambonz.session_new()
            return jambonz, jambonz.expect_ack()

        yield begin


def test_conversation(begin):
    """What the caller says comes back, turn by turn, until the application says goodbye and hangs up."""
    jambonz, verbs = begin()
    assert verbs[0]["say"] == {"text": "Say anything."}
    jambonz.status("in-progress")
    for words in TURNS:
        jambonz.speech("/echo", words)
        assert texts(jambonz.expect_ack()) == [f"I heard {words}"]
    jambonz.hook("/echo", reason="timeout")
    assert texts(jambonz.expect_ack()) == ["Goodbye."]
    jambonz.expect_goodbye()
    jambonz.hang_up()


def test_two_questions(begin):
    """A caller who interrupts is answered, and so is the question that was open before, each hook once."""
    jambonz, _ = begin("/interrupted")
    jambonz.speech("/heard", "wait")
    assert texts(jambonz.expect_ack()) == ["/heard wait"]
    jambonz.hook("/typed", digits="12")
    assert texts(jambonz.expect_ack()) == ["/typed 12"]
    jambonz.hang_up()


def test_caller_hangs_up(server, begin):
    """The handler of a caller who hangs up ends, and the close is answered."""
    jambonz, _ = begin()
    jambonz.hang_up()
    server.program.expect(" INFO ", jambonz.call_sid, "ended after")


def test_application_closes(begin):
    """An application that closes the connection does so with 1000."""
    jambonz, verbs = begin("/close")
    assert texts(verbs) == ["Never mind."]
    assert jambonz.expect_close(1000) == ""


def test_long_message(begin):
    """A message of 100 kB to the application arrives."""
    jambonz, _ = begin("/count")
    for length in (100_000, 5):
        jambonz.speech("/words", "x" * length)
        assert texts(jambonz.expect_ack()) == [f"{length} characters"]
    jambonz.hang_up()


def test_clean_closes(server):
    """Of a hundred closes, by either side, none is seen as a broken connection."""
    said_goodbye = (echo_call(server, f"theirs-{number}", ()) for number in range(50))
    were_closed = (closed_by_the_application(server, f"ours-{number}") for number in range(50))
    drive(itertools.chain.from_iterable(zip(said_goodbye, were_closed, strict=True)), at_once=10)


@pytest.mark.parametrize("way", ["reset", "end", 1012])
def test_lost_connection(server, begin, way):
    """A connection that is lost, in whatever way, is not a lost call: jambonz comes back, and the caller goes on."""
    jambonz, _ = begin()
    # What only a call that is built says: the first verbs have arrived.
    jambonz.verb_status("starting")
    jambonz.all_read()
    jambonz.lose(way)
    server.program.expect(" WARNING ", jambonz.call_sid, "connection lost")
    assert not jambonz.come_back()
    jambonz.speech("/echo", "still here")
    assert texts(jambonz.expect_ack()) == ["I heard still here"]
    jambonz.hang_up()


def test_other_client(server):
    """A crowd of npm ``ws``, which jambonz itself uses, is served."""
    reports = run_calls(f"{server.url}/app", 20, TURNS, handshake_timeout=30, timeout=60)
    assert [report.reason for report in reports if not report.ok] == []
    assert {report.close_code for report in reports} == {1000}


def test_handler_is_busy(busy):
    """A hook whose handler is away for longer than jambonz waits is answered in time, and by the handler in the end."""
    busy.result()


# What is no call


def test_other_websocket(server):
    """A websocket that is no call is handed to its function, and closed cleanly; long messages pass both ways."""
    with connect(f"{server.url}/mirror", proxy=None) as websocket:
        for message in ("hello", "x" * 100_000, b"bytes"):
            websocket.send(message)
            assert websocket.recv(10) == message
    assert websocket.close_code == 1000


def test_health(server):
    """The endpoint answers health checks, except in Flask, whose pages are Flask's."""
    answer = server.asks("/health")
    if server.kind.flask:
        assert answer.status == 404
    else:
        assert answer.status == 200
        assert json.loads(answer.body)["status"] == "ok"
        assert server.asks("/health", "HEAD")[::2] == (200, "")


def test_variables(server):
    """OPTIONS asks for the application's variables, of which there are none here."""
    answer = server.asks("/app", "OPTIONS")
    assert answer.status == 204
    assert answer.headers["allow"] == "GET, OPTIONS"


def test_unknown_path(server):
    """What is not there is not found, be it a page or a websocket."""
    assert server.asks("/nothing").status == 404
    with pytest.raises(InvalidStatus) as caught:
        JambonzSide(f"{server.url}/nothing")
    assert caught.value.response.status_code == 404


def test_plain_request(server):
    """The address of a service is for websockets, and says so."""
    assert server.asks("/app").status == 426


def test_websocket_version(server):
    """A websocket of another version is told which one is spoken."""
    answer = server.asks("/app", **HANDSHAKE | {"Sec_WebSocket_Version": "8"})
    assert answer.status == 426
    assert answer.headers["sec-websocket-version"] == "13"


def test_credentials(server):
    """A service that wants credentials opens no websocket without them."""
    with pytest.raises(InvalidStatus) as caught:
        JambonzSide(f"{server.url}/private")
    assert caught.value.response.status_code == 401
    assert caught.value.response.headers["WWW-Authenticate"].startswith("Basic ")
    jambonz = JambonzSide(f"{server.url.replace('://', '://jambonz:secret@')}/private")
    jambonz.session_new()
    jambonz.expect_ack()
    jambonz.expect_close(1000)


def test_other_pages(server):
    """What is not the endpoint's is left to the application that it is a part of, if there is one."""
    answer = server.asks("/page")
    assert (answer.status, answer.body) == (200, "a page") if server.kind.flask else answer.status == 404
