"""Text on its way to jambonz, to be spoken as it comes: in pieces, each of which jambonz accepts or refuses.

::

    sender = TokenSender()
    answer = Utterance()
    sender.add(answer, "It rains. ")
    sender.outbox  # the first piece; the next one when see_result() has been told of its result

No socket and no thread, and time is an argument: what there is to write is found in :attr:`TokenSender.outbox`.

* One piece at a time is on its way. If there were two, and the first one was refused for want of room, the second,
  shorter one might be accepted before it. What is added meanwhile is joined to one piece, so a slow answer costs no
  speed.
* A piece that was refused is sent again, under the same id, when jambonz says that there is room, or after a second:
  jambonz does not always say so.
* A piece whose result is missing after a dropped connection is sent again, under the same id, unless the result comes
  within a second. If only the result was lost, the caller hears the piece twice: better than a hole.
"""

from __future__ import annotations

import itertools
import math
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from .command import Command
from .message import encode

__all__ = ["MOST_CHARACTERS", "RETRY_AFTER", "TokenSender", "Utterance", "units_of"]

#: The room jambonz has for text that waits to be spoken, in UTF-16 units. A longer piece can never be accepted.
MOST_CHARACTERS = 1_000

#: When a piece is sent again for which nobody has said that there is room, in seconds.
RETRY_AFTER = 1.0


def units_of(text: str) -> int:
    """Return the length of a text as jambonz counts it, in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _fitting(text: str, start: int, room: int) -> str:
    """Return as much of the text from ``start`` on as fits into ``room``, in whole characters."""
    part = text[start : start + room]
    while units_of(part) > room:
        # Every character has two units at most, so this halves what is too much.
        part = part[: len(part) - math.ceil((units_of(part) - room) / 2)]
    return part


class Utterance:
    """What somebody wants to be spoken, added at once or bit by bit, and what has become of it."""

    def __init__(self) -> None:
        #: How much of it jambonz has not accepted yet, in UTF-16 units.
        self.waiting = 0
        #: Whether the rest was dropped: the caller has interrupted, or the stream was cleared or closed.
        self.interrupted = False
        #: Why jambonz cannot speak it; ``None`` if it can.
        self.failure: str | None = None
        self._accepted: list[str] = []

    @property
    def text(self) -> str:
        """What jambonz has accepted."""
        return "".join(self._accepted)

    @property
    def is_over(self) -> bool:
        """Whether nothing more of it will be sent."""
        return self.interrupted or self.failure is not None

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing to wait for."""
        return self.is_over or self.waiting == 0

    def accept(self, part: str) -> None:
        """jambonz has accepted this part."""
        self._accepted.append(part)
        self.waiting -= units_of(part)


class _Waiting:
    """Text that has been added, less what has gone into pieces. ``None`` as its utterance: a flush, and a space."""

    __slots__ = ("start", "text", "utterance")

    def __init__(self, utterance: Utterance | None, text: str) -> None:
        self.utterance = utterance
        self.text = text
        self.start = 0


class _Piece:
    """What is on its way, and of which utterances its parts are."""

    __slots__ = ("due", "id", "is_doubtful", "is_refused", "message", "parts")

    def __init__(self, name: str, tokens: str, parts: list[tuple[Utterance, str]]) -> None:
        self.id = name
        self.message = encode(Command("tts:tokens", {"id": name, "tokens": tokens}).wire())
        self.parts = parts
        self.is_refused = False
        # The connection was lost before its result came.
        self.is_doubtful = False
        # When it is sent again.
        self.due = math.inf


class TokenSender:
    """The streamed text of one call."""

    def __init__(self) -> None:
        #: Messages to be written, in order.
        self.outbox: list[str] = []
        #: What the ids of all pieces begin with: something that no other process has used for this call.
        self.prefix = "tokens"
        #: Whether jambonz has its connection to the vendor of the voice, as far as is known.
        self.is_connected = False
        self._numbers = itertools.count(1)
        self._waiting: deque[_Waiting] = deque()
        self._piece: _Piece | None = None
        # Those to which more may be added.
        self._begun: dict[Utterance, None] = {}
        # jambonz forgets a flush that reaches it before it has begun to connect.
        self._flush_may_be_lost = False

    @property
    def due(self) -> float:
        """When :meth:`tick` has something to do, while there is a connection; ``inf`` for never."""
        return math.inf if self._piece is None else self._piece.due

    def owns(self, piece_id: object) -> bool:
        """Whether a piece of this id was sent from here."""
        return isinstance(piece_id, str) and piece_id.startswith(f"{self.prefix}.")

    # What the application wants

    def begin(self, utterance: Utterance) -> None:
        """Let it be interrupted even while nothing of it is waiting, until :meth:`end`."""
        self._begun[utterance] = None

    def end(self, utterance: Utterance) -> None:
        """Nothing more will be added to it."""
        self._begun.pop(utterance, None)

    def add(self, utterance: Utterance, text: str) -> None:
        """Send text behind all that was added before. Nothing is sent of an utterance that is over."""
        if text and not utterance.is_over:
            utterance.waiting += units_of(text)
            self._waiting.append(_Waiting(utterance, text))
            self._go_on()

    def flush(self) -> None:
        """When all that was added before has been accepted, have it spoken, whatever it ends in."""
        if not self._waiting or self._waiting[-1].utterance is not None:
            self._waiting.append(_Waiting(None, " "))
            self._go_on()

    def clear(self) -> None:
        """Drop what has not been accepted, and have jambonz drop what it has."""
        self.drop()
        self._write_clear()

    def drop(self) -> None:
        """Drop what has not been accepted."""
        for utterance in self._unfinished():
            utterance.interrupted = True
        self._forget()

    # What jambonz says

    def see_result(self, data: Mapping[str, Any], now: float) -> str | None:
        """A ``tts:tokens-result`` came. Returns why nothing will be spoken any more, if that is so."""
        piece = self._piece
        if piece is None or data.get("id") != piece.id:
            # Of a piece that was dropped, that has been sent twice, or that somebody else has sent.
            return None
        if data.get("status") == "ok":
            self._piece = None
            for utterance, part in piece.parts:
                utterance.accept(part)
            self._go_on()
        elif data.get("reason") == "full":
            piece.is_refused = True
            piece.is_doubtful = False
            piece.due = now + RETRY_AFTER
        else:
            reason = data.get("reason")
            failure = reason if isinstance(reason, str) and reason else "there is no streamed speech for this call"
            self._fail(failure)
            return failure
        return None

    def see_event(self, kind: object) -> None:
        """A ``tts:streaming-event`` came."""
        piece = self._piece
        if kind == "stream_open":
            self.is_connected = True
            if self._flush_may_be_lost and not self._waiting:
                self.flush()
        elif kind == "stream_resumed":
            if piece is not None and piece.is_refused:
                self._write_again(piece)
        elif kind == "user_interruption":
            self.drop()
            if piece is not None and not piece.is_refused:
                # jambonz may have emptied its buffer before the piece is there.
                self._write_clear()
        elif kind == "stream_closed":
            self.is_connected = False
            self.drop()

    def tick(self, now: float) -> None:
        """Do what is due."""
        piece = self._piece
        if piece is not None and now >= piece.due:
            if piece.is_doubtful and not piece.parts:
                # The flush before the space may be lost as well. Twice is once.
                self._write_flush()
            self._write_again(piece)

    # The connection

    def connection_lost(self, unwritten: Collection[str]) -> None:
        """The connection is lost, and these messages have not been written."""
        piece = self._piece
        if piece is not None and not piece.is_refused:
            piece.is_doubtful = piece.message not in unwritten
            piece.due = math.inf

    def connection_resumed(self, now: float) -> None:
        """jambonz is back, and will say first what it could not say meanwhile."""
        piece = self._piece
        if piece is not None and piece.is_doubtful:
            piece.due = now + RETRY_AFTER
        elif piece is not None:
            # It may have become due meanwhile.
            piece.due = max(piece.due, now)

    # Pieces

    def _go_on(self) -> None:
        """Send the next piece, if the one before has been accepted."""
        if self._piece is not None or not self._waiting:
            return
        if self._waiting[0].utterance is None:
            self._write_flush()
            # With text waiting, jambonz comes upon the flush at the next token, or up to two seconds later.
            self._send(self._waiting.popleft().text, [])
            return
        self._flush_may_be_lost = False
        parts = list(self._next_parts())
        self._send("".join(part for _, part in parts), parts)

    def _next_parts(self) -> Iterator[tuple[Utterance, str]]:
        room = MOST_CHARACTERS
        while self._waiting:
            first = self._waiting[0]
            utterance = first.utterance
            part = _fitting(first.text, first.start, room)
            if utterance is None or not part:
                return
            yield utterance, part
            room -= units_of(part)
            first.start += len(part)
            if first.start < len(first.text):
                return
            self._waiting.popleft()

    def _send(self, tokens: str, parts: list[tuple[Utterance, str]]) -> None:
        self._piece = _Piece(f"{self.prefix}.{next(self._numbers)}", tokens, parts)
        self.outbox.append(self._piece.message)

    def _write_again(self, piece: _Piece) -> None:
        piece.is_refused = piece.is_doubtful = False
        piece.due = math.inf
        self.outbox.append(piece.message)

    def _write_flush(self) -> None:
        self.outbox.append(encode(Command("tts:flush").wire()))
        self._flush_may_be_lost = not self.is_connected

    def _write_clear(self) -> None:
        self.outbox.append(encode(Command("tts:clear").wire()))

    # The end of it

    def _unfinished(self) -> Iterator[Utterance]:
        yield from self._begun
        if self._piece is not None:
            for utterance, _ in self._piece.parts:
                yield utterance
        for waiting in self._waiting:
            if waiting.utterance is not None:
                yield waiting.utterance

    def _forget(self) -> None:
        self._piece = None
        self._waiting.clear()
        self._flush_may_be_lost = False

    def _fail(self, failure: str) -> None:
        self.is_connected = False
        for utterance in self._unfinished():
            utterance.failure = failure
        self._forget()
