"""Which service answers a path."""

from __future__ import annotations

from typing import Generic, TypeVar

__all__ = ["Router"]

_T = TypeVar("_T")


def _segments(path: str) -> tuple[str, ...]:
    return tuple(part for part in path.split("/") if part)


class Router(Generic[_T]):
    """Finds what is registered for the longest beginning of a path, counted in segments.

    ``/menu`` answers ``/menu``, ``/menu/`` and ``/menu/sales``, but not ``/menus``; ``/`` and ``*`` answer what no
    other does. jambonz makes up one such path itself: a leg that gets an application of its own asks for the path of
    its call with ``/adulting`` behind it.
    """

    def __init__(self) -> None:
        self._routes: dict[tuple[str, ...], tuple[str, _T]] = {}

    @property
    def paths(self) -> list[str]:
        """The registered paths, as they were written."""
        return sorted(path for path, _ in self._routes.values())

    def add(self, path: str, target: _T) -> None:
        """Register ``target`` for ``path``. Raises :exc:`ValueError` for a path that cannot be, or is taken."""
        if path != "*" and not path.startswith("/"):
            raise ValueError(f"a path starts with '/' (or is '*'), unlike {path!r}; did you mean {'/' + path!r}?")
        if "?" in path or "#" in path:
            raise ValueError(f"a path has no query and no fragment: {path!r}")
        segments = () if path == "*" else _segments(path)
        if segments in self._routes:
            raise ValueError(f"there is a service for {self._routes[segments][0]!r} already")
        self._routes[segments] = (path, target)

    def get(self, path: str) -> _T | None:
        """Return what is registered for exactly this path, however its slashes are written, or ``None``."""
        route = self._routes.get(() if path == "*" else _segments(path))
        return None if route is None else route[1]

    def find(self, path: str) -> _T | None:
        """Return what is registered for the longest beginning of ``path``, or ``None``."""
        segments = _segments(path)
        for length in range(len(segments), -1, -1):
            route = self._routes.get(segments[:length])
            if route is not None:
                return route[1]
        return None
