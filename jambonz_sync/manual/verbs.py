"""The page of each verb."""

from __future__ import annotations

from collections.abc import Iterator

from ..verbs.methods import VerbMethods
from ..verbs.registry import VERBS, VerbType
from .docstrings import documented, first_sentence
from .pages import Chapter, Page
from .topics import Topic, newer_than

__all__ = ["chapters", "page_of"]


def page_of(verb: VerbType) -> Page:
    """Return the page of a verb, under the name of its method."""
    example, text = documented(getattr(VerbMethods, verb.method))
    return Page(
        Topic(verb.method, text, verb.options, positional=verb.positional, preset=verb.preset),
        example,
        first_sentence(verb.doc),
        verb.name if verb.name != verb.method else None,
        tuple(_remarks(verb)),
        alias_of=verb.alias_of,
    )


def _remarks(verb: VerbType) -> Iterator[str]:
    if verb.alias_of is not None:
        yield f"sent as {verb.sent_as}" + "".join(f', {key} "{value}"' for key, value in verb.preset.items())
    if verb.name != verb.method:
        yield f"{verb.name} in the jambonz docs"
    if verb.since is not None:
        yield newer_than(verb.since)


def chapters() -> list[Chapter]:
    """Return the pages of all verbs, in the order of their names; those that are just other names come last."""
    pages = [page_of(verb) for verb in VERBS.values()]
    return [
        Chapter(
            "Verbs",
            'Each is a method of the session, as in session.say("Hello.").',
            [page for page in pages if page.alias_of is None],
        ),
        Chapter("Other names", "", [page for page in pages if page.alias_of is not None]),
    ]
