from __future__ import annotations

import pytest

from jambonz_sync.verbs.spelling import did_you_mean, one_of, wire_name


@pytest.mark.parametrize(
    ("name", "wire"),
    [("text", "text"), ("action_hook", "actionHook"), ("from_", "from"), ("no_speech_timeout_ms", "noSpeechTimeoutMs")],
)
def test_the_wire_name_is_the_camel_case(name: str, wire: str) -> None:
    """Words are joined with capitals; an underscore at the end only keeps clear of a keyword."""
    assert wire_name(name) == wire


@pytest.mark.parametrize("wrong", ["numDigit", "num_digit", "NUMDIGITS", "numdigits", "nmu_digits"])
def test_a_slip_is_recognized_in_any_spelling(wrong: str) -> None:
    """Case and underscores do not matter for what is near."""
    assert did_you_mean(wrong, [("num_digits", "numDigits"), ("timeout", "timeout")]) == "num_digits"


@pytest.mark.parametrize("wrong", ["colour", "", 7, None])
def test_nothing_is_suggested_for_what_is_near_to_nothing(wrong: object) -> None:
    """A bad guess is worse than none."""
    assert did_you_mean(wrong, [("num_digits", "numDigits")]) is None


def test_words_are_joined_to_a_phrase() -> None:
    """The last word gets the joint."""
    assert one_of(["a"]) == "a"
    assert one_of(["a", "b", "c"]) == "a, b or c"
    assert one_of(["a", "b"], "and") == "a and b"
