"""Whose connection is it: that of a call which was redirected, has grown out of another, was placed, or is unknown."""

from __future__ import annotations

import socket
import threading

import pytest

from jambonz_sync import CallEnded
from tests.scenarios.application import TIMEOUT
from tests.scenarios.jambonz_side import JambonzSide, names, texts
from tests.scenarios.light_client import LightSocket, whole_frames

INFO = 20

WAYS = JambonzSide.WAYS


def ask(session, text="Menu."):
    """Ask something in the plain way."""
    session.say(text).gather(action_hook="/menu").send()
    evt = session.wait_for("/menu")
    session.say(f"Bye, {evt.digits}.").reply()


def press(jambonz, digits):
    """Answer the question; the handler says goodbye."""
    jambonz.hook("/menu", digits=digits)
    assert texts(jambonz.expect_ack()) == [f"Bye, {digits}."]
    jambonz.expect_goodbye()


class TestRedirected:
    """A call that a ``redirect`` verb has brought to a socket of its own, on which jambonz never names it."""

    def redirect(self, app, path, **options):
        """Open a socket as the verb does; return it when its first question is asked."""
        jambonz = app.connect(path, **options)
        jambonz.send("session:redirect", jambonz.facts(), call_sid=None, hook=jambonz.url)
        assert names(jambonz.expect_ack()) == ["say", "gather"]
        return jambonz

    @pytest.mark.parametrize("way", WAYS, ids=str)
    def test_found_by_its_url(self, app, way):
        """The session:reconnect without a word of the call is its own: it comes to the same path and query."""
        app.answer(ask)
        one = self.redirect(app, "/app?token=one")
        two = self.redirect(app, "/app?token=two")
        other = self.redirect(app, "/app/below?token=one")
        for jambonz in (one, two, other):
            jambonz.all_read()
        for jambonz in (two, one, other):
            jambonz.lose(way)
            assert jambonz.come_back() is None
        for digits, jambonz in (("1", one), ("2", two), ("3", other)):
            press(jambonz, digits)
            jambonz.hang_up()

    def test_one_of_several_is_lost(self, app, log):
        """Of several calls under one URL it is that of which the connection is lost."""
        app.answer(ask)
        lost, up = self.redirect(app, "/app"), self.redirect(app, "/app")
        for jambonz in (lost, up):
            jambonz.all_read()
        lost.lose("reset")
        log.expect("connection lost")
        assert lost.come_back() is None
        for digits, jambonz in (("1", lost), ("2", up)):
            press(jambonz, digits)
            jambonz.hang_up()

    def test_several_are_lost(self, make_app, log):
        """It is not guessed which of several lost calls it is: the connection is that of a call nobody knows."""
        app = make_app(reconnect_timeout=1)
        app.answer(ask)
        calls = [self.redirect(app, "/app") for _ in range(2)]
        for jambonz in calls:
            jambonz.lose("reset")
            log.expect("connection lost")
        assert calls[0].come_back() is None
        log.expect("this process does not know the call")
        calls[0].expect_goodbye()
        calls[0].hang_up()
        for _ in calls:
            ended = app.outcome()
            assert isinstance(ended, CallEnded)
            assert ended.code == 1006

    def test_both_sockets(self, app):
        """The socket that a call was redirected from stays open for its statuses; each comes back by itself."""

        @app.answer
        def first(session):
            session.redirect(action_hook=f"{app.endpoint.url}/app/second?token=one").send()
            session.wait_for("call:status")
            assert session.wait_for("call:status").call_status == "completed"
            app.told.put("the first has heard of the end")
            session.wait_for("*")

        app.answer(ask, "session:redirect")
        old = app.call()
        assert names(old.expect_ack()) == ["redirect"]
        old.status("in-progress")
        old.all_read()
        new = self.redirect(app, "/app/second?token=one", call_sid=old.call_sid)
        new.all_read()
        assert app.endpoint.sessions[old.call_sid].path == "/app/second"
        for jambonz in (old, new):
            jambonz.lose(1012)
            assert jambonz.come_back() is None
        press(new, "1")
        new.close()
        old.hang_up()
        assert app.hears() == "the first has heard of the end"


class TestSameSocket:
    """A ``redirect`` to a relative hook asks on the socket that is there."""

    @pytest.mark.parametrize("way", WAYS, ids=str)
    def test_in_flight(self, app, way):
        """It is lost like any hook in flight, and what the handler says to it arrives all the same."""
        go_on = threading.Event()

        @app.answer
        def answer(session):
            session.redirect(action_hook="/part-two").send()
            session.wait_for("/part-two")
            app.told.put("taken")
            assert go_on.wait(TIMEOUT)
            session.say("Part two.").reply()

        jambonz = app.call()
        (redirect,) = jambonz.expect_ack()
        jambonz.status("in-progress")
        jambonz.verb_status("starting")
        jambonz.hook("/part-two", kind="session:redirect", verb_id=redirect["id"])
        assert app.hears() == "taken"
        jambonz.lose(way)
        assert jambonz.come_back() is None
        go_on.set()
        assert texts(jambonz.expect_redirect()) == ["Part two."]
        jambonz.expect_goodbye()
        jambonz.hang_up()


class TestAdulting:
    """A dialled leg that has become a call of its own, on a socket that never names it at the top."""

    @pytest.mark.parametrize("way", WAYS, ids=str)
    def test_comes_back(self, app, way):
        """It is found by the sid in the data that jambonz repeats, and its parent is not disturbed."""
        app.answer(ask)
        app.answer(lambda session: ask(session, "You are on your own."), "session:adulting")
        parent = app.call()
        parent.expect_ack()
        child = app.connect("/app/adulting")
        facts = {**child.facts(), "parent_call_sid": parent.call_sid, "parent_call_info": parent.facts()}
        child.send("session:adulting", facts, call_sid=None)
        assert child.expect_ack() is None
        assert texts(child.expect_redirect()) == ["You are on your own."]
        child.lose(way)
        assert child.come_back() is None
        for digits, jambonz in (("1", parent), ("2", child)):
            press(jambonz, digits)
            jambonz.hang_up()


class TestOutbound:
    """A call that was placed by REST reports its ringing before its session begins."""

    def ring(self, app):
        jambonz = app.connect()
        for status in ("trying", "ringing"):
            jambonz.send("call:status", {**jambonz.facts(), "call_status": status}, call_sid=None)
        return jambonz

    @pytest.mark.parametrize("way", WAYS, ids=str)
    def test_answered(self, app, way):
        """Once it is answered it is kept like any other."""
        app.answer(ask)
        jambonz = self.ring(app)
        jambonz.session_new(direction="outbound", call_status="in-progress")
        assert names(jambonz.expect_ack()) == ["say", "gather"]
        jambonz.all_read()
        jambonz.lose(way)
        assert jambonz.come_back() is None
        press(jambonz, "1")
        jambonz.hang_up()

    def test_lost_while_it_rings(self, app, log):
        """There is no session yet to be kept: the attempt is forgotten, without a warning."""
        app.answer(ask)
        jambonz = self.ring(app)
        jambonz.lose("reset")
        log.expect("ended before a session began", level=INFO)


class TestUnknown:
    """A call that this process has never had."""

    def test_hooks_are_acked(self, app, log):
        """It is ended in order: the hooks of its old verbs get their acks until then, and no greeting is said."""
        app.answer(ask)
        log.allow("nothing waits for /menu")
        jambonz = app.connect()
        jambonz.session_new(kind="session:reconnect", call_status="in-progress")
        assert jambonz.expect_ack() is None
        log.expect("this process does not know the call")
        jambonz.expect_goodbye()
        jambonz.hook("/menu", digits="1")
        assert not jambonz.expect_ack()
        jambonz.hang_up()

    @pytest.mark.parametrize("way", WAYS, ids=str)
    def test_taken_over(self, app, way):
        """A function for session:reconnect takes it over, and from then on it is kept like any other."""
        app.answer(lambda session: ask(session, "Where were we?"), "session:reconnect")
        jambonz = app.connect()
        jambonz.session_new(kind="session:reconnect", call_status="in-progress")
        assert jambonz.expect_ack() is None
        assert texts(jambonz.expect_redirect()) == ["Where were we?"]
        jambonz.lose(way)
        assert jambonz.come_back() is None
        press(jambonz, "1")
        jambonz.hang_up()


class TestNeverArrived:
    """What the network has not delivered when the connection is lost is said again on the next one."""

    @pytest.mark.parametrize("ghost", [False, True], ids=["reset", "ghost"])
    def test_deaf(self, app, ghost):
        """Of commands, and of a reply behind them, exactly those come again that have not reached jambonz's system."""
        sid = "deaf"
        go_on = threading.Event()

        @app.answer
        def answer(session):
            session.pause(60).gather(action_hook="/menu").send()
            session.wait_for("verb:status")
            for number in range(10):
                session.say(f"{number} " + 20_000 * "x").send(exec_immediate=False)
            app.told.put("said")
            session.wait_for("/menu")
            session.say("The reply.").reply()
            app.told.put("replied")
            assert go_on.wait(TIMEOUT)

        sock = LightSocket(app.endpoint.url + "/app", receive_buffer=32_768)
        sock.sock.setblocking(True)
        while not sock.is_open:
            sock.read()
        facts = {"call_sid": sid, "call_status": "in-progress"}
        sock.send({"type": "session:new", "msgid": "m1", "call_sid": sid, "data": facts})
        while not sock.messages:
            sock.read()
        gather = sock.messages.popleft()["data"][-1]
        sock.send({"type": "verb:status", "msgid": "m2", "call_sid": sid, "data": {"event": "starting"}})
        assert app.hears() == "said"
        hook = {"type": "verb:hook", "msgid": "m3", "call_sid": sid, "hook": "/menu", "data": {"verb_id": gather["id"]}}
        sock.send(hook)
        assert app.hears() == "replied"
        # Without taking it, which would make room for more.
        arrived, _ = whole_frames(sock.sock.recv(1_000_000, socket.MSG_PEEK))
        assert 0 < len(arrived) < 10
        if not ghost:
            sock.lose("reset")
            app.log.expect("connection lost")
        go_on.set()
        jambonz = app.connect(call_sid=sid)
        jambonz.session_new(kind="session:reconnect")
        assert jambonz.expect_ack() is None
        for number in range(len(arrived), 10):
            (text,) = texts(jambonz.expect_redirect(queue=True))
            assert text.split()[0] == str(number)
        assert texts(jambonz.expect_redirect()) == ["The reply."]
        jambonz.expect_goodbye()
        jambonz.hang_up()
        sock.close()
