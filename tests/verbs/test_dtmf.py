from __future__ import annotations

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.verbs.build import build


def test_keys_are_a_string() -> None:
    """A number would lose its zeros."""
    assert build("dtmf", {"duration": 100}, positional="0123#").options == {"dtmf": "0123#", "duration": 100}
    with pytest.raises(InvalidVerb, match=r"dtmf\.dtmf must be a string, not 123"):
        build("dtmf", positional=123)
