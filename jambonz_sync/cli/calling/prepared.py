"""What a prepared caller does.

::

    for line in prepared(pathlib.Path("caller.txt")):
        call.take_line(line)
"""

from __future__ import annotations

import pathlib

from .lines import BadLine, Line, parse

__all__ = ["prepared"]


def prepared(path: pathlib.Path) -> list[Line]:
    """Return what the lines of a file mean. Raises :exc:`ValueError` for a file that cannot be read or understood."""
    try:
        texts = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        raise ValueError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error
    lines = []
    for number, text in enumerate(texts, 1):
        try:
            line = parse(text)
        except BadLine as error:
            raise ValueError(f"line {number} of {path}: {error}") from None
        if line is not None:
            lines.append(line)
    return lines
