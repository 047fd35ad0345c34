"""Whose a connection is, and a call from one connection to the next: what the application notices of it, and what is
left over in the end."""

from __future__ import annotations

import logging
import os
import threading

import pytest

import jambonz_sync.live_calls
import jambonz_sync.reception
from jambonz_sync import CallEnded, CallNotActive
from jambonz_sync.simulator import Answers, HangsUp, SimulatedCall
from tests.scenarios.application import Application
from tests.scenarios.jambonz_side import GOODBYE, texts
from tests.transport.peers import TIMEOUT, Background, eventually


def descriptors() -> int:
    """How many this process has open."""
    return len(os.listdir("/proc/self/fd"))


def nothing_is_held(app: Application) -> None:
    """No call, no name, no connection is left in the endpoint's books."""
    calls = app.endpoint._reception.calls
    eventually(lambda: not (calls._conversations or calls._by_name or calls._doors or calls._sessions))


def comes_back(app, before, path="/app"):
    """jambonz connects again for the call that ``before`` was for; its first message is acked."""
    jambonz = app.connect(path, call_sid=before.call_sid)
    jambonz.session_new(kind="session:reconnect")
    jambonz.expect_ack()
    return jambonz


def is_taken_up(app, call_sid):
    """jambonz comes back for an unknown call: the function for those tells its sid, and returns."""
    jambonz = app.connect(call_sid=call_sid)
    jambonz.session_new(kind="session:reconnect")
    jambonz.expect_ack()
    assert app.hears() == call_sid
    jambonz.live()
    jambonz.expect_goodbye()
    jambonz.hang_up()


def drops(app, jambonz):
    """The connection breaks, and that is noticed."""
    jambonz.drop()
    app.log.expect("connection lost")


@pytest.fixture
def menu(app):
    """An application that asks for a key and repeats it."""

    @app.answer
    def answer(session):
        session.gather(action_hook="/menu").send()
        app.told.put(session)
        evt = session.wait_for("/menu")
        session.say(evt.digits).reply()

    return app


def rings(app):
    """A call that has begun, and is at its gather."""
    jambonz = app.call()
    jambonz.expect_ack()
    jambonz.live()
    jambonz.all_read()
    return jambonz


class TestComingBack:
    def test_the_handler_waits(self, menu):
        """The hook comes over the second connection; the handler notices nothing."""
        before = rings(menu)
        drops(menu, before)
        jambonz = comes_back(menu, before)
        jambonz.hook("/menu", digits="7")
        assert texts(jambonz.expect_ack()) == ["7"]
        jambonz.expect_goodbye()
        jambonz.hang_up()
        assert menu.outcome() is None
        nothing_is_held(menu)

    def test_before_the_loss_was_noticed(self, menu):
        """The first connection seems to be up: it is closed, and the call goes on over the second."""
        before = rings(menu)
        jambonz = comes_back(menu, before)
        before.socket.recv_events_thread.join(TIMEOUT)
        assert not before.socket.recv_events_thread.is_alive()
        jambonz.hook("/menu", digits="7")
        assert texts(jambonz.expect_ack()) == ["7"]
        jambonz.expect_goodbye()
        jambonz.hang_up()
        assert menu.outcome() is None
        menu.log.expect("connection lost")
        nothing_is_held(menu)

    def test_before_the_first_connection_was_read(self, app, monkeypatch):
        """A busy process has not read yet what the first connection brings: it is one call all the same."""
        monkeypatch.setattr(jambonz_sync.reception, "_LET_SPEAK", 100 * TIMEOUT)
        go_on, calls = threading.Event(), app.endpoint._reception.calls

        @app.answer
        def answer(session):
            assert go_on.wait(TIMEOUT)
            session.say("Hello.").hangup().send()

        before = app.connect()
        eventually(lambda: calls._doors)
        jambonz = app.connect(call_sid=before.call_sid)
        msgid = jambonz.session_new(kind="session:reconnect")
        eventually(lambda: calls._listeners)
        before.session_new()
        before.socket.recv_events_thread.join(TIMEOUT)
        assert not before.socket.recv_events_thread.is_alive()
        go_on.set()
        assert texts(jambonz.expect_ack(msgid)) == ["Hello."]
        jambonz.hang_up()
        assert app.outcome() is None
        app.log.expect("connection lost")
        app.log.expect("dropped before jambonz had the first verbs")
        nothing_is_held(app)

    def test_as_the_first_connection_is_read(self, app, monkeypatch):
        """It becomes a call right behind the look whether there is one: the second look finds it."""
        calls, found = app.endpoint._reception.calls, []
        app.answer(lambda session: session.say("Hello.").send() and session.sleep(TIMEOUT))
        find = calls.find

        def find_too_early(name, service):
            if found:
                return find(name, service)
            found.append(None)
            before.session_new()
            before.expect_ack()
            return None

        before = app.connect()
        monkeypatch.setattr(calls, "find", find_too_early)
        jambonz = comes_back(app, before)
        before.socket.recv_events_thread.join(TIMEOUT)
        assert app.endpoint.sessions[before.call_sid].active
        jambonz.hang_up()
        app.outcome()
        app.log.expect("connection lost")
        nothing_is_held(app)

    def test_other_processes_have_taken_long(self, app, monkeypatch):
        """Then there is no time to let others speak: the call is taken for unknown."""
        monkeypatch.setattr(jambonz_sync.reception, "_LET_SPEAK", 100 * TIMEOUT)
        monkeypatch.setattr(jambonz_sync.reception, "_ASKED_LONG", 0.0)
        app.answer(lambda session: app.told.put(session.call_sid), "session:reconnect")
        silent = app.connect()
        eventually(lambda: app.endpoint._reception.calls._doors)
        is_taken_up(app, "unknown")
        silent.drop()
        nothing_is_held(app)

    def test_the_handler_is_busy(self, app):
        """While it computes the connection is lost, is back, and a hook comes; it takes all of it up afterwards."""
        go_on = threading.Event()

        @app.answer
        def answer(session):
            session.gather(action_hook="/menu").send()
            app.told.put("busy")
            assert go_on.wait(TIMEOUT)
            session.say(session.wait_for("/menu").digits).reply()

        before = rings(app)
        assert app.hears() == "busy"
        drops(app, before)
        jambonz = comes_back(app, before)
        jambonz.hook("/menu", digits="7")
        go_on.set()
        assert texts(jambonz.expect_ack()) == ["7"]
        jambonz.expect_goodbye()
        jambonz.hang_up()
        app.outcome()
        nothing_is_held(app)

    def test_what_was_sent_meanwhile(self, app):
        """It comes behind the ack, in order, and once."""
        go_on = threading.Event()

        @app.answer
        def answer(session):
            session.say("first").send()
            assert go_on.wait(TIMEOUT)
            session.say("second").send()
            session.say("third").send(exec_immediate=False)
            app.told.put("sent")
            session.wait_for("/never")

        before = rings(app)
        drops(app, before)
        go_on.set()
        assert app.hears() == "sent"
        jambonz = comes_back(app, before)
        assert texts(jambonz.expect_redirect()) == ["second"]
        assert texts(jambonz.expect_redirect(queue=True)) == ["third"]
        jambonz.hang_up()
        app.log.allow("/never")
        assert isinstance(app.outcome(), CallEnded)
        nothing_is_held(app)

    def test_again_and_again(self, menu):
        """Every connection is closed, and every thread that brought one returns."""
        jambonz = rings(menu)
        open_before = descriptors()
        for _ in range(5):
            drops(menu, jambonz)
            jambonz = comes_back(menu, jambonz)
        # The first one is the handler's thread's to close, at the end of the call.
        eventually(lambda: descriptors() <= open_before + 1)
        jambonz.hook("/menu", digits="7")
        assert texts(jambonz.expect_ack()) == ["7"]
        jambonz.expect_goodbye()
        jambonz.hang_up()
        nothing_is_held(menu)
        eventually(lambda: descriptors() < open_before)

    def test_two_at_once(self, menu):
        """Two connections for one call: both are acked, one of them goes on, the other is closed."""
        before = rings(menu)
        drops(menu, before)
        start = threading.Barrier(2)

        def come():
            jambonz = menu.connect(call_sid=before.call_sid)
            start.wait(TIMEOUT)
            jambonz.session_new(kind="session:reconnect")
            jambonz.expect_ack()
            return jambonz

        both = [coming.result() for coming in [Background(come), Background(come)]]
        eventually(lambda: sum(jambonz.socket.recv_events_thread.is_alive() for jambonz in both) == 1)
        [jambonz] = [jambonz for jambonz in both if jambonz.socket.recv_events_thread.is_alive()]
        jambonz.hook("/menu", digits="7")
        assert texts(jambonz.expect_ack()) == ["7"]
        jambonz.expect_goodbye()
        jambonz.hang_up()
        assert menu.outcome() is None
        nothing_is_held(menu)

    def test_the_session_keeps_its_place(self, menu):
        """It is the same session, under the same sid, and there is no other."""
        before = rings(menu)
        session = menu.hears()
        drops(menu, before)
        assert dict(menu.endpoint.sessions) == {before.call_sid: session}
        jambonz = comes_back(menu, before)
        assert dict(menu.endpoint.sessions) == {before.call_sid: session}
        jambonz.hang_up()
        menu.outcome()
        nothing_is_held(menu)

    def test_a_redirected_call(self, app):
        """jambonz repeats nothing but the address, in which there is something of the call's own."""

        @app.answer
        def answer(session):
            raise AssertionError("a new call")

        @app.service.on("session:redirect")
        def redirected(session):
            session.gather(action_hook="/menu").send()
            app.told.put(session.wait_for("/menu").digits)

        connections = []
        for token in ("a", "b"):
            jambonz = app.connect(f"/app?call={token}")
            jambonz.send("session:redirect", jambonz.facts(), call_sid=None, hook=f"/app?call={token}")
            jambonz.expect_ack()
            connections.append(jambonz)
        drops(app, connections[1])
        back = app.connect("/app?call=b")
        back.send("session:reconnect", call_sid=None)
        back.expect_ack()
        back.hook("/menu", verb_id=None, digits="7")
        assert app.hears() == "7"
        connections[0].hang_up()
        back.hang_up()
        nothing_is_held(app)


class TestNotComingBack:
    def test_the_deadline(self, make_app):
        """The call ends, and the handler is told."""
        app = make_app(reconnect_timeout=0.2)

        @app.answer
        def answer(session):
            session.gather(action_hook="/menu").send()
            session.wait_for("/menu")

        before = rings(app)
        drops(app, before)
        ended = app.outcome()
        assert isinstance(ended, CallEnded)
        assert ended.code == 1006
        nothing_is_held(app)

    def test_too_late(self, make_app):
        """A call that was given up is not known any more: it is ended in order, never greeted again."""
        app = make_app(reconnect_timeout=0.1)
        app.answer(lambda session: session.say("Hello.").send() and session.wait_for("/never"))
        app.log.allow("/never")
        before = rings(app)
        drops(app, before)
        app.outcome()
        nothing_is_held(app)
        jambonz = comes_back(app, before)
        app.log.expect("does not know the call")
        jambonz.live()
        assert jambonz.expect_redirect(queue=True) == GOODBYE
        jambonz.hang_up()
        nothing_is_held(app)

    def test_unknown_with_a_handler(self, app):
        """A service that can take up a call of another process does."""
        app.answer(lambda session: app.told.put(session.call_sid), "session:reconnect")
        is_taken_up(app, "of another process")
        nothing_is_held(app)

    def test_on_the_path_of_another_service(self, menu):
        """Whoever may connect to one service does not get the calls of another: there the call is unknown."""
        other = menu.endpoint.make_service("/other")
        other.on("session:reconnect", lambda session: menu.told.put(session.path))
        before = rings(menu)
        menu.hears()
        drops(menu, before)
        stranger = comes_back(menu, before, "/other")
        assert menu.hears() == "/other"
        stranger.live()
        stranger.expect_goodbye()
        stranger.hang_up()
        jambonz = comes_back(menu, before)
        jambonz.hook("/menu", digits="7")
        assert texts(jambonz.expect_ack()) == ["7"]
        jambonz.expect_goodbye()
        jambonz.hang_up()
        assert menu.outcome() is None
        nothing_is_held(menu)

    def test_no_telling_whose(self, app):
        """Of two calls of one address that are both lost, neither gets a connection which names no call."""
        app.answer(lambda session: session.say("Hello.").send() and session.wait_for("/never"), "session:redirect")
        app.log.allow("/never")
        lost = []
        for _ in range(2):
            jambonz = app.connect("/app?same")
            jambonz.send("session:redirect", jambonz.facts(), call_sid=None, hook="/app?same")
            jambonz.expect_ack()
            lost.append(jambonz)
        for jambonz in lost:
            drops(app, jambonz)
        back = app.connect("/app?same")
        back.send("session:reconnect", call_sid=None)
        back.expect_ack()
        app.log.expect("does not know the call")
        back.live()
        back.expect_goodbye()
        back.hang_up()

    def test_closed_by_another_thread_while_lost(self, menu):
        """The handler is told at once, and nothing is left."""
        before = rings(menu)
        open_before = descriptors()
        session = menu.hears()
        drops(menu, before)
        session.close(1000, "enough")
        ended = menu.outcome()
        assert isinstance(ended, CallEnded)
        assert ended.reason == "enough"
        with pytest.raises(CallNotActive):
            session.say("too late").send()
        nothing_is_held(menu)
        eventually(lambda: descriptors() < open_before)

    def test_stopped_while_lost(self, menu):
        """The endpoint does not wait for jambonz: it has the handler unwound and returns."""
        before = rings(menu)
        drops(menu, before)
        Background(menu.endpoint.stop).result()
        ended = menu.outcome()
        assert isinstance(ended, CallEnded)
        assert ended.code == 1001
        nothing_is_held(menu)

    def test_stopped_after_coming_back(self, menu):
        """The connection that the call is held over now is the one that is closed with 1001."""
        before = rings(menu)
        drops(menu, before)
        jambonz = comes_back(menu, before)
        stopping = Background(menu.endpoint.stop)
        jambonz.expect_close(1001)
        stopping.result()
        nothing_is_held(menu)


class TestBeforeTheFirstAck:
    def test_the_answer_goes_to_session_reconnect(self, app):
        """A handler that had not answered yet answers over the second connection."""
        go_on = threading.Event()

        @app.answer
        def answer(session):
            app.told.put("busy")
            assert go_on.wait(TIMEOUT)
            session.say("Hello.").hangup().send()

        before = app.call()
        assert app.hears() == "busy"
        drops(app, before)
        jambonz = app.connect(call_sid=before.call_sid)
        jambonz.session_new(kind="session:reconnect")
        app.log.expect("sends no hook or status")
        go_on.set()
        assert texts(jambonz.expect_ack()) == ["Hello."]
        jambonz.hang_up()
        app.outcome()
        nothing_is_held(app)

    def test_nothing_came_yet(self, app, monkeypatch):
        """A connection on which nothing is said is closed with 1000 when it has been silent for long."""
        monkeypatch.setattr(jambonz_sync.reception, "_GHOST_AFTER", 0.05)
        app.connect().expect_close(1000)
        nothing_is_held(app)

    @pytest.mark.parametrize("text", ["{", "[]", '{"type": "session:reconnect"}', "[" * 100_000])
    def test_what_cannot_be_read(self, app, text):
        """It belongs to nobody: a new call begins, says so, and may still become one."""
        app.answer(lambda session: session.say("Hello.").hangup().send())
        jambonz = app.connect()
        jambonz.send_text(text)
        app.log.expect("message")
        jambonz.session_new()
        assert texts(jambonz.expect_ack()) == ["Hello."]
        jambonz.hang_up()
        app.outcome()
        nothing_is_held(app)

    def test_the_endpoint_stops_between_door_and_call(self, app, monkeypatch):
        """A first message that comes as the endpoint stops is turned away with 1001, and begins no call."""
        app.answer(lambda session: app.told.put("a call"))
        calls = app.endpoint._reception.calls
        add = calls.add

        def stop_then_add(conversation, name, service):
            monkeypatch.undo()
            # Nobody waits on it any more, since its first message has come.
            calls._doors.clear()
            calls.close()
            return add(conversation, name, service)

        monkeypatch.setattr(calls, "add", stop_then_add)
        jambonz = app.connect()
        jambonz.session_new()
        jambonz.expect_close(1001)
        assert app.told.empty()
        nothing_is_held(app)


class TestMaxCalls:
    @pytest.fixture
    def full(self, make_app):
        """An application of which one caller at a time may ask for a key; and that one."""
        app = make_app(max_calls=1)

        @app.answer
        def answer(session):
            session.gather(action_hook="/menu").send()
            app.told.put(session.call_sid)
            session.say(session.wait_for("/menu").digits).reply()

        jambonz = rings(app)
        assert app.hears() == jambonz.call_sid
        return app, jambonz

    def serve_on(self, full):
        """The call that has its seat goes on to its end."""
        app, jambonz = full
        jambonz.hook("/menu", digits="7")
        assert texts(jambonz.expect_ack()) == ["7"]
        jambonz.expect_goodbye()
        jambonz.hang_up()
        assert app.outcome() is None
        nothing_is_held(app)

    def declined(self, app, **data):
        """A call that comes now, and what it is told, is turned away."""
        jambonz = app.call(**data)
        verbs = jambonz.expect_ack()
        assert verbs[-1] == {"verb": "sip:decline", "status": 503, "reason": "Service Unavailable"}
        app.log.expect("declined on /app", "max_calls")
        return jambonz

    def test_one_too_many(self, full):
        """It is declined in its first ack, which no code of the application has seen; the others go on."""
        app, _ = full
        jambonz = self.declined(app)
        jambonz.status("failed", sip_status=503)
        jambonz.close(1000)
        assert app.told.empty()
        self.serve_on(full)

    def test_the_caller_hears_it(self, full):
        """A caller beyond them hears a busy server, and does not hear it ring for ever."""
        app, _ = full
        transcript = SimulatedCall(app.endpoint.url + "/app", speed=20).run()
        app.log.expect("declined on /app")
        assert "refused with SIP 503" in transcript.ending.reason
        self.serve_on(full)

    def test_a_called_party_is_let_go(self, full):
        """A call that jambonz has placed is answered already: it is hung up."""
        app, _ = full
        placed = Answers(after=1)
        transcript = SimulatedCall(app.endpoint.url + "/app", [HangsUp(at=60)], placed=placed, speed=20).run()
        app.log.expect("declined on /app")
        assert "hung up by the caller" not in transcript.ending.reason
        self.serve_on(full)

    def test_one_who_does_not_leave(self, full, monkeypatch):
        """Whoever is declined and does not close is closed, or such peers would pile up."""
        monkeypatch.setattr(jambonz_sync.reception, "_FAREWELL", 0.1)
        app, _ = full
        self.declined(app).expect_close(1000)
        self.serve_on(full)

    def test_many_too_many(self, full):
        """So are all the others, one by one or all at once; none is counted."""
        app, _ = full
        declined = [self.declined(app) for _ in range(10)]
        assert len(app.endpoint._reception.calls) == 1
        for jambonz in declined:
            jambonz.close(1000)
        self.serve_on(full)

    def test_the_next(self, full):
        """When a call has ended there is a seat again."""
        app, _ = full
        self.declined(app).close(1000)
        self.serve_on(full)
        jambonz = rings(app)
        assert app.hears() == jambonz.call_sid
        self.serve_on((app, jambonz))

    def test_coming_back(self, full):
        """A call that has lost its connection keeps its seat, declines others meanwhile, and goes on."""
        app, before = full
        drops(app, before)
        self.declined(app).close(1000)
        jambonz = comes_back(app, before)
        assert len(app.endpoint._reception.calls) == 1
        self.declined(app).close(1000)
        self.serve_on((app, jambonz))

    @pytest.mark.parametrize("kind", ["session:reconnect", "session:redirect", "session:adulting"])
    def test_not_new(self, full, kind):
        """A call that is known elsewhere is up already: it is let in, and takes a seat."""
        app, _ = full
        app.answer(lambda session: app.told.put(kind), kind)
        jambonz = app.connect("/app?of=another")
        jambonz.session_new(kind=kind)
        jambonz.expect_ack()
        assert app.hears() == kind
        self.declined(app).close(1000)
        jambonz.live()
        jambonz.hang_up()
        assert app.outcome() is None
        self.serve_on(full)

    def test_ringing_takes_no_seat(self, make_app):
        """A call placed by REST is counted when its session begins, not while it rings."""
        app = make_app(max_calls=1)

        @app.answer
        def answer(session):
            session.gather(action_hook="/menu").send()
            session.say(session.wait_for("/menu").digits).reply()

        ringing = app.connect()
        ringing.send(
            "call:status", {**ringing.facts(), "direction": "outbound", "call_status": "ringing"}, call_sid=None
        )
        eventually(lambda: app.endpoint._reception.calls.all())
        jambonz = rings(app)
        ringing.session_new(direction="outbound", call_status="in-progress")
        assert ringing.expect_ack()[-1]["status"] == 503
        app.log.expect("declined on /app")
        ringing.close(1000)
        self.serve_on((app, jambonz))

    def test_lost_before_it_is_declined(self, full):
        """A declined call comes back as any other, and hears the same again."""
        app, _ = full
        jambonz = self.declined(app)
        drops(app, jambonz)
        back = app.connect(call_sid=jambonz.call_sid)
        back.session_new(kind="session:reconnect")
        back.expect_ack()
        back.close(1000)
        self.serve_on(full)

    def test_no_limit(self, app):
        """Without one, as many are up as come."""
        app.answer(lambda session: session.gather(action_hook="/menu").send() and session.wait_for("/menu"))
        calls = [rings(app) for _ in range(20)]
        assert len(app.endpoint._reception.calls) == 20
        for jambonz in calls:
            jambonz.hang_up()
        nothing_is_held(app)


class TestNobodyAnswers:
    @pytest.mark.parametrize("kind", ["session:new", "session:redirect"])
    def test_a_call(self, app, kind):
        """Without a function for it a call is ended at once, and an error says what to write."""
        jambonz = app.connect()
        jambonz.session_new(kind=kind)
        assert jambonz.expect_ack() == GOODBYE
        app.log.expect("nobody answers this call", "service.on('session:new', fn)", "/app", level=40)
        jambonz.hang_up()
        nothing_is_held(app)

    def test_a_leg(self, app):
        """A leg that has become a call is ended behind its verbs; the function for new calls is not for it."""
        app.answer(lambda session: app.told.put("a new call"))
        jambonz = app.connect("/app/adulting")
        jambonz.session_new(kind="session:adulting")
        jambonz.expect_ack()
        app.log.expect("nobody takes this leg", "service.on('session:adulting', fn)")
        jambonz.live()
        jambonz.expect_goodbye()
        jambonz.hang_up()
        assert app.told.empty()
        nothing_is_held(app)


def test_too_many_silent_connections(app, monkeypatch):
    """Those that have been silent for longest are ended, without a wait; a call gets through."""
    monkeypatch.setattr(jambonz_sync.live_calls, "_MOST_DOORS", 3)
    app.answer(lambda session: session.say("Hello.").hangup().send())
    silent = []
    for _ in range(6):
        silent.append(app.connect())
        eventually(lambda: len(app.endpoint._reception.calls._doors) == min(len(silent), 3))
    for jambonz in silent[:3]:
        jambonz.socket.recv_events_thread.join(TIMEOUT)
        assert not jambonz.socket.recv_events_thread.is_alive()
    with app.call() as jambonz:
        assert texts(jambonz.expect_ack()) == ["Hello."]
    for jambonz in silent[4:]:
        assert jambonz.socket.recv_events_thread.is_alive()


def test_what_is_told_of_a_call_is_one_line(app):
    """Nobody writes lines of their own into the log by the number they call from."""
    app.answer(lambda session: session.say("Hello.").hangup().send())
    jambonz = app.call(**{"from": "1\nERROR all is lost", "to": "2\u2028", "direction": "in\rbound"})
    jambonz.expect_ack()
    line = app.log.expect("started on /app", level=logging.INFO)
    assert line.endswith("in?bound from 1?ERROR all is lost to 2?")
    assert len(line.splitlines()) == 1
    jambonz.hang_up()
    app.outcome()
