"""The verb ``gather``: a prompt, then whatever the party says or presses.

::

    gather(run, Verb("gather", {"input": ["digits"], "numDigits": 1, "actionHook": "/menu"}))
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from .caller import KEY_INTERVAL, REACTION, HangsUp, Presses, Says
from .playing import play_prompt
from .speech import speaking_time
from .verb import BadVerbs, Verb, nested, number

if TYPE_CHECKING:
    from .execution import Runner

__all__ = ["gather"]


def gather(run: Runner, verb: Verb) -> None:
    """Execute it: collect, and send the action hook. A gather that is killed sends none."""
    run.answer()
    results = _Gathering(run, verb).collect()
    try:
        if not run.ask(verb, "actionHook", results):
            _report_failure(run, verb)
    except BadVerbs as fault:
        _report_failure(run, verb, details=str(fault))


def _report_failure(run: Runner, verb: Verb, **details: str) -> None:
    error: dict[str, Any] = {"msg": "invalid actionHook response", **details, "verb": "gather"}
    if verb.id is not None:
        error["id"] = verb.id
    application = run.execution.application
    application.tell("jambonz:error", error)
    status = {**run.leg.normal(), "error": error["msg"]}
    if details:
        status["reason"] = details["details"]
    application.tell("call:status", status)


class _Gathering:
    """One gather, from its prompt to its result.

    What is due is done in the order of the times it was due for, however late it is noticed. So the same script has
    the same result, at any speed.
    """

    def __init__(self, run: Runner, verb: Verb) -> None:
        self.run = run
        self.verb = verb
        inputs = verb.options.get("input", ["digits"])
        self.inputs = frozenset(inputs if isinstance(inputs, list) else [inputs])
        self.digits = ""
        self.result: dict[str, Any] | None = None
        self._clock = run.execution.clock
        self._pressed: deque[str] = deque()
        self._next_key = math.inf
        self._keys_end = math.inf
        self._asked = 0.0
        self._act_now = False

    def collect(self) -> dict[str, Any]:
        """Return the results for the action hook. Raises :exc:`~.unwinding.Killed`."""
        self._prompt()
        self._asked = self._clock.now()
        timeout = number(self.verb.options, "timeout", 15)
        deadline = self._asked + timeout if timeout > 0 else math.inf
        while self.result is None:
            due: list[tuple[float, Callable[[], None]]] = [
                (self._next_key, self._press_next),
                (self._keys_end, self._take_digits),
                (deadline, self._time_out),
            ]
            if not self._pressed:
                when, step = self.run.party.upcoming(self._asked)
                if step is not None:
                    due.append((self._asked if self._act_now else when, self._act))
            at, action = min(due, key=itemgetter(0))
            self.run.wait_until(at)
            action()
        if self._pressed:
            self.run.execution.transcript.add("note", f"nobody listens to {''.join(self._pressed)}: the gather is over")
        return self.result

    # The prompt

    def _prompt(self) -> None:
        prompt = nested(self.verb)
        if prompt is None:
            return
        now = self._clock.now()
        step = self.run.party.interruption(now)
        if step is not None and self._may_interrupt(step):
            self._act_now = not play_prompt(
                self.run, prompt, cut_at=now + REACTION, on_cut=lambda: self._report_barge_in(step)
            )
        else:
            play_prompt(self.run, prompt)

    def _may_interrupt(self, step: Says | Presses) -> bool:
        options = self.verb.options
        if isinstance(step, Presses):
            return "digits" in self.inputs and options.get("dtmfBargein") is not False
        return (
            "speech" in self.inputs
            and options.get("bargein") is True
            and options.get("listenDuringPrompt") is not False
        )

    def _report_barge_in(self, step: Says | Presses) -> None:
        if isinstance(step, Presses):
            event: dict[str, Any] = {"dtmf": step.keys[0], "duration": "1120", "source": "RTP"}
            self.run.notify("dtmf-bargein-detected", **event, verb="gather", id=self.verb.id)
        else:
            self.run.notify("speech-bargein-detected", verb="gather", id=self.verb.id, words=step.text.split())

    # What the party does

    def _act(self) -> None:
        self._act_now = False
        _, step = self.run.party.upcoming(self._asked)
        self.run.party.take()
        if isinstance(step, Says):
            self._speak(step)
        elif isinstance(step, Presses):
            self.run.execution.transcript.add(self.run.party.who, f"presses {step.keys}")
            self._pressed.extend(step.keys)
            self._next_key = self._clock.now()
        else:
            assert isinstance(step, HangsUp)
            self.run.party_hangs_up()

    def _speak(self, speech: Says) -> None:
        self.run.execution.transcript.add(self.run.party.who, speech.text)
        seconds = speaking_time(speech.text)
        self._asked = self._clock.now() + seconds
        if "speech" not in self.inputs:
            self.run.execution.transcript.add("note", "nobody hears that: the gather takes keys only")
        elif self.digits:
            self.run.execution.transcript.add("note", "nobody hears that: the first key has ended speech recognition")
        else:
            # Once somebody speaks, the timeout no longer counts.
            self.run.pass_time(seconds)
            self.result = {"speech": self._recognized(speech), "reason": self._speech_reason(speech)}

    def _speech_reason(self, speech: Says) -> str:
        recognizer = self.verb.options.get("recognizer")
        least = number(recognizer, "minConfidence", 0.0) if isinstance(recognizer, dict) else 0.0
        return "speechDetected" if speech.confidence >= least else "stt-low-confidence"

    def _recognized(self, speech: Says) -> dict[str, Any]:
        alternatives = [{"transcript": speech.text, "confidence": speech.confidence}]
        return {
            "language_code": "en-GB",
            "channel_tag": 1,
            "is_final": True,
            "alternatives": alternatives,
            "vendor": {"name": "google", "evt": {"is_final": True, "stability": 0, "alternatives": alternatives}},
        }

    # Keys

    def _press_next(self) -> None:
        key = self._pressed.popleft()
        pressed_at, self._next_key = self._next_key, self._next_key + KEY_INTERVAL if self._pressed else math.inf
        self._asked = pressed_at
        self._keys_end = math.inf
        if "digits" not in self.inputs:
            if not self._pressed:
                self.run.execution.transcript.add("note", "nobody notices that: the gather takes speech only")
            return
        options = self.verb.options
        if key == options.get("finishOnKey"):
            self._take_digits()
            return
        self.digits += key
        if len(self.digits) in (options.get("numDigits"), options.get("maxDigits")):
            self._take_digits()
        elif self._has_enough:
            pause = number(options, "interDigitTimeout", 0)
            self._keys_end = pressed_at + pause if pause > 0 else math.inf

    @property
    def _has_enough(self) -> bool:
        # Without minDigits the server compares with nothing, which is never true.
        return len(self.digits) >= number(self.verb.options, "minDigits", math.inf)

    def _take_digits(self) -> None:
        self.result = {"digits": self.digits, "reason": "dtmfDetected"}

    def _time_out(self) -> None:
        if self._has_enough:
            self._take_digits()
        else:
            self.result = {"reason": "timeout"}
