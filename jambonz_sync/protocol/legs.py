"""The legs that a call has dialled: which messages are about them, and what is known of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from .message import Message

__all__ = ["MOST_LEGS", "Leg", "Legs", "leg_of"]

#: So many are remembered. A call that dials for hours must not grow without end.
MOST_LEGS = 100

_ENDED = frozenset({"completed", "failed", "busy", "no-answer"})

# What these say of a call is jambonz's own. The data of the others may come from elsewhere, and mean anything.
_TYPES = frozenset({"call:status", "verb:hook", "dial:confirm", "session:redirect", "session:adulting"})


@dataclass(frozen=True)
class Leg:
    """A party that was dialled.

    ::

        for leg in session.legs.values():
            print(leg.to, leg.status)

    ``status`` is the last one jambonz has sent: ``trying``, ``ringing``, ``in-progress``, ``completed`` …; ``None``
    before the first. Where ``dial`` lets it ring too long, the last status may stay ``ringing``.
    """

    sid: str
    to: str = ""
    status: str | None = None

    @property
    def ended(self) -> bool:
        """Whether its last status has come."""
        return self.status in _ENDED


def leg_of(message: Message, call_sid: str | None) -> str | None:
    """Return the sid of the dialled leg that a message is about; ``None`` if it is about the call itself, or neither.

    ``call_sid`` is that of the call, once it is known.
    """
    if call_sid is None or message.type not in _TYPES:
        return None
    sid = message.data.get("call_sid")
    return sid if isinstance(sid, str) and sid != call_sid else None


class Legs:
    """What is known of the legs of one call.

    Whoever notes something holds the lock of the call. Any thread may read :attr:`known` without it: it is replaced,
    and never changed.
    """

    def __init__(self) -> None:
        #: By sid, in the order in which they were heard of first. Read-only.
        self.known: Mapping[str, Leg] = MappingProxyType({})

    def note(self, sid: str, message: Message) -> None:
        """A message about a leg has come."""
        before = self.known.get(sid, Leg(sid))
        to, status = message.data.get("to"), message.data.get("call_status")
        leg = Leg(sid, to if isinstance(to, str) else before.to, status if isinstance(status, str) else before.status)
        if leg == self.known.get(sid):
            return
        known = {**self.known, sid: leg}
        while len(known) > MOST_LEGS:
            # Those that are over first; but never the one that has just been heard of.
            others = [other for other in known.values() if other.sid != sid]
            del known[next((other.sid for other in others if other.ended), others[0].sid)]
        self.known = MappingProxyType(known)
