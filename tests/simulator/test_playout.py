"""Streamed audio: when it is released and heard, and where its marks are."""

from __future__ import annotations

import pytest

from jambonz_sync.simulator.playout import Playout
from jambonz_sync.simulator.sound_track import SoundTrack

from .sound_booth import SoundBooth

VAIN = "{} samples are not heard until more come: of less than {} none is; end with 100 ms of silence"


class Stream:
    """A booth in which streamed audio is played."""

    def __init__(self, rate: float = 8000) -> None:
        self.booth = SoundBooth()
        self.heard = SoundTrack()
        self.playout = Playout(
            self.booth.course,
            rate,
            report_mark=self.booth.report,
            fault=self.booth.faults.append,
            heard_until=self.booth.heard_until,
            heard=self.heard,
        )

    def send(self, samples: int, *, sample: int = 1) -> None:
        self.receive(sample.to_bytes(2, "little", signed=True) * samples)

    def receive(self, data: bytes) -> None:
        self.playout.receive(data, self.booth.now)

    def mark(self, name: str) -> None:
        self.playout.mark(name, self.booth.now)

    def kill(self) -> None:
        self.playout.kill(self.booth.now)

    def told(self, until: float = 60) -> list[tuple[int, str, str]]:
        self.booth.until(until)
        return [(time, *what) for time, what in self.booth.reports]


# What is heard


@pytest.mark.parametrize(("rate", "factor"), [(8000, 1), (4000, 1), (16000, 2), (24000, 3), (44100, 5)])
def test_release(rate, factor):
    """Nothing is heard before 1,280 samples are there, and 640 from then on; more if the stream has a higher rate."""
    stream = Stream(rate)
    stream.send(1280 * factor - 1)
    assert stream.booth.sounds_until == 0
    stream.send(1)
    assert stream.booth.sounds_until == pytest.approx(1280 * factor / rate)
    stream.send(640 * factor - 1)
    assert stream.booth.sounds_until == pytest.approx(1280 * factor / rate)
    stream.send(1)
    assert stream.booth.sounds_until == pytest.approx(1920 * factor / rate)


def test_all_that_waits_is_released():
    """When enough is there all of it plays, at the pace of the stream, from a buffer without a bound."""
    stream = Stream()
    stream.send(8000 * 3600)
    assert stream.booth.sounds_until == 3600


def test_odd_bytes():
    """Half a sample waits for the other half."""
    stream = Stream()
    stream.receive(b"\x01\x00" * 1279 + b"\x01")
    assert stream.booth.sounds_until == 0
    stream.receive(b"\x00" + b"\x02\x00" * 639 + b"\x02")
    assert stream.booth.sounds_until == pytest.approx(1919 / 8000)


def test_after_a_pause():
    """After a pause it goes on when more is released, which is noted if the pause was long enough to be one."""
    stream = Stream()
    stream.send(1600)
    stream.booth.until(0.6)
    stream.send(800)
    assert stream.booth.sounds_until == pytest.approx(0.7)
    stream.booth.until(2)
    stream.send(800)
    assert stream.booth.sounds_until == pytest.approx(2.1)
    assert stream.booth.played == [(0, "(streamed audio)"), (2000, "(streamed audio)")]


def test_silence():
    """Silence takes its time, and is not heard."""
    stream = Stream()
    stream.send(8000, sample=0)
    assert (stream.booth.sounds_until, stream.booth.played) == (0, [])
    stream.receive(b"\x01\x00" * 800 + bytes(1600))
    assert stream.booth.sounds_until == pytest.approx(1.1)


@pytest.mark.parametrize("sent", [0, 1600])
def test_rest(sent):
    """A rest that is too small stays unheard, which is complained of when nothing has come for a second."""
    stream = Stream()
    stream.send(sent)
    stream.send(500)
    end = sent / 8000
    assert stream.booth.sounds_until == pytest.approx(end)
    stream.booth.until(end + 0.99)
    assert stream.booth.faults == []
    stream.booth.until(end + 5)
    assert stream.booth.faults == [VAIN.format(500, 640 if sent else 1280)]


def test_rest_that_goes_on():
    """A rest that more comes behind is no fault, nor is one of silence."""
    stream = Stream()
    stream.send(1700)
    stream.booth.until(0.9)
    stream.send(100)
    stream.booth.until(1.8)
    stream.send(800)
    stream.send(600, sample=0)
    stream.booth.until(9)
    assert stream.booth.faults == []


def test_what_is_heard():
    """It is kept as far as it is released and not dropped, and from when it is heard."""
    stream = Stream()
    stream.booth.until(1)
    stream.send(8000)
    stream.send(1000)
    stream.booth.until(1.5)
    stream.kill()
    stream.booth.until(3)
    stream.send(640, sample=2)
    stream.send(300, sample=3)
    first, second = stream.heard.placed
    assert (first.at, first.sound.data) == (1.0, b"\x01\x00" * 4000)
    assert (second.at, second.sound.data) == (3.0, b"\x02\x00" * 640)


# Marks


def test_mark():
    """A mark is told when the audio before it has been played."""
    stream = Stream()
    stream.send(1600)
    stream.mark("a")
    stream.send(800)
    stream.mark("b")
    assert stream.told() == [(200, "a", "playout"), (320, "b", "playout")]


def test_mark_behind_what_waits():
    """A mark before audio that waits to be released waits too."""
    stream = Stream()
    stream.send(1600)
    stream.send(300)
    stream.mark("a")
    stream.send(300)
    assert stream.told(3) == []
    stream.send(100)
    assert stream.told() == [(3038, "a", "playout")]


def test_marks_with_nothing_to_play():
    """A mark without audio comes at once, or in the frames after."""
    stream = Stream()
    stream.booth.until(1)
    stream.mark("a")
    stream.mark("b")
    assert stream.told() == [(1020, "a", "playout"), (1040, "b", "playout")]


def test_sample_of_minus_one():
    """A sample of the value -1 passes for a mark; two bytes that belong to two samples do not."""
    stream = Stream()
    stream.mark("a")
    stream.booth.until(0.01)
    stream.receive(b"\x00\xff\xff\x00" * 800)
    stream.mark("b")
    stream.booth.until(0.05)
    stream.receive(b"\x01\x00" * 400 + b"\xff\xff" + b"\x01\x00" * 399)
    stream.mark("c")
    stream.receive(b"\xff\xff" + b"\x01\x00" * 799)
    assert stream.told() == [(10, "a", "playout"), (210, "b", "playout"), (260, "c", "playout")]
    assert stream.booth.faults == ["a sample of the value -1 passed for the mark 'c'; send 0 in its place"]


def test_mark_before_a_sample_of_minus_one():
    """A mark comes before the sample behind it, and by itself."""
    stream = Stream()
    stream.mark("a")
    stream.receive(b"\xff\xff" + b"\x01\x00" * 1599)
    assert stream.told() == [(0, "a", "playout")]
    assert stream.booth.faults == []


def test_marks_that_are_resampled():
    """At another rate than the call's a mark before audio is lost, and those behind it do not come either."""
    stream = Stream(16000)
    stream.send(3200)
    stream.mark("a")
    stream.send(3200, sample=-1)
    stream.mark("b")
    assert stream.told(9) == []
    rates = "the stream has 16000 samples per second and the call 8000"
    assert stream.booth.faults == [f"the mark 'a' is lost when it is resampled: {rates}"]
    stream.kill()
    assert stream.told() == [(9000, "a", "cleared"), (9000, "b", "cleared")]


def test_mark_behind_resampled_audio():
    """One behind all audio has no place in it, and comes."""
    stream = Stream(16000)
    stream.send(3200)
    stream.mark("a")
    assert stream.told() == [(220, "a", "playout")]


# What is dropped


def test_kill():
    """What plays is dropped, and its marks are told as cleared."""
    stream = Stream()
    stream.send(8000)
    stream.mark("a")
    stream.send(8000)
    stream.mark("b")
    stream.booth.until(0.5)
    stream.kill()
    assert stream.booth.sounds_until == 0.5
    stream.send(800)
    stream.mark("c")
    assert stream.told() == [(500, "a", "cleared"), (500, "b", "cleared"), (620, "c", "playout")]


def test_kill_leaves_what_waits():
    """What was not released yet is not dropped: it is heard before what comes next. Its marks are."""
    stream = Stream()
    stream.send(1600)
    stream.mark("a")
    stream.send(400)
    stream.booth.until(0.1)
    stream.kill()
    stream.mark("b")
    stream.send(400)
    assert stream.booth.sounds_until == pytest.approx(0.2)
    assert stream.told() == [(100, "a", "cleared"), (150, "b", "playout")]


def test_heard_after_a_kill():
    """What was to be heard and is not makes no difference to what comes later."""
    stream = Stream()
    stream.send(80000)
    stream.booth.until(0.5)
    stream.kill()
    stream.booth.until(2)
    stream.send(1600)
    assert stream.booth.played == [(0, "(streamed audio)"), (2000, "(streamed audio)")]


def test_clear_marks():
    """Marks that are cleared are told to nobody, and the audio plays on."""
    stream = Stream()
    stream.send(1600)
    stream.mark("a")
    stream.send(800)
    stream.mark("b")
    stream.send(80)
    stream.playout.clear_marks()
    stream.mark("c")
    assert stream.booth.sounds_until == pytest.approx(0.3)
    stream.send(720)
    stream.mark("d")
    # The rest of 80 samples is heard before it.
    assert stream.told() == [(310, "c", "playout"), (420, "d", "playout")]


def test_stop():
    """When it is over nothing is told, and nothing complained of."""
    stream = Stream()
    stream.playout.stop()
    stream.send(1600)
    stream.mark("a")
    stream.send(100)
    stream.playout.stop()
    assert stream.told() == []
    assert stream.booth.faults == []
