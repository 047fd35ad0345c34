from __future__ import annotations

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.verbs.build import build


def test_levels_have_bounds() -> None:
    """What the schema bounds is bounded here."""
    with pytest.raises(InvalidVerb, match=r"config\.vad\.threshold must be between 0 and 1, not 2"):
        build("config", {"vad": {"enable": True, "threshold": 2}})
