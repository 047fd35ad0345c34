from __future__ import annotations

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.protocol.hooks import HookKind, HookUse
from jambonz_sync.verbs.build import build


def test_whom_to_ask_is_a_name() -> None:
    """A dict would end the call."""
    assert build("redirect", positional="/menu").hooks == (HookUse("/menu", HookKind.SESSION),)
    with pytest.raises(InvalidVerb, match=r"redirect\.action_hook must be a string, not a dict"):
        build("redirect", {"action_hook": {"url": "/menu"}})


def test_statuses_are_only_told() -> None:
    """Nobody waits for an answer to them."""
    verb = build("redirect", {"action_hook": "https://example.com", "status_hook": "/status"})
    assert verb.hooks == (HookUse("/status", HookKind.NOTIFY),)
