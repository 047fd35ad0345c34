"""The connection of a call, which may be lost, and found again."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Sequence
from typing import Any

from .. import wording
from ..exceptions import MessageTooBig
from .asking import State
from .lost_hooks import PROBE_AFTER, LostHooks, reports_here
from .message import Message, encode
from .run import sentinel_of

__all__ = ["FINAL_STATUSES", "Connected"]

#: The statuses after which there is no call any more.
FINAL_STATUSES = frozenset({"completed", "failed", "busy", "no-answer"})


def _redirects(verbs: list[dict[str, Any]], *, queue: bool = False) -> list[str]:
    """Return the commands that bring such verbs: one, or two where they filled an ack."""
    try:
        return [encode({"type": "command", "command": "redirect", "queueCommand": queue, "data": verbs})]
    except MessageTooBig:
        half = len(verbs) // 2
        return [*_redirects(verbs[:half], queue=queue), *_redirects(verbs[half:], queue=True)] if half else []


class Connected(LostHooks):
    """Keeps a call whose connection is lost."""

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
        elif self._reconnect_timeout and self.opening is not None and self.call_status not in FINAL_STATUSES:
            self._drop(code, undelivered)
        else:
            self._end(code, reason or "the connection was lost")

    @property
    def _may_be_rejected(self) -> bool:
        first = self.opening is not None and self.opening.type == "session:new"
        return first and self._is_unconfirmed and self.call_status not in ("in-progress", *FINAL_STATUSES)

    @property
    def _is_unconfirmed(self) -> bool:
        return self._first_verbs is not None and not self._confirmed

    def _drop(self, code: int, undelivered: Sequence[str | bytes] = ()) -> None:
        self._commands.connected = False
        unwritten, self.outbox = self.outbox, []
        self._commands.put_back(again for text in (*undelivered, *unwritten) for again in self._said_again(text))
        self._dropped_until = self.now + self._reconnect_timeout
        self._keep_looking(self._commands.held)
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
            self._redirect((sentinel_of(sentinel),), queue=True)
        elif not self.is_message_session and any(reports_here(verb) for verb in self._sent.queue):
            self._probe_due = self.now + PROBE_AFTER
