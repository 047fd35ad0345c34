"""Callers that share no code with the library: the clients that jambonz and others use, playing jambonz's part.

They hold the same conversation with an application that repeats what it hears: every utterance must come back in a
`say` of the ack of its own hook.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from tests.golden import load

__all__ = ["ACK_TIMEOUT", "SUBPROTOCOL", "Report", "Templates", "templates"]

SUBPROTOCOL = "ws.jambonz.org"

# jambonz hangs up, or carries on without, after this many seconds.
ACK_TIMEOUT = 5.0


@dataclasses.dataclass(frozen=True)
class Report:
    """How a call went.

    `reason` says what failed, and is empty when nothing did. `close_code` is the code with which the application
    answered the close, or 1006 if it did not; `None` if there never was a connection.
    """

    call_sid: str
    ok: bool
    reason: str = ""
    extensions: str = ""
    subprotocol: str = ""
    close_code: int | None = None
    ack_ms: list[float] = dataclasses.field(default_factory=list)
    commands: list[dict[str, Any]] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Templates:
    """Realistic messages of one call, to be given a call of their own.

    `identities` are the texts in them that belong to that one call.
    """

    new: dict[str, Any]
    trying: dict[str, Any]
    in_progress: dict[str, Any]
    hook: dict[str, Any]
    completed: dict[str, Any]
    identities: dict[str, str]


def templates() -> Templates:
    """Return the messages of the golden echo call."""
    trace = load("02_echo_gather_speech")
    (new,) = trace.messages("in", "session:new")
    trying, in_progress, completed = trace.messages("in", "call:status")
    hook = trace.messages("in", "verb:hook")[0]
    identities = {key: new["data"][key] for key in ("call_sid", "call_id", "sbc_callid")}
    return Templates(new, trying, in_progress, hook, completed, identities)
