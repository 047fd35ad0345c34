"""A call as a test makes it: what is heard, and what the caller does."""

from __future__ import annotations

import re
import time

import pytest

from jambonz_sync import create_endpoint
from jambonz_sync.simulator import Busy


@pytest.fixture
def service():
    """The service of an endpoint that is never started."""
    return create_endpoint().make_service("/app")


def calling(jambonz, service, handler, **options):
    """A call to a handler."""
    service.on("session:new", handler)
    return jambonz.call(service.endpoint, "/app", **options)


def echo(session):
    """Say back what the caller says or presses, until it is silent."""
    session.say("Say something.").gather(input=["speech", "digits"], num_digits=1, action_hook="/said").send()
    while True:
        evt = session.wait_for("/said")
        if evt.reason == "timeout":
            session.say("Goodbye.").reply()
            return
        session.say(f"You said: {evt.transcript or evt.digits}")
        session.gather(input=["speech", "digits"], num_digits=1, action_hook="/said").reply()


def test_a_conversation(jambonz, service):
    """What the caller says and presses reaches the handler, and what that says is heard."""
    call = calling(jambonz, service, echo)
    assert call.heard("Say something.")
    call.says("hello")
    assert call.heard("You said: hello")
    call.presses("7")
    assert call.heard("You said: 7")
    call.hangs_up()
    assert call.ended
    assert call.transcript.ending.code == 1000


def test_heard_gives_the_whole_text(jambonz, service):
    """A part or a pattern is looked for; the result is true and has the whole utterance."""
    call = calling(jambonz, service, echo)
    assert call.heard("something").text == "Say something."
    call.says("number 42")
    assert call.heard(re.compile("number [0-9]+")).text == "You said: number 42"


def test_each_utterance_is_heard_once(jambonz, service):
    """What was asked for once is not found again."""
    call = calling(jambonz, service, echo)
    assert call.heard("Say something.")
    assert not call.heard("Say something.")


def test_only_what_came_since_the_caller_acted(jambonz, service):
    """What was said before the caller's last word is over."""
    call = calling(jambonz, service, echo)
    call.says("hello")
    assert not call.heard("Say something.")


def test_what_is_said_before_the_caller_can_act_is_over_too(jambonz, service):
    """A prompt that the caller hears to its end before it acts is none of the next turn."""
    call = calling(jambonz, service, echo)
    call.says("one")
    assert call.heard("You said: one")
    call.says("two")
    assert not call.heard("You said: one")


def test_in_any_order_within_a_turn(jambonz, service):
    """Several utterances of one turn may be asked for in any order."""

    def talk(session):
        session.say("One.").say("Two.").say("Three.").gather(input=["speech"], action_hook="/said").send()
        session.wait_for("/said")

    call = calling(jambonz, service, talk)
    assert call.heard("Three.")
    assert call.heard("One.")
    assert call.heard("Two.")


def test_not_heard_tells_why(jambonz, service):
    """A failing assertion shows what the application waits for, and in which line."""
    call = calling(jambonz, service, echo)
    shown = repr(call.heard("Welcome"))
    assert shown.startswith("<not heard: the application waits for the caller, at ")
    assert re.search(r"test_phone_call.py:\d+ in echo>$", shown)


def test_heard_at_the_end_of_the_call(jambonz, service):
    """Once the call is over nothing more is waited for."""
    call = calling(jambonz, service, lambda session: session.say("Sorry, we are closed.").hangup().send())
    assert call.heard("closed")
    assert repr(call.heard("open")).startswith("<not heard: the call is over: ")


def test_pauses_take_no_time(jambonz, service):
    """Minutes of thinking, ringing and music are over at once, and were as long as they should be."""

    def slow(session):
        session.say("One moment.").play("https://example.com/music.mp3", loop="forever").send()
        session.sleep(600)
        session.say("Here you are.").send()

    call = calling(jambonz, service, slow)
    assert call.heard("One moment.")
    assert call.heard("music.mp3")
    assert call.heard("Here you are.")
    assert jambonz.now >= 600


def test_silence_until_something_is_heard(jambonz, service):
    """A caller who is silent lets time pass until the application says something."""
    call = calling(jambonz, service, echo)
    assert call.heard("Say something.")
    call.is_silent()
    assert call.heard("Goodbye.")
    assert jambonz.now >= 15


def test_silence_for_a_while(jambonz, service):
    """A caller who is silent for less than the application waits may still say something."""
    call = calling(jambonz, service, echo)
    assert call.heard("Say something.")
    before = jambonz.now
    call.is_silent(10)
    assert jambonz.now == before + 10
    call.says("I am still here")
    assert call.heard("You said: I am still here")


def long_prompt(session):
    """Ask at length, and let the caller break in."""
    words = " ".join(["and so on"] * 30)
    session.gather(
        input=["speech", "digits"], num_digits=1, bargein=True, action_hook="/said", say={"text": words}
    ).send()
    evt = session.wait_for("/said")
    session.say(f"Interrupted by {evt.transcript or evt.digits}.").reply()


@pytest.mark.parametrize(("what", "keys"), [("stop", None), (None, "1")])
def test_interruption(jambonz, service, what, keys):
    """A caller breaks into a prompt, by voice or by a key."""
    call = calling(jambonz, service, long_prompt)
    assert call.heard("and so on")
    call.interrupts(what, keys=keys)
    assert call.heard(f"Interrupted by {what or keys}.")
    assert jambonz.now < 3


def test_interruption_needs_something_to_interrupt_with(jambonz, service):
    """Either a text or keys."""
    call = calling(jambonz, service, long_prompt)
    with pytest.raises(TypeError, match='a text, or keys="1"'):
        call.interrupts()
    with pytest.raises(TypeError, match='a text, or keys="1"'):
        call.interrupts("stop", keys="1")


def test_nobody_listens(jambonz, service):
    """A caller who talks to an application that only plays is a failure, with the conversation."""

    def play(session):
        session.say("Nothing to do here.").send()
        session.wait_for("never")

    jambonz.tolerates("never|heard nothing")
    call = calling(jambonz, service, play)
    with pytest.raises(AssertionError, match=r"(?s)nobody listens to the caller.*'hello'.*Nothing to do here\."):
        call.says("hello")


def test_nothing_after_the_end(jambonz, service):
    """After hanging up the caller can do no more; hanging up twice does no harm."""
    call = calling(jambonz, service, echo)
    call.hangs_up()
    call.hangs_up()
    with pytest.raises(
        AssertionError, match="the caller can do nothing any more: the call is over: hung up by the caller"
    ):
        call.says("hello")
    with pytest.raises(AssertionError, match="the caller can do nothing any more"):
        call.is_silent()


def test_hanging_up_while_something_plays(jambonz, service):
    """The caller may leave in the middle of a sentence; the handler is unwound."""
    unwound = []

    def talk(session):
        try:
            session.say(" ".join(["blah"] * 500)).run()
        finally:
            unwound.append(session.ended)

    call = calling(jambonz, service, talk)
    assert call.heard("blah")
    call.hangs_up()
    assert unwound == [True]
    assert jambonz.now < 1


def recording(done):
    """A function that records, and does something with what it has got."""

    def talk(session):
        session.say("Leave a message.")
        message = session.record()
        done.append(message.reason)
        # However long that takes.
        time.sleep(0.05)
        done.append("saved")

    return talk


def test_the_function_ends_with_the_call(jambonz, service):
    """What it does behind the last thing it waits for is done when the caller has hung up, and its session is gone."""
    done = []
    call = calling(jambonz, service, recording(done))
    assert call.heard("(a beep)")
    call.is_silent(3)
    assert len(service.endpoint.sessions) == 1
    call.hangs_up()
    assert done == ["hangup", "saved"]
    assert dict(service.endpoint.sessions) == {}


@pytest.mark.parametrize("go_on", ["heard", "is_silent", "hangs_up"])
def test_a_call_that_the_application_ends(jambonz, service, go_on):
    """However the test goes on to the end of a call: then its function has ended."""
    ended = []

    def talk(session):
        try:
            session.gather(input=["speech"], action_hook="/said").send()
            session.wait_for("/said")
            session.hangup().send()
            session.wait_for("*")
        finally:
            # The others have their turns first.
            jambonz._world.wait(lambda: False, jambonz.now)
            ended.append(session.call_sid)

    call = calling(jambonz, service, talk)
    call.says("good bye")
    if go_on == "heard":
        assert not call.heard("anything")
    else:
        getattr(call, go_on)()
    assert call.ended
    assert len(ended) == 1
    assert dict(service.endpoint.sessions) == {}
    call.hangs_up()


def test_a_call_that_goes_on_beside_one_that_ends(jambonz, service):
    """The end of a function takes no time of the other calls."""
    first, second = calling(jambonz, service, echo), jambonz.call(service.endpoint, "/app")
    assert first.heard("Say something.")
    began = jambonz.now
    first.hangs_up()
    assert jambonz.now == began
    second.says("hello")
    assert second.heard("You said: hello")


def test_silence_in_a_call_that_another_call_has_ended(jambonz, service):
    """A call may end in the moment in which a test hangs up another one; to be silent in it is no mistake."""

    def wait(session):
        session.enqueue("support").run()
        session.hangup().send()

    service.endpoint.make_service("/agents").on("session:new", lambda session: session.dequeue("support").run())
    caller = calling(jambonz, service, wait)
    agent = jambonz.call(service.endpoint, "/agents")
    agent.is_silent(10)
    agent.hangs_up()
    caller.is_silent()
    assert caller.ended
    caller.is_silent()
    with pytest.raises(AssertionError, match="the caller can do nothing any more: the call is over: hung up by the ap"):
        caller.says("hello")


def test_verbs_and_wire(jambonz, service):
    """The verbs and the messages of the call are there to be looked at."""
    call = calling(jambonz, service, echo)
    call.says("hello")
    assert call.heard("You said")
    assert [verb["verb"] for verb in call.verbs] == ["say", "gather", "say", "gather"]
    assert [record.message["type"] for record in call.wire if record.direction == "out"] == ["ack", "ack"]


def test_facts_of_the_call(jambonz, service):
    """The numbers, the headers and the variables are what the test says."""
    seen = []

    def look(session):
        seen.extend([session.from_, session.to, session.env["LANGUAGE"], session.headers["X-Hint"]])
        session.hangup().send()

    calling(jambonz, service, look, from_="100", to="200", env={"LANGUAGE": "nl"}, headers={"X-Hint": "gold"})
    assert seen == ["100", "200", "nl", "gold"]


def test_dialled_parties(jambonz, service):
    """What becomes of a dial is what the test says."""

    def connect(session):
        outcome = session.dial(target=[{"type": "phone", "number": "+15550100"}]).run()
        session.say(f"It was {outcome.dial_call_status}.").send()

    call = calling(jambonz, service, connect, dials=[Busy()])
    assert call.heard("It was busy.")


def test_dialled_parties_while_the_call_goes_on(jambonz, service):
    """The test says what becomes of the next dial when it comes to that."""

    def connect(session):
        for _ in range(3):
            outcome = session.dial(target=[{"type": "phone", "number": "+15550100"}], timeout=20).run()
            session.say(f"It was {outcome.dial_call_status}.").run()

    call = calling(jambonz, service, connect, dials=[Busy()])
    call.does_not_answer()
    assert call.heard("It was busy.")
    assert call.heard("It was no-answer.")
    began = jambonz.now
    call.answers(after=3, seconds=60)
    assert call.heard("It was completed.")
    assert jambonz.now - began > 60
    call.is_busy()


def test_two_calls_at_once(jambonz, service):
    """Several calls live side by side, on one clock, and do not mix."""
    first = calling(jambonz, service, echo)
    second = jambonz.call(service.endpoint, "/app", from_="200")
    first.says("one")
    second.says("two")
    assert second.heard("You said: two")
    assert first.heard("You said: one")


def test_repr(jambonz, service):
    """A call shows what it is waiting for."""
    call = calling(jambonz, service, echo)
    assert call.heard("Say")
    assert repr(call).startswith("<PhoneCall: the application ")
    call.hangs_up()
    assert "the call is over: hung up by the caller" in repr(call)


def test_where_a_handler_is_that_has_returned(jambonz, service):
    """Of a handler that has returned there is no line to show."""

    def ask(session):
        session.gather(input=["speech"], action_hook="/said").send()

    call = calling(jambonz, service, ask)
    assert (
        repr(call.heard("anything")) == "<not heard: the application waits for the caller, at the end of its function>"
    )
