"""The verb ``dtmf``."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import TypedDict

from .markers import Doc, Needed

__all__ = ["DtmfOptions"]


class DtmfOptions(TypedDict, total=False):
    """Send tones, as if keys were pressed."""

    dtmf: Annotated[str, Needed(), Doc("The keys, such as 1234#.")]
    duration: Annotated[float, Doc("Length of each tone, in milliseconds; 500 if left out.")]
    id: Annotated[str, Doc("Your own name for this verb; hooks and statuses repeat it.")]
