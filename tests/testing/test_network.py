"""A connection that a test has dropped: the application goes on when jambonz is back, or learns that it is not."""

from __future__ import annotations

import pytest

from jambonz_sync import CallEnded, HookLost, create_endpoint


@pytest.fixture
def service():
    """The service of an endpoint that is never started."""
    return create_endpoint().make_service("/app")


def pizzas(session):
    """Ask how many, three times."""
    for word in ("How many?", "How many more?", "Is that all?"):
        session.say(word).gather(input=["digits"], num_digits=1, action_hook="/many", timeout=30).reply()
        evt = session.wait_for("/many")
        session.say(f"That makes {evt.digits}.").reply()


@pytest.mark.parametrize("seconds", [0, 3])
def test_the_handler_notices_nothing(jambonz, service, seconds):
    """What is said and pressed afterwards goes its way as if nothing had happened."""
    service.on("session:new", pizzas)
    call = jambonz.call(service.endpoint, "/app")
    assert call.heard("How many?")
    call.drops_connection(seconds)
    call.presses("1")
    assert call.heard("That makes 1.")
    call.presses("2")
    assert call.heard("Is that all?")
    call.drops_connection(seconds)
    call.presses("0")
    assert call.heard("That makes 0.")
    assert call.transcript.connections == 3


def test_what_is_sent_meanwhile_arrives(jambonz, service):
    """A handler that works on while there is no connection is heard when there is one."""

    @service.on("session:new")
    def answer(session):
        session.play("https://example.com/music.mp3", loop=100).send()
        session.sleep(10)
        for number in range(3):
            session.say(f"Number {number}.").send(exec_immediate=number == 0)
        session.sleep(5)

    call = jambonz.call(service.endpoint, "/app")
    call.is_silent(9)
    call.drops_connection(3)
    for number in range(3):
        assert call.heard(f"Number {number}.")


def test_jambonz_does_not_come_back(jambonz):
    """The handler is unwound once the time for that is over."""
    service = create_endpoint(reconnect_timeout=5).make_service("/app")
    ended = []

    @service.on("session:new")
    def answer(session):
        session.play("https://example.com/music.mp3", loop=100).send()
        try:
            session.wait_for("call:status", timeout=600)
            session.wait_for("/nothing")
        except CallEnded as end:
            ended.append((end.code, end.reason, jambonz.now))
            raise

    call = jambonz.call(service.endpoint, "/app")
    jambonz.tolerates("/nothing")
    call.drops_connection(20)
    assert ended == [(1006, "the connection was lost and jambonz did not come back", 5.0)]
    jambonz.tolerates("does not know the call")


def test_a_call_that_is_over(jambonz, service):
    """There is no connection to drop any more."""
    service.on("session:new", pizzas)
    call = jambonz.call(service.endpoint, "/app")
    call.hangs_up()
    with pytest.raises(AssertionError, match="the caller can do nothing any more"):
        call.drops_connection()


def test_an_answer_into_a_dead_network_is_asked_for_again(jambonz, service):
    """The gather has timed out while jambonz could tell nobody. The caller is asked again."""

    @service.on("session:new")
    def answer(session):
        session.gather(say="How many?", input=["digits"], num_digits=1, action_hook="/many", timeout=2).send()
        evt = session.wait_for("/many")
        session.say(f"That makes {evt.digits}.").reply()

    call = jambonz.call(service.endpoint, "/app")
    jambonz.tolerates("so the gather is sent again")
    assert call.heard("How many?")
    call.drops_connection(5)
    assert call.heard("How many?")
    call.presses("2")
    assert call.heard("That makes 2.")


def test_a_question_asked_by_ask_is_asked_again(jambonz, service):
    """``ask`` notices nothing but the answer to the second one."""

    @service.on("session:new")
    def answer(session):
        number = session.ask("How many?", timeout=2)
        session.say(f"That makes {number}, {number.reason}.").run()

    call = jambonz.call(service.endpoint, "/app")
    jambonz.tolerates("so the gather is sent again")
    assert call.heard("How many?")
    call.drops_connection(5)
    assert call.heard("How many?")
    call.says("two")
    assert call.heard("That makes two, speechDetected.")


def test_a_call_that_was_put_through_is_not_placed_twice(jambonz, service):
    """The end of a ``dial`` that nobody was told of is an error of its own, and the call goes on."""

    @service.on("session:new")
    def answer(session):
        session.dial(target=[{"type": "phone", "number": "+15550100"}], action_hook="/dialled").send()
        try:
            session.wait_for("/dialled")
        except HookLost as lost:
            session.say(f"I lost {lost.hook} of the {lost.verb}.").run()

    call = jambonz.call(service.endpoint, "/app")
    jambonz.tolerates("what became of the dial is not known")
    call.answers(after=1, seconds=3)
    call.is_silent(2)
    call.drops_connection(8)
    assert call.heard("I lost /dialled of the dial.")
    assert call.transcript.of("call").count("dials +15550100") == 1
