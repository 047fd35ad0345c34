"""What jambonz sends beside questions: statuses, garbage, floods; and what run() makes of it."""

from __future__ import annotations

import json
import logging

import pytest

from jambonz_sync.protocol.hooks import HookKind
from jambonz_sync.protocol.mailbox import Mailbox
from jambonz_sync.protocol.message import ACKED_TYPES, UNACKED_TYPES
from jambonz_sync.protocol.verb import Verb

from .conversation import LEG, SID, Conversation, ack, gather, naming, redirect, say, text_of, wire

# Facts of the call


def test_facts_of_an_inbound_call():
    """The sid and the status are known from session:new, which is the opening and not in the mailbox."""
    talk = Conversation()
    talk.begins()
    assert talk.call.call_sid == SID
    assert talk.call.call_status == "trying"
    assert talk.call.opening.type == "session:new"
    assert len(talk.call.mailbox) == 0


def test_outbound_call_speaks_first_by_status():
    """The sid is taken from the data where the envelope has none; the session begins when the callee answers."""
    talk = Conversation()
    talk.sends("call:status", call_sid=None, data={"call_sid": SID, "call_status": "ringing"})
    assert (talk.call.call_sid, talk.call.call_status, talk.call.opening) == (SID, "ringing", None)
    opening = talk.begins(call_status="in-progress")
    assert talk.call.call_status == "in-progress"
    talk.call.send((say(),), current=None)
    assert talk.written() == [ack(opening.msgid, wire(say()))]
    assert talk.call.take(["call:status"])["call_status"] == "ringing"


def test_status_of_a_leg_is_not_that_of_the_call():
    """The status of a dialled leg is an event, and leaves the call's own alone."""
    talk = Conversation().begins_with(say())
    talk.status("in-progress")
    talk.status("busy", sid=LEG, parent_call_sid=SID)
    assert talk.call.call_status == "in-progress"
    assert [talk.call.take(["call:status"])["call_sid"] for _ in range(2)] == [SID, LEG]


def test_every_message_may_tell_the_status():
    """Hooks carry the call's facts too."""
    talk = Conversation().begins_with(gather("/hook"))
    talk.hook("/hook", "v1", call_sid=SID, call_status="in-progress")
    assert talk.call.call_status == "in-progress"


@pytest.mark.parametrize("data", [{}, {"call_status": 5, "call_sid": SID}, {"call_status": "busy"}, {"call_sid": 5}])
def test_status_out_of_shape(data):
    """A status that is not one leaves what is known."""
    talk = Conversation().begins_with(say())
    talk.sends("call:status", data=data)
    assert (talk.call.call_sid, talk.call.call_status) == (SID, "trying")


def test_sid_that_is_no_text():
    """A sid that is no text is none."""
    talk = Conversation()
    talk.sends("call:status", call_sid=None, data={"call_sid": 5})
    assert talk.call.call_sid is None


def test_arrivals_are_counted():
    """Whoever waits can tell that something has come: a message, readable or not, or the end."""
    talk = Conversation()
    talk.begins()
    first = talk.call.arrivals
    talk.status("in-progress")
    talk.call.receive("garbage")
    assert talk.call.arrivals == first + 2
    talk.call.closed(1000, "")
    assert talk.call.arrivals == first + 3


# Events without a question


@pytest.mark.parametrize("kind", sorted(UNACKED_TYPES))
def test_messages_that_want_no_ack_get_none(kind):
    """A message that wants no ack is an event and nothing else."""
    talk = Conversation().begins_with(say())
    talk.sends(kind, hook="/tool", data={"event_type": "x"})
    talk.passes(60)
    assert talk.written() == []
    event = talk.call.take(["*"])
    assert event.type == kind
    assert event.asking is None
    assert talk.said() == []


def test_unknown_type_is_acked():
    """A type this library does not know is acked, shown and warned about."""
    talk = Conversation().begins_with(say())
    msgid = talk.sends("verb:novelty")
    assert talk.written() == [ack(msgid)]
    assert talk.call.take(["verb:novelty"]) is not None
    [line] = talk.said()
    assert "'verb:novelty'" in line


def test_unknown_type_without_msgid():
    """Without a msgid there is nothing to ack."""
    talk = Conversation().begins_with(say())
    talk.call.receive('{"type": "verb:novelty"}')
    assert talk.written() == []
    assert talk.call.take(["verb:novelty"]) is not None


# Garbage


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "hello",
        b"\x00\xff",
        b"{}",
        "[]",
        "{}",
        "[" * 100_000,
        '{"type": 5}',
        '{"type": "verb:hook"}',
        '{"type": "verb:hook", "msgid": "' + "m" * 1_000 + '"}',
        '{"type": "verb:hook", "msgid": "\\udc80"}',
        '{"type": "verb:hook", "msgid": "m", "hook": "wss://[x"}',
        '{"type": "verb:hook", "msgid": "m", "hook": "wss://[x", "data": {"verb_id": {}}}',
        '{"type": "verb:hook", "msgid": "m", "hook": {"url": "/x"}, "data": []}',
        '{"type": "verb:hook", "msgid": "m", "hook": "\\ud800"}',
        '{"type": "tts:streaming-event", "data": {"event_type": {}}}',
        '{"type": "verb:status", "data": {"event": [], "id": {}}}',
        '{"type": "verb:status", "data": {"event": "starting", "id": ["v1"]}}',
        '{"type": "call:status", "call_sid": {}, "data": {"call_sid": [], "call_status": {}}}',
        '{"type": "dial:confirm", "msgid": "m", "hook": 7, "data": {"call_sid": []}}',
        '{"type": "session:reconnect", "msgid": "m", "data": NaN}',
    ],
)
@pytest.mark.parametrize("running", [False, True])
def test_garbage_does_no_harm(raw, running):
    """Whatever jambonz sends, nothing is raised, every msgid that can be repeated is acked, and the call goes on."""
    talk = Conversation().begins_with(gather("/hook"))
    if running:
        talk.call.start_run((say("run"),), current=None)
        talk.call.stop_run()
        talk.call.start_run((say("run"),), current=None)
        talk.written()
    talk.call.receive(raw)
    talk.passes(4)
    acked = [message["msgid"] for message in talk.written() if message["type"] == "ack"]
    assert acked == (["m"] if '"msgid": "m"' in str(raw) else [])
    talk.call.send((say("still here"),), current=None)
    assert talk.written() == [redirect(wire(say("still here")))]


def test_garbage_is_warned_about_ever_more_rarely():
    """Of a flood of garbage the 1st, 10th, 100th … is said, with an excerpt."""
    talk = Conversation().begins_with(say())
    for number in range(10_000):
        talk.call.receive(f"garbage {number} " + "x" * 1_000)
    lines = talk.said()
    assert len(lines) == 5
    assert "is not JSON" in lines[0]
    assert "garbage 0" in lines[0]
    assert "(10000 such messages so far)" in lines[-1]
    assert all(len(line) < 250 for line in lines)
    assert len(talk.call.mailbox) == 0


# Floods


def test_flood_of_statuses():
    """Of 10,000 statuses the newest are kept; it is warned about a few times."""
    talk = Conversation().begins_with(say())
    for number in range(10_000):
        talk.status("in-progress", number=number)
    assert len(talk.call.mailbox) == 1_000
    assert talk.call.take(["call:status"])["number"] == 9_000
    lines = talk.said()
    assert 1 <= len(lines) <= 5
    assert all("that nobody took" in line for line in lines)


def test_flood_of_statuses_drops_no_hook():
    """Hooks that came before a flood are there after it."""
    talk = Conversation().begins_with(gather("/hook"), naming("/music", HookKind.WAIT))
    talk.hook("/hook", "v1")
    talk.hook("/music")
    for _ in range(10_000):
        talk.status("in-progress")
    assert talk.take("/hook").is_open
    assert talk.take("/music").is_open


def test_flood_of_notifications():
    """Notifications are acked one by one, and bounded like statuses."""
    talk = Conversation().begins_with(naming("/partial", HookKind.NOTIFY))
    for _ in range(5_000):
        talk.hook("/partial")
    assert len(talk.written()) == 5_000
    assert len(talk.call.mailbox) == 1_000


def test_flood_of_action_hooks_for_nobody():
    """Answered action hooks are kept for later until they are too big together."""
    talk = Conversation(mailbox=Mailbox(max_bytes=1_000_000)).begins_with(say())
    talk.call.returned()
    for number in range(5_000):
        talk.hook(f"/{number % 5}", pad="x" * 1_000)
    assert len(talk.written()) == 5_000
    assert 100 < len(talk.call.mailbox) < 1_000
    assert len(talk.said()) < 15


def test_mailbox_of_ones_own():
    """The bounds can be set."""
    talk = Conversation(mailbox=Mailbox(limit=2)).begins_with(say())
    for _ in range(3):
        talk.status("in-progress")
    assert len(talk.call.mailbox) == 2
    assert "dropped 1 event that nobody took: at most 2" in talk.said()[0]


# What may be waited for


def test_brings_question():
    """A wait for a hook that one can reply to is told from one for statuses."""
    talk = Conversation().begins_with(gather("/menu"), naming("/partial", HookKind.NOTIFY))
    assert talk.call.brings_question(["/menu"])
    assert talk.call.brings_question(["/unknown"])
    assert talk.call.brings_question(["*"])
    assert talk.call.brings_question(["verb:hook"])
    assert talk.call.brings_question(["call:status", "/menu"])
    assert not talk.call.brings_question([])
    assert not talk.call.brings_question(["/partial"])
    assert not talk.call.brings_question(["tts:stream_open"])
    assert not talk.call.brings_question(UNACKED_TYPES)


def test_unknown_hooks():
    """Names of hooks that no verb has named are found; types, patterns and hooks sent by any list are not."""
    talk = Conversation().begins_with(gather("/menu"))
    talk.call.send((gather("/next"),), current=None)
    names = ["/menu", "/next", "/mneu", "*", "tts:stream_open", *ACKED_TYPES, *UNACKED_TYPES]
    assert talk.call.unknown_hooks(names) == ["/mneu"]
    assert list(talk.call.known_hooks) == ["/menu", "/next"]


def test_path_of_an_absolute_hook_is_known():
    """A hook that a verb names by URL can be waited for by its path, so the path is no unknown name."""
    talk = Conversation().begins_with(gather("wss://example.com/menu"))
    assert talk.call.unknown_hooks(["/menu"]) == []


def test_hooks_of_a_held_append_are_known():
    """Verbs that wait behind an open hook have been sent, as far as the application knows."""
    talk = Conversation().begins_with(gather("/hook"))
    talk.taken("/hook", "v1")
    talk.call.send((gather("/next"),), current=None, immediate=False)
    assert talk.call.unknown_hooks(["/next"]) == []


# run()


def begun() -> Conversation:
    """A call whose first verbs are run, with jambonz's first status of the list behind it."""
    talk = Conversation()
    talk.begins()
    return talk


def verb_status(talk: Conversation, what: str, verb_id: str) -> None:
    talk.sends("verb:status", data={"event": what, "id": verb_id, "name": "say"})


def test_run_sends_config_and_sentinel():
    """The first run asks for reports; every verb has an id, and a config with an id stands behind them."""
    talk = begun()
    run = talk.call.start_run((say("a"), gather("/g", id="mine")), current=None)
    [message] = talk.written()
    config, first, second, sentinel = message["data"]
    assert config == {"verb": "config", "id": "run-notify", "notifyEvents": True}
    assert (first["verb"], second["id"], sentinel["verb"]) == ("say", "mine", "config")
    assert len({verb["id"] for verb in message["data"]}) == 4
    assert run.outcome is None


def test_run_asks_for_reports_once():
    """A second run does not ask again."""
    talk = begun()
    talk.call.start_run((say("a"),), current=None)
    talk.call.stop_run()
    talk.passes(0.1)
    talk.written()
    talk.call.start_run((say("b"),), current=None)
    [message] = talk.written()
    assert message["command"] == "redirect"
    assert [verb["verb"] for verb in message["data"]] == ["say", "config"]


def test_run_is_over_when_the_last_verb_is():
    """The end of the last verb is the outcome, and its reports are none of the application's events."""
    talk = begun()
    run = talk.call.start_run((say("a"),), current=None)
    talk.written()
    verb_id = talk.last_list[1]["id"]
    verb_status(talk, "starting", verb_id)
    assert run.outcome is None
    verb_status(talk, "finished", verb_id)
    assert run.outcome.completed
    assert len(talk.call.mailbox) == 0
    assert not talk.call.notify_events


def test_run_leaves_reports_the_application_asked_for():
    """Where the application asked for reports itself, it gets them."""
    talk = begun()
    talk.call.start_run((Verb("config", {"notifyEvents": True}), say("a")), current=None)
    verb_status(talk, "starting", "v1")
    assert talk.call.take(["verb:status"]) is not None


def test_reports_after_a_run():
    """After the run its reports are still none of the application's events."""
    talk = begun()
    talk.call.start_run((say("a"),), current=None)
    talk.call.stop_run()
    verb_status(talk, "finished", "v1")
    assert len(talk.call.mailbox) == 0


def test_run_takes_the_hook_of_the_last_verb():
    """The hook that ends the run is the outcome's event, open and taken, and not in the mailbox."""
    talk = begun()
    run = talk.call.start_run((gather("/g"),), current=None)
    talk.written()
    talk.hook("/g", talk.last_list[1]["id"], digits="1")
    assert run.outcome["digits"] == "1"
    assert talk.written() == []
    assert len(talk.call.mailbox) == 0
    talk.call.stop_run()
    talk.call.answer(run.outcome.event.asking, (say("thanks"),))
    assert talk.written() == [ack(talk.msgid, wire(say("thanks")))]


def test_run_ended_by_hook_and_no_reply():
    """A reply that does not come is stood in for, as for any hook that was taken."""
    talk = begun()
    talk.call.start_run((gather("/g"),), current=None)
    talk.written()
    talk.hook("/g", talk.last_list[1]["id"])
    talk.passes(4)
    assert talk.written()[0]["msgid"] == talk.msgid


def test_other_hooks_during_a_run():
    """While a run waits, hooks nobody wants are settled at once."""
    talk = begun()
    run = talk.call.start_run((naming("/report", HookKind.REPORT), say("a")), current=None)
    talk.written()
    msgid = talk.hook("/report")
    assert talk.written() == [ack(msgid)]
    assert run.outcome is None


def test_run_interrupted_by_a_send():
    """Verbs sent meanwhile interrupt the run; appended ones do not."""
    talk = begun()
    run = talk.call.start_run((say("a"),), current=None)
    talk.call.send((say("b"),), current=talk.call.opening.asking, immediate=False)
    assert run.outcome is None
    talk.call.send((say("c"),), current=talk.call.opening.asking)
    assert run.outcome.interrupted


@pytest.mark.parametrize("how", ["closed", "close"])
def test_end_of_the_call_is_no_outcome(how):
    """The end of the call is told by the call, not by what was run; whoever waits is woken."""
    talk = begun()
    run = talk.call.start_run((say("a"),), current=None)
    seen = talk.call.arrivals
    if how == "closed":
        talk.call.closed(1000, "")
    else:
        talk.call.close(1000, "")
    assert run.outcome is None
    assert talk.call.arrivals > seen


def test_run_interrupted_by_a_barge_in():
    """A barge-in in the background interrupts the run, and its hook waits for the handler."""
    talk = begun()
    talk.call.handle("/barge")
    run = talk.call.start_run((naming("/barge", HookKind.BARGE_IN), say("a")), current=None)
    talk.written()
    talk.hook("/barge")
    assert run.outcome.interrupted
    assert talk.take("/barge").is_open


def test_run_as_the_answer_to_a_hook():
    """A run after a hook is that hook's ack."""
    talk = Conversation().begins_with(gather("/g"))
    asking = talk.taken("/g", "v1")
    run = talk.call.start_run((say("a"),), current=asking)
    [message] = talk.written()
    assert (message["type"], message["msgid"]) == ("ack", asking.msgid)
    assert run.outcome is None


# Order in the log


def test_levels():
    """What a user should look at is a warning; a refused call is an error; the rest is less."""
    talk = Conversation()
    talk.begins()
    talk.call.send((gather("/g"), say()), current=None)
    talk.call.move_on(talk.taken("/g", "v1"))
    talk.call.receive("garbage")
    assert [notice.level for notice in talk.call.notices] == [logging.DEBUG, logging.WARNING]


def test_golden_shape():
    """The helper of these tests writes what jambonz writes."""
    assert json.loads(text_of("call:status", "m1")) == {
        "type": "call:status",
        "msgid": "m1",
        "call_sid": SID,
        "data": {},
    }


# Who hung up


def test_who_has_hung_up():
    """The last status of the call itself says so; what else comes does not change it."""
    talk = Conversation().begins_with()
    assert talk.call.hung_up_by is None
    talk.status("completed", sid=LEG, call_termination_by="jambonz")
    talk.status("in-progress")
    assert talk.call.hung_up_by is None
    talk.status("completed", call_termination_by="caller")
    assert talk.call.hung_up_by == "caller"
    talk.status("completed", call_termination_by=5)
    assert talk.call.hung_up_by == "caller"
