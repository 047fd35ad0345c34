"""In one word: how a call ended."""

from __future__ import annotations

from typing import Literal

from .protocol.call import Call
from .protocol.connection import FINAL_STATUSES

__all__ = ["WORDS", "HowEnded", "how_ended"]

HowEnded = Literal["caller", "application", "error", "rejected", "declined", "lost", "handed_over", "closed"]

#: Each word, and what it says.
WORDS: dict[HowEnded, str] = {
    "caller": "the caller hung up",
    "application": "the application hung up, or its function returned",
    "error": "a function of the application raised an exception",
    "rejected": "jambonz refused the first verbs",
    "declined": "as many calls were up as max_calls allows",
    "lost": "the connection was lost and jambonz did not come back",
    "handed_over": "closed from here with 1001, so that jambonz goes on with it elsewhere",
    "closed": "closed from here with another code",
}


def how_ended(call: Call, *, declined: bool = False, failed: bool = False) -> HowEnded:
    """Say how a call ended.

    ``declined``: whether there was no room for it; ``failed``: whether a function of the application has raised, which
    counts whatever came of it.
    """
    if declined:
        return "declined"
    ending = call.ending
    if failed or ending is None:
        return "error"
    if ending.rejected:
        return "rejected"
    if call.closed_here:
        return "handed_over" if ending.code == 1001 else "closed"
    if ending.code not in (1000, 1001) and call.call_status not in FINAL_STATUSES:
        return "lost"
    # A message (SMS) has no caller who could hang up.
    return "application" if call.hung_up_by == "jambonz" or call.is_message_session else "caller"
