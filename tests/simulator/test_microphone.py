"""What the caller's telephone picks up."""

from __future__ import annotations

import math

import pytest

from jambonz_sync.audio.wav import Sound
from jambonz_sync.simulator.microphone import Microphone
from jambonz_sync.simulator.sound_file import PlaysSound

#: Frames of 20 ms.
SILENCE = bytes(320)


def sound(name: str, frames: float, *, rate: int = 8000) -> PlaysSound:
    """A sound of so many frames, made of the first letter of its name."""
    return PlaysSound(name, Sound(name[0].encode() * round(frames * rate / 50) * 2, rate))


class Made:
    """A microphone, and what it has told."""

    def __init__(self) -> None:
        self.heard_until = -math.inf
        self.began: list[tuple[str, float]] = []
        self.complaints: list[str] = []
        self.microphone = Microphone(
            heard_until=lambda: self.heard_until,
            begins=lambda sound, end: self.began.append((sound.name, round(end, 6))),
            complain=self.complaints.append,
        )

    def listens(self, began: float, *, rate: int = 8000, channels: int = 1):
        """Return what takes so many frames, without the samples that are alike."""
        frames = self.microphone.frames(rate, channels, began)
        return lambda count: [next(frames) for _ in range(count)]


@pytest.fixture
def made():
    return Made()


def test_from_the_beginning(made):
    """A sound begins with the first sample that is sent, and silence is behind it, within a frame too."""
    made.microphone.play(sound("a", 2.5))
    assert made.microphone.waiting == [sound("a", 2.5)]
    take = made.listens(4.0)
    assert take(4) == [b"a" * 320, b"a" * 320, b"a" * 160 + bytes(160), SILENCE]
    assert made.began == [("a", 4.05)]
    assert made.microphone.waiting == []


def test_one_after_another(made):
    """Sounds are played one behind the other, without a break, and begin when they come to be played."""
    made.microphone.play(sound("a", 1.5))
    take = made.listens(0.0)
    assert take(1) == [b"a" * 320]
    made.microphone.play(sound("b", 1))
    assert take(2) == [b"a" * 160 + b"b" * 160, b"b" * 160 + bytes(160)]
    take(5)
    made.microphone.play(sound("c", 1))
    # One frame was taken ahead; what is played is in the next.
    assert take(2) == [b"c" * 320, SILENCE]
    assert made.began == [("a", 0.03), ("b", 0.05), ("c", 0.18)]
    assert [piece.at for piece in made.microphone.track.placed] == [0.0, pytest.approx(0.16)]


def test_time_goes_on(made):
    """What plays goes on while nobody listens, or somebody else does."""
    made.microphone.play(PlaysSound("count", Sound(b"".join(bytes([n, 0]) * 160 for n in range(9)), 8000)))
    assert [frame[0] for frame in made.listens(1.0)(2)] == [0, 1]
    assert [frame[0] for frame in made.listens(1.1)(3)] == [5, 6, 7]
    assert made.listens(1.05)(1) == [b"\2\0" * 80 + b"\3\0" * 80]


def test_two_who_listen(made):
    """What begins for one begins for both at the same time, and neither loses the beginning."""
    one, other = made.listens(0.0), made.listens(0.005)
    assert one(1) + other(1) == [SILENCE, SILENCE]
    made.microphone.play(sound("a", 1))
    assert one(2) == [bytes(80) + b"a" * 240, b"a" * 80 + bytes(240)]
    assert other(2) == [b"a" * 320, SILENCE]


def test_one_who_is_late(made):
    """Whoever has taken less than others hears what began meanwhile at its time."""
    one, other = made.listens(0.0), made.listens(0.0)
    one(2)
    made.microphone.play(sound("a", 1))
    assert one(1) == [b"a" * 320]
    assert other(4) == [SILENCE, SILENCE, b"a" * 320, SILENCE]


def test_stereo(made):
    """The caller is in the first channel; in the second is silence."""
    made.microphone.play(sound("a", 1))
    assert made.listens(0.0, channels=2)(2) == [b"aa\0\0" * 160, bytes(640)]


@pytest.mark.parametrize("rate", [16_000, 64_000])
def test_rate(made, rate):
    """A frame has as many samples as it is listened to with."""
    made.microphone.play(sound("a", 1, rate=rate))
    assert made.listens(0.0, rate=rate)(2) == [b"a" * (rate // 25), bytes(rate // 25)]
    assert made.complaints == []


def test_another_rate(made):
    """What has another rate is not heard, takes its time, and is complained of once, with what would help."""
    made.microphone.play(sound("a.wav", 2, rate=16_000))
    made.microphone.play(sound("b.wav", 1))
    assert made.listens(0.0)(4) == [SILENCE, SILENCE, b"b" * 320, SILENCE]
    (complaint,) = made.complaints
    assert complaint.startswith("nobody hears a.wav: a.wav has 16000 samples per second, and the application")
    assert complaint.endswith("ffmpeg -i a.wav -ar 8000 -ac 1 -c:a pcm_s16le caller.wav")
    assert made.microphone.misfits == 1


# In a pause


def test_pause(made):
    """What waits for a pause begins half a second after the application listens, and is not heard itself."""
    made.microphone.play(sound("a", 1), in_pause=True)
    take = made.listens(1.0)
    assert take(25) == [SILENCE] * 25
    assert take(2) == [b"a" * 320, SILENCE]
    made.heard_until = 2.0
    made.microphone.play(sound("b", 1), in_pause=True)
    # Up to 2.5 s.
    assert take(48) == [SILENCE] * 48
    assert take(2) == [b"b" * 320, SILENCE]
    assert made.began == [("a", 1.52), ("b", 2.52)]


def test_pause_between_two(made):
    """Between two of them is a pause too; what waits for none does not overtake."""
    made.microphone.play(sound("a", 5), in_pause=True)
    made.microphone.play(sound("b", 5), in_pause=True)
    made.microphone.play(sound("c", 5))
    made.listens(0.0)(100)
    assert made.began == [("a", 0.6), ("b", 1.2), ("c", 1.3)]
