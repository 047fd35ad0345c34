"""What is declared is what jambonz sends: held against its schema, its words, and what was recorded of it."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import pytest
from typing_extensions import get_type_hints, is_typeddict

from jambonz_sync.protocol.event import Event
from jambonz_sync.protocol.facts import ActionFacts, EventFacts, facts_of, groups
from jambonz_sync.protocol.facts.hearing import GatherFacts
from jambonz_sync.protocol.facts.parties import QueueWaitFacts
from jambonz_sync.protocol.message import parse
from jambonz_sync.protocol.outcome import Outcome
from tests import golden

DATA = pathlib.Path(__file__).parents[2] / "data"
HOOKS = json.loads((DATA / "spec.json").read_text(encoding="utf-8"))["callbacks"]
WORDS = json.loads((DATA / "messages.json").read_text(encoding="utf-8"))["enums"]

#: What an event means by these names is another thing: such a key is read as ``evt["key"]``.
OWN = {"type", "name", "data", "b3"}

#: Not jambonz's own keys: what a speech vendor sends is passed on.
FOREIGN = {"llm:event"}

#: A key whose type depends on the message, where the declared type is that of another.
OTHERWISE = {("verb:status", "duration")}

#: The words that the schema has and jambonz never sends.
UNSENT = {"amd_error", "amd_tone_timeout"}

FACTS = {fact.name: fact for group in groups() for fact in facts_of(group)}
# ``tool_name`` and ``arguments``.
FACTS |= {fact.name: fact for fact in facts_of(Event)}


def attribute(key: str) -> str:
    return "from_" if key == "from" else key


def words_of(annotation: Any) -> set[str]:
    """The words that an annotation allows, or none if it is no ``Literal``."""
    if get_origin(annotation) is Literal:
        return set(get_args(annotation))
    return {word for argument in get_args(annotation) for word in words_of(argument)}


def fits(value: Any, annotation: Any) -> bool:
    """Whether a value of a message is of a type."""
    if annotation is Any:
        return True
    if is_typeddict(annotation):
        hints = get_type_hints(annotation)
        return isinstance(value, dict) and all(key in hints and fits(value[key], hints[key]) for key in value)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return value in arguments
    if origin is list:
        return isinstance(value, list) and all(fits(item, arguments[0]) for item in value)
    if origin is dict:
        return isinstance(value, dict) and all(fits(item, arguments[1]) for item in value.values())
    if arguments:
        return any(fits(value, argument) for argument in arguments)
    if annotation is float:
        return type(value) in (int, float)
    return type(value) is annotation


def recorded() -> Iterator[dict[str, Any]]:
    """Every message that jambonz sent in the recorded conversations."""
    for name in golden.CONTROL:
        for step in golden.load(name).steps:
            if step.direction == "in" and step.message is not None:
                yield step.message


MESSAGES = list(recorded())


def spelled(properties: dict[str, Any], rules: dict[str, Any]) -> Iterator[tuple[str, set[str]]]:
    """The keys of one hook of the schema, with their words if they are listed."""
    for key, entry in properties.items():
        yield key, set(entry["s"].get("enum", [entry["s"]["const"]] if "const" in entry["s"] else []))
    for variant in rules.get("oneOf", ()):
        for key, entry in variant["properties"].items():
            yield key, set(entry.get("enum", [entry["const"]] if "const" in entry else []))


# What is there


@pytest.mark.parametrize("hook", sorted(HOOKS))
def test_keys_of_the_schema(hook):
    """Every key that the schema has for a hook is declared, with all its words."""
    for key, words in spelled(HOOKS[hook]["props"], HOOKS[hook].get("rules", {})):
        if key not in OWN:
            assert attribute(key) in FACTS, key
            assert words - UNSENT <= words_of(FACTS[attribute(key)].type), key


@pytest.mark.parametrize("name", sorted(set(WORDS) - {"close_codes"}))
def test_words(name):
    """Every word of jambonz's for what happened is among those a type checker accepts."""
    key = name.removesuffix(".v10").rpartition(".")[2]
    if key not in OWN:
        assert set(WORDS[name]) <= words_of(FACTS[key].type)


def test_keys_that_were_recorded():
    """Every key of a recorded message is declared."""
    keys = {key for message in MESSAGES if message["type"] not in FOREIGN for key in message["data"]}
    assert {"queue_size", "dial_call_status", "served_from_cache"} <= keys
    assert {attribute(key) for key in keys} - OWN - FACTS.keys() == set()


def test_values_that_were_recorded():
    """Every value of a recorded message is of the declared type, whether the event has it as it came or made it."""
    count = 0
    for message in MESSAGES:
        event = Event(parse(json.dumps(message)))
        for key in message["data"]:
            name = attribute(key)
            if message["type"] in FOREIGN or key in OWN or (message["type"], key) in OTHERWISE:
                continue
            value, annotation = getattr(event, name), FACTS[name].type
            # Texts of the server, beside the words of the other messages that have a reason.
            open_ended = (message["type"], key) == ("call:status", "reason")
            assert open_ended or fits(value, annotation), (message["type"], key, value, annotation)
            count += 1
    assert count > len(MESSAGES)


@pytest.mark.parametrize(
    ("value", "annotation"),
    [
        ("1", int),
        (True, int),
        (True, float),
        ("x", Literal["y"]),
        (["x"], list[int]),
        ({"a": "x"}, dict[str, int]),
        ([], dict[str, int]),
        ("x", int | None),
        ({"is_final": 1}, get_type_hints(GatherFacts)["speech"]),
        ({"sure": True}, get_type_hints(GatherFacts)["speech"]),
    ],
)
def test_misfits(value, annotation):
    """What is of another type would be found."""
    assert not fits(value, annotation)


# How it is there


def test_events_have_all_facts():
    """An event has the facts of every group."""
    assert [group for group in groups() if not issubclass(EventFacts, group)] == []
    assert {name for name in FACTS if name not in dir(Event)} <= set(get_type_hints(Event))


def test_outcomes_have_no_events():
    """An outcome has the facts of hooks that report the end of a verb; what is its own is declared by none."""
    own = {"state", "event", "data", "completed", "interrupted", "failed"}
    names = {fact.name for group in groups() if issubclass(ActionFacts, group) for fact in facts_of(group)}
    assert own & names == set()
    assert issubclass(Outcome, ActionFacts)
    assert not issubclass(Outcome, QueueWaitFacts)


def test_own_names_are_not_declared():
    """No group declares what an event has of itself, nor what a mapping has."""
    own = {"type", "name", "hook", "data", "b3", "names", "asking", "reply", "get", "keys", "items", "values"}
    assert own & {fact.name for group in groups() for fact in facts_of(group)} == set()


def test_one_type_for_a_key():
    """A key that several groups declare has one type, so that type checkers can merge them."""
    types: dict[str, list[Any]] = {}
    for group in groups():
        for fact in facts_of(group):
            types.setdefault(fact.name, []).append(fact.type)
    assert {name: found for name, found in types.items() if any(one != found[0] for one in found)} == {}


@pytest.mark.parametrize("group", groups(), ids=lambda group: group.__name__)
def test_documentation(group):
    """Every group and every fact says in a sentence what it is."""
    assert group.__doc__
    for fact in facts_of(group):
        assert fact.doc.endswith((".", "…")), fact.name


def test_declaring_costs_nothing():
    """An event holds its own attributes only; what is declared is not in it."""
    event = Event(parse('{"type": "call:status", "data": {"call_status": "trying"}}'))
    assert set(vars(event)) == {"type", "hook", "data", "b3", "leg", "name", "names", "asking", "_answer"}
