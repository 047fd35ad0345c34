from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.protocol.hooks import HookKind
from jambonz_sync.simulator.vendors import refusal
from jambonz_sync.verbs.build import build


def test_what_belongs_to_the_vendor_passes_as_it_stands() -> None:
    """Options, credentials and where to connect."""
    own = {"response_create": {"modalities": ["text"]}, "camelCase": None}
    verb = build("llm", {"vendor": "openai", "llm_options": own, "auth": own, "connectOptions": own})
    assert verb.options == {"vendor": "openai", "llmOptions": own, "auth": own, "connectOptions": own}


def test_its_hooks() -> None:
    """Events and tool calls are answered by commands, not by verbs."""
    verb = build(
        "llm",
        {"vendor": "x", "llm_options": {}, "event_hook": "/event", "tool_hook": "/tool", "action_hook": "/over"},
    )
    assert [use.kind for use in verb.hooks] == [HookKind.NOTIFY, HookKind.NOTIFY, HookKind.ACTION]


def test_credentials_are_never_repeated() -> None:
    """Not in an error either."""
    with pytest.raises(InvalidVerb) as caught:
        build("llm", {"vendor": "x", "llm_options": {}, "auth": "sk-4711"})
    assert str(caught.value) == "llm.auth must be a dict"


WANTED: dict[str, dict[str, Any]] = {
    "openai": {"auth": {"apiKey": "k"}, "llm_options": {"response_create": {}}},
    "microsoft": {
        "auth": {"apiKey": "k"},
        "llm_options": {"response_create": {}},
        "connect_options": {"host": "h"},
    },
    "deepgram": {
        "auth": {"apiKey": "k"},
        "llm_options": {"Settings": {"agent": {"think": {"provider": {"type": "t", "model": "m"}}}}},
    },
    "voiceagent": {
        "auth": {"apiKey": "k"},
        "llm_options": {"Settings": {"agent": {"think": {"provider": {"type": "t", "model": "m"}}}}},
    },
    "ultravox": {"auth": {"apiKey": "k"}, "llm_options": {}},
    "elevenlabs": {"auth": {"agent_id": "a"}, "llm_options": {}},
    "google": {"auth": {"apiKey": "k"}, "llm_options": {"setup": {}}},
}


@pytest.mark.parametrize("vendor", sorted(WANTED))
def test_what_a_vendor_of_jambonz_0_9_cannot_do_without(vendor: str) -> None:
    """Whichever name the verb goes by; the error names it, and nothing that is secret."""
    assert build(f"{vendor}_s2s", WANTED[vendor], jambonz_version="0.9").options["vendor"] == vendor
    for option, value in WANTED[vendor].items():
        if value:
            given = {**WANTED[vendor], option: {"other": "sk-4711"}}
            with pytest.raises(InvalidVerb, match=rf"^llm needs {option}\..*, since vendor is {vendor}$") as caught:
                build("llm", {"vendor": vendor, **given}, jambonz_version="0.9")
            assert caught.value.path.startswith(f"llm.{option}.")


def emptied(value: Any, nothing: object) -> Iterator[Any]:
    """Yield what is like a value but for one text in it, which is nothing."""
    for key, item in value.items():
        for changed in emptied(item, nothing) if isinstance(item, dict) else [nothing]:
            yield {**value, key: changed}


@pytest.mark.parametrize("nothing", ["", False, 0])
@pytest.mark.parametrize("vendor", sorted(WANTED))
def test_what_is_empty_is_missing(vendor: str, nothing: object) -> None:
    """A key that is an empty text, as one from the environment may be, is none to jambonz."""
    lacking = list(emptied(WANTED[vendor], nothing))
    assert lacking
    for given in lacking:
        with pytest.raises(InvalidVerb, match=rf"^llm needs [\w.]+, since vendor is {vendor}$"):
            build("llm", {"vendor": vendor, **given}, jambonz_version="0.9")


def test_an_empty_text_is_refused_by_the_simulator_too() -> None:
    """There it is jambonz that refuses it."""
    for vendor, options in WANTED.items():
        names = {"llm_options": "llmOptions", "connect_options": "connectOptions"}
        sent = {"vendor": vendor, **{names.get(name, name): value for name, value in options.items()}}
        assert refusal("llm", sent) is None
        for given in emptied(sent, ""):
            assert str(refusal("llm", given)).startswith(("llm needs ", "llm has no vendor ''"))


@pytest.mark.parametrize(
    ("vendor", "key"), [("openai", "response_create"), ("microsoft", "response_create"), ("google", "setup")]
)
@pytest.mark.parametrize("value", ["Be brief.", 7, True])
def test_what_must_be_an_object(vendor: str, key: str, value: object) -> None:
    """jambonz 0.9 sends it on as one; a list passes for one there."""
    given = {"vendor": vendor, **WANTED[vendor]}
    with pytest.raises(
        InvalidVerb, match=rf"^llm needs a dict for llm_options\.{key}, since vendor is {vendor}$"
    ) as caught:
        build("llm", {**given, "llm_options": {key: value}}, jambonz_version="0.9")
    assert caught.value.path == f"llm.llm_options.{key}"
    assert build("llm", {**given, "llm_options": {key: []}}, jambonz_version="0.9")


def test_what_a_newer_server_knows_by_itself() -> None:
    """Credentials may be set in the account there, so they may be missing where the version is not known."""
    for version in (None, "10"):
        assert build("openai_s2s", {"llm_options": {}}, jambonz_version=version)
        with pytest.raises(InvalidVerb, match=r"needs auth\.agent_id, since vendor is elevenlabs"):
            build("elevenlabs_s2s", {"llm_options": {}, "auth": {"api_key": "k"}}, jambonz_version=version)
        with pytest.raises(InvalidVerb, match=r"needs auth\.agent_id, since vendor is elevenlabs"):
            build("elevenlabs_s2s", {"llm_options": {}, "auth": {"agent_id": ""}}, jambonz_version=version)
    with pytest.raises(InvalidVerb, match=r"needs llm_options\.session_update, since vendor is gptlive"):
        build("llm", {"vendor": "gptlive", "llm_options": {}, "auth": {"apiKey": "k"}})


def test_vendors_come_with_newer_servers() -> None:
    """An older one would refuse the whole list of verbs."""
    options = {"auth": {"apiKey": "k"}, "llm_options": {"session_update": {}}}
    assert build("llm", {"vendor": "brandnew", **options}).options["vendor"] == "brandnew"
    with pytest.raises(InvalidVerb, match=r"has no vendor 'brandnew' on jambonz 0\.9, only openai, microsoft, "):
        build("llm", {"vendor": "brandnew", **options}, jambonz_version="0.9.8")
    for vendor, old, new in (("qwen", "0.9", "10"), ("gptlive", "11.0", "11.1")):
        assert build("llm", {"vendor": vendor, **options}, jambonz_version=new)
        with pytest.raises(InvalidVerb, match=f"needs jambonz {new} or newer for {vendor}"):
            build("llm", {"vendor": vendor, **options}, jambonz_version=old)
        with pytest.raises(InvalidVerb, match=f"{vendor}_s2s needs jambonz {new} or newer, not {old}"):
            build(f"{vendor}_s2s", options, jambonz_version=old)
