"""What a call is doing, as it is told to an operator."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .redaction import one_line
from .whereabouts import Frames

if TYPE_CHECKING:
    from .call_thread import CallThread

__all__ = ["CallStatus", "stacks", "statuses"]


@dataclass(frozen=True)
class CallStatus:
    """A call as it was at one moment. Given by ``endpoint.calls()``; ``str()`` of it is one line.

    ::

        for call in endpoint.calls():
            if call.waiting_for is None and call.for_seconds > 4:
                print(call)
    """

    #: ``None`` for a message (SMS) session.
    call_sid: str | None
    #: The path of the websocket.
    path: str
    from_: str
    to: str
    #: ``inbound`` or ``outbound``.
    direction: str
    #: The last that jambonz has said of it: ``trying``, ``ringing``, ``in-progress`` …
    call_status: str | None
    #: For how many seconds it has been up.
    seconds: float
    #: What its handler waits for: names of hooks and messages, ``the end of say``, ``sleep``, ``streamed speech``, or
    #: ``the end of the call`` once it has returned. ``None`` while it is in code of the application.
    waiting_for: str | None
    #: For how many seconds it has waited for that, or been in code of the application.
    for_seconds: float
    #: The line of the application's code: ``/app/menu.py:12 in answer``.
    where: str
    #: Whether there is a connection; ``False`` while jambonz is expected back.
    connected: bool

    def __str__(self) -> str:
        does = "busy" if self.waiting_for is None else f"waits for {self.waiting_for}"
        return one_line(
            f"call {self.call_sid or 'without sid'} on {self.path}: {self.direction or 'message'} from {self.from_} "
            f"to {self.to}, {self.call_status or 'no status'}, up {self.seconds:.1f} s; "
            f"{does}, {self.for_seconds:.1f} s, at {self.where}{'' if self.connected else '; connection lost'}"
        )


def statuses(sessions: Iterable[CallThread]) -> list[CallStatus]:
    """Tell what calls are doing, the oldest first.

    No lock of a call is taken: what is read is replaced by the call, never changed, so that at worst one fact is a
    moment older than the other.
    """
    with Frames() as frames:
        found = [_status(session, frames) for session in sessions]
    return sorted(found, key=lambda status: -status.seconds)


def _status(session: CallThread, frames: Frames) -> CallStatus:
    conversation = session._conversation
    waiting_for, since = session._activity
    now = conversation.now()
    return CallStatus(
        call_sid=session.call_sid,
        path=session.path,
        from_=session.from_,
        to=session.to,
        direction=session.direction,
        call_status=session.call_status,
        seconds=now - conversation.began,
        waiting_for=waiting_for,
        for_seconds=now - since,
        where=session._where_in(frames),
        connected=not conversation.call.dropped,
    )


def stacks(sessions: Iterable[CallThread]) -> list[tuple[CallThread, str]]:
    """Return those of the calls whose handlers wait for nothing, each with its stack, the innermost line last."""
    found = []
    with Frames() as frames:
        for session in sessions:
            lines = frames.stack_of(session._conversation.owned_by)
            if lines and session._activity[0] is None:
                found.append((session, lines))
    # Now that nobody is kept from looking: this reads the source.
    return [(session, "".join(traceback.StackSummary.from_list(lines).format()).rstrip()) for session, lines in found]
