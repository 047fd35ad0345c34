"""The pages of the project as their readers' programs see them: text, code, links and headings."""

from __future__ import annotations

import pathlib
import re

__all__ = ["ROOT", "addresses", "blocks", "inline_code", "links", "name_of", "pages", "without_blocks"]

ROOT = pathlib.Path(__file__).resolve().parents[2]

_BLOCK = re.compile(r"^( *)```([^\n]*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")


def pages() -> list[pathlib.Path]:
    """Every page of the project."""
    found = [*ROOT.glob("*.md"), ROOT / "llms.txt", *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")]
    return sorted(path for path in found if "_build" not in path.parts)


def name_of(path: pathlib.Path) -> str:
    """The path of a page from the root of the project."""
    return path.relative_to(ROOT).as_posix()


def blocks(text: str, *languages: str) -> list[str]:
    """The blocks of these languages; of all, if none is named."""
    return [block for _, language, block in _BLOCK.findall(text) if not languages or language in languages]


def without_blocks(text: str) -> str:
    """A page without its blocks of code."""
    return _BLOCK.sub("", text)


def inline_code(text: str) -> list[str]:
    """What stands in backticks within lines."""
    return [" ".join(code.split()) for _, code in _CODE.findall(re.sub(r"(?<=\S)\n(?=\S)", " ", without_blocks(text)))]


def links(text: str) -> list[str]:
    """Where links lead, but for those that lead out of the project."""
    # The text of a link may be code, but no link is within code.
    plain = _CODE.sub("code", without_blocks(text))
    found = re.findall(r"\]\(([^)\s]+)\)", plain)
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def addresses(text: str) -> set[str]:
    """The addresses of the headings, as GitHub and MyST make them."""
    found: dict[str, int] = {}
    for heading in re.findall(r"^#+ +(.+?) *$", without_blocks(text), re.MULTILINE):
        heading = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", heading)
        address = re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        found[address] = found.get(address, -1) + 1
    return {name if at == 0 else f"{name}-{at}" for name, count in found.items() for at in range(count + 1)}
