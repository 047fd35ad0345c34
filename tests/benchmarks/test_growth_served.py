"""What may grow on a server, for a moment and with few calls."""

from __future__ import annotations

import pathlib
import sys

import pytest

if not sys.platform.startswith("linux"):
    pytest.skip("it needs /proc and the CPU clocks of Linux", allow_module_level=True)

from benchmarks import growth_served
from benchmarks.callers import Caller
from benchmarks.growth_curve import Curve
from benchmarks.growth_served import CALLS, SERVICES, TURNS


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("_LEAST_TURNS", 10), ("_SET_UPS", 3), ("_SILENCE", 0.1), ("_REST", 0.0)):
        monkeypatch.setattr(growth_served, name, value)


@pytest.mark.parametrize(("curve", "size"), [(CALLS, 3), (SERVICES, 2), (TURNS, 5)], ids=["calls", "services", "turns"])
def test_samples(curve: Curve, size: int) -> None:
    """There is a number for each figure, in every round; memory of a call is not told where it cannot be."""
    with curve.place(size) as sample:
        for _ in range(2):
            taken = sample()
            assert len(taken) == len(curve.figures)
            assert all(value > 0 for value in taken if value is not None)
            unknown = [figure.title for figure, value in zip(curve.figures, taken, strict=True) if value is None]
            assert unknown == (["memory of each"] if curve is CALLS else [])


def test_memory_of_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """With calls enough, it is told."""
    monkeypatch.setattr(growth_served, "_ENOUGH_FOR_MEMORY", 20)
    with CALLS.place(20) as sample:
        memory = sample()[3]
        assert memory is not None
        assert memory > 1000


def test_services(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server of a number of services has so many, one of which takes the calls."""
    with growth_served._serving(3) as server:
        process = pathlib.Path(f"/proc/{server._process.pid}/cmdline").read_bytes().split(b"\0")
        assert process[1:4] == [b"-m", b"benchmarks.growth_application", b"3"]
        with Caller(server.port, "call") as caller:
            caller.hang_up()


def test_memory_of_a_session() -> None:
    """It is that of the session alone: some turns more do not add what a turn allocates."""
    few, more = growth_served._memory_after(10), growth_served._memory_after(40)
    assert 1000 < few < more < 3 * few
