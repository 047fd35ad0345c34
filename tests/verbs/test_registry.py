from __future__ import annotations

import pytest

from jambonz_sync.verbs.registry import NOT_FOR_APPLICATIONS, VERBS, find


@pytest.mark.parametrize("name", sorted(VERBS))
def test_every_verb_is_known_by_both_names(name: str) -> None:
    """The one on the wire and the one of its method."""
    verb = VERBS[name]
    assert find(verb.name) is find(verb.method) is verb
    assert verb.method.isidentifier()


@pytest.mark.parametrize("name", sorted(VERBS))
def test_every_verb_tells_what_it_does(name: str) -> None:
    """In a sentence, and its positional option is one of its options."""
    verb = VERBS[name]
    assert verb.doc.endswith(".")
    assert verb.positional is None or verb.positional in [field.name for field in verb.fields]
    assert verb.fields[-1].name == "id"


def test_other_names_are_not_found() -> None:
    """The caller decides what that means."""
    assert find("newverb") is None


ALIASES = {name: verb for name, verb in VERBS.items() if verb.alias_of is not None}


@pytest.mark.parametrize("name", sorted(ALIASES))
def test_another_name_describes_nothing_anew(name: str) -> None:
    """It has the options of the verb that it stands for, and is sent as that."""
    verb = ALIASES[name]
    original = VERBS[verb.sent_as]
    assert verb.alias_of == verb.sent_as == original.sent_as == original.name
    assert (verb.options, verb.positional) == (original.options, original.positional)


def test_what_a_name_says() -> None:
    """It is there without being given, and gives way to what is."""
    verb = VERBS["openai_s2s"]
    assert verb.completed({"llm_options": {}, "vendor": None}) == {"llm_options": {}, "vendor": "openai"}
    assert verb.completed({"vendor": "microsoft"}) == {"vendor": "microsoft"}
    assert VERBS["say"].completed({"text": "a"}) == {"text": "a"}


def test_what_is_not_for_applications_is_no_verb() -> None:
    """By neither name."""
    for name, why in NOT_FOR_APPLICATIONS.items():
        assert find(name) is None
        assert "; " in why
