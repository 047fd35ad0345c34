from __future__ import annotations

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.verbs.build import build


def test_credentials_come_in_pairs() -> None:
    """A user without a password is refused."""
    with pytest.raises(InvalidVerb, match=r"listen\.ws_auth needs password"):
        build("listen", {"url": "/audio", "ws_auth": {"username": "u"}})


def test_a_password_is_never_repeated() -> None:
    """Not even one that is no string."""
    with pytest.raises(InvalidVerb) as caught:
        build("listen", {"url": "/audio", "ws_auth": {"username": "u", "password": 4711}})
    assert "4711" not in str(caught.value)
