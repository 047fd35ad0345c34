"""``transcribe``: what is said is told to a hook, as a verb, in the background, or within a ``dial`` or ``listen``.

::

    transcribe(run, Verb("transcribe", {"transcriptionHook": "/said"}))
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from .caller import Says
from .facts import Leg
from .hearing import Ear
from .readable import pauses
from .recognizing import recognized
from .speech import speaking_time
from .verb import Verb

if TYPE_CHECKING:
    from .commanding import CommandDoer
    from .execution import Execution
    from .runner import Runner

__all__ = ["Transcribing", "channels_of", "transcribe"]


def transcribe(run: Runner, verb: Verb) -> None:
    """Execute it: it goes on until it is killed."""
    run.answer()
    transcribing = Transcribing(run.execution, verb.options, run.leg)
    transcribing.begin()
    try:
        with run.execution.doing(transcribing.commands):
            run.execution.wait(stop=lambda: run.killed)
    finally:
        transcribing.end()


def channels_of(options: Mapping[str, Any]) -> Collection[int]:
    """Return which sides a ``transcribe`` right in a ``dial`` hears: the one it asks for, or both, each for itself."""
    channel, recognizer = options.get("channel"), options.get("recognizer")
    if channel in (1, 2):
        return (channel,)
    is_one = isinstance(recognizer, dict) and recognizer.get("separateRecognitionPerChannel") is False
    return (1,) if is_one else (1, 2)


class Transcribing(Ear):
    """One transcription.

    * ``options``: those of the ``transcribe``
    * ``leg``: whose facts are told, in their raw form
    * ``nested``: whether it is part of a ``dial``, where the verbs in an answer are not looked at
    * ``channels``: which sides it hears; by default the caller alone
    """

    def __init__(
        self,
        execution: Execution,
        options: Mapping[str, Any],
        leg: Leg,
        *,
        nested: bool = False,
        channels: Collection[int] = (1,),
    ) -> None:
        self.is_paused = False
        self._execution = execution
        self._options = options
        self._leg = leg
        self._nested = nested
        self._channels = channels
        self._recognizer = execution.background.defaults.recognizer_for(options)
        self._being_heard = 0
        self._ended = False

    @property
    def is_busy(self) -> bool:
        """Whether somebody is speaking."""
        return self._being_heard > 0

    @property
    def commands(self) -> Mapping[str, CommandDoer]:
        """What the application may command while it runs."""
        return {"transcribe:status": self._change_all}

    def _change_all(self, message: dict[str, Any]) -> bool:
        # It is for the one in the background too.
        self._execution.background.change_transcribe_status(message)
        return self.change_status(message)

    def change_status(self, message: dict[str, Any]) -> bool:
        """Pause or resume it. Return whether the command has the shape that jambonz reads."""
        paused = pauses(message)
        if paused is None:
            return False
        self.is_paused = paused
        self._execution.transcript.add("call", f"transcribing is {'paused' if self.is_paused else 'resumed'}")
        return True

    def begin(self) -> None:
        """Begin to listen."""
        self._execution.background.hearing.add(self)

    def end(self) -> None:
        """Listen no longer; nothing happens if it did not."""
        self._execution.background.hearing.remove(self)
        self._ended = True

    def hear(self, speech: Says, at: float, channel: int) -> None:
        if self.is_paused or channel not in self._channels:
            return
        self._being_heard += 1
        end = at + speaking_time(speech.text)
        self._execution.timers.at(end, functools.partial(self._tell, speech, channel))

    def _tell(self, speech: Says, channel: int) -> None:
        self._being_heard -= 1
        if self.is_paused or self._ended:
            return
        result = {"speech": recognized(speech, self._recognizer, channel=channel)}
        self._ask("transcriptionHook", result)
        if speech.translation:
            language, text = speech.translation
            translation = {"channel": channel, "language": language, "translation": text}
            self._ask("translationHook", {"translation": translation})

    def _ask(self, option: str, result: dict[str, Any]) -> None:
        background = self._execution.background
        # Here the trace context stands in the data.
        data = {**self._leg.raw(), **result, "b3": self._leg.new_b3()}
        if self._nested:
            background.ask(self._options.get(option), data, traced=False)
        else:
            background.ask(self._options.get(option), data, background.take_verbs, traced=False)
