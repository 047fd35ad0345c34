"""Keeping the newest of what a call may bring without end."""

from __future__ import annotations

from typing import TypeVar

__all__ = ["remember"]

_What = TypeVar("_What")


def remember(known: dict[str, _What], name: str, what: _What, most: int) -> None:
    """Note what a name stands for, as the newest of at most so many."""
    known.pop(name, None)
    known[name] = what
    while len(known) > most:
        del known[next(iter(known))]
