"""What jambonz has to know of any vendor of language models."""

from __future__ import annotations

import pytest

from jambonz_sync.simulator.vendor import Wanted, WrongShape, expect, fields

KINDS = ("call.started", "call.ended", "error")


@pytest.mark.parametrize(
    ("events", "wanted"),
    [
        (None, {"call.started", "call.ended", "error"}),
        ("call.*", {"call.started", "call.ended", "error"}),
        (["all"], {"call.started", "call.ended", "error"}),
        (["all", "other"], {"call.started", "call.ended", "error"}),
        (["all", "-error"], {"call.started", "call.ended", "call.other", "other"}),
        (["call.*"], {"call.started", "call.ended"}),
        (["other", "-error", 7], {"other"}),
        ([], {"call.started", "call.ended", "call.other", "error", "other"}),
    ],
)
def test_wanted(events, wanted):
    """What a verb asks for, of what there is."""
    chosen = Wanted(events, KINDS, expands=True)
    assert {kind for kind in (*KINDS, "call.other", "other") if kind in chosen} == wanted


def test_wanted_without_expansion():
    """Some vendors' prefixes are taken by the letter."""
    chosen = Wanted(["call.*"], KINDS, expands=False)
    assert "call.started" not in chosen
    assert "call.*" in chosen


def test_fields():
    """The fields are returned in order, and what is missing or of another type is named."""
    assert fields({"a": "x", "b": None, "c": 1}, b=object, a=str) == [None, "x"]
    with pytest.raises(WrongShape, match="a must be a text, which is not there"):
        fields({}, a=str)
    with pytest.raises(WrongShape, match="a must be an object, not 'x'"):
        fields({"a": "x"}, a=dict)
    with pytest.raises(WrongShape, match="an object with a and b is wanted, not 7"):
        fields(7, a=str, b=bool)


def test_expect():
    """A type is the one that is expected, or said to be another."""
    expect("a", "a")
    with pytest.raises(WrongShape, match="its type must be a, not 'b'"):
        expect("b", "a")
