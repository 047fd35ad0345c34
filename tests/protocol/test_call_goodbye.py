"""Returning, raising and closing end the call in order."""

from __future__ import annotations

import math

import pytest

from jambonz_sync.protocol.asking import State
from jambonz_sync.protocol.call import Ending
from jambonz_sync.protocol.command import Command
from jambonz_sync.protocol.hooks import HookKind
from jambonz_sync.protocol.verb import Verb

from .conversation import (
    GOODBYE,
    HANGUP,
    NEUTRAL,
    PAUSE,
    SID,
    Conversation,
    ack,
    gather,
    hangup,
    naming,
    redirect,
    say,
    wire,
)

DECLINE = GOODBYE[1:]
SORRY = say("Sorry.")


def sms() -> Conversation:
    """A message session: it has no sid."""
    talk = Conversation(reconnect_timeout=15)
    talk.sends("session:new", call_sid=None, data={"from": "1", "text": "Hello."})
    return talk


# Returning


def test_goodbye_goes_behind_what_is_queued():
    """The call ends once everything has been said."""
    talk = Conversation().begins_with(say())
    talk.call.say_goodbye(None)
    assert talk.written() == [redirect(GOODBYE, queue=True)]


def test_goodbye_before_the_first_verbs():
    """A handler that returns without a word declines the call."""
    talk = Conversation()
    opening = talk.begins()
    talk.call.say_goodbye(opening)
    assert talk.written() == [ack(opening.msgid, GOODBYE)]


def test_goodbye_after_the_stand_in():
    """A handler that returns late without a word ends the call by command."""
    talk = Conversation()
    talk.begins()
    talk.passes(4.1)
    talk.written()
    talk.call.say_goodbye(talk.call.opening.asking)
    assert talk.written() == [redirect(GOODBYE, queue=True)]


def test_goodbye_settles_the_hook_taken_last():
    """What is queued behind the hook is said before the goodbye."""
    talk = Conversation().begins_with(gather("/hook"), say("behind"))
    asking = talk.taken("/hook", "v1")
    talk.call.say_goodbye(asking)
    assert talk.written() == [ack(asking.msgid), redirect(GOODBYE, queue=True)]


def test_goodbye_behind_what_is_sent_again():
    """Frozen verbs are sent again, and the goodbye goes behind them."""
    talk = Conversation().begins_with(gather("/hook"), say("behind"))
    asking = talk.taken("/hook", "v1")
    talk.passes(4)
    talk.written()
    talk.call.say_goodbye(asking)
    assert talk.written() == [redirect(wire(say("behind"))), redirect(GOODBYE, queue=True)]


def test_goodbye_waits_for_another_hook():
    """An action hook a handler has open still holds the goodbye back, so that its reply does not sweep it."""
    talk = Conversation().begins_with(gather("/hook"))
    asking = talk.taken("/hook", "v1")
    talk.call.say_goodbye(None)
    assert talk.written() == []
    talk.call.answer(asking, (say("reply"),))
    assert talk.written() == [ack(asking.msgid, wire(say("reply"))), redirect(GOODBYE, queue=True)]


@pytest.mark.parametrize(
    ("queue", "status", "added"),
    [
        ((say(), hangup()), "trying", []),
        ((Verb("answer"), hangup()), "trying", []),
        ((hangup(),), "in-progress", []),
        ((hangup(),), "trying", DECLINE),
        ((Verb("config"), hangup()), "trying", DECLINE),
        ((hangup(),), "early-media", DECLINE),
        ((Verb("sip:decline", {"status": 486}),), "trying", []),
        ((hangup(), Verb("sip:decline", {"status": 603})), "trying", []),
        ((hangup(), say()), "in-progress", GOODBYE),
    ],
)
def test_goodbye_only_where_the_queue_does_not_end_the_call(queue, status, added):
    """Nothing is added to a queue that ends the call in the state it is in."""
    talk = Conversation().begins_with(*queue)
    talk.status(status)
    talk.call.say_goodbye(None)
    assert talk.written() == ([redirect(added, queue=True)] if added else [])


@pytest.mark.parametrize("name", ["answer", "say", "play", "gather", "conference", "enqueue", "listen", "transcribe"])
def test_verbs_that_answer(name):
    """After a verb that answers the call, a queued hangup ends it."""
    talk = Conversation().begins_with(Verb(name), hangup())
    talk.call.say_goodbye(None)
    assert talk.written() == []


def test_goodbye_that_is_sent_twice():
    """A second goodbye adds nothing."""
    talk = Conversation().begins_with(say())
    talk.call.say_goodbye(None)
    talk.written()
    talk.call.say_goodbye(None)
    assert talk.written() == []


def test_goodbye_before_the_call_is_live():
    """The goodbye waits like any command."""
    talk = Conversation()
    talk.begins()
    talk.call.send((say(),), current=None)
    talk.call.say_goodbye(None)
    talk.written()
    talk.passes(0.1)
    assert talk.written() == [redirect(GOODBYE, queue=True)]


def test_goodbye_while_dropped():
    """The goodbye waits for jambonz to come back."""
    talk = Conversation(reconnect_timeout=15)
    talk.begins()
    talk.call.closed(1006, "")
    talk.call.say_goodbye(None)
    msgid = talk.reconnects()
    assert talk.written() == [ack(msgid, GOODBYE)]


# Raising


def test_apology_is_the_answer_to_what_is_open():
    """The apology answers the hook that was being handled, and ends the call."""
    talk = Conversation().begins_with(gather("/hook"), say("behind"))
    asking = talk.taken("/hook", "v1")
    talk.call.apologise(asking, (SORRY,))
    assert talk.written() == [ack(asking.msgid, [*wire(SORRY), *GOODBYE])]


def test_apology_is_the_answer_to_session_new():
    """A handler that raises before its first verbs apologises in the first ack."""
    talk = Conversation()
    opening = talk.begins()
    talk.call.apologise(None, (SORRY,))
    assert talk.written() == [ack(opening.msgid, [*wire(SORRY), *GOODBYE])]


@pytest.mark.parametrize("apology", [(), (SORRY,)])
def test_apology_with_nothing_open_replaces(apology):
    """With nothing open the apology cuts short what plays; without an apology the call is just ended."""
    talk = Conversation().begins_with(say())
    talk.call.apologise(None, apology)
    assert talk.written() == [redirect([*wire(*apology), *GOODBYE])]


def test_apology_after_the_stand_in():
    """What was frozen is not said after an apology."""
    talk = Conversation().begins_with(gather("/hook"), say("behind"))
    asking = talk.taken("/hook", "v1")
    talk.passes(4)
    talk.written()
    talk.call.apologise(asking, (SORRY,))
    assert talk.written() == [redirect([*wire(SORRY), *GOODBYE])]


def test_apology_after_the_reply():
    """With the reply out, the apology replaces it."""
    talk = Conversation().begins_with(gather("/hook"))
    asking = talk.taken("/hook", "v1")
    talk.call.answer(asking, (say("reply"),))
    talk.written()
    talk.call.apologise(asking, (SORRY,))
    assert talk.written() == [redirect([*wire(SORRY), *GOODBYE])]


@pytest.mark.parametrize(
    ("kind", "stand_in"),
    [(HookKind.WAIT, PAUSE), (HookKind.ENTER, None), (HookKind.LEG_REPORT, None), (HookKind.CONFIRM, HANGUP)],
)
def test_apology_is_not_said_to_another_leg(kind, stand_in):
    """A hook of another leg is settled; the apology is for the caller."""
    talk = Conversation().begins_with(naming("/hook", kind))
    talk.sends("dial:confirm" if kind is HookKind.CONFIRM else "verb:hook", hook="/hook")
    asking = talk.take("/hook")
    talk.call.apologise(asking, (SORRY,))
    assert talk.written() == [ack(asking.msgid, stand_in), redirect([*wire(SORRY), *GOODBYE])]


def test_apology_in_the_handler_of_a_notification():
    """A notification has its ack; the apology is said all the same."""
    talk = Conversation().begins_with(naming("/hook", HookKind.NOTIFY))
    asking = talk.taken("/hook")
    talk.written()
    talk.call.apologise(asking, (SORRY,))
    assert talk.written() == [redirect([*wire(SORRY), *GOODBYE])]


# Closing


def test_close_answers_everything_first():
    """Every open question gets its stand-in, so that nothing waits for its deadline at jambonz."""
    talk = Conversation().begins_with(gather("/hook"), naming("/music", HookKind.WAIT))
    first, second = talk.hook("/hook", "v1"), talk.hook("/music")
    talk.call.close(1000, "")
    assert talk.written() == [ack(first), ack(second, PAUSE)]
    assert talk.call.ending == Ending(1000, "the application closed the connection")


def test_close_before_the_first_verbs():
    """An unanswered call is declined, not left ringing."""
    talk = Conversation()
    opening = talk.begins()
    talk.call.close(1000, "no time")
    assert talk.written() == [ack(opening.msgid, GOODBYE)]
    assert opening.state is State.SETTLED
    assert talk.call.ending == Ending(1000, "no time")


@pytest.mark.parametrize("code", [1001, 4000])
def test_close_before_the_first_verbs_for_another_process(code):
    """A call that jambonz is to come back for is not hung up: it is kept up, for whoever is there then."""
    talk = Conversation()
    opening = talk.begins()
    talk.call.close(code, "the server is stopping")
    assert talk.written() == [ack(opening.msgid, NEUTRAL)]
    assert talk.call.ending == Ending(code, "the server is stopping")


def test_close_sends_what_was_held():
    """Commands that waited for the call to be live go out before the end."""
    talk = Conversation()
    talk.begins()
    talk.call.send((say(),), current=None)
    talk.call.send((say("more"),), current=None)
    talk.written()
    talk.call.close(1000, "")
    assert talk.written() == [redirect(wire(say("more")))]


def test_close_sends_what_was_held_behind_a_hook():
    """So do appends that waited for a hook."""
    talk = Conversation().begins_with(gather("/hook"))
    msgid = talk.hook("/hook", "v1")
    talk.call.send((say("append"),), current=None, immediate=False)
    talk.call.close(1000, "")
    assert talk.written() == [ack(msgid), redirect(wire(say("append")), queue=True)]


def test_close_while_dropped():
    """There is nobody to tell."""
    talk = Conversation(reconnect_timeout=15).begins_with(say())
    talk.call.closed(1006, "")
    talk.call.send((say("more"),), current=None)
    talk.call.close(1000, "")
    assert talk.written() == []
    assert talk.call.ending.code == 1000


def test_close_twice():
    """The first end counts."""
    talk = Conversation().begins_with(say())
    talk.call.close(1000, "a")
    talk.call.close(1001, "b")
    assert talk.call.ending == Ending(1000, "a")


def test_nothing_is_due_after_the_end():
    """After the end messages and ticks do nothing."""
    talk = Conversation().begins_with(gather("/hook"))
    talk.call.close(1000, "")
    talk.written()
    talk.hook("/hook", "v1")
    talk.call.now += 100
    talk.call.tick()
    assert talk.call.due == math.inf
    assert talk.written() == []
    assert len(talk.call.mailbox) == 0


def test_everything_after_the_end_is_said_to_nobody():
    """After the end nothing is written, whoever asks for it."""
    talk = Conversation().begins_with(gather("/hook"), say("behind"))
    asking = talk.taken("/hook", "v1")
    talk.call.closed(1000, "")
    talk.call.answer(asking, (say(),))
    talk.call.send((say(),), current=asking)
    talk.call.move_on(asking)
    talk.call.command(Command("tts:flush"))
    talk.call.say_goodbye(asking)
    talk.call.apologise(asking, (SORRY,))
    talk.call.begin_wait(frozenset({"/x"}))
    talk.call.end_wait()
    talk.call.returned()
    talk.call.can("/hook", ())
    assert talk.written() == []


# Messages (SMS)


def test_message_session_is_told_by_its_missing_sid():
    """A session:new without a sid is a message; a call, or a call that began otherwise, is not."""
    assert sms().call.is_message_session
    assert not Conversation().call.is_message_session
    assert not Conversation().begins_with(say()).call.is_message_session
    talk = Conversation()
    talk.sends("session:redirect", hook="/x", call_sid=None)
    assert not talk.call.is_message_session


def test_message_session_has_no_neutral_answer():
    """There is no config in a message session: its stand-in is empty."""
    talk = sms()
    opening = talk.call.opening.asking
    talk.passes(4)
    assert talk.written() == [ack(opening.msgid)]


def test_message_session_answered_with_nothing():
    """An empty reply is an empty ack."""
    talk = sms()
    opening = talk.call.opening.asking
    talk.call.answer(opening, ())
    assert talk.written() == [ack(opening.msgid)]


@pytest.mark.parametrize("how", ["goodbye", "apology", "close"])
def test_message_session_has_nothing_to_hang_up(how):
    """Returning, raising and closing only settle what is open."""
    talk = sms()
    opening = talk.call.opening.asking
    if how == "goodbye":
        talk.call.say_goodbye(opening)
    elif how == "apology":
        talk.call.apologise(opening, (SORRY,))
    else:
        talk.call.close(1000, "")
    assert talk.written() == [ack(opening.msgid)]


def test_message_session_after_its_answer():
    """After its verbs nothing is added."""
    talk = sms()
    talk.call.send((Verb("message"),), current=None)
    talk.written()
    talk.call.say_goodbye(None)
    talk.passes(60)
    assert talk.written() == []


# Redirected sessions


def test_goodbye_to_a_redirected_session():
    """A session that began by session:redirect is ended in its ack."""
    talk = Conversation()
    msgid = talk.sends("session:redirect", hook="/x", call_sid=None, data={"call_sid": SID})
    talk.call.say_goodbye(None)
    assert talk.written() == [ack(msgid, GOODBYE)]


def test_goodbye_to_an_adulting_session():
    """A session whose ack carries no verbs is ended by command."""
    talk = Conversation()
    talk.sends("session:adulting", call_sid=None, data={"call_sid": SID})
    talk.written()
    talk.call.say_goodbye(None)
    talk.passes(0.1)
    assert talk.written() == [redirect(GOODBYE, queue=True)]


def test_stand_in_is_not_a_goodbye():
    """A handler that is merely slow does not end the call."""
    talk = Conversation()
    opening = talk.begins()
    talk.passes(60)
    assert talk.written() == [ack(opening.msgid, NEUTRAL)]
    assert talk.call.ending is None


def test_closing_sends_what_is_frozen_again():
    """jambonz plays out its queue after a close with 1000: what a stand-in has swept from it goes back first."""
    talk = Conversation().begins_with(gather("/hook"), say("behind"))
    talk.taken("/hook", "v1")
    talk.passes(4.1)
    talk.written()
    talk.call.close(1000, "")
    assert talk.written() == [redirect(wire(say("behind")))]


@pytest.mark.parametrize("dropped", [False, True])
def test_closed_here(dropped):
    """Who has closed the connection is known afterwards."""
    talk = Conversation(reconnect_timeout=15).begins_with()
    if dropped:
        talk.call.closed(1006, "")
    assert not talk.call.closed_here
    talk.call.close(1001, "")
    assert talk.call.closed_here


def test_closed_there():
    """jambonz has closed the connection; what the application does after that is of no matter."""
    talk = Conversation().begins_with()
    talk.call.closed(1000, "")
    talk.call.close(1001, "")
    assert not talk.call.closed_here
