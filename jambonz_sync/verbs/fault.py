"""A fault in a value, on its way out to where the path to it is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from ..exceptions import InvalidCommand, InvalidVerb

__all__ = ["Fault", "shown"]

E = TypeVar("E", InvalidVerb, InvalidCommand)


class Fault(Exception):
    """Raised at the bottom of a verb; every level it passes adds its key or index.

    So a valid verb pays nothing for paths: they are put together only when there is something to report.
    ``text`` continues the sentence that the path begins; ``leaf`` is the option the sentence is about, where the path
    ends at the object around it.
    """

    def __init__(self, text: str, leaf: object = None) -> None:
        super().__init__(text)
        self.text = text
        self.leaf = leaf
        self.parts: list[object] = []

    def error(self, start: str, kind: type[E]) -> E:
        """Return the error for the user; ``start`` is the verb or command as the caller named it."""
        path = start
        for part in reversed(self.parts):
            path += f"[{part}]" if isinstance(part, int) else f".{part}"
        where = path if self.leaf is None else f"{path}.{self.leaf}"
        return kind(f"{path} {self.text}", where)


def shown(value: Any) -> str:
    """Return a value as an error may show it: short, and without what an object holds."""
    if value is None or isinstance(value, (str, int, float)):
        text = repr(value)
        return text if len(text) <= 60 else f"{text[:56]}…{text[-1]}"
    if isinstance(value, Mapping):
        return "a dict"
    if isinstance(value, (list, tuple)):
        return "a list"
    return f"a value of type {type(value).__name__}"
