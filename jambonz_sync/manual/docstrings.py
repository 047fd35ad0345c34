"""What docstrings tell: an example, and text without the marks of the documentation's tools."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from typing import Any

__all__ = ["documented", "first_sentence", "laid_out", "paragraphs"]

_BLOCK = re.compile(r"^::\n\n((?: +.*\n|\n)+)", re.MULTILINE)


def documented(thing: Any) -> tuple[str, str]:
    """Return the example in a docstring, and the text around it.

    The example is the first line, if that is code, or the first block of code.
    """
    doc = f"{inspect.getdoc(thing) or ''}\n"
    first, _, rest = doc.partition("\n")
    if first.startswith("``"):
        return first.strip("`"), paragraphs(rest)
    block = _BLOCK.search(doc)
    if block is None:
        return "", paragraphs(doc)
    return textwrap.dedent(block[1]).strip(), paragraphs(doc[: block.start()] + doc[block.end() :])


def paragraphs(text: str) -> str:
    """Return a docstring's text with each paragraph in a line, and an empty line between them."""
    text = re.sub(r":\w+:`~[\w.]*?(\w+)`", r"`\1`", text)
    text = re.sub(r":\w+:`([^`]+)`", r"`\1`", text).replace("``", "`")
    return "\n\n".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip())


def first_sentence(text: str) -> str:
    """Return the first sentence of a text."""
    first, _, _ = text.partition("\n\n")[0].partition(". ")
    return f"{first.rstrip('.')}."


def laid_out(example: str, width: int) -> str:
    """Return an example; one call that is wider than this, with each argument on a line of its own."""
    if "\n" in example or len(example) <= width:
        return example
    call = ast.parse(example, mode="eval").body
    if not isinstance(call, ast.Call):
        return example
    arguments = [ast.get_source_segment(example, node) for node in (*call.args, *call.keywords)]
    return "\n".join([f"{example[: call.func.end_col_offset]}(", *(f"    {text}," for text in arguments), ")"])
