"""What becomes of valid options, made up from the descriptions, in any spelling and nesting."""

from __future__ import annotations

import copy
import json
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typing_extensions import is_typeddict

from jambonz_sync.protocol.hooks import HookUse
from jambonz_sync.verbs.build import build, from_wire
from jambonz_sync.verbs.describe import options_of
from jambonz_sync.verbs.markers import Free
from jambonz_sync.verbs.registry import VERBS, find
from tests.verbs.strategies import any_verb, whole_verbs

relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def spelled(value: Any, tp: Any) -> None:
    """Check that a built value has only the wire's names, all the way down."""
    if is_typeddict(tp) and isinstance(value, dict):
        known = {option.wire: option for option in options_of(tp)}
        for key, inner in value.items():
            spelled(inner, known[key].annotation)
    elif get_origin(tp) is Annotated and Free not in get_args(tp):
        spelled(value, get_args(tp)[0])
    elif get_origin(tp) in (Union, UnionType):
        for arg in get_args(tp):
            spelled(value, arg)
    elif isinstance(value, list) and is_typeddict((get_args(tp) or [None])[0]):
        for inner in value:
            spelled(inner, get_args(tp)[0])


@relaxed
@given(any_verb)
def test_whatever_the_description_allows_is_built(item: dict[str, Any]) -> None:
    """Valid options are accepted in either spelling, come out in the wire's, and can be sent as JSON."""
    (verb,) = from_wire([item])
    assert verb.name == VERBS[item["verb"]].sent_as
    spelled(verb.options, VERBS[verb.name].options)
    json.dumps(verb.wire(), allow_nan=False).encode()
    assert all(isinstance(use, HookUse) for use in verb.hooks)


@relaxed
@given(any_verb)
def test_what_has_been_built_is_built_unchanged(item: dict[str, Any]) -> None:
    """The wire's own spelling is accepted as it stands: building twice is building once."""
    (once,) = from_wire([item])
    assert from_wire([once.wire()]) == [once]


@relaxed
@given(any_verb)
def test_what_was_given_is_left_alone(item: dict[str, Any]) -> None:
    """Building changes nothing of the caller's, and shares nothing with it."""
    before = copy.deepcopy(item)
    (verb,) = from_wire([item])
    assert item == before
    wire = copy.deepcopy(verb.wire())
    scramble(item)
    assert verb.wire() == wire


def scramble(value: Any) -> None:
    """Change every dict and list in a value."""
    if isinstance(value, dict):
        for inner in value.values():
            scramble(inner)
        value["scrambled"] = True
    elif isinstance(value, (list, tuple)):
        for inner in value:
            scramble(inner)
        if isinstance(value, list):
            value.append("scrambled")


@relaxed
@given(any_verb, st.booleans())
def test_keywords_and_the_wire_agree(item: dict[str, Any], by_method: bool) -> None:
    """A verb given by name and options is the same as the one read from a list."""
    verb = find(item["verb"])
    assert verb is not None
    options = {key: value for key, value in item.items() if key != "verb"}
    assert build(verb.method if by_method else verb.name, options) == from_wire([item])[0]


@relaxed
@given(
    st.sampled_from(sorted(name for name, verb in VERBS.items() if verb.since is None)).flatmap(
        lambda name: whole_verbs(name, newer=False)
    )
)
def test_an_older_server_gets_everything_it_knows(item: dict[str, Any]) -> None:
    """With jambonz_version="0.9" what is not marked as newer is accepted, and comes out the same."""
    assert from_wire([item], jambonz_version="0.9") == from_wire([item])
