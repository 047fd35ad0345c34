"""Commands of streaming speech: ``tts:tokens``, ``tts:flush`` and ``tts:clear``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from typing_extensions import TypedDict

from ..verbs.fault import Fault
from ..verbs.markers import Doc, Needed
from ..verbs.rules import Run, rule

__all__ = ["MOST_CHARACTERS", "ClearOptions", "FlushOptions", "TokensOptions"]

#: The room jambonz has for text that waits to be spoken, in UTF-16 units. A longer piece can never be accepted.
MOST_CHARACTERS = 1_000


class TokensOptions(TypedDict, total=False):
    """Stream text to be spoken."""

    id: Annotated[str | int, Needed(), Doc("Your own name for this piece, which its result repeats.")]
    tokens: Annotated[str, Needed(), Doc("The text, at most 1,000 characters.")]


@rule(TokensOptions)
def _a_piece_fits(given: Mapping[str, Any], run: Run) -> None:
    tokens = given["tokens"]
    length = len(tokens) if tokens.isascii() else len(tokens.encode("utf-16-le")) // 2
    if length > MOST_CHARACTERS:
        raise Fault(f"holds {length:,} characters, and jambonz never accepts more than {MOST_CHARACTERS:,}", "tokens")


class FlushOptions(TypedDict, total=False):
    """Speak all the text that waits, without waiting for the end of a sentence."""


class ClearOptions(TypedDict, total=False):
    """Drop all the text that waits, and be silent."""
