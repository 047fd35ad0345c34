from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from jambonz_sync.transport.switch_interval import SwitchInterval


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)


@pytest.mark.parametrize("found", [0.005, 0.000_001, 0.02])
def test_few_connections_change_nothing(found: float) -> None:
    """An interval that is found stays what it is up to 50 of them, and for more, if it is long enough for them."""
    sys.setswitchinterval(found)
    interval = SwitchInterval()
    for connections in (0, 1, 50, 200 if found == 0.02 else 0, 10):
        interval.suit(connections)
        assert sys.getswitchinterval() == found


def test_many_connections() -> None:
    """It grows with them, up to a tenth of a second, and is what it was when they are gone."""
    sys.setswitchinterval(0.005)
    interval = SwitchInterval()
    seen = []
    for connections in (50, 100, 500, 1_000, 5_000, 500, 50, 0):
        interval.suit(connections)
        seen.append(sys.getswitchinterval())
    assert seen == pytest.approx([0.005, 0.01, 0.05, 0.1, 0.1, 0.05, 0.005, 0.005])


def test_what_others_set() -> None:
    """What the application sets is what counts from then on, unless it is too short for so many."""
    sys.setswitchinterval(0.005)
    interval = SwitchInterval()
    interval.suit(200)
    sys.setswitchinterval(0.5)
    interval.suit(200)
    assert sys.getswitchinterval() == 0.5
    sys.setswitchinterval(0.002)
    interval.suit(200)
    assert sys.getswitchinterval() == 0.02
    interval.suit(0)
    assert sys.getswitchinterval() == 0.002
