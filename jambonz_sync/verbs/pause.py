"""The verb ``pause``."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import TypedDict

from .markers import Doc, Needed

__all__ = ["PauseOptions"]


class PauseOptions(TypedDict, total=False):
    """Wait in silence before the next verb."""

    length: Annotated[float, Needed(), Doc("How long, in seconds.")]
    id: Annotated[str, Doc("Your own name for this verb; hooks and statuses repeat it.")]
