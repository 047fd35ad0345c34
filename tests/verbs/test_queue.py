from __future__ import annotations

from jambonz_sync.protocol.hooks import HookKind, HookUse
from jambonz_sync.verbs.build import build


def test_hooks_of_waiting() -> None:
    """The music is asked for again and again."""
    verb = build("enqueue", {"wait_hook": "/music", "action_hook": "/done"}, positional="support")
    assert verb.hooks == (HookUse("/music", HookKind.WAIT), HookUse("/done", HookKind.ACTION))


def test_taking_a_caller() -> None:
    """The next, or a certain one."""
    verb = build("dequeue", {"call_sid": "x", "timeout": 30}, positional="support")
    assert verb.options == {"name": "support", "callSid": "x", "timeout": 30}


def test_leaving_needs_nothing() -> None:
    """It is a word by itself."""
    assert build("leave").wire() == {"verb": "leave"}
