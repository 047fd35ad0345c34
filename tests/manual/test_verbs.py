"""The page of each verb."""

from __future__ import annotations

import pytest

from jambonz_sync.manual.verbs import chapters, page_of
from jambonz_sync.verbs.registry import VERBS

PAGES = [page for chapter in chapters() for page in chapter.pages]


def test_every_verb_has_a_page():
    """Those that are just other names are together, behind the others."""
    assert sorted(page.topic.name for page in PAGES) == sorted(verb.method for verb in VERBS.values())
    verbs, others = chapters()
    assert {page.alias_of for page in verbs.pages} == {None}
    assert all(page.alias_of in {page.topic.name for page in verbs.pages} for page in others.pages)


@pytest.mark.parametrize("name", sorted(VERBS))
def test_a_page_says_what_the_registry_knows(name):
    """The method, the options, what may come first, and what the name says."""
    verb = VERBS[name]
    page = page_of(verb)
    assert page.example.startswith("session.")
    assert page.summary.endswith(".")
    assert page.summary.count(". ") == 0
    assert page.topic.options is verb.options
    assert (page.topic.positional, page.topic.preset) == (verb.positional, verb.preset)
    assert page.entries == page.topic.entries
    assert name in page.names


def test_remarks():
    """What another reader of jambonz's docs may stumble over."""
    assert page_of(VERBS["say"]).remarks == ()
    assert page_of(VERBS["sip:refer"]).remarks == ("sip:refer in the jambonz docs",)
    assert page_of(VERBS["gptlive_s2s"]).remarks == ('sent as llm, vendor "gptlive"', "jambonz 11.1 and newer")
