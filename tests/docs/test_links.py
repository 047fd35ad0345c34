"""Links between the pages of the project, and to its files."""

from __future__ import annotations

import pytest

from tests.docs.markdown import ROOT, addresses, links, name_of, pages

TEXTS = {name_of(path): path.read_text(encoding="utf-8") for path in pages()}


@pytest.mark.parametrize("name", TEXTS)
def test_links(name):
    """Each leads to what is there: a file, a folder, a heading of a page."""
    wrong = []
    for link in links(TEXTS[name]):
        file, _, address = link.partition("#")
        there = (ROOT / name).parent / file if file else ROOT / name
        if not there.exists() or (address and address not in addresses(there.read_text(encoding="utf-8"))):
            wrong.append(link)
        # A checkout is what is read, not the machine.
        elif not there.resolve().is_relative_to(ROOT):
            wrong.append(link)
    assert wrong == []


def test_there_are_links():
    """What finds them finds many, and pages in each folder."""
    assert sum(len(links(text)) for text in TEXTS.values()) > 500
    assert {name.rpartition("/")[0] for name in TEXTS} >= {"", "docs", "docs/guides", "docs/reference", "docs/tutorial"}


def test_every_page_can_be_reached():
    """From the first page of the docs links lead to each of them."""
    waiting, reached = ["docs/index.md"], set()
    while waiting:
        name = waiting.pop()
        if name in reached or name not in TEXTS:
            continue
        reached.add(name)
        for link in links(TEXTS[name]):
            there = ((ROOT / name).parent / link.partition("#")[0]).resolve()
            if there.is_relative_to(ROOT):
                waiting.append(there.relative_to(ROOT).as_posix())
    assert {name for name in TEXTS if name.startswith("docs/")} <= reached


def test_headings():
    """Their addresses are made as those who show a page make them."""
    text = (
        "# The `a_b` of sip:refer\n\n## Again\n\n```console\n# no heading\n```\n\n## Again\n\n## [Link](page.md) more\n"
    )
    assert addresses(text) == {"the-a_b-of-siprefer", "again", "again-1", "link-more"}
    assert addresses("# One\n\n```python\n# two\n```\n\n## Three, and `four`\n") == {"one", "three-and-four"}
    assert links("[a](b.md#c) `[no](link)` [`code`](d) [out](https://example.com)") == ["b.md#c", "d"]
