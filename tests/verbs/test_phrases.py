from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import pytest
from typing_extensions import TypedDict, get_type_hints

from jambonz_sync.verbs.describe import options_of
from jambonz_sync.verbs.hook import Hook
from jambonz_sync.verbs.markers import AtLeastOne, Between, Doc, FreeForm, VerbList
from jambonz_sync.verbs.phrases import phrase


class Inner(TypedDict, total=False):
    """An object inside."""

    text: str


class Sample(TypedDict, total=False):
    """One of each, with the phrase for it as its line."""

    text: Annotated[str, Doc("a string")]
    flag: Annotated[bool, Doc("True or False")]
    number: Annotated[float, Doc("a number")]
    whole: Annotated[int, Doc("a whole number")]
    part: Annotated[float, Between(0, 1), Doc("a number from 0 to 1")]
    around: Annotated[int, Between(-1, 1), Doc("a whole number from -1 to 1")]
    half: Annotated[float, Between(0.5, 3), Doc("a number from 0.5 to 3")]
    positive: Annotated[int, Between(1, math.inf), Doc("a whole number, 1 or more")]
    word: Annotated[Literal["red", "green", "blue"], Doc('"red", "green" or "blue"')]
    only: Annotated[Literal["red"], Doc('"red"')]
    digit: Annotated[Literal[1, 2], Doc("1 or 2")]
    off: Annotated[Literal[False] | Inner, Doc("False or a dict")]
    always: Annotated[bool | Literal["always"], Doc('True, False or "always"')]
    either: Annotated[str | float, Doc("a string or a number")]
    or_nothing: Annotated[float | None, Doc("a number or None")]
    texts: Annotated[Sequence[str], Doc("a list of strings")]
    numbers: Annotated[Sequence[float], Doc("a list of numbers")]
    words: Annotated[Sequence[Literal["red", "green"]], Doc('a list of "red" and/or "green"')]
    text_or_texts: Annotated[str | Sequence[str], Doc("a string or a list of strings")]
    mixed: Annotated[Sequence[str | Inner], Doc("a list of strings and/or dicts")]
    several: Annotated[Sequence[Inner], AtLeastOne, Doc("a list of one or more dicts")]
    inner: Annotated[Inner, Doc("a dict")]
    hook: Annotated[Hook, Doc("a string or a dict")]
    headers: Annotated[Mapping[str, str | float], Doc("a dict of strings and/or numbers")]
    by_name: Annotated[Mapping[str, Inner], Doc("a dict of dicts")]
    free: Annotated[FreeForm, Doc("a dict")]
    free_or_text: Annotated[str | FreeForm, Doc("a string or a dict")]
    several_free: Annotated[Sequence[FreeForm], Doc("a list of dicts")]
    lists: Annotated[Sequence[Sequence[str]], Doc("a list of lists of strings")]
    any_list: Annotated[Sequence[Any], Doc("a list")]
    anything: Annotated[Any, Doc("anything")]
    verbs: Annotated[Sequence[Mapping[str, Any]], VerbList(), Doc("a list of verbs")]
    fillers: Annotated[Sequence[Mapping[str, Any]], VerbList(only=("say", "play")), Doc("a list of say and play verbs")]


@pytest.mark.parametrize("option", options_of(Sample), ids=lambda option: option.name)
def test_phrases(option):
    """Each type has words that follow from its annotation."""
    assert phrase(option.annotation, option.markers) == option.doc


def test_an_annotation_as_it_stands():
    """Markers may also still be in the annotation."""
    hints = get_type_hints(Sample, include_extras=True)
    assert phrase(hints["positive"]) == "a whole number, 1 or more"
    assert phrase(hints["several"]) == "a list of one or more dicts"


def test_a_type_without_words():
    """A type that no option has is a mistake in the description."""
    with pytest.raises(TypeError, match="no words for the type <class 'bytes'>"):
        phrase(bytes)
