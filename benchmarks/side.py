"""One of the two that are compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

__all__ = ["NotInstalled", "Side", "Way"]


class NotInstalled(Exception):
    """A rival is not here. The text says how to get it."""


class Way(NamedTuple):
    """One way in which a library checks the verbs of a turn.

    ``turns`` has a function for each turn, by its name. Called once, it does what the library does for a ``say`` and
    a ``gather``, from the application's line up to what would be sent.
    """

    name: str
    turns: Mapping[str, Callable[[], object]]


class Side(NamedTuple):
    """A library.

    ``name`` is that of its distribution, ``module`` what an application imports. ``first_turn`` is code for a fresh
    interpreter: it imports the library and has the plain turn checked. ``ways`` are all in which it checks verbs, and
    ``packages`` the distributions on which its speed depends.
    """

    name: str
    module: str
    first_turn: str
    ways: Sequence[Way]
    packages: Sequence[str] = ()
