"""Text that is streamed to be spoken."""

from __future__ import annotations

from typing import Any

from .command import Command
from .token_sender import Utterance
from .verb import Verb
from .waiting import Waiting

__all__ = ["Speaking"]

_OPEN_STREAM: dict[str, Any] = {"ttsStream": {"enable": True}}


class Speaking(Waiting):
    """Speaks text that comes bit by bit."""

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
