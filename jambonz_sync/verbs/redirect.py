"""The verb ``redirect``."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import TypedDict

from ..protocol.hooks import HookKind
from .hook import Hook
from .markers import Doc, Needed

__all__ = ["RedirectOptions"]


class RedirectOptions(TypedDict, total=False):
    """Ask another hook for the verbs to go on with."""

    # The specification allows an object here too; over a websocket it breaks the verb and ends the call.
    action_hook: Annotated[
        str,
        Needed(),
        HookKind.SESSION,
        Doc("Whom to ask: a hook of this application, or the ws or http URL of another one. Not a dict."),
    ]
    status_hook: Annotated[Hook, HookKind.NOTIFY, Doc("Where the call's statuses go from now on.")]
    id: Annotated[str, Doc("Your own name for this verb; hooks and statuses repeat it.")]
