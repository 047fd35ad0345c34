"""The caller's sound, where it is asked for."""

from __future__ import annotations

import contextlib
import itertools
import queue
import socket
import threading
from collections.abc import Iterable, Iterator

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection

from jambonz_sync.simulator.caller_sound import CallerSound, CarriesSound, SoundWire
from jambonz_sync.simulator.wire import AudioWire

from .sound_booth import SoundBooth
from .websockets_side import accept, serving, serving_tcp

AUDIO = ["audio.jambonz.org"]


class Line:
    """A connection that notes what is sent."""

    def __init__(self, booth: SoundBooth, frames: Iterable[bytes]) -> None:
        self.booth = booth
        self.frames = iter(frames)
        self.asked: tuple[int, int, float] | None = None

    def sound(self, rate: int, channels: int, began: float) -> Iterator[bytes]:
        self.asked = (rate, channels, began)
        return self.frames

    def send_sound(self, frame: bytes) -> None:
        self.booth.report(frame)


def test_pace():
    """Each frame is sent when its time has passed, however long it is; behind the last nothing is."""
    booth = SoundBooth()
    line = Line(booth, [b"a" * 320, b"b" * 640, b"c" * 160])
    CallerSound(booth.timers, line, 8000, 1, lambda: False).begin(1.0)
    booth.until(9)
    assert line.asked == (8000, 1, 1.0)
    assert booth.reports == [(1020, b"a" * 320), (1060, b"b" * 640), (1070, b"c" * 160)]


def test_pause():
    """What is heard during a pause is lost."""
    booth = SoundBooth()
    line = Line(booth, (bytes([number]) * 320 for number in range(5)))
    CallerSound(booth.timers, line, 8000, 1, lambda: 0.03 < booth.now < 0.07).begin(0.0)
    booth.until(9)
    assert booth.reports == [(20, bytes(320)), (80, b"\3" * 320), (100, b"\4" * 320)]


def test_end():
    """At the end nothing more is sent."""
    booth = SoundBooth()
    sound = CallerSound(booth.timers, Line(booth, [b"a" * 320] * 9), 8000, 1, lambda: False)
    sound.end()
    sound.begin(0.0)
    booth.until(0.05)
    sound.end()
    booth.until(9)
    assert [time for time, _ in booth.reports] == [20, 40]


@pytest.mark.parametrize(
    ("frames", "sent"), [(None, [bytes(1280)] * 3), ([b"ab", b"", b"cd", b"ef"], [b"ab", b"cd", b"ef"])]
)
def test_wire(frames, sent):
    """Over a socket it is sent in binary: silence, or what was prepared."""
    received: queue.Queue[str | bytes] = queue.Queue()

    def handle(ws: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                received.put(ws.recv(timeout=10))

    with serving(handle, subprotocols=AUDIO) as url:
        wire = SoundWire(url, frames=frames)
        assert isinstance(wire, CarriesSound)
        sound = wire.sound(16_000, 2, 0.0)
        for _ in range(3):
            wire.send_sound(next(sound))
        wire.close(1000)
        wire.send_sound(b"late")
        assert [received.get(timeout=10) for _ in range(3)] == sent
    assert received.empty()


def test_an_application_that_does_not_read(monkeypatch):
    """What it does not take in time is lost to it, and holds up nobody."""
    monkeypatch.setattr(SoundWire, "_subprotocol", "ws.jambonz.org")
    ends = threading.Event()

    def handle(connection: socket.socket) -> None:
        accept(connection)
        ends.wait(60)

    with serving_tcp(handle) as url:
        wire = SoundWire(url)
        for frame in itertools.islice(wire.sound(64_000, 2, 0.0), 5000):
            wire.send_sound(frame)
        assert wire.closed is None
        wire.abort()
        ends.set()


def test_as_a_rule():
    """The connection that is made as a rule carries none."""
    with serving(lambda ws: ws.recv(timeout=10), subprotocols=AUDIO) as url:
        wire = AudioWire(url)
        assert not isinstance(wire, CarriesSound)
        wire.send("done")
        wire.close(1000)
