"""Commands of streaming speech: ``tts:tokens``, ``tts:flush`` and ``tts:clear``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from typing_extensions import TypedDict

from ..protocol.token_sender import MOST_CHARACTERS, units_of
from ..verbs.fault import Fault
from ..verbs.markers import Doc, Needed
from ..verbs.rules import Run, rule

__all__ = ["ClearOptions", "FlushOptions", "TokensOptions"]


class TokensOptions(TypedDict, total=False):
    """Stream text to be spoken. `send_tts_tokens` does so too, and sees to the result."""

    id: Annotated[str | int, Needed(), Doc("Your own name for this piece, which its result repeats.")]
    tokens: Annotated[str, Needed(), Doc("The text, at most 1,000 characters.")]


@rule(TokensOptions)
def _a_piece_fits(given: Mapping[str, Any], run: Run) -> None:
    tokens = given["tokens"]
    length = units_of(tokens)
    if length > MOST_CHARACTERS:
        raise Fault(f"holds {length:,} characters, and jambonz never accepts more than {MOST_CHARACTERS:,}", "tokens")


class FlushOptions(TypedDict, total=False):
    """Speak all the text that waits, without waiting for the end of a sentence."""


class ClearOptions(TypedDict, total=False):
    """Drop all the text that waits, and be silent."""
