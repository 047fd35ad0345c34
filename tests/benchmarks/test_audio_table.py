"""What was measured of echoed audio, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from benchmarks.audio_sample import Sample
from benchmarks.audio_servers import NODE, OURS, PLAIN
from benchmarks.audio_table import render

MEASURED: Mapping[str, Any] = {
    "python": "CPython 3.11.7",
    "system": "Linux x86_64",
    "cores": 2,
    "pinned_to_core": 1,
    "callers_on_core": 0,
    "rounds": 3,
    "seconds": 5.0,
    "packages": {"jambonz-sync": "0.1.0", "wsproto": None},
}


def sample(p99: float, late: int = 0) -> Sample:
    return Sample(p99 / 10, p99, p99 * 2, late, 1000, 0.25, 0.0005, 0.125)


def test_ratios_and_figures() -> None:
    """Ratios are those of rounds, and their median is shown; late frames are those of all rounds."""
    samples = {
        50: {
            OURS: [sample(0.002), sample(0.004, 1), sample(0.006, 1)],
            PLAIN: [sample(0.001)] * 3,
            NODE: [sample(0.001), sample(0.004), sample(0.002)],
        }
    }
    lines = render(samples, MEASURED).splitlines()
    assert lines[0].startswith("jambonz-sync divided by Node ws: ")
    assert lines[4].split() == ["50", "delay,", "p50", "2.00", "1.50", "…", "2.50"]
    assert lines[5].split() == ["50", "delay,", "p99", "2.00", "1.50", "…", "2.50"]
    assert lines[6].split() == ["50", "CPU", "1.00", "1.00", "…", "1.00"]
    shown = "400 µs 4.00 ms 8.00 ms 2 of 3,000 25.0% 500 µs 12.5%"
    assert lines[12].split() == ["50", "jambonz-sync", *shown.split()]
    assert [line.split()[1] for line in lines[12:15]] == ["jambonz-sync", "plain", "Node"]
    assert lines[-3:] == [
        "3 rounds of 5 s, CPython 3.11.7, Linux x86_64, 2 cores, servers on core 1, callers on core 0, with",
        "  jambonz-sync 0.1.0",
        "  wsproto (not installed)",
    ]


def test_without_node() -> None:
    """Where there is nothing to compare with, there are figures only."""
    text = render({50: {OURS: [sample(0.002)], PLAIN: [sample(0.001)]}}, MEASURED)
    assert text.startswith("How late audio comes back: ")
    assert "ratio" not in text


@pytest.mark.parametrize(
    ("cores", "text"),
    [((None, None), "2 cores, no core of their own, with"), ((0, None), "servers on core 0, the callers on the same")],
)
def test_cores(cores: tuple[int | None, int | None], text: str) -> None:
    """It is told where a core was not to be had."""
    measured = {**MEASURED, "pinned_to_core": cores[0], "callers_on_core": cores[1]}
    assert text in render({50: {OURS: [sample(0.002)], PLAIN: [sample(0.001)]}}, measured)
