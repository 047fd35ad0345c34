"""Commands of streaming speech."""

from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.protocol.token_sender import MOST_CHARACTERS

from .sending import message, refused


@pytest.mark.parametrize("letter", ["x", "é", "€", "👋"])
def test_a_piece_fits(letter: str) -> None:
    """jambonz counts UTF-16 units, of which a rare letter has two; a longer piece would never be accepted."""
    units = 2 if letter == "👋" else 1
    most = letter * (1_000 // units)
    assert message(lambda s: s.send_command("tts:tokens", {"id": 1, "tokens": most}))["data"]["tokens"] == most
    assert refused(lambda s: s.send_command("tts:tokens", {"id": 1, "tokens": most + letter})) == (
        f"tts:tokens holds {1_000 + units:,} characters, and jambonz never accepts more than 1,000",
        "tts:tokens.tokens",
    )
    assert MOST_CHARACTERS == 1_000


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"tokens": "x"}, "tts:tokens.id"),
        ({"id": 1}, "tts:tokens.tokens"),
        ({"id": 1, "tokens": ["x"]}, "tts:tokens.tokens"),
        ({"id": None, "tokens": "x"}, "tts:tokens.id"),
        ("x", "tts:tokens"),
    ],
)
def test_a_piece_has_a_name(data: Any, path: str) -> None:
    """Without one its result would not come."""
    assert refused(lambda s: s.send_command("tts:tokens", data))[1] == path


@pytest.mark.parametrize("name", ["tts:flush", "tts:clear"])
def test_nothing_more_to_say(name: str) -> None:
    """The name says it all."""
    assert message(lambda s: s.send_command(name)) == {"type": "command", "command": name}
    assert refused(lambda s: s.send_command(name, {"id": 1})) == (
        f"{name} takes no options, so none called 'id'",
        f"{name}.id",
    )
