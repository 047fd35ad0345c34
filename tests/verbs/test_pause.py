from __future__ import annotations

from jambonz_sync.verbs.build import build


def test_it_takes_seconds() -> None:
    """Also parts of them."""
    assert build("pause", positional=0.5).wire() == {"verb": "pause", "length": 0.5}
