from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import pytest
from typing_extensions import Required, TypedDict

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.verbs.compile import compiled
from jambonz_sync.verbs.fault import Fault
from jambonz_sync.verbs.markers import Needed
from jambonz_sync.verbs.rules import Run, rule, rules_of
from jambonz_sync.verbs.versions import version_of


class Inner(TypedDict, total=False):
    """An object inside."""

    low_end: Required[Annotated[int, Needed()]]
    high_end: int


class Outer(TypedDict, total=False):
    """An object around it."""

    inner: Inner
    several: list[Inner]


@rule(Inner)
def _in_order(given: Mapping[str, Any], run: Run) -> None:
    if given["lowEnd"] > given.get("highEnd", 10):
        raise Fault("has its ends in the wrong order", "low_end")


@rule(Inner, Outer)
def _warns(given: Mapping[str, Any], run: Run) -> None:
    if "highEnd" in given:
        run.warn("is high", "high_end")
    if "inner" in given:
        run.warn("has an inside")


def test_rules_are_found_by_their_object() -> None:
    """In their order; an object may have none."""
    assert rules_of(Inner) == (_in_order, _warns)
    assert rules_of(Outer) == (_warns,)
    assert rules_of(dict) == ()


def test_a_rule_sees_valid_options_as_the_wire_has_them() -> None:
    """So it is never called with what is missing, or of the wrong type."""
    run = Run(True, None)
    for value in ({"low_end": "x"}, {"high_end": 2}):
        with pytest.raises(Fault, match=r"must be a whole number|needs low_end"):
            compiled(Inner)(value, run)
    assert compiled(Inner)({"lowEnd": 1, "high_end": 2}, run) == {"lowEnd": 1, "highEnd": 2}


def test_a_fault_has_its_path() -> None:
    """Like any other."""
    with pytest.raises(Fault) as caught:
        compiled(Outer)({"inner": {"low_end": 11}}, Run(True, None))
    error = caught.value.error("outer", InvalidVerb)
    assert str(error) == "outer.inner has its ends in the wrong order"
    assert error.path == "outer.inner.low_end"


def test_a_warning_has_its_path() -> None:
    """From the outside to the option."""
    run = Run(True, None)
    compiled(Outer)({"inner": {"low_end": 1, "high_end": 2}}, run)
    assert [notice.line("outer") for notice in run.notices] == ["outer.inner.high_end is high", "outer has an inside"]


def test_what_is_known_of_the_server() -> None:
    """A version that is not known may be any."""
    old, new, unknown = (Run(True, version and version_of(version)) for version in ("0.9.8", "10.2", None))
    assert [run.lacks("10.1") for run in (old, new, unknown)] == [True, False, False]
    assert [run.may_lack("10.1") for run in (old, new, unknown)] == [True, False, True]
