from __future__ import annotations

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.protocol.hooks import HookKind, HookUse
from jambonz_sync.verbs.build import build


def test_it_reports_on_the_call_or_on_the_leg() -> None:
    """In config on the call itself, in dial on the dialled party."""
    amd = {"action_hook": "/amd", "timers": {"noSpeechTimeoutMs": 1, "tone_timeout_ms": 2}}
    assert build("config", {"amd": amd}).hooks == (HookUse("/amd", HookKind.REPORT),)
    verb = build("dial", {"target": [{"type": "phone", "number": "1"}], "amd": amd})
    assert verb.hooks == (HookUse("/amd", HookKind.LEG_REPORT),)
    assert verb.options["amd"]["timers"] == {"noSpeechTimeoutMs": 1, "toneTimeoutMs": 2}


def test_it_must_report_somewhere() -> None:
    """Without a hook there is nobody to tell."""
    with pytest.raises(InvalidVerb, match=r"config\.amd needs action_hook"):
        build("config", {"amd": {}})
