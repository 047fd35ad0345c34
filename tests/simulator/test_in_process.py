"""Calls to an application in the same process: no socket, and virtual time."""

from __future__ import annotations

import concurrent.futures
import json

import pytest

from jambonz_sync import CallEnded, CallNotActive, MessageTooBig, create_endpoint
from jambonz_sync.live_calls import LiveCalls
from jambonz_sync.simulator import CannotConnect, HangsUp, Says, SimulatedCall
from jambonz_sync.simulator.in_process import InProcess, WorldClock, connector
from jambonz_sync.simulator.world import World


@pytest.fixture
def world():
    """A world, which is stopped after the test."""
    made = World()
    yield made
    made.stop()


@pytest.fixture
def service():
    """The service of an endpoint that is never started."""
    return create_endpoint().make_service("/app")


def call(world, service, handler, steps=(), **options):
    """Place a call from beginning to end, and return its transcript."""
    service.on("session:new", handler)
    placed = SimulatedCall(
        "ws://here/app", steps, clock=WorldClock(world), connect=connector(world, service.endpoint), **options
    )
    world.start(placed.run, "jambonz")
    world.wait(lambda: False, ends_idle=True)
    return placed.transcript


def echo(session):
    """Say back what the caller says."""
    session.say("Say something.").gather(input=["speech"], action_hook="/said").send()
    while True:
        evt = session.wait_for("/said")
        session.say(f"You said: {evt.transcript}").gather(input=["speech"], action_hook="/said").reply()


def test_a_conversation(world, service):
    """A call from the greeting to the caller's hang-up, as over a socket."""
    transcript = call(world, service, echo, [Says("hello"), HangsUp()])
    assert transcript.heard == ["Say something.", "You said: hello"]
    assert transcript.ending.code == 1000


def test_the_same_call_twice(service):
    """The same script gives the same call, to the message and to the moment."""
    first, second = World(), World()
    transcripts = [call(world, service, echo, [Says("one"), Says("two"), HangsUp()]) for world in (first, second)]
    assert transcripts[0].entries == transcripts[1].entries
    assert [record.time for record in transcripts[0].wire] == [record.time for record in transcripts[1].wire]
    first.stop()
    second.stop()


def test_the_handlers_time_is_virtual(world, service):
    """Waits with a timeout, sleeps and deadlines of hooks are kept by the clock of the world."""
    times = []

    def handler(session):
        session.say("One moment.").gather(input=["speech"], timeout=1, action_hook="/said").send()
        began = world.now()
        session.sleep(120)
        times.append(world.now() - began)
        with pytest.raises(TimeoutError):
            session.wait_for("/never", timeout=30)
        times.append(world.now() - began)
        session.hangup().send()

    transcript = call(world, service, handler, patience=1_000)
    assert times == [120, 150]
    # The hook of the gather, which nobody takes meanwhile, was answered in the handler's place.
    hook = next(record.time for record in transcript.wire if record.message["type"] == "verb:hook")
    acks = [record.time for record in transcript.wire if record.message["type"] == "ack"]
    assert acks[1] - hook == pytest.approx(4)


def test_the_thread_is_gone_when_the_call_is_over(world, service):
    """The handler is unwound by the end of the call, and its session is live no more."""
    seen = []

    def handler(session):
        seen.append(session)
        try:
            session.say("Hello.").send()
            session.wait_for("/never")
        except CallEnded as end:
            seen.append(end.code)
            raise

    call(world, service, handler, [HangsUp()])
    assert seen[1] == 1000
    assert dict(service.endpoint.sessions) == {}
    with pytest.raises(CallNotActive):
        threading_result(lambda: seen[0].say("Too late.").send())


def threading_result(function):
    """Run a function on another thread, and return or raise what it does."""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result(10)


def test_another_thread_may_use_the_session(world, service):
    """What a thread of the application's own sends is on the wire, as over a socket."""

    def handler(session):
        session.say("Hello.").send()
        session.sleep(1)
        threading_result(lambda: session.say("From elsewhere.").send())
        session.sleep(5)

    assert "From elsewhere." in call(world, service, handler).heard


def test_messages_are_bounded_in_both_worlds(world, service):
    """The limit of jambonz holds without a socket too."""

    def handler(session):
        with pytest.raises(MessageTooBig):
            session.say("x" * 25_000).send()
        session.hangup().send()

    call(world, service, handler)


def test_a_message_over_the_limit_closes_the_connection(world, service):
    """Were one to come through, jambonz would close with 1009."""
    service.on("session:new", lambda session: session.sleep(5))
    connection = InProcess(world, service.endpoint, "ws://here/app")
    connection.take("x" * 24_577)
    assert connection.closed.code == 1009
    assert connection.read() == []


def test_no_service(world, service):
    """A path without a service cannot be called."""
    with pytest.raises(CannotConnect, match="HTTP 404"):
        InProcess(world, service.endpoint, "ws://here/other")


def test_the_application_closes(world, service):
    """A close by the application is seen by jambonz, with its code; a second one is not."""

    def handler(session):
        session.say("Hello.").hangup().send()
        session.close(1000)
        session.close(1011)

    transcript = call(world, service, handler)
    assert transcript.ending.code == 1000


def test_a_connection_that_is_dropped_before_it_was_answered(world, service):
    """A connection that ends before the application's thread had a turn begins no session."""
    begun = []
    service.on("session:new", begun.append)
    connection = InProcess(world, service.endpoint, "ws://here/app")
    connection.send(json.dumps({"type": "session:new", "msgid": "1", "data": {}}))
    connection.abort()
    connection.send("nobody reads this")
    world.wait(lambda: False, ends_idle=True)
    assert len(begun) <= 1
    assert dict(service.endpoint.sessions) == {}


def test_nobody_is_let_speak(world, service, monkeypatch):
    """jambonz comes back for an unknown call: a silent connection from before could not speak while that waited."""
    monkeypatch.setattr(LiveCalls, "let_speak", lambda *_: pytest.fail("it waits for others"))
    taken = []
    service.on("session:reconnect", lambda session: taken.append(session.call_sid))
    InProcess(world, service.endpoint, "ws://here/app")
    back = InProcess(world, service.endpoint, "ws://here/app")
    back.send(json.dumps({"type": "session:reconnect", "msgid": "1", "call_sid": "c1", "data": {"call_sid": "c1"}}))
    world.wait(lambda: taken, 1)
    back.abort()
    world.wait(lambda: False, ends_idle=True)
    assert taken == ["c1"]


@pytest.mark.parametrize("tenth", range(1, 200))
def test_a_time_that_was_waited_for_has_come(world, tenth):
    """The clock is not behind it by a rounding, whenever the call began."""
    world.wait(lambda: False, tenth / 10)
    clock = WorldClock(world)
    clock.start()
    for _ in range(20):
        until = clock.now() + 0.4
        clock.wait(lambda seconds: False, until)
        assert clock.now() >= until


def test_a_time_is_waited_for_no_longer_than_needed(world):
    """What is added for the rounding is the least there is."""
    world.wait(lambda: False, 0.1)
    clock = WorldClock(world)
    clock.start()
    for tenth in range(1, 200):
        clock.wait(lambda seconds: False, tenth / 10)
        assert clock.now() - tenth / 10 < 1e-12


@pytest.mark.timeout(20)
@pytest.mark.parametrize("tenth", range(1, 60))
def test_a_call_that_begins_later(world, service, tenth):
    """It takes as long as the one before it, to the last of its messages."""
    first = call(world, service, echo, [Says("one"), Says("two"), HangsUp()])
    world.wait(lambda: False, world.now() + tenth / 10)
    second = call(world, service, echo, [Says("one"), Says("two"), HangsUp()])
    assert second.heard == first.heard
    assert [record.time for record in second.wire] == pytest.approx([record.time for record in first.wire])
