"""Who would take an event: the waits of the call's thread, and the handlers that are registered."""

from __future__ import annotations

__all__ = ["Interest"]


class Interest:
    """Knows whether anybody will come for an event, and whether the call's thread is free to."""

    def __init__(self) -> None:
        self._waits: list[frozenset[str]] = []
        self._handled: set[str] = set()
        self._returned = False

    @property
    def is_blocked(self) -> bool:
        """Whether the call's thread is blocked in a wait, or its function has returned: then only what is wanted here
        will be taken. While it is in the application's own code it may come for anything."""
        return bool(self._waits) or self._returned

    @property
    def depth(self) -> int:
        """How many waits there are, one inside the other."""
        return len(self._waits)

    @property
    def awaited(self) -> frozenset[str]:
        """What the innermost wait is for; nothing if there is none."""
        return self._waits[-1] if self._waits else frozenset()

    def wants(self, names: frozenset[str]) -> bool:
        """Whether a wait, be it one around another, or a handler is for an event of these names."""
        return any(not wait.isdisjoint(names) for wait in self._waits) or not self._handled.isdisjoint(names)

    def begin_wait(self, names: frozenset[str]) -> None:
        """The thread blocks until an event of one of ``names`` comes."""
        self._waits.append(names)

    def end_wait(self) -> None:
        """The innermost wait is over."""
        self._waits.pop()

    def handle(self, name: str) -> None:
        """A handler is registered."""
        self._handled.add(name)

    def handle_nothing(self) -> None:
        """No handler takes anything any more."""
        self._handled.clear()

    def returned(self) -> None:
        """The function that answers the call has returned."""
        self._returned = True
