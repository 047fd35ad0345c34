"""How a page is read, and what is the same for all guides."""

from __future__ import annotations

import re

import pytest

from tests.docs.guides.page import GUIDES, Block, anchors

PAGES = sorted(GUIDES.glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links(page):
    """Every link leads to a file of the project, and to a section that is there."""
    text = page.read_text(encoding="utf-8")
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in link:
            continue
        file, _, section = link.partition("#")
        target = page.parent / file if file else page
        if not target.exists() or (section and section not in anchors(target.read_text(encoding="utf-8"))):
            broken.append(link)
    assert broken == []


def test_a_block_stands_in_a_text():
    """Line by line, in order; what is left out is marked."""
    block = Block("x.md", "one\n\n  two … four\n", 0)
    assert block.stands_in("zero\none\nelse\n  two three four\nfive")
    assert not block.stands_in("  two three four\none")
    assert not block.stands_in("one\n  two")


def test_errors_of_a_block():
    """They are what its comments announce."""
    assert Block("x.md", "f()  # a remark\ng()\n# ValueError: no\n", 0).errors == ["ValueError: no"]


def test_lines_of_a_block():
    """An error names the line of the page."""
    with pytest.raises(ZeroDivisionError) as raised:
        Block("x.md", "a = 1\na / 0\n", 40).run()
    frame = raised.traceback[-1]
    assert (frame.path if isinstance(frame.path, str) else frame.path.name, frame.lineno + 1) == ("x.md", 42)


def test_anchors():
    """They are made of headings, and of nothing in a block."""
    assert anchors("# One\n\n```python\n# two\n```\n\n## Three, and `four`\n") == {"one", "three-and-four"}
