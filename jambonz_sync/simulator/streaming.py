"""Streaming speech: tokens come as commands, leave the buffer in sentences, and a vendor speaks them.

::

    stream.open("google", in_background=True)
    stream.commands["tts:tokens"]({"command": "tts:tokens", "data": {"id": 1, "tokens": "It rains. "}})
    stream.close()

A call has one stream. However often it is opened, it is connected once; what is left in its buffer when a ``say`` has
ended waits for the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from .speech import spoken
from .stream_script import StreamConnects, StreamFails, StreamOutcome
from .timers import Timer
from .token_buffer import LOW_WATER, TokenBuffer
from .unwinding import Killed, Skipped
from .verb import Verb
from .voice import Voice

if TYPE_CHECKING:
    from .execution import Execution
    from .runner import Runner

__all__ = ["TokenStream", "say_streamed", "switch_stream"]

#: How long an unfinished sentence waits for more text.
_IDLE_SECONDS = 1.0

_UNAVAILABLE = "there is streaming speech for the caller only"


class TokenStream:
    """The streaming speech of one call.

    ``outcomes``: what becomes of each connection, in order; after the last, all succeed.
    """

    def __init__(self, execution: Execution, outcomes: Iterable[StreamOutcome] = ()) -> None:
        #: What the stream does of the application's commands; whether or not it is open.
        self.commands: Mapping[str, Callable[[dict[str, Any]], bool]] = {
            "tts:tokens": self._take_tokens,
            "tts:flush": self._flush,
            "tts:clear": self._clear,
        }
        #: How often the vendor has reported that it has nothing more to speak.
        self.emptied = 0
        self._execution = execution
        self._outcomes = iter(outcomes)
        self._vendor = ""
        self._state: Literal["not connected", "connecting", "connected", "failed"] = "not connected"
        # Who holds it open.
        self._background = False
        self._verb = False
        self._buffer = TokenBuffer()
        self._voice = Voice(execution, self._spoken_out)
        self._connecting: Timer | None = None
        self._tick: Timer | None = None
        self._newest_text = 0.0
        self._was_heard = False

    @property
    def is_available(self) -> bool:
        """Whether there is such speech at all: not for a party that has left the call it was dialled by."""
        return self._execution.leg.parent_call_sid is None

    @property
    def is_heard(self) -> bool:
        """Whether something is being spoken, or will be without any more doing of the application."""
        return self._voice.is_speaking or (self._is_open and self._buffer.goes_on)

    @property
    def is_busy(self) -> bool:
        """The same; or whether it is being connected."""
        return self.is_heard or self._connecting is not None

    @property
    def _is_open(self) -> bool:
        return self._state == "connected" and (self._background or self._verb)

    # The connection

    def open(self, vendor: str, *, in_background: bool) -> None:
        """Hold the stream open, for a verb or for good, and connect it if it is not connected.

        A vendor that has failed is tried again.
        """
        if in_background:
            self._background = True
        else:
            self._verb = True
        if self._state == "connected":
            self._feed(self._execution.clock.now())
        elif self._state != "connecting":
            self._vendor = vendor
            self._state = "connecting"
            outcome = next(self._outcomes, StreamConnects())
            due = self._execution.clock.now() + outcome.after
            connect = self._fail if isinstance(outcome, StreamFails) else lambda: self._connected(due)
            self._connecting = self._execution.timers.at(due, connect)

    def release(self) -> None:
        """The verb has ended by itself: the stream stays connected, and nobody is told."""
        self._verb = False

    def kill(self) -> None:
        """The verb is replaced: that disconnects the stream, unless it is open in the background too."""
        self._verb = False
        if not self._background:
            self.close()

    def close(self) -> None:
        """Disconnect, and forget what is not spoken."""
        self._background = self._verb = False
        for timer in (self._connecting, self._tick):
            if timer is not None:
                timer.cancel()
        self._connecting = self._tick = None
        self._voice.stop()
        self._buffer.clear()
        self._state = "not connected"
        self._report("stream_closed")
        self._tell_listeners()

    def end_background(self) -> None:
        """Disconnect, if it is open in the background."""
        if self._background:
            self.close()

    def _connected(self, now: float) -> None:
        self._connecting = None
        self._state = "connected"
        self._report("stream_open")
        self._feed(now)

    def _fail(self) -> None:
        # No event tells of it; the next result does.
        self._connecting = None
        self._state = "failed"
        self._buffer.clear()
        self._execution.transcript.add("note", f"the streaming speech of {self._vendor} cannot be reached")

    # Commands

    def _take_tokens(self, message: dict[str, Any]) -> bool:
        data = message.get("data")
        if not isinstance(data, dict) or "id" not in data:
            # Such a piece has no name under which a result could be sent.
            return False
        result = {} if "tokens" in data else {"status": "failed", "reason": "missing tokens"}
        if isinstance(data.get("tokens"), str) and self.is_available:
            reason = self._refusal(data["tokens"])
            result = {"status": "ok"} if reason is None else {"status": "failed", "reason": reason}
        self._execution.application.tell("tts:tokens-result", {"id": data["id"], **result})
        return True

    def _refusal(self, tokens: str) -> str | None:
        """Take tokens in; return why not, if they are refused."""
        if self._state == "failed":
            return f"connection to {self._vendor} failed"
        if not self._buffer.has_room_for(tokens):
            if not self._buffer.is_full:
                self._buffer.is_full = True
                self._report("stream_paused")
            return "full"
        if self._buffer.size or tokens.strip():
            self._buffer.add(tokens)
            self._newest_text = self._execution.clock.now()
            self._feed(self._newest_text)
        return None

    def speak_first(self, texts: Iterable[str]) -> None:
        """Speak what the verb itself has to say, before any tokens that come later."""
        for text in texts:
            reason = self._refusal(text)
            if reason is not None:
                self._execution.transcript.add("fault", f"the text of the say is not streamed: {reason}")
            else:
                self._flush({})

    def _flush(self, message: dict[str, Any]) -> bool:
        # With text waiting, the next token or tick has to come upon it.
        if self._state == "connecting" or (self._state == "connected" and not self._buffer.is_empty):
            self._buffer.flush()
            self._see_to_tick(self._execution.clock.now())
        elif self._state != "connected":
            # Text that is held will be spoken in time, and may be flushed again then.
            kind: Literal["note", "fault"] = "fault" if self._buffer.is_empty else "note"
            self._execution.transcript.add(kind, f"the command tts:flush is lost: the stream is {self._state}")
        return True

    def _clear(self, message: dict[str, Any]) -> bool:
        if self._state == "connected":
            self._drop()
        else:
            self._execution.transcript.add("fault", f"the command tts:clear is lost: the stream is {self._state}")
        return True

    def _drop(self) -> None:
        self._buffer.clear()
        self._voice.stop()
        self._see_to_tick(self._execution.clock.now())

    def interrupt(self) -> None:
        """The caller barges in: what is being spoken, and what waits to be, is dropped, and the application told.

        Nothing happens where there is nothing to interrupt.
        """
        if self._state == "connected" and (self._voice.is_speaking or self._buffer.has_words):
            self._drop()
            self._report("user_interruption")

    # From the buffer to the voice

    def _feed(self, now: float, *, idle: bool = False) -> None:
        if not self._is_open:
            return
        for text in self._buffer.take_flushed():
            self._voice.speak(text, now)
        while chunk := self._buffer.take_sentences() or (self._buffer.take_words() if idle else ""):
            idle = False
            self._voice.speak(chunk, now)
            if self._buffer.is_full and self._buffer.size <= LOW_WATER:
                self._buffer.is_full = False
                self._report("stream_resumed")
        self._see_to_tick(now)

    def _see_to_tick(self, now: float) -> None:
        self._tell_listeners()
        if self._is_open and self._buffer.goes_on:
            if self._tick is None:
                self._set_tick(now + _IDLE_SECONDS)
        elif self._tick is not None:
            self._tick.cancel()
            self._tick = None

    def _set_tick(self, due: float) -> None:
        self._tick = self._execution.timers.at(due, lambda: self._on_tick(due))

    def _on_tick(self, now: float) -> None:
        self._tick = None
        if now - self._newest_text < _IDLE_SECONDS:
            # More has come since: it gets its second too, or nearly two.
            self._set_tick(now + _IDLE_SECONDS)
        else:
            self._feed(now, idle=True)

    def _spoken_out(self) -> None:
        self.emptied += 1
        self._tell_listeners()

    def _tell_listeners(self) -> None:
        if self._was_heard != self.is_heard:
            self._was_heard = self.is_heard
            self._execution.background.hearing.stream_changes(self.is_heard)

    def _report(self, event: str) -> None:
        self._execution.application.tell("tts:streaming-event", {"event_type": event})


def switch_stream(run: Runner, options: Mapping[str, Any]) -> None:
    """Do what ``ttsStream`` of a ``config`` says."""
    switch = options.get("ttsStream")
    if not isinstance(switch, dict):
        return
    if not run.execution.stream.is_available:
        run.execution.transcript.add("note", f"config: {_UNAVAILABLE}")
    elif switch.get("enable") is True:
        run.answer()
        run.execution.stream.open(_vendor(run, options), in_background=True)
    else:
        run.execution.stream.end_background()


def _vendor(run: Runner, options: Mapping[str, Any]) -> str:
    return str(run.execution.background.defaults.synthesizer_for(options).get("vendor"))


def say_streamed(run: Runner, verb: Verb) -> None:
    """Execute a ``say`` with ``stream``: what is streamed is spoken until there is no more for the first time."""
    stream = run.execution.stream
    if not run.is_main or not stream.is_available:
        raise Skipped(_UNAVAILABLE)
    emptied = stream.emptied
    stream.open(_vendor(run, verb.options), in_background=False)
    stream.speak_first(spoken(verb.options.get("text")))
    try:
        run.await_command(lambda: stream.emptied > emptied)
    except Killed:
        stream.kill()
        raise
    stream.release()
