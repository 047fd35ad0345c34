from __future__ import annotations

from jambonz_sync.verbs.build import build


def test_it_needs_a_line() -> None:
    """Which is its first argument."""
    assert build("alert", positional="nobody is there").options == {"message": "nobody is there"}
