"""Commands about the call as a whole: ``call:status`` and ``redirect``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from typing_extensions import TypedDict

from ..protocol.hooks import HookKind
from ..verbs.fault import Fault
from ..verbs.markers import Doc, Needed, SameOnWire
from ..verbs.rules import Run, rule

__all__ = ["CallEnd", "CallStatusOptions", "RedirectHooks"]

CallEnd: TypeAlias = Literal["completed", "no-answer"]


class CallStatusOptions(TypedDict, total=False):
    """End the call at once, without waiting for what is queued."""

    call_status: Annotated[
        CallEnd,
        Needed(),
        SameOnWire,
        Doc("completed: hang up an answered call; no-answer: give up one that is not answered, inbound with SIP 503."),
    ]


class RedirectHooks(TypedDict, total=False):
    """Have jambonz ask, by `session:redirect`, for the verbs to go on with.

    The question comes on this socket, whatever the URL: only the verb `redirect` moves a call to another application.
    """

    call_hook: Annotated[str, SameOnWire, HookKind.SESSION, Doc("Hook to ask for the call's own verbs.")]
    child_call_hook: Annotated[
        str,
        SameOnWire,
        HookKind.LEG_SESSION,
        Doc("Hook to ask for verbs of the dialled leg, while the two are connected; it is a call of its own then."),
    ]


@rule(RedirectHooks)
def _somebody_is_asked(given: Mapping[str, Any], run: Run) -> None:
    if not given:
        raise Fault("needs call_hook or child_call_hook", "call_hook")
    for name in ("call_hook", "child_call_hook"):
        if given.get(name, "").startswith(("ws://", "wss://")):
            run.warn("asks on this socket, whatever the URL: only the verb redirect goes to another", name)
