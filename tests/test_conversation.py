from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jambonz_sync.conversation import Conversation, Line
from jambonz_sync.protocol.call import Call
from jambonz_sync.protocol.command import Command
from jambonz_sync.protocol.commands import MOST_HELD
from jambonz_sync.protocol.verb import Verb
from jambonz_sync.transport.delivery import unacknowledged
from jambonz_sync.transport.framing import Framing
from jambonz_sync.transport.link import Link
from tests.transport.peers import (
    PING,
    PONG,
    SUBPROTOCOL,
    TEXT,
    TIMEOUT,
    Background,
    Peer,
    close_frame,
    eventually,
    frame,
    loopback_pair,
    upgrade_environ,
)

LOG = logging.getLogger("jambonz_sync.tests.conversation")

NEW = {"type": "session:new", "msgid": "m1", "call_sid": "c1", "data": {"call_sid": "c1", "direction": "inbound"}}


class Jambonz(Peer):
    """The other end of the socket, in messages."""

    def tell(self, kind: str, msgid: str, **more: Any) -> None:
        """Send a message."""
        self.send_text(json.dumps({"type": kind, "msgid": msgid, "call_sid": "c1", "data": {}, **more}))

    def answer_ping(self) -> None:
        """Read up to the next ping, and answer it, as the websocket of jambonz does by itself."""
        while (ping := self.frame()).opcode != PING:
            pass
        self.send(frame(PONG, ping.payload))

    def hear(self) -> Any:
        """Read a message."""
        return json.loads(self.text())


@contextlib.contextmanager
def conversing(**options: Any) -> Iterator[tuple[Conversation, Jambonz]]:
    """A conversation over a socket; the test's thread is the call's."""
    ours, theirs = loopback_pair()
    conversation = Conversation(Call(**options), LOG)
    framing = Framing(upgrade_environ(), [SUBPROTOCOL])
    conversation.attach(lambda user: Link(ours, framing, user, user.lock, close_timeout=0.05))
    jambonz = Jambonz(theirs)
    link = conversation.line
    assert isinstance(link, Link)
    try:
        jambonz.head()
        yield conversation, jambonz
    finally:
        link.abandon()
        Background(link.finish).result()
        ours.close()
        jambonz.close()


@contextlib.contextmanager
def handling(handler: logging.Handler, level: int = logging.DEBUG) -> Iterator[None]:
    """Have the log lines handled."""
    before = LOG.level, LOG.propagate
    LOG.addHandler(handler)
    LOG.setLevel(level)
    LOG.propagate = False
    try:
        yield
    finally:
        LOG.removeHandler(handler)
        LOG.level, LOG.propagate = before


class Handler(logging.Handler):
    """Keeps lines, and does more if told to."""

    def __init__(self, action: Callable[[str], None] = lambda line: None) -> None:
        super().__init__()
        self.action = action
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = record.getMessage()
        self.lines.append(line)
        self.action(line)


def awaiting(conversation: Conversation, condition: Callable[[Call], Any]) -> Any:
    """Wait, as the call's own thread does, until the call is so."""
    while True:
        with conversation.turn() as call:
            found = condition(call)
            seen = call.arrivals
        if found:
            return found
        assert conversation.wait_for_arrival(seen, time.monotonic() + TIMEOUT)


def say(text: str) -> list[Verb]:
    """A list of one verb."""
    return [Verb("say", {"text": text})]


# Turns


def test_a_turn_sends_what_came_of_it() -> None:
    """What the machine wants to send leaves when the turn ends, not before."""
    with conversing() as (conversation, jambonz):
        jambonz.send_text(json.dumps(NEW))
        awaiting(conversation, lambda call: call.opening)
        with conversation.turn() as call:
            call.send(say("hello"), current=call.opening.asking if call.opening else None, immediate=True)
            assert call.outbox
        assert conversation.call.outbox == []
        answer = jambonz.hear()
        assert (answer["type"], answer["msgid"], answer["data"]) == ("ack", "m1", [{"verb": "say", "text": "hello"}])


def test_a_turn_sets_the_clock() -> None:
    """The machine has no clock: each turn tells it the time."""
    conversation = Conversation(Call(), LOG)
    before = time.monotonic()
    with conversation.turn() as call:
        assert before <= call.now <= time.monotonic()
    assert not conversation.lock.locked()


def test_a_turn_that_raises_gives_the_lock_back() -> None:
    """What had been decided before the exception is sent, and the exception goes on."""
    with conversing() as (conversation, jambonz):
        with contextlib.suppress(ZeroDivisionError), conversation.turn() as call:
            call.outbox.append('{"type":"decided"}')
            raise ZeroDivisionError
        assert not conversation.lock.locked()
        assert jambonz.hear() == {"type": "decided"}


def test_a_turn_without_a_link() -> None:
    """Before there is a link a turn does no harm."""
    conversation = Conversation(Call(), LOG)
    with conversation.turn() as call:
        assert call is conversation.call
    conversation.close(1000, "")
    assert conversation.call.ending is not None


def test_a_turn_plans_the_next_deadline() -> None:
    """A deadline that a turn has brought is known to the watcher, which keeps it with nobody waiting."""
    with conversing(ack_timeout=0.05) as (conversation, jambonz):
        jambonz.send_text(json.dumps(NEW))
        answer = jambonz.hear()
        assert (answer["type"], answer["msgid"], answer["data"]) == ("ack", "m1", [{"verb": "config"}])
        assert conversation.call.opening is not None


# Waits


def test_a_wait_ends_with_an_arrival() -> None:
    """A message is an arrival; a wait for an older one returns at once."""
    with conversing() as (conversation, jambonz):
        seen = conversation.call.arrivals
        jambonz.send_text(json.dumps(NEW))
        assert conversation.wait_for_arrival(seen) is True
        assert conversation.call.arrivals > seen
        assert conversation.wait_for_arrival(seen, 0.0) is True


def test_a_wait_ends_at_its_time() -> None:
    """With nothing to come the wait is false."""
    with conversing() as (conversation, _):
        assert conversation.wait_for_arrival(conversation.call.arrivals, time.monotonic() + 0.01) is False


def test_a_wait_ends_with_the_call() -> None:
    """The close of the connection is an arrival, with code and reason."""
    with conversing() as (conversation, jambonz):
        seen = conversation.call.arrivals
        jambonz.send(close_frame(1000, "bye"))
        assert conversation.wait_for_arrival(seen) is True
        ending = conversation.call.ending
        assert ending is not None
        assert (ending.code, ending.reason) == (1000, "bye")


def test_close_answers_what_is_open_and_then_closes() -> None:
    """The farewell to an open question leaves before the close frame."""
    with conversing() as (conversation, jambonz):
        jambonz.send_text(json.dumps(NEW))
        awaiting(conversation, lambda call: call.opening)
        conversation.close(1001, "the server is stopping")
        assert jambonz.hear()["msgid"] == "m1"
        assert jambonz.frame().close_code == 1001
        ending = conversation.call.ending
        assert ending is not None
        assert ending.code == 1001


def test_a_close_on_another_thread_ends_the_wait() -> None:
    """As soon as jambonz has answered the close frame."""
    with conversing() as (conversation, jambonz):
        seen = conversation.call.arrivals
        waiting = Background(lambda: conversation.wait_for_arrival(seen))
        eventually(lambda: isinstance(conversation.line, Link) and conversation.line._owner_reads)
        conversation.close(1000, "")
        jambonz.frame()
        jambonz.send(close_frame(1000))
        assert waiting.result() is True


def test_what_another_thread_decides_wakes_the_wait() -> None:
    """A wait for the end of a run ends when another thread's verbs replace it: jambonz answers a ping, no more."""
    with conversing() as (conversation, jambonz):
        jambonz.send_text(json.dumps(NEW))
        awaiting(conversation, lambda call: call.opening)
        with conversation.turn() as call:
            run = call.start_run(say("a long story"), current=call.opening.asking if call.opening else None)

        def wait_for_the_end() -> None:
            awaiting(conversation, lambda call: run.outcome is not None)

        waiting = Background(wait_for_the_end)
        eventually(lambda: isinstance(conversation.line, Link) and conversation.line._owner_reads)
        with conversation.turn() as call:
            call.send(say("never mind"), current=None, immediate=True)
        assert run.outcome is not None
        jambonz.answer_ping()
        waiting.result()


def test_a_turn_that_changes_nothing_wakes_nobody() -> None:
    """Neither does one of the call's own thread: jambonz is pinged for what is waited for, and once."""
    with under_way() as (conversation, jambonz):
        with conversation.turn() as call:
            run = call.start_run(say("a long story"), current=None)
        waiting = Background(lambda: awaiting(conversation, lambda call: run.outcome is not None))
        eventually(lambda: isinstance(conversation.line, Link) and conversation.line._owner_reads)
        jambonz.hear()
        with conversation.turn() as call:
            call.command(Command("tag", {"number": 1}))
        # Text again, so there was no ping.
        assert jambonz.hear()["command"] == "tag"
        for _ in range(2):
            with conversation.turn() as call:
                call.send(say("never mind"), current=None, immediate=True)
        assert [jambonz.frame().opcode for _ in range(3)] == [TEXT, PING, TEXT]
        jambonz.send(frame(PONG))
        waiting.result()


# From one connection to the next


class Return:
    """jambonz comes back for a call on a new connection, which a thread of its own brings, as a server's does."""

    def __init__(self, conversation: Conversation, *, msgid: str = "r1") -> None:
        ours, theirs = loopback_pair()
        self.jambonz = Jambonz(theirs)
        self.link: Link | None = None
        again = json.dumps({"type": "session:reconnect", "msgid": msgid, "call_sid": "c1", "data": {"call_sid": "c1"}})

        def connect(user: Conversation) -> Link:
            framing = Framing(upgrade_environ(), [SUBPROTOCOL])
            self.link = Link(ours, framing, user, user.lock, close_timeout=0.05, messages=[again])
            return self.link

        def bring() -> Line | None:
            try:
                line = conversation.attach(connect)
                if line is not None:
                    conversation.stay_with(line)
                    line.finish()
                return line
            finally:
                ours.close()

        self.bringing = Background(bring)

    def hear_ack(self, msgid: str = "r1") -> None:
        """Its message is acked, on this connection."""
        self.jambonz.head()
        assert self.jambonz.hear() == {"type": "ack", "msgid": msgid}

    def end(self) -> None:
        """The thread has closed the connection; nothing is left of it."""
        self.bringing.result()
        self.jambonz.close()


@contextlib.contextmanager
def under_way(now: Callable[[], float] = time.monotonic, **options: Any) -> Iterator[tuple[Conversation, Jambonz]]:
    """A call that jambonz has begun and confirmed, and that lasts beyond its connection."""
    with conversing(**{"reconnect_timeout": 60.0, **options}) as (conversation, jambonz):
        conversation.now = now
        jambonz.send_text(json.dumps(NEW))
        awaiting(conversation, lambda call: call.opening)
        with conversation.turn() as call:
            call.send(say("hello"), current=call.opening.asking if call.opening else None)
        jambonz.hear()
        seen = conversation.call.arrivals
        jambonz.tell("queue:status", "q1")
        assert conversation.wait_for_arrival(seen)
        with handling(Handler()):
            yield conversation, jambonz
        conversation.close(1000, "")
        conversation.finish()


def reset(jambonz: Jambonz) -> None:
    """The connection breaks."""
    jambonz.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    jambonz.close()


def lose(conversation: Conversation, jambonz: Jambonz) -> None:
    """The connection breaks, and that is noticed."""
    reset(jambonz)
    eventually(lambda: conversation.call.dropped)


def say_nothing_is_left(*returns: Return) -> None:
    """Every thread that has brought a connection has closed it and returned."""
    for one in returns:
        one.end()


def waits(conversation: Conversation) -> Background[bool]:
    """The call's thread waits for what comes next."""
    seen = conversation.call.arrivals
    return Background(lambda: conversation.wait_for_arrival(seen))


def test_the_owner_in_poll_goes_over_to_the_new_line() -> None:
    """jambonz is back before the loss was noticed: the owner is woken, and hears what comes next over the new line."""
    with under_way() as (conversation, jambonz):
        old = conversation.line
        assert isinstance(old, Link)
        waiting = waits(conversation)
        eventually(lambda: old._owner_reads)
        back = Return(conversation)
        back.hear_ack()
        assert waiting.result() is True
        waiting = waits(conversation)
        eventually(lambda: isinstance(conversation.line, Link) and conversation.line._owner_reads)
        assert conversation.line is back.link is not old
        assert jambonz.rest() == b""
        back.jambonz.tell("call:status", "s1")
        assert waiting.result() is True
        conversation.finish()
        say_nothing_is_left(back)


def test_the_owner_in_user_code_finds_the_new_line() -> None:
    """While the owner is away the watcher answers on the new line; the next wait is over that."""
    with under_way() as (conversation, jambonz):
        lose(conversation, jambonz)
        back = Return(conversation)
        back.hear_ack()
        seen = conversation.call.arrivals
        back.jambonz.tell("call:status", "s1")
        assert conversation.wait_for_arrival(seen, time.monotonic() + TIMEOUT) is True
        conversation.finish()
        say_nothing_is_left(back)


def test_the_owner_waits_for_the_next_line() -> None:
    """While there is no connection the wait goes on, and what comes over the next one ends it."""
    with under_way() as (conversation, jambonz):
        lose(conversation, jambonz)
        waiting = waits(conversation)
        eventually(lambda: conversation.changed._waiters)  # type: ignore[attr-defined]
        assert waiting.is_alive()
        back = Return(conversation)
        back.hear_ack()
        assert waiting.result() is True
        conversation.finish()
        say_nothing_is_left(back)


def test_a_wait_without_a_connection_ends_at_its_time() -> None:
    """No later than with one."""
    with under_way() as (conversation, jambonz):
        lose(conversation, jambonz)
        assert conversation.wait_for_arrival(conversation.call.arrivals, time.monotonic() + 0.01) is False


def test_jambonz_does_not_come_back() -> None:
    """The deadline is kept without a connection: the wait ends with the call."""
    with under_way(reconnect_timeout=0.1) as (conversation, jambonz):
        lose(conversation, jambonz)
        waiting = waits(conversation)
        assert waiting.result() is True
        ending = conversation.call.ending
        assert ending is not None
        assert "did not come back" in ending.reason
        late = Return(conversation)
        assert late.bringing.result() is None
        assert late.link is None
        say_nothing_is_left(late)


def test_a_close_on_another_thread_ends_the_wait_without_a_connection() -> None:
    """At once: there is nobody whose answer would be waited for."""
    with under_way() as (conversation, jambonz):
        lose(conversation, jambonz)
        waiting = waits(conversation)
        eventually(lambda: conversation.changed._waiters)  # type: ignore[attr-defined]
        Background(lambda: conversation.close(1000, "")).result()
        assert waiting.result() is True
        assert conversation.call.ending is not None
        finishing = Background(conversation.finish)
        finishing.result()
        assert conversation.line is None


def test_jambonz_comes_back_while_the_call_is_being_finished() -> None:
    """A line is being closed in order: it is not given up for a new one, and there is no new one."""
    with under_way() as (conversation, jambonz):
        link = conversation.line
        assert isinstance(link, Link)
        link._close_timeout = TIMEOUT
        finishing = Background(conversation.finish)
        assert jambonz.frame().close_code == 1000
        late = Return(conversation)
        assert late.bringing.result() is None
        assert finishing.is_alive()
        jambonz.send(close_frame(1000))
        assert jambonz.rest() == b""
        jambonz.close()
        finishing.result()
        assert conversation.line is None
        say_nothing_is_left(late)


def test_several_returns() -> None:
    """Each time the line before is given up, and its thread closes it."""
    with under_way() as (conversation, _):
        returns = []
        for number in range(5):
            returns.append(Return(conversation, msgid=f"r{number}"))
            returns[-1].hear_ack(f"r{number}")
            for before in returns[:-1]:
                before.bringing.result()
                assert before.jambonz.rest() == b""
        assert returns[-1].bringing.is_alive()
        conversation.finish()
        say_nothing_is_left(*returns)


def test_two_connections_race_for_a_call() -> None:
    """One after the other has it: both are acked, the last one keeps it, and the other is closed."""
    with under_way() as (conversation, jambonz):
        lose(conversation, jambonz)
        with conversation.lock:
            one, two = Return(conversation, msgid="r1"), Return(conversation, msgid="r2")
        one.hear_ack("r1")
        two.hear_ack("r2")
        eventually(lambda: one.bringing.is_alive() != two.bringing.is_alive())
        winner = one if one.bringing.is_alive() else two
        assert conversation.line is winner.link
        seen = conversation.call.arrivals
        winner.jambonz.tell("call:status", "s1")
        assert conversation.wait_for_arrival(seen, time.monotonic() + TIMEOUT) is True
        conversation.finish()
        say_nothing_is_left(one, two)


def test_the_deadline_and_the_return_at_one_moment() -> None:
    """Whichever comes first: either the call is over and has no line, or it has one and goes on."""
    for number in range(40):
        clock = [time.monotonic()]
        with under_way(lambda clock=clock: clock[0]) as (conversation, jambonz):  # type: ignore[misc]
            lose(conversation, jambonz)
            clock[0] += 61

            def ticks(conversation: Conversation = conversation) -> None:
                with conversation.lock:
                    conversation.tick()

            with conversation.lock:
                if number % 2:
                    ticking, back = Background(ticks), Return(conversation)
                else:
                    back, ticking = Return(conversation), Background(ticks)
            ticking.result()
            ended = conversation.call.ending is not None
            if ended:
                assert back.bringing.result() is None
                assert back.link is None
            else:
                back.hear_ack()
                assert not conversation.call.dropped
            conversation.finish()
            say_nothing_is_left(back)


def test_jambonz_comes_back_before_the_call_has_its_first_line() -> None:
    """A call is known by name a moment earlier. Its own thread's line is the first all the same."""
    conversation = Conversation(Call(reconnect_timeout=60.0), LOG)
    back = Return(conversation)
    eventually(lambda: conversation.changed._waiters)  # type: ignore[attr-defined]
    assert back.link is None
    ours, theirs = loopback_pair()
    jambonz = Jambonz(theirs)
    framing = Framing(upgrade_environ(), [SUBPROTOCOL])
    first = [json.dumps(NEW)]
    link = conversation.attach(lambda user: Link(ours, framing, user, user.lock, messages=first, close_timeout=0.05))
    assert link is not None
    jambonz.rest()
    with conversation.turn() as call:
        assert call.opening is not None
        assert call.opening.type == "session:new"
        call.send(say("hello"), current=call.opening.asking)
    back.jambonz.head()
    answer = back.jambonz.hear()
    assert (answer["msgid"], answer["data"]) == ("r1", [{"verb": "say", "text": "hello"}])
    conversation.close(1000, "")
    conversation.finish()
    link.finish()
    ours.close()
    jambonz.close()
    say_nothing_is_left(back)


def test_a_line_that_cannot_be_made_leaves_the_one_before() -> None:
    """It goes on minding the time until which jambonz is expected."""
    with under_way(reconnect_timeout=0.1) as (conversation, jambonz):
        before = conversation.line

        def fail(user: Conversation) -> Line:
            raise OSError("too many open files")

        with pytest.raises(OSError, match="too many"):
            conversation.attach(fail)
        assert conversation.line is before
        waiting = waits(conversation)
        jambonz.answer_ping()
        assert waiting.result() is True
        eventually(lambda: conversation.call.ending is not None)


def test_who_brought_a_line_is_let_go_even_if_its_end_fails() -> None:
    """A log handler that raises does not hold the thread, nor the descriptor, for ever."""
    with under_way() as (conversation, jambonz):
        lose(conversation, jambonz)
        back = Return(conversation)
        back.hear_ack()
        eventually(lambda: conversation.changed._waiters)  # type: ignore[attr-defined]

        def fail() -> None:
            raise RuntimeError("no space left on the log's device")

        conversation.report = fail  # type: ignore[method-assign]
        with contextlib.suppress(RuntimeError):
            conversation.finish()
        del conversation.report  # type: ignore[method-assign]
        assert conversation.line is None
        say_nothing_is_left(back)


def test_what_is_sent_when_the_line_breaks_goes_over_the_next() -> None:
    """Several messages of one turn: the first one finds out, and none is lost, or comes twice, or in another order."""
    with under_way() as (conversation, jambonz):
        link = conversation.line
        assert isinstance(link, Link)
        eventually(lambda: unacknowledged(link.sock) == 0)
        with conversation.turn() as call:
            reset(jambonz)
            eventually(lambda: link._poll.poll(0))
            for number in range(3):
                call.command(Command("tag", {"number": number}))
        assert conversation.call.dropped
        with conversation.turn() as call:
            call.command(Command("tag", {"number": 3}))
        back = Return(conversation)
        back.hear_ack()
        assert [back.jambonz.hear()["data"]["number"] for _ in range(4)] == [0, 1, 2, 3]
        back.jambonz.sock.settimeout(0.05)
        with pytest.raises(TimeoutError):
            back.jambonz.frame()
        conversation.finish()
        say_nothing_is_left(back)


def test_what_has_not_arrived_is_said_again_and_nothing_else() -> None:
    """A command that reached jambonz's system is not repeated on the next connection; one that did not is."""
    with under_way() as (conversation, jambonz):
        link = conversation.line
        assert isinstance(link, Link)
        with conversation.turn() as call:
            call.command(Command("tag", {"number": 0}))
        assert jambonz.hear()["data"] == {"number": 0}
        eventually(lambda: unacknowledged(link.sock) == 0)
        with conversation.turn() as call:
            jambonz.close()
            eventually(lambda: link._poll.poll(0))
            call.command(Command("tag", {"number": 1}))
        eventually(lambda: conversation.call.dropped)
        back = Return(conversation)
        back.hear_ack()
        assert back.jambonz.hear()["data"] == {"number": 1}
        conversation.finish()
        say_nothing_is_left(back)


def test_a_flood_without_a_connection_ends_the_call() -> None:
    """What is kept for jambonz has a bound; the owner is told by the end of the call."""
    with under_way() as (conversation, jambonz):
        lose(conversation, jambonz)
        waiting = waits(conversation)
        piece = Command("tag", {"text": "x" * 20_000})
        for _ in range(MOST_HELD // 20_000 + 1):
            with conversation.turn() as call:
                call.command(piece)
        assert waiting.result() is True
        ending = conversation.call.ending
        assert ending is not None
        assert "too much" in ending.reason


# The log


def test_the_wire_is_logged_at_debug() -> None:
    """Each message, both ways, in order, redacted; binary ones by their beginning."""
    handler = Handler()
    with handling(handler), conversing() as (conversation, jambonz):
        jambonz.send_text(json.dumps({**NEW, "data": {"call_sid": "c1", "env_vars": {"KEY": "hunter2"}}}))
        awaiting(conversation, lambda call: call.opening)
        with conversation.turn() as call:
            call.send(say("hello"), current=call.opening.asking if call.opening else None, immediate=True)
        jambonz.hear()
        wire = [line for line in handler.lines if line.startswith(("received", "sent"))]
        assert [line.partition(" ")[0] for line in wire] == ["received", "sent"]
        assert "hunter2" not in wire[0]
        assert '"***"' in wire[0]
        assert '"text":"hello"' in wire[1]
        jambonz.send(b"\x82\x80\0\0\0\0")
        eventually(lambda: "received b''" in handler.lines)


def test_the_wire_is_not_logged_at_info() -> None:
    """What nobody wants to see is not collected either."""
    handler = Handler()
    with handling(handler, logging.INFO), conversing() as (conversation, jambonz):
        jambonz.send_text(json.dumps(NEW))
        awaiting(conversation, lambda call: call.opening)
        assert conversation._wire == []
    assert not [line for line in handler.lines if "received" in line]


def test_a_warning_names_the_line_of_user_code() -> None:
    """A hook that was answered in the handler's place: the line says where the handler is."""
    handler = Handler()
    with handling(handler, logging.WARNING), conversing(ack_timeout=0.05) as (_conversation, jambonz):
        jambonz.send_text(json.dumps(NEW))
        jambonz.hear()
        eventually(lambda: handler.lines)
    (line, *_) = handler.lines
    assert "session:new" in line
    # Of the test's own or of its helpers', wherever the thread was at the moment.
    assert f" [{os.path.dirname(__file__)}{os.sep}" in line
    assert line.endswith("]")


def test_a_log_handler_may_use_the_conversation() -> None:
    """Lines are written with the lock free: a handler that takes it, or sends, does not deadlock."""
    with conversing() as (conversation, jambonz):

        def use(line: str) -> None:
            if line.startswith("received"):
                with conversation.turn() as call:
                    call.outbox.append('{"type":"from the log"}')

        with handling(Handler(use)):
            # On the watcher's thread …
            jambonz.send_text(json.dumps(NEW))
            assert jambonz.hear() == {"type": "from the log"}
            # … and on the call's own.
            seen = conversation.call.arrivals
            jambonz.tell("call:status", "s1")
            conversation.wait_for_arrival(seen, time.monotonic() + TIMEOUT)
            assert jambonz.hear() == {"type": "from the log"}


def test_a_slow_log_handler_does_not_hold_the_lock() -> None:
    """While a line is being written other threads may use the call."""
    writing, go_on = threading.Event(), threading.Event()

    def dawdle(line: str) -> None:
        writing.set()
        assert go_on.wait(TIMEOUT)

    with conversing() as (conversation, jambonz), handling(Handler(dawdle)):
        jambonz.send_text(json.dumps(NEW))
        assert writing.wait(TIMEOUT)
        try:
            assert conversation.lock.acquire(timeout=TIMEOUT)
            conversation.lock.release()
        finally:
            go_on.set()


def test_lines_collected_by_many_threads_are_written_once() -> None:
    """Each line comes once, whoever writes it."""
    handler = Handler()
    with handling(handler), conversing() as (conversation, jambonz):
        barrier = threading.Barrier(4)

        def send(name: int) -> None:
            barrier.wait(TIMEOUT)
            for number in range(100):
                with conversation.turn() as call:
                    call.outbox.append(f'"{name} {number}"')

        for sending in [Background(lambda name=name: send(name)) for name in range(4)]:
            sending.result()
        heard = [jambonz.hear() for _ in range(400)]
        written = [line.removeprefix("sent ") for line in handler.lines if line.startswith("sent ")]
        assert sorted(written) == sorted(f'"{text}"' for text in heard)
        for name in range(4):
            of_one = [text for text in heard if text.startswith(f"{name} ")]
            assert of_one == [f"{name} {number}" for number in range(100)]


def test_where_the_calls_thread_is() -> None:
    """The thread that makes the conversation is the call's own."""
    conversation = Conversation(Call(), LOG)
    assert conversation.where().startswith(f"{__file__}:")
    assert conversation.where().endswith(f" in {test_where_the_calls_thread_is.__name__}")
