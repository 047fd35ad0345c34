"""Tool calls of language models: whose they are, who is told of them, and the commands that answer them."""

from __future__ import annotations

import logging

import pytest

from jambonz_sync.protocol.call_state import MOST_OPEN
from jambonz_sync.protocol.command import Command
from jambonz_sync.protocol.hooks import HookKind, HookUse
from jambonz_sync.protocol.verb import Verb

from .conversation import SID, Conversation, ack, event_of, gather, redirect, say, wire


def llm(vendor: str | None = "openai", tool_hook: object = "/tool", name: str = "llm") -> Verb:
    """A verb that brings a model into the call."""
    options = {"vendor": vendor, "toolHook": tool_hook}
    return Verb(name, {key: value for key, value in options.items() if value is not None})


def tool_call(talk: Conversation, call_id: object = "call-1", hook: str = "/tool", kind: str = "llm:tool-call") -> str:
    """The model calls a tool; returns the msgid."""
    return talk.sends(kind, hook=hook, data={"tool_call_id": call_id, "name": "look_up", "args": {}})


# What comes


def test_tool_call_wants_no_ack():
    """It is kept for whoever takes it, and answered by a command."""
    talk = Conversation().begins_with(llm())
    tool_call(talk)
    assert talk.written() == []
    event = talk.call.take(("tool:look_up",))
    assert event is not None
    assert event.asking is None


@pytest.mark.parametrize("kind", ["llm:tool-call", "agent:tool-call"])
def test_tool_call_by_its_id(kind):
    """The message of a call is known by the call's id, also when it was taken long ago."""
    talk = Conversation().begins_with(llm())
    tool_call(talk, kind=kind)
    assert talk.call.take(("/tool",)) is not None
    kept = talk.call.tool_call("call-1")
    assert kept is not None
    assert (kept.type, kept.hook, kept["tool_call_id"]) == (kind, "/tool", "call-1")
    assert talk.call.tool_call("call-2") is None


def test_tool_call_that_is_kept_is_bound_to_nothing():
    """What the call keeps of it is an event of its own, which the session that takes the other one does not mark."""
    talk = Conversation().begins_with(llm())
    tool_call(talk)
    event, kept = talk.call.take(("/tool",)), talk.call.tool_call("call-1")
    assert event is not None
    event._answer = print
    assert kept is not None
    assert kept._answer is None


def test_newest_tool_call_of_an_id():
    """The calls of Google all have one id: the newest is meant."""
    talk = Conversation().begins_with(llm())
    tool_call(talk, "same", "/first")
    tool_call(talk, "same", "/second")
    kept = talk.call.tool_call("same")
    assert kept is not None
    assert kept.hook == "/second"


@pytest.mark.parametrize("call_id", [None, 7, [], {}])
def test_tool_call_without_an_id(call_id):
    """It can be taken, but not asked for."""
    talk = Conversation().begins_with(llm())
    tool_call(talk, call_id)
    assert talk.call.take(("/tool",)) is not None
    assert talk.call._tool_calls == {}


def test_tool_calls_are_bounded():
    """A flood of them does not grow memory without end; the newest are known, and one that comes again is new."""
    talk = Conversation().begins_with(llm())
    for number in range(MOST_OPEN):
        tool_call(talk, str(number))
    tool_call(talk, "0")
    tool_call(talk, "last")
    assert len(talk.call._tool_calls) == MOST_OPEN
    assert talk.call.tool_call("1") is None
    assert talk.call.tool_call("0") is not None
    assert talk.call.tool_call("last") is not None


# Nobody


def warnings(talk: Conversation) -> list[str]:
    """The warnings since the last look that name the line the thread is at."""
    notices, talk.call.notices = talk.call.notices, []
    return [notice.text for notice in notices if notice.level == logging.WARNING and notice.locate]


def test_warning_while_the_thread_waits_for_something_else():
    """Nobody will come for it, so the model waits for ever: a warning says so, once for each hook."""
    talk = Conversation().begins_with(llm())
    talk.call.begin_wait(frozenset({"/menu"}))
    tool_call(talk)
    tool_call(talk, "call-2")
    tool_call(talk, "call-3", hook="/other")
    first, second = warnings(talk)
    assert first.startswith("nothing serves the tool call of /tool, ")
    assert second.startswith("nothing serves the tool call of /other, ")


def test_warning_after_the_function_has_returned():
    """There too."""
    talk = Conversation().begins_with(llm())
    talk.call.returned()
    tool_call(talk)
    assert len(warnings(talk)) == 1


@pytest.mark.parametrize("name", ["/tool", "tool:look_up", "llm:tool-call", "*"])
@pytest.mark.parametrize("how", ["wait", "handler"])
def test_no_warning_where_somebody_wants_it(name, how):
    """A wait, or a handler, for any of its names."""
    talk = Conversation().begins_with(llm())
    if how == "wait":
        talk.call.begin_wait(frozenset({name}))
    else:
        talk.call.handle(name)
        talk.call.begin_wait(frozenset({"/menu"}))
    tool_call(talk)
    assert warnings(talk) == []


def test_no_warning_while_the_thread_is_busy():
    """It may yet come for it."""
    talk = Conversation().begins_with(llm())
    tool_call(talk)
    assert warnings(talk) == []


def test_no_other_event_is_warned_of():
    """The events of a model are for whom it may concern."""
    talk = Conversation().begins_with(llm())
    talk.call.begin_wait(frozenset({"/menu"}))
    talk.sends("llm:event", hook="/event")
    assert warnings(talk) == []


# Names


def test_tool_names_are_no_hooks():
    """A wait for the calls of one tool is for no hook that a verb should have named, nor for one that is replied to."""
    talk = Conversation().begins_with(llm())
    assert talk.call.unknown_hooks(["tool:look_up"]) == []
    assert not talk.call.brings_question(["tool:look_up", "llm:tool-call", "agent:tool-call"])
    assert talk.call.brings_question(["tool:look_up", "/menu"])


# Whose model


@pytest.mark.parametrize("how", ["ack", "redirect", "append", "reply"])
def test_model_behind_an_event(how):
    """The vendor is known however the verb was sent."""
    talk = Conversation().begins_with(gather("/menu"))
    if how == "ack":
        talk = Conversation().begins_with(llm())
    elif how == "reply":
        talk.call.answer(talk.taken("/menu", "v1"), (llm(),))
    else:
        talk.call.send((llm(),), current=None, immediate=how == "redirect")
    assert talk.call.model_behind(event_of("llm:tool-call", hook="/tool")) == "openai"
    assert talk.call.model_behind(None) == "openai"


def test_model_behind_an_append_that_waits():
    """Also before it is on the wire: it was sent."""
    talk = Conversation().begins_with(gather("/menu"))
    talk.taken("/menu", "v1")
    talk.call.send((llm(),), current=None, immediate=False)
    assert talk.written() == []
    assert talk.call.model_behind(None) == "openai"


def test_no_model():
    """A call without a model has none."""
    talk = Conversation().begins_with(say())
    assert talk.call.model_behind(None) is None
    assert talk.call.model_behind(event_of("llm:tool-call", hook="/tool")) is None


@pytest.mark.parametrize("kind", ["agent:tool-call", "agent:event"])
def test_model_of_the_verb_agent(kind):
    """What that verb sends is its own, whatever was sent since."""
    talk = Conversation().begins_with(llm())
    assert talk.call.model_behind(event_of(kind, hook="/tool")) == "agent"


# Commands


def test_all_commands_or_none():
    """Where one of several cannot be sent, none is, and nothing is known of them."""
    talk = Conversation().begins_with(say())
    hook = HookUse("/menu", HookKind.SESSION)
    with pytest.raises(ValueError, match="cannot be sent as JSON"):
        talk.call.command(Command("redirect", {"call_hook": "/menu"}, (hook,)), Command("dtmf", object()))
    assert talk.written() == []
    assert talk.call.unknown_hooks(["/menu"]) == ["/menu"]


def test_commands_in_order():
    """Several are sent in their order."""
    talk = Conversation().begins_with(say())
    talk.call.command(*(Command("dtmf", {"dtmf": {"digit": digit}}) for digit in "123"))
    assert [message["data"]["dtmf"]["digit"] for message in talk.written()] == ["1", "2", "3"]


def test_no_command():
    """None sends nothing."""
    talk = Conversation().begins_with(say())
    talk.call.command()
    assert talk.written() == []


def test_command_after_the_end():
    """There is nobody to send it to."""
    talk = Conversation().begins_with(say())
    talk.call.closed(1000, "")
    talk.call.command(Command("redirect", {"call_hook": "/menu"}, (HookUse("/menu", HookKind.SESSION),)))
    assert talk.written() == []
    assert talk.call.unknown_hooks(["/menu"]) == ["/menu"]


def test_answer_waits_for_the_connection():
    """The answer to a tool call is sent when jambonz is back."""
    talk = Conversation(reconnect_timeout=15).begins_with(llm())
    tool_call(talk)
    talk.call.closed(1006, "")
    talk.call.command(Command("llm:tool-output", {"result": 1}, (), {"tool_call_id": "call-1"}))
    assert talk.written() == []
    msgid = talk.reconnects()
    assert talk.written() == [
        ack(msgid),
        {"type": "command", "command": "llm:tool-output", "tool_call_id": "call-1", "data": {"result": 1}},
    ]


# Hooks that commands name


def test_hook_of_a_command_is_known():
    """It can be waited for without a warning, and is of the kind it was named for."""
    talk = Conversation().begins_with(say())
    uses = (HookUse("/status", HookKind.NOTIFY), HookUse("/music", HookKind.WAIT))
    talk.call.command(Command("config", {}, uses))
    assert talk.call.unknown_hooks(["/status", "/music"]) == []
    talk.written()
    msgid = talk.hook("/status")
    assert talk.written() == [ack(msgid)]
    talk.hook("/music")
    talk.passes(4)
    assert [verb["verb"] for verb in talk.written()[0]["data"]] == ["pause"]


def asked_by_command(talk: Conversation, **data: object) -> str:
    """A redirect command asks for verbs; returns the msgid of the question."""
    talk.call.command(Command("redirect", {"call_hook": "/next"}, (HookUse("/next", HookKind.SESSION),)))
    assert [message["command"] for message in talk.written()] == ["redirect"]
    return talk.sends("session:redirect", hook="/next", data={"call_sid": SID, **data})


def test_question_of_a_redirect_command():
    """It has no verb behind it, and is answered like that of a verb, as often as it is asked."""
    talk = Conversation().begins_with(say())
    for text in ("one", "two"):
        msgid = asked_by_command(talk)
        talk.call.answer(talk.take("/next"), (say(text),))
        assert talk.written() == [ack(msgid, wire(say(text)))]


def test_late_answer_to_a_redirect_command():
    """Its stand-in keeps the call up; the answer follows as a command."""
    talk = Conversation().begins_with(say())
    msgid = asked_by_command(talk)
    asking = talk.take("/next")
    talk.passes(4)
    assert talk.written() == [ack(msgid, [{"verb": "config"}])]
    talk.call.answer(asking, (say("late"),))
    assert talk.written() == [redirect(wire(say("late")))]


def test_redirect_command_for_the_other_leg():
    """The verbs in the answer are that leg's: the call's own queue, and what stands behind it, stay as they are."""
    talk = Conversation().begins_with(gather("/menu"), say("behind"))
    msgid = asked_by_command(talk, call_sid="leg-1")
    asking = talk.take("/next")
    assert asking.kind is HookKind.LEG_SESSION
    talk.call.answer(asking, (gather("/leg"),))
    [message] = talk.written()
    assert (message["msgid"], [verb["verb"] for verb in message["data"]]) == (msgid, ["gather"])
    assert talk.taken("/menu", "v1").behind == (say("behind"),)
    assert talk.taken("/leg", message["data"][0]["id"]).kind is HookKind.LEG_REPORT


def test_late_answer_for_the_other_leg():
    """A redirect would act on the wrong leg."""
    talk = Conversation().begins_with(say())
    msgid = asked_by_command(talk, call_sid="leg-1")
    asking = talk.take("/next")
    talk.passes(4)
    assert talk.written() == [ack(msgid, [{"verb": "config"}])]
    talk.said()
    talk.call.answer(asking, (say("late"),))
    assert talk.written() == []
    assert talk.said() == [
        "the reply to /next was dropped: it has been answered already, and a command cannot stand in for a reply"
    ]


def test_redirect_verb_that_was_replaced():
    """The question of a verb is told from that of a command by the verb's id."""
    talk = Conversation().begins_with(Verb("redirect", {"actionHook": "/next"}, (HookUse("/next", HookKind.SESSION),)))
    talk.call.send((say("instead"),), current=None)
    talk.written()
    msgid = talk.sends("session:redirect", hook="/next", data={"call_sid": SID, "verb_id": "v1"})
    assert talk.written() == [ack(msgid)]
    assert talk.call.take(("/next",)) is None
    msgid = talk.sends("session:redirect", hook="/next", data={"call_sid": SID})
    assert talk.written() == []
    assert talk.take("/next").is_open
