"""Names: how an option is written in Python and on the wire, and which one was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["did_you_mean", "one_of", "wire_name"]


def wire_name(name: str) -> str:
    """Return the camelCase of a snake_case option name; ``from_`` is ``from``.

    This spells the options *of the specification*. It is never applied to a key that a caller wrote: what is not
    an option there must not be bent until it looks like one.
    """
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def did_you_mean(wrong: object, names: Iterable[tuple[str, str]]) -> str | None:
    """Return the Python name nearest to what was written, or ``None`` if nothing is near.

    ``names`` are pairs of Python name and wire name; either may be the near one.
    """
    if not isinstance(wrong, str):
        return None
    spelled = {}
    for name, wire in names:
        spelled[_bare(wire)] = spelled[_bare(name)] = name
    near = difflib.get_close_matches(_bare(wrong), spelled, n=1, cutoff=0.66)
    return spelled[near[0]] if near else None


def one_of(words: Iterable[str], joint: str = "or") -> str:
    """Return the words as a phrase: ``a, b or c``."""
    *first, last = words
    return f"{', '.join(first)} {joint} {last}" if first else last


def _bare(name: str) -> str:
    return name.replace("_", "").replace(":", "").lower()
