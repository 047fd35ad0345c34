"""What was measured of calls, for people to read."""

from __future__ import annotations

import re
import sys

import pytest

if not sys.platform.startswith("linux"):
    pytest.skip("it needs epoll", allow_module_level=True)

from benchmarks.call_lines import Sample
from benchmarks.call_servers import FLOOR, OURS
from benchmarks.call_table import render

MEASURED = {
    "python": "CPython 3.11.7",
    "system": "Linux x86_64",
    "cores": 2,
    "pinned_to_core": 1,
    "driver_on_core": 0,
    "rounds": 3,
    "seconds": 2.5,
    "packages": {"jambonz-sync": "0.1.0"},
}


def saturated(rate: float, p99: float = 0.01) -> Sample:
    return {"rate": rate, "p50": 0.005, "p99": p99, "driver": 0.25}


SAMPLES = {
    "saturated-500": {
        OURS: [saturated(500), saturated(600), saturated(700, 0.04)],
        "node-client-ws": [saturated(1000), saturated(800), saturated(1000)],
        "sdk": [saturated(100), saturated(100), saturated(100)],
        FLOOR: [saturated(9000), saturated(9000), saturated(9000)],
    },
    "held": {OURS: [{"memory": 40_000.0}], "sdk": [{"memory": 20_000.0}]},
    "start": {OURS: [{"time": 0.5}]},
}


def shown() -> list[list[str]]:
    return [re.split(r"  +", line.strip()) for line in render(SAMPLES, MEASURED).splitlines()]


def test_ratios() -> None:
    """Ours is divided by the rival with the best median, round by round; the floor is none."""
    lines = shown()
    assert ["saturated, 500 calls", "turns/s", "node-client-ws", "0.700", "0.600 … 0.725", "≥ 0.6", "met"] in lines
    assert ["turn, p99", "node-client-ws", "1.00", "1.00 … 2.50", "≤ 3", "met"] in lines
    assert ["turn, p50", "node-client-ws", "1.00", "1.00 … 1.00"] in lines


def test_goals() -> None:
    """A limit is for our own number; a goal that nobody is there for is neither met nor missed."""
    lines = shown()
    assert ["held, 2,000 calls", "memory per call", "sdk", "2.00", "2.00 … 2.00", "≤ 48.8 KiB", "met"] in lines
    assert ["start", "to the first answer", "-", "-", "-"] in lines
    alone = {"saturated-500": {OURS: [saturated(1.0)]}, "held": {OURS: [{"memory": 60_000.0}]}}
    lines = [re.split(r"  +", line.strip()) for line in render(alone, MEASURED).splitlines()]
    assert ["saturated, 500 calls", "turns/s", "-", "-", "-", "≥ 0.6"] in lines
    assert ["held, 2,000 calls", "memory per call", "-", "-", "-", "≤ 48.8 KiB", "missed"] in lines


def test_figures() -> None:
    """All servers side by side, with the spread, and what the driver used; who is not in a line has a dash there."""
    lines = shown()
    assert [OURS, "node-client-ws", "sdk", FLOOR] in lines
    assert ["saturated, 500 calls", "turns/s", "600 ±8%", "1,000 ±5%", "100 ±0%", "9,000 ±0%"] in lines
    assert ["driver's CPU", "25%", "25%", "25%", "25%"] in lines
    assert ["held, 2,000 calls", "memory per call", "39.1 KiB ±0%", "-", "19.5 KiB ±0%", "-"] in lines


def test_without_ours() -> None:
    """A line that ours could not do has no ratios, but the figures of the others."""
    text = render({"saturated-500": {"sdk": [saturated(100)]}}, MEASURED)
    assert "≥" not in text
    assert "100 ±0%" in text


def test_machine() -> None:
    """The last lines tell what was measured on."""
    text = render(SAMPLES, MEASURED)
    assert text.endswith(
        "3 rounds of 2.5 s, CPython 3.11.7, Linux x86_64, 2 cores, servers on core 1, the driver on core 0, with\n"
        "  jambonz-sync 0.1.0"
    )
    assert "servers on core 1, the driver on the same, with" in render(SAMPLES, {**MEASURED, "driver_on_core": None})
