"""What type checkers say about the methods; each runs if it is installed."""

from __future__ import annotations

import pathlib

import pytest

from tests.type_checkers import CHECKERS, know_right_from_wrong


@pytest.mark.parametrize("checker", CHECKERS)
def test_type_checkers_know_right_from_wrong(checker):
    """Every marked line is refused, with the words of its comment, and no other line of either file is."""
    know_right_from_wrong(checker, pathlib.Path(__file__).parent / "typing")
