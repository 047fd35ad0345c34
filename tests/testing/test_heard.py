from __future__ import annotations

import re

import pytest

from jambonz_sync.simulator.transcript import Entry
from jambonz_sync.testing.heard import Heard, Hearing


@pytest.fixture
def entries() -> list[Entry]:
    """A conversation of two turns."""
    return [
        Entry(0.0, "app", "For sales press 1."),
        Entry(1.0, "app", "For support press 2."),
        Entry(2.0, "caller", "presses 1"),
        Entry(3.0, "note", "sales does not answer"),
        Entry(4.0, "app", "Nobody is there, sorry."),
    ]


def test_heard() -> None:
    """It is true with its text, and false with the reason, which a failing assertion shows."""
    found = Heard("Hello.")
    assert (bool(found), found.text, repr(found)) == (True, "Hello.", "<heard 'Hello.'>")
    missed = Heard(None, "the call is over")
    assert (bool(missed), missed.text, repr(missed)) == (False, None, "<not heard: the call is over>")


def test_an_empty_text_is_heard() -> None:
    """It is something else than nothing."""
    assert Heard("")


def test_each_line_is_taken_once(entries: list[Entry]) -> None:
    """In any order, and of two that have it the first is taken."""
    hearing = Hearing(lambda: entries)
    assert hearing.has("press")
    assert hearing.take("support") == "For support press 2."
    assert hearing.take("press") == "For sales press 1."
    assert not hearing.has("press")
    assert hearing.take("press") is None


def test_patterns(entries: list[Entry]) -> None:
    """One has to occur in the line, anywhere."""
    hearing = Hearing(lambda: entries)
    assert hearing.take(re.compile("press [0-9]")) == "For sales press 1."
    assert hearing.take(re.compile("^press")) is None


def test_only_what_the_application_says(entries: list[Entry]) -> None:
    """What the caller does is not heard, nor what others tell."""
    hearing = Hearing(lambda: entries)
    assert not hearing.has("presses")
    assert not hearing.has("sales does not")


def test_a_turn_that_begins_here(entries: list[Entry]) -> None:
    """What was said before is over, and what comes is heard."""
    hearing = Hearing(lambda: entries)
    assert hearing.anything
    hearing.begin()
    assert not hearing.anything
    assert not hearing.has("press")
    entries.append(Entry(5.0, "caller", "hello"))
    assert not hearing.anything
    entries.append(Entry(6.0, "app", "Goodbye."))
    assert hearing.anything
    assert hearing.take("Goodbye")
    # Whether it was asked for makes no difference.
    assert hearing.anything


def test_a_turn_that_begins_behind_what_the_caller_did(entries: list[Entry]) -> None:
    """What was said since is heard already."""
    hearing = Hearing(lambda: entries)
    hearing.begin_after_caller()
    assert not hearing.has("press")
    assert hearing.take("Nobody") == "Nobody is there, sorry."
