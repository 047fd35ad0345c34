"""Who listens to the caller beside the verb that runs, and when the caller then speaks.

::

    hearing = Hearing(course, party)
    hearing.add(ear)

A caller who is listened to in the background speaks and presses keys in the pauses: while nothing is said, half a
second after it has fallen silent. A step with ``barge_in`` does not wait for a pause.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterator

from .caller import KEY_INTERVAL, HangsUp, Party, Presses, Says
from .course import Course
from .speech import speaking_time
from .timers import Timer

__all__ = ["Ear", "Hearing"]

#: While these run the caller hears nothing.
_QUIET = frozenset({None, "listen", "pause", "transcribe"})

#: These ask the caller themselves.
_ASKING = frozenset({"agent", "gather", "llm"})


class Ear:
    """Something that listens, beside the verbs or as one of them. It hears what began ``at`` a time.

    ``channel`` is 1 for the leg it belongs to, and 2 for the other one.
    """

    @property
    def is_busy(self) -> bool:
        """Whether something may still come of what has been heard."""
        return False

    def hear(self, speech: Says, at: float, channel: int) -> None:
        """Somebody begins to speak."""

    def notice(self, key: str, at: float, channel: int) -> None:
        """Somebody presses a key."""


class Hearing:
    """All the ears of one call, and the caller they listen to."""

    def __init__(self, course: Course, party: Party) -> None:
        self._course = course
        self._party = party
        self._ears: list[Ear] = []
        self._verb: str | None = None
        self._is_streamed_to = False
        self._is_talking = False
        self._quiet_since = 0.0
        # When the caller has done what it did last.
        self._free_at = 0.0
        self._next_step: Timer | None = None
        self._keys: deque[str] = deque()
        party.on_change = self._arrange

    @property
    def is_busy(self) -> bool:
        """Whether the caller is about to act, or something may come of what it did."""
        acts = self._next_step is not None and self._next_step.pending
        talks = bool(self._ears) and self._free_at > self._course.clock.now()
        return acts or talks or any(ear.is_busy for ear in self._ears)

    def add(self, ear: Ear) -> None:
        """Begin to listen."""
        if not self._ears:
            self._free_at = max(self._free_at, self._course.clock.now())
        self._ears.append(ear)
        self._arrange()

    def remove(self, ear: Ear) -> None:
        """Listen no longer; nothing happens if it did not."""
        self._ears = [other for other in self._ears if other is not ear]
        self._arrange()

    def verb_begins(self, name: str | None) -> None:
        """The verb of this name begins; ``None``: there is none to begin."""
        was_quiet, self._verb = self._verb in _QUIET, name
        if not was_quiet:
            self._quiet_since = self._course.clock.now()
        self._arrange()

    def stream_changes(self, is_heard: bool) -> None:
        """The application begins to stream speech, or has no more."""
        if self._is_streamed_to and not is_heard:
            self._quiet_since = self._course.clock.now()
        self._is_streamed_to = is_heard
        self._arrange()

    @contextlib.contextmanager
    def talking(self) -> Iterator[None]:
        """The caller talks to somebody meanwhile, who sees to what it does."""
        self._is_talking = True
        self._arrange()
        try:
            yield
        finally:
            self._is_talking = False
            self._arrange()

    def overhear(self, what: Says | str, at: float, channel: int = 1) -> None:
        """Let all ears hear what is said, or notice a key, that somebody else has asked for."""
        if channel == 1:
            self._free_at = at + (speaking_time(what.text) if isinstance(what, Says) else 0.0)
        for ear in list(self._ears):
            if isinstance(what, Says):
                ear.hear(what, at, channel)
            else:
                ear.notice(what, at, channel)

    # The caller acts by itself

    def _arrange(self) -> None:
        if self._keys:
            return
        if self._next_step is not None:
            self._next_step.cancel()
        if not self._ears or self._is_talking or self._verb in _ASKING:
            return
        when, step = self._party.upcoming(self._free_at)
        if not getattr(step, "barge_in", False):
            if self._verb not in _QUIET or self._is_streamed_to:
                return
            when, step = self._party.upcoming(max(self._free_at, self._quiet_since))
        if step is not None:
            self._next_step = self._course.timers.at(when, lambda: self._act(when))

    def _act(self, at: float) -> None:
        _, step = self._party.upcoming(at)
        self._party.take()
        if isinstance(step, HangsUp):
            self._course.caller_hangs_up()
        elif isinstance(step, Says):
            self._course.transcript.add(self._party.who, step.text)
            self.overhear(step, at)
            self._arrange()
        elif isinstance(step, Presses):
            self._course.transcript.add(self._party.who, f"presses {step.keys}")
            self._keys.extend(step.keys)
            self._press_next(at)

    def _press_next(self, at: float) -> None:
        key = self._keys.popleft()
        if self._keys:
            self._next_step = self._course.timers.at(at + KEY_INTERVAL, lambda: self._press_next(at + KEY_INTERVAL))
        self.overhear(key, at)
        self._arrange()
