"""What a gather has collected so far, and when it is enough: for the verb, and for barge-in in the background.

::

    collected = Collecting({"numDigits": 2}, recognizer)
    collected.take_key("1", at=0.0)
    collected.take_key("2", at=0.4)
    collected.result  # {"digits": "12", "reason": "dtmfDetected"}
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from .caller import Says
from .recognizing import is_sure_enough, recognized
from .speech import speaking_time
from .verb import number

__all__ = ["Collecting"]


class Collecting:
    """The input of one gather.

    * ``options``: those of the gather
    * ``recognizer``: how speech is recognised, the defaults of the call included

    It knows no clock: whoever has it tells it what happens, and calls what :attr:`due` says at its time.
    """

    def __init__(self, options: Mapping[str, Any], recognizer: Mapping[str, Any]) -> None:
        self._options = options
        self._recognizer = recognizer
        inputs = options.get("input", ["digits"])
        self.inputs = frozenset(inputs if isinstance(inputs, list) else [inputs])
        self.digits = ""
        #: What the action hook tells, once it is known.
        self.result: dict[str, Any] | None = None
        #: When the time for any input is over.
        self.deadline = math.inf
        self._keys_end = math.inf
        self._speech: Says | None = None
        self._speech_ends = math.inf

    @property
    def due(self) -> list[tuple[float, Callable[[], None]]]:
        """What is to be called at which time, unless something else happens before."""
        return [
            (self._keys_end, self._take_digits),
            (self._speech_ends, self._take_speech),
            (self.deadline, self._time_out),
        ]

    @property
    def is_hearing(self) -> bool:
        """Whether somebody is speaking, and heard."""
        return self._speech is not None

    def wait_for_input(self, since: float) -> None:
        """Count the timeout from a time; 15 s if the options name none, for ever if it is 0."""
        timeout = number(self._options, "timeout", 15)
        self.deadline = since + timeout if timeout > 0 else math.inf

    # Speech

    def take_speech(self, speech: Says, at: float) -> str | None:
        """Somebody begins to speak. Return why that is not heard, or ``None`` if it is."""
        if "speech" not in self.inputs:
            return "the gather takes keys only"
        if self.digits:
            return "the first key has ended speech recognition"
        # Once somebody speaks, the timeout no longer counts.
        self.deadline = math.inf
        self._speech = speech
        self._speech_ends = at + speaking_time(speech.text)
        return None

    def _take_speech(self) -> None:
        assert self._speech is not None
        sure = is_sure_enough(self._speech, self._recognizer)
        self.result = {
            "speech": recognized(self._speech, self._recognizer),
            "reason": "speechDetected" if sure else "stt-low-confidence",
        }

    # Keys

    def take_key(self, key: str, at: float) -> bool:
        """A key is pressed. Return whether that is noticed."""
        self._keys_end = math.inf
        if "digits" not in self.inputs:
            return False
        if key == self._options.get("finishOnKey"):
            self._take_digits()
            return True
        self.digits += key
        if len(self.digits) in (self._options.get("numDigits"), self._options.get("maxDigits")):
            self._take_digits()
        elif self._has_enough:
            pause = number(self._options, "interDigitTimeout", 0)
            self._keys_end = at + pause if pause > 0 else math.inf
        return True

    @property
    def _has_enough(self) -> bool:
        # Without minDigits the server compares with nothing, which is never true.
        return len(self.digits) >= number(self._options, "minDigits", math.inf)

    def _take_digits(self) -> None:
        self.result = {"digits": self.digits, "reason": "dtmfDetected"}

    def _time_out(self) -> None:
        if self._has_enough:
            self._take_digits()
        else:
            self.result = {"reason": "timeout"}
