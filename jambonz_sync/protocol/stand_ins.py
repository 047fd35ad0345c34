"""Acks, and what is said in the place of an application that does not answer."""

from __future__ import annotations

import logging
from typing import Any

from .. import wording
from .asking import Asking, State
from .call_queue import CallQueue
from .call_state import HANGUP, MAIN_KINDS, NEUTRAL, NOTIFY, Notice
from .hooks import HookKind, Late, Settlement
from .message import encode
from .newest import remember
from .verb import Verb

__all__ = ["StandIns", "is_ours"]

_PAUSE = Verb("pause", {"length": 1})


#: What a handler that is busy for too long should know about its reply.
_LATE = {
    Late.REDIRECT: "a late reply still arrives, as a redirect",
    Late.KEEP: "a late reply is kept for the next time jambonz asks",
    Late.DROP: "a late reply is dropped",
}


def is_ours(verb: Verb) -> bool:
    """Whether a verb does nothing but tell by its start how far jambonz is, or have that told."""
    return verb.name == "config" and (verb.options.keys() == {"id"} or verb == NOTIFY)


class StandIns(CallQueue):
    """Answers questions, also for those who do not."""

    def _ack(self, asking: Asking, verbs: tuple[Verb, ...] | None) -> None:
        envelope: dict[str, Any] = {"type": "ack", "msgid": asking.msgid}
        if verbs is not None:
            envelope["data"] = [verb.wire() for verb in verbs]
        self.outbox.append(encode(envelope))
        self._open.pop(asking, None)
        if asking is self._opening_asking:
            self._first_verbs = verbs or ()
            self._commands.wait(self.now, by_message=True)
        elif verbs and asking.kind in MAIN_KINDS:
            if self._first_verbs is not None:
                # Else no time makes the call ready for commands, but the first ack.
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
            verbs = (NEUTRAL,)
            stand_in = wording.action_hook_frozen()
        elif settlement is Settlement.NEUTRAL and not asking.overtaken:
            verbs = self._neutral
            stand_in = "the caller hears nothing yet"
        elif settlement is Settlement.STANDING:
            verbs = self._standing.get(asking.name, (_PAUSE,))
            stand_in = "jambonz will ask again"
        elif settlement is Settlement.REFUSE:
            verbs = (HANGUP,)
            stand_in = "the dialled party was not let in"
        self._ack(asking, verbs)
        asking.state = State.SETTLED
        if freezes:
            asking.frozen = tuple(verb for verb in asking.behind if not is_ours(verb))
            if asking.frozen:
                self._frozen[asking] = None
            self._empty_queue()
        elif asking.kind is HookKind.SESSION and verbs and not self._commands.held:
            self._lose_queue()
            if self._run is not None:
                # Its verbs are gone, and if they had not begun, nothing else would tell.
                self._run.interrupt()
                self.arrivals += 1
        if overdue:
            self.late_acks += 1
            text = wording.hook_overdue(asking.name, self._ack_timeout, stand_in, _LATE[asking.kind.late])
            self.notices.append(Notice(logging.WARNING, text, locate=True))
        self._release_appends()

    def stand_in(self, asking: Asking) -> None:
        """The handler has taken a question and has something else to do first: answer it as if it were overdue.

        Those that other legs ask, which do not hold the call up, keep their time.
        """
        if self.ending is None and asking.is_open and asking.kind in MAIN_KINDS and not self.dropped:
            self._settle(asking, freeze=True)
