"""The pages of verbs and of commands."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence

from jambonz_sync.manual import commands, verbs
from jambonz_sync.manual.carried import all_groups, carried_by
from jambonz_sync.manual.docstrings import laid_out
from jambonz_sync.manual.pages import Chapter, Page
from jambonz_sync.manual.topics import Described, Entry, Topic, objects_in
from jambonz_sync.verbs.compile import Place

from .markdown import anchor, link, row, table

__all__ = ["commands_page", "verbs_page"]

_VERBS_HEAD = """\
# Verbs

Made from the descriptions in `jambonz_sync/verbs` by `python -m tools.write_reference`: changes belong there. The
command `jambonz-sync verbs` prints the same in a terminal. What is sent beside the verbs is in
[commands](commands.md), what hooks and messages carry in [events](events.md).

A verb is a method of the session, an option a keyword. What you write is checked on the spot. Names in the camel case
of the jambonz docs are taken too, and so is a plain dict of options. `None` means that an option is not given.

An option whose name ends in `_hook` names a hook of your application, by which jambonz asks what to do, or tells what
has happened. What it does with your reply is said there. Inside another verb an `action_hook` only tells, since the
call does not stand still for it; inside `dial`, verbs in the reply are dropped.
"""

_COMMANDS_HEAD = """\
# Commands

Made from the descriptions in `jambonz_sync/commands` by `python -m tools.write_reference`: changes belong there. The
command `jambonz-sync verbs inject_mute` prints the same in a terminal.

A command is sent at once, beside the [verbs](verbs.md): those that are queued stay queued, and what jambonz is doing
goes on. Each is a method of the session, and may be called from any thread. Its options are keywords, or come in a
plain dict. What you write is checked on the spot; jambonz itself confirms no command.

Where a method takes `call_sid`, the command may be for either party of a `dial`. `session.inject_command` sends each of
them by its name in the jambonz docs.
"""

#: Where an object or a verb is told of: the page, and the heading there.
_Places = Mapping[Described, tuple[str, str]]


def verbs_page() -> Iterator[str]:
    """Yield the lines of the page of verbs, and of the objects inside them."""
    parts = verbs.chapters()
    places = _places(parts)
    yield _VERBS_HEAD
    for part in parts:
        yield from (f"## {part.title}", "")
        yield from _overview(part)
    for part in parts:
        for page in part.pages:
            yield from _section(page, "verbs.md", places)
    yield from ("## Objects", "", "What stands inside verbs, and inside other objects.", "")
    for topic in _objects(parts):
        yield from (f"### {topic.options.__name__}", "", topic.doc, "")
        # Where it stands is another question for each verb that takes it.
        yield from _options(dataclasses.replace(topic, place=Place.NESTED).entries, "verbs.md", places)


def commands_page() -> Iterator[str]:
    """Yield the lines of the page of commands."""
    part = commands.chapter()
    places = _places(verbs.chapters())
    yield _COMMANDS_HEAD
    yield from _overview(part)
    for page in part.pages:
        yield from _section(page, "commands.md", places)


def _places(parts: Sequence[Chapter]) -> _Places:
    objects = {topic.options: ("verbs.md", topic.options.__name__) for topic in _objects(parts)}
    return objects | {topic.options: ("verbs.md", topic.name) for topic in _own(parts)}


def _objects(parts: Sequence[Chapter]) -> list[Topic]:
    return sorted(objects_in(*_own(parts)), key=lambda topic: topic.options.__name__)


def _own(parts: Sequence[Chapter]) -> Iterator[Topic]:
    return (page.topic for part in parts for page in part.pages if page.alias_of is None)


def _overview(part: Chapter) -> Iterator[str]:
    yield from table("| | |", (row(link(page.topic.name), page.line) for page in part.pages))


def _section(page: Page, here: str, places: _Places) -> Iterator[str]:
    yield from (f"## {page.topic.name}", "")
    if page.remarks:
        yield from (f"*{'; '.join(page.remarks)}*", "")
    yield from ("```python", laid_out(page.example, 100), "```", "", page.topic.doc, "")
    if page.alias_of is not None:
        yield from (f"It takes the options of {link(page.alias_of)}.", "")
        return
    if page.options_of is not None:
        more = ", and this:" if page.entries else "."
        yield from (f"It takes the options of {link(page.options_of, 'verbs.md')}{more}", "")
    if page.entries:
        yield from _options(page.entries, here, places)


def _options(entries: Iterable[Entry], here: str, places: _Places) -> Iterator[str]:
    def option(entry: Entry) -> str:
        takes = ", ".join(filter(None, (entry.type, f"**{entry.needed}**" if entry.needed else "")))
        if entry.inside is not None:
            page, heading = places[entry.inside.options]
            takes += f" ({link(heading, '' if page == here else page)})"
        return row(f"`{entry.name}`", takes, " ".join((entry.doc, *entry.remarks, *_carries(entry))))

    yield from table("| option | takes | |", map(option, entries))


def _carries(entry: Entry) -> Iterator[str]:
    carried = carried_by(entry.owner, entry.name)
    if carried is not None:
        # What is particular to the hook comes first; some have nothing of their own.
        told = next((group for group in carried.groups if not group.common), all_groups()[0])
        yield f"[What it carries](events.md#{anchor(told.title)})."
