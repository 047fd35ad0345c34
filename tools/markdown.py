"""Markdown, as far as the reference needs it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

__all__ = ["anchor", "link", "row", "table"]


def table(head: str, rows: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a table, with the empty line behind it; ``head`` is its first row."""
    yield from (head, re.sub(r"[^|]+", " --- ", head), *rows, "")


def row(*cells: str) -> str:
    """Return a row of a table."""
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def link(heading: str, page: str = "") -> str:
    """Return a link to what stands under a heading, by default of the same page."""
    return f"[{heading}]({page}#{anchor(heading)})"


def anchor(heading: str) -> str:
    """Return the address of a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
