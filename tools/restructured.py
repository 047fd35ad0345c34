"""Docstrings, which are reStructuredText of a few forms, as Markdown.

::

    markdown(inspect.getdoc(Session.wait_for), link)

The forms are paragraphs, lists with ``*``, blocks of code behind ``::``, and roles.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator

__all__ = ["ROLE", "Link", "markdown"]

#: What a role makes of what it names: its text, with an address where there is one.
Link = Callable[[str], str]

ROLE = re.compile(r":[a-z]+:`([^`]+)`")

_DIRECTIVE = re.compile(r"\.\. code-block:: (\w+)")


def markdown(text: str, link: Link) -> str:
    """Return a docstring as Markdown, a line for each paragraph and each item of a list."""
    return "\n\n".join(_parts(text, link))


def _parts(text: str, link: Link) -> Iterator[str]:
    language = "python"
    for block in _blocks(text):
        directive = _DIRECTIVE.fullmatch(block)
        if directive is not None:
            language = directive[1]
        elif block.startswith(" "):
            yield f"```{language}\n{textwrap.dedent(block)}\n```"
            language = "python"
        elif block.startswith("* "):
            items = [_line(item, link) for item in re.split(r"^\* ", block, flags=re.MULTILINE)[1:]]
            yield "\n".join(f"* {item}" for item in items)
        elif block != "::":
            yield _line(re.sub(r"::$", ":", block), link)


def _blocks(text: str) -> Iterator[str]:
    """Yield what empty lines divide; of code, what is indented belongs together across them, with those lines."""
    code = ""
    for block, gap in re.findall(r"((?:[^\n]+\n?)+?)(\n+|\Z)", text.strip("\n")):
        if block.startswith(" "):
            code += block + gap
            continue
        if code:
            yield code.rstrip("\n")
            code = ""
        yield block.rstrip("\n")
    if code:
        yield code.rstrip("\n")


def _line(text: str, link: Link) -> str:
    line = " ".join(text.split())
    # What a role stands for may look like one.
    parts = re.split(r"(``.*?``)", line)
    return "".join(
        f"`{part[2:-2]}`" if part.startswith("``") else ROLE.sub(lambda role: link(role[1]), part) for part in parts
    )
