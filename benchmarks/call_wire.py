"""What jambonz says on the wire of a call, as bytes that are ready to be sent, and what it hears.

::

    sock.send(frame(TEXT, session_new("call-1")))
    hooks = Hooks("call-1", "/heard")
    sock.send(hooks.frame(msgid, verb_id))

All that can be made beforehand is made beforehand, so that whoever sends it has next to nothing to do.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Any

__all__ = [
    "BIG",
    "CLOSE",
    "COMPRESSED",
    "PING",
    "PONG",
    "TEXT",
    "TRANSCRIPT",
    "Frames",
    "Hooks",
    "call_status",
    "frame",
    "session_new",
    "tokens_result",
]

# The first byte of a message.
TEXT, COMPRESSED, CLOSE, PING, PONG = 0x81, 0xC1, 0x88, 0x89, 0x8A

#: What every caller says.
TRANSCRIPT = "the kettle is on"
#: The bytes that a big hook has at least.
BIG = 100_000

# Servers may have a shortcut for a mask of zeros, which no client sends. With four equal bytes it does not matter where
# in a message a part of it begins, and bytes.translate() does the rest.
_MASK = b"\x5a\x5a\x5a\x5a"
_MASKED = bytes(number ^ _MASK[0] for number in range(256))

# Messages are made once, with these in the places of what differs from call to call.
_SID, _MSGID, _NAME = "(sid)", "(msgid)", "(name)"

_B3 = "550c17410b39af09e18c4f72a30e4cfa-90b927f63bce4bc3-1"
#: Of a hook, behind its data.
_END = b"}}"
_ACCOUNT = "122b5986-15dc-4e81-abea-cd557705a54b"
_APPLICATION = "5edbbbe5-ce7f-4fbe-abef-7a58f99d96fb"
_TRACE = "550c17410b39af09e18c4f72a30e4cfa"


def frame(first: int, payload: bytes) -> bytes:
    """Return a message of this kind, masked as those of a client are."""
    return _head(first, len(payload)) + payload.translate(_MASKED)


def _head(first: int, size: int) -> bytes:
    if size < 126:
        return struct.pack("!BB", first, 0x80 | size) + _MASK
    if size < 65_536:
        return struct.pack("!BBH", first, 0x80 | 126, size) + _MASK
    return struct.pack("!BBQ", first, 0x80 | 127, size) + _MASK


def _facts(status: str, code: int, reason: str) -> dict[str, Any]:
    return {
        "call_sid": _SID,
        "direction": "inbound",
        "from": "15550143001",
        "to": "+15550143900",
        "call_id": f"{_SID}@198.51.100.20",
        "sbc_callid": "0ee9c66dd0@203.0.113.9",
        "sip_status": code,
        "sip_reason": reason,
        "call_status": status,
        "account_sid": _ACCOUNT,
        "trace_id": _TRACE,
        "application_sid": _APPLICATION,
        "fs_sip_address": "10.20.0.15:5070",
        "originating_sip_ip": "198.51.100.20",
        "originating_sip_trunk_name": "blue-carrier",
        "fs_public_ip": "203.0.113.15",
    }


def _text(message: object) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode()


def _new() -> dict[str, Any]:
    invite = {
        "headers": {
            "via": "SIP/2.0/UDP 198.51.100.20:5060;branch=z9hG4bK1d53fb03",
            "from": '"Nova Tester" <sip:15550143001@198.51.100.20>;tag=b9b90d',
            "to": "<sip:+15550143900@203.0.113.9>",
            "call-id": f"{_SID}@198.51.100.20",
            "cseq": "41 INVITE",
            "X-Account-Sid": _ACCOUNT,
        },
        "raw": "INVITE sip:+15550143900@10.20.0.15:5070 SIP/2.0\r\n\r\n",
        "body": "",
        "method": "INVITE",
        "version": "2.0",
        "uri": "sip:+15550143900@10.20.0.15:5070",
        "payload": [],
    }
    voices = {"vendor": "google", "language": "en-GB"}
    return {
        "sip": invite,
        **_facts("trying", 100, "Trying"),
        "has_recording": False,
        "caller_name": "Nova Tester",
        "service_provider_sid": "2a063118-7348-461d-a1bb-570232010b84",
        "defaults": {"synthesizer": {**voices, "voice": "en-GB-Standard-A"}, "recognizer": voices},
    }


def _message(kind: str, data: object, **more: object) -> bytes:
    return _text({"type": kind, "msgid": _MSGID, "call_sid": _SID, **more, "data": data})


def _filled(template: bytes, sid: str, msgid: str) -> bytes:
    return template.replace(_SID.encode(), sid.encode()).replace(_MSGID.encode(), msgid.encode())


_NEW = _message("session:new", _new(), b3=_B3)
_STATUS = {
    status: _message("call:status", _facts(status, 200, "OK"), b3=_B3) for status in ("in-progress", "completed")
}
_RESULT = _message("tts:tokens-result", {"id": _NAME, "status": "ok"})


def session_new(sid: str, msgid: str) -> bytes:
    """Return the first message of an inbound call."""
    return _filled(_NEW, sid, msgid)


def call_status(sid: str, msgid: str, status: str) -> bytes:
    """Return what jambonz says of the call as such: ``"in-progress"``, ``"completed"``."""
    return _filled(_STATUS[status], sid, msgid)


def tokens_result(sid: str, msgid: str, name: object) -> bytes:
    """Return that text of this id was accepted, in order to be spoken."""
    return _filled(_RESULT, sid, msgid).replace(b'"' + _NAME.encode() + b'"', json.dumps(name).encode())


class Hooks:
    """The hooks of a call, made but for what differs from one to the next.

    ``sid``: of the call. ``hook``: that of the gather. ``size``: bytes that the words of the recognizer take at least.
    """

    def __init__(self, sid: str, hook: str, size: int = 0) -> None:
        # As recognizers tell them: each word, when it was said, and how sure they are.
        word = {"word": "kettle", "start_time": 12.34, "end_time": 12.71, "confidence": 0.9321}
        words = [word] * -(-size // len(_text(word)))
        heard = [{"transcript": TRANSCRIPT, "confidence": 0.93, **({"words": words} if words else {})}]
        alternatives = [{"transcript": TRANSCRIPT, "confidence": 0.93}]
        speech = {
            "language_code": "en-GB",
            "channel_tag": 1,
            "is_final": True,
            "alternatives": alternatives,
            "vendor": {"name": "google", "evt": {"is_final": True, "stability": 0, "alternatives": heard}},
        }
        data = {**_facts("in-progress", 200, "OK"), "speech": speech, "reason": "speechDetected"}
        message = _message("verb:hook", data, hook=hook, b3=_B3).replace(_SID.encode(), sid.encode())
        before, behind = message.split(_MSGID.encode(), 1)
        self._before = before.translate(_MASKED)
        self._behind = behind.removesuffix(_END).translate(_MASKED)
        self._end = _END.translate(_MASKED)
        self._size = len(self._before) + len(self._behind) + len(self._end)

    def frame(self, msgid: bytes, verb_id: bytes) -> bytes:
        """Return the message in which the verb of this id tells what it heard; ``b""`` if the verb had no id."""
        named = b',"verb_id":"' + verb_id + b'"' if verb_id else b""
        head = _head(TEXT, self._size + len(msgid) + len(named))
        parts = (head, self._before, msgid.translate(_MASKED), self._behind, named.translate(_MASKED), self._end)
        return b"".join(parts)


class Frames:
    """What came, message by message; those of a server are not masked.

    ::

        for first, payload in frames.added(sock.recv(65_536)):
            ...
    """

    def __init__(self) -> None:
        self._came = b""

    def added(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Give what is whole now, each with its first byte."""
        if self._came:
            data = self._came + data
        start, end = 0, len(data)
        while end - start >= 2:
            size, begin = data[start + 1], start + 2
            if size == 126:
                begin += 2
                size = int.from_bytes(data[start + 2 : begin], "big")
            elif size == 127:
                begin += 8
                size = int.from_bytes(data[start + 2 : begin], "big")
            if begin + size > end:
                break
            first, start_before, start = data[start], begin, begin + size
            yield first, data[start_before:start]
        self._came = data[start:]
