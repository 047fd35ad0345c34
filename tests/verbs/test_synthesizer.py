from __future__ import annotations

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.verbs.build import build


def test_the_vendor_is_needed() -> None:
    """The error says how to name the usual one."""
    with pytest.raises(InvalidVerb, match=r'say\.synthesizer needs vendor; "default" is the one set'):
        build("say", {"text": "x", "synthesizer": {"language": "de-DE"}})


def test_a_voice_may_be_the_vendors_own_object() -> None:
    """It passes as it stands, like the vendor's options."""
    synthesizer = {"vendor": "x", "voice": {"voice_id": 1}, "options": {"speed_up": None}, "fallback_voice": "y"}
    out = build("say", {"text": "x", "synthesizer": synthesizer}).options["synthesizer"]
    assert out == {"vendor": "x", "voice": {"voice_id": 1}, "options": {"speed_up": None}, "fallbackVoice": "y"}
