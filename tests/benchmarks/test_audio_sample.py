"""What is measured of the servers that echo audio."""

from __future__ import annotations

import sys

import pytest

if not sys.platform.startswith("linux"):
    pytest.skip("it needs epoll and the CPU clocks of Linux", allow_module_level=True)

from benchmarks import audio_sample
from benchmarks.audio_callers import AudioCaller, Spoken
from benchmarks.audio_sample import Sample, measure
from benchmarks.audio_servers import OURS, PLAIN, EchoServer, commands


def test_measure() -> None:
    """A sample of each server in each round, whose frames are those of all streams; rounds are counted."""
    done: list[int] = []
    with EchoServer(commands()[OURS]) as ours, EchoServer(commands()[PLAIN]) as plain:
        taken = measure({"ours": ours, "plain": plain}, 2, 0.1, 3, each=done.append)
    assert {name: [one.frames for one in samples] for name, samples in taken.items()} == {
        "ours": [10] * 3,
        "plain": [10] * 3,
    }
    assert done == [0, 1, 2]


def test_arithmetic(monkeypatch: pytest.MonkeyPatch) -> None:
    """Late is what takes longer than a frame lasts; CPU is a share of the time."""
    delays = [0.001] * 97 + [0.02, 0.021, 0.5]

    def spoken(callers: list[AudioCaller], seconds: float) -> Spoken:
        assert len(callers) == 1
        return Spoken(delays, [0.0, 0.25], 1.0)

    monkeypatch.setattr(audio_sample, "converse", spoken)
    with EchoServer(commands()[PLAIN]) as server:
        clock = iter([7.0, 8.0] * 2)
        monkeypatch.setattr(server, "cpu", lambda: next(clock))
        (sample,) = measure({"plain": server}, 1, 4.0, 1)["plain"]
    p99 = pytest.approx(0.021 + 0.479 * 0.01)
    assert sample == Sample(0.001, p99, 0.5, 2, 100, 0.25, pytest.approx(0.2475), 0.25)
