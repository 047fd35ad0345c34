"""What type checkers say about commands and tools; each runs if it is installed."""

from __future__ import annotations

import inspect
import pathlib

import pytest

from jambonz_sync.commands.methods import CommandMethods
from tests.type_checkers import CHECKERS, know_right_from_wrong


@pytest.mark.parametrize("checker", CHECKERS)
def test_type_checkers_know_right_from_wrong(checker):
    """Commands and their words are known, and so is what a decorated function stays; all else is refused."""
    know_right_from_wrong(checker, pathlib.Path(__file__).parent / "typing")


@pytest.mark.parametrize("checker", CHECKERS)
def test_type_checkers_accept_the_examples(checker, tmp_path):
    """What a docstring shows is what a type checker lets pass."""
    examples = [
        inspect.getdoc(method).splitlines()[0].strip("`")
        for name, method in vars(CommandMethods).items()
        if not name.startswith("_")
    ]
    assert len(examples) > 20
    lines = ["from jambonz_sync import Session", "def examples(session: Session, leg: str) -> None:"]
    (tmp_path / "accepted.py").write_text(
        "\n".join([*lines, *(f"    {line}" for line in examples), ""]), encoding="utf-8"
    )
    (tmp_path / "refused.py").write_text("", encoding="utf-8")
    know_right_from_wrong(checker, tmp_path)
