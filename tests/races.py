"""A hunter of races: many short, wild calls at once against an endpoint whose locks are slow.

.. code-block:: text

    python -m tests.races --seconds 300 --seed 1

Every message that wants an ack must get exactly one, in time and fit to its kind, on every socket that stays up.
Sockets are lost in every way; the next one begins with the ack of session:reconnect, and brings no ack of what was
asked before. No redirect may be empty; frames must be whole; no thread may die, and no thread or descriptor may be left
at the end.

Ends with exit status 1, and the seed, if something was wrong.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import gc
import json
import logging
import os
import pathlib
import random
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from typing import Any

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection

import jambonz_sync.turn
from jambonz_sync import CallNotActive, Endpoint, HookLost, Session, WaitTimeout, create_endpoint
from tests.scenarios.jambonz_side import JambonzSide

__all__ = ["hunt", "main"]

ACK_TIMEOUT = 0.3
#: Beyond the deadline: the watcher looks every 50 ms, and a loaded machine takes its time.
GRACE = 3.0

_chance = random.Random()


class SlowLock:
    """A lock that is often taken late, and after whose release others often come first."""

    #: How many there have been, or a few less.
    made = 0

    def __init__(self) -> None:
        SlowLock.made += 1
        self._lock = threading.Lock()

    @staticmethod
    def _dawdle() -> None:
        if _chance.random() < 0.1:
            time.sleep(_chance.uniform(0, 0.002))

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        if blocking:
            self._dawdle()
        return self._lock.acquire(blocking, timeout)

    def release(self) -> None:
        self._lock.release()
        self._dawdle()

    def locked(self) -> bool:
        return self._lock.locked()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


class Deliberate(Exception):
    """Raised by handlers on purpose."""


class Tally:
    """What was done, and what was wrong."""

    def __init__(self) -> None:
        self.counts: collections.Counter[str] = collections.Counter()
        self.violations: list[str] = []
        self._lock = threading.Lock()

    def count(self, what: str, number: int = 1) -> None:
        with self._lock:
            self.counts[what] += number

    def violation(self, text: str) -> None:
        with self._lock:
            self.violations.append(text)

    def __str__(self) -> str:
        with self._lock:
            counted = ", ".join(f"{number:,} {what}" for what, number in sorted(self.counts.items()))
            return f"{counted}; {len(self.violations)} violations"


# The application


class Wild:
    """One call's handler, which does whatever its dice say."""

    def __init__(self, session: Session, tally: Tally) -> None:
        self.session = session
        self.tally = tally
        self.dice = random.Random(session.data["seed"])
        self.threads: list[threading.Thread] = []

    def answer(self) -> None:
        actions = [
            *[self.compute, self.sleep, self.doze, self.send, self.wait, self.wait, self.wait_for_status],
            *[self.elsewhere, self.elsewhere, self.listen, self.run, self.forget, self.late, self.fail, self.close],
        ]
        try:
            if self.dice.random() < 0.9:
                self.menu().send()
            for _ in range(self.dice.randint(0, 12)):
                self.dice.choice(actions)()
        finally:
            for thread in self.threads:
                thread.join()

    def menu(self) -> Session:
        hook = self.dice.choice(["/turn", "/other"])
        self.session.say("What now?")
        return self.session.gather(input=["speech"], action_hook=hook, partial_result_hook="/partial")

    def compute(self) -> None:
        until = time.monotonic() + self.dice.uniform(0, 0.003)
        while time.monotonic() < until:
            self.session.ended  # noqa: B018

    def sleep(self) -> None:
        self.session.sleep(self.dice.uniform(0, 0.05))

    def doze(self) -> None:
        time.sleep(self.dice.uniform(0, 0.05))

    def late(self) -> None:
        if self.dice.random() < 0.3:
            time.sleep(ACK_TIMEOUT + 0.1)

    def send(self) -> None:
        self.menu().send(exec_immediate=self.dice.random() < 0.5)

    def forget(self) -> None:
        self.session.say("Forgotten.")

    def wait(self) -> None:
        names = self.dice.choice([("/turn",), ("/other", "/turn"), ("*",), ("verb:hook",), ("/partial", "call:status")])
        try:
            evt = self.session.wait_for(*names, timeout=self.dice.choice([0, 0.005, 0.05, 0.2]))
        except (WaitTimeout, HookLost):
            # It may well be lost: the statuses below are told at random, and one that names what is put behind the
            # queue after a lost connection says that whatever stands before it is over.
            return
        if evt.asking is not None and self.dice.random() < 0.7:
            for _ in range(self.dice.choice([1, 1, 1, 2])):
                self.menu().reply(to=evt)

    def wait_for_status(self) -> None:
        with contextlib.suppress(WaitTimeout):
            self.session.wait_for("call:status", "verb:status", timeout=self.dice.uniform(0, 0.05))

    def run(self) -> None:
        with contextlib.suppress(WaitTimeout):
            self.menu().run(timeout=self.dice.uniform(0, 0.1))

    def listen(self) -> None:
        name = self.dice.choice(["/turn", "/other", "/partial", "call:status"])

        def handler(evt: Any) -> None:
            if self.dice.random() < 0.5:
                self.menu().reply()
            if self.dice.random() < 0.2:
                self.wait()

        if self.dice.random() < 0.2:
            self.session.on(name, reply=[{"verb": "say", "text": "Canned."}])
        else:
            self.session.on(name, handler)

    def elsewhere(self) -> None:
        seed = self.dice.random()
        thread = threading.Thread(target=self._elsewhere, args=(random.Random(seed),), name="races foreign")
        self.threads.append(thread)
        thread.start()

    def _elsewhere(self, dice: random.Random) -> None:
        with contextlib.suppress(CallNotActive):
            for _ in range(dice.randint(1, 5)):
                time.sleep(dice.uniform(0, 0.01))
                self.session.say("From elsewhere.").send(exec_immediate=dice.random() < 0.5)
            if dice.random() < 0.1:
                self.session.close()

    def fail(self) -> None:
        if self.dice.random() < 0.2:
            raise Deliberate

    def close(self) -> None:
        if self.dice.random() < 0.2:
            self.session.close()


# jambonz


class Caller:
    """One call from jambonz's side, which checks all that it is told."""

    def __init__(self, url: str, seed: int, tally: Tally) -> None:
        self.url = url
        self.seed = seed
        self.tally = tally
        self.dice = random.Random(seed)
        self.wanted: dict[str, tuple[float, str]] = {}
        self.acked: set[str] = set()
        # What was asked on a connection that is lost since.
        self.given_up: set[str] = set()
        self.closed_at: float | None = None

    def call(self) -> None:
        try:
            self.jambonz = JambonzSide(self.url, call_sid=f"race-{self.seed}", timeout=10)
        except (OSError, WebSocketException) as error:
            self.wrong(f"cannot connect: {error!r}")
            return
        try:
            self.talk()
        except ConnectionClosed as closed:
            self.note_close(closed)
        self.settle_up()

    def wrong(self, text: str) -> None:
        self.tally.violation(f"call {self.seed}: {text}")

    def talk(self) -> None:
        self.ask("session:new")
        for _ in range(self.dice.randint(0, 25)):
            what = self.dice.choice(
                [*["hook"] * 8, *["status"] * 4, "confirm", "garbage", "flood", "read", "read", "lose"]
            )
            getattr(self, what)()
            if self.dice.random() < 0.5:
                self.listen_for(self.dice.choice([0, 0.001, 0.01, 0.05]))
        ending = self.dice.choice(["patient", "patient", "close", "drop"])
        if ending == "patient":
            # All that was asked must be answered now.
            deadline = time.monotonic() + ACK_TIMEOUT + GRACE
            while self.wanted.keys() - self.acked - self.given_up and time.monotonic() < deadline:
                self.listen_for(0.01)
            self.check_late()
            self.jambonz.hang_up()
        elif ending == "close":
            self.jambonz.hang_up(self.dice.choice([1000, 1001]))
        else:
            self.jambonz.drop()
        for message in self.jambonz.rest():
            self.check(message)

    def ask(self, kind: str, hook: str | None = None) -> None:
        # Noted before it is sent, as the answer may be faster.
        began = time.monotonic()
        if hook is None:
            msgid = self.jambonz.session_new(seed=self.seed)
        else:
            msgid = self.jambonz.hook(hook, kind=kind, reason="timeout")
        self.wanted[msgid] = (began, kind)
        self.tally.count("questions")

    def hook(self) -> None:
        self.ask("verb:hook", self.dice.choice(["/turn", "/turn", "/other", "/partial", "/unknown", "/run"]))

    def confirm(self) -> None:
        self.ask("dial:confirm", "/confirm")

    def status(self) -> None:
        if self.dice.random() < 0.5:
            self.jambonz.status("in-progress")
        else:
            self.jambonz.verb_status(self.dice.choice(["starting", "finished"]), f"v{self.dice.randint(1, 9)}")

    def garbage(self) -> None:
        self.jambonz.send_text(self.dice.choice(["not json", "{}", '{"type": 7}', "[]"]))

    def flood(self) -> None:
        for _ in range(30):
            self.dice.choice([self.hook, self.status])()

    def read(self) -> None:
        self.listen_for(0.002)

    def lose(self) -> None:
        self.tally.count("connections lost")
        before = self.jambonz.socket
        way = self.dice.choice(JambonzSide.WAYS)
        # The application may have closed it already.
        with contextlib.suppress(OSError, ConnectionClosed):
            self.jambonz.lose(way)
        if way != "ghost":
            self.see_off(before)
            time.sleep(self.dice.choice([0, 0, 0.01, 0.1]))
        self.given_up |= self.wanted.keys() - self.acked
        try:
            self.jambonz.come_back()
        except AssertionError as error:
            self.wrong(f"after a {way}: {error}")
        if way == "ghost":
            self.see_off(before)

    def see_off(self, connection: ClientConnection) -> None:
        """Read a lost connection to its end."""
        try:
            while True:
                self.check(json.loads(connection.recv(10)), lost=True)
        except ConnectionClosed:
            pass
        except TimeoutError:
            self.wrong("a lost connection was not closed")

    def listen_for(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while True:
            try:
                # Not with the time that is left: on a queue whose time has run out as the wait begins, which happens on
                # a busy machine, CPython up to 3.12 waits for ever.
                data = self.jambonz.socket.recv(0)
            except TimeoutError:
                if time.monotonic() >= until:
                    return
                time.sleep(0.0002)
                continue
            try:
                message = json.loads(data)
            except ValueError:
                self.wrong(f"not JSON: {data[:200]!r}")
                continue
            self.check(message)

    def check(self, message: dict[str, Any], *, lost: bool = False) -> None:
        kind = message.get("type")
        self.tally.count("answers")
        if kind == "command":
            if message.get("command") != "redirect" or not message.get("data"):
                self.wrong(f"a command that must not be: {message}")
            elif not isinstance(message.get("queueCommand"), bool):
                self.wrong(f"queueCommand is no bool: {message}")
            return
        msgid = message.get("msgid")
        if kind != "ack" or msgid not in self.wanted:
            self.wrong(f"neither command nor ack of a message of this call: {message}")
            return
        asked, about = self.wanted[msgid]
        if msgid in self.given_up and not lost:
            self.wrong(f"asked on a connection that is lost: {message}")
        if msgid in self.acked:
            self.wrong(f"acked twice: {message}")
        self.acked.add(msgid)
        late = time.monotonic() - asked
        if late > ACK_TIMEOUT + GRACE and self.closed_at is None:
            self.wrong(f"the ack of {about} took {late:.2f} s: {message}")
        if about in ("session:new", "dial:confirm") and not message.get("data"):
            self.wrong(f"an empty answer to {about}: {message}")

    def check_late(self) -> None:
        for msgid in self.wanted.keys() - self.acked - self.given_up:
            self.wrong(f"no ack of {self.wanted[msgid][1]} {msgid}")

    def note_close(self, closed: ConnectionClosed) -> None:
        self.closed_at = time.monotonic()
        self.tally.count("calls closed by the application")
        if closed.rcvd is None:
            self.wrong(f"the connection broke: {closed}")
        elif closed.rcvd.code != 1000:
            self.wrong(f"closed with {closed.rcvd.code}: {closed}")
        for message in self.jambonz.rest():
            self.check(message)
        # What was asked long before the close should have been answered by then.
        for msgid in self.wanted.keys() - self.acked - self.given_up:
            asked, about = self.wanted[msgid]
            if self.closed_at - asked > ACK_TIMEOUT + GRACE:
                self.wrong(f"closed without the ack of {about} {msgid}")

    def settle_up(self) -> None:
        self.tally.count("calls")
        self.jambonz.drop()


# The hunt


class _Errors(logging.Handler):
    """Counts errors in the log that no handler raised on purpose."""

    def __init__(self, tally: Tally) -> None:
        super().__init__(logging.ERROR)
        self.tally = tally

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        # A caller that closes with 1001 at once has, as far as anybody can see, refused the first verbs.
        if not isinstance(error, Deliberate) and "refused the first verbs" not in record.getMessage():
            self.tally.violation(f"logged: {record.getMessage()} {error!r}")


@contextlib.contextmanager
def hostile(tally: Tally) -> Iterator[None]:
    """Make locks slow and threads change places often; note exceptions that end a thread."""
    interval = sys.getswitchinterval()
    before = threading.excepthook
    real = jambonz_sync.turn.threading
    slow = types.SimpleNamespace(**{name: getattr(threading, name) for name in threading.__all__})
    slow.Lock = SlowLock
    logger = logging.getLogger("jambonz_sync")
    errors = _Errors(tally)

    def note(arguments: threading.ExceptHookArgs) -> None:
        tally.violation(f"a thread died: {arguments.exc_type.__name__}: {arguments.exc_value}")

    logger.addHandler(errors)
    # The client complains when its own socket is taken away from it by drop().
    client = logging.getLogger("websockets.client")
    client_disabled, client.disabled = client.disabled, True
    propagate, logger.propagate = logger.propagate, False
    threading.excepthook = note
    vars(jambonz_sync.turn)["threading"] = slow
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        vars(jambonz_sync.turn)["threading"] = real
        threading.excepthook = before
        client.disabled = client_disabled
        logger.propagate = propagate
        logger.removeHandler(errors)


def descriptors() -> int:
    """How many descriptors are open; 0 where that cannot be told."""
    gc.collect()
    path = pathlib.Path("/proc/self/fd")
    return len(os.listdir(path)) if path.exists() else 0


def left_over(threads_before: set[threading.Thread], descriptors_before: int, tally: Tally) -> None:
    """Note threads and descriptors that do not go away."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        threads = [thread.name for thread in threading.enumerate() if thread not in threads_before]
        more = descriptors() - descriptors_before
        if not threads and more <= 0:
            return
        time.sleep(0.02)
    tally.violation(f"left over: {more} descriptors, threads {threads}")


def hunt(seconds: float, seed: int, *, callers: int = 4, say: Callable[[str], Any] = print) -> Tally:
    """Hunt for so long; return what was done and found."""
    tally = Tally()
    _chance.seed(seed)
    SlowLock.made = 0
    threads_before, descriptors_before = set(threading.enumerate()), descriptors()
    with hostile(tally):
        endpoint = create_endpoint(host="127.0.0.1", port=0, ack_timeout=ACK_TIMEOUT, reconnect_timeout=1.0)
        service = endpoint.make_service("/race", apology=[{"verb": "say", "text": "Sorry."}])
        service.on("session:new", lambda session: Wild(session, tally).answer())
        with endpoint:
            _call_for(seconds, seed, callers, endpoint, tally, say)
            endpoint.stop(drain=10)
        if endpoint.sessions:
            tally.violation(f"sessions are left: {list(endpoint.sessions)}")
        left_over(threads_before, descriptors_before, tally)
    if not SlowLock.made:
        tally.violation("no call had a slow lock: they are made elsewhere now")
    return tally


def _call_for(
    seconds: float, seed: int, callers: int, endpoint: Endpoint, tally: Tally, say: Callable[[str], Any]
) -> None:
    until = time.monotonic() + seconds

    def keep_calling(first: int) -> None:
        number = first
        while time.monotonic() < until and len(tally.violations) < 20:
            Caller(f"{endpoint.url}/race", number, tally).call()
            number += callers

    threads = [
        threading.Thread(target=keep_calling, args=(seed * 1_000_000 + number,), name=f"races caller {number}")
        for number in range(callers)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        time.sleep(min(5.0, max(until - time.monotonic(), 0.2)))
        say(f"{max(until - time.monotonic(), 0):.0f} s to go: {tally}")
    for thread in threads:
        thread.join()


def main(arguments: list[str] | None = None) -> int:
    """Hunt, as the command line says; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.races", description="hunt for races")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--callers", type=int, default=4, help="calls at the same time")
    options = parser.parse_args(arguments)
    seed = random.SystemRandom().randrange(1_000_000) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    tally = hunt(options.seconds, seed, callers=options.callers, say=lambda text: print(text, flush=True))
    print(tally)
    for text in tally.violations[:20]:
        print(f"  {text}")
    if tally.violations:
        print(f"failed; again with --seed {seed}")
    return 1 if tally.violations else 0


if __name__ == "__main__":
    sys.exit(main())
