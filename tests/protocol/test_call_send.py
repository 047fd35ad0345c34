"""``send`` does what is right; commands wait until the call is live; nothing too big leaves a trace."""

from __future__ import annotations

import math

import pytest

from jambonz_sync.exceptions import InvalidCommand, MessageTooBig
from jambonz_sync.protocol.asking import State
from jambonz_sync.protocol.command import Command
from jambonz_sync.protocol.hooks import HookKind
from jambonz_sync.protocol.verb import Verb

from .conversation import NEUTRAL, SID, Conversation, ack, gather, naming, redirect, say, wire, without_ids


def sizes(message: str) -> int:
    return len(message.encode())


# What send does


def test_first_send_is_the_ack_of_session_new():
    """The first verbs go with the ack, at once."""
    talk = Conversation()
    opening = talk.begins()
    talk.call.send((say(),), current=None)
    assert talk.written() == [ack(opening.msgid, wire(say()))]
    assert opening.state is State.ANSWERED


@pytest.mark.parametrize("immediate", [True, False])
def test_first_send_is_the_ack_either_way(immediate):
    """There is nothing to append to yet."""
    talk = Conversation()
    opening = talk.begins()
    talk.call.send((say(),), current=opening, immediate=immediate)
    assert talk.written() == [ack(opening.msgid, wire(say()))]


def test_first_send_of_another_thread():
    """Verbs of another thread are the ack of session:new while it has no answer."""
    talk = Conversation()
    opening = talk.begins()
    talk.call.send((say("other"),), current=None)
    talk.call.answer(opening, (say("own"),))
    talk.passes(0.1)
    assert talk.written() == [ack(opening.msgid, wire(say("other"))), redirect(wire(say("own")), queue=True)]


@pytest.mark.parametrize(("immediate", "queue"), [(True, False), (False, True)])
def test_later_send_is_a_redirect(immediate, queue):
    """With nothing open, verbs go by a command that replaces or appends."""
    talk = Conversation().begins_with(say())
    talk.call.send((say("more"),), current=None, immediate=immediate)
    assert talk.written() == [redirect(wire(say("more")), queue=queue)]


@pytest.mark.parametrize("immediate", [True, False])
def test_send_with_a_hook_open(immediate):
    """Verbs sent while the hook the caller took is open are its ack."""
    talk = Conversation().begins_with(gather("/hook"))
    asking = talk.taken("/hook", "v1")
    talk.call.send((say("more"),), current=asking, immediate=immediate)
    assert talk.written() == [ack(asking.msgid, wire(say("more")))]


@pytest.mark.parametrize(("immediate", "queue"), [(True, False), (False, True)])
def test_send_after_the_reply(immediate, queue):
    """After the answer verbs go by command."""
    talk = Conversation().begins_with(gather("/hook"))
    asking = talk.taken("/hook", "v1")
    talk.call.answer(asking, (say("reply"),))
    talk.written()
    talk.call.send((say("more"),), current=asking, immediate=immediate)
    assert talk.written() == [redirect(wire(say("more")), queue=queue)]


def test_send_after_the_stand_in():
    """Verbs sent after the stand-in are the late reply: they replace."""
    talk = Conversation().begins_with(gather("/hook"), say("behind"))
    asking = talk.taken("/hook", "v1")
    talk.passes(4)
    talk.written()
    talk.call.send((say("more"),), current=asking)
    assert talk.written() == [redirect(wire(say("more")))]
    assert asking.state is State.ANSWERED


@pytest.mark.parametrize("immediate", [True, False])
def test_send_of_nothing(immediate):
    """Nothing to send sends nothing, and answers nothing."""
    talk = Conversation()
    opening = talk.begins()
    talk.call.send((), current=None, immediate=immediate)
    talk.call.send((), current=opening, immediate=immediate)
    assert talk.written() == []
    assert opening.is_open


def test_send_in_the_handler_of_a_notification():
    """A hook that wants no reply is no reason to drop what is sent: it goes by command."""
    talk = Conversation().begins_with(naming("/partial", HookKind.NOTIFY))
    asking = talk.taken("/partial")
    talk.written()
    talk.call.send((say("more"),), current=asking)
    assert talk.written() == [redirect(wire(say("more")))]
    assert talk.said() == []


@pytest.mark.parametrize("kind", ["session:adulting", "session:reconnect"])
def test_send_in_a_session_whose_opening_wants_no_verbs(kind):
    """Where the opening's ack carries no verbs, the first verbs go by command."""
    talk = Conversation()
    talk.sends(kind, data={"call_sid": SID})
    talk.passes(0.1)
    talk.written()
    talk.call.send((say("first"),), current=None)
    assert talk.written() == [redirect(wire(say("first")))]
    assert talk.said() == []


@pytest.mark.parametrize("kind", ["session:adulting", "session:reconnect"])
def test_apology_in_a_session_whose_opening_wants_no_verbs(kind):
    """So does an apology."""
    talk = Conversation()
    talk.sends(kind, data={"call_sid": SID})
    talk.passes(0.1)
    talk.written()
    talk.call.apologise(None, (say("Sorry."),))
    [message] = talk.written()
    assert [verb["verb"] for verb in message["data"]] == ["say", "hangup", "sip:decline"]


def test_ids_are_given():
    """Every verb that reports by a hook is sent with an id, by ack and by command; no id comes twice."""
    talk = Conversation()
    talk.begins()
    talk.call.send((gather("/a"), say()), current=None)
    talk.passes(0.1)
    talk.call.send((gather("/a"),), current=None)
    talk.call.send((gather("/a"),), current=None, immediate=False)
    lists = [message["data"] for message in talk.written()]
    ids = [verb["id"] for verbs in lists for verb in verbs if verb["verb"] == "gather"]
    assert len(set(ids)) == 3
    assert without_ids(lists[0]) == wire(gather("/a"), say())


# Live


def test_commands_wait_for_a_while_after_the_first_ack():
    """Commands right behind the first ack are lost at jambonz: they wait 0.1 s."""
    talk = Conversation()
    talk.begins()
    talk.call.send((say(),), current=None)
    talk.written()
    talk.call.send((say("more"),), current=None)
    talk.call.command(Command("dtmf", {"dtmf": {"digit": "1"}}))
    assert talk.written() == []
    assert talk.call.due == talk.call.now + 0.1
    talk.passes(0.1)
    assert [message["command"] for message in talk.written()] == ["redirect", "dtmf"]
    assert talk.call.due == math.inf


def test_status_is_no_sign_that_the_call_is_live():
    """A status may have been on its way before the ack."""
    talk = Conversation()
    talk.begins()
    talk.call.send((say(),), current=None)
    talk.call.command(Command("tts:flush"))
    talk.written()
    talk.status("in-progress")
    assert talk.written() == []


@pytest.mark.parametrize("kind", ["verb:hook", "verb:status", "jambonz:error", "dial:confirm", "llm:event"])
def test_any_other_message_makes_the_call_live(kind):
    """What only a running verb causes lets the commands go."""
    talk = Conversation()
    talk.begins()
    talk.call.send((gather("/hook"),), current=None)
    talk.call.command(Command("tts:flush"))
    talk.written()
    talk.sends(kind, hook="/hook")
    assert talk.written() == [{"type": "command", "command": "tts:flush"}]


def test_nothing_makes_the_call_live_before_the_ack():
    """Before the first ack no message and no time lets a command go."""
    talk = Conversation(ack_timeout=4)
    talk.status("ringing")
    talk.begins()
    talk.call.command(Command("tts:flush"))
    talk.sends("verb:status", data={"event": "starting"})
    talk.passes(3.9)
    assert talk.written() == []
    talk.passes(0.1)
    assert [message["type"] for message in talk.written()] == ["ack"]
    talk.passes(0.1)
    assert [message["type"] for message in talk.written()] == ["command"]


def test_another_answer_does_not_make_the_call_live():
    """A hook that is answered before session:new lets no command go either, not even those that it is the answer to."""
    talk = Conversation(ack_timeout=4)
    opening = talk.begins()
    talk.call.command(Command("tts:flush"))
    msgid = talk.sends("verb:hook", hook="/early")
    talk.call.answer(talk.take("/early"), (say("early"),))
    talk.passes(1)
    assert talk.written_at_once() == [ack(msgid, wire(say("early")))]
    talk.call.answer(opening, (say(),))
    assert [message["type"] for message in talk.written_at_once()] == ["ack"]
    talk.passes(0.1)
    assert [message["type"] for message in talk.written()] == ["command"]


def test_acks_do_not_wait_for_the_call_to_be_live():
    """Only commands wait."""
    talk = Conversation()
    talk.begins()
    talk.call.send((say(),), current=None)
    msgid = talk.sends("session:redirect", hook="/x")
    talk.call.answer(talk.take("/x"), (say("there"),))
    assert talk.written()[1:] == [ack(msgid, wire(say("there")))]


# Commands


def test_command_with_data_and_more():
    """A command has its data and further keys of the envelope."""
    talk = Conversation().begins_with(say())
    talk.call.command(Command("mute:status", {"mute_status": "mute"}, top={"callSid": "leg-1"}))
    assert talk.written() == [
        {"type": "command", "command": "mute:status", "callSid": "leg-1", "data": {"mute_status": "mute"}}
    ]


def test_command_without_data():
    """Data that are not given are left out; data that are empty are not."""
    talk = Conversation().begins_with(say())
    talk.call.command(Command("tts:flush"))
    talk.call.command(Command("config", {}))
    assert talk.written() == [
        {"type": "command", "command": "tts:flush"},
        {"type": "command", "command": "config", "data": {}},
    ]


def test_command_that_is_no_json():
    """A command that cannot be written raises, and leaves no trace."""
    talk = Conversation().begins_with(say())
    with pytest.raises(InvalidCommand):
        talk.call.command(Command("config", {"x": object()}))
    assert talk.call.outbox == []
    assert not talk.call.notify_events


# Too big


def state_of(talk: Conversation) -> tuple[object, ...]:
    """All that a call that raises must leave as it was."""
    call = talk.call
    return (
        list(call.outbox),
        list(call.notices),
        len(call.mailbox),
        call.due,
        list(call.known_hooks),
        call.notify_events,
        tuple(call._open),
        tuple(call._frozen),
        tuple(call._commands.held),
        tuple(call._held_appends),
        call._sent.queue,
        dict(call._standing),
        dict(call._canned),
        call.opening is not None and call.opening.asking.state,
    )


def big(hook: str = "/big") -> tuple[Verb, ...]:
    return (gather(hook), say("ü" * 13_000))


def opening_open() -> Conversation:
    talk = Conversation()
    talk.begins()
    return talk


def live() -> Conversation:
    return Conversation().begins_with(gather("/hook"), say("behind"))


def hook_open() -> Conversation:
    talk = live()
    talk.hook("/hook", "v1")
    return talk


def hook_frozen() -> Conversation:
    talk = hook_open()
    talk.passes(4)
    return talk


def dropped() -> Conversation:
    talk = Conversation(reconnect_timeout=15).begins_with(say())
    talk.call.closed(1006, "")
    return talk


def dropped_before_the_ack() -> Conversation:
    talk = Conversation(reconnect_timeout=15)
    talk.begins()
    talk.call.closed(1006, "")
    return talk


@pytest.mark.parametrize("immediate", [True, False])
@pytest.mark.parametrize("begin", [opening_open, live, hook_open, hook_frozen, dropped, dropped_before_the_ack])
def test_send_of_too_much_leaves_no_trace(begin, immediate):
    """A list over 24 KiB raises at the line that sends it, and nothing has happened."""
    talk = begin()
    before = state_of(talk)
    with pytest.raises(MessageTooBig):
        talk.call.send(big(), current=None, immediate=immediate)
    assert state_of(talk) == before


@pytest.mark.parametrize("kind", [HookKind.ACTION, HookKind.WAIT, HookKind.REPORT])
@pytest.mark.parametrize("when", ["in time", "late", "second"])
def test_reply_of_too_much_leaves_no_trace(kind, when):
    """So does a reply, in time, late or for the second time."""
    talk = Conversation().begins_with(gather("/hook") if kind is HookKind.ACTION else naming("/hook", kind), say())
    talk.hook("/hook", "v1")
    asking = talk.take("/hook")
    if when == "late":
        talk.passes(4)
    elif when == "second":
        talk.call.answer(asking, (say("first"),))
    before, state = state_of(talk), asking.state
    with pytest.raises(MessageTooBig):
        talk.call.answer(asking, big())
    assert (state_of(talk), asking.state) == (before, state)


def test_command_of_too_much_leaves_no_trace():
    """So does a command."""
    talk = live()
    before = state_of(talk)
    with pytest.raises(MessageTooBig):
        talk.call.command(Command("tts:tokens", {"id": 1, "tokens": "x" * 24_576}))
    assert state_of(talk) == before


def test_reply_in_time_after_one_that_was_too_big():
    """The hook can still be answered, with less."""
    talk = hook_open()
    asking = talk.take("/hook")
    with pytest.raises(MessageTooBig):
        talk.call.answer(asking, big())
    talk.call.answer(asking, (say("less"),))
    assert talk.written() == [ack(asking.msgid, wire(say("less")))]


@pytest.mark.parametrize("letter", ["x", "é", "€", "👋"])
def test_redirect_of_exactly_the_limit(letter):
    """The limit counts bytes of UTF-8, inclusive."""
    talk = live()
    talk.call.send((say(""),), current=None)
    room = 24_576 - sizes(talk.call.outbox.pop())
    text = letter * (room // sizes(letter)) + "x" * (room % sizes(letter))
    with pytest.raises(MessageTooBig):
        talk.call.send((say(text + "x"),), current=None)
    talk.call.send((say(text),), current=None)
    assert sizes(talk.call.outbox[-1]) == 24_576


def test_ack_of_exactly_the_limit():
    """The msgid counts too."""
    talk = opening_open()
    room = 24_576 - sizes('{"type":"ack","msgid":"m1","data":[{"verb":"say","text":""}]}')
    with pytest.raises(MessageTooBig):
        talk.call.send((say("x" * (room + 1)),), current=None)
    talk.call.send((say("x" * room),), current=None)
    assert sizes(talk.call.outbox[-1]) == 24_576


def test_ids_count():
    """What the library adds counts too, and no message is ever over the limit."""
    talk = live()
    verbs = [gather(f"/{number}") for number in range(480)]
    talk.call.send(verbs, current=None)
    assert sizes(talk.call.outbox[-1]) <= 24_576
    with pytest.raises(MessageTooBig):
        talk.call.send([gather(f"/{number}", timeout=5) for number in range(480)], current=None)


def test_held_append_always_fits():
    """An append that is held was measured when it was sent."""
    talk = hook_open()
    with pytest.raises(MessageTooBig):
        talk.call.send(big(), current=None, immediate=False)
    talk.call.answer(talk.take("/hook"), ())
    assert len(talk.written()) == 1


# Statuses of verbs


@pytest.mark.parametrize("how", ["ack", "redirect", "append", "command"])
def test_application_asks_for_verb_statuses(how):
    """It is noted, however the application asks for reports of verbs."""
    talk = Conversation().begins_with(say())
    config = Verb("config", {"notifyEvents": True})
    if how == "ack":
        talk = Conversation()
        talk.call.answer(talk.begins(), (config,))
    elif how == "command":
        talk.call.command(Command("config", {"notifyEvents": True}))
    else:
        talk.call.send((config,), current=None, immediate=how == "redirect")
    assert talk.call.notify_events


@pytest.mark.parametrize("value", [False, "true", 1, None])
def test_application_does_not_ask_for_verb_statuses(value):
    """Only true turns them on."""
    talk = Conversation().begins_with(Verb("config", {"notifyEvents": value}))
    talk.call.command(Command("config", {"notifyEvents": value}))
    talk.call.command(Command("config", "notifyEvents"))
    talk.call.command(Command("dub", {"notifyEvents": True}))
    assert not talk.call.notify_events


def test_verb_statuses_once_asked_for():
    """They cannot be turned off at jambonz, and stay asked for here."""
    talk = Conversation().begins_with(Verb("config", {"notifyEvents": True}))
    talk.call.send((Verb("config", {"notifyEvents": False}),), current=None)
    assert talk.call.notify_events


# Neutral


def test_neutral_answer_stops_nothing_that_is_sent_later():
    """After the stand-in of session:new, verbs can be appended and replaced as always."""
    talk = Conversation()
    opening = talk.begins()
    talk.passes(4.1)
    assert talk.written() == [ack(opening.msgid, NEUTRAL)]
    talk.call.send((say("a"),), current=None, immediate=False)
    talk.call.send((say("b"),), current=None, immediate=False)
    talk.call.send((say("c"),), current=None)
    assert talk.written() == [
        redirect(wire(say("a")), queue=True),
        redirect(wire(say("b")), queue=True),
        redirect(wire(say("c"))),
    ]


# Commands behind an ack


@pytest.mark.parametrize("immediate", [True, False])
def test_command_waits_behind_an_ack_with_verbs(immediate):
    """jambonz executes a command that comes in one piece with an ack first; the ack's verbs would replace its own."""
    talk = Conversation().begins_with(gather("/hook"))
    asking = talk.taken("/hook", "v1")
    talk.call.answer(asking, (say("reply"),))
    talk.call.send((say("more"),), current=asking, immediate=immediate)
    talk.status("in-progress")
    talk.hook("/unknown")
    assert [message["type"] for message in talk.written_at_once()] == ["ack"]
    talk.passes(0.1)
    assert talk.written_at_once() == [redirect(wire(say("more")), queue=not immediate)]


@pytest.mark.parametrize("kind", [HookKind.WAIT, HookKind.CONFIRM, HookKind.ENTER])
def test_command_does_not_wait_behind_an_ack_for_another_leg(kind):
    """Verbs that run elsewhere replace nothing in the call's own queue."""
    talk = Conversation().begins_with(naming("/hook", kind))
    talk.call.answer(talk.taken("/hook"), (say("reply"),))
    talk.call.send((say("more"),), current=None)
    assert [message["type"] for message in talk.written_at_once()] == ["ack", "command"]


def test_command_does_not_wait_behind_an_empty_ack():
    """An ack without verbs replaces nothing."""
    talk = Conversation().begins_with(gather("/hook"))
    talk.call.answer(talk.taken("/hook", "v1"), ())
    talk.call.send((say("more"),), current=None)
    assert [message["type"] for message in talk.written_at_once()] == ["ack", "command"]


# Ending one verb


def test_ending_a_verb():
    """A verb that goes on by itself is ended by what does nothing: an empty redirect would end the call."""
    talk = Conversation().begins_with(say(), say("music", id="hold"))
    talk.call.end_verb("hold")
    assert talk.written() == [redirect(NEUTRAL)]


def test_ending_a_verb_that_others_stand_behind():
    """What was queued behind it comes at once; what stood before it is over."""
    talk = Conversation().begins_with(say(), say("music", id="hold"))
    talk.call.send((say("And now."),), current=None, immediate=False)
    talk.written()
    talk.call.end_verb("hold")
    assert talk.written() == [redirect(wire(say("And now.")))]


def test_ending_a_verb_with_much_behind_it():
    """What came in several messages may be too big for one."""
    talk = Conversation().begins_with(say("music", id="hold"))
    big = [say(letter * 20_000) for letter in "ab"]
    for verb in big:
        talk.call.send((verb,), current=None, immediate=False)
    talk.written()
    talk.call.end_verb("hold")
    assert talk.written() == [redirect(wire(big[0])), redirect(wire(big[1]), queue=True)]


def test_ending_a_verb_that_was_replaced():
    """A verb that is not there any more needs no end; nor does one of a call that is over."""
    talk = Conversation().begins_with(say("music", id="hold"))
    talk.call.send((say("Other."),), current=None)
    talk.written()
    talk.call.end_verb("hold")
    talk.call.end_verb("never sent")
    assert talk.written() == []
    talk = Conversation().begins_with(say("music", id="hold"))
    talk.call.closed(1000, "")
    talk.call.end_verb("hold")
    assert talk.written() == []


def test_ending_a_verb_while_a_hook_is_open():
    """jambonz would wait for the answer of a hook first: it is answered."""
    talk = Conversation().begins_with(gather("/menu"), say("music", id="hold"))
    msgid = talk.ends_verb()
    talk.take("/menu")
    talk.call.end_verb("hold")
    assert talk.written() == [ack(msgid), redirect(NEUTRAL)]
