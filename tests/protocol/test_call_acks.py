"""Every message that wants an ack gets exactly one, in time, fit to its kind."""

from __future__ import annotations

import pytest

from jambonz_sync.exceptions import MessageTooBig
from jambonz_sync.protocol.asking import Asking, State
from jambonz_sync.protocol.command import Command
from jambonz_sync.protocol.hooks import HookKind, HookUse
from jambonz_sync.protocol.verb import Verb

from .conversation import (
    GOODBYE,
    HANGUP,
    NEUTRAL,
    PAUSE,
    SID,
    TYPES,
    Conversation,
    ack,
    gather,
    naming,
    redirect,
    redirecting,
    say,
    wire,
    without_ids,
)

BEHIND = say("behind")
REPLY = say("reply")
SECOND = say("second")

#: Kinds of which the handler is asked by a verb:hook; the others have types of message of their own.
NAMED = [kind for kind in HookKind if kind not in TYPES]


def asked(kind: HookKind) -> tuple[Conversation, str]:
    """A live call that has just been asked a question of this kind, and the question's msgid."""
    if kind is HookKind.ACTION:
        talk = Conversation().begins_with(gather("/hook"), BEHIND)
        return talk, talk.hook("/hook", "v1")
    if kind is HookKind.SESSION:
        talk = Conversation().begins_with(redirecting("/hook"), BEHIND)
        return talk, talk.sends("session:redirect", hook="/hook", data={"verb_id": "v1"})
    talk = Conversation().begins_with(naming("/hook", kind), BEHIND)
    return talk, talk.asks(kind, "/hook")


STAND_INS = {
    HookKind.SESSION: NEUTRAL,
    HookKind.LEG_SESSION: NEUTRAL,
    HookKind.ACTION: NEUTRAL,
    HookKind.BARGE_IN: None,
    HookKind.WAIT: PAUSE,
    HookKind.CONFIRM: HANGUP,
    HookKind.ENTER: None,
    HookKind.REPORT: None,
    HookKind.LEG_REPORT: None,
    HookKind.NOTIFY: None,
}

REDIRECTED = [HookKind.SESSION, HookKind.ACTION, HookKind.BARGE_IN, HookKind.REPORT]
DROPPED = [HookKind.LEG_SESSION, HookKind.CONFIRM, HookKind.ENTER, HookKind.LEG_REPORT, HookKind.NOTIFY]


# The opening


def test_opening_is_not_answered_on_arrival():
    """The answer to session:new is the handler's for as long as there is time."""
    talk = Conversation()
    opening = talk.begins()
    assert opening.taken
    assert opening.is_open
    talk.passes(3.9)
    assert talk.written() == []


def test_opening_unanswered():
    """A handler that is slow is stood in for by an empty config; an empty ack would reject the call."""
    talk = Conversation()
    opening = talk.begins()
    talk.passes(4)
    assert talk.written() == [ack(opening.msgid, NEUTRAL)]
    [line] = talk.said()
    assert "session:new was not answered within 4 s; the caller hears nothing yet" in line


def test_opening_unanswered_asks_for_the_line_of_code():
    """The warning wants to name the line the thread is at."""
    talk = Conversation()
    talk.begins()
    talk.passes(4)
    [notice] = talk.call.notices
    assert notice.locate


def test_opening_answered_late():
    """The first verbs that come late are a redirect that replaces, the next a redirect that appends."""
    talk = Conversation()
    opening = talk.begins()
    talk.passes(5)
    talk.written()
    talk.call.answer(opening, (say("a"),))
    talk.call.answer(opening, (say("b"),))
    assert talk.written() == [redirect(wire(say("a"))), redirect(wire(say("b")), queue=True)]


def test_opening_answered_with_nothing():
    """A reply without verbs to session:new is the neutral one."""
    talk = Conversation()
    opening = talk.begins()
    talk.call.answer(opening, ())
    assert talk.written() == [ack(opening.msgid, NEUTRAL)]
    assert opening.state is State.ANSWERED


def test_adulting_is_acked_at_once():
    """jambonz does not read the answer's verbs, and gets it at once."""
    talk = Conversation()
    msgid = talk.sends("session:adulting", call_sid=None, data={"call_sid": "child"})
    assert talk.written() == [ack(msgid)]
    assert talk.call.opening is not None
    assert talk.call.call_sid == "child"
    assert talk.said() == []


def test_reconnect_of_an_unknown_call_is_acked_at_once():
    """A call that was begun in another process is acked, so that jambonz does not hang up."""
    talk = Conversation()
    msgid = talk.reconnects()
    assert talk.written() == [ack(msgid)]
    assert talk.call.opening.type == "session:reconnect"


def test_redirected_socket():
    """A call may begin with session:redirect and no sid in the envelope; its stand-in is the neutral one."""
    talk = Conversation()
    msgid = talk.sends("session:redirect", hook="wss://h/x", call_sid=None, data={"call_sid": SID})
    assert talk.call.call_sid == SID
    talk.passes(4)
    assert talk.written() == [ack(msgid, NEUTRAL)]


def test_session_new_twice():
    """A second session:new on the same socket is a question like any other."""
    talk = Conversation().begins_with(say())
    msgid = talk.sends("session:new", data={"call_sid": SID})
    talk.passes(4)
    assert talk.written() == [ack(msgid, NEUTRAL)]


# The table: in time


@pytest.mark.parametrize("kind", [kind for kind in HookKind if kind is not HookKind.NOTIFY])
def test_reply_in_time(kind):
    """A reply in time is the ack, with its verbs."""
    talk, msgid = asked(kind)
    asking = talk.take("/hook")
    talk.passes(3.9)
    talk.call.answer(asking, (REPLY,))
    assert talk.written() == [ack(msgid, wire(REPLY))]
    assert asking.state is State.ANSWERED
    talk.passes(60)
    assert talk.written() == []
    assert talk.said() == []


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (HookKind.SESSION, None),
        (HookKind.ACTION, None),
        (HookKind.BARGE_IN, None),
        (HookKind.WAIT, []),
        (HookKind.CONFIRM, None),
        (HookKind.ENTER, None),
        (HookKind.REPORT, None),
        (HookKind.LEG_REPORT, None),
    ],
)
def test_empty_reply_in_time(kind, data):
    """A reply without verbs is an ack that lets jambonz go on, lets the leg in, or ends the prompts."""
    talk, msgid = asked(kind)
    talk.call.answer(talk.take("/hook"), ())
    assert talk.written() == [ack(msgid, data)]


# The table: the stand-in


@pytest.mark.parametrize("kind", [kind for kind in HookKind if kind is not HookKind.NOTIFY])
def test_stand_in_at_the_deadline(kind):
    """What the handler has taken and not answered is stood in for at ack_timeout, not sooner."""
    talk, msgid = asked(kind)
    asking = talk.take("/hook")
    talk.passes(3.99)
    assert talk.written() == []
    talk.passes(0.01)
    assert talk.written() == [ack(msgid, STAND_INS[kind])]
    assert asking.state is State.SETTLED
    [line] = talk.said()
    assert line.startswith("/hook was not answered within 4 s")
    talk.passes(60)
    assert talk.written() == []


@pytest.mark.parametrize("kind", [kind for kind in HookKind if kind is not HookKind.NOTIFY])
def test_stand_in_for_what_nobody_has_taken_while_the_thread_is_busy(kind):
    """A hook nobody has taken yet, because the thread is busy, is treated like one that was."""
    talk, msgid = asked(kind)
    talk.passes(3.99)
    assert talk.written() == []
    talk.passes(0.01)
    assert talk.written() == [ack(msgid, STAND_INS[kind])]
    assert talk.take("/hook").state is State.SETTLED


def test_notifications_are_acked_on_arrival():
    """What wants no verbs is acked on arrival, without a word in the log, and can still be taken."""
    talk, msgid = asked(HookKind.NOTIFY)
    assert talk.written() == [ack(msgid)]
    assert talk.said() == []
    assert talk.take("/hook").state is State.SETTLED


@pytest.mark.parametrize("blocked", ["wait", "returned"])
@pytest.mark.parametrize("kind", list(HookKind))
def test_stand_in_at_once_for_nobody(kind, blocked):
    """While the thread waits for something else, or has returned, what nobody wants is settled on arrival."""
    talk = Conversation().begins_with(gather("/hook"), BEHIND)
    if kind not in (HookKind.ACTION, HookKind.SESSION):
        talk.call.send((naming("/hook", kind), BEHIND), current=None)
    elif kind is HookKind.SESSION:
        talk.call.send((redirecting("/hook"), BEHIND), current=None)
    if blocked == "wait":
        talk.call.begin_wait(frozenset({"/other"}))
    else:
        talk.call.returned()
    talk.written()
    msgid = talk.asks(kind, "/hook")
    stand_in = None if kind is HookKind.ACTION else STAND_INS[kind]
    again = [redirect(wire(BEHIND))] if kind is HookKind.SESSION else []
    assert talk.written() == [ack(msgid, stand_in), *again]
    assert bool(talk.said()) == (kind is not HookKind.NOTIFY)
    assert talk.take("/hook").state is State.SETTLED


def test_action_hook_for_nobody_lets_the_queue_go_on():
    """What stands behind an action hook that nobody takes goes on, and its hooks are still known."""
    talk = Conversation().begins_with(gather("/a"), gather("/b"))
    talk.call.begin_wait(frozenset({"/b"}))
    first, second = talk.hook("/a", "v1"), talk.hook("/b", "v2")
    assert talk.written() == [ack(first)]
    talk.call.answer(talk.take("/b"), (REPLY,))
    assert talk.written() == [ack(second, wire(REPLY))]


# The table: late and second replies


def settled(kind: HookKind) -> tuple[Conversation, Asking]:
    """A call with a question of this kind that the handler has taken, and that was stood in for."""
    talk, _ = asked(kind)
    asking = talk.take("/hook")
    talk.passes(4)
    talk.written()
    talk.said()
    return talk, asking


@pytest.mark.parametrize("kind", REDIRECTED)
def test_late_reply_is_a_redirect(kind):
    """The first reply after the stand-in replaces, further ones append."""
    talk, asking = settled(kind)
    talk.call.answer(asking, (REPLY,))
    assert talk.written() == [redirect(wire(REPLY))]
    talk.call.answer(asking, (SECOND,))
    assert talk.written() == [redirect(wire(SECOND), queue=True)]
    assert talk.said() == []


@pytest.mark.parametrize("kind", REDIRECTED)
def test_second_reply_is_a_redirect_that_appends(kind):
    """With the ack out, a second reply goes behind the first."""
    talk, _ = asked(kind)
    asking = talk.take("/hook")
    talk.call.answer(asking, (REPLY,))
    talk.call.answer(asking, (SECOND,))
    assert talk.written()[1:] == [redirect(wire(SECOND), queue=True)]


@pytest.mark.parametrize("kind", DROPPED)
def test_late_reply_is_dropped(kind):
    """Where a command would act on the wrong leg, a late reply is dropped with a line in the log."""
    talk, asking = settled(kind)
    talk.call.answer(asking, (REPLY,))
    assert talk.written() == []
    [line] = talk.said()
    assert ("wants no reply" if kind is HookKind.NOTIFY else "was dropped") in line
    assert asking.state is State.ANSWERED


@pytest.mark.parametrize("kind", [kind for kind in DROPPED if kind is not HookKind.NOTIFY])
def test_second_reply_is_dropped(kind):
    """So is a second reply."""
    talk, _ = asked(kind)
    asking = talk.take("/hook")
    talk.call.answer(asking, (REPLY,))
    talk.written()
    talk.call.answer(asking, (SECOND,))
    assert talk.written() == []
    assert "was dropped" in talk.said()[0]


@pytest.mark.parametrize("kind", list(HookKind))
def test_late_empty_reply(kind):
    """A late reply without verbs has nothing to add, except that what was frozen is sent again."""
    talk, asking = settled(kind)
    talk.call.answer(asking, ())
    assert talk.written() == ([redirect(wire(BEHIND))] if kind in (HookKind.ACTION, HookKind.SESSION) else [])
    assert asking.state is State.ANSWERED


# What a waiting caller hears


def test_wait_hook_is_stood_in_for_by_the_last_answer():
    """The last answer given to a wait hook stands until there is another."""
    talk, _ = asked(HookKind.WAIT)
    talk.call.answer(talk.take("/hook"), (REPLY,))
    talk.written()
    talk.call.begin_wait(frozenset({"/other"}))
    for _ in range(3):
        msgid = talk.hook("/hook")
        assert talk.written() == [ack(msgid, wire(REPLY))]


def test_late_reply_to_a_wait_hook_is_kept():
    """A late answer is for the next asking."""
    talk, asking = settled(HookKind.WAIT)
    talk.call.answer(asking, (REPLY,))
    assert talk.written() == []
    assert "is kept for the next time" in talk.said()[0]
    msgid = talk.hook("/hook")
    talk.passes(4)
    assert talk.written() == [ack(msgid, wire(REPLY))]


def test_second_reply_to_a_wait_hook_is_kept():
    """A second answer takes the place of the first, for the next asking."""
    talk, _ = asked(HookKind.WAIT)
    asking = talk.take("/hook")
    talk.call.answer(asking, (REPLY,))
    talk.call.answer(asking, (SECOND,))
    talk.written()
    talk.call.returned()
    msgid = talk.hook("/hook")
    assert talk.written() == [ack(msgid, wire(SECOND))]


def test_answers_stand_for_each_hook_by_itself():
    """The answer to one wait hook says nothing about another."""
    talk = Conversation().begins_with(naming("/queue", HookKind.WAIT), naming("/hold", HookKind.WAIT))
    talk.call.answer(talk.taken("/queue"), (REPLY,))
    talk.call.returned()
    talk.written()
    msgid = talk.hook("/hold")
    assert talk.written() == [ack(msgid, PAUSE)]


def test_hooks_of_verbs_a_waiting_caller_hears_are_of_another_leg():
    """An action hook in the answer to a wait hook is not one of the list, and a late reply to it is dropped."""
    talk, _ = asked(HookKind.WAIT)
    talk.call.answer(talk.take("/hook"), (gather("/key"),))
    talk.written()
    asking = talk.taken("/key", "v1")
    talk.passes(4)
    assert talk.written() == [ack(asking.msgid)]
    talk.said()
    talk.call.answer(asking, (REPLY,))
    assert talk.written() == []
    assert "was dropped" in talk.said()[0]


def test_hooks_of_verbs_kept_for_later_are_known():
    """So it is with an answer that was kept."""
    talk, asking = settled(HookKind.WAIT)
    talk.call.answer(asking, (gather("/key"),))
    assert talk.call.unknown_hooks(["/key"]) == []


def test_standing_answer_is_repeated_under_a_longer_msgid():
    """An answer of the greatest size can be repeated whatever the length of the next msgid."""
    talk = Conversation().begins_with(naming("/hook", HookKind.WAIT))
    talk.call.receive('{"type": "verb:hook", "msgid": "m", "hook": "/hook", "data": {}}')
    asking = talk.take("/hook")
    try:
        talk.call.answer(
            asking, (say("x" * (24_576 - len('{"type":"ack","msgid":"m","data":[{"verb":"say","text":""}]}'))),)
        )
    except MessageTooBig:
        return  # Refused at the line that wrote it: as good.
    talk.call.begin_wait(frozenset({"/other"}))
    talk.call.receive('{"type": "verb:hook", "msgid": "' + "m" * 22 + '", "hook": "/hook", "data": {}}')
    assert talk.written()[-1]["msgid"] == "m" * 22


# The list last sent


def test_frozen_verbs_are_sent_again_if_the_handler_moves_on():
    """A stand-in sweeps jambonz's queue; without a reply it is put back as it was."""
    talk, asking = settled(HookKind.ACTION)
    assert asking.frozen == (BEHIND,)
    talk.call.move_on(asking)
    assert talk.written() == [redirect(wire(BEHIND))]
    assert "sent again" in talk.said()[0]
    talk.call.move_on(asking)
    assert talk.written() == []


def test_frozen_verbs_are_not_sent_again_after_a_reply():
    """A reply takes the place of what was frozen."""
    talk, asking = settled(HookKind.ACTION)
    talk.call.answer(asking, (REPLY,))
    talk.written()
    talk.call.move_on(asking)
    assert talk.written() == []


def test_frozen_verbs_are_not_sent_again_after_a_send():
    """So does any list that replaces what plays."""
    talk, asking = settled(HookKind.ACTION)
    talk.call.answer(talk.call.opening.asking, ())
    talk.call.send((REPLY,), current=None)
    talk.written()
    talk.call.move_on(asking)
    assert talk.written() == []


def test_nothing_behind_nothing_frozen():
    """A stand-in with nothing behind it freezes nothing."""
    talk = Conversation().begins_with(gather("/hook"))
    asking = talk.taken("/hook", "v1")
    talk.passes(4)
    assert talk.written() == [ack(asking.msgid, NEUTRAL)]
    talk.call.move_on(asking)
    assert talk.written() == []


def test_hooks_of_frozen_verbs_are_known_when_sent_again():
    """The verbs sent again keep their ids, and their hooks are those of the list."""
    talk = Conversation().begins_with(gather("/a"), gather("/b"), BEHIND)
    asking = talk.taken("/a", "v1")
    talk.passes(4)
    talk.call.move_on(asking)
    talk.written()
    assert talk.last_list == [{"verb": "gather", "id": "v2", "actionHook": "/b"}, *wire(BEHIND)]
    again = talk.taken("/b", "v2")
    assert again.in_list
    assert again.behind == (BEHIND,)


def test_frozen_verbs_of_several_lists_are_sent_again():
    """What is queued may have come in several messages, and may be too much for one."""
    talk = Conversation().begins_with(gather("/hook"))
    parts = [say(letter * 13_000) for letter in "ab"]
    for part in parts:
        talk.call.send((part,), current=None, immediate=False)
    talk.written()
    asking = talk.taken("/hook", "v1")
    talk.passes(4)
    assert talk.written() == [ack(asking.msgid, NEUTRAL)]
    talk.call.move_on(asking)
    sent = talk.written()
    assert [message["queueCommand"] for message in sent] == [False, True][: len(sent)]
    assert [verb["text"] for message in sent for verb in message["data"]] == [part.options["text"] for part in parts]


def test_moving_on_from_an_open_action_hook():
    """The handler goes on without a reply: jambonz goes on with what it has."""
    talk, msgid = asked(HookKind.ACTION)
    talk.call.move_on(talk.take("/hook"))
    assert talk.written() == [ack(msgid)]
    assert talk.said() == ["/hook was taken but not replied to, so jambonz goes on with the verbs queued behind it"]


@pytest.mark.parametrize(
    "kind", [kind for kind in HookKind if kind not in (HookKind.NOTIFY, HookKind.ACTION, HookKind.SESSION)]
)
def test_moving_on_from_an_open_hook(kind):
    """Hooks of other kinds are settled as at their deadline, without a word."""
    talk, msgid = asked(kind)
    talk.call.move_on(talk.take("/hook"))
    assert talk.written() == [ack(msgid, STAND_INS[kind])]
    assert talk.said() == []


def test_moving_on_from_an_open_redirect():
    """A redirect that was taken and not answered leaves what is behind it to be played, at once."""
    talk, msgid = asked(HookKind.SESSION)
    talk.call.move_on(talk.take("/hook"))
    written = talk.written()
    assert written[0]["msgid"] == msgid
    assert written == [ack(msgid)] or written == [ack(msgid, NEUTRAL), redirect(wire(BEHIND))]


def test_goodbye_to_an_open_redirect():
    """A handler that takes a redirect and returns without an answer still ends the call."""
    talk, _ = asked(HookKind.SESSION)
    asking = talk.take("/hook")
    talk.call.say_goodbye(asking)
    talk.call.returned()
    assert talk.written()[-1] == redirect(GOODBYE, queue=True)


def test_stand_in_of_a_redirect_does_not_sweep_what_was_sent_meanwhile():
    """A list that replaces what plays settles an open redirect first, as it does an action hook."""
    talk, _ = asked(HookKind.SESSION)
    talk.take("/hook")
    talk.call.send((REPLY,), current=None)
    talk.passes(4)
    assert talk.written()[-1] == redirect(wire(REPLY))


def test_stand_in_of_a_redirect_does_not_sweep_another_answer():
    """While a redirect is open another hook is answered with verbs: the redirect's stand-in leaves them alone."""
    talk = Conversation().begins_with(naming("/said", HookKind.REPORT), redirecting("/hook"), BEHIND)
    asked_first = talk.sends("session:redirect", hook="/hook", data={"verb_id": "v1"})
    talk.take("/hook")
    msgid = talk.hook("/said")
    talk.call.answer(talk.take("/said"), (REPLY,))
    assert talk.written() == [ack(msgid, wire(REPLY))]
    talk.passes(4)
    assert talk.written() == [ack(asked_first)]


def test_another_answer_before_the_first():
    """A hook that is answered with verbs while session:new is open leaves that its own stand-in."""
    talk = Conversation()
    opening = talk.begins()
    msgid = talk.hook("/early")
    talk.call.answer(talk.take("/early"), (REPLY,))
    assert talk.written() == [ack(msgid, wire(REPLY))]
    talk.passes(4)
    assert talk.written() == [ack(opening.msgid, NEUTRAL)]


def test_redirect_by_command_sweeps_the_queue():
    """A redirect that no verb asked for has its neutral stand-in too, which sweeps the queue: the goodbye knows it."""
    talk = Conversation().begins_with(say(), Verb("hangup"))
    talk.call.command(Command("redirect", {"call_hook": "/other"}))
    talk.written()
    talk.sends("session:redirect", hook="/other")
    asking = talk.take("/other")
    talk.passes(4)
    assert talk.written() == [ack(asking.msgid, NEUTRAL)]
    talk.call.say_goodbye(asking)
    assert talk.written() == [redirect(GOODBYE, queue=True)]


def test_redirect_by_command_is_never_stale():
    """It asks under the name of a hook that a verb, long replaced, had too, and says of no verb that it comes of it."""
    talk = Conversation().begins_with(gather("/hook"), BEHIND)
    talk.call.send((REPLY,), current=None)
    talk.call.command(Command("redirect", {"call_hook": "/hook"}, (HookUse("/hook", HookKind.SESSION),)))
    talk.written()
    msgid = talk.sends("session:redirect", hook="/hook", data={"call_sid": SID})
    talk.call.answer(talk.take("/hook"), (SECOND,))
    assert talk.written() == [ack(msgid, wire(SECOND))]


def test_redirect_of_a_leg_is_not_the_calls_own():
    """A dialled leg that is to have verbs of its own asks for them; the call's queue stays as it is."""
    talk = Conversation().begins_with(gather("/menu"), BEHIND)
    msgid = talk.asks(HookKind.LEG_SESSION, "/leg")
    talk.call.answer(talk.take("/leg"), (REPLY,))
    assert talk.written() == [ack(msgid, wire(REPLY))]
    talk.hook("/menu", "v1")
    assert talk.take("/menu").behind == (BEHIND,)


def test_goodbye_knows_what_returning_sweeps():
    """What nobody takes is settled before the goodbye is weighed: a later stand-in would sweep the hangup."""
    talk = Conversation().begins_with(say(), *(Verb(verb["verb"]) for verb in GOODBYE))
    msgid = talk.sends("session:redirect", hook="/other")
    talk.call.say_goodbye(None)
    talk.call.returned()
    written = talk.written()
    assert written[0] == ack(msgid, NEUTRAL)
    assert written[1:] == [redirect(GOODBYE, queue=True)]


def test_append_behind_a_queue_that_is_sent_again_in_parts():
    """An append goes behind all parts of what was frozen, not between them."""
    talk = Conversation().begins_with(gather("/hook"))
    for letter in "ab":
        talk.call.send((say(letter * 13_000),), current=None, immediate=False)
    asking = talk.taken("/hook", "v1")
    talk.passes(4)
    talk.call.send((say("append"),), current=None, immediate=False)
    talk.written()
    talk.call.move_on(asking)
    texts = [verb["text"][:6] for message in talk.written() for verb in message["data"]]
    assert texts == ["aaaaaa", "bbbbbb", "append"]


def test_moving_on_from_an_answered_hook():
    """There is nothing to do for a hook that has its answer."""
    talk, _ = asked(HookKind.ACTION)
    asking = talk.take("/hook")
    talk.call.answer(asking, (REPLY,))
    talk.written()
    talk.call.move_on(asking)
    assert talk.written() == []


def test_frozen_verbs_of_a_hook_nobody_takes_are_sent_again_when_the_thread_waits():
    """A thread that was busy and then waits for what is behind has moved on: the verbs are sent again."""
    talk = Conversation().begins_with(gather("/a"), gather("/b"))
    msgid = talk.hook("/a", "v1")
    talk.passes(4)
    assert talk.written() == [ack(msgid, NEUTRAL)]
    talk.call.begin_wait(frozenset({"/b"}))
    assert without_ids(talk.written()) == [redirect(without_ids(wire(gather("/b"))))]


@pytest.mark.parametrize("first", ["returned", "goodbye"])
def test_frozen_verbs_of_a_hook_nobody_takes_are_sent_again_when_the_handler_has_returned(first):
    """So it is when the handler returns; else nothing put behind them, not even the goodbye, would ever be sent."""
    talk = Conversation().begins_with(gather("/hook"), BEHIND)
    talk.hook("/hook", "v1")
    talk.passes(4)
    talk.written()
    if first == "goodbye":
        talk.call.say_goodbye(None)
        talk.call.returned()
    else:
        talk.call.returned()
        talk.call.say_goodbye(None)
    lists = [message["data"] for message in talk.written()]
    assert [verb["verb"] for verbs in lists for verb in verbs] == ["say", "hangup", "sip:decline"]


def test_frozen_verbs_wait_for_a_hook_that_is_wanted():
    """A wait for the very hook that was settled does not move on from it."""
    talk = Conversation().begins_with(gather("/hook"), BEHIND)
    talk.hook("/hook", "v1")
    talk.passes(4)
    talk.written()
    talk.call.begin_wait(frozenset({"/hook"}))
    assert talk.written() == []
    talk.call.answer(talk.take("/hook"), (REPLY,))
    assert talk.written() == [redirect(wire(REPLY))]


def test_answer_to_another_hook_takes_the_place_of_what_is_behind():
    """Verbs in the ack of a report replace the queue: an action hook still open must not wipe them out later."""
    talk = Conversation().begins_with(naming("/report", HookKind.REPORT), gather("/hook"), BEHIND)
    asking = talk.taken("/hook", "v1")
    talk.call.answer(talk.taken("/report"), (REPLY,))
    talk.written()
    talk.passes(4)
    talk.call.move_on(asking)
    lists = [message.get("data") for message in talk.written()]
    assert NEUTRAL not in lists, "sweeps the reply to /report from the queue"
    assert wire(BEHIND) not in lists, "what the reply to /report replaced is sent again"


def test_barge_in_empties_the_queue():
    """jambonz empties its queue before it reports a barge-in: nothing of it is sent again."""
    talk = Conversation().begins_with(naming("/barge", HookKind.BARGE_IN), gather("/hook"), BEHIND)
    asking = talk.taken("/barge")
    talk.passes(4)
    talk.call.move_on(asking)
    assert talk.written() == [ack(asking.msgid)]
    stale = talk.hook("/hook", "v1")
    assert talk.written() == [ack(stale)]


# Hooks of verbs that were replaced


@pytest.mark.parametrize("verb_id", ["v1", None])
def test_stale_hook_is_acked_and_not_shown(verb_id):
    """The action hook of a verb that was replaced gets an empty ack, which keeps the new verbs, and is not shown."""
    talk = Conversation().begins_with(gather("/hook"))
    talk.call.answer(talk.call.opening.asking, ())
    talk.call.send((say("new"),), current=None)
    talk.written()
    msgid = talk.hook("/hook", verb_id)
    assert talk.written() == [ack(msgid)]
    assert len(talk.call.mailbox) == 0
    assert talk.said() == []


def test_stale_hook_with_the_name_of_a_new_verb():
    """Where the new list has a verb of the same hook, the id tells whose hook it is."""
    talk = Conversation().begins_with(gather("/hook"))
    talk.call.send((gather("/hook"),), current=None)
    talk.written()
    stale = talk.hook("/hook", "v1")
    assert talk.written() == [ack(stale)]
    talk.hook("/hook", "v2")
    assert talk.take("/hook").in_list


def test_the_same_given_id_in_successive_lists():
    """An application may give each list the same id: a hook belongs to the list last sent."""
    talk = Conversation().begins_with(gather("/hook", id="mine"))
    for _ in range(3):
        asking = talk.taken("/hook", "mine")
        assert asking.in_list
        talk.call.answer(asking, (gather("/hook", id="mine"),))
        assert talk.written() == [ack(asking.msgid, wire(gather("/hook", id="mine")))]


def test_hook_of_a_verb_that_ended_before():
    """A verb that stands behind one that has ended is over too: jambonz does not go back."""
    talk = Conversation().begins_with(gather("/a"), gather("/b"))
    talk.call.answer(talk.taken("/b", "v2"), ())
    talk.written()
    msgid = talk.hook("/a", "v1")
    assert talk.written() == [ack(msgid)]
    assert talk.call.take(["/a"]) is None


def test_unknown_hook():
    """A hook no verb has named is shown, and settled empty at the deadline: nothing is frozen."""
    talk = Conversation().begins_with(gather("/hook"), BEHIND)
    asking = talk.taken("/unknown", "v7")
    talk.passes(4)
    assert talk.written() == [ack(asking.msgid)]
    talk.call.answer(asking, (REPLY,))
    assert talk.written() == [redirect(wire(REPLY))]


def test_hook_without_a_name():
    """A hook that says no name is acked like an unknown one."""
    talk = Conversation().begins_with(say())
    msgid = talk.sends("verb:hook")
    talk.passes(4)
    assert talk.written() == [ack(msgid)]


def test_hook_before_the_session():
    """A hook that comes before anything else gets its ack."""
    talk = Conversation()
    msgid = talk.hook("/early")
    talk.passes(4)
    assert talk.written() == [ack(msgid)]


# Waits


def test_hook_that_came_before_the_wait_is_kept_for_it():
    """A wait that begins settles only what it does not want, and nothing if what it wants is there."""
    talk = Conversation().begins_with(naming("/a", HookKind.REPORT), naming("/b", HookKind.REPORT))
    wanted, unwanted = talk.hook("/a"), talk.hook("/b")
    talk.call.begin_wait(frozenset({"/a"}))
    assert talk.written() == []
    talk.call.answer(talk.take("/a"), (REPLY,))
    assert talk.written() == [ack(wanted, wire(REPLY))]
    talk.call.end_wait()
    talk.call.begin_wait(frozenset({"/a"}))
    assert talk.written() == [ack(unwanted)]


@pytest.mark.parametrize("name", ["/hook", "verb:hook", "*"])
def test_a_wait_wants_a_hook_under_any_of_its_names(name):
    """A hook waited for by its name, its type or ``*`` is left open."""
    talk = Conversation().begins_with(gather("/hook"))
    talk.call.begin_wait(frozenset({name}))
    talk.hook("/hook", "v1")
    assert talk.written() == []
    assert talk.take(name).is_open


def test_hook_taken_is_not_settled_by_a_wait():
    """What the handler has taken is its own, whatever it waits for next."""
    talk = Conversation().begins_with(gather("/hook"))
    talk.taken("/hook", "v1")
    talk.call.begin_wait(frozenset({"/other"}))
    assert talk.written() == []


def test_outer_wait_wants_its_hooks_still():
    """Of nested waits each keeps what it wants open."""
    talk = Conversation().begins_with(naming("/a", HookKind.REPORT), naming("/b", HookKind.REPORT))
    talk.call.begin_wait(frozenset({"/a"}))
    talk.call.begin_wait(frozenset({"/b"}))
    talk.hook("/a")
    talk.hook("/b")
    assert talk.written() == []
    talk.call.end_wait()
    talk.take("/a")
    unwanted = talk.hook("/b")
    assert talk.written() == [ack(unwanted)]


def test_after_the_wait_the_thread_is_busy_again():
    """When the wait is over, a hook has its time again."""
    talk = Conversation().begins_with(naming("/a", HookKind.REPORT))
    talk.call.begin_wait(frozenset({"/b"}))
    talk.call.end_wait()
    talk.hook("/a")
    assert talk.written() == []


def test_handled_hooks_are_left_open():
    """A registered handler wants its hooks, while the thread waits and after it has returned."""
    talk = Conversation().begins_with(naming("/a", HookKind.REPORT))
    talk.call.handle("/a")
    talk.call.begin_wait(frozenset({"/b"}))
    talk.hook("/a")
    talk.call.end_wait()
    talk.call.returned()
    talk.hook("/a")
    assert talk.written() == []


def test_returning_settles_what_nobody_will_take():
    """When the handler returns, hooks in the mailbox that no handler wants are settled."""
    talk = Conversation().begins_with(naming("/a", HookKind.REPORT), naming("/b", HookKind.WAIT))
    talk.call.handle("/b")
    unwanted, _ = talk.hook("/a"), talk.hook("/b")
    talk.call.returned()
    assert talk.written() == [ack(unwanted)]


def test_giving_up_settles_what_handlers_wanted():
    """When a handler has raised, no handler takes anything any more: all that is open and untaken is settled."""
    talk = Conversation().begins_with(naming("/a", HookKind.REPORT))
    talk.call.handle("/a")
    first = talk.hook("/a")
    talk.call.returned()
    assert talk.written() == []
    talk.call.give_up()
    second = talk.hook("/a")
    assert talk.written() == [ack(first), ack(second)]


def test_warning_for_nobody_is_said_once_a_name():
    """A hook that comes again and again is warned about once; another name once more."""
    talk = Conversation().begins_with(naming("/a", HookKind.ENTER), naming("/b", HookKind.ENTER))
    talk.call.returned()
    for name in ("/a", "/a", "/b", "/a", "/b"):
        talk.hook(name)
    lines = talk.said()
    assert len(lines) == 2
    assert "session.on('/a', fn)" in lines[0]
    assert "session.on('/b', fn)" in lines[1]


def test_warnings_for_nobody_are_bounded():
    """An application that makes up a name for every turn does not fill the log."""
    talk = Conversation().begins_with(say())
    talk.call.returned()
    for number in range(1_000):
        talk.hook(f"/{number}")
    assert len(talk.said()) == 100


def test_confirm_for_nobody_says_how_to_let_in():
    """The line for a leg that was not let in says how to screen it and how to let it in."""
    talk = Conversation().begins_with(say())
    talk.call.returned()
    talk.sends("dial:confirm", hook="/confirm")
    [notice] = talk.call.notices
    assert "reply=[]" in notice.text
    assert notice.locate


# Canned answers


@pytest.mark.parametrize("kind", list(HookKind))
def test_canned_answer(kind):
    """A canned answer is the ack, on arrival, whatever the thread does; the event is not shown."""
    talk = Conversation().begins_with(gather("/hook") if kind is HookKind.ACTION else naming("/hook", kind))
    talk.call.can("/hook", (REPLY,))
    talk.written()
    for _ in range(2):
        msgid = talk.asks(kind, "/hook")
        expected = wire(REPLY)
        if kind is HookKind.ACTION and talk.last_list == wire(REPLY):
            expected = None  # The verb has ended; its hook is stale.
        assert talk.written() == [ack(msgid, expected)]
    assert len(talk.call.mailbox) == 0


def test_canned_answer_is_given_to_what_waits_already():
    """A hook that is open when the answer is registered gets it too."""
    talk = Conversation().begins_with(naming("/music", HookKind.WAIT))
    msgid = talk.hook("/music")
    talk.call.can("/music", (REPLY,))
    assert talk.written() == [ack(msgid, wire(REPLY))]


def test_canned_answer_leaves_alone_what_was_taken():
    """A hook the handler has taken is answered by the handler."""
    talk = Conversation().begins_with(naming("/music", HookKind.WAIT))
    talk.taken("/music")
    talk.call.can("/music", (REPLY,))
    assert talk.written() == []


def test_canned_answer_to_a_hook_that_is_wanted():
    """A handler of the same hook sees it, with the answer out."""
    talk = Conversation().begins_with(naming("/music", HookKind.WAIT))
    talk.call.can("/music", (REPLY,))
    talk.call.handle("/music")
    talk.hook("/music")
    assert talk.take("/music").state is State.ANSWERED


def test_canned_empty_answer_lets_a_leg_in():
    """No verbs are an answer too."""
    talk = Conversation().begins_with(say())
    talk.call.can("/confirm", ())
    msgid = talk.sends("dial:confirm", hook="/confirm")
    assert talk.written() == [ack(msgid)]
    assert talk.said() == []


def test_canned_answer_may_be_changed():
    """The answer registered last is given."""
    talk = Conversation().begins_with(naming("/music", HookKind.WAIT))
    talk.call.can("/music", (REPLY,))
    talk.call.can("/music", (SECOND,))
    msgid = talk.hook("/music")
    assert talk.written() == [ack(msgid, wire(SECOND))]


def test_canned_answer_by_type():
    """An answer may be registered for a type of message."""
    talk = Conversation().begins_with(say())
    talk.call.can("dial:confirm", ())
    msgid = talk.sends("dial:confirm", hook="/any")
    assert talk.written() == [ack(msgid)]


def test_canned_answer_that_is_too_big():
    """An answer that will not fit raises when it is registered, and is not registered."""
    talk = Conversation().begins_with(naming("/music", HookKind.WAIT))
    msgid = talk.hook("/music")
    with pytest.raises(MessageTooBig):
        talk.call.can("/music", (say("x" * 24_576),))
    assert talk.written() == []
    talk.passes(4)
    assert talk.written() == [ack(msgid, PAUSE)]


def test_canned_answer_fits_with_the_ids_it_gets():
    """An answer that could be registered can be given: the ids its verbs get are counted in."""
    talk = Conversation().begins_with(naming("/music", HookKind.WAIT))
    verbs = [gather("/k") for _ in range(100)]
    room = 24_576 - len('{"type":"ack","msgid":"","data":[]}') - 100 - len('{"verb":"say","text":""}')
    room -= sum(len('{"verb":"gather","actionHook":"/k"},') for _ in verbs)
    try:
        talk.call.can("/music", (*verbs, say("x" * room)))
    except MessageTooBig:
        return  # Refused at the line that wrote it: as good.
    msgid = talk.hook("/music")
    assert [message["msgid"] for message in talk.written()] == [msgid]


# Appends while the queue stands still


@pytest.mark.parametrize("kind", [kind for kind in HookKind if kind is not HookKind.SESSION])
def test_append_while_a_hook_is_open(kind):
    """Behind an open action hook or barge-in an append waits for the reply, which would sweep it."""
    talk, msgid = asked(kind)
    asking = talk.take("/hook")
    talk.written()
    talk.call.send((say("append"),), current=None, immediate=False)
    appended = redirect(wire(say("append")), queue=True)
    if kind in (HookKind.ACTION, HookKind.BARGE_IN):
        assert talk.written() == []
        talk.call.answer(asking, (REPLY,))
        assert talk.written() == [ack(msgid, wire(REPLY)), appended]
    else:
        assert talk.written() == [appended]


def test_append_while_a_redirect_is_open():
    """The answer to session:redirect takes the place of the queue: an append sent meanwhile must go behind it."""
    talk, msgid = asked(HookKind.SESSION)
    asking = talk.take("/hook")
    talk.call.send((say("append"),), current=None, immediate=False)
    talk.call.answer(asking, (REPLY,))
    assert talk.written() == [ack(msgid, wire(REPLY)), redirect(wire(say("append")), queue=True)]


@pytest.mark.parametrize("behind", [[], [Verb("hangup"), Verb("sip:decline", {"status": 603})]])
def test_goodbye_while_a_redirect_is_open(behind):
    """Nor may the stand-in of a session:redirect that nobody takes sweep the goodbye, or a hangup that spared it."""
    talk = Conversation().begins_with(redirecting("/hook"), *behind)
    msgid = talk.sends("session:redirect", hook="/hook", data={"verb_id": "v1"})
    talk.call.say_goodbye(None)
    talk.call.returned()
    talk.passes(4)
    written = talk.written()
    assert written[0]["msgid"] == msgid
    assert [message["data"] for message in written[1:]] == [GOODBYE]


def test_append_behind_a_frozen_queue_follows_the_reply():
    """Behind frozen verbs an append waits for the reply that replaces them."""
    talk, asking = settled(HookKind.ACTION)
    talk.call.send((say("append"),), current=None, immediate=False)
    assert talk.written() == []
    talk.call.answer(asking, (REPLY,))
    assert talk.written() == [redirect(wire(REPLY)), redirect(wire(say("append")), queue=True)]


def test_append_behind_a_frozen_queue_follows_what_is_sent_again():
    """Without a reply it goes behind the verbs sent again."""
    talk, asking = settled(HookKind.ACTION)
    talk.call.send((say("append"),), current=asking, immediate=False)
    assert talk.written() == []
    talk.call.move_on(asking)
    assert talk.written() == [redirect(wire(BEHIND)), redirect(wire(say("append")), queue=True)]


def test_append_goes_when_the_hook_is_settled_empty():
    """A hook that is settled without freezing lets the append go."""
    talk, msgid = asked(HookKind.ACTION)
    asking = talk.take("/hook")
    talk.call.send((say("append"),), current=None, immediate=False)
    talk.call.move_on(asking)
    assert talk.written() == [ack(msgid), redirect(wire(say("append")), queue=True)]


def test_append_goes_at_the_deadline_where_nothing_is_behind():
    """Nor does it wait for a hook whose stand-in froze nothing."""
    talk = Conversation().begins_with(gather("/hook"))
    msgid = talk.hook("/hook", "v1")
    talk.call.send((say("append"),), current=None, immediate=False)
    talk.passes(4)
    assert talk.written() == [ack(msgid, NEUTRAL), redirect(wire(say("append")), queue=True)]


def test_appends_keep_their_order():
    """Several appends go out in the order they were sent."""
    talk, asking = settled(HookKind.ACTION)
    for text in "abc":
        talk.call.send((say(text),), current=None, immediate=False)
    talk.call.answer(asking, (REPLY,))
    assert [message["data"][0]["text"] for message in talk.written()] == ["reply", "a", "b", "c"]


def test_append_and_then_a_send_that_replaces():
    """What was held goes out before a list that replaces it: lists stay in order."""
    talk, _ = settled(HookKind.ACTION)
    talk.call.answer(talk.call.opening.asking, ())
    talk.call.send((say("append"),), current=None, immediate=False)
    talk.call.send((REPLY,), current=None)
    assert talk.written() == [redirect(wire(say("append")), queue=True), redirect(wire(REPLY))]


def test_append_and_then_the_first_send_that_replaces():
    """So it is while session:new has only its stand-in."""
    talk = Conversation()
    talk.begins()
    talk.passes(5)
    talk.call.send((gather("/hook"), BEHIND), current=None, immediate=False)
    talk.taken("/hook", "v1")
    talk.passes(4)
    talk.written()
    talk.call.send((say("append"),), current=None, immediate=False)
    talk.call.send((REPLY,), current=None)
    assert talk.written() == [redirect(wire(say("append")), queue=True), redirect(wire(REPLY))]


def test_redirect_settles_open_action_hooks_first():
    """jambonz would wait for the answer of a hook in flight before it starts the new verbs."""
    talk, msgid = asked(HookKind.ACTION)
    talk.call.answer(talk.call.opening.asking, ())
    talk.call.send((REPLY,), current=None)
    assert talk.written() == [ack(msgid), redirect(wire(REPLY))]


@pytest.mark.parametrize(
    "kind", [HookKind.WAIT, HookKind.CONFIRM, HookKind.ENTER, HookKind.REPORT, HookKind.LEG_REPORT]
)
def test_redirect_leaves_other_hooks_open(kind):
    """Hooks that hold up nothing can be answered still."""
    talk, msgid = asked(kind)
    asking = talk.take("/hook")
    talk.call.send((REPLY,), current=None)
    talk.call.answer(asking, (SECOND,))
    assert talk.written() == [redirect(wire(REPLY)), ack(msgid, wire(SECOND))]


# Floods


def test_more_hooks_than_any_call_has():
    """Of more than 1,000 open hooks the oldest are settled, with one warning; none is lost."""
    talk = Conversation().begins_with(naming("/report", HookKind.REPORT))
    msgids = [talk.hook("/report") for _ in range(1_500)]
    assert talk.written() == [ack(msgid) for msgid in msgids[:500]]
    assert len(talk.said()) == 1
    assert len(talk.call.mailbox) >= 1_000
    talk.passes(4)
    assert [message["msgid"] for message in talk.written()] == msgids[500:]


def test_ack_timeout_is_an_option():
    """The deadline is the one asked for."""
    talk = Conversation(ack_timeout=2.5)
    opening = talk.begins()
    assert opening.due == talk.call.due == talk.call.now + 2.5


def test_deadlines_of_several_hooks():
    """Each hook has its own deadline, and one tick does all that is due."""
    talk = Conversation().begins_with(naming("/report", HookKind.REPORT))
    first = talk.hook("/report")
    talk.passes(1)
    second, third = talk.hook("/report"), talk.hook("/report")
    talk.passes(3)
    assert talk.written() == [ack(first)]
    talk.call.now += 100
    talk.call.tick()
    assert talk.written() == [ack(second), ack(third)]


def test_tick_before_anything_is_due():
    """A tick too early does nothing."""
    talk, _ = asked(HookKind.ACTION)
    talk.call.tick()
    assert talk.written() == []
    assert talk.call.due == talk.call.now + 4


def test_what_is_sent_again_settles_the_next_question():
    """Two questions nobody takes: sending again what the first had behind it answers the second, once."""
    talk = Conversation().begins_with(Verb("redirect", {}, (HookUse("/other", HookKind.SESSION),)), say("behind"))
    first = talk.sends("session:redirect", hook="/other", data={"verb_id": "v1"})
    second = talk.hook("/unknown")
    talk.call.returned()
    assert talk.written() == [ack(first, NEUTRAL), ack(second), redirect(wire(say("behind")))]


def test_wait_that_is_satisfied_blocks_no_more():
    """A hook behind what the thread waits for, in one piece with it, waits for the thread: that comes at once."""
    talk = Conversation().begins_with(gather("/menu"), say("behind"))
    talk.call.begin_wait(frozenset({"call:status"}))
    talk.status("in-progress")
    talk.ends_verb()
    assert talk.written() == []
    assert talk.call.take(("call:status",)) is not None
    talk.call.end_wait()
    talk.call.begin_wait(frozenset({"/other"}))
    assert talk.written() == [ack(talk.msgid)]


def test_wait_for_what_is_here_settles_nothing():
    """A wait that will return at once does not keep the thread from what came beside."""
    talk = Conversation().begins_with(gather("/menu"), say("behind"))
    talk.status("in-progress")
    talk.ends_verb()
    talk.call.begin_wait(frozenset({"call:status"}))
    assert talk.written() == []


def test_hook_behind_the_end_of_a_run():
    """A hook that comes in one piece with the end of what run() waits for is open when run() returns."""
    talk = Conversation().begins_with(say())
    run = talk.call.start_run((gather("/menu"),), current=None)
    talk.written()
    talk.ends_verb(1)
    assert run.outcome is not None
    talk.hook("/unknown")
    assert talk.written() == []


def test_wait_inside_a_run_that_is_over():
    """A handler that waits, called from a run() whose end has come, is blocked: what it does not want is settled."""
    talk = Conversation().begins_with(say())
    talk.call.start_run((gather("/menu"),), current=None)
    talk.written()
    talk.ends_verb(1)
    talk.call.begin_wait(frozenset({"/other"}))
    msgid = talk.hook("/unknown")
    assert talk.written() == [ack(msgid)]


# How often


def test_late_acks_are_counted():
    """Each stand-in for a handler that was busy for too long is counted; no other answer is."""
    talk = Conversation().begins_with(gather("/hook"), BEHIND)
    assert talk.call.late_acks == 0
    talk.ends_verb()
    talk.passes(4)
    assert talk.call.late_acks == 1
    talk.hook("/slow")
    talk.passes(4)
    assert talk.call.late_acks == 2
    talk.sends("session:adulting")
    talk.call.begin_wait(frozenset(["/other"]))
    talk.hook("/nobody")
    talk.passes(4)
    assert talk.call.late_acks == 2
