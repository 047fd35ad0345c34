from __future__ import annotations

from jambonz_sync.verbs.build import build


def test_it_needs_nothing() -> None:
    """An id is all it takes."""
    assert build("answer").wire() == {"verb": "answer"}
    assert build("answer", {"id": "first"}).id == "first"
