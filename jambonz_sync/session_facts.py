"""The facts of a call that a session tells."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from .conversation import Conversation
from .protocol.event import Event
from .protocol.legs import Leg

__all__ = ["SessionFacts"]


class SessionFacts:
    """What is known of the call: from the message that started the session, and from statuses since."""

    #: The data of ``session:new``: the facts of the call as jambonz sent them.
    data: Mapping[str, Any]
    _env: Mapping[str, Any]
    _opening: Event
    _conversation: Conversation

    @property
    def call_sid(self) -> str | None:
        """The call's sid; ``None`` for a message (SMS) session."""
        return self._conversation.call.call_sid

    @property
    def call_status(self) -> str | None:
        """The last status jambonz sent of this call: ``trying``, ``ringing``, ``in-progress``, ``completed`` …"""
        return self._conversation.call.call_status

    @property
    def legs(self) -> Mapping[str, Leg]:
        """The legs this call has dialled, by their sids: ``sid``, ``to`` and ``status`` of each.

        ::

            ringing = [leg.to for leg in session.legs.values() if leg.status == "ringing"]

        Any thread may read it. It is what was known at that moment: ask again for what has come since. Of a call that
        dials without end, the newest 100 are known.
        """
        return self._conversation.call.legs.known

    @property
    def from_(self) -> str:
        """The caller: the user part of the SIP From header."""
        return str(self.data.get("from", ""))

    @property
    def to(self) -> str:
        """The number called: the user part of the SIP request URI."""
        return str(self.data.get("to", ""))

    @property
    def direction(self) -> str:
        """``inbound`` or ``outbound``."""
        return str(self.data.get("direction", ""))

    @property
    def env(self) -> Mapping[str, Any]:
        """The application variables by name: what the operator has set, and the defaults of what was not.

        ::

            voice = session.env["VOICE"]

        Which there are is said with ``endpoint.make_service(path, env={...})``, or in an ``app.json``.
        """
        return self._env

    @property
    def headers(self) -> Mapping[str, str]:
        """The SIP headers of the INVITE. Names as they arrived; well-known ones are in lower case."""
        sip = self.data.get("sip")
        headers = sip.get("headers") if isinstance(sip, dict) else None
        return MappingProxyType(headers if isinstance(headers, dict) else {})

    @property
    def b3(self) -> str | None:
        """The trace context of the call (``trace-span-1``), where tracing is on."""
        return self._opening.b3

    @property
    def log(self) -> logging.Logger | logging.LoggerAdapter[logging.Logger]:
        """A logger whose lines name the call."""
        return self._conversation.log

    @property
    def ended(self) -> bool:
        """Whether the call is over. For loops of slow code; what waits raises by itself."""
        return self._conversation.call.ending is not None

    @property
    def active(self) -> bool:
        """Whether the call goes on: ``while session.active:``. The opposite of :attr:`ended`."""
        return not self.ended
