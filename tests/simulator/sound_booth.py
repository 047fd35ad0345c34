"""A place to play sound in, without a call: its time passes when a test says so.

.. code-block:: python

    booth = SoundBooth()
    clips = Clips(booth.course, report=booth.report, heard_until=booth.heard_until)
    booth.until(1.5)
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from jambonz_sync.simulator import Transcript
from jambonz_sync.simulator.timers import Timers

from .server import JumpClock

__all__ = ["SoundBooth"]


class SoundBooth:
    """Notes what is played, reported and complained of, each with its time, in milliseconds where it is noted here."""

    def __init__(self) -> None:
        self.clock = JumpClock()
        self.timers = Timers()
        self.transcript = Transcript(self.clock)
        self.course: Any = SimpleNamespace(timers=self.timers, transcript=self.transcript, clock=self.clock)
        self.reports: list[tuple[int, Any]] = []
        self.faults: list[str] = []
        # Until when something is to be heard, as told last.
        self.sounds_until = 0.0

    @property
    def now(self) -> float:
        return self.clock.time

    @property
    def played(self) -> list[tuple[int, str]]:
        return [(self.milliseconds(entry.time), entry.what) for entry in self.transcript.entries if entry.who == "app"]

    def report(self, *what: Any) -> None:
        self.reports.append((self.milliseconds(self.now), what[0] if len(what) == 1 else what))

    def heard_until(self, end: float) -> None:
        self.sounds_until = end

    def until(self, time: float) -> None:
        """Let time pass, and what is due in it happen."""
        while self.timers.next_due <= time:
            self.clock.time = max(self.now, self.timers.next_due)
            self.timers.run_next(self.now)
        self.clock.time = time

    @staticmethod
    def milliseconds(time: float) -> int:
        return round(time * 1000)
