"""The keys of what jambonz sends, which it puts into snake case.

::

    snake_cased({"serverContent": {"turnComplete": True}})  # {"server_content": {"turn_complete": True}}
"""

from __future__ import annotations

import re
from typing import Any

__all__ = ["snake_cased"]

#: These keep their name, and what is in them keeps its keys.
_UNTOUCHED = frozenset({"customerData", "sip", "env_vars", "args"})

_CAPITALS = re.compile(r"(.)([A-Z]+)", re.DOTALL)
_HAS_HUMPS = re.compile(r"[a-z][A-Z]|[A-Z][a-z]")
_HAS_SEPARATOR = re.compile(r"[\s_\-.:]")
_SEPARATORS = re.compile(r"[\W_]+", re.ASCII)


def snake_cased(data: Any) -> Any:
    """Return data with all keys converted, at any depth; values are never changed."""
    if isinstance(data, list):
        return [snake_cased(item) for item in data]
    if not isinstance(data, dict):
        return data
    return {
        key if key in _UNTOUCHED else _converted(key): value if key in _UNTOUCHED else snake_cased(value)
        for key, value in data.items()
    }


def _converted(key: str) -> str:
    if not _HAS_SEPARATOR.search(key) and _HAS_HUMPS.search(key):
        # Each of several capitals becomes a word of its own.
        key = _CAPITALS.sub(lambda found: f"{found[1]} {' '.join(found[2])}", key)
    return _SEPARATORS.sub("_", key.lower()).strip("_")
