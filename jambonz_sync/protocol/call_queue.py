"""The queue of verbs that jambonz works through, as far as is known, and the commands on their way to it."""

from __future__ import annotations

import math

from .call_state import NOTIFY, CallState
from .command import Command
from .commands import MOST_HELD
from .message import encode
from .run import Run
from .verb import Verb

__all__ = ["CallQueue"]


class CallQueue(CallState):
    """What becomes of the queue, and of commands."""

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

    def _replace(self, verbs: tuple[Verb, ...]) -> None:
        self._sweep()
        opening = self._opening_asking
        for asking in self._open:
            # An empty answer to the first question would reject the call.
            asking.overtaken = asking is not opening
        self._sent.replace(verbs)
        self._note_sent(verbs)
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
        self._empty_queue()
        for asking in self._open:
            asking.in_list = False
            asking.behind = ()

    def _empty_queue(self) -> None:
        if self._notify_may_be_lost:
            self._notify_is_sent = False
        self._sent.replace(())
        # Verbs that are gone are not missed.
        self._miss_nothing()

    def _miss_nothing(self) -> None:
        """Look no more for hooks that were lost."""
        self._probe_due = math.inf
        self._probe_id = None

    @property
    def _notify_may_be_lost(self) -> bool:
        """Whether what asks for reports stands behind other verbs. In front of them it is executed at once."""
        return NOTIFY in self._sent.queue[1:] or any(NOTIFY in verbs for _, verbs in self._held_appends)

    def _note_sent(self, verbs: tuple[Verb, ...]) -> None:
        for verb in verbs:
            # Whoever waits for this hook from now on means the new verb.
            self._lost_hooks.pop(verb.action_hook or "", None)
        self._stream.see_verbs(verbs)
        self.notify_events = self.notify_events or any(
            verb.name == "config" and verb.options.get("notifyEvents") is True and verb.id != Run.CONFIG_ID
            for verb in verbs
        )

    def _flush_appends(self) -> None:
        held, self._held_appends = self._held_appends, []
        for text, verbs in held:
            self._command(text)
            self._sent.extend(verbs)
            self._note_sent(verbs)

    def _release_appends(self) -> None:
        if self._held_appends and not self._stands_still:
            self._flush_appends()

    @property
    def _stands_still(self) -> bool:
        """Whether jambonz's queue does, because of a question."""
        return any(asking.holds_queue for asking in (*self._open, *self._frozen))
