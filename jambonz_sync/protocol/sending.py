"""What the application sends: as an answer, or as a command, whichever is right."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from .. import wording
from ..exceptions import MessageTooBig
from .asking import Asking, State
from .call_state import MAIN_KINDS, NEUTRAL, Notice
from .hooks import HookKind, Late
from .message import LONGEST_MSGID, encode
from .stand_ins import StandIns
from .verb import Verb

__all__ = ["Sending"]


class Sending(StandIns):
    """Gives jambonz verbs."""

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
            if asking.type == "session:new":
                data = self._neutral
        if asking.kind is HookKind.WAIT:
            self._check_fits(verbs)
            self._standing[asking.name] = verbs
        if verbs and asking.kind in MAIN_KINDS and self._first_verbs is not None:
            # What was sent before stays before: the reply replaces it. Only the first answer is sent before all else.
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
        if kind not in MAIN_KINDS:
            self._sent.aside(verbs)
        elif verbs:
            self._replace(verbs)

    @staticmethod
    def _check_fits(verbs: Sequence[Verb]) -> None:
        """Make sure that verbs which will be given again fit into an ack of any msgid."""
        encode({"type": "ack", "msgid": "m" * LONGEST_MSGID, "data": [verb.wire() for verb in verbs]})

    def can(self, name: str, verbs: Sequence[Verb]) -> None:
        """From now on, hooks of this name are answered with ``verbs`` on arrival, without the call's thread."""
        numbered = self._sent.numbered(verbs)
        self._check_fits(numbered)
        self._canned[name] = numbered
        for asking in [asking for asking in self._open if not asking.taken and name in asking.names]:
            self.answer(asking, numbered)

    def end_verb(self, verb_id: str) -> None:
        """End a verb that goes on by itself, if it has not been replaced yet; what is queued behind it comes next."""
        queue = self._sent.queue
        index = next((index for index, verb in enumerate(queue) if verb.id == verb_id), None)
        if index is not None and self.ending is None:
            first, *rest = queue[index + 1 :] or (NEUTRAL,)
            self._redirect((first,), queue=False)
            # One by one, since together they may be too big: they came in several messages.
            for verb in rest:
                self._redirect((verb,), queue=True)

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
            self._redirect_in_parts(frozen, answers=asking)
            self._warn(wording.resent_frozen(asking.name, len(frozen)))

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

    def _redirect_in_parts(self, verbs: tuple[Verb, ...], *, answers: Asking | None = None) -> None:
        """Have such verbs replace the queue. They may come of several lists that do not fit into one message."""
        # Nothing may come between the parts.
        held, self._held_appends = self._held_appends, []
        parts, queue = [verbs], False
        while parts:
            part = parts.pop(0)
            try:
                self._redirect(part, queue=queue, answers=answers)
                queue = True
            except MessageTooBig as error:
                half = len(part) // 2
                if half:
                    parts[:0] = [part[:half], part[half:]]
                elif not queue:
                    # The word that has a command replace the queue is the longer one, by just so much.
                    parts[:0] = [(NEUTRAL,), part]
                else:
                    # It came in an answer, which has more room by a few characters.
                    self._warn(str(error))
        self._held_appends += held
        self._release_appends()
