"""What a message says of the call, or of the leg of it that it is about."""

from __future__ import annotations

from typing import Annotated, Any

from typing_extensions import Doc

from .fact import comes_with
from .words import CallStatus, Direction, EndedBy

__all__ = ["AdultingFacts", "CallFacts", "CallStatusFacts", "HookFacts", "SessionFacts"]


@comes_with(
    "call:status",
    "session:new",
    "session:adulting",
    "*.action_hook",
    "gather.partial_result_hook",
    "config.barge_in.action_hook",
    "config.amd.action_hook",
    "dial.amd.action_hook",
    "transfer.amd.action_hook",
    "config.refer_hook",
    "config.sip_request_within_dialog_hook",
    "config.transcribe.transcription_hook",
    "config.transcribe.translation_hook",
    "transcribe.transcription_hook",
    "transcribe.translation_hook",
    "conference.wait_hook",
    "conference.enter_hook",
    "conference.status_hook",
    "dial.confirm_hook",
    "dial.target.confirm_hook",
    "dial.dtmf_hook",
    "dial.on_hold_hook",
    "dial.refer_hook",
    "dialogflow.event_hook",
    "rasa.event_hook",
    text="call:status and most hooks",
)
class CallFacts:
    """The facts of the call, or of a leg it dialled, that ``call:status`` and most hooks begin with.

    jambonz has two sets of them. Those marked "raw" come with ``session:new`` of an inbound call, transcriptions,
    and the ``wait_hook`` and ``enter_hook`` of ``conference``, in place of what the other messages carry.
    """

    call_sid: Annotated[str, Doc("The sid of this leg.")]
    parent_call_sid: Annotated[str, Doc("The sid of the call that dialled this leg.")]
    call_status: Annotated[CallStatus, Doc("How far the call has come.")]
    direction: Annotated[Direction, Doc("Whether the call came in or was placed.")]
    from_: Annotated[str, Doc("The caller: the user part of the SIP From header. The key is `from`.")]
    to: Annotated[str, Doc("The number called: the user part of the SIP request URI.")]
    caller_id: Annotated[str, Doc("The caller's number as it is shown to a dialled leg.")]
    caller_name: Annotated[str, Doc("The name in the SIP From header, maybe in quotation marks. Raw.")]
    call_id: Annotated[str, Doc("The SIP Call-ID between jambonz's border controller and its feature server.")]
    sbc_callid: Annotated[str, Doc("The SIP Call-ID on the outer side of the border controller.")]
    sip_status: Annotated[int, Doc("The last SIP status, such as 200.")]
    sip_reason: Annotated[str, Doc("The phrase beside it, such as `Ringing`.")]
    sip_reason_header: Annotated[str, Doc("The text of the SIP Reason header. Since v10.")]
    call_termination_by: Annotated[EndedBy, Doc("Who ended the call.")]
    customerData: Annotated[dict[str, Any], Doc("What the `tag` verb has attached to the call.")]
    customerdata: Annotated[dict[str, Any], Doc("The same with the keys inside in snake_case. Raw.")]
    headers: Annotated[dict[str, str], Doc("Further SIP headers of the BYE, names in snake_case.")]
    sipheaders: Annotated[dict[str, str], Doc("The same. Raw.")]
    account_sid: Annotated[str, Doc("The sid of the jambonz account.")]
    application_sid: Annotated[str, Doc("The sid of the jambonz application.")]
    trace_id: Annotated[str, Doc("The id of the trace; 32 zeros where tracing is off.")]
    originating_sip_ip: Annotated[str, Doc("The address an inbound call came from.")]
    originating_sip_trunk_name: Annotated[str, Doc("The carrier an inbound call came from.")]
    fs_sip_address: Annotated[str, Doc("The feature server, as `ip:port`.")]
    local_sip_address: Annotated[str, Doc("The same. Raw.")]
    fs_public_ip: Annotated[str, Doc("The feature server's public address.")]
    public_ip: Annotated[str, Doc("The same. Raw.")]
    api_base_url: Annotated[str, Doc("Where the REST interface of this jambonz is.")]
    has_recording: Annotated[bool, Doc("Whether the call is recorded. Raw.")]
    participants: Annotated[list[dict[str, str]], Doc("SIPREC only: `participant`, `uri_user` and `uri_host` of each.")]


@comes_with("*.action_hook", "gather.partial_result_hook", text="the hooks of a verb that has an id")
class HookFacts:
    """Which verb it was, if you have given it an ``id``."""

    verb_id: Annotated[str, Doc("The `id` of the verb.")]


@comes_with("call:status")
class CallStatusFacts:
    """The call, or a leg it has dialled, is in another state.

    ``error`` comes when the hook of a gather failed. A ``reason`` beside it is free text: ``evt["reason"]``.
    """

    duration: Annotated[float, Doc("How long the call lasted, in whole seconds; with status `completed`.")]
    error: Annotated[Any, Doc("What went wrong with the hook of a gather.")]


@comes_with("session:new")
class SessionFacts:
    """A call has come in, or one that was placed has been answered; ``session:reconnect`` repeats it."""

    sip: Annotated[dict[str, Any], Doc("The INVITE: `headers`, `raw`, `body`, `method`, `uri`, `version`, `payload`.")]
    env_vars: Annotated[dict[str, Any], Doc("The application variables the operator has set, by name.")]
    defaults: Annotated[dict[str, dict[str, Any]], Doc("The application's `synthesizer` and `recognizer`.")]
    service_provider_sid: Annotated[str, Doc("The sid of the service provider.")]


@comes_with("session:adulting")
class AdultingFacts:
    """A leg that was dialled has become a call of its own."""

    parent_call_info: Annotated[dict[str, Any], Doc("The facts of the call that dialled it.")]
