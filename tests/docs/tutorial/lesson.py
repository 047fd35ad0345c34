"""A lesson as its page has it: what is to be saved, typed and seen, in order."""

from __future__ import annotations

import dataclasses
import pathlib
import re
from collections.abc import Iterator

__all__ = ["TUTORIAL", "Block", "Lesson"]

TUTORIAL = pathlib.Path(__file__).resolve().parents[3] / "docs" / "tutorial"

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Block:
    """A block of a page, and the text between it and the block before."""

    language: str
    text: str
    before: str

    @property
    def file(self) -> str | None:
        """The file that a reader saves it as: the last one named in the paragraph that ends in a colon before it."""
        paragraph = self.before.strip().rpartition("\n\n")[2]
        named = re.findall(r"`(\w+\.py)`", paragraph)
        return named[-1] if named and paragraph.endswith(":") and self.language == "python" else None

    @property
    def commands(self) -> list[str]:
        """What is typed at the shell."""
        return [line.removeprefix("$ ") for line in self.text.splitlines()]

    @property
    def typed(self) -> list[str]:
        """What the text before tells a reader to type while the call goes on."""
        told = re.search(r"\b[Tt]ype (.*?)[.:]\n", self.before + "\n", re.DOTALL)
        if told is None:
            return []
        return re.findall(r"`([^`]+)`", told[1]) * (2 if told[1].endswith("twice") else 1)

    @property
    def is_output(self) -> bool:
        """Whether it is what the commands right before it print."""
        return self.language == "text" and not self.before.strip()


class Lesson:
    """A page of the tutorial, by the beginning of its name."""

    def __init__(self, number: int) -> None:
        (self.path,) = TUTORIAL.glob(f"{number}-*.md")
        self.text = self.path.read_text(encoding="utf-8")
        self.blocks = list(self._blocks())

    def _blocks(self) -> Iterator[Block]:
        end = 0
        for found in _BLOCK.finditer(self.text):
            yield Block(found[1], found[2], self.text[end : found.start()])
            end = found.end()
