"""The calls an endpoint holds, and to which of them a connection belongs on which jambonz comes back.

Threads. One lock, inside the condition, guards everything here. Only plain operations on dicts and lists are done under
it, and what :class:`Door` promises not to block; no other lock is taken under it but a socket's own in the kernel, and
that of an event that nobody holds for long. The condition tells that a connection or a call is no longer held.
"""

from __future__ import annotations

import heapq
import itertools
import math
import threading
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol

from .conversation import Conversation

if TYPE_CHECKING:
    from .protocol.message import Message
    from .session import Session

__all__ = ["Door", "LiveCalls", "return_name"]


class Door(Protocol):
    """A connection that has not said yet which call it is for, or whose audio it brings."""

    def shut(self) -> None:
        """Give it up, from any thread, without blocking."""


def return_name(first: Message | None, target: str) -> str:
    """Return the name under which jambonz comes back for the call that begins with a message.

    Mostly that is its sid. For a call that was redirected here jambonz repeats nothing but the ``target`` it connects
    to, path and query, which should hold something that is the call's own.
    """
    if first is None or first.type == "session:redirect":
        return target
    sid = first.call_sid or first.data.get("call_sid")
    return sid if isinstance(sid, str) and sid else target


#: So many connections may be waited on for their first message. jambonz sends it at once; who opens more without a
#: word shuts out the oldest of them, not the calls.
_MOST_DOORS = 1_000
#: And so many that have told of a call that rings, which may take minutes.
_MOST_RINGING = 2_000


class _Listener(NamedTuple):
    """A connection that waits until those that came before it have spoken: its place among all, which no other has."""

    place: int
    heard: threading.Event


class LiveCalls:
    """The calls an endpoint holds, and the connections it waits on for the first message."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        # In the order they came, with their places in it.
        self._doors: dict[Door, int] = {}
        self._ringing: dict[Door, int] = {}
        self._places = itertools.count(1)
        # A heap: they need not begin to wait in the order they came. Who has lost patience stays until its turn comes.
        self._listeners: list[_Listener] = []
        self._seated: set[Conversation] = set()
        # With the path of the service that each is for.
        self._conversations: dict[Conversation, str] = {}
        self._sessions: dict[str, Session] = {}
        # Of one name there may be several: see return_name.
        self._by_name: dict[str, list[Conversation]] = {}
        self._is_open = True

    def __len__(self) -> int:
        """How many calls are up: of the connections, those on which a session has begun."""
        return len(self._seated)

    @property
    def sessions(self) -> Mapping[str, Session]:
        """The sessions by call sid, as they are now."""
        with self._changed:
            return MappingProxyType(dict(self._sessions))

    def session(self, call_sid: str) -> Session | None:
        """The session of a call sid."""
        with self._changed:
            return self._sessions.get(call_sid)

    # Whether there may be more

    def open(self) -> None:
        """Take connections and calls."""
        with self._changed:
            self._is_open = True

    def close(self) -> None:
        """Take no more, not even one that is just being accepted, and give up those that have said nothing yet."""
        with self._changed:
            self._is_open = False
            for door in self._doors:
                door.shut()

    def expect(self, door: Door) -> int | None:
        """Wait on a connection for its first message, until :meth:`forget`.

        Returns its place among all that came, or ``None`` if no more are wanted.
        """
        with self._changed:
            return self._enter(self._doors, door, _MOST_DOORS) if self._is_open else None

    def rings(self, door: Door) -> None:
        """What it has said is that a call rings: wait on it for the session to begin, until :meth:`forget`."""
        with self._changed:
            if self._doors.pop(door, None) is not None:
                self._enter(self._ringing, door, _MOST_RINGING)
                self._tell_listeners()

    def forget(self, door: Door) -> None:
        """Its first message has come, or never will."""
        with self._changed:
            self._doors.pop(door, None)
            self._ringing.pop(door, None)
            self._tell_listeners()
            self._changed.notify_all()

    def _enter(self, doors: dict[Door, int], door: Door, most: int) -> int:
        if len(doors) >= most:
            oldest = next(iter(doors))
            del doors[oldest]
            oldest.shut()
            self._tell_listeners()
        doors[door] = place = next(self._places)
        return place

    def let_speak(self, place: int, seconds: float) -> None:
        """Wait until the connections have spoken that came before the one of this place, but no longer than so long.

        jambonz comes back for a call at once if it has something to say. A thread that has too much else to do may not
        have read by then what came first, on the connection before.
        """
        with self._changed:
            if self._oldest_place > place:
                return
            listener = _Listener(place, threading.Event())
            heapq.heappush(self._listeners, listener)
        listener.heard.wait(seconds)

    @property
    def _oldest_place(self) -> float:
        return next(iter(self._doors.values()), math.inf)

    def _tell_listeners(self) -> None:
        oldest = self._oldest_place
        while self._listeners and self._listeners[0].place < oldest:
            heapq.heappop(self._listeners).heard.set()

    def add(self, conversation: Conversation, name: str, service: str = "") -> bool:
        """Hold a call, until :meth:`remove`. Returns whether that is wanted. ``name``: as of :func:`return_name`."""
        with self._changed:
            if self._is_open:
                self._conversations[conversation] = service
                self._by_name.setdefault(name, []).append(conversation)
            return self._is_open

    def remove(self, conversation: Conversation, name: str) -> None:
        """The call is over."""
        with self._changed:
            del self._conversations[conversation]
            self._seated.discard(conversation)
            named = self._by_name[name]
            named.remove(conversation)
            if not named:
                del self._by_name[name]
            self._changed.notify_all()

    def take_seat(self, conversation: Conversation, at_most: int | None) -> bool:
        """Count a call that is held, from the moment its session begins until :meth:`remove`.

        Returns whether there is room for it, where ``at_most`` so many may be counted; ``None`` finds room always.
        """
        with self._changed:
            room = at_most is None or len(self._seated) < at_most
            if room:
                self._seated.add(conversation)
            return room

    def all(self) -> list[Conversation]:
        """The calls, as they are now."""
        with self._changed:
            return list(self._conversations)

    def wait_for_end(self, seconds: float) -> bool:
        """Wait until no call is held any more, and no connection; return whether that came within so many seconds."""
        # A handler that stops the endpoint cannot be waited for: it waits for this.
        own = threading.get_ident()
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._doors and all(call.owner == own for call in self._conversations), seconds
            )

    # Which is which

    def name(self, session: Session) -> str:
        """Give a call its place in :attr:`sessions`, and return the name for :meth:`unname`."""
        name = session.call_sid or f"without sid {id(session)}"
        with self._changed:
            self._sessions[name] = session
        return name

    def unname(self, name: str, session: Session) -> None:
        """Take the place back."""
        with self._changed:
            # A second connection for the same call may have taken the name.
            if self._sessions.get(name) is session:
                del self._sessions[name]

    def find(self, name: str, service: str | None = None) -> Conversation | None:
        """Return the call that goes on, on a connection of this name. ``None`` if there is none, or no telling which.

        A call whose loss has been noticed comes before those that seem to have a connection still.
        """
        with self._changed:
            # One that is over is still held until its handler has returned.
            named = [one for one in self._by_name.get(name, ()) if one.call.ending is None]
            if service is not None:
                # Whoever may connect to one must not get the calls of another.
                named = [one for one in named if self._conversations[one] == service]
        lost = [one for one in named if one.call.dropped]
        # A bare path may be that of other calls too, in other processes: no reason to take one's connection away.
        candidates = lost or ([] if name.startswith("/") and "?" not in name else named)
        return candidates[0] if len(candidates) == 1 else None
