"""The verb ``gather``: a prompt, then whatever the party says or presses.

::

    gather(run, Verb("gather", {"input": ["digits"], "numDigits": 1, "actionHook": "/menu"}))
"""

from __future__ import annotations

import dataclasses
import math
from collections import deque
from collections.abc import Callable
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from .caller import KEY_INTERVAL, REACTION, HangsUp, Presses, Says
from .collecting import Collecting
from .playing import play_prompt
from .recognizing import recognized
from .speech import speaking_time
from .timers import Timer
from .verb import BadVerbs, Verb, nested

if TYPE_CHECKING:
    from .runner import Runner

__all__ = ["gather", "report_failure"]


def gather(run: Runner, verb: Verb) -> None:
    """Execute it: collect, and send the action hook. A gather that is killed sends none."""
    run.answer()
    if run.is_main and run.execution.background.barge_in.stands_in_for(verb):
        return
    results = _Gathering(run, verb).collect()
    delay = run.execution.background.delay
    if run.is_main:
        delay.start(verb.options.get("actionHookDelayAction"))
    try:
        if not run.ask(verb, "actionHook", results):
            report_failure(run, verb)
        elif run.killed:
            delay.stop()
    except BadVerbs as fault:
        report_failure(run, verb, details=str(fault))


def report_failure(run: Runner, verb: Verb, **details: str) -> None:
    """Tell that the action hook of a gather was not answered in time, or not with verbs."""
    error: dict[str, Any] = {"msg": "invalid actionHook response", **details, "verb": "gather"}
    if verb.id is not None:
        error["id"] = verb.id
    application = run.execution.application
    application.tell("jambonz:error", error)
    status = {**run.leg.normal(), "error": error["msg"]}
    if details:
        status["reason"] = details["details"]
    application.tell("call:status", status)


class _Interruption:
    """Whether the party breaks into a prompt, which it knows at its start unless it changes its mind."""

    def __init__(self, run: Runner, may: Callable[[Says | Presses], bool]) -> None:
        self.step: Says | Presses | None = None
        self._run = run
        self._may = may
        self._changes = -1
        self._at = math.inf

    def at(self) -> float:
        """Return when it does; ``inf`` if it listens to the end."""
        party = self._run.party
        if self.step is None and party.changes != self._changes:
            self._changes = party.changes
            now = self._run.execution.clock.now()
            step = party.interruption(now)
            if step is not None and self._may(step):
                self.step, self._at = step, now + REACTION
        return self._at


class _Gathering:
    """One gather, from its prompt to its result.

    What is due is done in the order of the times it was due for, however late it is noticed. So the same script has
    the same result, at any speed.
    """

    def __init__(self, run: Runner, verb: Verb) -> None:
        self.run = run
        self.verb = verb
        self._recognizer = run.execution.background.defaults.recognizer_for(verb.options)
        self.collected = Collecting(verb.options, self._recognizer)
        self._partial: Timer | None = None
        self._clock = run.execution.clock
        self._pressed: deque[str] = deque()
        self._next_key = math.inf
        self._asked = 0.0
        self._act_now = False

    def collect(self) -> dict[str, Any]:
        """Return the results for the action hook. Raises :exc:`~.unwinding.Killed`."""
        try:
            return self._collect()
        finally:
            if self._partial is not None:
                self._partial.cancel()

    def _collect(self) -> dict[str, Any]:
        self._prompt()
        self._asked = self._clock.now()
        self.collected.wait_for_input(self._asked)
        while self.collected.result is None:
            due = [(self._next_key, self._press_next), *self.collected.due, *self._next_act()]
            at, action = min(due, key=itemgetter(0))
            if self._waits_in_peace(at):
                action()
        if self._pressed:
            keys = "".join(self._pressed)
            self.run.execution.transcript.add("fault", f"nobody listens to {keys}: the gather is over")
        return self.collected.result

    # The prompt

    def _prompt(self) -> None:
        prompt = nested(self.verb)
        if prompt is None:
            return
        interruption = _Interruption(self.run, self._may_interrupt)
        self._act_now = not play_prompt(
            self.run, prompt, cut_at=interruption.at, on_cut=lambda: self._report_barge_in(interruption.step)
        )

    def _may_interrupt(self, step: Says | Presses) -> bool:
        options = self.verb.options
        if isinstance(step, Presses):
            return "digits" in self.collected.inputs and options.get("dtmfBargein") is not False
        return (
            "speech" in self.collected.inputs
            and options.get("bargein") is True
            and options.get("listenDuringPrompt") is not False
        )

    def _report_barge_in(self, step: Says | Presses | None) -> None:
        if isinstance(step, Presses):
            event: dict[str, Any] = {"dtmf": step.keys[0], "duration": "1120", "source": "RTP"}
            self.run.notify("dtmf-bargein-detected", **event, verb="gather", id=self.verb.id)
        elif step is not None:
            self.run.notify("speech-bargein-detected", verb="gather", id=self.verb.id, words=step.text.split())

    # What the party does

    @property
    def _is_streamed_to(self) -> bool:
        return self.run.is_main and self.run.execution.stream.is_heard

    def _next_act(self) -> list[tuple[float, Callable[[], None]]]:
        """Return what the party does next, and when; it lets an application finish that streams speech."""
        if self._pressed or self.collected.is_hearing:
            return []
        when, step = self.run.party.upcoming(self._asked)
        if self._is_streamed_to:
            step = step if getattr(step, "barge_in", False) else None
        elif step is None:
            # What the application does by itself within that time comes first.
            if self._clock.now() < self._asked + REACTION:
                return [(self._asked + REACTION, lambda: None)]
            when, step = self.run.party.asked(self._asked)
        return [] if step is None else [(self._asked if self._act_now else when, self._act)]

    def _waits_in_peace(self, until: float) -> bool:
        """Wait until a time; return whether neither the streaming nor the party's mind has changed before."""
        streamed_to, step = self._is_streamed_to, self.run.party.upcoming(self._asked)[1]

        def has_changed() -> bool:
            return (self._is_streamed_to, self.run.party.upcoming(self._asked)[1]) != (streamed_to, step)

        self.run.wait_until(until, has_changed)
        if streamed_to and not self._is_streamed_to:
            self._asked = max(self._asked, self._clock.now())
        return not has_changed()

    def _interrupt_stream(self) -> None:
        if self.run.is_main and self.verb.options.get("bargein") is True and nested(self.verb) is None:
            self.run.execution.stream.interrupt()

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
        began = self._clock.now()
        self._interrupt_stream()
        self._asked = began + speaking_time(speech.text)
        unheard = self.collected.take_speech(speech, began)
        if unheard is not None:
            self.run.execution.transcript.add("fault", f"nobody hears that: {unheard}")
        else:
            self._tell_partial(speech, began)
        self.run.is_overheard(speech, began)

    def _tell_partial(self, speech: Says, began: float) -> None:
        """Have the first half of the words told while the rest is spoken."""
        hook = self.verb.options.get("partialResultHook")
        words = speech.text.split()
        half = " ".join(words[: len(words) // 2])
        if hook is None or not half:
            return
        execution, partial = self.run.execution, dataclasses.replace(speech, text=half)
        data = {**self.run.leg.normal(), "speech": recognized(partial, self._recognizer, is_final=False)}
        if self.verb.id is not None:
            data["verb_id"] = self.verb.id
        self._partial = execution.timers.at(began + speaking_time(half), lambda: execution.background.ask(hook, data))

    # Keys

    def _press_next(self) -> None:
        key = self._pressed.popleft()
        pressed_at, self._next_key = self._next_key, self._next_key + KEY_INTERVAL if self._pressed else math.inf
        self._asked = pressed_at
        self._interrupt_stream()
        if not self.collected.take_key(key, pressed_at) and not self._pressed:
            self.run.execution.transcript.add("fault", "nobody notices that: the gather takes speech only")
        self.run.is_overheard(key, pressed_at)
