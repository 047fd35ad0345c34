"""The command ``dial``: a call of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from typing_extensions import TypedDict

from ..verbs.amd import Amd
from ..verbs.fault import Fault
from ..verbs.headers import Headers
from ..verbs.hook import Hook
from ..verbs.markers import Doc, FreeForm, Needed, SameOnWire
from ..verbs.rules import Run, rule
from ..verbs.target import Target

__all__ = ["OutboundCall"]


class OutboundCall(TypedDict, total=False):
    """Place a call that has nothing to do with this one. Nothing reports back how it went.

    It opens a socket of its own to the application, and begins there with `call:status`.
    """

    from_: Annotated[str, Needed(), Doc("Number the called party sees.")]
    to: Annotated[Target, Needed(), Doc("Whom to call.")]
    call_hook: Annotated[Hook, SameOnWire, Doc("Application that gets the call: a URL, or a path at this host.")]
    application_sid: Annotated[str, SameOnWire, Doc("The same by the sid of an application, instead of call_hook.")]
    call_status_hook: Annotated[Hook, SameOnWire, Doc("Where that call's statuses go, if not to its application.")]
    tag: Annotated[FreeForm, Doc("Data of yours, which comes with all that call's hooks as `customerData`.")]
    timeout: Annotated[float, Doc("How long to let it ring, in seconds; 60 if left out.")]
    time_limit: Annotated[float, Doc("Hang up after this many seconds.")]
    headers: Annotated[Headers, Doc("SIP headers for the INVITE.")]
    caller_name: Annotated[str, Doc("Name the called party sees.")]
    from_host: Annotated[str, Doc("Host part of the From address.")]
    amd: Annotated[Amd, Doc("Tell a person from an answering machine.")]
    refer_hook: Annotated[Hook, Doc("Asked when the called party transfers the call by SIP REFER.")]
    sip_request_within_dialog_hook: Annotated[str, Doc("Told of SIP requests during the call, such as INFO.")]
    dual_streams: Annotated[bool, SameOnWire, Doc("Send the audio of either party in a stream of its own.")]
    speech_synthesis_vendor: Annotated[str, SameOnWire, Doc("Speech vendor for that call.")]
    speech_synthesis_language: Annotated[str, SameOnWire, Doc("Language code of its voice.")]
    speech_synthesis_voice: Annotated[str, SameOnWire, Doc("The vendor's name for its voice.")]
    speech_recognizer_vendor: Annotated[str, SameOnWire, Doc("Who recognizes speech in that call.")]
    speech_recognizer_language: Annotated[str, SameOnWire, Doc("Language code of what is spoken.")]


@rule(OutboundCall)
def _somebody_gets_the_call(given: Mapping[str, Any], run: Run) -> None:
    if "call_hook" not in given and "application_sid" not in given:
        raise Fault("needs call_hook or application_sid, which say who gets the call", "call_hook")
