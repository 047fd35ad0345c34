"""Workers are replaced, killed and recycled, behind nginx and without, while calls are up: none is lost."""

from __future__ import annotations

import contextlib
import itertools
import os
import pathlib
import shutil
import signal
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.hosting import residue
from tests.hosting.deployed import free_port, start_gunicorn, start_nginx, start_phone
from tests.hosting.process import eventually
from tests.hosting.shopping_calls import Caller, Lost, pause
from tests.scenarios.jambonz_side import JambonzSide
from tests.scenarios.light_client import drive

KINDS = {"gthread": ("--threads", "100"), "gevent": ("--worker-class", "gevent")}

#: What gunicorn is told here, in seconds, and the half of it that calls may go on for.
GRACEFUL_TIMEOUT = 3
DRAIN = GRACEFUL_TIMEOUT / 2


@pytest.fixture
def folder():
    """A folder whose name is short: sockets are made in it, and their names may have 107 characters."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="deploy-"))
    yield path
    shutil.rmtree(path)


class Calls:
    """The calls of a test, all on its thread."""

    def __init__(self, urls):
        self._urls = urls
        self.made = []
        #: How long the short ones took that have ended, with their callers.
        self.ended = []
        #: Whether no more short ones are to begin.
        self.enough = False

    def caller(self):
        """A new caller."""
        self.made.append(Caller(self._urls, f"call-{len(self.made)}"))
        return self.made[-1]

    def short_one(self):
        """A call that is over before anybody loses patience."""
        caller = self.caller()
        yield from caller.begin()
        for item in ("tea", "milk"):
            try:
                yield from caller.order(item)
                yield from caller.think(0.1)
            except Lost:
                yield from caller.come_back()
        yield from caller.hang_up()
        self.ended.append((caller, time.monotonic() - caller.began))

    def short_ones(self):
        """One after the other, until there are enough."""
        while not self.enough:
            yield self.short_one()

    def until_more_have_ended(self, number):
        """Wait for the end of so many more short calls."""
        seen = len(self.ended)
        return until(lambda: len(self.ended) >= seen + number, "too few calls end")

    def refused(self):
        """The attempts of each caller to connect that came to nothing, where there were any."""
        return [(caller.sid, caller.refused) for caller in self.made if caller.refused]

    def cut_short(self, patience):
        """The short calls that were closed though they lasted less than a server waits for."""
        # On a slow machine others may have been closed too.
        return [(caller.sid, seconds) for caller, seconds in self.ended if caller.lost and seconds < patience]


def until(condition, what):
    """Wait for something that other stories bring about."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, what
        yield from pause(0.05)


class Deployment:
    """gunicorn behind nginx, with the shipped settings, and calls through both."""

    def __init__(self, stack, folder, *options):
        self._stack = stack
        self._options = ("--graceful-timeout", str(GRACEFUL_TIMEOUT), *options)
        self._port, outer = free_port(), free_port()
        self.folder = folder / "phone"
        self.start()
        self.nginx = stack.enter_context(start_nginx(folder / "nginx", f"127.0.0.1:{outer}", [self._port]))
        self.url = f"ws://127.0.0.1:{outer}/app"
        self.calls = Calls([self.url])

    def start(self):
        """Start gunicorn, for the first time or again."""
        self.gunicorn = self._stack.enter_context(start_gunicorn(self.folder, self._port, *self._options))

    @property
    def workers(self):
        """The process ids of the workers."""
        return set(residue.children(self.gunicorn.pid))

    def signal(self, number):
        """Send a signal to gunicorn."""
        os.kill(self.gunicorn.pid, number)

    def sockets(self):
        """The processes whose sockets are there, by which workers find each other."""
        return {int(path.name.partition("-")[0]) for path in self.folder.glob("jambonz_sync-*/*")}

    def assert_no_complaints(self):
        """Nothing was logged above INFO."""
        assert self.gunicorn.unexpected() == []


@pytest.fixture
def deploy(folder):
    """Starts both, with further options of gunicorn."""
    with contextlib.ExitStack() as stack:
        yield lambda *options: Deployment(stack, folder, *options)


# Replacing workers


@pytest.mark.parametrize("kind", KINDS)
def test_reload(kind, deploy):
    """Under a steady load, short calls notice nothing; long ones are closed with 1001 and go on at new workers."""
    deployment = deploy(*KINDS[kind])
    calls, before = deployment.calls, deployment.workers
    long_callers = [calls.caller() for _ in range(10)]

    def long_one(caller):
        yield from caller.begin()
        yield from caller.order_until_lost()
        yield from caller.come_back()
        yield from caller.order("bread")
        yield from caller.hang_up()

    def conductor():
        yield from calls.until_more_have_ended(40)
        deployment.signal(signal.SIGHUP)
        yield from until(lambda: all(caller.greeted_again for caller in long_callers), "long calls do not go on")
        yield from calls.until_more_have_ended(40)
        calls.enough = True

    drive(itertools.chain([conductor()], map(long_one, long_callers), calls.short_ones()), at_once=41)
    assert calls.refused() == []
    assert {tuple(caller.lost) for caller in long_callers} == {(1001,)}
    assert calls.cut_short(DRAIN) == []
    eventually(lambda: len(deployment.workers) == 2 and not before & deployment.workers, "old workers remain")
    deployment.assert_no_complaints()


def test_reload_while_little_happens(deploy):
    """gevent accepts connections for a while after its worker, without a call, is told to stop: they are served."""
    deployment = deploy(*KINDS["gevent"])
    calls, before = deployment.calls, deployment.workers

    def conductor():
        yield from calls.until_more_have_ended(3)
        deployment.signal(signal.SIGHUP)
        yield from until(lambda: not before & deployment.workers, "old workers remain")
        calls.enough = True

    drive(itertools.chain([conductor()], calls.short_ones()), at_once=3)
    assert calls.refused() == []
    assert calls.cut_short(DRAIN) == []
    deployment.assert_no_complaints()


def test_worker_has_served_enough(deploy):
    """A worker that ends because of ``max_requests`` lets its calls go on for as long, and then hands them on."""
    deployment = deploy(*KINDS["gthread"], "--max-requests", "12")
    calls, before = deployment.calls, deployment.workers
    long_callers = [calls.caller() for _ in range(4)]

    def long_one(caller):
        yield from caller.begin()
        yield from caller.order_until(lambda: calls.enough)
        yield from caller.hang_up()

    def conductor():
        yield from until(lambda: all(caller.greeted_again for caller in long_callers), "long calls do not go on")
        calls.enough = True

    drive(itertools.chain([conductor()], map(long_one, long_callers), calls.short_ones()), at_once=7)
    assert {code for caller in calls.made for code in caller.lost} == {1001}
    assert calls.cut_short(DRAIN) == []
    assert not before & deployment.workers
    deployment.gunicorn.expect("Autorestarting worker")


def test_worker_is_killed(deploy):
    """Calls of a worker that is killed go on at another; of it nothing is left where workers find each other."""
    deployment = deploy(*KINDS["gthread"])
    calls = deployment.calls
    callers = [calls.caller() for _ in range(8)]
    victim = min(deployment.workers)
    killed = []

    def story(caller):
        yield from caller.begin()
        yield from caller.order_until(lambda: killed and victim not in deployment.sockets())
        yield from caller.hang_up()

    def conductor():
        yield from until(lambda: all(caller.items for caller in callers), "calls do not begin")
        yield from until(lambda: victim in deployment.sockets(), "all calls are at one worker")
        os.kill(victim, signal.SIGKILL)
        killed.append(victim)

    drive([conductor(), *map(story, callers)], at_once=9)
    lost = [caller for caller in callers if caller.lost]
    assert lost
    assert {tuple(caller.lost) for caller in lost} == {(1006,)}
    assert all(len(caller.greeted_again) == 1 for caller in lost)
    deployment.gunicorn.expect("[ERROR]", str(victim), "SIGKILL")
    deployment.gunicorn.end()
    assert list(deployment.folder.glob("jambonz_sync-*")) == []
    deployment.assert_no_complaints()


def test_lost_connection(deploy):
    """Whichever worker jambonz comes back to, the one that holds the call gets it; its function notices nothing."""
    deployment = deploy(*KINDS["gthread"], "--workers", "4")

    def lose_and_come_back(jambonz):
        jambonz.lose("reset")
        assert not jambonz.come_back()
        jambonz.speech("/item", "tea")
        (verb,) = jambonz.expect_ack()
        assert verb["say"]["text"] == "tea. What else?"

    def handed_over():
        return sum("over to the process that holds it" in line for line in deployment.gunicorn.lines())

    with contextlib.ExitStack() as stack:
        sides = [stack.enter_context(JambonzSide(deployment.url)) for _ in range(8)]
        for jambonz in sides:
            jambonz.session_new()
            jambonz.expect_ack()
            # What only a call that is built says: the first verbs have arrived.
            jambonz.verb_status("starting")
            jambonz.all_read()
        pool = stack.enter_context(ThreadPoolExecutor(len(sides)))
        # All at once, since of idle workers always the same one might accept.
        for _ in range(100):
            list(pool.map(lose_and_come_back, sides))
            if handed_over() >= 3:
                break
    assert handed_over() >= 3
    deployment.gunicorn.allow("connection lost")
    deployment.assert_no_complaints()


# The whole server


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_restart(number, deploy):
    """Calls of a server that is stopped go on at the next; meanwhile jambonz gets no HTTP answer from nginx."""
    deployment = deploy(*KINDS["gthread"])
    calls = deployment.calls
    callers = [calls.caller() for _ in range(6)]

    def story(caller):
        yield from caller.begin()
        yield from caller.order_until_lost()
        yield from caller.come_back()
        yield from caller.order("bread")
        yield from caller.hang_up()

    def conductor():
        yield from until(lambda: all(caller.items for caller in callers), "calls do not begin")
        deployment.signal(number)
        yield from until(lambda: deployment.gunicorn.ended, "it does not end")
        # An HTTP answer would have been the end of the test.
        yield from until(lambda: all(caller.refused for caller in callers), "somebody takes calls")
        deployment.assert_no_complaints()
        deployment.start()

    drive([conductor(), *map(story, callers)], at_once=7)
    assert {tuple(caller.lost) for caller in callers} == {(1001,)}
    deployment.assert_no_complaints()


def test_nobody_is_there(folder):
    """While no server can be reached, nginx closes connections without a word, and jambonz gets through later."""
    ports = [free_port(), free_port()]
    outer = free_port()
    calls = Calls([f"ws://127.0.0.1:{outer}/app"])
    callers = [calls.caller() for _ in range(6)]

    def story(caller):
        yield from caller.begin()
        yield from caller.order("tea")
        yield from caller.hang_up()

    with contextlib.ExitStack() as stack:
        stack.enter_context(start_nginx(folder / "nginx", f"127.0.0.1:{outer}", ports))

        def conductor():
            # The third attempt is made after 1.5 s.
            yield from until(lambda: all(caller.refused >= 3 for caller in callers), "somebody takes calls")
            stack.enter_context(start_phone(folder / "phone", ports[1]))

        drive([conductor(), *map(story, callers)], at_once=7)


# Several servers


@pytest.mark.parametrize("front", ["nginx", "no nginx"])
def test_one_after_the_other(front, folder):
    """Two standalone servers are restarted in turn, behind nginx or with both addresses known to the caller."""
    ports = [free_port(), free_port()]
    # They are on one machine here, and so have the notes in common.
    variables = {"DRAIN": "1", "NOTES": str(folder / "notes")}
    with contextlib.ExitStack() as stack:

        def start(port):
            return stack.enter_context(start_phone(folder / str(port), port, **variables))

        servers = {port: start(port) for port in ports}
        addresses = ports
        if front == "nginx":
            addresses = [free_port()]
            stack.enter_context(start_nginx(folder / "nginx", f"127.0.0.1:{addresses[0]}", ports))
        calls = Calls([f"ws://127.0.0.1:{port}/app" for port in addresses])
        long_callers = [calls.caller() for _ in range(6)]

        def long_one(caller):
            yield from caller.begin()
            yield from caller.order_until(lambda: calls.enough)
            yield from caller.hang_up()

        def conductor():
            yield from calls.until_more_have_ended(5)
            for port in ports:
                os.kill(servers[port].pid, signal.SIGTERM)
                yield from until(lambda port=port: servers[port].ended, "it does not end")
                assert servers[port].unexpected() == []
                servers[port] = start(port)
                yield from calls.until_more_have_ended(5)
            calls.enough = True

        drive(itertools.chain([conductor()], map(long_one, long_callers), calls.short_ones()), at_once=11)
        assert {code for caller in calls.made for code in caller.lost} == {1001}
        assert all(caller.greeted_again for caller in long_callers)
        assert calls.cut_short(1.0) == []
        if front == "nginx":
            assert calls.refused() == []
