"""The names of a verb: the one it was sent by, the one it is known by, and the one it is reported by.

::

    canonical("stream")  # "listen"
"""

from __future__ import annotations

from .vendors import vendor_of
from .verb import Verb

__all__ = ["canonical", "reported_name"]

_OTHER_NAMES = {"stream": "listen", "s2s": "llm", "room": "conference"}


def canonical(name: str) -> str:
    """Return the name of a verb that goes by several."""
    return "llm" if name.endswith("_s2s") else _OTHER_NAMES.get(name, name)


def reported_name(verb: Verb) -> str:
    """Return the name under which a verb is reported."""
    vendor = vendor_of(verb.name, verb.options)
    return canonical(verb.name) if vendor is None else vendor.title
