"""A dropped socket is not a dropped call."""

from __future__ import annotations

import math

import pytest

from jambonz_sync.protocol.asking import State
from jambonz_sync.protocol.call import Ending
from jambonz_sync.protocol.command import Command
from jambonz_sync.protocol.hooks import HookKind

from .conversation import NEUTRAL, SID, Conversation, ack, gather, naming, redirect, say, wire


def lasting(*verbs, **options) -> Conversation:
    """A live, confirmed call that waits for jambonz to come back."""
    talk = Conversation(reconnect_timeout=15, **options).begins_with(*verbs)
    talk.sends("verb:status", data={"event": "starting"})
    talk.call.take(["*"])
    return talk


# How a connection ends


@pytest.mark.parametrize("code", [1000, 1001])
def test_codes_that_end_the_call(code):
    """1000 and 1001 of jambonz are final."""
    talk = lasting()
    talk.call.closed(code, "bye")
    assert talk.call.ending == Ending(code, "bye")
    assert not talk.call.dropped


def test_code_without_reason():
    """Where jambonz gives no reason, there is a sentence."""
    talk = lasting()
    talk.call.closed(1000, "")
    assert talk.call.ending == Ending(1000, "jambonz closed the connection")


@pytest.mark.parametrize("code", [1002, 1005, 1006, 1009, 1011, 1012, 4000])
def test_codes_that_are_a_drop(code):
    """Any other code is a drop, and is said."""
    talk = lasting()
    talk.call.closed(code, "")
    assert talk.call.dropped
    assert talk.call.ending is None
    [line] = talk.said()
    assert f"connection lost (code {code}); waiting up to 15 s" in line


def test_drop_without_waiting():
    """With no time to wait for jambonz, a drop is the end."""
    talk = Conversation().begins_with(say())
    talk.call.closed(1006, "")
    assert talk.call.ending == Ending(1006, "the connection was lost")


def test_drop_before_the_session():
    """A socket that drops before anything was said is no call."""
    talk = Conversation(reconnect_timeout=15)
    talk.call.closed(1006, "reset")
    assert talk.call.ending == Ending(1006, "reset")


@pytest.mark.parametrize("status", ["completed", "failed", "busy", "no-answer"])
def test_drop_after_the_last_status(status):
    """A call that is over will not come back."""
    talk = lasting()
    talk.status(status)
    talk.call.closed(1006, "")
    assert talk.call.ending is not None


def test_drop_after_the_last_status_of_a_leg():
    """A leg that is over is not the call."""
    talk = lasting()
    talk.status("completed", sid="leg-1")
    talk.call.closed(1006, "")
    assert talk.call.dropped


def test_first_verbs_refused():
    """1001 in answer to the first verbs means that jambonz refused them: it is final, and logged with the verbs."""
    talk = Conversation(reconnect_timeout=15)
    talk.begins()
    talk.call.send((say("secret of the refusal"),), current=None)
    talk.call.closed(1001, "")
    assert talk.call.ending == Ending(1001, "jambonz rejected the call", rejected=True)
    [line] = talk.said()
    assert "refused the first verbs" in line
    assert "secret of the refusal" in line


def test_refusal_after_a_status():
    """A status is no sign that the verbs were accepted."""
    talk = Conversation()
    talk.begins()
    talk.call.send((say(),), current=None)
    talk.status("trying")
    talk.call.closed(1001, "")
    assert talk.call.ending.rejected


def test_no_refusal_once_confirmed():
    """After any other message the verbs were accepted; 1001 is a plain end."""
    talk = lasting()
    talk.call.closed(1001, "")
    assert not talk.call.ending.rejected
    assert talk.said() == []


def test_no_refusal_before_the_ack():
    """Before any verbs were sent none can have been refused."""
    talk = Conversation()
    talk.begins()
    talk.call.closed(1001, "")
    assert talk.call.ending == Ending(1001, "jambonz closed the connection")


@pytest.mark.parametrize("kind", ["session:adulting", "session:reconnect"])
def test_no_refusal_where_no_verbs_were_asked_for(kind):
    """An opening whose ack carries no verbs cannot have them refused."""
    talk = Conversation()
    talk.sends(kind, data={"call_sid": SID})
    talk.call.closed(1001, "")
    assert not talk.call.ending.rejected


def test_closed_twice():
    """The first end counts, and after a drop further closing of the old socket means nothing."""
    talk = lasting()
    talk.call.closed(1006, "")
    talk.call.closed(1000, "")
    assert talk.call.ending is None
    talk.passes(15)
    talk.call.closed(1000, "")
    assert talk.call.ending.code == 1006


# While dropped


def test_jambonz_does_not_come_back():
    """After reconnect_timeout the call is over."""
    talk = lasting()
    talk.call.closed(1006, "")
    assert talk.call.due == talk.call.now + 15
    talk.passes(14.9)
    assert talk.call.ending is None
    talk.passes(0.1)
    assert talk.call.ending == Ending(1006, "the connection was lost and jambonz did not come back")
    assert talk.call.due == math.inf
    talk.call.tick()
    assert talk.written() == []


def test_tick_while_dropped():
    """A tick before that does nothing."""
    talk = lasting()
    talk.call.closed(1006, "")
    talk.call.tick()
    assert talk.call.ending is None


def test_commands_are_held_until_the_ack():
    """What is sent meanwhile goes behind the ack of session:reconnect, in order."""
    talk = lasting()
    talk.call.closed(1006, "")
    talk.call.send((say("a"),), current=None)
    talk.call.command(Command("tts:flush"))
    talk.call.send((say("b"),), current=None, immediate=False)
    talk.passes(5)
    assert talk.written() == []
    msgid = talk.reconnects()
    assert talk.written() == [
        ack(msgid),
        redirect(wire(say("a"))),
        {"type": "command", "command": "tts:flush"},
        redirect(wire(say("b")), queue=True),
    ]
    assert not talk.call.dropped
    assert talk.call.due == math.inf


@pytest.mark.parametrize("kind", [kind for kind in HookKind if kind is not HookKind.NOTIFY])
def test_hooks_in_flight_are_lost(kind):
    """jambonz gives up on hooks in flight: no ack goes out for them, and their replies go as late ones do."""
    verb = gather("/hook") if kind is HookKind.ACTION else naming("/hook", kind)
    talk = lasting(verb, say("behind"))
    talk.asks(kind, "/hook", verb_id="v1")
    asking = talk.take("/hook")
    talk.call.closed(1006, "")
    assert asking.state is State.LOST
    talk.passes(5)
    talk.said()
    talk.call.answer(asking, (say("reply"),))
    msgid = talk.reconnects()
    redirected = [redirect(wire(say("reply")))] if kind.late.name == "REDIRECT" else []
    assert talk.written() == [ack(msgid), *redirected]
    talk.passes(60)
    assert talk.written() == []


def test_lost_hook_without_reply():
    """jambonz goes on with its queue when it gives up on a hook: nothing is sent again."""
    talk = lasting(gather("/hook"), say("behind"))
    asking = talk.taken("/hook", "v1")
    talk.call.closed(1006, "")
    talk.call.move_on(asking)
    msgid = talk.reconnects()
    assert talk.written() == [ack(msgid)]


def test_lost_hook_in_the_mailbox():
    """A hook nobody has taken yet can be taken after the drop."""
    talk = lasting(gather("/hook"))
    talk.hook("/hook", "v1")
    talk.call.closed(1006, "")
    assert talk.take("/hook").state is State.LOST


def test_wait_begins_while_dropped():
    """A wait settles nothing that is lost."""
    talk = lasting(gather("/hook"))
    talk.hook("/hook", "v1")
    talk.call.closed(1006, "")
    talk.call.begin_wait(frozenset({"/other"}))
    assert talk.written() == []


def test_append_held_behind_a_lost_hook():
    """What was held behind a hook that is lost goes with the commands."""
    talk = lasting(gather("/hook"), say("behind"))
    talk.taken("/hook", "v1")
    talk.call.send((say("append"),), current=None, immediate=False)
    talk.call.closed(1006, "")
    msgid = talk.reconnects()
    assert talk.written() == [ack(msgid), redirect(wire(say("append")), queue=True)]


def test_frozen_queue_outlives_a_drop():
    """Verbs frozen before the drop are sent again after it."""
    talk = lasting(gather("/hook"), say("behind"))
    asking = talk.taken("/hook", "v1")
    talk.passes(4)
    talk.written()
    talk.call.closed(1006, "")
    talk.call.send((say("append"),), current=None, immediate=False)
    talk.call.move_on(asking)
    msgid = talk.reconnects()
    assert talk.written() == [
        ack(msgid),
        redirect(wire(say("behind"))),
        redirect(wire(say("append")), queue=True),
    ]


def test_several_drops():
    """A call may drop again and again; each time has its own limit."""
    talk = lasting()
    for _ in range(3):
        talk.call.closed(1006, "")
        talk.passes(14)
        msgid = talk.reconnects()
        assert talk.written() == [ack(msgid)]
    assert talk.call.ending is None


def test_reconnect_is_not_shown():
    """The handler never notices."""
    talk = lasting()
    talk.call.closed(1006, "")
    talk.reconnects()
    assert talk.call.take(["*"]) is None


def test_reconnect_leaves_the_status():
    """The status that jambonz repeats is as old as the call."""
    talk = lasting()
    talk.status("in-progress")
    talk.call.closed(1006, "")
    talk.reconnects()
    assert talk.call.call_status == "in-progress"


# A drop before the first ack


def test_first_question_outlives_a_drop():
    """The answer to session:new goes under the msgid of session:reconnect, which has its own time."""
    talk = Conversation(reconnect_timeout=15)
    opening = talk.begins()
    talk.passes(3)
    talk.call.closed(1006, "")
    talk.passes(5)
    msgid = talk.reconnects()
    assert talk.written() == []
    assert any("sends no hook or status" in line for line in talk.said())
    talk.passes(3.9)
    assert opening.is_open
    talk.call.send((say(),), current=None)
    assert talk.written() == [ack(msgid, wire(say()))]


def test_first_question_unanswered_after_a_drop():
    """It has its stand-in at its own deadline."""
    talk = Conversation(reconnect_timeout=15)
    talk.begins()
    talk.call.closed(1006, "")
    msgid = talk.reconnects()
    talk.passes(4)
    assert talk.written() == [ack(msgid, NEUTRAL)]


def test_first_verbs_while_dropped():
    """Verbs given while the socket is gone are the answer to session:reconnect, and commands follow when live."""
    talk = Conversation(reconnect_timeout=15)
    opening = talk.begins()
    talk.call.closed(1006, "")
    talk.call.send((say("first"),), current=None)
    talk.call.send((say("more"),), current=None)
    assert opening.state is State.ANSWERED
    assert talk.written() == []
    msgid = talk.reconnects()
    assert talk.written() == [ack(msgid, wire(say("first")))]
    talk.passes(0.1)
    assert talk.written() == [redirect(wire(say("more")))]


def test_empty_first_reply_while_dropped():
    """A first reply without verbs is the neutral one there too."""
    talk = Conversation(reconnect_timeout=15)
    opening = talk.begins()
    talk.call.closed(1006, "")
    talk.call.answer(opening, ())
    msgid = talk.reconnects()
    assert talk.written() == [ack(msgid, NEUTRAL)]


def test_moving_on_from_the_first_question_while_dropped():
    """There is nobody to answer; the question stays open until jambonz is back."""
    talk = Conversation(reconnect_timeout=15)
    opening = talk.begins()
    talk.call.closed(1006, "")
    talk.call.move_on(opening)
    assert opening.is_open
    assert talk.written() == []


def test_unconfirmed_first_verbs_are_repeated():
    """Whether jambonz has read the first ack is unknown: its verbs go with the ack of session:reconnect, which are
    read only if it has not; then the call is as new, and commands wait."""
    talk = Conversation(reconnect_timeout=15)
    talk.begins()
    talk.call.send((gather("/hook"),), current=None)
    talk.passes(0.1)
    talk.written()
    talk.call.closed(1006, "")
    talk.call.command(Command("tts:flush"))
    msgid = talk.reconnects()
    assert talk.written() == [ack(msgid, list(talk.last_list))]
    assert talk.last_list == [{"verb": "gather", "id": "v1", "actionHook": "/hook"}]
    talk.passes(0.1)
    assert talk.written() == [{"type": "command", "command": "tts:flush"}]


def test_confirmed_first_verbs_are_not_repeated():
    """Any message but a status shows that the first ack was read."""
    talk = lasting()
    talk.call.closed(1006, "")
    msgid = talk.reconnects()
    assert talk.written() == [ack(msgid)]


def test_repeated_first_verbs_fit_under_a_longer_msgid():
    """First verbs of the greatest size do not keep session:reconnect from being acked, whatever its msgid."""
    talk = Conversation(reconnect_timeout=15)
    talk.begins()
    talk.call.send(
        (say("x" * (24_576 - len('{"type":"ack","msgid":"m1","data":[{"verb":"say","text":""}]}'))),), current=None
    )
    talk.call.closed(1006, "")
    talk.written()
    talk.call.receive('{"type": "session:reconnect", "msgid": "' + "m" * 22 + '", "data": {}}')
    assert [message["msgid"] for message in talk.written()] == ["m" * 22]


def test_drop_before_the_call_was_live():
    """A drop within the pause after the first ack: commands go after the reconnect and another pause."""
    talk = Conversation(reconnect_timeout=15)
    talk.begins()
    talk.call.send((say(),), current=None)
    talk.call.send((say("more"),), current=None)
    talk.written()
    talk.call.closed(1006, "")
    talk.passes(1)
    assert talk.written() == []
    talk.reconnects()
    assert len(talk.written()) == 1
    talk.passes(0.1)
    assert talk.written() == [redirect(wire(say("more")))]


def test_message_session_dropped_before_the_ack():
    """A message session has no neutral answer; what is sent after an empty one goes all the same."""
    talk = Conversation(reconnect_timeout=15)
    talk.sends("session:new", call_sid=None)
    talk.call.closed(1006, "")
    talk.call.answer(talk.call.opening.asking, ())
    talk.sends("session:reconnect", call_sid=None)
    talk.call.send((say("later"),), current=None)
    talk.passes(1)
    assert [message["type"] for message in talk.written()] == ["ack", "command"]


def test_ending_while_the_first_question_is_open():
    """A call that ends while dropped is over for good; what is said after that is said to nobody."""
    talk = Conversation(reconnect_timeout=15)
    opening = talk.begins()
    talk.call.closed(1006, "")
    talk.passes(15)
    talk.call.answer(opening, (say(),))
    talk.call.send((say(),), current=None)
    talk.call.move_on(opening)
    assert talk.written() == []
