"""Sequences of keys that are looked for."""

from __future__ import annotations

import pytest

from jambonz_sync.simulator.key_patterns import KeyPatterns


@pytest.mark.parametrize(
    ("pressed", "found"),
    [
        ([("*", 0), ("1", 0.4)], [None, "*1"]),
        ([("5", 0), ("*", 1), ("1", 2)], [None, None, "*1"]),
        ([("*", 0), ("1", 3)], [None, None]),
        ([("*", 0), ("1", 2.9)], [None, "*1"]),
        ([("9", 0), ("9", 1)], ["9", "9"]),
    ],
)
def test_press(pressed, found):
    """A pattern is found at the end of what was pressed with no pause of three seconds in it."""
    patterns = KeyPatterns(["*1", "9", "99"])
    assert [patterns.press(key, at) for key, at in pressed] == found
