"""What an endpoint counts."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from .how_ended import WORDS, HowEnded
from .protocol.call import Call

__all__ = ["Counters", "Tally"]


@dataclass(frozen=True)
class Counters:
    """The numbers of an endpoint since it was made, all of one moment. Given by ``endpoint.counters``.

    ::

        counters = endpoint.counters
        assert counters.started == counters.live + sum(counters.ended.values())

    All but ``live`` only ever grow.
    """

    #: Calls that began here: new ones, those that were declined too, and those taken over from elsewhere.
    started: int
    #: Those of them that are over, by how they ended: ``caller``, ``application``, ``error``, ``rejected``,
    #: ``declined``, ``lost``, ``handed_over``, ``closed``. Each word is there.
    ended: Mapping[HowEnded, int]
    #: Those that are not.
    live: int
    #: How often jambonz has come back for a call whose connection was lost.
    reconnects: int
    #: How many hooks were answered in the place of a handler that was busy for longer than ``ack_timeout``.
    late_acks: int
    #: Requests that were refused, by HTTP status: 404 for an unknown path, 401 for wrong credentials …
    refused: Mapping[int, int]


class Tally:
    """Counts for an endpoint.

    Threads. Any thread may call anything. One lock guards the numbers; nothing but counting is done under it.
    """

    def __init__(self) -> None:
        self._counting = threading.Lock()
        self._started = 0
        self._ended: Counter[HowEnded] = Counter(dict.fromkeys(WORDS, 0))
        # Kept, since each counts its own late acks.
        self._live: set[Call] = set()
        self._reconnects = 0
        self._late_acks = 0
        self._refused: Counter[int] = Counter()

    def began(self, call: Call) -> None:
        """A session has begun."""
        with self._counting:
            self._started += 1
            self._live.add(call)

    def ended(self, call: Call, how: HowEnded) -> None:
        """It is over."""
        with self._counting:
            self._live.discard(call)
            self._ended[how] += 1
            self._late_acks += call.late_acks

    def came_back(self) -> None:
        """jambonz has come back for a call."""
        with self._counting:
            self._reconnects += 1

    def refused(self, status: int) -> None:
        """A request was answered with this status, in place of a websocket."""
        with self._counting:
            self._refused[status] += 1

    @property
    def now(self) -> Counters:
        """The numbers as they are now."""
        with self._counting:
            return Counters(
                started=self._started,
                ended=MappingProxyType(dict(self._ended)),
                live=len(self._live),
                reconnects=self._reconnects,
                late_acks=self._late_acks + sum(call.late_acks for call in self._live),
                refused=MappingProxyType(dict(self._refused)),
            )
