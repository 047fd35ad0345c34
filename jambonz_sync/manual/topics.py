"""What a reader is told of everything that has options: of verbs, of commands, and of the objects inside them.

::

    gather = Topic("gather", "Collect what the caller says or types.", GatherOptions)
    for entry in gather.entries:
        print(entry.name, entry.type, entry.doc)

The terminal and the pages in ``docs`` are printed from the same entries, and both leave the wording to this module. An
entry is made from the option's annotation each time somebody asks: applications at work have no use for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, get_args

from typing_extensions import is_typeddict

from ..protocol.hooks import HookKind
from ..verbs.compile import Place, kind_at, place_inside, unknown_option
from ..verbs.describe import Option, options_of
from ..verbs.phrases import phrase

__all__ = ["HOOKS", "Described", "Entry", "Topic", "described_in", "follow", "newer_than", "objects_in", "parts_of"]

#: A ``TypedDict`` whose options have a line each.
Described: TypeAlias = type[Any]

#: What becomes of the reply to a hook, by the hook's kind.
HOOKS: Mapping[HookKind, str] = {
    HookKind.SESSION: "Wants a reply: the call goes on with its verbs.",
    HookKind.LEG_SESSION: "Wants a reply: the dialled party goes on with its verbs.",
    HookKind.ACTION: "Wants a reply: its verbs replace those queued behind, an empty one lets them run.",
    HookKind.BARGE_IN: "Wants a reply: its verbs come next, since nothing is queued any more.",
    HookKind.WAIT: "Wants a reply that holds what to play; asked again when that is over.",
    HookKind.CONFIRM: "Wants a reply: an empty one lets the party in, `hangup` does not.",
    HookKind.ENTER: "Wants a reply that holds the verbs; asked once.",
    HookKind.REPORT: "Wants no reply, but verbs in one replace what runs.",
    HookKind.LEG_REPORT: "Wants no reply; verbs in one would be dropped.",
    HookKind.NOTIFY: "Wants no reply.",
}


@dataclass(frozen=True)
class Entry:
    """What a reader is told of one option.

    ``path`` leads to it, from the verb or the command: ``dial.target.number``. ``type`` is a phrase such as ``a string
    or a list of strings``. ``needed`` is empty, or says that it is, and when. ``remarks`` are whole sentences: what
    kind of hook it names, since which server it is known, why it has no effect. ``inside`` is the object it takes or
    lists, if that is a described one. ``owner`` is the ``TypedDict`` it is an option of.
    """

    path: str
    type: str
    doc: str
    needed: str
    remarks: tuple[str, ...]
    inside: Topic | None
    owner: Described

    @property
    def name(self) -> str:
        """Its Python name."""
        return self.path.rpartition(".")[2]


@dataclass(frozen=True)
class Topic:
    """A verb, a command, or an object inside one.

    ``name`` is the path to it, ``doc`` what it is, ``options`` the ``TypedDict`` of its options. ``beside`` is that of
    arguments which its method takes too, and which are no options. ``place`` is where it stands, which decides what
    its hooks mean. ``positional`` is the option that may be given without its name; ``preset`` are values that the
    name says by itself.
    """

    name: str
    doc: str
    options: Described
    beside: Described | None = None
    place: Place = Place.TOP
    positional: str | None = None
    preset: Mapping[str, Any] = field(default_factory=dict)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Its options, in the order in which they are described."""
        return tuple(self._entry(option, owner) for option, owner in self._options())

    def entry(self, name: str) -> Entry:
        """Return the option of this name, as Python or as the wire spells it.

        Raises :exc:`LookupError` with a sentence that names the nearest one.
        """
        options = self._options()
        for option, owner in options:
            if name in (option.name, option.wire):
                return self._entry(option, owner)
        # What is said to whoever writes such an option in a verb.
        raise LookupError(f"{self.name} {unknown_option(name, [option for option, _ in options]).text}")

    def _options(self) -> list[tuple[Option, Described]]:
        owners = filter(None, (self.options, self.beside))
        return [(option, owner) for owner in owners for option in options_of(owner)]

    def _entry(self, option: Option, owner: Described) -> Entry:
        path = f"{self.name}.{option.name}"
        typed = described_in(option.annotation)
        inside = None
        if typed is not None:
            inside = Topic(path, _line(typed), typed, place=place_inside(option, self.place))
        return Entry(
            path,
            phrase(option.annotation, option.markers),
            option.doc,
            "" if option.name in self.preset else _need(option),
            tuple(self._remarks(option)),
            inside,
            owner,
        )

    def _remarks(self, option: Option) -> Iterator[str]:
        if option.name == self.positional:
            yield "May come first, without its name."
        if option.name in self.preset:
            yield f'"{self.preset[option.name]}" if left out.'
        if option.hook is not None:
            yield HOOKS[kind_at(self.place, option.hook)]
        if option.since is not None:
            yield f"Only {newer_than(option.since)}."
        if option.ignored is not None:
            yield f"No effect on jambonz 0.9: {option.ignored}."


def _need(option: Option) -> str:
    if option.needed is None:
        return ""
    return "needed" if option.needed.unless is None else f"needed unless {option.needed.unless} is True"


def newer_than(since: str) -> str:
    """Return which servers know what came with this version."""
    return f"jambonz {since} and newer"


def described_in(tp: Any) -> Described | None:
    """Return the described object that a type is, offers as one of its forms, or lists, if there is one."""
    if is_typeddict(tp):
        found: Described = tp
        return found
    return next(filter(None, map(described_in, get_args(tp))), None)


def _line(typed: Described) -> str:
    return " ".join((typed.__doc__ or "").split())


# --- finding one's way -----------------------------------------------------------------------------------------------


def parts_of(path: str) -> list[str]:
    """Return the names in a path, as one types it or copies it from an error: ``dial.target[0].number``."""
    return re.sub(r"\[\d*\]", "", path).split(".")


def follow(topic: Topic, names: Sequence[str]) -> Entry:
    """Return the option to which names lead, each inside the one before.

    Raises :exc:`LookupError` with a sentence for a name that is not there.
    """
    entry = topic.entry(names[0])
    for name in names[1:]:
        if entry.inside is None:
            raise LookupError(f"{entry.path} has no options inside: it is {entry.type}")
        entry = entry.inside.entry(name)
    return entry


def objects_in(*topics: Topic) -> Iterator[Topic]:
    """Yield every object that stands somewhere inside these topics, each once."""
    seen = {topic.options for topic in topics}
    waiting = list(topics)
    while waiting:
        for entry in waiting.pop(0).entries:
            if entry.inside is not None and entry.inside.options not in seen:
                seen.add(entry.inside.options)
                waiting.append(entry.inside)
                yield entry.inside
