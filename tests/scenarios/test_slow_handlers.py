"""Handlers that take longer than jambonz waits, by the real clock."""

from __future__ import annotations

import contextlib
import pathlib
import subprocess
import sys
import threading
import time

import pytest

from tests.scenarios.jambonz_side import NEUTRAL, JambonzSide, names, texts

SLOW = 5.5

#: jambonz waits this long for an ack.
PATIENCE = 5.0

#: After so long hooks are answered in the handlers' place. A second less than by default, since the four hundred
#: threads of jambonz' side and of the handlers share an interpreter here.
ACK_TIMEOUT = 3.0


def sleep_by_library(session):
    session.sleep(SLOW)  # the line of the library's sleep


def sleep_by_python(session):
    time.sleep(SLOW)  # the line of Python's sleep


SLEEPS = {"library": sleep_by_library, "python": sleep_by_python}


def line_of(sleep):
    """The line that sleeps, as a warning names it."""
    code = sleep.__code__
    return f"{code.co_filename}:{code.co_firstlineno + 1} in {code.co_name}"


def before_a_hook(sleep, session):
    """Slow between a hook and its reply, with verbs queued behind the verb that asked."""
    session.gather(input=["digits"], action_hook="/pin", timeout=5)
    session.say("Nothing came through.").hangup().send()
    evt = session.wait_for("/pin")
    sleep(session)
    session.say(f"Your balance is {evt.digits}.").gather(action_hook="/more").reply()
    session.wait_for("/more")
    session.say("Bye.").reply()


def before_the_greeting(sleep, session):
    """Slow before the first verbs."""
    sleep(session)
    session.say("Welcome at last.").gather(action_hook="/more").send()
    session.wait_for("/more")
    session.say("Bye.").reply()


def hear_of_a_slow_hook(jambonz):
    """The hook is acked before jambonz gives up, so that what is queued behind it does not run; the reply follows."""
    jambonz.session_new()
    assert names(jambonz.expect_ack()) == ["gather", "say", "hangup"]
    jambonz.status("in-progress")
    asked = time.monotonic()
    jambonz.hook("/pin", digits="1234", reason="dtmfDetected")
    # Not empty: that would say "Nothing came through." and hang up.
    assert jambonz.expect_ack() == NEUTRAL
    assert ACK_TIMEOUT - 0.5 < time.monotonic() - asked < PATIENCE
    assert texts(jambonz.expect_redirect()) == ["Your balance is 1234."]
    assert time.monotonic() - asked > SLOW - 0.1


def hear_of_a_slow_greeting(jambonz):
    """The call is neither rejected nor lost."""
    asked = time.monotonic()
    jambonz.session_new()
    assert jambonz.expect_ack() == NEUTRAL
    assert ACK_TIMEOUT - 0.5 < time.monotonic() - asked < PATIENCE
    jambonz.status("trying")
    assert texts(jambonz.expect_redirect()) == ["Welcome at last."]
    assert time.monotonic() - asked > SLOW - 0.1


def go_on(jambonz):
    """After that the call goes on as if nothing had been."""
    jambonz.hook("/more")
    assert texts(jambonz.expect_ack()) == ["Bye."]
    jambonz.expect_goodbye()
    jambonz.hang_up()


STORIES = {"hook": (before_a_hook, hear_of_a_slow_hook), "greeting": (before_the_greeting, hear_of_a_slow_greeting)}


@contextlib.contextmanager
def services(app):
    """A service for each kind of slowness; their paths."""
    for when, (story, _) in STORIES.items():
        for how, sleep in SLEEPS.items():
            service = app.endpoint.make_service(f"/{when}/{how}")
            service.on("session:new", lambda session, story=story, sleep=sleep: story(sleep, session))
    yield [(when, how) for when in STORIES for how in SLEEPS]


def at_once(tasks):
    """Run tasks on threads of their own; raise the first thing one of them raises."""
    faults = []

    def guarded(task):
        try:
            task()
        except BaseException as fault:  # noqa: BLE001  It is raised below.
            faults.append(fault)

    threads = [threading.Thread(target=guarded, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


class TestMany:
    @pytest.mark.timeout(60)
    def test_two_hundred(self, make_app, log):
        """Two hundred calls at once, slow before a reply or the greeting, by either sleep: all are acked in time.

        The reply arrives in each, and the log has a line for each that names the call, the hook, and where it sleeps.
        """
        log.allow("was not answered within 3 s")
        app = make_app(ack_timeout=ACK_TIMEOUT)

        def story(when, how):
            with JambonzSide(f"{app.endpoint.url}/{when}/{how}", timeout=15) as jambonz:
                STORIES[when][1](jambonz)
                go_on(jambonz)

        with services(app) as ways:
            at_once([lambda when=when, how=how: story(when, how) for when, how in ways for _ in range(50)])
        warnings = [line for line in log.lines() if "was not answered within 3 s" in line]
        assert len(warnings) == 200
        assert all("call call-" in line for line in warnings)
        for hook in ("/pin", "session:new"):
            for sleep in SLEEPS.values():
                assert len([line for line in warnings if hook in line and line_of(sleep) in line]) == 50


LOOKING = """
import gc, threading, time
from jambonz_sync.whereabouts import Owner

class Holder:
    pass

def fresh(depth):
    time.sleep(0) if depth == 0 else fresh(depth - 1)

def work():
    while time.monotonic() < until:
        fresh(5)

gc.set_threshold(25)
until = time.monotonic() + 2
for _ in range(8):
    threading.Thread(target=work, daemon=True).start()
while time.monotonic() < until:
    garbage = Holder()
    garbage.itself, garbage.local = garbage, threading.local()
    garbage.local.value = 1
    Owner().where
"""


class TestLineOfUserCode:
    def test_garbage_collection_meanwhile(self):
        """Finding the line of a warning does not lock up the process when garbage is collected at that moment.

        Python 3.11 holds a lock of its own in ``sys._current_frames()``, which the end of a ``threading.local`` needs.
        """
        root = pathlib.Path(__file__).resolve().parents[2]
        process = subprocess.Popen([sys.executable, "-c", LOOKING], cwd=root)
        try:
            assert process.wait(timeout=15) == 0
        finally:
            process.kill()
            process.wait()
