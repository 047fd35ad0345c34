"""What type checkers say about events and outcomes; each runs if it is installed."""

from __future__ import annotations

import pathlib

import pytest

from tests.type_checkers import CHECKERS, know_right_from_wrong


@pytest.mark.parametrize("checker", CHECKERS)
def test_type_checkers_know_right_from_wrong(checker):
    """Attributes that jambonz sends are known with their types and words; others are refused."""
    know_right_from_wrong(checker, pathlib.Path(__file__).parent / "typing")
