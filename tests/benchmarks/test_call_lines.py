"""What is measured of servers that take calls, with few calls and for a moment."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

if not sys.platform.startswith("linux"):
    pytest.skip("it needs epoll and the CPU clocks of Linux", allow_module_level=True)

from benchmarks import call_lines
from benchmarks.call_lines import LINES, Sample
from benchmarks.call_servers import CallServer, ours

#: Those that hold thousands of calls are tried with fewer.
FEW = ["paced-50", "saturated-1", "saturated-50", "set-ups", "big", "tokens", "start"]


@pytest.fixture(scope="module")
def server() -> Iterator[CallServer]:
    """Ours, which is measured."""
    with CallServer(ours()) as server:
        yield server


def fits(name: str, sample: Sample) -> None:
    """There is a number for all that the table shows, and for nothing else."""
    assert {figure.key for figure in LINES[name].figures} <= set(sample)
    assert all(value > 0 for value in sample.values())
    if "p99" in sample:
        assert sample["p50"] <= sample["p99"]


@pytest.mark.parametrize("name", FEW)
def test_line(name: str, server: CallServer) -> None:
    """Each takes a sample that has its figures."""
    fits(name, LINES[name].take(server, 0.2))


@pytest.mark.parametrize("name", ["held", "held-deflate"])
def test_held(name: str, server: CallServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """So do those that hold calls, in a server of their own."""
    monkeypatch.setattr(call_lines, "_HELD", 60)
    fits(name, LINES[name].take(server, 0.2))


def test_all_of_them() -> None:
    """Every figure of every line says what it is, and no line has two of the same."""
    for line in LINES.values():
        keys = [figure.key for figure in line.figures]
        assert len(set(keys)) == len(keys)
        assert all(figure.title and figure.unit in ("", "s", "B", "%") for figure in line.figures)
    assert len({line.title for line in LINES.values()}) == len(LINES)
