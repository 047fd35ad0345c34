"""The jambonz side of a call, for tests of the state machine: what it sends, and what it has been sent."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from typing import Any

from jambonz_sync.protocol.asking import Asking
from jambonz_sync.protocol.call import Call
from jambonz_sync.protocol.commands import READY_AFTER
from jambonz_sync.protocol.event import Event
from jambonz_sync.protocol.hooks import HookKind, HookUse
from jambonz_sync.protocol.message import parse
from jambonz_sync.protocol.verb import Verb

SID = "call-1"
LEG = "leg-1"

#: The stand-ins, as they are on the wire.
NEUTRAL = [{"verb": "config"}]
PAUSE = [{"verb": "pause", "length": 1}]
HANGUP = [{"verb": "hangup"}]
GOODBYE = [{"verb": "hangup"}, {"verb": "sip:decline", "status": 603}]


#: The types of the messages that ask; the others are verb:hook.
TYPES = {
    HookKind.CONFIRM: "dial:confirm",
    HookKind.SESSION: "session:redirect",
    HookKind.LEG_SESSION: "session:redirect",
}


# Verbs


def say(text: str = "Hello.", **options: Any) -> Verb:
    """A verb without hooks."""
    return Verb("say", {"text": text, **options})


def hangup() -> Verb:
    """The verb that ends an answered call."""
    return Verb("hangup")


def gather(hook: str = "/menu", **options: Any) -> Verb:
    """A verb that reports its end by a hook."""
    return Verb("gather", {"actionHook": hook, **options}, (HookUse(hook, HookKind.ACTION),))


def redirecting(hook: str = "/other", **options: Any) -> Verb:
    """A verb that asks by session:redirect what comes next."""
    return Verb("redirect", {"actionHook": hook, **options}, (HookUse(hook, HookKind.SESSION),))


def naming(hook: str, kind: HookKind, **options: Any) -> Verb:
    """A verb that names one hook of any kind; its own end is reported to nobody."""
    return Verb("dial", {"someHook": hook, **options}, (HookUse(hook, kind),))


def wire(*verbs: Verb) -> list[dict[str, Any]]:
    """The verbs as they are in a message."""
    return [verb.wire() for verb in verbs]


# Messages


def text_of(kind: str, msgid: str = "m", **more: Any) -> str:
    """One message of jambonz as text; keys given as ``None`` are left out."""
    envelope = {"type": kind, "msgid": msgid, "call_sid": SID, "data": {}, **more}
    return json.dumps({key: value for key, value in envelope.items() if value is not None}, ensure_ascii=False)


def event_of(kind: str = "verb:hook", **more: Any) -> Event:
    """The event of one message."""
    return Event(parse(text_of(kind, **more)))


class Conversation:
    """A call, and a jambonz that says what a test tells it to.

    An *ack* answers one message by its ``msgid``; a *command* comes of itself.
    """

    def __init__(self, **options: Any) -> None:
        self.call = Call(**options)
        self.call.now = 1000.0
        self._numbers = itertools.count(1)
        #: The msgid of the message sent last.
        self.msgid = ""

    # What jambonz says

    def sends(self, kind: str, **more: Any) -> str:
        """jambonz sends a message; returns its msgid."""
        self.msgid = f"m{next(self._numbers)}"
        self.call.receive(text_of(kind, self.msgid, **more))
        return self.msgid

    def begins(self, **data: Any) -> Asking:
        """An inbound call arrives; returns its first question."""
        self.sends("session:new", data={"call_sid": SID, "direction": "inbound", "call_status": "trying", **data})
        asking = self.call.opening.asking
        assert asking is not None
        return asking

    def begins_with(self, *verbs: Verb) -> Conversation:
        """An inbound call arrives, is given its first verbs and is live; nothing is left in outbox and notices."""
        self.begins()
        self.call.send(verbs or (say(),), current=None)
        self.passes(0.1)
        self.written()
        self.call.notices.clear()
        return self

    def hook(self, name: str, verb_id: str | None = None, **data: Any) -> str:
        """A verb's hook arrives; returns its msgid."""
        if verb_id is not None:
            data["verb_id"] = verb_id
        return self.sends("verb:hook", hook=name, data=data)

    def asks(self, kind: HookKind, hook: str, **data: Any) -> str:
        """jambonz asks a question of this kind; returns its msgid."""
        if kind is HookKind.LEG_SESSION:
            data["call_sid"] = LEG
        return self.sends(TYPES.get(kind, "verb:hook"), hook=hook, data=data)

    def ends_verb(self, number: int = 0, **data: Any) -> str:
        """The verb at this place of the list last sent ends and reports it; returns the hook's msgid."""
        verb = self.last_list[number]
        return self.hook(verb["actionHook"], verb.get("id"), **data)

    def status(self, status: str, sid: str = SID, **data: Any) -> str:
        """A call status of the call itself, or of a leg."""
        return self.sends("call:status", data={"call_sid": sid, "call_status": status, **data})

    def reconnects(self) -> str:
        """jambonz is back on a new socket; returns the msgid of its first message there."""
        return self.sends("session:reconnect", data={"call_sid": SID, "call_status": "trying"})

    # What time does

    def passes(self, seconds: float) -> None:
        """Time goes by, and the machine is ticked exactly when it says it is due."""
        until = self.call.now + seconds
        while self.call.due <= until:
            assert self.call.due >= self.call.now - 1e-9, "the machine let a deadline pass"
            self.call.now = max(self.call.now, self.call.due)
            before = self.call.due
            self.call.tick()
            assert self.call.due > before, "a tick left undone what was due"
        self.call.now = until

    # What the handler does

    def take(self, *names: str) -> Asking:
        """The handler takes a hook that has arrived; returns its question."""
        event = self.call.take(names)
        assert event is not None, f"nothing named {names} in the mailbox"
        assert event.asking is not None
        return event.asking

    def taken(self, name: str, verb_id: str | None = None, **data: Any) -> Asking:
        """A hook arrives and the handler takes it at once."""
        self.hook(name, verb_id, **data)
        return self.take(name)

    def taken_end(self, number: int = 0, **data: Any) -> Asking:
        """The verb at this place of the list last sent ends, and the handler takes its hook."""
        self.ends_verb(number, **data)
        return self.take(self.last_list[number]["actionHook"])

    # What was written

    #: The list of verbs written last, with their ids.
    last_list: Sequence[dict[str, Any]] = ()

    def written(self) -> list[dict[str, Any]]:
        """Remove and return the messages written since the last look.

        The moment for which an ack holds the commands behind it back is waited for. See :meth:`written_at_once`.
        """
        if self.call._commands.held and not self.call._commands.by_message and not self.call.dropped:
            self.passes(READY_AFTER)
        return self.written_at_once()

    def written_at_once(self) -> list[dict[str, Any]]:
        """Remove and return the messages written since the last look, without letting any time go by."""
        messages = [json.loads(text) for text in self.call.outbox]
        self.call.outbox.clear()
        for message in messages:
            if message.get("data") and isinstance(message["data"], list):
                self.last_list = message["data"]
        return messages

    def said(self) -> list[str]:
        """Remove and return the lines for the log since the last look."""
        texts = [notice.text for notice in self.call.notices]
        self.call.notices.clear()
        return texts


def ack(msgid: str, data: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """An ack as it is on the wire."""
    envelope: dict[str, Any] = {"type": "ack", "msgid": msgid}
    if data is not None:
        envelope["data"] = data
    return envelope


def redirect(data: list[dict[str, Any]], *, queue: bool = False) -> dict[str, Any]:
    """A redirect command as it is on the wire."""
    return {"type": "command", "command": "redirect", "queueCommand": queue, "data": data}


def without_ids(data: Any) -> Any:
    """The same lists of verbs, without the ids the library gave them."""
    if isinstance(data, list):
        return [without_ids(item) for item in data]
    if isinstance(data, dict):
        return {key: without_ids(value) for key, value in data.items() if key != "id"}
    return data
