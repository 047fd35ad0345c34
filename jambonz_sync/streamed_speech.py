"""What a session says as it comes: text that is streamed to jambonz, above all that of a language model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import wording
from .call_thread import CallThread
from .exceptions import InvalidCommand, TtsStreamFailed
from .protocol.token_sender import MOST_CHARACTERS, Utterance

if TYPE_CHECKING:
    pass

__all__ = ["StreamedSpeech", "StreamedText"]


@dataclass(frozen=True)
class StreamedText:
    """What came of ``stream_tts``. True unless it was interrupted.

    ::

        said = session.stream_tts(model(question))
        history.append({"role": "assistant", "content": said.text})

    ``text``: what jambonz accepted. After an interruption the caller has heard less of it: jambonz 10 says how much,
    by ``tts:tts_spoken``.

    ``interrupted``: whether the rest was dropped, because the caller barged in, or because the stream was cleared or
    closed.
    """

    text: str
    interrupted: bool

    def __bool__(self) -> bool:
        return not self.interrupted


class StreamedSpeech(CallThread):
    """The methods of a session for speech that is streamed."""

    def stream_tts(self, text: str | Iterable[str | None], *, flush: bool = True) -> StreamedText:
        """Speak text while it is still being written, as a language model does.

        ::

            evt = session.wait_for("/heard")
            session.stream_tts(model(evt.transcript))

        The first words are spoken as soon as they make a sentence. It returns when jambonz has accepted all of the
        text, which is before the caller has heard it: what must be heard before the call ends is for :meth:`say`. When
        the caller barges in, which takes a ``barge_in`` that is enabled with :meth:`config`, what has not been spoken
        is dropped and it returns at once; what the caller has said comes to the action hook of that ``barge_in``.
        Handlers registered with :meth:`on` run meanwhile.

        If no stream is open, by ``tts_stream`` of :meth:`config` or by ``stream`` of :meth:`say`, it opens one for the
        rest of the call. A hook that was taken before and is not replied to is answered first, in such a way that the
        verbs queued behind it wait for your reply.

        ``text``: a text, or an iterator of its pieces, of which ``None`` and ``""`` are left out. It is asked for more
        only while fewer than about 1,000 characters wait to be accepted, and it is closed, if it has a ``close()``,
        however this ends.

        ``flush``: have the last words spoken even if they do not end in a full stop.

        Returns a :class:`~jambonz_sync.StreamedText`: the ``text`` that was accepted, and whether it was
        ``interrupted``.

        Raises :exc:`TypeError` for anything else than text, :exc:`~jambonz_sync.TtsStreamFailed` if jambonz cannot
        speak it, and :exc:`~jambonz_sync.CallEnded` once the call is over.
        """
        self._require_own_thread("stream_tts")
        pieces = _pieces(text)
        utterance = Utterance()
        try:
            self._prepare()
            with self._conversation.turn() as call:
                call.begin_utterance(utterance)
            for piece in pieces:
                if piece is not None and not isinstance(piece, str):
                    raise TypeError(wording.no_text("stream_tts", piece, piece=True))
                self._add(utterance, piece or "")
                self._handle_until(lambda: utterance.is_over or utterance.waiting <= MOST_CHARACTERS)
                if utterance.is_over:
                    break
            if flush and not utterance.is_over:
                self.flush_tts_tokens()
            self._handle_until(lambda: utterance.is_settled)
        finally:
            with self._conversation.turn() as call:
                call.end_utterance(utterance)
            close = getattr(pieces, "close", None)
            if callable(close):
                close()
        _raise_if_failed(utterance)
        return StreamedText(utterance.text, utterance.interrupted)

    def send_tts_tokens(self, text: str) -> bool:
        """Send text to be spoken, and wait until jambonz has accepted it. From any thread.

        ::

            for word in words:
                if not session.send_tts_tokens(word):
                    break
            session.flush_tts_tokens()

        Texts of several threads do not mix. On the call's own thread, handlers registered with :meth:`on` run
        meanwhile. A stream is opened and a hook settled as by :meth:`stream_tts`, which does all of this.

        ``text``: of any length.

        Returns whether all of it was accepted: not if the caller barged in meanwhile, or the stream was cleared or
        closed.

        Raises :exc:`TypeError`, :exc:`~jambonz_sync.TtsStreamFailed`, and, once the call is over,
        :exc:`~jambonz_sync.CallEnded` (:exc:`~jambonz_sync.CallNotActive` on other threads).
        """
        if not isinstance(text, str):
            raise TypeError(wording.no_text("send_tts_tokens", text))
        utterance = Utterance()
        self._prepare()
        self._add(utterance, text)
        if self._on_own_thread:
            self._dispatch_until(lambda call: utterance.is_settled, None, waiting_for="streamed speech")
        else:
            self._wait_elsewhere(utterance)
        _raise_if_failed(utterance)
        return not utterance.interrupted

    def flush_tts_tokens(self) -> None:
        """Have all that was streamed so far spoken, even if it does not end in a full stop. From any thread.

        ::

            session.send_tts_tokens("Your number is 42")
            session.flush_tts_tokens()

        Text that jambonz has not accepted yet goes first; this does not wait for it.

        Raises :exc:`~jambonz_sync.CallEnded` when the call is over (:exc:`~jambonz_sync.CallNotActive` on other
        threads).
        """
        with self._conversation.turn() as call:
            self._raise_if_over(call)
            call.flush_tokens()

    def clear_tts_tokens(self) -> None:
        """Drop all that was streamed and is not spoken yet, and be silent. From any thread.

        ::

            session.clear_tts_tokens()

        Whoever is streaming is told that it was interrupted. It does not wait for anything.

        Raises as :meth:`flush_tts_tokens`.
        """
        with self._conversation.turn() as call:
            self._raise_if_over(call)
            call.clear_tokens()

    def _prepare(self) -> None:
        """Make sure that jambonz speaks what is streamed, and that it waits for nothing meanwhile."""
        frame = self._frame
        self._send_forgotten(frame, "streaming speech")
        with self._conversation.turn() as call:
            self._raise_if_over(call)
            call.open_stream()
            if frame.current is not None:
                call.stand_in(frame.current)

    def _add(self, utterance: Utterance, text: str) -> None:
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise InvalidCommand(wording.unspeakable_text(str(error))) from None
        with self._conversation.turn() as call:
            self._raise_if_over(call)
            call.stream_tokens(utterance, text)

    def _handle_until(self, done: Callable[[], bool]) -> None:
        """Run the handlers of what has come, and of what comes until it is ``done``."""
        with self._conversation.turn() as call:
            names = list(self._handled_names(call))
        self._dispatch_until(lambda call: done(), None, names, "streamed speech")

    def _wait_elsewhere(self, utterance: Utterance) -> None:
        conversation = self._conversation
        with conversation.changed:
            conversation.changed.wait_for(lambda: utterance.is_settled or conversation.call.ending is not None)
        if not utterance.is_settled:
            raise self._end_error()


def _pieces(text: object) -> Iterator[object]:
    if isinstance(text, str):
        return iter((text,))
    if isinstance(text, (bytes, bytearray, Mapping)) or not isinstance(text, Iterable):
        raise TypeError(wording.no_text("stream_tts", text))
    return iter(text)


def _raise_if_failed(utterance: Utterance) -> None:
    if utterance.failure is not None:
        raise TtsStreamFailed(wording.tts_stream_failed(utterance.failure), utterance.failure)
