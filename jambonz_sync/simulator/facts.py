"""The facts of a call, as jambonz repeats them in its messages, in both of their variants.

::

    leg = inbound_leg("15550143001", "+15550143900")
    data = session_new(leg, env={"GREETING": "Good day"})
    leg.change("in-progress", 200, "OK")
    status = leg.normal()
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .key_case import snake_cased

__all__ = [
    "Leg",
    "inbound_leg",
    "new_msgid",
    "outbound_leg",
    "rest_leg",
    "session_new",
    "session_new_outbound",
]

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_SERVER = "10.20.0.15:5070"
_SERVER_OUTSIDE = "203.0.113.15"
_CARRIER = "198.51.100.20"
_SBC = "203.0.113.9"


def new_msgid() -> str:
    """Return an id that no other message has: 22 base-58 characters."""
    return "".join(secrets.choice(_BASE58) for _ in range(22))


def _new_call_id(host: str) -> str:
    return f"{secrets.token_hex(6)}@{host}"


@dataclass
class Leg:
    """One leg of a call: the caller's, or one that was dialled.

    ::

        leg.change("completed", 200, "OK", call_termination_by="caller", duration=4)

    Every leg has sids of its own; the account, the application and the trace are those of the whole call.
    """

    direction: str
    from_: str
    to: str
    account_sid: str
    application_sid: str
    trace_id: str
    call_sid: str = field(default_factory=lambda: str(uuid.uuid4()))
    call_id: str = field(default_factory=lambda: _new_call_id(_CARRIER))
    sbc_callid: str | None = None
    call_status: str = "trying"
    sip_status: int = 100
    sip_reason: str = "Trying"
    parent_call_sid: str | None = None
    caller_name: str = ""
    #: What the ``tag`` verb has attached.
    customer_data: Mapping[str, Any] | None = None
    #: What is known once the call is over.
    ending: dict[str, Any] = field(default_factory=dict)

    def change(self, call_status: str, sip_status: int, sip_reason: str, **ending: Any) -> None:
        """Take on a status; ``ending`` are the facts known since the call is over."""
        self.call_status = call_status
        self.sip_status = sip_status
        self.sip_reason = sip_reason
        self.ending.update(ending)

    def ring(self) -> None:
        """The SBC has passed the call on, and has a name for it."""
        self.sbc_callid = _new_call_id(_SBC)

    def _common(self) -> dict[str, Any]:
        facts: dict[str, Any] = {
            "call_sid": self.call_sid,
            "direction": self.direction,
            "from": self.from_,
            "to": self.to,
            "call_id": self.call_id,
        }
        if self.sbc_callid is not None:
            facts["sbc_callid"] = self.sbc_callid
        return {
            **facts,
            "sip_status": self.sip_status,
            "sip_reason": self.sip_reason,
            "call_status": self.call_status,
            "account_sid": self.account_sid,
            "trace_id": self.trace_id,
            "application_sid": self.application_sid,
        }

    @property
    def _origin(self) -> dict[str, Any]:
        if self.direction == "outbound":
            return {}
        return {"originating_sip_ip": _CARRIER, "originating_sip_trunk_name": "blue-carrier"}

    @property
    def _parent(self) -> dict[str, Any]:
        if self.parent_call_sid is None:
            return {}
        return {"parent_call_sid": self.parent_call_sid, "caller_id": self.from_}

    def normal(self) -> dict[str, Any]:
        """Return the facts in the variant of statuses, action hooks and redirects."""
        facts = {
            **self._common(),
            "fs_sip_address": _SERVER,
            **self._origin,
            "fs_public_ip": _SERVER_OUTSIDE,
        }
        facts |= self._parent
        if self.customer_data is not None:
            facts["customerData"] = dict(self.customer_data)
        return facts | self.ending

    def raw(self) -> dict[str, Any]:
        """Return the facts in the variant of ``session:new`` for an inbound call, and of transcriptions."""
        facts = {
            **self._common(),
            **self._origin,
            "has_recording": False,
            "caller_name": self.caller_name,
            "local_sip_address": _SERVER,
            "public_ip": _SERVER_OUTSIDE,
            **self._parent,
        }
        if self.customer_data is not None:
            # Here the converter of keys does not know that it is to be left alone.
            facts["customerdata"] = snake_cased(dict(self.customer_data))
        return facts

    def new_b3(self) -> str:
        """Return a trace context for a message: a span of its own in the trace of the call."""
        return f"{self.trace_id}-{secrets.token_hex(8)}-1"


def inbound_leg(from_: str, to: str, *, caller_name: str = "Nova Tester") -> Leg:
    """Return the leg of a caller that no other call has anything in common with."""
    return Leg(
        direction="inbound",
        from_=from_,
        to=to,
        account_sid=str(uuid.uuid4()),
        application_sid=str(uuid.uuid4()),
        trace_id=secrets.token_hex(16),
        sbc_callid=_new_call_id(_SBC),
        caller_name=caller_name,
    )


def outbound_leg(parent: Leg, to: str, *, from_: str | None = None) -> Leg:
    """Return a leg dialled by the call of ``parent``."""
    return Leg(
        direction="outbound",
        from_=parent.from_ if from_ is None else from_,
        to=to,
        account_sid=parent.account_sid,
        application_sid=parent.application_sid,
        trace_id=parent.trace_id,
        parent_call_sid=parent.call_sid,
    )


def rest_leg(from_: str, to: str, *, tag: Mapping[str, Any] | None = None) -> Leg:
    """Return the leg of a party that the application has called by REST; ``tag`` is what it has attached to it."""
    return Leg(
        direction="outbound",
        from_=from_,
        to=to,
        account_sid=str(uuid.uuid4()),
        application_sid=str(uuid.uuid4()),
        trace_id=secrets.token_hex(16),
        sbc_callid=_new_call_id(_SBC),
        customer_data=tag,
    )


def session_new(
    leg: Leg, *, env: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the data of ``session:new``: the facts, the INVITE, the speech defaults and the application's variables.

    ``headers`` are SIP headers of the INVITE beside the usual ones. ``env_vars`` is missing where ``env`` is empty.
    """
    uri = f"sip:{leg.to}@{_SERVER}"
    invite = {
        "headers": {
            "via": f"SIP/2.0/UDP {_CARRIER}:5060;branch=z9hG4bK{secrets.token_hex(4)}",
            "from": f'"{leg.caller_name}" <sip:{leg.from_}@{_CARRIER}>;tag={secrets.token_hex(3)}',
            "to": f"<sip:{leg.to}@{_SBC}>",
            "call-id": leg.call_id,
            "cseq": "41 INVITE",
            "X-Account-Sid": leg.account_sid,
            "X-CID": leg.sbc_callid or "",
            **(headers or {}),
        },
        "body": "",
        "method": "INVITE",
        "version": "2.0",
        "uri": uri,
        "payload": [],
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in invite["headers"].items())  # type: ignore[attr-defined]
    data = {
        "sip": {**invite, "raw": f"INVITE {uri} SIP/2.0\r\n{lines}\r\n"},
        **leg.raw(),
        "service_provider_sid": str(uuid.uuid4()),
        **_configured(env),
    }
    return data


def session_new_outbound(leg: Leg, *, env: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the data of ``session:new`` for a call that the application has placed and somebody has answered."""
    return {**leg.normal(), **_configured(env)}


def _configured(env: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what an operator has configured for the application."""
    defaults = {
        "synthesizer": {"vendor": "google", "language": "en-GB", "voice": "en-GB-Standard-A"},
        "recognizer": {"vendor": "google", "language": "en-GB"},
    }
    return {"defaults": defaults, "env_vars": dict(env)} if env else {"defaults": defaults}
