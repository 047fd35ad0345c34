from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.verbs.build import build


def recognized(version: str | None = None, **recognizer: Any) -> Any:
    """Return what becomes of a recognizer."""
    verb = build("gather", {"recognizer": {"vendor": "default", **recognizer}}, jambonz_version=version)
    return verb.options["recognizer"]


def test_some_vendors_write_snake_case_on_the_wire() -> None:
    """Their names stay as they are, among others that do not."""
    config = {"max_delay": 1, "additional_vocab": ["a", {"content": "b", "sounds_like": ["c"]}]}
    out = recognized(speechmatics_options={"transcription_config": config})
    assert out["speechmaticsOptions"] == {"transcription_config": config}
    out = recognized(openai_options={"turn_detection": {"type": "none"}, "prompt_templates": {"hints_template": "x"}})
    assert out["openaiOptions"] == {"turn_detection": {"type": "none"}, "promptTemplates": {"hintsTemplate": "x"}}
    with pytest.raises(InvalidVerb, match="'transcriptionConfig'; did you mean transcription_config"):
        recognized(speechmatics_options={"transcriptionConfig": {}})


def test_options_that_pass_as_they_stand() -> None:
    """Those that only the vendor knows."""
    options = {"a_b": {"cD": None}}
    assert recognized(gladia_options=options)["gladiaOptions"] == options
    assert recognized(custom_options={"options": options})["customOptions"] == {"options": options}


def test_endpointing_is_a_number_or_off() -> None:
    """As Deepgram has it."""
    for value in (False, 500):
        assert recognized(deepgram_options={"endpointing": value})["deepgramOptions"] == {"endpointing": value}


def test_keys_are_never_repeated() -> None:
    """Not in an error either."""
    with pytest.raises(InvalidVerb) as caught:
        recognized(deepgram_options={"api_key": 4711})
    assert str(caught.value) == "gather.recognizer.deepgram_options.api_key must be a string"


def test_newer_vendors_need_a_newer_server() -> None:
    """And so do newer options of older ones."""
    assert recognized(xai_options={"smart_turn": 0.5})["xaiOptions"] == {"smartTurn": 0.5}
    for options in ({"xai_options": {}}, {"google_options": {"mode": "SMART"}}):
        with pytest.raises(InvalidVerb, match="needs jambonz 10"):
            recognized("0.9", **options)
