"""The page of each message that is no hook."""

from __future__ import annotations

from typing_extensions import TypedDict

from .carried import messages
from .docstrings import first_sentence
from .pages import Chapter, Page
from .topics import Topic

__all__ = ["chapter"]


class _Nothing(TypedDict, total=False):
    """A message takes nothing."""


def chapter() -> Chapter:
    """Return the pages of all messages, in the order of their names."""
    pages = []
    for name, carried in messages().items():
        doc = carried.groups[0].doc
        pages.append(Page(Topic(name, doc, _Nothing), "", first_sentence(doc), carries=carried))
    return Chapter("Messages", 'What jambonz tells; session.wait_for("verb:status") takes one.', pages)
