"""What goes on in a call beside its verbs: who listens, and hooks whose answer no verb waits for.

::

    background.ask("/transcribed", {**leg.raw(), "speech": speech}, background.take_verbs)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .application import Answer, Application, Question
from .barge_in import BargeIn
from .caller import Party
from .defaults import Defaults
from .delay_action import DelayAction
from .hearing import Hearing
from .listening import Listening
from .recording import Recording
from .timers import Timer
from .transcribing import Transcribing
from .verb import BadVerbs, hook_name, is_http
from .wire import Connection

if TYPE_CHECKING:
    from .execution import Execution

__all__ = ["Background"]

#: Is told of the answer to a hook; of ``None`` if there was none in time.
Taker = Callable[["Answer | None"], object]


class Background:
    """The background of one call, whose ``caller`` is listened to."""

    def __init__(self, execution: Execution, caller: Party) -> None:
        self._execution = execution
        self.defaults = Defaults()
        self.hearing = Hearing(execution, caller)
        self.delay = DelayAction(execution)
        self.barge_in = BargeIn(execution)
        self.recording = Recording(execution.transcript)
        #: Is told of SIP requests that come within the call.
        self.request_hook: object = None
        #: User and password, ready for an address, of the last ``listen`` that had any.
        self.audio_credentials: str | None = None
        self._listen: Listening | None = None
        self._transcribe: Transcribing | None = None
        self._listening: list[Listening] = []
        self._open: list[tuple[Question, Application, Taker]] = []
        self._next_due: Timer | None = None

    @property
    def is_busy(self) -> bool:
        """Whether something goes on that may give a silent call new verbs."""
        return bool(self._open) or self.hearing.is_busy or self.delay.is_busy

    def verb_begins(self, name: str | None) -> None:
        """The verb of this name begins; ``None``: there is none to begin."""
        self.hearing.verb_begins(name)
        if name is None:
            self.delay.start()

    # Audio

    @property
    def connections(self) -> list[Connection]:
        """Those on which something may come beside the application's own."""
        return [one.connection for one in self._listening if one.connection is not None]

    def add_listening(self, listening: Listening) -> None:
        """Take in what comes on its connection, and let it hear the caller."""
        self._listening.append(listening)
        self.hearing.add(listening)

    def remove_listening(self, listening: Listening) -> None:
        """Leave it alone from now on."""
        self._listening = [one for one in self._listening if one is not listening]
        self.hearing.remove(listening)

    # What config begins and ends

    def change_listen(self, options: Mapping[str, Any]) -> None:
        """Begin or end to listen in the background."""
        if options.get("enable") is not True:
            if self._listen is not None:
                self._listen.end()
        elif self._listen is not None:
            self._execution.transcript.add("note", "config.listen is not looked at: it goes on already")
        else:
            self._listen = Listening(self._execution, options, self._execution.leg, over=self._listen_is_over)
            self._listen.open()

    def _listen_is_over(self, listening: Listening) -> None:
        # In the background it has no hook that could be told.
        self._listen = None
        listening.close()

    def change_transcribe(self, options: Mapping[str, Any]) -> None:
        """Begin or end to transcribe in the background."""
        if options.get("enable") is True:
            if self._transcribe is None:
                self._transcribe = Transcribing(self._execution, options, self._execution.leg)
                self._transcribe.begin()
        elif self._transcribe is not None:
            self._transcribe.end()
            self._transcribe = None

    def change_transcribe_status(self, message: dict[str, Any]) -> bool:
        """Pause or resume the transcription in the background, if there is one."""
        return self._transcribe is not None and self._transcribe.change_status(message)

    def end(self) -> None:
        """The call is over, and all of this with it."""
        for listening in self._listening:
            listening.close()

    # Hooks

    def ask(
        self,
        hook: object,
        data: dict[str, Any],
        take: Taker = lambda answer: None,
        *,
        kind: str = "verb:hook",
        traced: bool = True,
    ) -> bool:
        """Send a hook and go on; ``take`` is told of its answer. Return whether there is a hook to send."""
        name = hook_name(hook)
        if name is None:
            return False
        execution = self._execution
        if is_http(name):
            execution.note_http(name)
            return False
        application = execution.application
        self._open.append((application.ask(kind, data, hook=name, traced=traced), application, take))
        self._watch()
        return True

    def _watch(self) -> None:
        """Look again when the next hook is due; one that is not sent yet is due later."""
        if self._next_due is not None:
            self._next_due.cancel()
        due = min((question.due for question, _, _ in self._open), default=math.inf)
        if due < math.inf:
            self._next_due = self._execution.timers.at(due, self._expire)

    def settle(self) -> None:
        """Act on what has come: answers, and messages for what listens."""
        for listening in list(self._listening):
            listening.read()
        if any(question.is_settled for question, _, _ in self._open):
            self._take_settled()

    def _take_settled(self) -> None:
        settled = [entry for entry in self._open if entry[0].is_settled]
        self._open = [entry for entry in self._open if not entry[0].is_settled]
        self._watch()
        for question, _, take in settled:
            if question.answer is None:
                self._execution.transcript.add(*question.unanswered)
            take(question.answer)

    def _expire(self) -> None:
        now = self._execution.clock.now()
        for question, application, _ in self._open:
            if question.due <= now and not question.is_settled:
                # By now the call may go on with another one.
                application.give_up(question)
        self._take_settled()

    def take_verbs(self, answer: Answer | None) -> bool:
        """Let the verbs of an answer take the place of everything. Return whether there were any."""
        try:
            verbs = [] if answer is None else answer.verbs()
        except BadVerbs as fault:
            self._execution.transcript.add("fault", f"the answer to a hook is no list of verbs: {fault}")
            return False
        if verbs:
            self._execution.main.replace_by_answer(verbs)
        return bool(verbs)
