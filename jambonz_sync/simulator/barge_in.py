"""Barge-in: the gather in the background that ``config.bargeIn`` starts, and what happens when it fires.

::

    barge_in = BargeIn(execution)
    barge_in.change({"enable": True, "sticky": True, "input": ["speech"], "actionHook": "/interrupted"})
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from .application import Answer
from .caller import Says
from .collecting import Collecting
from .gathering import report_failure
from .hearing import Ear
from .speech import speaking_time
from .timers import Timer
from .verb import BadVerbs, Verb, number

if TYPE_CHECKING:
    from .execution import Execution

__all__ = ["BargeIn"]

#: The failure of its hook is reported as that of a gather without an id.
_GATHER = Verb("gather", {})


class BargeIn:
    """Barge-in for one call, on or off."""

    def __init__(self, execution: Execution) -> None:
        self._execution = execution
        self._listener: _Listener | None = None

    def change(self, options: Mapping[str, Any]) -> None:
        """Begin or end, as ``config`` says."""
        if options.get("enable") is False:
            self._end()
        elif options.get("enable") is True:
            inputs = options.get("input") or ["speech"]
            if self._listener is not None and self._listener.options["input"] == inputs:
                self._execution.transcript.add("note", "barge-in is on already; what config says anew is not looked at")
                return
            self._end()
            self._begin({**options, "input": inputs, "timeout": 0})

    def stands_in_for(self, gather: Verb) -> bool:
        """Return whether a ``gather`` is left out, since barge-in collects already; only its timeout is taken over."""
        listener = self._listener
        if listener is None:
            return False
        if "speech" in gather.options.get("input", ["digits"]) and "speech" not in listener.collected.inputs:
            self._end()
            return False
        self._execution.transcript.add(
            "note", "gather is left out: barge-in collects already; only the timeout of the gather is taken over"
        )
        listener.take_over_timeout(gather)
        return True

    def _begin(self, options: dict[str, Any]) -> None:
        self._listener = _Listener(self._execution, options, self._over)
        self._execution.background.hearing.add(self._listener)

    def _end(self) -> None:
        if self._listener is not None:
            self._listener.stop()
            self._listener = None

    def _over(self, listener: _Listener) -> None:
        """It has fired, and its hook has been dealt with."""
        if listener is self._listener:
            self._end()
            if listener.options.get("sticky") is True:
                self._begin(listener.options)


class _Listener(Ear):
    """One gather in the background, until it has fired or is stopped. ``over`` is told once its hook is done with."""

    def __init__(self, execution: Execution, options: dict[str, Any], over: Callable[[_Listener], None]) -> None:
        self.options = options
        self.collected = Collecting(options, execution.background.defaults.recognizer_for({}))
        self._execution = execution
        self._over = over
        self._interrupted = False
        self._next: Timer | None = None
        self._interruption: Timer | None = None

    @property
    def is_busy(self) -> bool:
        """Whether it is collecting, or counts a timeout."""
        return self._next is not None and self._next.pending

    def take_over_timeout(self, gather: Verb) -> None:
        """Count the timeout of a gather that is left out."""
        timeout = number(gather.options, "timeout", 15)
        if timeout > 0 and self.collected.result is None and not self.collected.is_hearing:
            self.collected.deadline = self._execution.clock.now() + timeout
            self._arrange()

    def stop(self) -> None:
        """Listen no longer; what has been heard is lost."""
        self._execution.background.hearing.remove(self)
        for timer in (self._next, self._interruption):
            if timer is not None:
                timer.cancel()

    # What is heard

    def hear(self, speech: Says, at: float, channel: int) -> None:
        if channel != 1 or self.collected.result is not None or self.collected.take_speech(speech, at) is not None:
            return
        words = speech.text.split()
        least = max(1, int(number(self.options, "minBargeinWordCount", 1)))
        heard = " ".join(words[:least])
        self._interruption = self._execution.timers.at(
            at + speaking_time(heard),
            lambda: self._report_and_interrupt("speech-bargein-detected", words=heard.split()),
        )
        self._arrange()

    def notice(self, key: str, at: float, channel: int) -> None:
        if channel != 1 or self.collected.result is not None or not self.collected.take_key(key, at):
            return
        self._report_and_interrupt("dtmf-bargein-detected", dtmf=key, duration="1120", source="RTP")
        self._arrange()

    def _arrange(self) -> None:
        if self._next is not None:
            self._next.cancel()
        if self.collected.result is not None:
            self._fire()
            return
        at, action = min(self.collected.due, key=itemgetter(0))
        if at == math.inf:
            return

        def act() -> None:
            action()
            self._fire()

        self._next = self._execution.timers.at(at, act)

    # What comes of it

    def _report_and_interrupt(self, event: str, **data: Any) -> None:
        if not self._interrupted:
            self._execution.notify(event, verb="gather", **data)
            self._interrupt()

    def _interrupt(self) -> None:
        """Kill the running verb, and clear the queue up to a ``config`` that disables barge-in."""
        if self._interrupted:
            return
        self._interrupted = True
        self._execution.stream.interrupt()
        main = self._execution.main
        rest = list(main.queue)
        while rest and not _ends_barge_in(rest[0]):
            rest.pop(0)
        if rest:
            # It must not end the very barge-in that has just begun.
            options = {key: value for key, value in rest[0].options.items() if key != "bargeIn"}
            rest[0] = Verb(rest[0].name, options)
        main.replace(rest)

    def _fire(self) -> None:
        result = self.collected.result
        assert result is not None
        if self._next is not None:
            self._next.cancel()
        self._interrupt()
        execution = self._execution
        execution.background.delay.start()
        data = {**execution.leg.normal(), **result}
        if not execution.background.ask(self.options.get("actionHook"), data, self._take):
            self._over(self)

    def _take(self, answer: Answer | None) -> None:
        main = self._execution.main
        if answer is None:
            report_failure(main, _GATHER)
        else:
            try:
                verbs = answer.verbs()
            except BadVerbs as fault:
                report_failure(main, _GATHER, details=str(fault))
            else:
                if verbs:
                    self._execution.background.delay.stop()
                    main.replace_by_answer(verbs)
        self._over(self)


def _ends_barge_in(verb: Verb) -> bool:
    options = verb.options.get("bargeIn")
    return verb.name == "config" and isinstance(options, dict) and options.get("enable") is False
