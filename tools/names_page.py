"""The pages of the public names: a page for a subject, from the docstrings."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from typing_extensions import is_typeddict

from jambonz_sync.commands.methods import CommandMethods
from jambonz_sync.manual.docstrings import first_sentence
from jambonz_sync.manual.topics import Entry as Key
from jambonz_sync.manual.topics import Topic
from jambonz_sync.verbs.methods import VerbMethods

from .markdown import anchor, row, table
from .public_names import Entry, entries_of, entry_of, signature_of
from .restructured import markdown
from .subjects import ADVICE, SUBJECTS, Subject, Thing

__all__ = ["Section", "address_of", "names_page", "sections_of"]


class Section(NamedTuple):
    """One name of a page with what belongs to it.

    ``name`` is the heading, ``owner`` the class in which methods are looked up, ``keys`` those of a dict.
    """

    name: str
    signature: str
    doc: str
    owner: str
    entries: Sequence[Entry]
    keys: Sequence[Key] = ()


def names_page(subject: Subject) -> Iterator[str]:
    """Yield the lines of a page."""
    yield from (f"# {subject.title}", "")
    yield "Made from the docstrings by `python -m tools.write_reference`: changes belong there."
    yield from ("", subject.text, "")
    sections = sections_of(subject.page)
    if len(sections) > 1:
        yield from table("| | |", (_row(one.name, one.doc, subject) for one in sections))
    for section in sections:
        yield from _section(section, subject)


@cache
def sections_of(page: str) -> Sequence[Section]:
    """Return what is on a page, in order."""
    (subject,) = (one for one in SUBJECTS if one.page == page)
    return [*_sections(subject)]


def _sections(subject: Subject) -> Iterator[Section]:
    for thing in subject.things:
        found = getattr(importlib.import_module(thing.module), thing.name)
        if not inspect.isclass(found):
            entry = entry_of(thing.heading, _plain(found), thing.name)
            yield Section(thing.heading, thing.name if thing.plain else entry.signature, entry.doc, "", ())
            continue
        entries = [one for one in entries_of(found, thing.instance) if _wanted(one, thing)]
        entries += [_verb_method(name, thing) for name in thing.more]
        if thing.members:
            entries.sort(key=lambda entry: thing.members.index(entry.name.partition(".")[2]))
        doc = inspect.getdoc(found) or ""
        made = f"{thing.name}{signature_of(found)}" if thing.made else ""
        keys = Topic(thing.name, doc, found).entries if is_typeddict(found) else ()
        yield Section(thing.heading, made, thing.text or doc, thing.name, entries, keys)


def _plain(found: Any) -> Any:
    """Return a function as it was written; pytest makes fixtures of some."""
    return inspect.unwrap(getattr(found, "_fixture_function", found))


def _wanted(entry: Entry, thing: Thing) -> bool:
    name = entry.name.partition(".")[2]
    return name in thing.members if thing.only else name not in thing.without


def _verb_method(name: str, thing: Thing) -> Entry:
    entry = entry_of(f"{thing.name}.{name}", getattr(VerbMethods, name), f"{thing.instance}.{name}")
    # These begin with an example.
    example, text, rest = (*entry.doc.split("\n\n", 2), "")[:3]
    return entry._replace(doc=f"{text}\n\n::\n\n    {example.strip('`')}\n\n{rest}")


def _section(section: Section, subject: Subject) -> Iterator[str]:
    def text(doc: str) -> str:
        return markdown(doc, lambda target: _link(target, section.owner, subject))

    yield from (f"## {section.name}", "")
    if section.signature:
        yield from (f"`{section.signature}`", "")
    # How threads share an object is for those who change it.
    yield from ("\n\n".join(part for part in text(section.doc).split("\n\n") if not part.startswith("Threads. ")), "")
    if section.keys:
        yield from table("| key | is | |", (row(f"`{key.name}`", key.type, key.doc) for key in section.keys))
    if section.name in ADVICE:
        yield from (f"**What to do:** {ADVICE[section.name]}", "")
    # What there is to say in one line is said in the table.
    long = [entry for entry in section.entries if _is_long(entry)]
    if section.entries:
        yield from table("| | |", (_row(entry.name, entry.doc, subject, section.owner) for entry in section.entries))
    for entry in long:
        yield from (f"### {entry.name}", "", f"`{entry.signature}`", "", text(entry.doc), "")


def _is_long(entry: Entry) -> bool:
    return "\n\n" in entry.doc or "(" in entry.signature


def _row(name: str, doc: str, subject: Subject, owner: str = "") -> str:
    member = owner and name.startswith(f"{owner}.")
    text = markdown(doc, lambda target: _link(target, owner, subject))
    entry = next((one for section in sections_of(subject.page) for one in section.entries if one.name == name), None)
    if member and entry is not None and not _is_long(entry):
        return row(f"`{entry.signature}`", " ".join(text.split()))
    plain = next((part for part in text.split("\n\n") if not part.startswith("```")), "")
    return row(f"[`{name}`](#{anchor(name)})", first_sentence(" ".join(plain.split())))


@cache
def _addresses() -> Mapping[str, str]:
    """Return where each name is told of."""
    found: dict[str, str] = {}
    for subject in SUBJECTS:
        for section in sections_of(subject.page):
            found.setdefault(section.owner or section.name, f"{subject.page}#{anchor(section.name)}")
            for entry in section.entries:
                at = entry.name if _is_long(entry) else section.name
                found.setdefault(entry.name, f"{subject.page}#{anchor(at)}")
    for methods, page in ((VerbMethods, "verbs.md"), (CommandMethods, "commands.md")):
        for name in vars(methods):
            if not name.startswith("_"):
                found.setdefault(f"Session.{name}", f"{page}#{name}")
    found |= {subject.module: subject.page for subject in SUBJECTS if subject.module}
    return found


def address_of(target: str, owner: str = "", subject: Subject | None = None) -> str | None:
    """Return where it is told of what a role names, if it is one of ours."""
    name = re.sub(r"^~?(?:jambonz_sync)?\.?(?:[a-z_]+\.)*(?=[A-Z])", "", target).lstrip("~.")
    here = [f"{subject.page}#{anchor(one)}" for one in _here(subject, owner, name)] if subject is not None else []
    addresses = _addresses()
    for known in (f"{owner}.{name}", f"Session.{name}" if owner in _OF_SESSION else "", name):
        if known in addresses:
            return here[0] if here else addresses[known]
    return addresses.get(name.removeprefix("jambonz_sync."))


#: Where methods of the session are told of among others.
_OF_SESSION = ("Session",)


def _here(subject: Subject, owner: str, name: str) -> Iterator[str]:
    """Yield the heading of a name on the page itself, which comes first where two pages have one of that name."""
    for section in sections_of(subject.page):
        for entry in section.entries:
            if entry.name in (f"{owner}.{name}", name):
                yield entry.name if _is_long(entry) else section.name
        if name in (section.owner, section.name):
            yield section.name


def _link(target: str, owner: str, subject: Subject) -> str:
    text = target.rpartition(".")[2] if target.startswith("~") else target.lstrip(".")
    address = address_of(target, owner, subject)
    if address is None:
        return f"`{text}`"
    return f"[`{text}`]({address.removeprefix(subject.page) if address.startswith(f'{subject.page}#') else address})"
