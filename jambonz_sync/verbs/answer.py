"""The verb ``answer``."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import TypedDict

from .markers import Doc

__all__ = ["AnswerOptions"]


class AnswerOptions(TypedDict, total=False):
    """Answer the call now. Most verbs answer it by themselves when they start."""

    id: Annotated[str, Doc("Your own name for this verb; hooks and statuses repeat it.")]
