"""Five hundred calls, of which each loses its connection twice, at any moment."""

from __future__ import annotations

import collections
import logging
import os
import pathlib
import random
import threading
import time

import pytest

from tests.scenarios.application import TIMEOUT
from tests.scenarios.jambonz_side import GOODBYE, texts
from tests.scenarios.light_client import LightSocket, drive

CALLS, TURNS = 500, 8

#: jambonz waits this long for an ack.
PATIENCE = 5.0

#: The ways to lose a connection on which nothing is under way, and those after which what has come can still be read.
QUIETLY = ("reset", "end", 1011, 1012, "ghost")
READABLE = ("end", 1011, 1012)


def answer(session):
    """Count with the caller; now and then slowly."""
    dice = random.Random(session.data["seed"])
    for turn in range(TURNS):
        if dice.random() < 0.3:
            time.sleep(dice.uniform(0, 0.03))
        session.say(f"turn {turn}").gather(action_hook="/turn").reply()
        assert session.wait_for("/turn").digits == str(turn)
    session.say("Bye.").reply()


class Caller:
    """One call from jambonz's side: it checks all that it is told, and loses its connection on two of its turns."""

    def __init__(self, url, seed, tally):
        self.url = url
        self.tally = tally
        self.dice = random.Random(seed)
        self.sid = f"many-{seed}"
        self.opening = {"call_sid": self.sid, "direction": "inbound", "seed": seed}
        #: When each message was sent that wants an ack and may still get one.
        self.asked = {}
        self.acked = set()
        #: The verbs that jambonz was given last, all that it was given to say, and what it may have been given again.
        self.verbs = []
        self.said = []
        self.again = set()
        self.count = 0

    def story(self):
        """The call, from its first message to its end."""
        drops = self.dice.sample(range(TURNS), 2)
        words = [*(f"turn {turn}" for turn in range(TURNS)), "Bye."]
        yield from self.connect()
        self.ask("session:new", self.opening)
        yield from self.hear(words[0])
        for turn in range(TURNS):
            quietly = self.dice.random() < 0.5
            if turn in drops and quietly:
                if turn == 0:
                    # jambonz has said nothing that shows that it has them.
                    self.again.add(words[0])
                yield from self.lose(self.dice.choice(QUIETLY))
            hook = {"call_sid": self.sid, "verb_id": self.verbs[-1]["id"], "digits": str(turn)}
            self.ask("verb:hook", hook, hook="/turn")
            if turn in drops and not quietly:
                if self.dice.random() < 0.5:
                    yield self.dice.uniform(0, 0.03), [self.sock]
                # An answer that crosses the close may be given again.
                self.again.add(words[turn + 1])
                yield from self.lose(self.dice.choice(READABLE))
            yield from self.hear(words[turn + 1])
        yield from self.until(lambda: self.verbs == GOODBYE, self.sock)
        assert list(dict.fromkeys(self.said)) == words
        assert {text for text in self.said if self.said.count(text) > 1} <= self.again
        self.say("call:status", {"call_sid": self.sid, "call_status": "completed"})
        self.sock.lose(1000)
        yield from self.see_off(self.sock)
        assert self.sock.close_code == 1000
        assert not self.asked, "not acked"
        self.tally["complete"] += 1

    # What jambonz says

    def say(self, kind, data, **envelope):
        self.count += 1
        msgid = f"{self.sid}.{self.count}"
        self.sock.send({"type": kind, "msgid": msgid, "call_sid": self.sid, "data": data, **envelope})
        return msgid

    def ask(self, kind, data, **envelope):
        began = time.monotonic()
        self.asked[self.say(kind, data, **envelope)] = began

    def connect(self):
        self.sock = LightSocket(self.url)
        yield from self.until(lambda: self.sock.is_open, self.sock)

    def lose(self, way):
        """Lose the connection and come back, now and then only the second time."""
        before = self.sock
        before.lose(way)
        if way != "ghost":
            yield from self.see_off(before)
            yield self.dice.choice([0, 0, self.dice.uniform(0, 0.2)]), []
        yield from self.come_back()
        if way == "ghost":
            yield from self.see_off(before)
        if self.dice.random() < 0.3:
            # Before a word of the application has been read on it.
            before = self.sock
            before.lose("end")
            yield from self.see_off(before)
            yield from self.come_back()
        yield from self.until(lambda: not self.asked, self.sock)

    def come_back(self):
        self.tally["connections lost"] += 1
        # jambonz gives up on what it has asked.
        self.asked.clear()
        yield from self.connect()
        self.ask("session:reconnect", self.opening)

    def see_off(self, sock):
        """Read a connection to its end: what was said on it before the application heard that it is lost."""
        yield from self.until(lambda: sock.is_over, sock)
        self.read(sock)
        sock.close()

    # What it is told

    def until(self, done, sock):
        """Read one connection until then, but not for ever."""
        deadline = time.monotonic() + 2 * TIMEOUT
        self.read(sock)
        while not done():
            assert time.monotonic() < deadline, f"{self.sid} waits in vain"
            assert not sock.is_over, f"{self.sid} has lost its connection"
            yield PATIENCE, [sock]
            self.read(sock)

    def read(self, sock):
        """Check what has come on one connection."""
        while sock.messages:
            self.check(sock.messages.popleft())

    def check(self, message):
        data = message.get("data")
        if message["type"] == "ack":
            msgid = message["msgid"]
            assert msgid not in self.acked, f"acked twice: {message}"
            self.acked.add(msgid)
            asked = self.asked.pop(msgid, None)
            if asked is not None:
                self.tally["slowest ack"] = max(self.tally["slowest ack"], time.monotonic() - asked)
        else:
            assert message["command"] == "redirect"
        # After a second of waiting the application looks for hooks that were lost; here none is.
        if data and {verb["verb"] for verb in data} != {"config"}:
            self.verbs = data
            self.said += texts(data)

    def hear(self, text):
        """Wait until this is said."""
        yield from self.until(lambda: text in self.said, self.sock)


def descriptors():
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.timeout(120)
@pytest.mark.skipif(not pathlib.Path("/proc/self/fd").exists(), reason="descriptors cannot be counted here")
def test_five_hundred(app, log):
    """None is lost, each conversation is complete, every ack comes in time and once, and nothing is left over."""
    app.answer(answer)
    log.allow("connection lost")
    # Each message as a line of the log would cost more than the calls do.
    logging.getLogger("jambonz_sync").setLevel(logging.INFO)
    threads, before = threading.active_count(), descriptors()
    tally = collections.Counter()
    callers = [Caller(app.endpoint.url + "/app", seed, tally) for seed in range(CALLS)]
    drive((caller.story() for caller in callers), at_once=200)
    assert tally["complete"] == CALLS
    assert tally["connections lost"] >= 2 * CALLS
    assert tally["slowest ack"] < PATIENCE
    assert [app.outcome() for _ in range(CALLS)] == [None] * CALLS
    deadline = time.monotonic() + TIMEOUT
    while app.endpoint.sessions or len(app.endpoint._reception.calls) or threading.active_count() > threads:
        assert time.monotonic() < deadline, f"left over: {threading.enumerate()}"
        time.sleep(0.01)
    assert descriptors() == before
