"""The caller's handset."""

from __future__ import annotations

import math

import pytest

from jambonz_sync.audio.wav import Sound
from jambonz_sync.simulator.connection import Closed
from jambonz_sync.simulator.handset import Handset
from jambonz_sync.simulator.sound_file import PlaysSound
from jambonz_sync.simulator.sound_track import SoundTrack

SOUND = Sound(b"\1\0" * 8000, 8000)


class Lead:
    """A connection for audio."""

    def __init__(self) -> None:
        self.heard = SoundTrack()
        self.closed: Closed | None = None


@pytest.fixture
def now():
    return [2.5]


@pytest.fixture
def began():
    return []


@pytest.fixture
def handset(now, began):
    return Handset(lambda: now[0], begins=lambda sound, end: began.append((sound.name, end)), complain=pytest.fail)


def test_connections(handset, now):
    """It knows since when, and whether, anybody listens, and until when something is heard on any connection."""
    assert (handset.is_listened_to, handset.listened_since, handset.heard_until) == (False, math.inf, -math.inf)
    first, second = Lead(), Lead()
    handset.connect(first)
    now[0] = 4.0
    handset.connect(second)
    first.heard.place(SOUND, 3.0)
    second.heard.place(SOUND, 4.0)
    assert (handset.is_listened_to, handset.listened_since, handset.heard_until) == (True, 2.5, 5.0)
    assert handset.heard == [first.heard, second.heard]
    first.closed = Closed(1000, "", by_application=True)
    assert handset.is_listened_to
    second.closed = first.closed
    assert (handset.is_listened_to, handset.listened_since, handset.heard_until) == (False, 2.5, 5.0)


def test_a_pause(handset, began):
    """What waits for a pause begins half a second after what is heard."""
    lead = Lead()
    handset.connect(lead)
    lead.heard.place(SOUND, 2.5)
    handset.microphone.play(PlaysSound("hello", SOUND), in_pause=True)
    frames = handset.microphone.frames(8000, 1, 2.5)
    sent = b"".join(next(frames) for _ in range(130))
    assert began == [("hello", 5.0)]
    assert sent == bytes(24_000) + SOUND.data + bytes(1600)


def test_both_sides(handset):
    """What was said and heard is one sound, once anything was heard."""
    lead = Lead()
    handset.connect(lead)
    assert handset.both_sides is None
    lead.heard.place(SOUND, 3.0)
    assert handset.both_sides.seconds == 1.5
