from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.protocol.hooks import HookKind, HookUse
from jambonz_sync.protocol.verb import Verb
from jambonz_sync.verbs import registry
from jambonz_sync.verbs.build import build, from_wire
from jambonz_sync.verbs.registry import VERBS


def refused(name: str, options: dict[str, Any] | None = None, **more: Any) -> tuple[str, str]:
    """Return the error, and the path in it, that a verb leads to."""
    with pytest.raises(InvalidVerb) as caught:
        build(name, options, **more)
    return str(caught.value), caught.value.path


def test_a_verb_comes_out_in_the_spelling_of_the_wire() -> None:
    """With the hooks it names."""
    verb = build("gather", {"num_digits": 1, "action_hook": "/digits"})
    assert verb == Verb("gather", {"numDigits": 1, "actionHook": "/digits"}, (HookUse("/digits", HookKind.ACTION),))


def test_a_verb_goes_by_either_name() -> None:
    """That of the wire, and that of the method."""
    assert build("sip:decline", {"status": 603}) == build("sip_decline", {"status": 603})
    assert build("sip_decline", {"status": 603}).name == "sip:decline"


@pytest.mark.parametrize(
    ("name", "positional", "options"),
    [
        ("say", "Hello.", {"text": "Hello."}),
        ("say", ["Hello.", "World."], {"text": ["Hello.", "World."]}),
        ("play", "a.mp3", {"url": "a.mp3"}),
        ("pause", 1, {"length": 1}),
        ("dial", [{"type": "phone", "number": "1"}], {"target": [{"type": "phone", "number": "1"}]}),
        ("redirect", "/menu", {"actionHook": "/menu"}),
        ("sip_decline", 486, {"status": 486}),
        ("tag", {"customer": 7}, {"data": {"customer": 7}}),
        ("tag", {}, {"data": {}}),
        ("tag", {"data": 7}, {"data": {"data": 7}}),
        ("tag", {"data": {"a_b": 7}}, {"data": {"a_b": 7}}),
        ("tag", {"data": {"a": 7}, "id": "x"}, {"data": {"a": 7}, "id": "x"}),
        ("gather", {"numDigits": 1}, {"numDigits": 1}),
        ("say", {"text": "Hello.", "early_media": True}, {"text": "Hello.", "earlyMedia": True}),
    ],
)
def test_the_first_argument(name: str, positional: Any, options: dict[str, Any]) -> None:
    """It is the verb's obvious one, or a dict of options."""
    assert build(name, positional=positional).options == options


def test_the_first_argument_and_named_ones_go_together() -> None:
    """As long as nothing is given twice; None is not given."""
    assert build("say", {"loop": 2}, positional="Hello.").options == {"text": "Hello.", "loop": 2}
    assert build("say", {"loop": 2, "text": None}, positional="Hello.").options == {"text": "Hello.", "loop": 2}
    assert build("say", {"loop": 2}, positional={"text": "Hello."}).options == {"text": "Hello.", "loop": 2}
    assert build("say", {"loop": None}, positional={"text": "a", "loop": 2}).options == {"text": "a", "loop": 2}
    assert build("say", {"loop": 2}, positional={"text": "a", "loop": None}).options == {"text": "a", "loop": 2}


def test_nothing_is_given_twice() -> None:
    """Neither in one spelling nor in two."""
    assert refused("say", {"text": "b"}, positional="a") == (
        "say got text twice: as the first argument and by name",
        "say.text",
    )
    assert refused("redirect", {"actionHook": "/b"}, positional="/a")[1] == "redirect.actionHook"
    assert refused("gather", {"num_digits": 1}, positional={"numDigits": 2}) == (
        "gather got num_digits twice: in the dict and by name",
        "gather.num_digits",
    )


def test_a_verb_without_an_obvious_argument_takes_only_a_dict() -> None:
    """The error says so."""
    assert refused("gather", positional="speech")[0] == "gather takes a dict of options as its argument, not 'speech'"


@pytest.mark.parametrize(
    ("name", "options", "text", "path"),
    [
        ("gather", {"numDigit": 1}, "gather has no option 'numDigit'; did you mean num_digits?", "gather.numDigit"),
        ("gather", {"timeout": "ten"}, "gather.timeout must be a number, not 'ten'", "gather.timeout"),
        ("pause", {}, "pause needs length", "pause.length"),
        ("sip_decline", {}, "sip_decline needs status", "sip_decline.status"),
        (
            "dial",
            {"target": [{"type": "fone"}]},
            'dial.target[0].type must be "phone", "sip", "user" or "teams", not \'fone\'',
            "dial.target[0].type",
        ),
        (
            "gather",
            {"say": {"verb": "say", "text": "x"}},
            "gather.say takes no 'verb': what stands here is known by the option's name",
            "gather.say.verb",
        ),
    ],
)
def test_an_error_says_where_and_what(name: str, options: dict[str, Any], text: str, path: str) -> None:
    """With the path as the caller spelled it."""
    assert refused(name, options) == (text, path)


def test_an_unknown_verb_is_refused() -> None:
    """With the nearest name, or the way around."""
    assert refused("gathr") == ("jambonz_sync knows no verb 'gathr'; did you mean gather?", "gathr")
    assert refused("sipdecline")[0].endswith("did you mean sip_decline?")
    assert "session.verb('newverb', ...)" in refused("newverb")[0]


@pytest.mark.parametrize("more", [{"allow_unknown": True}, {"strict": False}])
def test_an_unknown_verb_passes_where_that_is_allowed(more: dict[str, bool]) -> None:
    """As it stands, in a copy."""
    data = {"a_b": [1]}
    verb = build("newverb", {"more": None}, positional={"some_data": data, "verb": "x"}, **more)
    data["a_b"].append(2)
    assert verb == Verb("newverb", {"some_data": {"a_b": [1]}, "more": None})
    assert verb.wire()["verb"] == "newverb"


def test_hooks_of_an_unknown_verb_are_guessed_by_their_names() -> None:
    """The action hook by its own, the others as what does least harm."""
    verb = build(
        "newverb",
        {"actionHook": "/a", "eventHook": {"url": "/b"}, "thirdHook": "https://x", "fourthHook": 7, "hook": "/c"},
        allow_unknown=True,
    )
    assert verb.hooks == (HookUse("/a", HookKind.ACTION), HookUse("/b", HookKind.REPORT))


def test_faults_of_an_unknown_verb() -> None:
    """What JSON cannot carry is refused all the same, and so is what was given twice."""
    assert refused("newverb", {"a": {1}}, allow_unknown=True) == (
        "newverb.a must be something JSON can carry, not a value of type set",
        "newverb.a",
    )
    assert refused("newverb", {"a": 1}, positional={"a": 1}, allow_unknown=True)[1] == "newverb.a"
    assert "takes a dict" in refused("newverb", positional="x", allow_unknown=True)[0]


def test_a_known_verb_is_checked_even_where_unknown_ones_are_allowed() -> None:
    """Allowing unknown verbs does not allow unknown options."""
    assert refused("say", {"txt": "x"}, allow_unknown=True)[1] == "say.txt"


def test_a_value_that_contains_itself_is_refused() -> None:
    """Instead of a RecursionError."""
    loop: dict[str, Any] = {}
    loop["loop"] = loop
    for name in ("tag", "newverb"):
        assert "contains itself" in refused(name, {"data": loop}, allow_unknown=True)[0]


def test_an_older_server_is_protected() -> None:
    """What is newer raises only when the version is known to be older."""
    options = {"target": [{"type": "phone", "number": "1"}], "codecs": ["PCMU"]}
    assert build("dial", options).options["codecs"] == ["PCMU"]
    assert build("dial", options, jambonz_version="10").options["codecs"] == ["PCMU"]
    assert refused("dial", options, jambonz_version="0.9")[1] == "dial.codecs"


def test_later_changes_do_not_reach_a_built_verb() -> None:
    """Everything is copied, free-form objects too."""
    data = {"list": [1]}
    target = [{"type": "phone", "number": "1", "headers": {"X": "1"}}]
    verbs = [build("tag", {"data": data}), build("dial", {"target": target})]
    data["list"].append(2)
    target[0]["headers"]["X"] = "2"
    target.clear()
    assert verbs[0].options == {"data": {"list": [1]}}
    assert verbs[1].options == {"target": [{"type": "phone", "number": "1", "headers": {"X": "1"}}]}


def test_a_list_as_the_docs_write_it() -> None:
    """Both forms of an element, and verbs that are built already."""
    built = build("pause", {"length": 1})
    verbs = from_wire(
        [
            {"verb": "say", "text": "a"},
            {"play": {"url": "b"}},
            {"hangup": {}},
            {"answer": None},
            {"verb": "leave"},
            built,
        ]
    )
    assert [verb.name for verb in verbs] == ["say", "play", "hangup", "answer", "leave", "pause"]
    assert verbs[1].options == {"url": "b"}
    assert verbs[-1] is built


@pytest.mark.parametrize(
    ("item", "text", "path"),
    [
        ({"verb": "say", "text": 7}, "[1].say.text must be a string or a list of strings, not 7", "[1].say.text"),
        ({"say": {"txt": "x"}}, "[1].say has no option 'txt'; did you mean text?", "[1].say.txt"),
        ({"verb": "pause"}, "[1].pause needs length", "[1].pause.length"),
        ({"text": "x", "loop": 2}, '[1] needs verb, as in {"verb": "say", "text": "Hello."}', "[1].verb"),
        ({}, '[1] needs verb, as in {"verb": "say", "text": "Hello."}', "[1].verb"),
        ({"verb": 7}, "[1].verb must be the name of a verb, not 7", "[1].verb"),
        ({"say": "Hello."}, "[1].say must be a dict of options, not 'Hello.'", "[1].say"),
        ("say", "[1] must be a dict with a verb, not 'say'", "[1]"),
        ({"verb": "sey", "text": "x"}, "[1]: jambonz_sync knows no verb 'sey'; did you mean say?", "[1].sey"),
    ],
)
def test_faults_in_a_list(item: Any, text: str, path: str) -> None:
    """The index comes first."""
    with pytest.raises(InvalidVerb) as caught:
        from_wire([{"verb": "answer"}, item])
    assert (str(caught.value), caught.value.path) == (text, path)


def test_a_list_with_unknown_verbs_passes_if_not_strict() -> None:
    """And is held to the server's version."""
    assert from_wire([{"verb": "newverb", "a_b": 1}], strict=False) == [Verb("newverb", {"a_b": 1})]
    with pytest.raises(InvalidVerb):
        from_wire([{"verb": "transcribe", "enable": False}], jambonz_version="0.9")


def test_a_newer_verb_needs_a_newer_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """On its own and in a list inside another verb."""
    newer = dataclasses.replace(VERBS["leave"], since="10")
    monkeypatch.setitem(registry._BY_EITHER_NAME, "leave", newer)
    assert build("leave").name == build("leave", jambonz_version="10").name == "leave"
    assert refused("leave", jambonz_version="0.9") == ("leave needs jambonz 10 or newer, not 0.9", "leave")
    nested = {"action_hook_delay_action": {"give_up_actions": [{"verb": "leave"}]}}
    assert build("config", nested)
    text, path = refused("config", nested, jambonz_version="0.9")
    assert "needs jambonz 10 or newer" in text
    assert path == "config.action_hook_delay_action.give_up_actions[0]"


@pytest.mark.parametrize(
    ("name", "options", "wire"),
    [
        ("stream", {"url": "/a"}, {"verb": "listen", "url": "/a"}),
        ("room", {"name": "weekly"}, {"verb": "conference", "name": "weekly"}),
        ("s2s", {"vendor": "x", "llm_options": {}}, {"verb": "llm", "vendor": "x", "llmOptions": {}}),
        ("google_s2s", {"llm_options": {}}, {"verb": "llm", "llmOptions": {}, "vendor": "google"}),
        ("google_s2s", {"llm_options": {}, "vendor": None}, {"verb": "llm", "llmOptions": {}, "vendor": "google"}),
        ("google_s2s", {"llm_options": {}, "vendor": "x"}, {"verb": "llm", "llmOptions": {}, "vendor": "x"}),
    ],
)
def test_another_name_is_sent_as_the_verb_it_stands_for(
    name: str, options: dict[str, Any], wire: dict[str, Any]
) -> None:
    """With what the name says by itself, unless that is given; an error names what was written."""
    assert build(name, options).wire() == wire
    assert from_wire([{"verb": name, **options}])[0].wire() == wire
    assert refused(name, {**options, "xyz": 1})[1] == f"{name}.xyz"


def test_other_names_stand_for_their_verbs_in_lists_too() -> None:
    """Where the server knows them only at the top."""
    give_up = {"no_response_give_up_timeout": 9, "give_up_actions": [{"verb": "stream", "url": "/a"}]}
    built = build("config", {"action_hook_delay_action": give_up}).options["actionHookDelayAction"]
    assert built["giveUpActions"] == [{"verb": "listen", "url": "/a"}]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("pipeline", "no server can run it; agent, on jambonz 10.1 or newer, is what became of it"),
        ("rest:dial", "it is jambonz's own form of a call made by REST; dial connects a caller to somebody else"),
        ("rest_dial", "it is jambonz's own form of a call made by REST; dial connects a caller to somebody else"),
    ],
)
def test_some_verbs_are_not_for_applications(name: str, why: str) -> None:
    """However they are asked for, since the server's validator would not stop them."""
    assert refused(name) == (f"{name} is no verb for applications: {why}", name)
    assert refused(name, allow_unknown=True) == refused(name, strict=False) == refused(name)
    give_up = {"no_response_give_up_timeout": 9, "give_up_actions": [{"verb": name}]}
    for strict in (True, False):
        text, _ = refused("config", {"action_hook_delay_action": give_up}, strict=strict)
        assert text == f"config.action_hook_delay_action.give_up_actions[0] must not be {name}: {why}"
