"""What the server of a soak holds."""

from __future__ import annotations

import sys

import pytest

if not sys.platform.startswith("linux"):
    pytest.skip("it needs /proc and the CPU clocks of Linux", allow_module_level=True)

from benchmarks.growth_server import GrowthServer
from benchmarks.soak_caller import Life, SoakCaller
from benchmarks.soak_state import State, growth, settled, state, told

BEFORE = State(50 * 2.0**20, 2, 4, 30_000, 200_000)


def test_state() -> None:
    """A call that is up is seen in all that is held, and gone when it has ended."""
    with GrowthServer("benchmarks.soak_application") as server:
        for number in range(2):
            before = settled(server)
            caller = SoakCaller(server.port, Life(number, 1, "caller", None, False))
            during = state(server)
            assert during.threads > before.threads
            assert during.descriptors > before.descriptors
            assert told(server)["live"] == 1
            caller.act()
            caller.see()
        after = settled(server)
        assert growth(before, after, 1) == []
        assert 0 < after.objects < after.blocks
        assert told(server)["ended"]["caller"] == 2


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"memory": 2**22 + 51_300}, "memory from 52,428,800 to 56,674,404"),
        ({"threads": 1}, "threads from 2 to 3"),
        ({"descriptors": 1}, "descriptors from 4 to 5"),
        ({"objects": 111}, "objects from 30,000 to 30,111"),
        ({"blocks": 111}, "blocks from 200,000 to 200,111"),
    ],
)
def test_growth(more: dict[str, float], text: str) -> None:
    """Whatever has grown by more than comes and goes is told; what is just below that, or less than before, is not."""
    after = BEFORE._replace(**{name: getattr(BEFORE, name) + extra for name, extra in more.items()})
    assert growth(BEFORE, after, 100) == [text]
    after = BEFORE._replace(**{name: getattr(BEFORE, name) + extra - 101 for name, extra in more.items()})
    assert growth(BEFORE, after, 100) == []
