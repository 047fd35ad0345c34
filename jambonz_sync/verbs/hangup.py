"""The verb ``hangup``."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import TypedDict

from .headers import Headers
from .markers import Doc

__all__ = ["HangupOptions"]


class HangupOptions(TypedDict, total=False):
    """End an answered call. An unanswered one is refused with `sip:decline`."""

    headers: Annotated[Headers, Doc("SIP headers for the BYE.")]
    id: Annotated[str, Doc("Your own name for this verb; hooks and statuses repeat it.")]
