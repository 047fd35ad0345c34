"""One call as a pure state machine: messages and the application's wishes in, messages and events out.

There is no socket, no thread and no clock here. Whoever drives the machine does so under one lock: sets
:attr:`Call.now` (seconds of any clock that never goes back), calls a method, sends what it finds in
:attr:`Call.outbox`, logs what it finds in :attr:`Call.notices`, and calls :meth:`Call.tick` when :attr:`Call.due` has
come.

What the machine guarantees, whatever comes in which order:

* a message that wants an ack gets exactly one, before ``ack_timeout`` has passed, fit to its kind;
* what the application sent is on the wire, whole and in order, or the machine raised and nothing has happened;
* no redirect carries an empty list, which would end an idle call.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from typing import Any

from .. import wording
from .asking import Asking, State
from .call_state import MOST_OPEN, NOTIFY, Ending, Notice
from .event import Event
from .goodbye import Goodbye
from .hooks import HookKind
from .legs import leg_of
from .message import ACKED_TYPES, UNACKED_TYPES, BadMessage, Message, encode, parse
from .newest import remember
from .tool_call import TOOL_CALL_TYPES

__all__ = ["Call", "Ending", "Notice"]


class Call(Goodbye):
    """The state of one call, and what becomes of it.

    The rooms it is made of stand one above the other, each of which knows those below: what is known
    (:mod:`.call_state`), the queue (:mod:`.call_queue`), acks and stand-ins (:mod:`.stand_ins`), what is sent
    (:mod:`.sending`), who waits (:mod:`.waiting`), streamed speech (:mod:`.speaking`), hooks that were lost
    (:mod:`.lost_hooks`), the connection (:mod:`.connection`), and the end (:mod:`.goodbye`).
    """

    def receive(self, raw: str | bytes) -> None:
        """Take in one message. What cannot be read costs a warning."""
        if self.ending is not None:
            return
        self.arrivals += 1
        try:
            message = parse(raw)
        except BadMessage as error:
            fault = str(error)
            self._warn_rarely(lambda count: wording.bad_message(fault, count, repr(raw[:80])))
            return
        if self._first_verbs is not None and message.type not in ("call:status", "session:reconnect"):
            self._confirmed = True
            if self._commands.by_message:
                self.outbox += self._commands.go()
        self._note_status(message)
        if message.type == "session:reconnect" and self.opening is not None:
            self._resume(message)
        elif message.type in ACKED_TYPES:
            self._ask(message, len(raw))
        else:
            self._tell(message, raw)

    def _warn_rarely(self, text: Callable[[int], str]) -> None:
        self._bad_messages += 1
        count = self._bad_messages
        # The 1st, 10th, 100th …: a peer that sends nothing but garbage must not fill the disk.
        if str(count).strip("0") == "1":
            self._warn(text(count))

    def _tell(self, message: Message, raw: str | bytes) -> None:
        event = Event(message, leg_of(message, self.call_sid))
        if message.type not in UNACKED_TYPES:
            self._warn_rarely(lambda count: wording.unknown_type(message.type, count))
            if message.msgid is not None:
                # A server newer than this library: an ack that is not wanted does no harm, a missing one may.
                self.outbox.append(encode({"type": "ack", "msgid": message.msgid}))
        if message.type in TOOL_CALL_TYPES:
            self._note_tool_call(event)
        if message.type == "verb:status":
            self._note_verb_status(message.data)
            if self._run_notifies and not self.notify_events:
                return
        if message.type in ("tts:tokens-result", "tts:streaming-event") and self._note_speech(event):
            return
        self._put(event, len(raw), minor=True)

    def _note_verb_status(self, data: Mapping[str, Any]) -> None:
        run = self._run
        if run is not None:
            run.see_status(data)
            if run.hook_is_lost:
                self._miss_hook_of_run(run)
        if self._probe_id is not None and data.get("event") == "starting" and data.get("id") == self._probe_id:
            self._miss_hooks()

    def _note_tool_call(self, event: Event) -> None:
        call_id = event.get("tool_call_id")
        if isinstance(call_id, str):
            # A copy: whoever takes the event binds it to the session, which has this.
            remember(self._tool_calls, call_id, copy.copy(event), MOST_OPEN)
        if self._is_blocked and not self._interest.wants(event.names):
            self._warn_once("nobody", event.name, wording.tool_call_for_nobody(event.name), locate=True)

    def _note_speech(self, event: Event) -> bool:
        """News of streamed speech. Returns whether it is of use only to who listens for such news at this moment."""
        if event.type == "tts:streaming-event":
            kind = event.get("event_type")
            self._stream.see_event(kind)
            self._tokens.see_event(kind)
        elif self._tokens.see_result(event.data, self.now) is not None:
            self._stream.fail()
        self._write_tokens()
        # One for each piece of what a model says would fill the mailbox.
        return self._tokens.owns(event.get("id")) and not self._interest.wants(event.names)

    def _note_status(self, message: Message) -> None:
        leg = message.data.get("call_sid")
        if self.call_sid is None:
            self.call_sid = message.call_sid or (leg if isinstance(leg, str) else None)
        status = message.data.get("call_status")
        # The data of session:reconnect is as old as the call.
        if isinstance(status, str) and leg == self.call_sid and message.type != "session:reconnect":
            self.call_status = status
            by = message.data.get("call_termination_by")
            self.hung_up_by = by if isinstance(by, str) else self.hung_up_by
        child = leg_of(message, self.call_sid)
        if child is not None:
            self.legs.note(child, message)

    def _put(self, event: Event, size: int, *, minor: bool) -> None:
        before = self.mailbox.dropped
        self.mailbox.put(event, size, minor=minor)
        if len(str(before)) < len(str(self.mailbox.dropped)) or (before == 0 < self.mailbox.dropped):
            self._warn(wording.mailbox_full(self.mailbox.dropped, self.mailbox.limit))

    def _ask(self, message: Message, size: int) -> None:
        event = Event(message, leg_of(message, self.call_sid))
        kind, stale, index = self._kind_of(message)
        asking = Asking(message.msgid or "", event.name, kind, self.now + self._ack_timeout, event)
        event.asking = asking
        if self.opening is None and message.type.startswith("session:"):
            self._open_session(event, asking)
            return
        if stale:
            # Without verbs: they would take the place of those that have replaced its verb.
            self._ack(asking, None)
            asking.state = State.SETTLED
            return
        if index is not None:
            if self._probes:
                # A later verb reports: those before it never will, and it is too late to ask again.
                self._tell_lost(self._sent.queue[:index])
            asking.behind = self._sent.reached(index)
            if NOTIFY in asking.behind:
                # The answer may sweep it before its turn comes. To ask for reports twice does no harm.
                self._notify_is_sent = False
            asking.in_list = True
        if kind is HookKind.BARGE_IN:
            self._sweep()
        self._open[asking] = None
        if self._run is not None and self._run.see_hook(event, kind):
            asking.taken = True
            return
        # A barge-in that interrupts a run sets the call's thread free to take it.
        released = self._run is not None and kind is HookKind.BARGE_IN and self._canned_for(event.names) is None
        if not released and not self._answer_at_once(asking) and len(self._open) > MOST_OPEN:
            self._warn_once("open", "", wording.unanswered_questions(MOST_OPEN))
            self._settle(next(iter(self._open)))
        if asking.state is not State.ANSWERED or self._interest.wants(event.names):
            self._put(event, size, minor=not asking.is_open and kind not in (HookKind.ACTION, HookKind.BARGE_IN))

    def _kind_of(self, message: Message) -> tuple[HookKind, bool, int | None]:
        if message.type == "dial:confirm":
            return HookKind.CONFIRM, False, None
        if message.type == "session:new":
            return HookKind.SESSION, False, None
        if message.type in ("session:adulting", "session:reconnect"):
            return HookKind.NOTIFY, False, None
        verb_id = message.data.get("verb_id")
        found = self._sent.find(message.hook or message.type, verb_id)
        if message.type != "session:redirect":
            return found.kind, found.stale, found.index
        if message.data.get("call_sid") not in (None, self.call_sid):
            return HookKind.LEG_SESSION, False, None
        # A command may ask for it too. Then there is no id, which the verbs that do so always have.
        return HookKind.SESSION, found.stale and verb_id is not None, found.index

    def _answer_at_once(self, asking: Asking) -> bool:
        canned = self._canned_for(asking.names)
        if canned is not None:
            self.answer(asking, canned)
        elif asking.kind.at_once:
            self._settle(asking)
        elif self._is_blocked and not self._interest.wants(asking.names):
            self._settle_for_nobody(asking)
        else:
            return False
        return True

    def _open_session(self, event: Event, asking: Asking) -> None:
        self.opening = event
        self._tokens.prefix = asking.msgid
        # Whoever held the call before may have opened the stream.
        self._tokens.is_connected = event.type != "session:new"
        self._open[asking] = None
        if asking.kind.at_once:
            self._settle(asking)
        else:
            asking.taken = True

    @property
    def due(self) -> float:
        """When :meth:`tick` has something to do; ``inf`` if nothing is under way."""
        if self.ending is not None:
            return math.inf
        commands = self._commands
        if not commands.connected:
            return self._dropped_until
        # Asked with all that happens, several times a turn: this takes half the time of min().
        due = commands.due
        tokens = self._tokens.due
        if tokens < due:
            due = tokens
        if self._probe_due < due:
            due = self._probe_due
        if self._open:
            asking = next(iter(self._open)).due
            if asking < due:
                due = asking
        return due

    def tick(self) -> None:
        """Do what is due."""
        if self.ending is not None:
            return
        if self.now >= self._dropped_until:
            self._end(1006, "the connection was lost and jambonz did not come back")
            return
        if self.dropped:
            return
        if self.now >= self._commands.due:
            self.outbox += self._commands.go()
        self._tokens.tick(self.now)
        self._write_tokens()
        if self.now >= self._probe_due:
            self._probe()
        while self._open and next(iter(self._open)).due <= self.now:
            asking = next(iter(self._open))
            self._settle(asking, overdue=True)
