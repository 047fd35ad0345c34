"""The jambonz that a test calls with: what it minds at the end."""

from __future__ import annotations

import logging
import threading

import pytest

from jambonz_sync import create_endpoint
from jambonz_sync.simulator import CannotConnect
from jambonz_sync.testing import Jambonz


@pytest.fixture
def service():
    """The service of an endpoint that is never started."""
    return create_endpoint().make_service("/app")


def play(service, handler, **options):
    """Call a handler, listen to the end, and hang up."""
    service.on("session:new", handler)
    with Jambonz(**options) as jambonz:
        jambonz.call(service.endpoint, "/app").heard("nothing")
    return jambonz


def slow(session):
    """Do slow work before the answer."""
    session.say("One moment.").gather(input=["speech"], timeout=1, action_hook="/said").send()
    session.wait_for("/said")
    session.sleep(10)
    session.say("Goodbye.").reply()


def raising(session):
    """Fail."""
    session.say("Hello.").send()
    raise KeyError("no such customer")


def test_nothing_to_mind(service):
    """A call in order raises nothing."""
    play(service, lambda session: session.say("Hello.").hangup().send())


def test_a_hook_that_was_answered_in_the_handlers_place(service):
    """A handler that is too slow for the hook it has taken fails the test, with its line."""

    def silent(jambonz):
        call = jambonz.call(service.endpoint, "/app")
        call.is_silent()
        assert call.heard("Goodbye.")

    service.on("session:new", slow)
    with pytest.raises(AssertionError, match=r"(?s)/said was not answered within 4 s.*test_jambonz\.py:\d+ in slow"):
        with Jambonz() as jambonz:
            silent(jambonz)
    with Jambonz(strict=False) as jambonz:
        silent(jambonz)


def test_a_handler_that_raises(service):
    """An exception in a handler fails the test, with its traceback."""
    with pytest.raises(AssertionError, match=r"(?s)the handler of session:new raised.*KeyError: 'no such customer'"):
        play(service, raising)


def test_tolerance(service):
    """What a test expects to go wrong is let pass; all else is not."""
    service.on("session:new", raising)
    with Jambonz() as jambonz:
        jambonz.tolerates("no such customer")
        jambonz.call(service.endpoint, "/app")
    jambonz = Jambonz()
    jambonz.tolerates("no such order")
    jambonz.call(service.endpoint, "/app")
    with pytest.raises(AssertionError, match="no such customer"):
        jambonz.close()


def test_what_is_said_once_in_a_process_is_said_in_every_test(service):
    """An option without effect fails each test that comes by it, not only the first."""

    def ignored(session):
        session.gather(input=["speech"], speech_timeout=3, action_hook="/said").hangup().send()

    for _ in range(2):
        with pytest.raises(AssertionError, match=r"gather\.speech_timeout has no effect"):
            play(service, ignored)


def test_a_test_that_has_failed_is_not_failed_again(service):
    """The exception of the test itself is what is seen."""
    service.on("session:new", raising)

    def fail():
        with Jambonz() as jambonz:
            jambonz.call(service.endpoint, "/app")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()


def test_a_logger_of_its_own():
    """What an endpoint says to a logger of its own counts too."""
    service = create_endpoint(logger=logging.getLogger("switchboard")).make_service("/app")
    with pytest.raises(AssertionError, match="no such customer"):
        play(service, raising)


def test_calls_that_are_up_are_hung_up(service):
    """At the end every caller hangs up, every handler is unwound, and no thread is left."""
    unwound = []

    def wait(session):
        try:
            session.gather(input=["speech"], action_hook="/said").send()
            session.wait_for("/said")
        finally:
            unwound.append(session.ended)

    service.on("session:new", wait)
    before = threading.active_count()
    with Jambonz() as jambonz:
        calls = [jambonz.call(service.endpoint, "/app") for _ in range(5)]
    assert all(call.ended for call in calls)
    assert unwound == [True] * 5
    assert threading.active_count() == before


def test_no_service_at_the_path(service):
    """A path without a service is an error of the test."""
    with Jambonz() as jambonz, pytest.raises(CannotConnect, match="the endpoint has no service for /other"):
        jambonz.call(service.endpoint, "/other")


def test_the_loggers_are_left_as_they_were(service):
    """No handler of log records stays behind."""
    logger = logging.getLogger("jambonz_sync")
    before = list(logger.handlers)
    play(service, lambda session: session.hangup().send())
    assert logger.handlers == before


def test_calls_in_order(service):
    """The calls that were placed can be looked at."""
    service.on("session:new", lambda session: session.hangup().send())
    with Jambonz() as jambonz:
        placed = [jambonz.call(service.endpoint, "/app") for _ in range(2)]
        assert jambonz.calls == placed


@pytest.mark.parametrize("tenths", range(1, 8))
def test_a_call_that_begins_later(service, tenths):
    """It takes its course like the one that was there at the beginning."""

    def ask(session):
        answer = session.ask("Who is there?", input="speech", timeout=3, attempts=3)
        session.say(f"Hello {answer.text}.").run()

    service.on("session:new", ask)
    with Jambonz() as jambonz:
        first = jambonz.call(service.endpoint, "/app")
        first.is_silent(tenths / 10)
        second = jambonz.call(service.endpoint, "/app")
        second.is_silent(7)
        for call in (second, first):
            call.says("Ada")
            assert call.heard("Hello Ada.")
