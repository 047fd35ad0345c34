from __future__ import annotations

from jambonz_sync.protocol.hooks import HookKind, HookUse
from jambonz_sync.verbs.build import build


def test_its_hook_is_a_kind_of_its_own() -> None:
    """The queue is empty when it is asked."""
    verb = build("config", {"barge_in": {"enable": True, "action_hook": "/barge", "partial_result_hook": "/p"}})
    assert verb.hooks == (HookUse("/barge", HookKind.BARGE_IN), HookUse("/p", HookKind.NOTIFY))
    assert verb.action_hook is None
