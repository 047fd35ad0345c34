from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.verbs.build import build


def recognized(**recognizer: Any) -> Any:
    """Return what becomes of a recognizer."""
    return build("gather", {"recognizer": {"vendor": "default", **recognizer}}).options["recognizer"]


def test_the_vendor_is_needed() -> None:
    """The error says how to name the usual one."""
    with pytest.raises(InvalidVerb, match=r'gather\.recognizer needs vendor; "default" is the one set'):
        build("gather", {"recognizer": {}})


def test_hints_are_phrases_with_or_without_a_weight() -> None:
    """Both may stand in one list."""
    hints = ["sales", {"phrase": "support", "boost": 3}]
    assert recognized(hints=hints)["hints"] == hints
    with pytest.raises(InvalidVerb, match=r"hints\[0\] needs phrase"):
        recognized(hints=[{"boost": 3}])


def test_confidence_has_bounds() -> None:
    """It is a share, not a percentage."""
    with pytest.raises(InvalidVerb, match="min_confidence must be between 0 and 1, not 80"):
        recognized(min_confidence=80)
