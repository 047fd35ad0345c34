"""What arguments are made of."""

from __future__ import annotations

import argparse

import pytest

from jambonz_sync.cli.arguments import header, speed, variable


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A=hello", "hello"),
        ("A=3", 3),
        ("A=2.5", 2.5),
        ("A=true", True),
        ("A=null", None),
        ('A={"b": [1]}', {"b": [1]}),
        ('A="3"', "3"),
        ("A=", ""),
        ("A=b=c", "b=c"),
        ("A=[1", "[1"),
    ],
)
def test_variable(text, value):
    """A variable is what JSON makes of it, or else a text."""
    assert variable(text) == ("A", value)


def test_header():
    """The value of a header is a text, whatever it looks like."""
    assert header("X-Account=4=2") == ("X-Account", "4=2")
    assert header(" X-Account =3") == ("X-Account", "3")


@pytest.mark.parametrize("text", ["", "A", "=1", " =1"])
@pytest.mark.parametrize("kind", [header, variable])
def test_no_pair(kind, text):
    """Without a name or a sign it is neither."""
    with pytest.raises(argparse.ArgumentTypeError, match="NAME=VALUE, such as "):
        kind(text)


def test_speed():
    """A speed is above zero, and finite."""
    assert speed("0.5") == 0.5
    for text in ("0", "-1", "inf", "nan", "fast"):
        with pytest.raises(argparse.ArgumentTypeError, match="a number above 0"):
            speed(text)
