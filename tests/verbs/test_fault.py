from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.verbs.fault import Fault, shown


def test_the_path_is_put_together_from_inside() -> None:
    """Keys and indexes come innermost first; the sentence follows the whole path."""
    fault = Fault("must be a string, not 7")
    fault.parts += ["text", 0, "actions"]
    error = fault.error("config", InvalidVerb)
    assert str(error) == "config.actions[0].text must be a string, not 7"
    assert error.path == "config.actions[0].text"


def test_a_leaf_belongs_to_the_path_alone() -> None:
    """A sentence about an object's option names it by itself."""
    error = Fault("needs length", "length").error("pause", InvalidVerb)
    assert str(error) == "pause needs length"
    assert error.path == "pause.length"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("ten", "'ten'"),
        (True, "True"),
        (None, "None"),
        (float("nan"), "nan"),
        ({"password": "x"}, "a dict"),
        (("x",), "a list"),
        (object(), "a value of type object"),
    ],
)
def test_how_a_value_is_shown(value: Any, text: str) -> None:
    """Plain values as they are, others by what they are."""
    assert shown(value) == text


def test_a_long_value_is_cut() -> None:
    """An error is no place for a whole prompt."""
    assert len(shown("x" * 1000)) < 70
