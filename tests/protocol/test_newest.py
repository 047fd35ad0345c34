"""Keeping the newest of what a call may bring without end."""

from __future__ import annotations

from jambonz_sync.protocol.newest import remember


def test_the_newest_are_kept():
    """The oldest goes first; what is noted again is the newest."""
    known: dict[str, int] = {}
    for number, name in enumerate(("a", "b", "a", "c")):
        remember(known, name, number, 2)
    assert known == {"a": 2, "c": 3}
