"""The verbs around queues: ``enqueue``, ``dequeue`` and ``leave``."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import TypedDict

from ..protocol.hooks import HookKind
from .hook import Hook
from .markers import Doc, Needed

__all__ = ["DequeueOptions", "EnqueueOptions", "LeaveOptions"]


class EnqueueOptions(TypedDict, total=False):
    """Put the caller into a queue, to wait until somebody takes the call."""

    name: Annotated[str, Needed(), Doc("Name of the queue.")]
    action_hook: Annotated[Hook, HookKind.ACTION, Doc("Asked when the wait, and the talk after it, is over.")]
    wait_hook: Annotated[Hook, HookKind.WAIT, Doc("Asked what the caller hears: say, play, pause, tag and leave.")]
    priority: Annotated[float, Doc("A lower number is taken earlier.")]
    id: Annotated[str, Doc("Your own name for this verb; hooks and statuses repeat it.")]


class DequeueOptions(TypedDict, total=False):
    """Take a caller from a queue, and connect the two."""

    name: Annotated[str, Needed(), Doc("Name of the queue.")]
    action_hook: Annotated[Hook, HookKind.ACTION, Doc("Asked when it is over; the next verbs do not wait for it.")]
    timeout: Annotated[float, Doc("How long to wait for somebody, in seconds; for ever if left out.")]
    beep: Annotated[bool, Doc("Beep when the two are connected.")]
    call_sid: Annotated[str, Doc("Take this call, instead of the next in line.")]
    id: Annotated[str, Doc("Your own name for this verb; hooks and statuses repeat it.")]


class LeaveOptions(TypedDict, total=False):
    """Take the caller out of the queue. Has a meaning only in the answer to a wait hook."""

    id: Annotated[str, Doc("Your own name for this verb; hooks and statuses repeat it.")]
