"""What messages and hooks carry, as a reader is told: the attributes of the event, with their types in words.

::

    carried = carried_by(GatherOptions, "action_hook")
    for group in carried.groups:
        for attribute in group.attributes:
            print(attribute.name, attribute.type, attribute.doc)
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from ..protocol.facts import facts_of, groups, ways_to
from ..protocol.facts.call import CallFacts
from ..verbs.describe import options_of
from ..verbs.phrases import phrase
from ..verbs.registry import VERBS
from .docstrings import paragraphs
from .topics import Described, described_in

__all__ = ["Attribute", "Carried", "Group", "all_groups", "attributes_of", "carried_by", "messages"]


class Attribute(NamedTuple):
    """One attribute of an event, or one key of a dict in it. ``inside`` is the dict it is or lists, if described."""

    name: str
    type: str
    doc: str
    inside: Described | None


class Group(NamedTuple):
    """What comes together. ``title`` says with what, ``ways`` lead to the messages and to the options of verbs.

    ``common`` is true of what many messages and hooks carry.
    """

    title: str
    doc: str
    ways: Sequence[str]
    attributes: Sequence[Attribute]
    common: bool


class Carried(NamedTuple):
    """What one message or hook carries. ``call`` tells whether it begins with the facts of the call."""

    groups: Sequence[Group]
    call: bool


def all_groups() -> list[Group]:
    """Return every group: first what many messages and hooks carry, then by message, then by hook."""
    return [_group(described) for described in sorted(groups(), key=_place)]


def carried_by(owner: Described, option: str) -> Carried | None:
    """Return what the hook carries that an option names, if that is known; ``owner`` is what it is an option of."""
    described = _by_option().get((owner, option), [])
    return _carried(described) if described else None


def messages() -> Mapping[str, Carried]:
    """Return what each message carries that is no hook, by its type."""
    found: dict[str, list[type]] = {}
    for described in sorted(groups(), key=_place):
        for way in ways_to(described):
            if "." not in way:
                found.setdefault(way, []).append(described)
    # The facts of the call are told once, with the first message that has them.
    return {name: _carried(found[name], home=name) for name in sorted(found)}


def attributes_of(described: Described) -> Sequence[Attribute]:
    """Return what a group, or a dict inside one, consists of."""
    return [
        Attribute(fact.name, phrase(fact.here), paragraphs(fact.doc), described_in(fact.here))
        for fact in facts_of(described)
    ]


def _place(described: type) -> tuple[int, str]:
    """Return where a group stands among the others."""
    ways = ways_to(described)
    if described is CallFacts:
        return 0, ""
    if _common(described):
        return 1, ways[0]
    return (3, ways[0]) if "." in ways[0] else (2, ways[0])


def _common(described: type) -> bool:
    return any(way.startswith("*") for way in ways_to(described))


def _group(described: type) -> Group:
    title = groups()[described]
    return Group(
        # The type of a message is spelled as it is.
        title if ":" in title.partition(" ")[0] else f"{title[0].upper()}{title[1:]}",
        paragraphs(inspect.getdoc(described) or ""),
        ways_to(described),
        attributes_of(described),
        _common(described),
    )


def _carried(described: Sequence[type], home: str | None = None) -> Carried:
    """Return what is particular to a message or hook, then what others carry too."""
    call = CallFacts in described and ways_to(CallFacts)[0] != home
    told = [group for group in described if group is not CallFacts or not call]
    return Carried([_group(group) for group in sorted(told, key=_common)], call)


@lru_cache
def _by_option() -> Mapping[tuple[Described, str], list[type]]:
    # An object of one kind may stand in several places.
    found: dict[tuple[Described, str], dict[type, None]] = {}
    for described in groups():
        for way in ways_to(described):
            if "." in way:
                for option in _options_at(way):
                    found.setdefault(option, {})[described] = None
    return {option: list(carried) for option, carried in found.items()}


def _options_at(way: str) -> Iterator[tuple[Described, str]]:
    """Yield the options that a way leads to, each with the ``TypedDict`` it is an option of, once."""
    first, *inside, name = way.split(".")
    kinds = VERBS.values() if first == "*" else [VERBS[first]]
    for typed in dict.fromkeys(kind.options for kind in kinds):
        for step in inside:
            typed = _inside(typed, step)
        if any(option.name == name for option in options_of(typed)):
            yield typed, name


def _inside(typed: Described, name: str) -> Described:
    option = next(option for option in options_of(typed) if option.name == name)
    found = described_in(option.annotation)
    assert found is not None, name
    return found
