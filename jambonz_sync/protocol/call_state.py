"""What is known of a call, and what it says to whoever drives it."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from .. import wording
from ..redaction import redacted
from .asking import Asking
from .commands import Commands
from .event import Event, path_of
from .hooks import HookKind
from .interest import Interest
from .legs import Legs
from .mailbox import Mailbox
from .message import ACKED_TYPES, UNACKED_TYPES, encode
from .run import Run
from .sent import SentVerbs
from .stream_switch import StreamSwitch
from .token_sender import TokenSender
from .verb import Verb

__all__ = ["HANGUP", "MAIN_KINDS", "MOST_OPEN", "NEUTRAL", "NOTIFY", "CallState", "Ending", "Notice"]

#: More questions than this are never open at once in a real call; a flood must not grow memory without end.
MOST_OPEN = 1_000

NEUTRAL = Verb("config")
HANGUP = Verb("hangup")

NOTIFY = Verb("config", {"id": Run.CONFIG_ID, "notifyEvents": True})

#: Hooks whose verbs take the place of jambonz's queue. Those of the other kinds run on another leg or as a prompt.
MAIN_KINDS = frozenset({HookKind.SESSION, HookKind.ACTION, HookKind.BARGE_IN, HookKind.REPORT})


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


def _is_type(name: str) -> bool:
    return name == "*" or name in ACKED_TYPES or name in UNACKED_TYPES or name.startswith(("tts:", "tool:"))


class CallState:
    """The state of one call, and what can be asked of it."""

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
        #: How the call ended, once it has; whether that was by closing the connection from here; and who has hung up,
        #: ``caller`` or ``jambonz``, as far as jambonz has said.
        self.ending: Ending | None = None
        self.closed_here = False
        self.hung_up_by: str | None = None
        #: How many questions were answered in the handler's place because it was busy for too long.
        self.late_acks = 0
        #: Counts whatever a waiting handler may be waiting for: messages, and the end of the call.
        self.arrivals = 0
        #: Whether jambonz reports the start and end of verbs because the application asked for it.
        self.notify_events = False

        # What ``run()`` watches, while it does; and whether it has asked jambonz to report the start and end of verbs,
        # in which case these reports are none of the application's events.
        self._run: Run | None = None
        self._run_depth = 0
        self._run_notifies = False
        # Whether jambonz has been asked, and not by verbs that were replaced before their turn came.
        self._notify_is_sent = False
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

    @property
    def dropped(self) -> bool:
        """Whether the connection is lost and jambonz is expected back."""
        return not self._commands.connected

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

    @property
    def _neutral(self) -> tuple[Verb, ...] | None:
        return None if self.is_message_session else (NEUTRAL,)

    @property
    def known_hooks(self) -> Iterable[str]:
        """Every hook name sent so far."""
        return self._sent.names

    def unknown_hooks(self, names: Iterable[str]) -> list[str]:
        """Those of ``names`` that are no message types and that no verb sent so far names."""
        unknown = [name for name in names if name not in self._sent.names and not _is_type(name)]
        if not unknown:
            return unknown
        paths = {path_of(name) for name in self._sent.names}
        return [name for name in unknown if name not in paths]

    def brings_question(self, names: Iterable[str]) -> bool:
        """Whether an event of one of ``names`` may be a hook that one can reply to."""
        return any(
            name not in UNACKED_TYPES
            and not name.startswith(("tts:", "tool:"))
            and not self._sent.find(name, None).kind.at_once
            for name in names
        )

    def tool_call(self, call_id: str) -> Event | None:
        """The message that brought this tool call, the newest if there are several; ``None`` if there was none."""
        return self._tool_calls.get(call_id)

    def model_behind(self, event: Event | None) -> str | None:
        """The vendor of the language model that sent an event, or of the one given last; ``agent`` for that verb."""
        if event is not None and event.type.startswith("agent:"):
            return "agent"
        return self._sent.model_behind(None if event is None else event.hook)

    def take(self, names: Iterable[str]) -> Event | None:
        """Remove and return the first event of one of ``names``."""
        event = self.mailbox.take(names)
        if event is not None and event.asking is not None:
            event.asking.taken = True
        return event

    def take_lost(self, names: Iterable[str]) -> Verb | None:
        """Remove and return a verb whose hook, of one of ``names``, was lost with the connection."""
        if not self._lost_hooks:
            return None
        wanted = set(names)
        found = next((hook for hook in self._lost_hooks if not wanted.isdisjoint((hook, path_of(hook)))), None)
        return None if found is None else self._lost_hooks.pop(found)

    def _canned_for(self, names: Iterable[str]) -> tuple[Verb, ...] | None:
        return next((self._canned[name] for name in names if name in self._canned), None)

    def _end(self, code: int, reason: str, *, rejected: bool = False) -> None:
        self.ending = Ending(code, reason, rejected)
        self.arrivals += 1
        self._open.clear()
        self._frozen.clear()
        if rejected:
            verbs = redacted(encode({"verbs": self.first_verbs}))
            self.notices.append(Notice(logging.ERROR, wording.call_rejected(verbs)))

    def _warn(self, text: str) -> None:
        self.notices.append(Notice(logging.WARNING, text))

    def _warn_once(self, topic: str, name: str, text: str, *, locate: bool = False) -> None:
        if (topic, name) not in self._said and len(self._said) < 100:
            self._said.add((topic, name))
            self.notices.append(Notice(logging.WARNING, text, locate))
