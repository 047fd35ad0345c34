"""Any order of messages, wishes and time: what a call guarantees, whatever comes.

A small jambonz executes what it is sent and asks what a real one may ask; an application does whatever an application
may do. Every message written is judged as it comes.
"""

from __future__ import annotations

import itertools
import json
import math
import os
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from jambonz_sync.exceptions import MessageTooBig
from jambonz_sync.protocol.asking import Asking
from jambonz_sync.protocol.call import Call
from jambonz_sync.protocol.command import Command
from jambonz_sync.protocol.hooks import HookKind, HookUse
from jambonz_sync.protocol.lost_hooks import PROBE_AFTER
from jambonz_sync.protocol.token_sender import Utterance
from jambonz_sync.protocol.verb import Verb

from .conversation import HANGUP, NEUTRAL, PAUSE, SID, text_of

ACK_TIMEOUT = 4.0
RECONNECT_TIMEOUT = 15.0
LIVE_AFTER = 0.1
#: A driver may be this late in calling tick.
SLACK = 0.05
LIMIT = 24_576

ENDINGS = ({"verb": "hangup"}, {"verb": "sip:decline", "status": 603})

#: Verbs an application may send: the name, and the hooks it names beside its text.
SHAPES: dict[str, dict[str, HookKind]] = {
    "say": {},
    "pause": {},
    "hangup": {},
    "gather": {"/a": HookKind.ACTION, "/partial": HookKind.NOTIFY},
    "play": {"/b": HookKind.ACTION},
    "dial": {"/c": HookKind.ACTION, "/leg": HookKind.LEG_REPORT, "/hold": HookKind.WAIT, "/refer": HookKind.ENTER},
    "enqueue": {"/wait": HookKind.WAIT},
    "conference": {"/enter": HookKind.ENTER, "/status": HookKind.NOTIFY},
    "transcribe": {"/report": HookKind.REPORT},
    "config": {"/barge": HookKind.BARGE_IN},
    "redirect": {"/other": HookKind.SESSION},
}
#: Hooks by which a verb reports its end, while the queue stands still.
ENDS = {HookKind.ACTION, HookKind.SESSION}
SIDE_HOOKS = {name: kind for hooks in SHAPES.values() for name, kind in hooks.items() if kind not in ENDS}
END_HOOKS = [name for hooks in SHAPES.values() for name, kind in hooks.items() if kind in ENDS]
NAMES = [*END_HOOKS, *SIDE_HOOKS, "/confirm", "/call-hook", "/unknown", "call:status", "verb:hook", "*"]
REPLACING = {HookKind.SESSION, HookKind.ACTION, HookKind.BARGE_IN, HookKind.REPORT}

shapes = st.lists(st.sampled_from(sorted(SHAPES)), min_size=1, max_size=4)
losable = st.lists(st.sampled_from(["gather", "play", "say", "dial"]), min_size=1, max_size=4)
ends = st.sampled_from(["in time", "in time", "later", "too soon"])
paddings = st.sampled_from([0] * 12 + [9_000, 30_000])
names = st.frozensets(st.sampled_from(NAMES), max_size=3)


def verbs_of(number: int, kinds: list[str], padding: int) -> tuple[Verb, ...]:
    """A list of the application, told from all others by its number."""
    verbs = []
    for place, name in enumerate(kinds):
        options: dict[str, Any] = {"tag": number, "place": place}
        if place == 0 and padding:
            options["text"] = "ü" * (padding // 2)
        uses = tuple(HookUse(hook, kind) for hook, kind in SHAPES[name].items())
        for use in uses:
            options["actionHook" if use.kind in ENDS else use.kind.name] = use.name
        verbs.append(Verb(name, options, uses))
    return tuple(verbs)


def without_id(verb: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in verb.items() if key != "id"}


def is_silent(verb: dict[str, Any]) -> bool:
    """Whether a verb does nothing but tell by its start how far jambonz is, or have that told: that need not come."""
    return verb["verb"] == "config" and (verb.keys() <= {"verb", "id"} or "notifyEvents" in verb)


def is_same(verb: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether a verb is sent again, be it under another id where it does nothing but tell by its start."""
    return verb == other or (is_silent(verb) and is_silent(other))


@dataclass
class Question:
    """A message that wants an ack."""

    name: str
    kind: HookKind
    asked: float
    #: Whether it reports the end of the verb that runs; what stands behind that verb is the model's queue.
    is_head: bool = False
    must_be_empty: bool = False
    #: Whether it was on its way while commands that had waited for it were.
    crossing: bool = False


@dataclass
class SentList:
    """A list the application has sent."""

    number: int
    verbs: tuple[Verb, ...]
    held: bool = False
    repeatable: bool = False
    seen: bool = False


@dataclass
class Jambonz:
    """What jambonz knows and does."""

    queue: list[dict[str, Any]] = field(default_factory=list)
    pending: dict[str, Question] = field(default_factory=dict)
    connected: bool = True
    opening: str | None = None
    #: Whether the ack of session:new, or of the session:reconnect in its place, has been written.
    first_ack: bool = False
    first_ack_at: float = 0.0
    confirmed: bool = False
    reconnecting: str | None = None
    #: Since the connection dropped before the first ack was read, no hook is sent any more.
    one_way: bool = False
    live: bool = False
    frozen: list[dict[str, Any]] | None = None
    resending: list[dict[str, Any]] = field(default_factory=list)
    #: What was frozen and has been swept since; the command that brings it back may have been on its way already.
    swept: list[list[dict[str, Any]]] = field(default_factory=list)
    killed: list[dict[str, Any]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    overtaken: bool = False
    #: Whether the connection is broken in one direction: nothing that is written to jambonz arrives any more.
    deaf: bool = False
    #: What has been written since.
    unheard: list[str] = field(default_factory=list)
    #: Whether an answer was among it for which jambonz waits before it goes on.
    stuck: bool = False
    #: What jambonz will have lost to a stand-in among it, when that comes in another form.
    to_freeze: list[dict[str, Any]] | None = None
    #: Whether jambonz has noticed that the connection is broken: it asks and tells nothing until it is back.
    noticed: bool = False
    #: What is over of the verbs it was given last, or behind the last that has reported. The end of those among them
    #: that have an actionHook was told to nobody.
    over: list[dict[str, Any]] = field(default_factory=list)
    #: Whether it reports the start and the end of verbs.
    notifies: bool = False
    #: What has to be sent next, since the answer to its first verb was lost, and how far it has been.
    again: list[dict[str, Any]] = field(default_factory=list)
    again_begun: bool = False
    #: Whether it reports a start at this moment, by which the call may learn which hooks were lost.
    reports: bool = False
    #: What was sent again and has not arrived.
    again_unheard: list[list[dict[str, Any]]] = field(default_factory=list)

    def give(self, verbs: list[dict[str, Any]]) -> None:
        """Other verbs take the place of all it had."""
        self.queue = list(verbs)
        self.over = []
        self.notifies = self.notifies or any("notifyEvents" in verb for verb in verbs[:1])

    @property
    def notified_soon(self) -> bool:
        """Whether it will report the start of what stands in its queue."""
        return any("notifyEvents" in verb for verb in self.queue)

    def finish(self) -> dict[str, Any]:
        """The first verb of the queue is over."""
        verb = self.queue.pop(0)
        self.over.append(verb)
        self.notifies = self.notifies or "notifyEvents" in verb
        return verb

    @property
    def head_is_asked(self) -> bool:
        return any(question.is_head for question in self.pending.values())

    @property
    def may_ask(self) -> bool:
        able = self.connected and not self.stuck and not self.noticed
        return able and self.first_ack and not self.one_way and self.reconnecting is None


class CallMachine(RuleBasedStateMachine):
    """An application and a jambonz, each doing what it may at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.call = Call(ack_timeout=ACK_TIMEOUT, reconnect_timeout=RECONNECT_TIMEOUT)
        self.call.now = 100.0
        self.jambonz = Jambonz()
        self.numbers = itertools.count(1)
        self.msgids = itertools.count(1)
        self.lists: dict[int, SentList] = {}
        self.commands: list[int] = []
        self.lists_seen: list[int] = []
        self.commands_seen: list[int] = []
        self.held_order: list[int] = []
        self.taken: list[Asking] = []
        self.waits = 0
        self.run_depth = 0
        #: Whether the connection was lost during the run.
        self.run_was_cut = False
        #: Whether there may be lost hooks for which nobody looks: those of verbs that were not the last of a run.
        self.is_unsearched = False
        self.unknown_msgids: set[str] = set()
        self.utterance = Utterance()
        self.spoken = ""
        #: The ids of the pieces of streamed speech, and their text.
        self.pieces: list[str] = []
        self.streamed = ""
        self.closing = False

    # What is written

    def judge(self) -> None:
        """Look at every message written since the last look."""
        outbox, self.call.outbox = self.call.outbox, []
        for text in outbox:
            assert self.jambonz.connected or self.closing, "written to nobody"
            assert len(text.encode()) <= LIMIT
            message = json.loads(text)
            if self.jambonz.deaf:
                self.note_unheard(text, message)
            elif message["type"] == "ack":
                self.judge_ack(message["msgid"], message.get("data"))
            else:
                self.judge_command(message)
        assert not self.jambonz.overtaken, "an append in front of what is frozen"

    def note_unheard(self, text: str, message: dict[str, Any]) -> None:
        """What never arrives is judged when it is said again; but no question has more than one answer, or a late one.

        What was said to another leg, or to a caller on hold, is of no use any more: it is not said again.
        """
        jambonz = self.jambonz
        jambonz.unheard.append(text)
        if jambonz.reports and message.get("command") == "redirect":
            jambonz.again_unheard.append(message["data"])
            return
        if message["type"] != "ack" or message["msgid"] in self.unknown_msgids:
            self.unknown_msgids.discard(message.get("msgid", ""))
            return
        question = jambonz.pending.pop(message["msgid"], None)
        assert question is not None, f"an ack nobody wants, or a second one: {message}"
        assert self.call.now - question.asked <= ACK_TIMEOUT + SLACK + 1e-6, "an ack too late"
        data = message.get("data")
        jambonz.stuck = True
        if question.kind not in REPLACING:
            for number in {verb["tag"] for verb in data or [] if "tag" in verb}:
                self.lists[number].seen = True
                self.lists[number].repeatable = True
        elif question.is_head and data == NEUTRAL:
            unheard = [json.loads(text) for text in jambonz.unheard]
            appended = [verb for one in unheard if one.get("command") == "redirect" for verb in one["data"]]
            jambonz.to_freeze = [verb for verb in (*jambonz.queue, *appended) if not is_silent(verb)] or None

    def judge_ack(self, msgid: str, data: list[dict[str, Any]] | None) -> None:
        jambonz = self.jambonz
        if msgid in self.unknown_msgids:
            self.unknown_msgids.remove(msgid)
            assert data is None
            return
        assert msgid in jambonz.pending, f"an ack nobody wants, or a second one: {msgid}"
        question = jambonz.pending.pop(msgid)
        assert self.call.now - question.asked <= ACK_TIMEOUT + SLACK + 1e-6, "an ack too late"
        if msgid == jambonz.reconnecting:
            jambonz.reconnecting = None
            if not jambonz.one_way:
                if data is not None:
                    assert not jambonz.confirmed, "first verbs repeated without need"
                    self.see(data, repeated=True)
                    self.first_ack_written()
                return
            # The ack of session:reconnect takes the place of the first one.
            self.see(data or [], repeated=jambonz.first_ack)
            self.first_ack_written()
            jambonz.give(data or [])
            return
        if msgid == jambonz.opening:
            assert data, "an empty first ack rejects the call"
            self.first_ack_written()
            self.see(data)
            jambonz.give(data)
            return
        if question.must_be_empty:
            assert data is None, f"{question.name} must get an empty ack"
        behind = jambonz.queue
        if data:
            self.see(data, standing=question.kind is HookKind.WAIT, aside=question.kind not in REPLACING)
        if question.kind in REPLACING and data:
            # A command that brings back what is frozen may be on its way behind this stand-in.
            frozen = jambonz.frozen if data == NEUTRAL else None
            # A stand-in has no id to tell by that it has taken the place of a run which nobody saw begin.
            self.run_was_cut = self.run_was_cut and data != NEUTRAL
            self.replace(data)
            jambonz.frozen = frozen
        # A config that sets nothing (a stand-in, or what run() puts behind its list) need not come back.
        behind = [verb for verb in behind if not is_silent(verb)]
        if question.is_head and data == NEUTRAL and behind:
            jambonz.frozen = behind

    def first_ack_written(self) -> None:
        self.jambonz.first_ack = True
        self.jambonz.first_ack_at = self.call.now
        self.jambonz.live = False

    def judge_command(self, message: dict[str, Any]) -> None:
        jambonz = self.jambonz
        assert jambonz.first_ack or self.closing, "a command before the first ack"
        assert jambonz.reconnecting is None or self.closing, "a command before the ack of session:reconnect"
        live = jambonz.live or self.call.now >= jambonz.first_ack_at + LIVE_AFTER - 1e-6
        assert live or self.closing, "a command before the call is live"
        if message["command"] != "redirect":
            self.judge_other_command(message)
            return
        data = message["data"]
        assert data, "a redirect with an empty list"
        for question in jambonz.pending.values():
            assert question.kind not in ENDS or question.crossing, "a redirect behind an open hook"
        # In front of it may come what the first ack has held back until now, which is swept by it.
        if jambonz.again and (jambonz.again_begun or not message["queueCommand"]):
            self.note_again(message)
            if message["queueCommand"]:
                jambonz.queue += data
            else:
                self.replace(data)
        elif data in jambonz.again_unheard and all(self.lists[verb["tag"]].seen for verb in data if "tag" in verb):
            jambonz.again_unheard.remove(data)
            if message["queueCommand"]:
                jambonz.queue += data
            else:
                self.replace(data)
        elif jambonz.resending:
            # What was frozen may be too much for one message.
            assert message["queueCommand"], "the rest of what was frozen is missing"
            assert jambonz.resending[: len(data)] == data
            jambonz.resending = jambonz.resending[len(data) :]
            jambonz.queue += data
        elif not message["queueCommand"] and (frozen := self.resent(data)) is not None:
            self.replace(data)
            jambonz.resending = frozen[len(data) :]
        elif not message["queueCommand"] and data == NEUTRAL and jambonz.to_freeze is not None:
            # The stand-in that has never arrived.
            self.replace(data)
            jambonz.frozen, jambonz.to_freeze = jambonz.to_freeze, None
        elif message["queueCommand"]:
            # In front of what is frozen it would be lost, unless a list follows at once that replaces both.
            jambonz.overtaken = jambonz.frozen is not None
            self.see(data, command=True)
            jambonz.queue += data
        else:
            self.see(data, command=True)
            # Any of these but a gather reports its end all the same.
            if not jambonz.head_is_asked:
                jambonz.killed += [verb for verb in jambonz.queue[:1] if verb["verb"] in ("play", "dial")]
            self.replace(data)

    def note_again(self, message: dict[str, Any]) -> None:
        """What stood in the queue from a question on whose answer was lost comes again, whole and in order."""
        jambonz, data = self.jambonz, message["data"]
        assert message["queueCommand"] == jambonz.again_begun
        assert data, "a redirect with an empty list"
        assert len(data) <= len(jambonz.again)
        assert all(map(is_same, data, jambonz.again)), f"{data} is sent again instead of {jambonz.again}"
        jambonz.again = jambonz.again[len(data) :]
        jambonz.again_begun = True

    def judge_other_command(self, message: dict[str, Any]) -> None:
        data = message.get("data", {})
        if "tag" in data:
            self.commands_seen.append(data["tag"])
        elif "tokens" in data:
            self.pieces.append(data["id"])
            self.streamed += data["tokens"] if data["id"] not in self.pieces[:-1] else ""

    def resent(self, data: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
        numbers = {verb["tag"] for verb in data if "tag" in verb}
        if all(self.lists[number].seen for number in numbers):
            for frozen in (self.jambonz.frozen or [], *self.jambonz.swept):
                if frozen and frozen[: len(data)] == data:
                    return frozen
        return None

    def sweep_frozen(self) -> None:
        if self.jambonz.frozen is not None and self.call._commands.held:
            self.jambonz.swept.append(self.jambonz.frozen)
        self.jambonz.frozen = None

    def replace(self, data: list[dict[str, Any]]) -> None:
        jambonz = self.jambonz
        jambonz.give(data)
        self.is_unsearched = bool(self.run_depth)
        self.sweep_frozen()
        jambonz.overtaken = False

    def see(
        self,
        data: list[dict[str, Any]],
        *,
        repeated: bool = False,
        standing: bool = False,
        command: bool = False,
        aside: bool = False,
    ) -> None:
        """A list on the wire is one stand-in, or one list of the application, whole, and not seen before.

        What is given ``aside``, to another leg, may overtake a command that an ack holds back for a moment.
        """
        jambonz = self.jambonz
        jambonz.names |= {name for verb in data for name in verb.values() if isinstance(name, str) and name[:1] == "/"}
        numbers = {verb["tag"] for verb in data if "tag" in verb}
        others = [verb for verb in data if "tag" not in verb]
        if not numbers:
            runs_only = all(verb["verb"] == "config" for verb in data)
            assert data in (NEUTRAL, PAUSE, HANGUP) or all(verb in ENDINGS for verb in data) or runs_only
            return
        assert len(numbers) == 1, "two lists in one message"
        sent = self.lists[numbers.pop()]
        assert [without_id(verb) for verb in data if "tag" in verb] == [without_id(verb.wire()) for verb in sent.verbs]
        assert all(verb["verb"] == "config" or verb in ENDINGS for verb in others)
        if sent.seen:
            assert repeated or standing or sent.repeatable, f"list {sent.number} is sent twice"
            return
        sent.seen = True
        if sent.held:
            self.held_order.append(sent.number)
        elif not sent.repeatable and not aside:
            self.lists_seen.append(sent.number)
            if command:
                self.commands_seen.append(sent.number)

    # What jambonz does

    def send_in(self, kind: str, question: Question | None = None, **more: Any) -> str:
        msgid = f"m{next(self.msgids):021}"
        if question is not None:
            self.jambonz.pending[msgid] = question
            question.crossing = True
        if self.jambonz.first_ack and kind not in ("call:status", "session:reconnect"):
            self.jambonz.confirmed = True
            self.jambonz.live = True
        self.call.receive(text_of(kind, msgid, **more))
        self.judge()
        if question is not None:
            question.crossing = False
        return msgid

    def question(self, name: str, kind: HookKind, **more: Any) -> Question:
        return Question(name, kind, self.call.now, **more)

    @initialize(outbound=st.booleans())
    def begin(self, outbound: bool) -> None:
        """The call arrives; an outbound one has spoken before."""
        if outbound:
            self.send_in("call:status", call_sid=None, data={"call_sid": SID, "call_status": "ringing"})
        question = self.question("session:new", HookKind.SESSION)
        self.jambonz.opening = f"m{next(self.msgids):021}"
        self.jambonz.pending[self.jambonz.opening] = question
        data = {"call_sid": SID, "call_status": "in-progress" if outbound else "trying"}
        self.call.receive(text_of("session:new", self.jambonz.opening, data=data))
        self.judge()
        opening = self.call.opening
        assert opening is not None
        assert opening.asking is not None
        self.opening = opening.asking

    def is_on(self) -> bool:
        return self.call.ending is None

    @precondition(lambda self: self.is_on() and self.jambonz.may_ask and not self.jambonz.head_is_asked)
    @rule()
    def a_verb_ends(self) -> None:
        """The first verb that reports its end does so; what stands before it is over."""
        jambonz = self.jambonz
        if jambonz.notifies or jambonz.notified_soon:
            # What stands before it is reported first.
            self.run_on()
            if not jambonz.may_ask or (jambonz.queue and "actionHook" not in jambonz.queue[0]):
                return
        for place, verb in enumerate(jambonz.queue):
            if "actionHook" in verb:
                for _ in range(place + 1):
                    jambonz.finish()
                lost = [verb["actionHook"] for verb in jambonz.over[:-1] if "actionHook" in verb]
                # Verbs that have been replaced, though a deaf jambonz does not know, have lost nothing.
                lost = [] if self.is_unsearched or jambonz.deaf else lost
                jambonz.over = []
                kind = HookKind.SESSION if verb["verb"] == "redirect" else HookKind.ACTION
                question = self.question(verb["actionHook"], kind, is_head=True)
                name = "session:redirect" if kind is HookKind.SESSION else "verb:hook"
                self.send_in(name, question, hook=verb["actionHook"], data={"verb_id": verb["id"]})
                self.are_told(lost)
                return

    @precondition(lambda self: self.is_on() and self.jambonz.may_ask and self.jambonz.killed)
    @rule()
    def a_killed_verb_reports(self) -> None:
        """A verb that was replaced reports its end all the same: its ack must keep the new verbs."""
        verb = self.jambonz.killed.pop(0)
        if any(one.get("id") == verb["id"] for one in self.jambonz.queue):
            # A canned answer was given once more: nothing tells its verbs from those of the last time.
            return
        question = self.question(verb["actionHook"], HookKind.NOTIFY, must_be_empty=True)
        msgid = self.send_in("verb:hook", question, hook=verb["actionHook"], data={"verb_id": verb["id"]})
        # Unless a verb on another leg has been given the same name since: then it waits for its deadline like that one.
        also_aside = self.call._sent.find(verb["actionHook"], None).kind is HookKind.LEG_REPORT
        assert also_aside or msgid not in self.jambonz.pending, "a stale hook is acked at once"

    @precondition(lambda self: self.is_on() and self.jambonz.may_ask)
    @rule(data=st.data())
    def a_hook_on_the_side(self, data: st.DataObject) -> None:
        """A hook of another kind comes at any time."""
        known = [name for name in SIDE_HOOKS if name in self.jambonz.names]
        name = data.draw(st.sampled_from([*known, "/confirm", "/call-hook", "/unknown"]))
        if name == "/confirm":
            self.send_in("dial:confirm", self.question(name, HookKind.CONFIRM), hook=name)
        elif name == "/call-hook":
            if not self.jambonz.head_is_asked:
                self.send_in("session:redirect", self.question(name, HookKind.SESSION), hook=name)
        elif name == "/unknown":
            self.send_in("verb:hook", self.question(name, HookKind.ACTION), hook=name)
        elif SIDE_HOOKS[name] is HookKind.BARGE_IN:
            if not self.jambonz.head_is_asked:
                # jambonz empties its queue before it asks.
                self.jambonz.give([])
                self.sweep_frozen()
                self.send_in("verb:hook", self.question(name, HookKind.BARGE_IN), hook=name)
        else:
            msgid = self.send_in("verb:hook", self.question(name, SIDE_HOOKS[name]), hook=name)
            if SIDE_HOOKS[name] is HookKind.NOTIFY:
                assert msgid not in self.jambonz.pending, "a notification is acked at once"

    def are_told(self, hooks: list[str]) -> None:
        """Whoever waits for these hooks is told that they were lost, unless other verbs name them by now."""
        named = {verb.action_hook for verb in self.call._sent.queue}
        assert set(hooks) - named <= self.call._lost_hooks.keys(), f"of {hooks} nobody is told"

    @precondition(lambda self: self.is_on() and self.jambonz.connected and self.jambonz.reconnecting is None)
    @precondition(lambda self: not self.jambonz.noticed)
    @rule(what=st.sampled_from(["own", "leg", "verb", "error", "unknown", "garbage"]))
    def something_is_told(self, what: str) -> None:
        """Statuses, errors, news of a newer server, garbage."""
        if what == "own":
            self.send_in("call:status", data={"call_sid": SID, "call_status": "in-progress"})
        elif what == "leg":
            self.send_in("call:status", data={"call_sid": "leg-1", "call_status": "completed"})
        elif what == "garbage":
            self.call.receive("{")
            self.judge()
        elif self.jambonz.may_ask:
            if what == "verb":
                ids = [verb["id"] for verb in self.jambonz.queue if "id" in verb and not is_silent(verb)] or ["x"]
                self.send_in("verb:status", data={"event": "starting", "id": ids[0]})
                self.send_in("verb:status", data={"event": "finished", "id": ids[0]})
            elif what == "error":
                self.send_in("jambonz:error", data={"msg": "x"})
            else:
                self.unknown_msgids.add(f"m{next(self.msgids) + 1:021}")
                self.send_in("verb:novelty")
                assert not self.unknown_msgids

    @precondition(lambda self: self.is_on() and self.jambonz.connected)
    @rule(arrived=st.booleans(), unreported=st.integers(0, 6))
    def the_connection_drops(self, arrived: bool, unreported: int) -> None:
        """The socket breaks; whether an unconfirmed first ack has arrived is anyone's guess.

        What jambonz said last has not arrived either: some verbs may be over, and nobody has heard of it.
        """
        jambonz = self.jambonz
        if not jambonz.head_is_asked and jambonz.frozen is None and not jambonz.stuck:
            while unreported and jambonz.queue and jambonz.queue[0]["verb"] not in ("hangup", "sip:decline"):
                unreported -= 1
                jambonz.finish()
        jambonz.connected = jambonz.noticed = False
        self.is_unsearched = self.is_unsearched or bool(self.run_depth)
        if not jambonz.first_ack or (not jambonz.confirmed and not arrived):
            jambonz.one_way = True
        jambonz.pending.clear()
        jambonz.reconnecting = None
        self.run_was_cut = True
        undelivered, jambonz.unheard = jambonz.unheard, []
        jambonz.deaf = jambonz.stuck = False
        self.call.closed(1006, "", undelivered)
        self.judge()

    @precondition(lambda self: self.is_on() and self.jambonz.connected and not self.jambonz.deaf)
    @rule()
    def nothing_arrives_any_more(self) -> None:
        """The connection breaks in one direction, which nobody notices yet: jambonz gets nothing of what follows."""
        self.jambonz.deaf = True

    @precondition(lambda self: self.is_on() and (self.jambonz.deaf or not self.jambonz.connected))
    @precondition(lambda self: self.jambonz.first_ack and self.jambonz.reconnecting is None)
    @precondition(lambda self: not self.jambonz.head_is_asked and not self.jambonz.stuck)
    @precondition(lambda self: any("actionHook" in verb for verb in self.jambonz.queue))
    @rule()
    def a_hook_is_lost(self) -> None:
        """jambonz, which has noticed that the connection is gone, gives up on the hook of a verb, and goes on."""
        jambonz = self.jambonz
        place = next(place for place, verb in enumerate(jambonz.queue) if "actionHook" in verb)
        if any(verb["verb"] in ("hangup", "sip:decline") for verb in jambonz.queue[:place]):
            return
        jambonz.noticed = jambonz.connected
        for _ in range(place + 1):
            jambonz.finish()

    def begin_verb(self) -> None:
        """The first verb of the queue is executed, and reported. By that the call may learn which hooks were lost."""
        jambonz, call = self.jambonz, self.call
        verb = jambonz.finish()
        if not jambonz.notifies:
            return
        verb_id = verb.get("id")
        run = call._run
        over, lost = jambonz.over, []
        if verb_id is not None and verb_id == call._probe_id:
            hooks = [place for place, one in enumerate(over) if "actionHook" in one]
            question = next((place for place in hooks if over[place]["verb"] == "gather"), len(over))
            behind = [one for one in over[question:] if not is_silent(one)]
            lost = [over[place]["actionHook"] for place in hooks if place < question]
            jambonz.over = []
            if behind:
                jambonz.again = [*behind, *jambonz.queue]
        elif run is not None and run.outcome is None and run._unsure and verb_id in run._sentinels and run.asks:
            question = next(place for place, one in enumerate(over) if one.get("id") == run.last.id)
            held = [json.loads(text) for text in call._commands.held]
            appended = [one for command in held if command["command"] == "redirect" for one in command["data"]]
            behind = [one for one in (*over[question + 1 :], *jambonz.queue, *appended) if not is_silent(one)]
            jambonz.again = [over[question], {"verb": "config", "id": "sentinel"}, *behind]
        if jambonz.deaf:
            # What is on its way to it, and stands in no queue yet, would come again too.
            jambonz.again = []
        begun = jambonz.queue[:1]
        jambonz.reports = True
        for event in ("starting", "finished"):
            self.send_in("verb:status", data={"event": event, **({"id": verb_id} if verb_id else {})})
            assert not jambonz.again, "a question whose answer was lost is not asked again"
        killed = [one for one in begun if jambonz.again_begun and one["verb"] in ("play", "dial")]
        jambonz.again_begun = jambonz.reports = False
        for one in killed:
            # It had begun before the command came, and goes on to be executed once more.
            question = self.question(one["actionHook"], HookKind.NOTIFY, must_be_empty=True)
            msgid = self.send_in("verb:hook", question, hook=one["actionHook"], data={"verb_id": one["id"]})
            assert msgid not in jambonz.pending, "a hook of a verb that comes again is acked at once"
        self.are_told(lost)

    def run_on(self) -> None:
        """jambonz executes its queue up to a verb that has to ask, and reports what has an id.

        A run whose verbs are all over has ended: nothing else will come that could end it.
        """
        jambonz = self.jambonz
        while jambonz.may_ask and not jambonz.head_is_asked and jambonz.queue:
            verb = jambonz.queue[0]
            # One that ends the call stays, so that it can be seen at the end that there was one.
            if "actionHook" in verb or verb["verb"] in ("hangup", "sip:decline"):
                return
            self.begin_verb()
        quiet = jambonz.may_ask and not jambonz.head_is_asked and not jambonz.queue and not jambonz.deaf
        call = self.call
        held = call._commands.held or call._held_appends
        run = call._run
        if quiet and not held and run is not None and (run._begun or self.run_was_cut):
            assert run.outcome is not None, "a run that never ends"
        searched = call._probe_due == math.inf and not self.is_unsearched
        if quiet and not held and run is None and searched:
            assert not any("actionHook" in verb for verb in jambonz.over), "a hook was lost, and nobody knows"

    @precondition(lambda self: self.is_on() and self.jambonz.may_ask)
    @precondition(lambda self: self.run_depth or self.jambonz.notifies or self.jambonz.notified_soon)
    @rule()
    def jambonz_runs_on(self) -> None:
        """jambonz executes its queue, in which there are verbs whose start it reports."""
        self.run_on()

    @precondition(lambda self: self.is_on() and self.jambonz.may_ask and not self.jambonz.deaf)
    @rule(
        kinds=losable,
        run=st.sampled_from(["", "gather", "", "gather", "dial"]),
        appended=st.booleans(),
        kept=st.sampled_from([0, 0, 0, 1]),
        ends=ends,
    )
    def hooks_are_lost(self, kinds: list[str], run: str, appended: bool, kept: int, ends: str) -> None:
        """What would seldom come together: a loss, hooks lost with it, jambonz back, and its queue at an end."""
        jambonz = self.jambonz
        self.something_is_told("error")
        if self.run_depth and self.waits == self.run_depth:
            self.stop_run()
        names = [verb["verb"] for verb in jambonz.queue]
        if "hangup" in names or not any("actionHook" in verb for verb in jambonz.queue):
            watched = run and not self.run_depth and self.waits < 3
            sent = self.new_list([*kinds[:3], run] if watched else kinds, 0)
            if watched:
                self.run(sent, 0, None)
            else:
                self.give(sent, 0, lambda: self.call.send(sent.verbs, current=None))
            self.pass_time(LIVE_AFTER)
        if jambonz.head_is_asked:
            return
        self.the_connection_drops(arrived=True, unreported=0)
        for _ in [verb for verb in jambonz.queue if "actionHook" in verb][kept:]:
            self.a_hook_is_lost()
        self.jambonz_reconnects()
        if ends != "too soon":
            self.pass_time(PROBE_AFTER)
        if appended:
            behind = self.new_list(kinds, 0)
            self.give(behind, 0, lambda: self.call.send(behind.verbs, current=None, immediate=False))
        if ends != "later" and jambonz.may_ask:
            self.run_on()

    @precondition(lambda self: self.is_on() and not self.jambonz.connected)
    @rule()
    def jambonz_reconnects(self) -> None:
        """jambonz is back on a new socket, and waits for its ack before it says anything else."""
        jambonz = self.jambonz
        jambonz.connected = True
        msgid = f"m{next(self.msgids):021}"
        jambonz.reconnecting = msgid
        jambonz.pending[msgid] = self.question("session:reconnect", HookKind.SESSION)
        self.call.receive(text_of("session:reconnect", msgid, data={"call_sid": SID, "call_status": "trying"}))
        self.judge()

    @precondition(lambda self: self.is_on() and self.jambonz.connected and not self.jambonz.deaf)
    @rule(code=st.sampled_from([1000, 1001]), chance=st.integers(0, 19))
    def jambonz_closes(self, code: int, chance: int) -> None:
        """The call is over."""
        if chance == 0:
            refused = code == 1001 and self.jambonz.first_ack and not self.jambonz.confirmed
            # A call that is answered, or over, has not been rejected.
            refused = refused and self.call.call_status not in ("in-progress", "completed")
            self.call.closed(code, "")
            assert self.call.ending is not None
            assert self.call.ending.rejected == refused

    # What time does

    @invariant()
    def the_moment_behind_an_ack_passes(self) -> None:
        """While an ack holds commands back, nothing else happens here: jambonz reads them in the order it wants."""
        call = self.call
        if call.ending is None and not call.dropped and not call._commands.ready and not call._commands.by_message:
            self.pass_time(LIVE_AFTER)

    def pass_time(self, seconds: float, late: float = 0.0) -> None:
        until = self.call.now + seconds
        while self.call.due <= until:
            before = self.call.due
            self.call.now = max(self.call.now, self.call.due + late)
            self.call.tick()
            assert self.call.due > before, "a tick left undone what was due"
            self.judge()
        self.call.now = max(self.call.now, until)

    @precondition(lambda self: self.is_on())
    @rule(seconds=st.sampled_from([0.01, 0.1, 1.0, 3.9, 4.1, 8.0]), late=st.sampled_from([0.0, SLACK]))
    def time_passes(self, seconds: float, late: float) -> None:
        """Time goes by, and the machine is ticked when it is due, or a little later."""
        self.pass_time(seconds, late)

    # What the application does

    def snapshot(self) -> tuple[Any, ...]:
        call = self.call
        return (
            list(call.outbox),
            list(call.notices),
            len(call.mailbox),
            call.due,
            list(call._open),
            list(call._frozen),
            [asking.state for asking in self.taken],
            list(call._commands.held),
            list(call._held_appends),
            call._sent.queue,
            dict(call._standing),
            dict(call._canned),
        )

    def new_list(self, kinds: list[str], padding: int) -> SentList:
        number = next(self.numbers)
        sent = SentList(number, verbs_of(number, kinds, padding))
        self.lists[number] = sent
        return sent

    def give(self, sent: SentList, padding: int, action: Any) -> bool:
        """Do what sends a list; returns whether it was sent, or raised without a trace."""
        before, lines = self.snapshot(), len(self.call.notices)
        appends = len(self.call._held_appends)
        try:
            action()
        except MessageTooBig:
            assert padding > 20_000, "refused although it fits"
            assert self.snapshot() == before, "a call that raised has left a trace"
            del self.lists[sent.number]
            return False
        said = [notice.text for notice in self.call.notices[lines:]]
        if any("was dropped" in text or "wants no reply" in text for text in said):
            del self.lists[sent.number]
        elif any("is kept for the next time" in text for text in said):
            sent.repeatable = True
            sent.seen = True
        else:
            sent.held = len(self.call._held_appends) > appends or sent in self.still_held()
        self.judge()
        return True

    def still_held(self) -> list[SentList]:
        numbers = {verb.options.get("tag") for _, verbs in self.call._held_appends for verb in verbs}
        return [sent for sent in self.lists.values() if sent.number in numbers]

    @precondition(lambda self: self.is_on())
    @rule(kinds=shapes, padding=paddings, immediate=st.booleans(), data=st.data())
    def send(self, kinds: list[str], padding: int, immediate: bool, data: st.DataObject) -> None:
        """Verbs are sent, from another thread or in the handler of something taken."""
        current = data.draw(st.sampled_from([None, *self.taken[-3:]]))
        sent = self.new_list(kinds, padding)
        self.give(sent, padding, lambda: self.call.send(sent.verbs, current=current, immediate=immediate))

    @precondition(lambda self: self.is_on())
    @rule(kinds=shapes, padding=paddings, data=st.data())
    def answer(self, kinds: list[str], padding: int, data: st.DataObject) -> None:
        """Anything taken is answered, perhaps late, perhaps again."""
        asking = data.draw(st.sampled_from([self.opening, *self.taken[-5:]]))
        sent = self.new_list(kinds, padding)
        self.give(sent, padding, lambda: self.call.answer(asking, sent.verbs))

    @precondition(lambda self: self.is_on())
    @rule(data=st.data())
    def answer_with_nothing(self, data: st.DataObject) -> None:
        """An answer without verbs."""
        asking = data.draw(st.sampled_from([self.opening, *self.taken[-5:]]))
        self.call.answer(asking, ())
        self.judge()
        assert not asking.is_open
        assert not asking.frozen

    @precondition(lambda self: self.is_on() and self.taken)
    @rule(data=st.data())
    def move_on(self, data: st.DataObject) -> None:
        """The handler goes on without an answer: nothing stays open or frozen."""
        asking = data.draw(st.sampled_from(self.taken[-5:]))
        self.call.move_on(asking)
        self.judge()
        assert not asking.is_open
        assert not asking.frozen

    @precondition(lambda self: self.is_on())
    @rule()
    def command(self) -> None:
        """A command of its own."""
        number = next(self.numbers)
        self.commands.append(number)
        self.call.command(Command("tts:tokens", {"tag": number}))
        self.judge()

    @precondition(lambda self: self.is_on())
    @rule(opens=st.booleans(), length=st.sampled_from([1, 10, 700]))
    def stream(self, opens: bool, length: int) -> None:
        """Text is streamed, and a stream opened for it."""
        if opens:
            self.call.open_stream()
        text = f"{next(self.numbers)}".zfill(length)
        self.spoken += text
        self.call.stream_tokens(self.utterance, text)
        self.judge()

    @precondition(lambda self: self.is_on() and self.jambonz.may_ask and self.pieces)
    @rule(full=st.booleans())
    def a_result(self, full: bool) -> None:
        """jambonz has room for a piece, or none."""
        result = {"status": "failed", "reason": "full"} if full else {"status": "ok"}
        self.send_in("tts:tokens-result", data={"id": self.pieces[-1], **result})

    @precondition(lambda self: self.is_on() and self.taken)
    @rule(data=st.data())
    def stand_in(self, data: st.DataObject) -> None:
        """The handler does something else before it answers: what holds the call up is answered in its place."""
        asking = data.draw(st.sampled_from(self.taken[-5:]))
        self.call.stand_in(asking)
        self.judge()
        assert not asking.is_open or asking.kind not in REPLACING or self.call.dropped

    @precondition(lambda self: self.is_on())
    @rule(names=names)
    def take(self, names: frozenset[str]) -> None:
        """The handler takes an event."""
        event = self.call.take(names)
        if event is not None:
            assert not names.isdisjoint(event.names)
            if event.asking is not None:
                assert event.asking not in self.taken
                self.taken.append(event.asking)

    @precondition(lambda self: self.is_on() and self.waits < 3)
    @rule(names=names)
    def begin_wait(self, names: frozenset[str]) -> None:
        """The thread waits: nothing that nobody wants stays open."""
        self.waits += 1
        self.call.begin_wait(names)
        self.judge()
        if not self.call.mailbox.has(names):
            for asking in self.call._open:
                assert asking.taken or self.call._interest.wants(asking.names)

    @precondition(lambda self: self.waits and self.waits != self.run_depth)
    @rule()
    def end_wait(self) -> None:
        """The innermost wait is over."""
        self.waits -= 1
        self.call.end_wait()

    @precondition(lambda self: self.is_on())
    @rule(name=st.sampled_from(NAMES))
    def handle(self, name: str) -> None:
        """A handler is registered."""
        self.call.handle(name)
        self.judge()

    @precondition(lambda self: self.is_on())
    @rule(name=st.sampled_from([name for name in NAMES if name[0] == "/"]), kinds=shapes, padding=paddings)
    def can(self, name: str, kinds: list[str], padding: int) -> None:
        """A canned answer is registered."""
        sent = self.new_list(kinds, padding)
        sent.repeatable = True
        self.give(sent, padding, lambda: self.call.can(name, sent.verbs))
        sent.repeatable = sent.seen = True

    @precondition(lambda self: self.is_on() and not self.run_depth and self.waits < 3)
    @rule(kinds=shapes, padding=paddings, data=st.data())
    def start_run(self, kinds: list[str], padding: int, data: st.DataObject) -> None:
        """A list is run."""
        # Where a reply would go nowhere there is nothing to watch.
        able = [asking for asking in self.taken[-3:] if asking.is_open]
        current = data.draw(st.sampled_from([None, *able]))
        sent = self.new_list(kinds, padding)
        self.run(sent, padding, current)

    def run(self, sent: SentList, padding: int, current: Asking | None) -> None:
        if self.give(sent, padding, lambda: self.call.start_run(sent.verbs, current=current)):
            self.is_unsearched = self.is_unsearched or self.call._probe_due < math.inf
            self.waits += 1
            self.run_depth = self.waits
            self.run_was_cut = False

    @precondition(lambda self: self.run_depth and self.waits == self.run_depth)
    @rule()
    def stop_run(self) -> None:
        """The run is over, or given up; the handler has taken the hook that ended it."""
        run = self.call._run
        assert run is not None
        self.call.stop_run()
        self.waits -= 1
        self.run_depth = 0
        if run.outcome is not None and run.outcome.event is not None:
            asking = run.outcome.event.asking
            assert asking is not None
            self.taken.append(asking)
        self.judge()

    @precondition(lambda self: self.is_on())
    @rule(chance=st.integers(0, 9), data=st.data())
    def the_handler_ends(self, chance: int, data: st.DataObject) -> None:
        """The handler returns or raises, and the call is ended behind what is queued, or at once."""
        if chance > 1:
            return
        current = data.draw(st.sampled_from([None, *self.taken[-3:]]))
        if chance == 0:
            self.call.say_goodbye(current)
        else:
            sent = self.new_list(["say"], 0)
            self.give(sent, 0, lambda: self.call.apologise(current, sent.verbs))
        self.judge()

    @precondition(lambda self: self.is_on())
    @rule(chance=st.integers(0, 29))
    def close(self, chance: int) -> None:
        """The application closes: every question is answered first."""
        if chance == 0:
            self.closing = True
            connected = self.jambonz.connected
            self.call.close(1000, "")
            self.judge()
            assert not connected or not self.jambonz.pending

    @precondition(lambda self: not self.is_on())
    @rule()
    def after_the_end(self) -> None:
        """After the end nothing is read, due or written."""
        self.call.receive(text_of("verb:hook", "late", hook="/a"))
        self.call.now += 100
        self.call.tick()
        assert self.call.outbox == []

    # What holds at any time

    @invariant()
    def every_question_is_answered_in_time(self) -> None:
        """No question of jambonz is older than the deadline."""
        if self.is_on():
            for question in self.jambonz.pending.values():
                assert self.call.now - question.asked <= ACK_TIMEOUT + SLACK + 1e-6, f"{question} has no ack"

    @invariant()
    def lists_are_in_order(self) -> None:
        """What was sent is on the wire in order; appends behind an open question are, among themselves."""
        assert self.lists_seen == sorted(self.lists_seen)
        assert self.commands_seen == sorted(self.commands_seen)
        assert self.held_order == sorted(self.held_order)

    def teardown(self) -> None:
        """In the end everything sent has been written, and a goodbye ends the call."""
        if not self.is_on() or not hasattr(self, "opening"):
            return
        if self.jambonz.deaf:
            self.the_connection_drops(arrived=True, unreported=0)
        if not self.jambonz.connected:
            self.jambonz_reconnects()
        if self.run_depth:
            self.pass_time(LIVE_AFTER)
            self.run_on()
        while self.waits:
            if self.waits == self.run_depth:
                self.stop_run()
            else:
                self.end_wait()
        for asking in self.taken:
            self.call.move_on(asking)
            self.judge()
        # No goodbye is said while a handler of a hook still stands.
        self.call._interest.handle_nothing()
        self.call.say_goodbye(None)
        self.judge()
        self.call.returned()
        self.judge()
        self.pass_time(20)
        missing = [sent.number for sent in self.lists.values() if not sent.seen]
        assert not missing, f"lists {missing} were never written"
        assert set(self.commands) <= set(self.commands_seen), "a command was never written"
        assert self.utterance.interrupted or self.spoken.startswith(self.streamed)
        assert not self.spoken or self.pieces, "streamed text was never written"
        assert not self.jambonz.pending
        assert not self.jambonz.resending
        assert self.jambonz.frozen is None, "verbs stayed frozen"
        if not self.jambonz.one_way:
            ends = [verb for verb in self.jambonz.queue if verb["verb"] in ("hangup", "sip:decline")]
            assert ends, "a call that nobody ends"


TestCallMachine = CallMachine.TestCase
TestCallMachine.settings = settings(
    max_examples=int(os.environ.get("CALL_MACHINE_EXAMPLES", "150")),
    stateful_step_count=int(os.environ.get("CALL_MACHINE_STEPS", "40")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
TestCallMachine = pytest.mark.timeout(0)(TestCallMachine)
