"""Handing a caller over from a language model to a person."""

from __future__ import annotations

from typing import Annotated, Literal

from typing_extensions import Required, TypedDict

from .markers import Doc
from .synthesizer import Synthesizer
from .transfer import Transfer

__all__ = ["Brief", "Handoff"]


class Brief(TypedDict, total=False):
    """What the person is told first."""

    template: Required[Annotated[str, Doc("The text, with places for facts of the call.")]]


class Handoff(Transfer, total=False):
    """A tool by which the model may call a person, and whom."""

    tool_name: Annotated[str, Doc("Name of the tool; transfer_to_human if left out.")]
    tool_description: Annotated[str, Doc("When the model should use it, in words.")]
    brief: Annotated[Literal["auto", "none"] | Brief, Doc("What the person is told first; auto if left out.")]
    brief_synthesizer: Annotated[Synthesizer, Doc("The voice that tells it.")]
