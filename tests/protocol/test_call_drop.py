"""A dropped socket is not a dropped call."""

from __future__ import annotations

import json
import math

import pytest

from jambonz_sync import wording
from jambonz_sync.protocol.asking import State
from jambonz_sync.protocol.call import Ending
from jambonz_sync.protocol.command import Command
from jambonz_sync.protocol.commands import MOST_HELD
from jambonz_sync.protocol.hooks import HookKind, HookUse
from jambonz_sync.protocol.lost_hooks import PROBE_AFTER
from jambonz_sync.protocol.message import MAX_MESSAGE_BYTES, encode
from jambonz_sync.protocol.verb import Verb

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


def test_nothing_comes_before_the_answer_to_session_reconnect():
    """Not where a hook was answered before session:new was, either."""
    talk = Conversation(reconnect_timeout=15)
    talk.begins()
    talk.call.answer(talk.taken("/early"), (say("early"),))
    talk.passes(1)
    late = talk.taken("/lost")
    talk.written()
    talk.call.closed(1012, "")
    msgid = talk.reconnects()
    talk.call.answer(late, (say("late"),))
    talk.passes(1)
    assert talk.written() == []
    talk.call.send((say(),), current=None)
    assert talk.written() == [ack(msgid, wire(say()))]
    talk.passes(0.1)
    assert talk.written() == [redirect(wire(say("late")))]


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


# What was written and has not arrived


def lose(talk: Conversation, count: int, code: int = 1006) -> list[dict]:
    """Everything is written, and of that the last messages have not arrived; returns them."""
    if talk.call._commands.held:
        talk.passes(0.1)
    texts = list(talk.call.outbox)
    talk.call.outbox.clear()
    undelivered = texts[len(texts) - count :]
    talk.call.closed(code, "", undelivered)
    return [json.loads(text) for text in undelivered]


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_commands_that_have_not_arrived_are_said_again(count):
    """In their order, before those that came later; those that have arrived are not."""
    talk = lasting()
    for text in "abc":
        talk.call.send((say(text),), current=None, immediate=False)
    lost = lose(talk, count)
    assert len(lost) == count
    talk.call.send((say("later"),), current=None, immediate=False)
    msgid = talk.reconnects()
    assert talk.written() == [ack(msgid), *lost, redirect(wire(say("later")), queue=True)]


def test_what_is_still_in_the_outbox_has_not_arrived():
    """The connection was found broken while the first of several was written: the others come behind it."""
    talk = lasting()
    talk.call.command(Command("tag", {"n": 1}), Command("tag", {"n": 2}), Command("tag", {"n": 3}))
    first = talk.call.outbox.pop(0)
    talk.call.closed(1006, "", [first])
    assert talk.call.outbox == []
    msgid = talk.reconnects()
    assert talk.written() == [ack(msgid), *({"type": "command", "command": "tag", "data": {"n": n}} for n in (1, 2, 3))]


def test_an_ack_without_verbs_is_not_said_again():
    """jambonz takes the missing answer for an empty one."""
    talk = lasting(gather("/hook"))
    talk.hook("/hook", "v1")
    talk.call.answer(talk.take("/hook"), ())
    assert [message["type"] for message in lose(talk, 1)] == ["ack"]
    msgid = talk.reconnects()
    assert talk.written() == [ack(msgid)]


def test_a_reply_that_has_not_arrived_becomes_a_redirect():
    """jambonz has given up on the question: its msgid is worth nothing any more, the verbs are."""
    talk = lasting(gather("/hook"), say("behind"))
    talk.call.answer(talk.taken("/hook", "v1"), (say("reply"),))
    [lost] = lose(talk, 1)
    assert lost["type"] == "ack"
    msgid = talk.reconnects()
    assert talk.written() == [ack(msgid), redirect(wire(say("reply")))]


def test_a_reply_and_what_came_behind_it():
    """Their order is kept, though one was an ack."""
    talk = lasting(gather("/hook"))
    talk.call.answer(talk.taken("/hook", "v1"), (say("reply"),))
    talk.call.send((say("append"),), current=None, immediate=False)
    lost = lose(talk, 2)
    assert [message["type"] for message in lost] == ["ack", "command"]
    msgid = talk.reconnects()
    assert talk.written() == [ack(msgid), redirect(wire(say("reply"))), redirect(wire(say("append")), queue=True)]


def test_a_stand_in_that_has_not_arrived():
    """The queue stays frozen, since the redirect sweeps it too; then the handler's reply takes its place."""
    talk = lasting(gather("/hook"), say("behind"))
    asking = talk.taken("/hook", "v1")
    talk.passes(4)
    [lost] = lose(talk, 1)
    assert lost["data"] == NEUTRAL
    talk.call.answer(asking, (say("reply"),))
    msgid = talk.reconnects()
    assert talk.written() == [ack(msgid), redirect(NEUTRAL), redirect(wire(say("reply")))]


@pytest.mark.parametrize("kind", [HookKind.WAIT, HookKind.CONFIRM, HookKind.ENTER])
def test_an_answer_to_another_leg_is_not_said_again(kind):
    """A redirect would act on the call itself."""
    talk = lasting(naming("/hook", kind))
    talk.asks(kind, "/hook")
    talk.call.answer(talk.take("/hook"), (say("for the other leg"),))
    assert len(lose(talk, 1)) == 1
    msgid = talk.reconnects()
    assert talk.written() == [ack(msgid)]


def test_a_reply_that_filled_its_message():
    """A redirect has less room: its verbs come in two, the second behind the first."""
    talk = lasting(gather("/hook"))
    asking = talk.taken("/hook", "v1")
    verbs = [say("a" * 12_230), say("b" * 12_230)]
    room = 24_576 - len(json.dumps(ack(asking.msgid, wire(*verbs)), separators=(",", ":")))
    verbs[1] = say("b" * (12_230 + room))
    talk.call.answer(asking, verbs)
    assert len(lose(talk, 1)) == 1
    msgid = talk.reconnects()
    assert talk.written() == [ack(msgid), redirect(wire(verbs[0])), redirect(wire(verbs[1]), queue=True)]


def test_a_first_ack_that_has_not_arrived():
    """It has a place of its own, in the answer to session:reconnect; commands wait as behind the first."""
    talk = Conversation(reconnect_timeout=15)
    talk.begins()
    talk.call.send((say("first"),), current=None)
    talk.call.send((say("append"),), current=None, immediate=False)
    lost = lose(talk, 2)
    assert [message["type"] for message in lost] == ["ack", "command"]
    msgid = talk.reconnects()
    assert talk.written_at_once() == [ack(msgid, wire(say("first")))]
    talk.passes(0.1)
    assert talk.written() == [redirect(wire(say("append")), queue=True)]


def test_the_answer_to_session_reconnect_has_not_arrived():
    """jambonz asks again on the next connection, and only that is answered."""
    talk = lasting()
    talk.call.closed(1006, "")
    talk.call.send((say("held"),), current=None)
    talk.reconnects()
    lost = lose(talk, 2)
    assert [message["type"] for message in lost] == ["ack", "command"]
    msgid = talk.reconnects()
    assert talk.written() == [ack(msgid), redirect(wire(say("held")))]


def test_what_has_not_arrived_again_and_again():
    """However often: once on each connection, in the same order."""
    talk = lasting()
    for text in "ab":
        talk.call.send((say(text),), current=None, immediate=False)
    lost = lose(talk, 2)
    for _ in range(3):
        msgid = talk.reconnects()
        assert [json.loads(text) for text in talk.call.outbox] == [ack(msgid), *lost]
        lose(talk, 3)
    msgid = talk.reconnects()
    assert talk.written() == [ack(msgid), *lost]


def test_a_call_that_ends_says_nothing_again():
    """Nobody is there to hear it."""
    talk = lasting()
    talk.call.send((say(),), current=None)
    lose(talk, 1, code=1000)
    assert talk.call.ending is not None
    assert talk.written() == []


# Too much


def test_a_flood_while_dropped_ends_the_call():
    """What is held has a bound; one that is reached is the end, said in a sentence."""
    talk = lasting()
    talk.call.closed(1006, "")
    piece = Command("tag", {"text": "x" * 20_000})
    count = 0
    while talk.call.ending is None:
        assert talk.call._commands.held_size <= MOST_HELD
        talk.call.command(piece)
        count += 1
    assert talk.call.ending == Ending(1006, "the connection was lost, and too much to be sent has come together since")
    assert count == MOST_HELD // (talk.call._commands.held_size // count) + 1
    talk.call.command(piece)
    assert talk.written() == []
    assert talk.call.due == math.inf


def test_a_flood_counts_what_has_not_arrived():
    """What was put back is held as well."""
    talk = lasting()
    talk.call.command(*[Command("tag", {"text": "x" * 20_000})] * 5)
    lose(talk, 5)
    assert talk.call._commands.held_size > 100_000
    held = talk.call._commands.held_size
    talk.call.command(*[Command("tag", {"text": "x" * 20_000})] * ((MOST_HELD - held) // 20_000 + 1))
    assert talk.call.ending is not None


def test_as_much_as_that_is_no_flood_while_connected():
    """Nothing is held then."""
    talk = lasting()
    for _ in range(MOST_HELD // 20_000 + 10):
        talk.call.command(Command("tag", {"text": "x" * 20_000}))
        talk.call.outbox.clear()
    assert talk.call.ending is None
    assert talk.call._commands.held_size == 0


# A run


def test_a_run_outlives_a_drop():
    """Its verbs go on; behind them stands another sentinel, so that it ends even if its end was told to nobody."""
    talk = lasting()
    run = talk.call.start_run((say("long"),), current=None)
    talk.passes(0.1)
    [_, story, _] = talk.written()[0]["data"]
    talk.sends("verb:status", data={"event": "starting", "id": story["id"]})
    talk.call.closed(1006, "")
    assert run.outcome is None
    msgid = talk.reconnects()
    first, second = talk.written()
    assert first == ack(msgid)
    [sentinel] = second["data"]
    assert second == redirect([{"verb": "config", "id": sentinel["id"]}], queue=True)
    talk.sends("verb:status", data={"event": "starting", "id": sentinel["id"]})
    assert run.outcome.state == "completed"


def test_a_run_that_has_not_arrived():
    """It is said again, and its new sentinel comes behind it."""
    talk = lasting()
    run = talk.call.start_run((say("long"),), current=None)
    [lost] = lose(talk, 1)
    msgid = talk.reconnects()
    first, second, third = talk.written()
    assert (first, second) == (ack(msgid), lost)
    assert third["queueCommand"]
    assert [verb["verb"] for verb in third["data"]] == ["config"]
    assert run.outcome is None


def test_a_run_that_is_over_needs_no_sentinel():
    """Nothing is put behind verbs whose end is known."""
    talk = lasting()
    run = talk.call.start_run((say("long"),), current=None)
    talk.passes(0.1)
    talk.written()
    run.interrupt()
    talk.call.closed(1006, "")
    msgid = talk.reconnects()
    assert talk.written() == [ack(msgid)]


def test_a_run_ends_with_the_call():
    """A connection that does not come back ends the wait for it."""
    talk = lasting()
    talk.call.start_run((say("long"),), current=None)
    talk.call.closed(1006, "")
    seen = talk.call.arrivals
    talk.passes(15)
    assert talk.call.arrivals > seen
    talk.call.stop_run()
    assert talk.call.ending is not None


def test_a_run_that_nobody_saw_begin_is_swept_by_a_stand_in():
    """The stand-in has taken the place of its verbs."""
    talk = lasting()
    run = talk.call.start_run((say("long"),), current=None)
    talk.call.outbox.clear()
    talk.call.closed(1006, "")
    talk.reconnects()
    talk.written()
    talk.asks(HookKind.SESSION, "/call-hook")
    assert talk.written()[0]["data"] == NEUTRAL
    assert run.outcome is not None
    assert run.outcome.interrupted


# Hooks that were lost


def starts(talk: Conversation, verb: dict) -> None:
    """jambonz begins with a verb, and says so."""
    talk.sends("verb:status", data={"event": "starting", "name": verb["verb"], "id": verb["id"]})


def looked_for(*verbs) -> tuple[Conversation, list[dict]]:
    """A call that was lost for a while, and what is put behind its verbs to find out what was lost with it."""
    talk = lasting(*verbs)
    talk.written()
    talk.call.closed(1006, "")
    talk.reconnects()
    talk.written()
    talk.passes(PROBE_AFTER)
    [command] = talk.written()
    assert command["queueCommand"] is True
    talk.said()
    return talk, command["data"]


def test_what_is_put_behind_the_verbs():
    """Something that has its start reported, and before that what has starts reported."""
    _, verbs = looked_for(gather("/menu"), say())
    assert [verb["verb"] for verb in verbs] == ["config", "config"]
    assert verbs[0]["notifyEvents"] is True
    assert verbs[1].keys() == {"verb", "id"}


@pytest.mark.parametrize("verbs", [(say(),), (Verb("dial", {}, (HookUse("https://example.com/x", HookKind.ACTION),)),)])
def test_nothing_is_looked_for(verbs):
    """Verbs that report nothing here can have lost nothing."""
    talk = lasting(*verbs)
    talk.written()
    talk.call.closed(1006, "")
    talk.reconnects()
    talk.written()
    talk.passes(10)
    assert talk.written() == []


def test_nothing_is_looked_for_where_a_hook_has_come():
    """jambonz waits for its answer, so it was not lost."""
    talk = lasting(gather("/menu"), say())
    talk.call.begin_wait(frozenset(["/menu"]))
    talk.written()
    talk.call.closed(1006, "")
    talk.reconnects()
    talk.ends_verb()
    talk.written()
    talk.passes(PROBE_AFTER)
    assert talk.written() == []


def test_a_question_whose_answer_was_lost_is_asked_again():
    """With what is queued behind it, and without what only served to find out. It is said."""
    talk, verbs = looked_for(say("Welcome."), gather("/menu"), say("Well?"))
    starts(talk, verbs[-1])
    [command] = talk.written()
    assert command["queueCommand"] is False
    assert [verb["verb"] for verb in command["data"]] == ["gather", "say"]
    assert talk.said() == [wording.asked_again("gather", "/menu")]
    talk.call.begin_wait(frozenset(["/menu"]))
    talk.ends_verb()
    assert talk.call.take(["/menu"]) is not None


def test_a_hook_that_comes_after_all():
    """Nothing was lost: what was put behind the verbs starts, and that is all."""
    talk, verbs = looked_for(gather("/menu"))
    talk.call.begin_wait(frozenset(["/menu"]))
    talk.hook("/menu", talk.call._sent.queue[0].id)
    event = talk.call.take(["/menu"])
    talk.call.end_wait()
    talk.call.answer(event.asking, ())
    talk.written()
    starts(talk, verbs[-1])
    talk.passes(10)
    assert talk.written() == []
    assert talk.said() == []


def test_verbs_that_were_replaced_have_lost_nothing():
    """What was put behind them is gone with them."""
    talk, verbs = looked_for(gather("/menu"))
    talk.call.send((say("Other."),), current=None)
    talk.written()
    starts(talk, verbs[-1])
    assert talk.written() == []


def test_what_cannot_be_repeated_is_told():
    """Nobody is dialled twice: whoever waits for the hook is told that it was lost, once."""
    talk, verbs = looked_for(naming("/dialled", HookKind.ACTION), say())
    seen = talk.call.arrivals
    starts(talk, verbs[-1])
    assert talk.written() == []
    assert talk.call.arrivals > seen
    assert talk.call.take_lost(["/other"]) is None
    assert talk.call.take_lost(["/dialled"]).action_hook == "/dialled"
    assert talk.call.take_lost(["/dialled"]) is None


def test_lost_twice():
    """What was put behind the verbs before the second loss tells nothing any more; it is done again."""
    talk, verbs = looked_for(gather("/menu"))
    talk.call.closed(1006, "")
    talk.reconnects()
    talk.written()
    starts(talk, verbs[-1])
    assert talk.written() == []
    talk.passes(PROBE_AFTER)
    [command] = talk.written()
    # Starts are reported by now.
    assert [verb.keys() for verb in command["data"]] == [{"verb", "id"}]
    starts(talk, command["data"][0])
    assert [verb["verb"] for verb in talk.written()[0]["data"]] == ["gather"]


def test_the_question_of_a_run_is_asked_again():
    """The run goes on with it, and is over when it is."""
    talk = lasting()
    run = talk.call.start_run((say("Welcome."), gather("/menu")), current=None)
    [sent] = talk.written()
    starts(talk, sent["data"][-2])
    talk.call.closed(1006, "")
    talk.reconnects()
    sentinel = talk.written()[-1]["data"][0]
    starts(talk, sentinel)
    [again] = talk.written()
    assert [verb["verb"] for verb in again["data"]] == ["gather", "config"]
    assert run.outcome is None
    talk.hook("/menu", again["data"][0]["id"])
    assert run.outcome.completed


def test_a_run_of_what_cannot_be_repeated():
    """It has failed, as far as is known."""
    talk = lasting()
    run = talk.call.start_run((naming("/dialled", HookKind.ACTION),), current=None)
    talk.written()
    talk.call.closed(1006, "")
    talk.reconnects()
    starts(talk, talk.written()[-1]["data"][0])
    assert talk.written() == []
    assert run.outcome.failed


def appended_max(size: int = 24_576) -> Verb:
    """A verb that fills a command which appends it, to the last byte."""
    room = size - len(json.dumps(redirect(wire(say(""))), separators=(",", ":"))) + len("false") - len("true")
    return say("x" * room)


def test_what_was_sent_behind_what_was_put_there():
    """It is still to come, behind the question that is asked again and what stood behind that."""
    talk, verbs = looked_for(gather("/menu"), say("Well?"))
    talk.call.send((say("Later."),), current=None, immediate=False)
    talk.written()
    starts(talk, verbs[-1])
    [command] = talk.written()
    assert [verb.get("text") for verb in command["data"]] == [None, "Well?", "Later."]


def test_what_was_sent_behind_a_run():
    """It is still to come, behind the question of the run and what tells its end."""
    talk = lasting()
    run = talk.call.start_run((gather("/menu"),), current=None)
    talk.written()
    talk.call.closed(1006, "")
    talk.reconnects()
    sentinel = talk.written()[-1]["data"][0]
    talk.call.send((say("Later."),), current=None, immediate=False)
    talk.written()
    starts(talk, sentinel)
    [again] = talk.written()
    assert [verb["verb"] for verb in again["data"]] == ["gather", "config", "say"]
    assert run.outcome is None


def test_a_question_behind_what_cannot_be_repeated():
    """That is told, and the question is asked again without it."""
    dial = Verb("dial", {"actionHook": "/dialled"}, (HookUse("/dialled", HookKind.ACTION),))
    talk, verbs = looked_for(dial, gather("/menu"), say())
    starts(talk, verbs[-1])
    [command] = talk.written()
    assert [verb["verb"] for verb in command["data"]] == ["gather", "say"]
    assert talk.call.take_lost(["/dialled"]) is not None
    assert talk.call.take_lost(["/menu"]) is None


def test_a_later_verb_reports():
    """Those before it never will: whoever waits for them is told at once."""
    talk, _ = looked_for(naming("/dialled", HookKind.ACTION), gather("/menu"))
    talk.hook("/menu", talk.call._sent.queue[1].id)
    assert talk.call.take_lost(["/menu"]) is None
    assert talk.call.take_lost(["/dialled"]) is not None


def test_a_later_verb_reports_without_a_loss():
    """A question that was cut short sends no hook: that is no loss."""
    talk = lasting(gather("/cut"), gather("/menu"))
    talk.hook("/menu", talk.call._sent.queue[1].id)
    assert talk.call.take_lost(["/cut"]) is None


def test_a_lost_hook_that_is_named_anew():
    """Whoever waits for it means the new verb."""
    talk, verbs = looked_for(naming("/dialled", HookKind.ACTION))
    starts(talk, verbs[-1])
    talk.call.send((naming("/dialled", HookKind.ACTION),), current=None)
    assert talk.call.take_lost(["/dialled"]) is None


def test_a_lost_hook_given_as_a_url():
    """It is waited for by its path, as its event is."""
    talk, verbs = looked_for(naming("wss://example.com/dialled", HookKind.ACTION))
    starts(talk, verbs[-1])
    assert talk.call.take_lost(["/dialled"]) is not None


def test_reports_that_were_asked_for_in_vain():
    """What asks for them was replaced before its turn came: the next run asks again, or it would never end."""
    talk, _ = looked_for(gather("/menu"))
    talk.call.send((say("Other."),), current=None)
    talk.written()
    talk.call.start_run((say("Now."),), current=None)
    assert talk.written()[0]["data"][0].get("notifyEvents") is True


def test_a_run_in_the_place_of_what_asks_for_reports():
    """It asks for them itself."""
    talk, _ = looked_for(gather("/menu"))
    talk.call.start_run((say("Now."),), current=None)
    assert talk.written()[0]["data"][0].get("notifyEvents") is True


def test_an_open_question_delays_the_search():
    """Something that holds the queue and is not of it: what was lost is looked for when it is answered."""
    talk = lasting(gather("/menu"))
    talk.call.closed(1006, "")
    talk.reconnects()
    asking = talk.taken("/unknown")
    talk.passes(PROBE_AFTER)
    assert [message["type"] for message in talk.written()] == ["ack"]
    talk.call.answer(asking, ())
    talk.written()
    talk.passes(PROBE_AFTER)
    [command] = talk.written()
    assert command["queueCommand"] is True


def test_nothing_is_looked_for_in_a_message_session():
    """There is no verb that could be put behind a message."""
    talk = Conversation(reconnect_timeout=15)
    talk.sends("session:new", call_sid=None)
    talk.call.send((Verb("message", {"actionHook": "/sent"}, (HookUse("/sent", HookKind.ACTION),)),), current=None)
    talk.sends("jambonz:error", call_sid=None)
    talk.call.closed(1006, "")
    talk.sends("session:reconnect", call_sid=None)
    talk.written()
    talk.passes(10)
    assert talk.written() == []


def test_a_question_asked_again_with_more_than_fits():
    """What came in several messages goes again in several; the first replaces, the others follow."""
    talk = lasting(gather("/menu"))
    for text in "ab":
        talk.call.send((say(text * 15_000),), current=None, immediate=False)
    talk.written()
    talk.call.closed(1006, "")
    talk.reconnects()
    talk.written()
    talk.passes(PROBE_AFTER)
    [probe] = talk.written()
    starts(talk, probe["data"][-1])
    commands = talk.written()
    assert [command["queueCommand"] for command in commands] == [False, *[True] * (len(commands) - 1)]
    assert [verb["verb"] for command in commands for verb in command["data"]] == ["gather", "say", "say"]


def test_a_frozen_verb_that_filled_its_command():
    """The command that replaces is longer by a character: a stand-in replaces, and the verb is put behind it."""
    talk = lasting(gather("/menu"))
    filling = appended_max()
    talk.call.send((filling,), current=None, immediate=False)
    talk.written()
    asking = talk.taken("/menu", "v1")
    talk.passes(4)
    talk.written()
    talk.call.move_on(asking)
    assert talk.written() == [redirect(NEUTRAL), redirect(wire(filling), queue=True)]


def test_the_loss_of_a_run_is_said_once():
    """However much jambonz reports until the thread has noticed."""
    talk = lasting()
    talk.call.start_run((naming("/dialled", HookKind.ACTION),), current=None)
    talk.written()
    talk.call.closed(1006, "")
    talk.reconnects()
    sentinel = talk.written()[-1]["data"][0]
    talk.said()
    starts(talk, sentinel)
    talk.sends("verb:status", data={"event": "finished", "name": "config", "id": sentinel["id"]})
    assert talk.said() == [wording.hook_lost("dial", "/dialled")]


def test_a_later_hook_overtakes_what_was_put_behind_the_verbs():
    """Then nothing is to be found out any more."""
    talk, verbs = looked_for(gather("/menu"))
    talk.call.send((gather("/later"),), current=None, immediate=False)
    [command] = talk.written()
    talk.call.begin_wait(frozenset(["/later"]))
    talk.hook("/later", command["data"][0]["id"])
    starts(talk, verbs[-1])
    assert talk.written() == []


def test_a_question_that_filled_an_answer_is_not_asked_again():
    """A command has less room by some characters; that is said, and the call goes on."""
    talk = lasting(gather("/menu"))
    talk.call.begin_wait(frozenset(["/menu"]))
    talk.ends_verb()
    asking = talk.call.take(["/menu"]).asking
    talk.call.end_wait()
    [verb] = talk.call._sent.numbered([gather("/more", text="")])
    room = MAX_MESSAGE_BYTES - len(encode({"type": "ack", "msgid": asking.msgid, "data": [verb.wire()]}))
    talk.call.answer(asking, (gather("/more", id=verb.id, text="x" * room),))
    talk.written()
    talk.call.closed(1006, "")
    talk.reconnects()
    talk.written()
    talk.passes(PROBE_AFTER)
    [command] = talk.written()
    talk.said()
    starts(talk, command["data"][-1])
    assert [command["data"] for command in talk.written()] == [NEUTRAL]
    assert "24,576" in talk.said()[-1]


def test_nothing_is_looked_for_once_all_has_come():
    """The hook came in time and was answered: what is left reports nothing."""
    talk = lasting(gather("/menu"), say())
    talk.written()
    talk.call.closed(1006, "")
    talk.reconnects()
    talk.written()
    talk.call.begin_wait(frozenset(["/menu"]))
    talk.hook("/menu", talk.call._sent.queue[0].id)
    talk.call.answer(talk.call.take(["/menu"]).asking, ())
    talk.written()
    talk.passes(10)
    assert talk.written() == []


def test_reports_are_asked_for_again_where_an_answer_has_swept_that():
    """What stood behind a question is not executed if the answer brings other verbs."""
    talk, _ = looked_for(gather("/menu"))
    talk.call.begin_wait(frozenset(["/menu"]))
    talk.hook("/menu", talk.call._sent.queue[0].id)
    talk.call.answer(talk.call.take(["/menu"]).asking, (gather("/next"),))
    talk.written()
    talk.call.closed(1006, "")
    talk.reconnects()
    talk.written()
    talk.passes(PROBE_AFTER)
    [command] = talk.written()
    assert command["data"][0]["notifyEvents"] is True


def asked_again(*behind: Verb) -> tuple[Conversation, list[dict]]:
    """A call in which a question is asked again, and what is behind it was sent later and has begun meanwhile."""
    talk, verbs = looked_for(gather("/menu"))
    talk.call.send(behind, current=None, immediate=False)
    talk.written()
    starts(talk, verbs[-1])
    [command] = talk.written()
    assert [verb["verb"] for verb in command["data"]] == ["gather", *(verb.name for verb in behind)]
    talk.said()
    return talk, command["data"]


def test_a_verb_that_is_killed_by_a_question_asked_again():
    """Its hook is not its end as it was sent again: the answer to the question still comes, and then its own."""
    talk, (question, dial) = asked_again(naming("/dialled", HookKind.ACTION))
    msgid = talk.hook("/dialled", dial["id"])
    assert talk.written() == [ack(msgid)]
    assert talk.call.take(["/dialled"]) is None
    starts(talk, question)
    for verb, name in ((question, "/menu"), (dial, "/dialled")):
        msgid = talk.hook(name, verb["id"])
        talk.call.answer(talk.take(name), ())
        assert talk.written() == [ack(msgid)]


def test_a_verb_that_is_killed_by_the_question_of_a_run():
    """The run is over with the answer to its question."""
    talk = lasting()
    run = talk.call.start_run((gather("/menu"),), current=None)
    talk.written()
    talk.call.closed(1006, "")
    talk.reconnects()
    sentinel = talk.written()[-1]["data"][0]
    talk.call.send((naming("/dialled", HookKind.ACTION),), current=None, immediate=False)
    talk.written()
    starts(talk, sentinel)
    question, _, dial = talk.written()[0]["data"]
    msgid = talk.hook("/dialled", dial["id"])
    assert talk.written() == [ack(msgid)]
    starts(talk, question)
    talk.hook("/menu", question["id"])
    assert run.outcome.completed


def test_a_question_asked_again_that_fails():
    """It has begun and sends no hook: what the verb behind it reports is true."""
    talk, (question, later) = asked_again(gather("/later"))
    starts(talk, question)
    talk.hook("/later", later["id"])
    assert talk.take("/later").is_open


def test_a_question_asked_again_that_has_not_arrived():
    """It is asked once jambonz is back, which may have said more meanwhile of the verbs behind it."""
    talk, (question, later) = asked_again(gather("/later"))
    command = encode(redirect([question, later]))
    talk.hook("/later", later["id"])
    assert talk.call.take(["/later"]) is None
    talk.written()
    talk.call.closed(1006, "", [command])
    msgid = talk.reconnects()
    assert talk.written() == [ack(msgid), json.loads(command)]
    msgid = talk.hook("/later", later["id"])
    assert talk.written() == [ack(msgid)]
    # Nothing that is put behind its verbs would tell of the question before it has begun.
    talk.passes(PROBE_AFTER)
    assert talk.written() == []
    starts(talk, question)
    talk.passes(PROBE_AFTER)
    [probe] = talk.written()
    assert [verb["verb"] for verb in probe["data"]] == ["config"]
    starts(talk, probe["data"][0])
    [again] = talk.written()
    assert again["data"] == [question, later]


def test_a_question_asked_again_of_which_the_answer_is_lost_too():
    """It has arrived, so that what a verb behind it reports is true."""
    talk, (_, later) = asked_again(gather("/later"))
    talk.call.closed(1006, "", [encode(redirect(NEUTRAL))])
    talk.reconnects()
    talk.hook("/later", later["id"])
    assert talk.take("/later").is_open
    assert talk.call.take_lost(["/menu"]) is not None


def test_a_question_asked_again_that_reports_without_having_been_seen_to_begin():
    """Its hook tells as much."""
    talk, (question, later) = asked_again(gather("/later"))
    for verb in (question, later):
        talk.hook(verb["actionHook"], verb["id"])
        talk.call.answer(talk.take(verb["actionHook"]), ())
    starts(talk, question)
    assert talk.call.take_lost(["/menu"]) is None
