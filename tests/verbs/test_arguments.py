from __future__ import annotations

from typing import Annotated, Any

import pytest
from typing_extensions import TypedDict

from jambonz_sync.verbs.arguments import merged
from jambonz_sync.verbs.describe import Option, options_of
from jambonz_sync.verbs.fault import Fault
from jambonz_sync.verbs.markers import FreeForm, Wire


class Options(TypedDict, total=False):
    """What a verb may take."""

    num_digits: int
    recording_id: Annotated[str, Wire("recordingID")]
    data: FreeForm


class Thing:
    """A verb or a command."""

    def __init__(self, positional: str | None = None) -> None:
        self.positional = positional

    @property
    def fields(self) -> tuple[Option, ...]:
        return options_of(Options)


def refused(thing: Thing, options: dict[str, Any], positional: object) -> tuple[str, object]:
    """The fault, and the option it is about."""
    with pytest.raises(Fault) as caught:
        merged(thing, options, positional)
    return caught.value.text, caught.value.leaf


def test_an_argument_without_its_name() -> None:
    """It is the obvious one, and comes first."""
    together = merged(Thing("num_digits"), {"recording_id": "x"}, 1)
    assert list(together.items()) == [("num_digits", 1), ("recording_id", "x")]


def test_a_dict_without_a_name() -> None:
    """It holds options; alone, it is left as it is."""
    given = {"num_digits": 1}
    assert merged(Thing("num_digits"), {}, given) is given
    assert merged(Thing(), {"recording_id": "x"}, given) == {"num_digits": 1, "recording_id": "x"}
    assert given == {"num_digits": 1}


@pytest.mark.parametrize(("inside", "by_name"), [(1, None), (None, 1)])
def test_none_is_not_given(inside: int | None, by_name: int | None) -> None:
    """An option that is ``None`` in one place may be given in the other."""
    assert merged(Thing(), {"num_digits": by_name}, {"num_digits": inside}) == {"num_digits": 1}


def test_none_by_name() -> None:
    """Also where the obvious one is given without its name."""
    assert merged(Thing("num_digits"), {"num_digits": None}, 1) == {"num_digits": 1}
    assert merged(Thing("num_digits"), {"numDigits": None}, 1) == {"num_digits": 1, "numDigits": None}


@pytest.mark.parametrize(
    ("inside", "by_name"),
    [
        ("num_digits", "num_digits"),
        ("num_digits", "numDigits"),
        ("numDigits", "num_digits"),
        ("recordingID", "recording_id"),
        ("unknown", "unknown"),
    ],
)
def test_twice_in_a_dict_and_by_name(inside: str, by_name: str) -> None:
    """Neither in one spelling nor in two, and whether it is known or not."""
    assert refused(Thing(), {by_name: 1}, {inside: 1}) == (f"got {by_name} twice: in the dict and by name", by_name)


@pytest.mark.parametrize("by_name", ["num_digits", "numDigits"])
def test_twice_without_a_name_and_by_name(by_name: str) -> None:
    """In either spelling."""
    text = f"got {by_name} twice: as the first argument and by name"
    assert refused(Thing("num_digits"), {by_name: 2}, 1) == (text, by_name)


def test_nothing_obvious() -> None:
    """Where no option is, only a dict of them will do."""
    assert refused(Thing(), {}, 1) == ("takes a dict of options as its argument, not 1", None)


@pytest.mark.parametrize(
    ("positional", "together"),
    [
        ({"customer": 7}, {"data": {"customer": 7}}),
        ({}, {"data": {}}),
        ({"data": 7}, {"data": {"data": 7}}),
        ({"data": {"customer": 7}, "more": 1}, {"data": {"data": {"customer": 7}, "more": 1}}),
        ({"data": {"customer": 7}}, {"data": {"customer": 7}}),
        ({"data": {"customer": 7}, "id": "x"}, {"data": {"customer": 7}, "id": "x"}),
    ],
)
def test_data_of_the_application(positional: dict[str, Any], together: dict[str, Any]) -> None:
    """Where the obvious option is data, a dict is that, unless it has the shape of the options."""
    assert merged(Thing("data"), {}, positional) == together
