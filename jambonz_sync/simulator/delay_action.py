"""``actionHookDelayAction``: what the caller hears while the application thinks, and what happens if that lasts.

::

    delay.change({"noResponseTimeout": 2, "actions": [{"verb": "say", "text": "One moment."}]})
    delay.start()
    delay.stop()
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any

from .playing import cut, playback
from .timers import Timer
from .verb import BadVerbs, Verb, number, parse_verbs

if TYPE_CHECKING:
    from .execution import Execution

__all__ = ["DelayAction"]

_FILLERS = frozenset({"say", "play"})


class DelayAction:
    """The delay action of one call, and its clock.

    The clock starts when a gather is over and when the verbs have run out. It stops when the answer to the gather's
    hook, or a redirect, brings verbs; an answer without verbs leaves it running.
    """

    def __init__(self, execution: Execution) -> None:
        self._execution = execution
        self._for_all: Mapping[str, Any] | None = None
        self._options: Mapping[str, Any] | None = None
        self._played = 0
        self._next_filler: Timer | None = None
        self._giving_up: Timer | None = None
        self._filler: Verb | None = None
        self._playing: Generator[float, bool | None, None] | None = None
        self._filler_ends: Timer | None = None

    @property
    def is_busy(self) -> bool:
        """Whether something is still to be done or heard."""
        timers = (self._next_filler, self._giving_up, self._filler_ends)
        return any(timer is not None and timer.pending for timer in timers)

    def change(self, options: Mapping[str, Any]) -> None:
        """Take on what ``config`` says."""
        if _is_off(options) and self._for_all is not None:
            self._for_all = None
        elif self._makes_sense(options):
            # The very first setting counts even if it says that it is off.
            self._for_all = options

    def _makes_sense(self, options: Mapping[str, Any]) -> bool:
        actions = options.get("actions")
        why = None
        if number(options, "noResponseTimeout", 0) > 0 and not actions:
            why = "noResponseTimeout needs actions"
        elif any(not isinstance(action, dict) or action.get("verb") not in _FILLERS for action in actions or ()):
            why = "its actions may be say and play, each with its verb"
        if why is not None:
            self._execution.transcript.add("fault", f"actionHookDelayAction does nothing: {why}")
        return why is None

    # The clock

    def start(self, options: object = None) -> None:
        """Start the clock, unless it runs; ``options`` are those of a gather, which come before those of the call."""
        if self._options is not None:
            return
        self._options = self._for_all
        if isinstance(options, dict):
            self._options = options if not _is_off(options) and self._makes_sense(options) else None
        if self._options is None:
            return
        self._played = 0
        self._set_filler(self._execution.clock.now())
        give_up = number(self._options, "noResponseGiveUpTimeout", 0)
        if give_up > 0:
            self._giving_up = self._execution.timers.at(self._execution.clock.now() + give_up, self._give_up)

    def stop(self) -> None:
        """There are verbs. A filler that is spoken is allowed to end, one that is played is cut."""
        self._options = None
        for timer in (self._next_filler, self._giving_up):
            if timer is not None:
                timer.cancel()
        if self._filler is not None and self._filler.name == "play":
            assert self._playing is not None
            assert self._filler_ends is not None
            self._filler_ends.cancel()
            cut(self._playing)
            self._filler = None

    def let_filler_end(self) -> None:
        """Wait for what is still spoken, before other verbs begin. While the clock runs nothing is waited for."""
        if self._options is None:
            self._execution.wait(stop=lambda: self._filler is None)

    def _give_up(self) -> None:
        assert self._options is not None
        actions = self._options.get("giveUpActions")
        self.stop()
        self._execution.transcript.add("note", "the application has taken too long, says actionHookDelayAction")
        if not actions:
            self._execution.hang_up("hung up, since the application has taken too long")
        try:
            self._execution.main.replace(parse_verbs(actions))
        except BadVerbs as fault:
            self._execution.transcript.add("fault", f"giveUpActions do nothing: {fault}")

    # Fillers

    def _set_filler(self, since: float) -> None:
        assert self._options is not None
        pause = number(self._options, "noResponseTimeout", 0)
        if pause > 0 and self._played < max(1, number(self._options, "retries", 0)):
            self._next_filler = self._execution.timers.at(since + pause, self._play_filler)

    def _play_filler(self) -> None:
        assert self._options is not None
        actions = self._options["actions"]
        action = actions[self._played % len(actions)]
        self._played += 1
        self._filler = Verb(action["verb"], action)
        self._playing = playback(self._execution.main, self._filler)
        self._go_on_playing()

    def _go_on_playing(self) -> None:
        assert self._playing is not None
        end = next(self._playing, None)
        if end is not None:
            self._filler_ends = self._execution.timers.at(end, self._go_on_playing)
            return
        self._filler = None
        if self._options is not None:
            self._set_filler(self._execution.clock.now())


def _is_off(options: Mapping[str, Any]) -> bool:
    return options.get("enabled", options.get("enable")) is False
