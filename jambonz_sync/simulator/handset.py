"""The caller's handset: what it picks up, and what is heard from it, on all connections for audio of a call.

::

    handset = Handset(clock.now, begins=print, complain=print)
    handset.microphone.play(sound_file("hello.wav"))
    handset.connect(wire)
    handset.heard_until
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

from ..audio.wav import Sound
from .both_sides import both_sides
from .connection import Closed
from .microphone import Microphone
from .sound_file import PlaysSound
from .sound_track import SoundTrack

__all__ = ["Handset", "Lead"]


class Lead(Protocol):
    """A connection for audio, which keeps what the caller hears on it."""

    heard: SoundTrack
    closed: Closed | None


class Handset:
    """The handset of one call. Used on the call's thread.

    * ``now``: tells the time of the call
    * ``begins``: is told what begins to play, and when it will be over
    * ``complain``: is told why something is not heard
    """

    def __init__(
        self,
        now: Callable[[], float],
        *,
        begins: Callable[[PlaysSound, float], None],
        complain: Callable[[str], None],
    ) -> None:
        self.microphone = Microphone(heard_until=lambda: self.heard_until, begins=begins, complain=complain)
        #: What the caller has heard, on each connection.
        self.heard: list[SoundTrack] = []
        #: When the application has begun to listen; ``inf`` if it never has.
        self.listened_since = math.inf
        self._now = now
        self._open: list[Lead] = []

    def connect(self, lead: Lead) -> None:
        """The application listens on one more connection."""
        self.listened_since = min(self.listened_since, self._now())
        self.heard.append(lead.heard)
        self._open.append(lead)

    @property
    def is_listened_to(self) -> bool:
        """Whether the application listens now."""
        self._open = [lead for lead in self._open if lead.closed is None]
        return bool(self._open)

    @property
    def heard_until(self) -> float:
        """Until when the caller hears something; ``-inf`` if nothing so far."""
        return max((track.sounds_until for track in self.heard), default=-math.inf)

    @property
    def both_sides(self) -> Sound | None:
        """What was said and heard since the application has begun to listen; ``None`` if nothing was heard."""
        return both_sides(self.microphone.track, self.heard, self.listened_since)
