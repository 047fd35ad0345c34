"""The verbs that speak SIP: ``sip:decline``, ``sip:refer`` and ``sip:request``."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import TypedDict

from ..protocol.hooks import HookKind
from .headers import Headers
from .hook import Hook
from .markers import Doc, Needed

__all__ = ["SipDeclineOptions", "SipReferOptions", "SipRequestOptions"]


class SipDeclineOptions(TypedDict, total=False):
    """Refuse an inbound call that is not answered yet."""

    status: Annotated[int, Needed(), Doc("SIP status to refuse with, such as 486 or 603.")]
    reason: Annotated[str, Doc("Reason phrase that goes with it.")]
    headers: Annotated[Headers, Doc("SIP headers for the response.")]
    id: Annotated[str, Doc("Your own name for this verb; hooks and statuses repeat it.")]


class SipReferOptions(TypedDict, total=False):
    """Transfer the call away by SIP REFER."""

    refer_to: Annotated[str, Needed(), Doc("Where to: a SIP address, or a user or number at the caller's host.")]
    referred_by: Annotated[str, Doc("Address for the Referred-By header.")]
    referred_by_display_name: Annotated[str, Doc("Name for the Referred-By header.")]
    headers: Annotated[Headers, Doc("SIP headers for the REFER.")]
    action_hook: Annotated[Hook, HookKind.ACTION, Doc("Asked when the outcome is known.")]
    event_hook: Annotated[Hook, HookKind.NOTIFY, Doc("Told how the transfer gets on.")]
    id: Annotated[str, Doc("Your own name for this verb; hooks and statuses repeat it.")]


class SipRequestOptions(TypedDict, total=False):
    """Send a SIP request within the call."""

    method: Annotated[str, Needed(), Doc("SIP method, such as INFO or NOTIFY.")]
    body: Annotated[str, Doc("Body of the request.")]
    headers: Annotated[Headers, Doc("SIP headers for the request.")]
    action_hook: Annotated[Hook, HookKind.ACTION, Doc("Asked when the response is there.")]
    id: Annotated[str, Doc("Your own name for this verb; hooks and statuses repeat it.")]
