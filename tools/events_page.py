"""The page of what messages and hooks carry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jambonz_sync.manual.carried import Attribute, Group, all_groups, attributes_of
from jambonz_sync.manual.docstrings import first_sentence, paragraphs
from jambonz_sync.manual.topics import Described
from jambonz_sync.verbs.registry import VERBS
from jambonz_sync.verbs.spelling import one_of

from .markdown import link, row, table

__all__ = ["events_page"]

_HEAD = """\
# Events

Made from the descriptions in `jambonz_sync/protocol/facts` by `python -m tools.write_reference`: changes belong there.
The command `jambonz-sync verbs gather.action_hook` prints in a terminal what that hook carries.

What jambonz tells is an event: `session.wait_for("/menu")` returns one, and a handler is given one. It is a read-only
mapping of what the message or hook carries, and each key is an attribute too: `evt.digits`, `evt["digits"]`,
`evt.get("digits")`. The key `from` is the attribute `from_`. What `run()` returns has the attributes of the verb's
`action_hook`.

Not everything is there each time. Reading an attribute that is not raises an `AttributeError`, which names what is
there; `evt.get` returns `None`. What a message holds beyond this, events of speech vendors above all, is `evt["key"]`.
What is said of the hook of a verb holds for a verb inside another one too.
"""


def events_page() -> Iterator[str]:
    """Yield the lines of the page."""
    groups = all_groups()
    yield _HEAD
    for title in dict.fromkeys(map(_chapter, groups)):
        members = [group for group in groups if _chapter(group) == title]
        yield from (f"## {title}", "")
        yield from table("| | |", (row(link(group.title), first_sentence(group.doc)) for group in members))
        for group in members:
            yield from (f"### {group.title}", "", group.doc, "")
            if group.ways != (group.title,):
                yield from _ways(group.ways)
            yield from _attributes("attribute", group.attributes)
    yield from ("## Dicts", "", "What is inside attributes, and inside other dicts.", "")
    for described in _dicts(groups):
        yield from (f"### {described.__name__}", "", paragraphs(described.__doc__ or ""), "")
        yield from _attributes("key", attributes_of(described))


def _chapter(group: Group) -> str:
    if group.common:
        return "With many messages and hooks"
    return "With a hook" if "." in group.ways[0] else "With a message"


def _ways(ways: Iterable[str]) -> Iterator[str]:
    """Yield with which messages and hooks something comes: in a sentence or, if there are many, in a list."""
    verbs: dict[str, list[str]] = {}
    for way in ways:
        verb, _, option = way.partition(".")
        verbs.setdefault(verb if option else "", []).append(f"`{option or way}`")
    parts = [f"{one_of(names, 'and')}{_of(verb)}" for verb, names in verbs.items()]
    if len(parts) <= 3:
        yield from (f"With {', and '.join(parts)}.", "")
    else:
        yield from ("With", "", *(f"* {part}" for part in parts), "")


def _of(verb: str) -> str:
    if verb == "*":
        return " of every verb"
    return f" of {link(VERBS[verb].method, 'verbs.md')}" if verb else ""


def _attributes(what: str, attributes: Iterable[Attribute]) -> Iterator[str]:
    def line(attribute: Attribute) -> str:
        inside = f" ({link(attribute.inside.__name__)})" if attribute.inside is not None else ""
        return row(f"`{attribute.name}`", f"{attribute.type}{inside}", attribute.doc)

    yield from table(f"| {what} | is | |", map(line, attributes))


def _dicts(groups: Iterable[Group]) -> list[Described]:
    found: dict[str, Described] = {}
    waiting = [attribute for group in groups for attribute in group.attributes]
    while waiting:
        inside = waiting.pop().inside
        if inside is not None and inside.__name__ not in found:
            found[inside.__name__] = inside
            waiting += attributes_of(inside)
    return [found[name] for name in sorted(found)]
