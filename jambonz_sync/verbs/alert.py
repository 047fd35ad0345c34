"""The verb ``alert``."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import TypedDict

from .markers import Doc, Needed

__all__ = ["AlertOptions"]


class AlertOptions(TypedDict, total=False):
    """Write a line to the platform's log of alerts. The caller notices nothing."""

    message: Annotated[str, Needed(), Doc("What to write.")]
    id: Annotated[str, Doc("Your own name for this verb; hooks and statuses repeat it.")]
