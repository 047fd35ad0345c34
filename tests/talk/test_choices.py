"""What a caller may choose from, and which choice was meant."""

from __future__ import annotations

import pytest

from jambonz_sync.talk.choices import Choices


def offered(*names):
    return Choices(dict.fromkeys(names))


@pytest.mark.parametrize(
    ("names", "options"),
    [
        (["1", "2", "*"], {"input": ["digits"], "num_digits": 1}),
        (["#"], {"input": ["digits"], "num_digits": 1}),
        (["11", "12"], {"input": ["digits"], "num_digits": 2, "min_digits": 1, "inter_digit_timeout": 3}),
        (
            ["1", "123"],
            {
                "input": ["digits"],
                "max_digits": 3,
                "min_digits": 1,
                "inter_digit_timeout": 3,
                "finish_on_key": "#",
            },
        ),
        (["1", "1#"], {"input": ["digits"], "max_digits": 2, "min_digits": 1, "inter_digit_timeout": 3}),
        (["sales"], {"input": ["speech"]}),
        (["1", "sales"], {"input": ["speech", "digits"], "num_digits": 1}),
    ],
)
def test_options(names, options):
    """What is listened for, and how many keys are waited for, follows from the choices."""
    assert offered(*names).options == options


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1", "1"),
        ("12", "12"),
        ("2", None),
        ("*", "*"),
        ("1*", None),
        ("sales", "sales"),
        ("SALES!", "sales"),
        ("I want sales, please", "sales"),
        ("wholesales", None),
        ("salesman", None),
        ("sales abroad", "sales abroad"),
        ("sales   Abroad", "sales abroad"),
        ("billing or sales", "billing"),
        ("number 12 please", "12"),
        ("die große Straße", "GROSSE STRASSE"),
        ("", None),
    ],
)
def test_meant(text, meant):
    """Keys must be those of a choice; words stand whole anywhere in what was said, and the longest count."""
    choices = offered("1", "12", "*", "sales", "sales abroad", "billing", "GROSSE STRASSE")
    assert choices.meant(text) == meant


@pytest.mark.parametrize(("names", "error"), [([], ValueError), ([" "], ValueError), ([1], TypeError)])
def test_refused(names, error):
    """A menu has choices, and each has a name."""
    with pytest.raises(error):
        offered(*names)
