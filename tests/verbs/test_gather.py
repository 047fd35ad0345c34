from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.protocol.hooks import HookKind, HookUse
from jambonz_sync.verbs.build import build


def test_its_hooks() -> None:
    """The call waits for the action hook alone."""
    verb = build(
        "gather",
        {"action_hook": "/said", "partialResultHook": "/saying", "play": {"url": "a", "action_hook": "/played"}},
    )
    assert verb.hooks == (
        HookUse("/said", HookKind.ACTION),
        HookUse("/saying", HookKind.NOTIFY),
        HookUse("/played", HookKind.REPORT),
    )
    assert verb.action_hook == "/said"


def test_a_prompt_may_be_plain() -> None:
    """A text or a URL stands for the options of say and play."""
    verb = build("gather", {"say": "Sales or support?", "play": "menu.mp3"})
    assert verb.options == {"say": {"text": "Sales or support?"}, "play": {"url": "menu.mp3"}}
    with pytest.raises(InvalidVerb, match=r"gather\.say must be a string or a dict, not 7"):
        build("gather", {"say": 7})


def test_a_prompt_has_no_verb_key() -> None:
    """The server would refuse the whole list."""
    with pytest.raises(InvalidVerb, match=r"gather\.play takes no 'verb'"):
        build("gather", {"play": {"verb": "play", "url": "a"}}, strict=False)


def test_input_is_a_list_of_known_words() -> None:
    """Not a word."""
    with pytest.raises(InvalidVerb, match=r"gather\.input must be a list"):
        build("gather", {"input": "speech"})
    with pytest.raises(InvalidVerb, match=r'gather\.input\[0\] must be "speech" or "digits", not \'voice\''):
        build("gather", {"input": ["voice"]})


def test_what_belongs_to_the_recognizer_is_not_an_option() -> None:
    """The error says where it belongs."""
    with pytest.raises(InvalidVerb, match="gather has no option 'hints'; it is an option of recognizer"):
        build("gather", {"hints": ["sales"]})


def test_settings_for_speech_want_speech(warned: Callable[[], list[str]]) -> None:
    """Keys alone are listened for if nothing is said."""
    speech: dict[str, Any] = {"recognizer": {"vendor": "google"}, "partial_result_hook": "/saying"}
    build("gather", {**speech, "input": ["speech"]})
    assert warned() == []
    build("gather", speech)
    assert warned() == [
        "gather.recognizer has no effect: input is without speech",
        "gather.partial_result_hook has no effect: input is without speech",
    ]


def test_a_prompt_alone_is_fine(warned: Callable[[], list[str]]) -> None:
    """Nobody need be told of the outcome."""
    assert build("gather", {"say": "Press any key."}).hooks == ()
    assert warned() == []
