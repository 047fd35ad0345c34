"""Every way in which what ``run()`` waits for can end, where jambonz executes the verbs: told with the test kit."""

from __future__ import annotations

import pytest

from jambonz_sync import CallEnded, InvalidCommand, create_endpoint
from jambonz_sync.simulator import Answers, Busy, NoAnswer, TakesFromQueue, WaitsInQueue

FILE = "https://example.com/story.mp3"
TARGET = [{"type": "phone", "number": "+15550100"}]
STORY = "Once upon a time " * 40


@pytest.fixture
def service():
    """The service of an endpoint that is never started."""
    return create_endpoint().make_service("/app")


@pytest.fixture
def told():
    """What handlers have to tell."""
    return []


@pytest.fixture
def calling(jambonz, service, told):
    """Calls a handler, of which it is told what it returns."""

    def call(handler, **options):
        service.on("session:new", lambda session: told.append(handler(session)))
        return jambonz.call(service.endpoint, "/app", **options)

    return call


def state(outcome):
    """How a verb ended, with what its hook said of it."""
    return outcome.state, outcome.get("reason")


@pytest.mark.parametrize(
    ("verbs", "ended"),
    [
        (lambda session: session.say("Hello."), ("completed", None)),
        (lambda session: session.say("One.").pause(2).say("Two."), ("completed", None)),
        (lambda session: session.pause(2), ("completed", None)),
        (lambda session: session.config(notify_events=True), ("completed", None)),
        (lambda session: session.play(FILE), ("completed", "playCompleted")),
        (lambda session: session.play(FILE, action_hook="/played"), ("completed", "playCompleted")),
        (lambda session: session.gather(input=["digits"], timeout=3, say="A key?"), ("completed", "timeout")),
    ],
    ids=["say", "several", "pause", "config", "play", "play with a hook", "gather"],
)
def test_completed(calling, told, verbs, ended):
    """A verb that runs to its end has completed, and its hook says how."""

    def handler(session):
        first = state(verbs(session).run())
        # And again, when the request for reports has been made and a hook may be open.
        return first, state(verbs(session).run())

    calling(handler).is_silent(60)
    assert told == [(ended, ended)]


def test_gathered(calling, told):
    """What was collected is in the outcome."""
    call = calling(lambda session: session.gather(input=["digits"], num_digits=2).run().digits)
    call.presses("42")
    call.finish()
    assert told == ["42"]


@pytest.mark.parametrize(("party", "status"), [(Answers(), "completed"), (Busy(), "busy"), (NoAnswer(), "no-answer")])
def test_dialled(calling, told, party, status):
    """A dial has completed whatever has become of it; that is told by its hook."""

    def handler(session):
        outcome = session.dial(target=TARGET, timeout=20).run()
        return outcome.state, outcome.dial_call_status, outcome.answered, outcome.busy

    calling(handler, dials=[party]).is_silent(60)
    assert told == [("completed", status, status == "completed", status == "busy")]


@pytest.mark.parametrize(
    ("verb", "other", "result"),
    [
        (
            lambda session: session.enqueue("support"),
            TakesFromQueue("support", at=20, seconds=30),
            {"queue_result": "bridged"},
        ),
        (
            lambda session: session.dequeue("support"),
            WaitsInQueue("support", at=0),
            {"dequeue_result": "complete"},
        ),
        (lambda session: session.dequeue("support", timeout=9), None, {"dequeue_result": "timeout"}),
    ],
    ids=["taken", "taking", "nobody to take"],
)
def test_queued(calling, told, verb, other, result):
    """The wait in a queue, and the talk after it, are over when the hook says so."""

    def handler(session):
        outcome = verb(session).run()
        return outcome.state, {key: outcome.get(key) for key in result}

    calling(handler, others=[] if other is None else [other]).is_silent(120)
    assert told == [("completed", result)]


def test_interrupted_by_barge_in(calling, told):
    """A caller who breaks in by the background gather interrupts the run, whose hook can be taken then."""

    def handler(session):
        session.config(barge_in={"enable": True, "input": ["speech"], "action_hook": "/barge-in"})
        outcome = session.say(STORY).run()
        words = session.wait_for("/barge-in").transcript
        session.say(f"You said {words}.").run()
        return state(outcome)

    call = calling(handler)
    call.interrupts("stop")
    assert call.heard("You said stop.")
    call.finish()
    assert told == [("interrupted", None)]


@pytest.mark.parametrize("verb", [lambda session: session.say(STORY), lambda session: session.gather(say=STORY)])
def test_interrupted_by_a_handler(calling, told, verb):
    """Verbs that a handler sends interrupt it; a gather that is killed has sent no hook."""

    def handler(session):
        @session.on("call:status")
        def excuse(evt):
            if evt.call_status == "in-progress":
                session.say("Excuse me.").send()

        return state(verb(session).run())

    call = calling(handler)
    assert call.heard("Excuse me.")
    call.finish()
    assert told == [("interrupted", None)]


@pytest.mark.parametrize("verb", [lambda session: session.say(STORY), lambda session: session.pause(100)])
def test_interrupted_by_another_thread(calling, told, service, verb):
    """So do verbs that come from another thread: here that of the test."""
    call = calling(lambda session: state(verb(session).run()))
    (session,) = service.endpoint.sessions.values()
    session.say("We close now.").send()
    assert call.heard("We close now.")
    call.finish()
    assert told == [("interrupted", None)]


def test_behind_it(calling, told, service):
    """Verbs that are sent to come behind it interrupt nothing."""
    call = calling(lambda session: state(session.say("A story.").run()))
    (session,) = service.endpoint.sessions.values()
    session.say("The end.").send(exec_immediate=False)
    assert call.heard("The end.")
    call.finish()
    assert told == [("completed", None)]


def test_failed_precondition(calling, told):
    """A verb that jambonz skips has failed: no call that is answered can be declined."""
    call = calling(lambda session: state(session.answer().sip_decline(603).run()))
    call.finish()
    assert told == [("failed", None)]


def test_timeout_leaves_no_trace(calling, told):
    """A run that is given up is none any more: the next one ends by its own end."""

    def handler(session):
        with pytest.raises(TimeoutError):
            session.say(STORY).run(timeout=2)
        return state(session.say("Short.").run())

    call = calling(handler)
    assert call.heard("Short.")
    call.finish()
    assert told == [("completed", None)]


@pytest.mark.parametrize(
    "verb",
    [
        lambda session: session.say(STORY),
        lambda session: session.gather(say=STORY),
        lambda session: session.dial(target=TARGET),
        lambda session: session.enqueue("support"),
    ],
    ids=["say", "gather", "dial", "enqueue"],
)
def test_hang_up(calling, told, verb):
    """A caller who hangs up unwinds the run, whatever it waits for."""

    def handler(session):
        try:
            verb(session).run()
        except CallEnded as end:
            told.append(end.code)
            raise

    call = calling(handler, dials=[NoAnswer()])
    call.is_silent(1)
    call.hangs_up()
    assert told == [1000]


def test_hanging_up_oneself(calling, told):
    """So does the end of the call that is among the verbs."""

    def handler(session):
        try:
            session.say("Goodbye.").hangup().run()
        finally:
            told.append(session.active)

    call = calling(handler)
    assert call.heard("Goodbye.")
    call.finish()
    assert told == [False]


@pytest.mark.parametrize("hook", ["http://example.com/done", "https://example.com/done"])
def test_hook_elsewhere(calling, hook):
    """A hook that goes elsewhere cannot be waited for: nothing is sent, and the call goes on."""

    def handler(session):
        with pytest.raises(InvalidCommand, match=r"reports its end to https?://example\.com/done"):
            session.dial(target=TARGET, action_hook=hook).run()
        session.say("Hello.").run()

    call = calling(handler)
    assert call.heard("Hello.")
    assert "dial" not in [verb["verb"] for verb in call.verbs]
