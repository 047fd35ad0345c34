from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.protocol.hooks import HookKind, HookUse
from jambonz_sync.verbs.build import build

TARGET = [{"type": "phone", "number": "1"}]


def test_it_is_for_newer_servers() -> None:
    """There it names whom to call, and its hooks report."""
    options: dict[str, Any] = {
        "vendor": "x",
        "llm_options": {},
        "handoff": {"target": TARGET, "mode": "warm", "brief": {"template": "x"}, "action_hook": "/over"},
    }
    verb = build("llm", options)
    assert verb.hooks == (HookUse("/over", HookKind.REPORT),)
    assert verb.options["handoff"]["brief"] == {"template": "x"}
    assert build("llm", {**options, "handoff": {**options["handoff"], "brief": "none"}})
    with pytest.raises(InvalidVerb, match=r"llm\.handoff needs jambonz 10"):
        build("llm", options, jambonz_version="0.9")
