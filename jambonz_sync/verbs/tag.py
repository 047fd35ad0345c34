"""The verb ``tag``."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import TypedDict

from .markers import Doc, FreeForm, Needed

__all__ = ["TagOptions"]


class TagOptions(TypedDict, total=False):
    """Attach data to the call, which every later message repeats as `customerData`."""

    data: Annotated[FreeForm, Needed(), Doc("Your own data. Replaces what an earlier tag attached.")]
    id: Annotated[str, Doc("Your own name for this verb; hooks and statuses repeat it.")]
