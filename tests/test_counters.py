"""What an endpoint counts: the numbers themselves, and real calls."""

from __future__ import annotations

import http.client
import threading

import pytest

from jambonz_sync import create_endpoint
from jambonz_sync.counters import Tally
from jambonz_sync.how_ended import WORDS
from jambonz_sync.protocol.call import Call
from tests.scenarios.jambonz_side import GOODBYE
from tests.transport.peers import TIMEOUT, Background, eventually


def ended(app, **expected):
    """The calls that are over are these, by how they ended, once they have been counted."""
    eventually(lambda: app.endpoint.counters.live == 0)
    assert {word: number for word, number in app.endpoint.counters.ended.items() if number} == expected


# The numbers


def test_nothing_yet():
    """Every word is there from the start, so that a chart of it begins at 0."""
    counters = Tally().now
    assert (counters.started, counters.live, counters.reconnects, counters.late_acks) == (0, 0, 0, 0)
    assert counters.ended == dict.fromkeys(WORDS, 0)
    assert counters.refused == {}


def test_a_call_that_goes_on():
    """Its late acks count while it is up, and not twice when it has ended."""
    tally, call = Tally(), Call()
    tally.began(call)
    call.late_acks = 2
    assert (tally.now.started, tally.now.live, tally.now.late_acks) == (1, 1, 2)
    tally.ended(call, "lost")
    assert (tally.now.started, tally.now.live, tally.now.late_acks) == (1, 0, 2)
    assert tally.now.ended["lost"] == 1


def test_what_was_given_does_not_change():
    """The numbers are those of one moment."""
    tally = Tally()
    before = tally.now
    tally.refused(404)
    assert before.refused == {}
    assert tally.now.refused == {404: 1}
    with pytest.raises(TypeError):
        before.refused[404] = 1


def test_many_threads():
    """Nothing is lost, the sum is right at every moment, and no number ever goes back."""
    tally, stop = Tally(), threading.Event()

    def count():
        for _ in range(500):
            call = Call()
            tally.began(call)
            call.late_acks += 1
            tally.came_back()
            tally.refused(404)
            tally.ended(call, "caller")

    def look():
        before = tally.now
        while not stop.is_set():
            after = tally.now
            assert after.started == after.live + sum(after.ended.values())
            assert after.started >= before.started
            assert after.late_acks >= before.late_acks
            before = after

    looking = Background(look)
    for counting in [Background(count) for _ in range(4)]:
        counting.result()
    stop.set()
    looking.result()
    now = tally.now
    assert (now.started, now.ended["caller"], now.live) == (2000, 2000, 0)
    assert (now.reconnects, now.late_acks, now.refused) == (2000, 2000, {404: 2000})


# Calls


def test_while_it_is_up(app):
    """A call counts from the moment its session begins."""

    @app.answer
    def answer(session):
        session.say("Hello.").send()
        session.wait_for("call:status")

    assert app.endpoint.counters.started == 0
    jambonz = app.call()
    jambonz.expect_ack()
    assert (app.endpoint.counters.started, app.endpoint.counters.live) == (1, 1)
    jambonz.hang_up()
    app.outcome()
    ended(app, caller=1)
    assert app.endpoint.counters.started == 1


def test_the_application_hangs_up(app):
    """jambonz says who has."""

    @app.answer
    def answer(session):
        session.say("Goodbye.").send()

    jambonz = app.call()
    jambonz.expect_ack()
    jambonz.live()
    jambonz.expect_goodbye()
    jambonz.status("completed", call_termination_by="jambonz")
    jambonz.close()
    app.outcome()
    ended(app, application=1)


def test_the_handler_raises(app):
    """It is known where to look: in the log."""

    @app.answer
    def answer(session):
        raise LookupError("no such customer")

    jambonz = app.call()
    assert jambonz.expect_ack() == GOODBYE
    jambonz.hang_up()
    app.outcome()
    app.log.expect("raised an exception", level=40)
    ended(app, error=1)


def test_the_handler_of_a_hook_raises(app):
    """One registered with ``on`` counts as well."""

    @app.answer
    def answer(session):
        @session.on("call:status")
        def status(evt):
            raise LookupError("no such customer")

        session.say("Hello.").send()
        session.wait_for("/never")

    app.log.allow("/never")
    jambonz = app.call()
    jambonz.expect_ack()
    jambonz.hang_up()
    app.outcome()
    app.log.expect("raised an exception", level=40)
    ended(app, error=1)


def test_rejected(app):
    """The first verbs were refused."""

    @app.answer
    def answer(session):
        session.say("Hello.").run()

    jambonz = app.call()
    jambonz.expect_ack()
    jambonz.close(1001)
    app.outcome()
    app.log.expect("rejected", level=40)
    ended(app, rejected=1)


def test_declined(make_app):
    """A call over ``max_calls`` has begun, and was declined."""
    app = make_app(max_calls=1)

    @app.answer
    def answer(session):
        session.say("Hello.").send()
        session.wait_for("call:status")

    first, second = app.call(), None
    first.expect_ack()
    second = app.call()
    second.expect_ack()
    app.log.expect("declined on /app")
    second.hang_up()
    eventually(lambda: app.endpoint.counters.ended["declined"] == 1)
    assert (app.endpoint.counters.started, app.endpoint.counters.live) == (2, 1)
    first.hang_up()
    app.outcome()
    ended(app, caller=1, declined=1)


def test_lost_and_back(make_app):
    """A connection that comes back is a reconnect; one that does not is a call that was lost."""
    app = make_app(reconnect_timeout=0.2)

    @app.answer
    def answer(session):
        session.say("Hello.").send()
        session.wait_for("/never")

    app.log.allow("/never")
    jambonz = app.call()
    jambonz.expect_ack()
    jambonz.live()
    jambonz.all_read()
    again = app.connect(call_sid=jambonz.call_sid)
    again.session_new(kind="session:reconnect")
    again.expect_ack()
    eventually(lambda: app.endpoint.counters.reconnects == 1)
    again.drop()
    app.outcome()
    ended(app, lost=1)
    assert (app.endpoint.counters.started, app.endpoint.counters.reconnects) == (1, 1)


def test_handed_over_and_closed(app):
    """1001 from here hands the call over; any other code only closes."""

    @app.answer
    def answer(session):
        session.say("Hello.").send()
        session.close(1000 if session.path == "/app/close" else 1001)

    for path, code in (("/app/close", 1000), ("/app", 1001)):
        jambonz = app.call(path)
        jambonz.expect_ack()
        jambonz.expect_close(code)
        app.outcome()
    ended(app, closed=1, handed_over=1)


def test_late_acks(quick_app):
    """A handler that is busy while jambonz waits is counted at that moment."""
    app, go_on = quick_app, threading.Event()

    @app.answer
    def answer(session):
        assert go_on.wait(TIMEOUT)

    jambonz = app.call()
    jambonz.expect_ack()
    assert app.endpoint.counters.late_acks == 1
    go_on.set()
    jambonz.live()
    jambonz.expect_goodbye()
    jambonz.hang_up()
    app.outcome()
    app.log.expect("not answered within")
    ended(app, caller=1)
    assert app.endpoint.counters.late_acks == 1


# Requests


def test_refused():
    """Whatever is answered with an error counts by its status; what is answered well does not."""
    endpoint = create_endpoint(host="127.0.0.1", port=0)
    endpoint.make_service("/app")
    with endpoint:
        for method, path in (("GET", "/nowhere"), ("GET", "/no/where"), ("GET", "/app"), ("GET", "/health")):
            connection = http.client.HTTPConnection(endpoint.url.removeprefix("ws://"), timeout=TIMEOUT)
            connection.request(method, path)
            connection.getresponse().read()
            connection.close()
    assert endpoint.counters.refused == {404: 2, 426: 1}


def test_refused_inside_another_server():
    """A server that cannot hold websockets counts as 501."""
    endpoint = create_endpoint()
    endpoint.make_service("/app")
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/app",
        "SERVER_SOFTWARE": "small/1.0",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_UPGRADE": "websocket",
        "HTTP_CONNECTION": "Upgrade",
        "HTTP_SEC_WEBSOCKET_KEY": "dGhlIHNhbXBsZSBub25jZQ==",
        "HTTP_SEC_WEBSOCKET_VERSION": "13",
        "HTTP_SEC_WEBSOCKET_PROTOCOL": "ws.jambonz.org",
    }
    statuses = []
    b"".join(endpoint(environ, lambda status, headers: statuses.append(status)))
    assert statuses == ["501 Not Implemented"]
    assert endpoint.counters.refused == {501: 1}
