"""Versions of the jambonz server."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["too_new", "version_of"]


@lru_cache(maxsize=64)
def version_of(text: str) -> tuple[int, ...]:
    """Return a version as numbers: ``0.9`` or ``v10.1``."""
    try:
        return tuple(int(part) for part in text.lower().lstrip("v").split("."))
    except ValueError:
        raise ValueError(f"a jambonz version looks like '0.9' or '10'; not {text!r}") from None


def too_new(since: str, version: tuple[int, ...] | None) -> bool:
    """Return whether a server of ``version`` lacks what came with ``since``; ``10`` stands for every 10.x."""
    if version is None:
        return False
    needed = version_of(since)
    shared = min(len(needed), len(version))
    return version[:shared] < needed[:shared]
