from __future__ import annotations

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.protocol.hooks import HookKind, HookUse
from jambonz_sync.verbs.build import build


def test_declining_needs_a_status() -> None:
    """A number."""
    verb = build("sip_decline", {"reason": "Busy Here"}, positional=486)
    assert verb.wire() == {"verb": "sip:decline", "status": 486, "reason": "Busy Here"}
    with pytest.raises(InvalidVerb, match=r"sip_decline\.status must be a whole number, not '486'"):
        build("sip_decline", positional="486")


def test_hooks_of_a_transfer() -> None:
    """The outcome is waited for, the progress only told."""
    verb = build("sip:refer", {"refer_to": "x", "event_hook": "/progress", "action_hook": "/done"})
    assert verb.hooks == (HookUse("/progress", HookKind.NOTIFY), HookUse("/done", HookKind.ACTION))


def test_a_request_needs_a_method() -> None:
    """The rest is up to the application."""
    verb = build("sip:request", {"body": "x"}, positional="INFO")
    assert verb.wire() == {"verb": "sip:request", "method": "INFO", "body": "x"}
