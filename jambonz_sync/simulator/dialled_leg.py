"""One leg that ``dial`` calls, from its first status to its last.

::

    leg = DialledLeg(course, parent, {"type": "phone", "number": "+15550143555"}, Busy(), on_status)
    leg.call(patience=60)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .caller import Answers, Busy, Outcome
from .course import Course
from .facts import Leg, outbound_leg
from .timers import Timer

__all__ = ["DialledLeg"]

_SECONDS_TO_RINGING = 0.5


class DialledLeg:
    """A leg that rings, and does what the script says. ``on_status`` is told of it at each of its statuses."""

    def __init__(
        self,
        course: Course,
        parent: Leg,
        target: Mapping[str, Any],
        outcome: Outcome,
        on_status: Callable[[DialledLeg], None],
    ) -> None:
        to = next((target[key] for key in ("number", "sipUri", "name", "tenant") if key in target), "")
        self.target = target
        self.outcome = outcome
        self.leg = outbound_leg(parent, str(to))
        self._course = course
        self._on_status = on_status
        #: Whether the application is asked for verbs with which the leg would leave the call, and whether it has left.
        self.is_leaving = False
        self.has_left = False
        self._ends_if_it_stays = False
        self._answered_at: float | None = None
        self._next: Timer | None = None

    @property
    def is_answered(self) -> bool:
        """Whether somebody is on the line."""
        return self.leg.call_status == "in-progress"

    @property
    def is_over(self) -> bool:
        """Whether it has had its last status."""
        return self.has_left or self.leg.call_status not in ("trying", "ringing", "in-progress")

    def stay(self) -> None:
        """It does not leave after all."""
        self.is_leaving = False
        if self._ends_if_it_stays:
            self.end()

    def call(self, patience: float) -> None:
        """Call; whoever does not answer in so many seconds after it has begun to ring has not been there."""
        self._course.transcript.add("call", f"dials {self.leg.to}")
        self._status("trying", 100, "Trying")
        rings_at = self._course.clock.now() + _SECONDS_TO_RINGING
        self._next = self._course.timers.at(rings_at, lambda: self._ring(rings_at, patience))

    def _ring(self, at: float, patience: float) -> None:
        self.leg.ring()
        self._status("ringing", 180, "Ringing")
        if isinstance(self.outcome, Busy):
            self._fail("busy", 486, "Busy Here")
        elif isinstance(self.outcome, Answers) and self.outcome.after <= patience:
            self._next = self._course.timers.at(at + self.outcome.after, self._be_answered)
        else:
            self._next = self._course.timers.at(at + patience, self.end)

    def _be_answered(self) -> None:
        self._answered_at = self._course.clock.now()
        self._course.transcript.add("callee", "answers")
        self._status("in-progress", 200, "OK")

    def end(self) -> None:
        """End it, in whatever state it is; nothing happens if it has ended, or leaves."""
        if self.is_leaving:
            self._ends_if_it_stays = True
            return
        if self._next is not None:
            self._next.cancel()
        if self._answered_at is None:
            self._fail("no-answer", 487, "Request Terminated")
        elif self.is_answered:
            duration = round(self._course.clock.now() - self._answered_at)
            self._status("completed", 200, "OK", duration=duration)

    def _fail(self, status: str, sip_status: int, phrase: str) -> None:
        if not self.is_over:
            self._course.transcript.add("call", f"{self.leg.to}: {status}")
            self._status(status, sip_status, phrase)

    def _status(self, status: str, sip_status: int, phrase: str, **ending: Any) -> None:
        self.leg.change(status, sip_status, phrase, **ending)
        self._course.notifier.tell("call:status", self.leg.normal())
        self._on_status(self)
