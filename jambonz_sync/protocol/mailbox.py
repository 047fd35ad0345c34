"""The events of a call that its handler has not taken yet."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from .event import Event

__all__ = ["Mailbox"]

# What one event costs beside its text: the objects that hold it. Keeps a flood of tiny events within the bound too.
_EVENT_OVERHEAD = 1_000

# OrderedDict and not dict: looking at the first of a dict whose first keys were deleted walks over the holes.
_Shelf = OrderedDict[int, "tuple[Event, int]"]


class Mailbox:
    """Keeps events in order of arrival, and finds the first of a name without looking at the others.

    Bounded twice. Of what can be missed (statuses, notifications) at most ``limit`` are kept, the oldest going first.
    Hooks that were answered in place of the handler are kept until all events together pass ``max_bytes``.
    A hook whose answer is still open is never dropped; the call bounds those by answering them.
    """

    def __init__(self, limit: int = 1_000, max_bytes: int = 16 * 1024 * 1024) -> None:
        self.limit = limit
        self.max_bytes = max_bytes
        #: How many events were dropped so far.
        self.dropped = 0
        self._by_name: dict[str, _Shelf] = {}
        self._minor: _Shelf = OrderedDict()
        self._major: _Shelf = OrderedDict()
        self._bytes = 0
        self._number = 0

    def __len__(self) -> int:
        return len(self._minor) + len(self._major)

    def put(self, event: Event, size: int, *, minor: bool) -> int:
        """Add an event whose text had ``size`` characters; ``minor`` if it may be dropped.

        Returns how many events were dropped to make room.
        """
        self._number += 1
        entry = (event, size + _EVENT_OVERHEAD)
        for name in event.names:
            self._by_name.setdefault(name, OrderedDict())[self._number] = entry
        (self._minor if minor else self._major)[self._number] = entry
        self._bytes += entry[1]
        dropped = self._make_room()
        self.dropped += dropped
        return dropped

    def has(self, names: Iterable[str]) -> bool:
        """Return whether there is an event that has one of ``names``."""
        return any(name in self._by_name for name in names)

    def take(self, names: Iterable[str]) -> Event | None:
        """Remove and return the first event that has one of ``names``, or ``None``."""
        heads = [next(iter(self._by_name[name])) for name in names if name in self._by_name]
        return self._remove(min(heads)) if heads else None

    def _remove(self, number: int) -> Event:
        shelf = self._minor if number in self._minor else self._major
        event, size = shelf.pop(number)
        self._bytes -= size
        for name in event.names:
            named = self._by_name[name]
            del named[number]
            if not named:
                del self._by_name[name]
        return event

    def _make_room(self) -> int:
        dropped = 0
        while len(self._minor) > self.limit or (self._minor and self._bytes > self.max_bytes):
            self._remove(next(iter(self._minor)))
            dropped += 1
        while self._bytes > self.max_bytes:
            answered = next((n for n, (event, _) in self._major.items() if not _is_open(event)), None)
            if answered is None:
                break
            self._remove(answered)
            dropped += 1
        return dropped


def _is_open(event: Event) -> bool:
    return event.asking is not None and event.asking.is_open
