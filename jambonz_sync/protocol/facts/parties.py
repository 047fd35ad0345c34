"""What jambonz says of the other parties of a call: dialled, waiting in a queue, in a room, at another server."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import Doc

from .fact import Here, comes_with
from .mapping import Facts
from .words import (
    CallStatus,
    ConferenceEvent,
    DequeueResult,
    EventName,
    QueueResult,
    ReferEvent,
    TransferReason,
    TransferResult,
)

__all__ = [
    "AmdFacts",
    "ConferenceFacts",
    "DequeueFacts",
    "DialFacts",
    "DialKeyFacts",
    "EnqueueFacts",
    "HoldFacts",
    "QueueWaitFacts",
    "ReferEventFacts",
    "ReferFacts",
    "ReferHookFacts",
    "TransferFacts",
]


@comes_with("dial.action_hook")
class DialFacts(Facts):
    """What became of a ``dial``."""

    dial_call_status: Annotated[CallStatus, Doc("`completed` if the call was answered; after all else it was not.")]
    dial_sip_status: Annotated[int, Doc("The SIP status the dialled party ended with, such as 486.")]
    dial_call_sid: Annotated[str, Doc("The sid of the dialled leg.")]
    dial_sbc_callid: Annotated[str, Doc("The dialled leg's SIP Call-ID on the outer side of the border controller.")]

    @property
    def answered(self) -> bool:
        """Whether the dialled party has answered, be it one whom the `confirm_hook` did not let in then."""
        return self.data.get("dial_call_status") == "completed"

    @property
    def busy(self) -> bool:
        """Whether the dialled party was busy."""
        return self.data.get("dial_call_status") == "busy"


@comes_with("dial.dtmf_hook")
class DialKeyFacts:
    """A party of a ``dial`` has pressed keys. The facts of the call are those of its leg."""

    dtmf: Annotated[str, Doc("The keys pressed: the pattern that matched.")]


@comes_with("dial.on_hold_hook")
class HoldFacts:
    """A party of a ``dial`` was put on hold."""

    hold_detail: Annotated[dict[str, str], Doc("Between whom: `from` and `to`.")]


@comes_with("dial.refer_hook", "config.refer_hook")
class ReferHookFacts:
    """A party asks by SIP REFER to be connected to somebody else."""

    refer_details: Annotated[
        dict[str, str],
        Doc(
            "`sip_refer_to`, `refer_to_user`, `referring_call_sid`, `referred_call_sid`, and where the REFER has them "
            "`sip_referred_by`, `referred_by_user`, `sip_user_agent` and its X- headers."
        ),
    ]


@comes_with(
    "config.amd.action_hook", "dial.amd.action_hook", "transfer.amd.action_hook", text="answering machine detection"
)
class AmdFacts:
    """Whether a person or a machine has answered.

    What was detected, such as ``amd_machine_detected``, is ``evt["type"]``, since ``evt.type`` is the message's own.
    ``evt.reason`` is why: ``hint``, ``digit count``, ``short greeting`` or ``long greeting``.
    """

    greeting: Annotated[str, Doc("What was said before the beep.")]
    hint: Annotated[str, Doc("The words that gave the machine away.")]
    language: Annotated[str, Doc("The language of these words.")]
    frequency: Annotated[float, Doc("The pitch of the tone that was detected, in hertz.")]
    variance: Annotated[float, Doc("How much that pitch wavered.")]


@comes_with("enqueue.wait_hook")
class QueueWaitFacts:
    """A caller waits in a queue. Of the facts of the call there are ``call_sid`` and ``call_id`` only."""

    queue_sid: Annotated[str, Doc("The sid of the queue.")]
    queue_time: Annotated[int, Doc("How long the caller has been waiting, in seconds.")]
    queue_size: Annotated[int, Doc("How many callers wait in the queue.")]
    queue_position: Annotated[int, Doc("How many of them are before this one; 0 is next.")]


@comes_with("enqueue.action_hook")
class EnqueueFacts:
    """A caller has left a queue."""

    queue_result: Annotated[QueueResult, Doc("How the waiting ended.")]
    queue_sid: Annotated[str, Doc("The sid of the queue.")]
    queue_time: Annotated[int, Doc("How long the caller was waiting, in seconds.")]


@comes_with("dequeue.action_hook")
class DequeueFacts:
    """What became of taking a caller from a queue."""

    dequeue_result: Annotated[DequeueResult, Doc("How it ended; `complete` after a conversation.")]


@comes_with("conference.status_hook")
class ConferenceFacts:
    """Something happened in a conference that ``status_events`` names."""

    event: Annotated[EventName, Here(ConferenceEvent), Doc("What happened; the last four since v10.")]
    conference_sid: Annotated[str, Doc("The sid of the conference.")]
    friendly_name: Annotated[str, Doc("The name of the conference, as the verb has it.")]
    members: Annotated[int, Doc("How many are in it.")]
    duration: Annotated[float, Doc("How long it has been going on, in seconds.")]
    time: Annotated[str, Doc("When it happened, in ISO 8601.")]


@comes_with("sip:refer.action_hook")
class ReferFacts:
    """What became of a transfer by SIP REFER."""

    refer_status: Annotated[int, Doc("The SIP status of the REFER itself; 202 if it was accepted.")]
    final_referred_call_status: Annotated[int, Doc("The SIP status the new call ended with.")]


@comes_with("sip:refer.event_hook")
class ReferEventFacts:
    """How a transfer by SIP REFER gets on.

    Its ``call_status`` is the new call's SIP status, a number. Other facts of the call are not there.
    """

    event: Annotated[EventName, Here(ReferEvent), Doc("Always the same.")]


@comes_with("transfer.action_hook")
class TransferFacts:
    """What became of a ``transfer``, since v10."""

    transfer_result: Annotated[TransferResult, Doc("What became of the caller.")]
    transfer_reason: Annotated[TransferReason, Doc("Why.")]
    dial_call_sid: Annotated[str, Doc("The sid of the leg that was dialled.")]
