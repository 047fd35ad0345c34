"""Queues of callers, and the conversations they lead to.

::

    place = Place("15550143001")
    queue.enter(place)
    bridge = queue.take("an agent")
    bridge.hang_up()
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

__all__ = ["Bridge", "Changing", "Place", "Queue"]

#: Entered while what calls share is changed.
Changing = Callable[[], AbstractContextManager[None]]

#: The priority of who has none.
_LAST = 999.0


@dataclass(eq=False)
class Bridge:
    """Two parties that are connected, until one of them hangs up.

    * ``taker``, ``taken``: who they are
    * ``works``: whether they could be connected at all
    """

    changing: Changing
    taker: str
    taken: str
    works: bool = True
    over: bool = False

    def hang_up(self) -> None:
        """One of them hangs up; nothing happens if the other was faster."""
        if not self.over:
            with self.changing():
                self.over = True


@dataclass(eq=False)
class Place:
    """Somebody's place in a queue.

    * ``who``: whose
    * ``call_sid``: of a call, not of a party that is only scripted
    * ``priority``: a lower one is taken earlier
    * ``works``: whether who takes this one can be connected
    """

    who: str
    call_sid: str | None = None
    priority: float = _LAST
    works: bool = True
    #: The conversation, once it is taken.
    bridge: Bridge | None = None


class Queue:
    """A queue: first come, first served, among those of one priority."""

    def __init__(self, sid: str, changing: Changing) -> None:
        self.sid = sid
        self._changing = changing
        self._places: list[Place] = []

    @property
    def size(self) -> int:
        """How many wait."""
        return len(self._places)

    def position(self, place: Place) -> int:
        """Return how many are taken before this one; 0 once it has left."""
        return self._places.index(place) if place in self._places else 0

    def enter(self, place: Place) -> None:
        """Begin to wait."""
        with self._changing():
            self._places.append(place)
            self._places.sort(key=lambda other: other.priority)

    def leave(self, place: Place) -> None:
        """Wait no longer, or hang up on who has taken this place; nothing happens if that is over."""
        with self._changing():
            self._places = [other for other in self._places if other is not place]
        if place.bridge is not None:
            place.bridge.hang_up()

    def take(self, taker: str, *, call_sid: str | None = None, works: bool = True) -> Bridge | None:
        """Connect the next who waits, or the call of this sid; return ``None`` if there is none."""
        with self._changing():
            place = next((place for place in self._places if call_sid in (None, place.call_sid)), None)
            if place is None:
                return None
            self._places.remove(place)
            place.bridge = Bridge(self._changing, taker, place.who, works=works and place.works)
            return place.bridge
