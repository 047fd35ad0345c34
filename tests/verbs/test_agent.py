from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.protocol.hooks import HookKind, HookUse
from jambonz_sync.verbs.build import build


def refused(options: dict[str, Any]) -> str:
    with pytest.raises(InvalidVerb) as caught:
        build("agent", options)
    return str(caught.value)


def test_it_needs_nothing_but_a_newer_server() -> None:
    """Model, recognizer and voice may all be the application's own."""
    assert build("agent").wire() == {"verb": "agent"}
    with pytest.raises(InvalidVerb, match=r"agent needs jambonz 10\.1 or newer, not 0\.9"):
        build("agent", jambonz_version="0.9")


def test_its_hooks() -> None:
    """What it tells wants no answer; its end does, that of a handoff does not."""
    handoff = {"target": [{"type": "phone", "number": "1"}], "mode": "blind", "action_hook": "/handed"}
    options = {"event_hook": "/event", "tool_hook": "/tool", "action_hook": "/over", "handoff": handoff}
    assert build("agent", options).hooks == (
        HookUse("/event", HookKind.NOTIFY),
        HookUse("/tool", HookKind.NOTIFY),
        HookUse("/over", HookKind.ACTION),
        HookUse("/handed", HookKind.REPORT),
    )


def test_the_model_is_told_in_its_own_words() -> None:
    """Messages and tools pass as they stand; what is around them is respelled."""
    message = {"role": "user", "content": [{"input_text": "Hi."}], "vendorKey": 1}
    tool = {"name": "look_up", "parameters": {"type": "object", "snake_case": {}}}
    settings = {"system_prompt": "Be brief.", "messages": [message], "tools": [tool], "max_tokens": 100}
    llm = {"vendor": "openai", "connect_options": {"base_url": "https://x"}, "llm_options": settings}
    assert build("agent", {"llm": llm}).options["llm"] == {
        "vendor": "openai",
        "connectOptions": {"baseURL": "https://x"},
        "llmOptions": {"systemPrompt": "Be brief.", "messages": [message], "tools": [tool], "maxTokens": 100},
    }


@pytest.mark.parametrize(
    ("messages", "text"),
    [
        ([{"role": "user"}], "needs content in messages[0]"),
        ([{"role": "user", "content": ""}, {"content": ""}], "needs a role in messages[1], one of system, user"),
        ([{"role": "caller", "content": ""}], "assistant, tool; not 'caller'"),
    ],
)
def test_a_message_has_a_role_and_content(messages: list[dict[str, str]], text: str) -> None:
    """Under either name of the list."""
    assert text in refused({"llm": {"llm_options": {"messages": messages}}})
    assert text.replace("messages", "initial_messages") in refused(
        {"llm": {"llm_options": {"initialMessages": messages}}}
    )


def test_some_settings_are_a_word_or_an_object() -> None:
    """Nothing else."""
    assert build("agent", {"turn_detection": "krisp", "noise_isolation": "rnnoise", "auto_lock_language": "always"})
    options = {"turn_detection": {"mode": "krisp", "threshold": 0.5}, "noise_isolation": {"mode": "krisp", "level": 80}}
    assert build("agent", {**options, "auto_lock_language": True}).options["noiseIsolation"]["level"] == 80
    assert refused({"turn_detection": "vad"}) == 'agent.turn_detection must be "stt" or "krisp", not \'vad\''
    assert refused({"turn_detection": True}) == 'agent.turn_detection must be "stt", "krisp" or a dict, not True'
    assert refused({"auto_lock_language": "never"}) == "agent.auto_lock_language must be \"always\", not 'never'"
    assert "noise_isolation.level must be between 0 and 100" in refused(
        {"noise_isolation": {"mode": "x", "level": 101}}
    )


def test_what_is_heard_while_a_tool_works() -> None:
    """False is nothing, True says too little, and audio is somewhere."""
    assert build("agent", {"tool_filler": False}).options == {"toolFiller": False}
    assert build("agent", {"tool_filler": {"type": "backchannel", "start_delay_secs": 2}})
    assert refused({"tool_filler": True}) == "agent.tool_filler must be False, not True"
    assert refused({"tool_filler": {"type": "audio"}}) == "agent.tool_filler needs url, since type is audio"
    filler = {"type": "backchannel", "start_delay_secs": -1}
    assert refused({"tool_filler": filler}) == "agent.tool_filler.start_delay_secs must be at least 0, not -1"


def test_languages_have_their_own_voices() -> None:
    """Under the code of each, which is never respelled."""
    voices = {"de-DE": {"tts": {"vendor": "google", "fallback_voice": "x"}}}
    assert build("agent", {"language_config": voices}).options["languageConfig"] == {
        "de-DE": {"tts": {"vendor": "google", "fallbackVoice": "x"}}
    }
    assert "language_config.de-DE has no option 'stt'" in refused({"language_config": {"de-DE": {"stt": {}}}})
