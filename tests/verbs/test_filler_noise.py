from __future__ import annotations

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.verbs.build import build


def test_it_says_whether() -> None:
    """A URL alone is not enough."""
    with pytest.raises(InvalidVerb, match=r"gather\.filler_noise needs enable"):
        build("gather", {"filler_noise": {"url": "a.mp3"}})
