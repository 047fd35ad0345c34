"""The end of a call that the application wants."""

from __future__ import annotations

from collections.abc import Sequence

from .asking import Asking, State
from .call_state import HANGUP, MAIN_KINDS
from .connection import Connected
from .verb import Verb

__all__ = ["Goodbye"]


_DECLINE = Verb("sip:decline", {"status": 603})

#: The verbs that answer an unanswered call, after which a queued hangup works.
_ANSWERING = frozenset({"answer", "say", "play", "gather", "conference", "enqueue", "listen", "stream", "transcribe"})


class Goodbye(Connected):
    """Ends a call in order."""

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
        if current is not None and current.kind not in MAIN_KINDS:
            self.move_on(current)
            current = None
        self._tokens.drop()
        if self._stream.is_open and self._tokens.is_connected:
            # Or what jambonz has would be spoken into the apology.
            self.clear_tokens()
        self.send((*apology, HANGUP, _DECLINE), current=current)

    def _farewell(self) -> tuple[Verb, ...]:
        """Return what ends the call: hangup if it is answered, decline if not; nothing where the queue ends it."""
        if self.is_message_session:
            return ()
        queue = self._sent.queue
        if not queue or queue[-1].name not in ("hangup", "sip:decline"):
            return (HANGUP, _DECLINE)
        answered = self.call_status == "in-progress" or any(verb.name in _ANSWERING for verb in queue)
        return () if answered or queue[-1].name == "sip:decline" else (_DECLINE,)

    def close(self, code: int, reason: str) -> None:
        """The application closes the connection. Every open question is answered first."""
        if self.ending is not None:
            return
        if not self.dropped:
            opening = self._opening_asking
            if code == 1000 and opening is not None and opening.is_open and not self.is_message_session:
                # The neutral stand-in would leave the caller in silence for ever. After any other code jambonz comes
                # back, and whoever is there then goes on with the call.
                self._ack(opening, self._farewell())
                opening.state = State.SETTLED
            for asking in list(self._open):
                self._settle(asking)
            for asking in list(self._frozen):
                self.move_on(asking)
            self.outbox += self._commands.flush()
        self.closed_here = True
        self._end(code, reason or "the application closed the connection")
