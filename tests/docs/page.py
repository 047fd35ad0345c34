"""A page of the docs, block by block."""

from __future__ import annotations

import re
import textwrap
import types
from collections.abc import Mapping
from typing import Any

from tests.docs.markdown import ROOT

__all__ = ["Block", "Page"]


class Block:
    """A piece of code on a page.

    ::

        names = APPLICATION.run()
        TEST.run(names)["test_order"](jambonz)
    """

    def __init__(self, page: str, text: str, line: int) -> None:
        self.page = page
        self.text = text
        self._line = line

    def run(self, names: Mapping[str, Any] | None = None, /, **more: Any) -> dict[str, Any]:
        """Run it as a module, with these names given, and return all its names."""
        space = {"__name__": "guide", **(names or {}), **more}
        exec(self._code, space)
        return space

    def module(self, name: str) -> types.ModuleType:
        """Run it as a module that others can import, once it is in ``sys.modules``."""
        module = types.ModuleType(name)
        self.run_in(module)
        return module

    def run_in(self, module: types.ModuleType) -> None:
        """Run it as a later part of a module."""
        exec(self._code, vars(module))

    @property
    def _code(self) -> types.CodeType:
        # What an error or a log line names is a line of the page.
        return compile("\n" * self._line + self.text, self.page, "exec")

    @property
    def errors(self) -> list[str]:
        """What it says in comments that it raises: ``InvalidVerb: …``."""
        return re.findall(r"# (\w+: .*)", self.text)

    @property
    def lines(self) -> list[str]:
        """Its lines, without those that are empty."""
        return [line for line in self.text.splitlines() if line.strip()]

    def stands_in(self, text: object) -> bool:
        """Whether its lines stand in a text, in this order; ``…`` is for anything."""
        rest = iter(str(text).splitlines())
        patterns = [".*".join(map(re.escape, line.split("…"))) for line in self.lines]
        # Each goes on behind the line that the one before has found.
        return all(any(re.search(pattern, line) for line in rest) for pattern in patterns)


class Page:
    """A page, by its path in the docs: ``guides/transfers``."""

    def __init__(self, path: str) -> None:
        file = ROOT / "docs" / f"{path}.md"
        self.name = file.name
        self.text = file.read_text(encoding="utf-8")

    def blocks(self, language: str) -> list[Block]:
        """The blocks of a language, in order."""
        found = re.finditer(rf"^( *)```{language}\n(.*?)^\1```$", self.text, re.DOTALL | re.MULTILINE)
        return [Block(self.name, textwrap.dedent(one[2]), self.text[: one.start(2)].count("\n")) for one in found]
