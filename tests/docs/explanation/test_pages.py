"""The pages in docs/explanation: what is said where."""

from __future__ import annotations

import re

from tests.docs.markdown import ROOT, links, without_blocks

TEXTS = {path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs" / "explanation").glob("*.md"))}


def test_nothing_is_said_twice():
    """No sentence of some length stands on two pages, but in the list of them."""
    where: dict[str, list[str]] = {}
    for name, text in TEXTS.items():
        if name != "index.md":
            plain = " ".join(without_blocks(text).split())
            for sentence in {one.strip() for one in re.split(r"(?<=[.:])\s", plain) if len(one) > 60}:
                where.setdefault(sentence, []).append(name)
    assert len(where) > 50
    assert {sentence: names for sentence, names in where.items() if len(names) > 1} == {}


def test_the_map_names_each():
    """The page with the map leads to all others."""
    assert TEXTS.keys() - {"how-it-works.md", "index.md"} <= set(links(TEXTS["how-it-works.md"]))
