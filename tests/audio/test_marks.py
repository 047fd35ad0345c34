"""Marks: which are outstanding, and whose they are."""

from __future__ import annotations

import json

import pytest

from jambonz_sync.audio.marks import Marks
from jambonz_sync.exceptions import InvalidCommand


def test_outstanding():
    """A mark is outstanding until it comes back."""
    marks = Marks()
    assert json.loads(marks.add("one"))["data"] == {"name": "one"}
    marks.add("one")
    assert len(marks) == 2
    assert marks.came("one", "playout")
    assert len(marks) == 1
    assert marks.came("other", "playout")
    assert marks.came(None, None)
    assert len(marks) == 1


def test_most():
    """jambonz keeps 30."""
    marks = Marks()
    for number in range(30):
        assert marks.has_room
        marks.add(str(number))
    assert not marks.has_room
    with pytest.raises(InvalidCommand, match="30 marks are outstanding"):
        marks.add("30")
    marks.forget()
    assert marks.has_room


def test_own():
    """Those of the library are nobody else's business, also when they come late."""
    marks = Marks()
    first, message = marks.add_own()
    second, _ = marks.add_own()
    assert json.loads(message)["data"]["name"] == first != second
    assert not marks.was_heard(first)
    assert not marks.came(first, "playout")
    assert not marks.came(second, "cleared")
    assert (marks.was_heard(first), marks.was_heard(second)) == (True, False)
    marks.forget_own(first)
    third, _ = marks.add_own()
    marks.forget_own(third)
    assert len(marks) == 0
    assert not marks.came(third, "playout")
