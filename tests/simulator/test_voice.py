"""The voice that speaks streamed text."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from jambonz_sync.simulator import Transcript
from jambonz_sync.simulator.timers import Timers
from jambonz_sync.simulator.voice import Voice

from .server import JumpClock


class Booth:
    """A voice, and the time in which it speaks."""

    def __init__(self) -> None:
        clock = JumpClock()
        self.timers = Timers()
        self.transcript = Transcript(clock)
        self.emptied: list[float] = []
        self._clock = clock
        execution: Any = SimpleNamespace(timers=self.timers, transcript=self.transcript)
        self.voice = Voice(execution, lambda: self.emptied.append(clock.time))

    def until(self, time: float) -> None:
        while self.timers.next_due <= time:
            self._clock.time = self.timers.next_due
            self.timers.run_next(self._clock.time)
        self._clock.time = time


def test_one_after_another():
    """Texts are spoken in turn, at the pace of speech, without the white space around them; then it is told."""
    booth = Booth()
    booth.voice.speak(" One two. ", 0.0)
    booth.voice.speak("Three.", 0.0)
    assert booth.voice.is_speaking
    booth.until(5)
    assert [(entry.time, entry.what) for entry in booth.transcript.entries] == [(0, "One two."), (0.8, "Three.")]
    assert len(booth.emptied) == 1
    assert not booth.voice.is_speaking


def test_white_space():
    """White space is nothing to speak."""
    booth = Booth()
    booth.voice.speak("\n", 0.0)
    assert not booth.voice.is_speaking
    assert booth.transcript.entries == []


def test_stop():
    """A voice that is stopped forgets the rest, and tells nobody."""
    booth = Booth()
    booth.voice.stop()
    booth.voice.speak("One two.", 0.0)
    booth.voice.speak("Three.", 0.0)
    booth.until(0.5)
    booth.voice.stop()
    booth.until(5)
    assert booth.transcript.heard == ["One two."]
    assert booth.emptied == []
