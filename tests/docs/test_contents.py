"""The lists of pages: in each folder of the docs, in llms.txt, and on the first page."""

from __future__ import annotations

import re

import pytest

import jambonz_sync
from tests.docs.markdown import ROOT, blocks, links, without_blocks
from tools import contents
from tools.contents import FOLDERS, examples, pages_of, title_of

LLMS = (ROOT / "llms.txt").read_text(encoding="utf-8")
FIRST = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_page_of_a_folder_is_listed(folder):
    """Each has a title, a sentence, and a place; what has none of its own comes last, by name."""
    pages = pages_of(folder)
    there = {path.stem for path in (ROOT / "docs" / folder.name).glob("*.md")} - {"index"}
    names = [page.path.rpartition("/")[2].removesuffix(".md") for page in pages]
    assert {*names} == there
    placed = [name for name in folder.order if name in there]
    assert names == [*placed, *sorted(there - {*placed})]
    for page in pages:
        assert page.title
        assert page.summary.endswith(".")
        assert len(page.summary) < 200
        assert not re.search(r"[\[\]\n|]|``", page.summary), page


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_site_has_the_same_order(folder):
    """What is listed for readers is listed for the site."""
    text = (ROOT / "docs" / folder.name / "index.md").read_text(encoding="utf-8")
    (tree,) = blocks(text, "{toctree}")
    names = [line for line in tree.splitlines() if line and not line.startswith(":")]
    assert [f"{name}.md" for name in names] == links(without_blocks(text))


def test_every_folder_of_docs_is_one():
    """No folder of pages is left out."""
    found = {path.parent.name for path in (ROOT / "docs").glob("*/*.md")}
    assert found == {folder.name for folder in FOLDERS}


def test_llms():
    """A title, a summary, and below headings a line for each page and example, with an address and a sentence."""
    title, summary, rest = re.split(r"\n\n", LLMS, maxsplit=2)
    assert title == "# jambonz_sync"
    assert all(line.startswith("> ") for line in summary.splitlines())
    listed = re.findall(r"^- \[([^\]]+)\]\(([^)]+)\): (.+)$", rest, re.MULTILINE)
    assert len(listed) == len(re.findall(r"^- ", rest, re.MULTILINE))
    assert all(sentence.endswith(".") for *_, sentence in listed)
    pages = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md") if path.stem != "index"}
    applications = {path.relative_to(ROOT).as_posix() for path in (ROOT / "examples").glob("*.py")}
    assert {path for _, path, _ in listed} == pages | applications | {"README.md", "CONTRIBUTING.md"}
    assert [example.path for example in examples()] == sorted(applications)


def test_what_it_says_of_the_library():
    """The methods and the exception that it names are there."""
    names = re.findall(r"`session\.(\w+)", LLMS)
    assert len(names) >= 3
    assert [name for name in names if not hasattr(jambonz_sync.Session, name)] == []
    assert "`CallEnded`" in LLMS
    assert issubclass(jambonz_sync.CallEnded, BaseException)


def test_the_first_application(jambonz):
    """What stands on the first page of the docs answers a call."""
    names: dict[str, object] = {"__name__": "app"}
    (block,) = blocks(FIRST, "python")
    exec(compile(block, "index.md", "exec"), names)
    call = jambonz.call(names["endpoint"], "/hello")
    assert call.heard("What is your name?")
    call.says("Ada")
    assert call.heard("Hello Ada.")


def test_the_first_page_leads_to_every_folder():
    """And to the pages beside them."""
    assert {f"{folder.name}/index.md" for folder in FOLDERS} <= {*links(FIRST)}
    beside = {path.name for path in (ROOT / "docs").glob("*.md")} - {"index.md"}
    assert beside <= {*links(FIRST)}


def test_summaries():
    """The first sentence of a page that is one, without links."""
    parts = [
        "# A `page`",
        "```python\nx = 1\n```",
        "Made from something.",
        "| a |\n| --- |",
        "It [does](x.md) this:",
        "x",
    ]
    text = "\n\n".join(parts)
    assert title_of(text) == "A page"
    assert contents._summary(text) == "It does this."
    assert contents._summary("# A\n") == ""
