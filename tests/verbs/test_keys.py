from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.verbs.build import build


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ({"num_digits": 2, "min_digits": 3}, "min_digits 3, which is more than num_digits 2"),
        ({"minDigits": 3, "maxDigits": 2}, "min_digits 3, which is more than max_digits 2"),
        ({"num_digits": 5, "max_digits": 4}, "num_digits 5, which is more than max_digits 4"),
    ],
)
def test_counts_must_not_contradict_each_other(counts: dict[str, int], text: str) -> None:
    """In a gather as in the background."""
    with pytest.raises(InvalidVerb, match=f"^gather has {text}$"):
        build("gather", counts)
    with pytest.raises(InvalidVerb, match=rf"^config\.barge_in has {text}$"):
        build("config", {"barge_in": {"enable": True, **counts}})


def test_counts_may_be_equal() -> None:
    """Then there is one right number."""
    assert build("gather", {"min_digits": 3, "num_digits": 3, "max_digits": 3})


def test_time_between_keys_needs_a_fewest_number(warned: Callable[[], list[str]]) -> None:
    """Without it the time is never measured."""
    build("gather", {"inter_digit_timeout": 2, "min_digits": 1})
    assert warned() == []
    build("gather", {"inter_digit_timeout": 2})
    build("config", {"barge_in": {"enable": True, "input": ["digits"], "inter_digit_timeout": 2}})
    assert warned() == [
        "gather.inter_digit_timeout never ends the input without min_digits beside it",
        "config.barge_in.inter_digit_timeout never ends the input without min_digits beside it",
    ]


def test_settings_for_keys_want_keys(warned: Callable[[], list[str]]) -> None:
    """Where speech alone is listened for they have no effect."""
    keys: dict[str, Any] = {"finish_on_key": "#", "max_digits": 3}
    build("gather", keys)
    build("gather", {**keys, "input": ["speech", "digits"]})
    assert warned() == []
    build("gather", {**keys, "input": ["speech"]})
    assert warned() == [
        "gather.max_digits has no effect: input is without digits",
        "gather.finish_on_key has no effect: input is without digits",
    ]
