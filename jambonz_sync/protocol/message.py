"""The envelopes: one JSON object per message, in and out."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from .. import wording
from ..exceptions import InvalidCommand, MessageTooBig
from .reading import read_json

__all__ = [
    "ACKED_TYPES",
    "LONGEST_MSGID",
    "MAX_MESSAGE_BYTES",
    "UNACKED_TYPES",
    "BadMessage",
    "Message",
    "encode",
    "parse",
]

#: The largest message jambonz reads; one byte more and it closes the socket with 1009.
MAX_MESSAGE_BYTES = 24_576

#: The messages that want an ack within five seconds.
ACKED_TYPES = frozenset(
    {"session:new", "session:reconnect", "session:redirect", "session:adulting", "verb:hook", "dial:confirm"}
)

#: The messages that want none.
UNACKED_TYPES = frozenset(
    {
        "call:status",
        "verb:status",
        "jambonz:error",
        "llm:event",
        "llm:tool-call",
        "agent:event",
        "agent:tool-call",
        "tts:tokens-result",
        "tts:streaming-event",
        "queue:status",
    }
)

#: Real ones have 22 characters. One that is longer than this might not fit into an ack beside the verbs.
LONGEST_MSGID = 100

# Compact and without \u escapes, since the limit counts bytes of UTF-8. A NaN is not JSON and would be refused.
_encode_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


class BadMessage(Exception):
    """A message that cannot be read. Its text completes the sentence "a message that …"."""


class Message(NamedTuple):
    """One message from jambonz."""

    type: str
    msgid: str | None
    call_sid: str | None
    hook: str | None
    data: dict[str, Any]
    b3: str | None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def parse(raw: str | bytes) -> Message:
    """Read one message. ``data`` is always a dict, possibly empty. Raises :exc:`BadMessage`."""
    if isinstance(raw, bytes):
        raise BadMessage("is binary; this socket carries JSON text")
    try:
        envelope = read_json(raw)
    except ValueError:
        raise BadMessage("is not JSON") from None
    except RecursionError:
        raise BadMessage("is nested too deeply") from None
    if not isinstance(envelope, dict):
        raise BadMessage("is not a JSON object")
    kind = _text(envelope.get("type"))
    if kind is None:
        raise BadMessage("has no type")
    msgid = _text(envelope.get("msgid"))
    if kind in ACKED_TYPES and msgid is None:
        raise BadMessage("wants an ack but has no msgid to be acked by")
    if msgid is not None and not (msgid.isascii() and len(msgid) <= LONGEST_MSGID):
        raise BadMessage("has a msgid that cannot be repeated in an ack")
    data = envelope.get("data")
    return Message(
        type=kind,
        msgid=msgid,
        call_sid=_text(envelope.get("call_sid")),
        hook=_text(envelope.get("hook")),
        data=data if isinstance(data, dict) else {},
        b3=_text(envelope.get("b3")),
    )


def encode(envelope: dict[str, Any]) -> str:
    """Write one message.

    Raises :exc:`~jambonz_sync.exceptions.MessageTooBig` over 24,576 bytes and
    :exc:`~jambonz_sync.exceptions.InvalidCommand` for what JSON cannot carry.
    """
    try:
        text = _encode_json(envelope)
        size = len(text) if text.isascii() else len(text.encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidCommand(f"this cannot be sent as JSON: {error}") from error
    if size > MAX_MESSAGE_BYTES:
        raise MessageTooBig(wording.message_too_big(size, MAX_MESSAGE_BYTES), size, MAX_MESSAGE_BYTES)
    return text
