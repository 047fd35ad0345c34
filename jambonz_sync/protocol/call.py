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

import contextlib
import json
import logging
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from .. import wording
from ..exceptions import MessageTooBig
from ..redaction import redacted
from .asking import Asking, State
from .command import Command
from .commands import MOST_HELD, Commands
from .event import Event, path_of
from .hooks import HookKind, Late, Settlement
from .interest import Interest
from .legs import Legs, leg_of
from .mailbox import Mailbox
from .message import ACKED_TYPES, LONGEST_MSGID, UNACKED_TYPES, BadMessage, Message, encode, parse
from .newest import remember
from .run import Run
from .sent import SentVerbs
from .stream_switch import StreamSwitch
from .token_sender import TokenSender, Utterance
from .tool_call import TOOL_CALL_TYPES
from .verb import Verb

__all__ = ["Call", "Ending", "Notice"]

#: More questions than this are never open at once in a real call; a flood must not grow memory without end.
MOST_OPEN = 1_000

_NEUTRAL = Verb("config")
_PAUSE = Verb("pause", {"length": 1})
_HANGUP = Verb("hangup")
_DECLINE = Verb("sip:decline", {"status": 603})
_NOTIFY = Verb("config", {"id": Run.CONFIG_ID, "notifyEvents": True})
_OPEN_STREAM: dict[str, Any] = {"ttsStream": {"enable": True}}

#: When jambonz is back, it first sends the hooks it has kept. So many seconds later, those that are missing are looked
#: for.
PROBE_AFTER = 1.0

#: The verbs that answer an unanswered call, after which a queued hangup works.
_ANSWERING = frozenset({"answer", "say", "play", "gather", "conference", "enqueue", "listen", "stream", "transcribe"})

#: What a handler that is busy for too long should know about its reply.
_LATE = {
    Late.REDIRECT: "a late reply still arrives, as a redirect",
    Late.KEEP: "a late reply is kept for the next time jambonz asks",
    Late.DROP: "a late reply is dropped",
}

_FINAL_STATUSES = frozenset({"completed", "failed", "busy", "no-answer"})

#: Hooks whose verbs take the place of jambonz's queue. Those of the other kinds run on another leg or as a prompt.
_MAIN_KINDS = frozenset({HookKind.SESSION, HookKind.ACTION, HookKind.BARGE_IN, HookKind.REPORT})


def _redirects(verbs: list[dict[str, Any]], *, queue: bool = False) -> list[str]:
    """Return the commands that bring such verbs: one, or two where they filled an ack."""
    try:
        return [encode({"type": "command", "command": "redirect", "queueCommand": queue, "data": verbs})]
    except MessageTooBig:
        half = len(verbs) // 2
        return [*_redirects(verbs[:half], queue=queue), *_redirects(verbs[half:], queue=True)] if half else []


def _reports_here(verb: Verb) -> bool:
    """Whether a verb reports its end on the websocket, and not by HTTP."""
    return verb.action_hook is not None and not verb.action_hook.startswith(("http://", "https://"))


def _is_ours(verb: Verb) -> bool:
    """Whether a verb does nothing but tell by its start how far jambonz is, or have that told."""
    return verb.name == "config" and (verb.options.keys() == {"id"} or verb == _NOTIFY)


class Ending(NamedTuple):
    """How a call ended: the websocket close code, a sentence, and whether jambonz refused the first verbs."""

    code: int
    reason: str
    rejected: bool = False


@dataclass(frozen=True)
class Notice:
    """A line for the log. ``locate`` asks for the line of user code the call's thread is at."""

    level: int
    text: str
    locate: bool = False


class Call:
    """The state of one call."""

    def __init__(self, *, ack_timeout: float = 4.0, reconnect_timeout: float = 0.0, mailbox: Mailbox | None = None):
        #: The time, set by whoever drives the machine.
        self.now = 0.0
        #: Messages to be written to the socket, in order.
        self.outbox: list[str] = []
        #: Lines for the log, in order.
        self.notices: list[Notice] = []
        #: Events nobody has taken yet.
        self.mailbox = Mailbox() if mailbox is None else mailbox
        #: The message that started the session, once it is here.
        self.opening: Event | None = None
        #: The call's sid; ``None`` for a message (SMS) session and before it is known.
        self.call_sid: str | None = None
        #: The last status of this call itself, not of a leg it dialled.
        self.call_status: str | None = None
        #: The legs it has dialled.
        self.legs = Legs()
        #: How the call ended, once it has.
        self.ending: Ending | None = None
        #: Counts whatever a waiting handler may be waiting for: messages, and the end of the call.
        self.arrivals = 0
        #: Whether jambonz reports the start and end of verbs because the application asked for it.
        self.notify_events = False

        # What ``run()`` watches, while it does; and whether it has asked jambonz to report the start and end of verbs,
        # in which case these reports are none of the application's events.
        self._run: Run | None = None
        self._run_depth = 0
        self._run_notifies = False
        self._ack_timeout = ack_timeout
        self._reconnect_timeout = reconnect_timeout
        self._sent = SentVerbs()
        self._open: dict[Asking, None] = {}
        self._frozen: dict[Asking, None] = {}
        self._commands = Commands()
        self._interest = Interest()
        self._held_appends: list[tuple[str, tuple[Verb, ...]]] = []
        self._dropped_until = math.inf
        # After a lost connection: when, and under which id, something is put behind the verbs of the list last sent,
        # the start of which tells that they are all over. And the hooks of which is known in that way that they were
        # lost.
        self._probe_due = math.inf
        self._probe_id: str | None = None
        self._lost_hooks: dict[str, Verb] = {}
        self._first_verbs: tuple[Verb, ...] | None = None
        self._confirmed = False
        self._canned: dict[str, tuple[Verb, ...]] = {}
        self._standing: dict[str, tuple[Verb, ...]] = {}
        self._tool_calls: dict[str, Event] = {}
        # The last questions that were acked with verbs for jambonz's queue, by msgid.
        self._verbs_acked: dict[str, bool] = {}
        self._tokens = TokenSender()
        self._stream = StreamSwitch()
        self._bad_messages = 0
        self._said: set[tuple[str, str]] = set()

    # What jambonz sends

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
            remember(self._tool_calls, call_id, event, MOST_OPEN)
        if self._is_blocked and not self._interest.wants(event):
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
        return self._tokens.owns(event.get("id")) and not self._interest.wants(event)

    def _note_status(self, message: Message) -> None:
        leg = message.data.get("call_sid")
        if self.call_sid is None:
            self.call_sid = message.call_sid or (leg if isinstance(leg, str) else None)
        status = message.data.get("call_status")
        # The data of session:reconnect is as old as the call.
        if isinstance(status, str) and leg == self.call_sid and message.type != "session:reconnect":
            self.call_status = status
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
            self._open_session(asking)
            return
        if stale:
            # Without verbs: they would take the place of those that have replaced its verb.
            self._ack(asking, None)
            asking.state = State.SETTLED
            return
        if index is not None:
            asking.behind = self._sent.reached(index)
            asking.in_list = True
        if kind is HookKind.BARGE_IN:
            self._sweep()
        self._open[asking] = None
        if self._run is not None and self._run.see_hook(event, kind):
            asking.taken = True
            return
        # A barge-in that interrupts a run sets the call's thread free to take it.
        released = self._run is not None and kind is HookKind.BARGE_IN and self._canned_for(event) is None
        if not released and not self._answer_at_once(asking) and len(self._open) > MOST_OPEN:
            self._warn_once("open", "", wording.unanswered_questions(MOST_OPEN))
            self._settle(next(iter(self._open)))
        if asking.state is not State.ANSWERED or self._interest.wants(event):
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
        canned = self._canned_for(asking.event)
        if canned is not None:
            self.answer(asking, canned)
        elif asking.kind.at_once:
            self._settle(asking)
        elif self._is_blocked and not self._interest.wants(asking.event):
            self._settle_for_nobody(asking)
        else:
            return False
        return True

    def _open_session(self, asking: Asking) -> None:
        self.opening = asking.event
        self._tokens.prefix = asking.msgid
        # Whoever held the call before may have opened the stream.
        self._tokens.is_connected = asking.event.type != "session:new"
        self._open[asking] = None
        if asking.kind.at_once:
            self._settle(asking)
        else:
            asking.taken = True

    # Time

    @property
    def due(self) -> float:
        """When :meth:`tick` has something to do; ``inf`` if nothing is under way."""
        if self.ending is not None:
            return math.inf
        due = min(self._dropped_until, self._commands.due)
        if not self.dropped:
            due = min(due, self._tokens.due, self._probe_due)
            if self._open:
                due = min(due, next(iter(self._open)).due)
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

    # The connection

    @property
    def dropped(self) -> bool:
        """Whether the connection is lost and jambonz is expected back."""
        return not self._commands.connected

    def closed(self, code: int, reason: str, undelivered: Sequence[str | bytes] = ()) -> None:
        """The socket is gone: ``code`` as of RFC 6455 section 7.4, 1006 if it broke without a close frame.

        ``undelivered``: the last messages written to it, of which it is known that they have not arrived. What is
        still in the outbox has not been written.
        """
        if self.ending is not None or self.dropped:
            return
        if code == 1001 and self._may_be_rejected:
            self._end(code, "jambonz rejected the call", rejected=True)
        elif code in (1000, 1001):
            self._end(code, reason or "jambonz closed the connection")
        elif self._reconnect_timeout and self.opening is not None and self.call_status not in _FINAL_STATUSES:
            self._drop(code, undelivered)
        else:
            self._end(code, reason or "the connection was lost")

    @property
    def _may_be_rejected(self) -> bool:
        first = self.opening is not None and self.opening.type == "session:new"
        return first and self._is_unconfirmed and self.call_status not in ("in-progress", *_FINAL_STATUSES)

    @property
    def _is_unconfirmed(self) -> bool:
        return self._first_verbs is not None and not self._confirmed

    def _drop(self, code: int, undelivered: Sequence[str | bytes] = ()) -> None:
        self._commands.connected = False
        unwritten, self.outbox = self.outbox, []
        self._commands.put_back(again for text in (*undelivered, *unwritten) for again in self._said_again(text))
        self._dropped_until = self.now + self._reconnect_timeout
        self._probe_due = math.inf
        self._probe_id = None
        opening = self._opening_asking
        for asking in list(self._open):
            # Only the first question survives: jambonz asks it again by session:reconnect.
            if asking is not opening:
                del self._open[asking]
                # jambonz takes the missing answer for an empty one and goes on.
                asking.state = State.LOST
        self._release_appends()
        self._tokens.connection_lost(self._commands.held)
        self._warn(wording.connection_lost(code, self._reconnect_timeout))

    def _said_again(self, text: str | bytes) -> list[str]:
        """Return what says the same as a lost message, on a connection whose jambonz has given up on its questions."""
        message = json.loads(text)
        if message["type"] == "command":
            return [str(text)]
        # The ack of the first question has a place of its own, in that of session:reconnect.
        return _redirects(message["data"]) if message["msgid"] in self._verbs_acked else []

    def _resume(self, message: Message) -> None:
        if not self.dropped:
            # jambonz noticed first.
            self._drop(1006)
        self._commands.connected = True
        self._dropped_until = math.inf
        self._tokens.connection_resumed(self.now)
        opening = self._opening_asking
        reply: dict[str, Any] = {"type": "ack", "msgid": message.msgid}
        if opening is not None and opening.is_open:
            opening.msgid = message.msgid or ""
            opening.due = self.now + self._ack_timeout
            self._warn(wording.one_way_call())
            return
        text = encode(reply)
        if self._is_unconfirmed:
            # Read only if the ack of session:new never arrived; then the call is built now, as at its start.
            self._commands.wait(self.now, by_message=True)
            # Left out where a longer msgid leaves no room for them, which is as good as certainly of no matter.
            if self._first_verbs:
                with contextlib.suppress(MessageTooBig):
                    text = encode({**reply, "data": self.first_verbs})
        self.outbox.append(text)
        self.outbox += self._commands.release()
        if self._run is not None and self._run.outcome is None:
            # What jambonz said of the verbs may have been lost, and so may the sentinel's start.
            sentinel = self._sent.new_id()
            self._run.resume(sentinel)
            self._redirect((Verb("config", {"id": sentinel}),), queue=True)
        elif any(_reports_here(verb) for verb in self._sent.queue):
            self._probe_due = self.now + PROBE_AFTER

    # Hooks that were lost

    def _probe(self) -> None:
        """Find out whether a hook was lost: what jambonz wanted to ask in a dead network it has given up on."""
        self._probe_due = math.inf
        holds = any(asking.holds_queue for asking in (*self._open, *self._frozen))
        if self._run is not None or holds or not any(_reports_here(verb) for verb in self._sent.queue):
            return
        self._probe_id = self._sent.new_id()
        probe = Verb("config", {"id": self._probe_id})
        self._redirect((probe,) if self._run_notifies else (_NOTIFY, probe), queue=True)
        self._run_notifies = True

    def _miss_hooks(self) -> None:
        """All verbs in front of the probe are over. Those that have not reported never will."""
        queue = self._sent.queue
        end = next((index for index, verb in enumerate(queue) if verb.id == self._probe_id), None)
        self._probe_id = None
        if end is None:
            return
        missing = next((index for index, verb in enumerate(queue[:end]) if _reports_here(verb)), None)
        self._sent.reached(end)
        if missing is None:
            return
        verb = queue[missing]
        hook = verb.action_hook or ""
        if verb.name == "gather":
            self._warn(wording.asked_again(verb.name, hook))
            self._redirect(tuple(again for again in queue[missing:end] if not _is_ours(again)), queue=False)
        else:
            self._warn(wording.hook_lost(verb.name, hook))
            remember(self._lost_hooks, hook, verb, MOST_OPEN)
            self.arrivals += 1

    def _miss_hook_of_run(self, run: Run) -> None:
        name, hook = run.last.name, run.last.action_hook or ""
        if run.asks:
            self._warn(wording.asked_again(name, hook))
            # Its own verbs: nothing interrupts it.
            self._run = None
            self._redirect(run.repeat(self._sent.new_id()), queue=False)
            self._run = run
        else:
            self._warn(wording.hook_lost(name, hook))
            run.give_up()
            self.arrivals += 1

    def take_lost(self, names: Iterable[str]) -> Verb | None:
        """Remove and return a verb whose hook, of one of ``names``, was lost with the connection."""
        name = next((name for name in names if name in self._lost_hooks), None)
        return None if name is None else self._lost_hooks.pop(name)

    def close(self, code: int, reason: str) -> None:
        """The application closes the connection. Every open question is answered first."""
        if self.ending is not None:
            return
        if not self.dropped:
            opening = self._opening_asking
            if opening is not None and opening.is_open and not self.is_message_session:
                # The neutral stand-in would leave the caller in silence for ever.
                self._ack(opening, self._farewell())
                opening.state = State.SETTLED
            for asking in list(self._open):
                self._settle(asking)
            for asking in list(self._frozen):
                self.move_on(asking)
            self.outbox += self._commands.flush()
        self._end(code, reason or "the application closed the connection")

    def _end(self, code: int, reason: str, *, rejected: bool = False) -> None:
        self.ending = Ending(code, reason, rejected)
        self.arrivals += 1
        self._open.clear()
        self._frozen.clear()
        if rejected:
            verbs = redacted(encode({"verbs": self.first_verbs}))
            self.notices.append(Notice(logging.ERROR, wording.call_rejected(verbs)))

    # Who takes what

    @property
    def first_verbs(self) -> list[dict[str, Any]]:
        """The verbs given in answer to ``session:new``."""
        return [verb.wire() for verb in self._first_verbs or ()]

    @property
    def is_message_session(self) -> bool:
        """Whether this is an SMS and not a call: it has no sid and nothing to hang up."""
        return self.opening is not None and self.call_sid is None and self.opening.type == "session:new"

    @property
    def _opening_asking(self) -> Asking | None:
        return self.opening.asking if self.opening is not None else None

    def tool_call(self, call_id: str) -> Event | None:
        """The message that brought this tool call, the newest if there are several; ``None`` if there was none."""
        return self._tool_calls.get(call_id)

    def model_behind(self, event: Event | None) -> str | None:
        """The vendor of the language model that sent an event, or of the one given last; ``agent`` for that verb."""
        if event is not None and event.type.startswith("agent:"):
            return "agent"
        return self._sent.model_behind(None if event is None else event.hook)

    @property
    def _is_blocked(self) -> bool:
        """Whether the call's thread is in a wait for which nothing has come yet, or has returned.

        What it waits for may have come in one piece with what it will ask for next: then it is as good as free.
        """
        # A handler that was called from a run() may wait for something else.
        if self._run is not None and self._run.outcome is not None and self._interest.depth == self._run_depth:
            return False
        return self._interest.is_blocked and not self.mailbox.has(self._interest.awaited)

    def begin_wait(self, names: frozenset[str]) -> None:
        """The call's thread blocks until an event of one of ``names`` comes; waits may be nested.

        What nobody will take while it lasts is answered at once.
        """
        self._interest.begin_wait(names)
        if self._is_blocked:
            self._settle_unwanted()

    def end_wait(self) -> None:
        """The innermost wait is over."""
        self._interest.end_wait()

    def give_up(self) -> None:
        """A handler has raised: nobody takes anything any more."""
        self._interest.handle_nothing()
        self.returned()

    def returned(self) -> None:
        """The handler has returned: from now on only registered handlers take events."""
        self._interest.returned()
        self._settle_unwanted()

    def handle(self, name: str) -> None:
        """A handler for ``name`` is registered, maybe by another thread while the call's own waits."""
        self._interest.handle(name)
        self.arrivals += 1

    def can(self, name: str, verbs: Sequence[Verb]) -> None:
        """From now on, hooks of this name are answered with ``verbs`` on arrival, without the call's thread."""
        numbered = self._sent.numbered(verbs)
        self._check_fits(numbered)
        self._canned[name] = numbered
        for asking in [asking for asking in self._open if not asking.taken and name in asking.event.names]:
            self.answer(asking, numbered)

    @staticmethod
    def _check_fits(verbs: Sequence[Verb]) -> None:
        """Make sure that verbs which will be given again fit into an ack of any msgid."""
        encode({"type": "ack", "msgid": "m" * LONGEST_MSGID, "data": [verb.wire() for verb in verbs]})

    def _canned_for(self, event: Event) -> tuple[Verb, ...] | None:
        return next((self._canned[name] for name in event.names if name in self._canned), None)

    def take(self, names: Iterable[str]) -> Event | None:
        """Remove and return the first event of one of ``names``."""
        event = self.mailbox.take(names)
        if event is not None and event.asking is not None:
            event.asking.taken = True
        return event

    def brings_question(self, names: Iterable[str]) -> bool:
        """Whether an event of one of ``names`` may be a hook that one can reply to."""
        return any(
            name not in UNACKED_TYPES
            and not name.startswith(("tts:", "tool:"))
            and not self._sent.find(name, None).kind.at_once
            for name in names
        )

    def unknown_hooks(self, names: Iterable[str]) -> list[str]:
        """Those of ``names`` that are no message types and that no verb sent so far names."""
        known = {"*", *self._sent.names, *map(path_of, self._sent.names), *ACKED_TYPES, *UNACKED_TYPES}
        return [name for name in names if name not in known and not name.startswith(("tts:", "tool:"))]

    @property
    def known_hooks(self) -> Iterable[str]:
        """Every hook name sent so far."""
        return self._sent.names

    # What the application sends

    def send(self, verbs: Sequence[Verb], *, current: Asking | None, immediate: bool = True) -> None:
        """Give jambonz verbs, in the way that is right now.

        They are the answer of ``current`` (the hook the caller took last) or of ``session:new`` while that is open,
        else a command: one that replaces what plays, or, not ``immediate``, one that goes behind it.
        """
        if not verbs or self.ending is not None:
            return
        opening = self._opening_asking
        if opening is not None and opening.state is not State.ANSWERED and current is None:
            current = opening
        if current is None or current.kind.at_once or current.state is State.ANSWERED:
            self._redirect(self._sent.numbered(verbs), queue=not immediate)
        elif current.is_open or immediate:
            self.answer(current, verbs)
        else:
            self._redirect(self._sent.numbered(verbs), queue=True)
            if current is opening:
                current.state = State.ANSWERED

    def start_run(self, verbs: Sequence[Verb], *, current: Asking | None) -> Run:
        """Send the verbs as :meth:`send` does and watch for the end of the last one, until :meth:`stop_run`."""
        named = [verb if verb.id is not None else verb.with_id(self._sent.new_id()) for verb in verbs]
        sentinel = self._sent.new_id()
        listed = [*named, Verb("config", {"id": sentinel})]
        if not self._run_notifies:
            listed.insert(0, _NOTIFY)
        self.send(listed, current=current)
        self._run_notifies = True
        self._run = Run(named, sentinel)
        # No name: the hook that ends the run is recognised before it could be settled, by its verb's id.
        self._run_depth = self._interest.depth + 1
        self.begin_wait(frozenset())
        return self._run

    def stop_run(self) -> None:
        """Watch no more."""
        self._run = None
        self.end_wait()

    def end_verb(self, verb_id: str) -> None:
        """End a verb that goes on by itself, if it has not been replaced yet; what is queued behind it comes next."""
        queue = self._sent.queue
        index = next((index for index, verb in enumerate(queue) if verb.id == verb_id), None)
        if index is not None and self.ending is None:
            first, *rest = queue[index + 1 :] or (_NEUTRAL,)
            self._redirect((first,), queue=False)
            # One by one, since together they may be too big: they came in several messages.
            for verb in rest:
                self._redirect((verb,), queue=True)

    def answer(self, asking: Asking, verbs: Sequence[Verb]) -> None:
        """Reply to one question, be it in time, late, or for the second time; without verbs: nothing to add."""
        if self.ending is not None:
            return
        first = asking.state is not State.ANSWERED
        numbered = self._sent.numbered(verbs)
        if asking.is_open and not self.dropped:
            self._reply_in_time(asking, numbered)
        elif asking is self._opening_asking and asking.is_open:
            # Dropped before the first ack: the verbs go with the answer to session:reconnect.
            self._reply_by_reconnect(asking, numbered)
        elif asking.kind.late is Late.KEEP:
            self._check_fits(numbered)
            self._standing[asking.name] = numbered
            self._sent.aside(numbered)
            self.notices.append(Notice(logging.INFO, wording.reply_kept(asking.name)))
        elif not verbs:
            self.move_on(asking)
        elif asking.kind.late is Late.REDIRECT:
            self._redirect(numbered, queue=not first, answers=asking)
        elif asking.kind.at_once:
            self._warn(wording.reply_not_wanted(asking.name))
        else:
            self._warn(wording.reply_dropped(asking.name))
        asking.state = State.ANSWERED

    def _reply_in_time(self, asking: Asking, verbs: tuple[Verb, ...]) -> None:
        data: tuple[Verb, ...] | None = verbs
        if not verbs:
            data = () if asking.kind is HookKind.WAIT else None
            if asking.event.type == "session:new":
                data = self._neutral
        if asking.kind is HookKind.WAIT:
            self._check_fits(verbs)
            self._standing[asking.name] = verbs
        if verbs and asking.kind in _MAIN_KINDS and asking is not self._opening_asking:
            # What was sent before stays before: the reply replaces it.
            self.outbox += self._commands.flush()
        self._ack(asking, data)
        self._take_note(asking.kind, verbs)
        self._release_appends()

    def _reply_by_reconnect(self, asking: Asking, verbs: tuple[Verb, ...]) -> None:
        verbs = verbs or self._neutral or ()
        encode({"type": "ack", "msgid": asking.msgid, "data": [verb.wire() for verb in verbs]})
        self._open.pop(asking)
        self._first_verbs = verbs
        self._take_note(asking.kind, verbs)

    def _take_note(self, kind: HookKind, verbs: tuple[Verb, ...]) -> None:
        if kind not in _MAIN_KINDS:
            self._sent.aside(verbs)
        elif verbs:
            self._replace(verbs)

    def _replace(self, verbs: tuple[Verb, ...]) -> None:
        self._sweep()
        opening = self._opening_asking
        for asking in self._open:
            # An empty answer to the first question would reject the call.
            asking.overtaken = asking is not opening
        self._sent.replace(verbs)
        self._note_config(verbs)
        if self._run is not None:
            self._run.interrupt()
            self.arrivals += 1

    def _sweep(self) -> None:
        """The application has other verbs: jambonz's queue is gone, and nothing frozen is to be sent again."""
        self._lose_queue()
        for asking in self._frozen:
            asking.frozen = ()
        self._frozen.clear()

    def _lose_queue(self) -> None:
        """jambonz's queue is gone: nothing stands behind any open question."""
        self._sent.replace(())
        for asking in self._open:
            asking.in_list = False
            asking.behind = ()

    def _note_config(self, verbs: tuple[Verb, ...]) -> None:
        self._stream.see_verbs(verbs)
        self.notify_events = self.notify_events or any(
            verb.name == "config" and verb.options.get("notifyEvents") is True and verb.id != Run.CONFIG_ID
            for verb in verbs
        )

    def _redirect(self, verbs: tuple[Verb, ...], *, queue: bool, answers: Asking | None = None) -> None:
        data = [verb.wire() for verb in verbs]
        text = encode({"type": "command", "command": "redirect", "queueCommand": queue, "data": data})
        if not queue:
            # jambonz would wait for the answer of a hook in flight before it starts the new verbs, and a stand-in given
            # later would sweep them.
            opening = self._opening_asking
            for asking in [asking for asking in self._open if asking.holds_queue and asking is not opening]:
                self._settle(asking)
            if answers not in self._frozen:
                self._flush_appends()
            self._command(text)
            self._replace(verbs)
        else:
            # It goes behind what the queue will be once every question that holds it is answered.
            self._sent.learn(verbs)
            self._held_appends.append((text, verbs))
        self._release_appends()

    def _release_appends(self) -> None:
        if not any(asking.holds_queue for asking in (*self._open, *self._frozen)):
            self._flush_appends()

    def _flush_appends(self) -> None:
        held, self._held_appends = self._held_appends, []
        for text, verbs in held:
            self._command(text)
            self._sent.extend(verbs)
            self._note_config(verbs)

    def command(self, *commands: Command) -> None:
        """Send commands, all of them or, where this raises, none."""
        if self.ending is not None:
            return
        texts = [encode(command.wire()) for command in commands]
        for command, text in zip(commands, texts, strict=True):
            self._sent.know(command.hooks)
            self._command(text)
            options = command.data
            if command.name == "config" and isinstance(options, dict):
                self._stream.see_config(options)
                self.notify_events = self.notify_events or options.get("notifyEvents") is True
            elif command.name == "tts:clear":
                self._tokens.drop()
                self.arrivals += 1

    def _command(self, text: str) -> None:
        self.outbox += self._commands.put(text)
        if self.dropped and self._commands.held_size > MOST_HELD:
            self._end(1006, "the connection was lost, and too much to be sent has come together since")

    # Streamed speech

    def open_stream(self) -> None:
        """Have jambonz speak what is streamed, if it has not been told to."""
        if self.ending is not None or self._stream.is_open:
            return
        opening = self._opening_asking
        if opening is not None and opening.is_open:
            self.send([Verb("config", dict(_OPEN_STREAM))], current=opening)
        else:
            self.command(Command("config", _OPEN_STREAM))

    def begin_utterance(self, utterance: Utterance) -> None:
        """Text will be added to this one, until :meth:`end_utterance`. An interruption ends it meanwhile."""
        self._tokens.begin(utterance)

    def end_utterance(self, utterance: Utterance) -> None:
        """Nothing more will be added to it."""
        self._tokens.end(utterance)

    def stream_tokens(self, utterance: Utterance, text: str) -> None:
        """Send text to be spoken, behind all that was streamed before."""
        if self.ending is None:
            self._tokens.add(utterance, text)
            self._write_tokens()

    def flush_tokens(self) -> None:
        """Have what was streamed so far spoken, whatever it ends in."""
        if self.ending is None:
            self._tokens.flush()
            self._write_tokens()

    def clear_tokens(self) -> None:
        """Drop what was streamed and is not spoken yet."""
        if self.ending is None:
            self._tokens.clear()
            self.arrivals += 1
            self._write_tokens()

    def _write_tokens(self) -> None:
        messages, self._tokens.outbox = self._tokens.outbox, []
        for text in messages:
            self._command(text)

    def stand_in(self, asking: Asking) -> None:
        """The handler has taken a question and has something else to do first: answer it as if it were overdue.

        Those that other legs ask, which do not hold the call up, keep their time.
        """
        if self.ending is None and asking.is_open and asking.kind in _MAIN_KINDS and not self.dropped:
            self._settle(asking, freeze=True)

    # What is said in the application's place

    @property
    def _neutral(self) -> tuple[Verb, ...] | None:
        return None if self.is_message_session else (_NEUTRAL,)

    def _ack(self, asking: Asking, verbs: tuple[Verb, ...] | None) -> None:
        envelope: dict[str, Any] = {"type": "ack", "msgid": asking.msgid}
        if verbs is not None:
            envelope["data"] = [verb.wire() for verb in verbs]
        self.outbox.append(encode(envelope))
        self._open.pop(asking, None)
        if asking is self._opening_asking:
            self._first_verbs = verbs or ()
            self._commands.wait(self.now, by_message=True)
        elif verbs and asking.kind in _MAIN_KINDS:
            self._commands.wait(self.now, by_message=False)
            remember(self._verbs_acked, asking.msgid, True, 16)

    def _settle(self, asking: Asking, *, overdue: bool = False, freeze: bool = False) -> None:
        """Send the stand-in for an answer; ``overdue``, or to ``freeze`` the queue, one that lets an answer follow."""
        settlement = asking.kind.settlement
        verbs: tuple[Verb, ...] | None = None
        stand_in = "jambonz goes on"
        # A verb's end that the handler may yet answer, and a redirect that nobody takes up, must not let jambonz go on.
        may_follow = overdue or freeze if asking.kind is HookKind.ACTION else asking.kind is HookKind.SESSION
        freezes = asking.in_list and may_follow
        if freezes:
            verbs = (_NEUTRAL,)
            stand_in = wording.action_hook_frozen()
        elif settlement is Settlement.NEUTRAL and not asking.overtaken:
            verbs = self._neutral
            stand_in = "the caller hears nothing yet"
        elif settlement is Settlement.STANDING:
            verbs = self._standing.get(asking.name, (_PAUSE,))
            stand_in = "jambonz will ask again"
        elif settlement is Settlement.REFUSE:
            verbs = (_HANGUP,)
            stand_in = "the dialled party was not let in"
        self._ack(asking, verbs)
        asking.state = State.SETTLED
        if freezes:
            asking.frozen = tuple(verb for verb in asking.behind if not _is_ours(verb))
            if asking.frozen:
                self._frozen[asking] = None
            self._sent.replace(())
        elif asking.kind is HookKind.SESSION and verbs and not self._commands.held:
            self._lose_queue()
            if self._run is not None:
                # Its verbs are gone, and if they had not begun, nothing else would tell.
                self._run.interrupt()
                self.arrivals += 1
        if overdue:
            text = wording.hook_overdue(asking.name, self._ack_timeout, stand_in, _LATE[asking.kind.late])
            self.notices.append(Notice(logging.WARNING, text, locate=True))
        self._release_appends()

    def _settle_unwanted(self) -> None:
        for asking in [a for a in self._open if not a.taken and not self._interest.wants(a.event)]:
            # What is sent again in place of the first may have settled the second.
            if asking in self._open:
                self._settle_for_nobody(asking)
        for asking in [a for a in self._frozen if not a.taken and not self._interest.wants(a.event)]:
            self.move_on(asking)

    def _settle_for_nobody(self, asking: Asking) -> None:
        self._settle(asking)
        self.move_on(asking)
        if asking.kind is HookKind.CONFIRM:
            self._warn_once("nobody", asking.name, wording.confirm_declined(asking.name), locate=True)
        else:
            self._warn_once("nobody", asking.name, wording.hook_for_nobody(asking.name), locate=True)

    def move_on(self, asking: Asking) -> None:
        """The handler goes on without a (further) reply to a question it has taken."""
        if self.ending is not None:
            return
        if asking.is_open and not self.dropped:
            if asking.kind is HookKind.ACTION and asking.behind:
                self.notices.append(Notice(logging.DEBUG, wording.settled_forgotten(asking.name)))
            self._settle(asking)
        if asking in self._frozen:
            frozen = asking.frozen
            self._send_again(frozen, asking)
            self._warn(wording.resent_frozen(asking.name, len(frozen)))

    def _send_again(self, verbs: tuple[Verb, ...], asking: Asking) -> None:
        # They may come of several lists that together do not fit into one message; nothing may come between its parts.
        held, self._held_appends = self._held_appends, []
        parts = [verbs]
        while parts:
            part = parts.pop(0)
            try:
                self._redirect(part, queue=asking not in self._frozen, answers=asking)
            except MessageTooBig:
                half = len(part) // 2
                parts[:0] = [part[:half], part[half:]]
        self._held_appends += held
        self._release_appends()

    def say_goodbye(self, current: Asking | None) -> None:
        """The handler has returned: end the call politely, behind whatever is queued."""
        if self.ending is not None:
            return
        self.returned()
        opening = self._opening_asking
        if opening is not None and opening.is_open and not self.is_message_session:
            self.answer(opening, self._farewell())
            return
        for asking in (current, opening):
            if asking is not None:
                self.move_on(asking)
        farewell = self._farewell()
        if farewell:
            self._redirect(farewell, queue=True)

    def apologise(self, current: Asking | None, apology: Sequence[Verb]) -> None:
        """The handler has raised: say so, and end the call."""
        if self.ending is not None:
            return
        if self.is_message_session:
            self.say_goodbye(current)
            return
        if current is not None and current.kind not in _MAIN_KINDS:
            self.move_on(current)
            current = None
        self._tokens.drop()
        if self._stream.is_open and self._tokens.is_connected:
            # Or what jambonz has would be spoken into the apology.
            self.clear_tokens()
        self.send((*apology, _HANGUP, _DECLINE), current=current)

    def _farewell(self) -> tuple[Verb, ...]:
        """Return what ends the call: hangup if it is answered, decline if not; nothing where the queue ends it."""
        if self.is_message_session:
            return ()
        queue = self._sent.queue
        if not queue or queue[-1].name not in ("hangup", "sip:decline"):
            return (_HANGUP, _DECLINE)
        answered = self.call_status == "in-progress" or any(verb.name in _ANSWERING for verb in queue)
        return () if answered or queue[-1].name == "sip:decline" else (_DECLINE,)

    # Lines for the log

    def _warn(self, text: str) -> None:
        self.notices.append(Notice(logging.WARNING, text))

    def _warn_once(self, topic: str, name: str, text: str, *, locate: bool = False) -> None:
        if (topic, name) not in self._said and len(self._said) < 100:
            self._said.add((topic, name))
            self.notices.append(Notice(logging.WARNING, text, locate))
