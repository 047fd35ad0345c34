"""The verb ``message``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from typing_extensions import TypedDict

from ..protocol.hooks import HookKind
from .hook import Hook
from .markers import Doc, Needed, SameOnWire

__all__ = ["MessageOptions"]


class MessageOptions(TypedDict, total=False):
    """Send an SMS or MMS."""

    to: Annotated[str, Needed(), Doc("Number to send it to.")]
    from_: Annotated[str, Needed(), Doc("Number to send it from.")]
    text: Annotated[str, Doc("The text.")]
    media: Annotated[str | Sequence[str], Doc("URL of a picture or other medium, or several.")]
    carrier: Annotated[str, Doc("Carrier to send it through.")]
    account_sid: Annotated[str, SameOnWire, Doc("Account to send it for.")]
    message_sid: Annotated[str, SameOnWire, Doc("Id for the message; one is made if left out.")]
    action_hook: Annotated[Hook, HookKind.ACTION, Doc("Asked when it is known whether it was sent.")]
    id: Annotated[str, Doc("Your own name for this verb; hooks and statuses repeat it.")]
