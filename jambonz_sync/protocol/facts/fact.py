"""How it is described what messages and hooks carry: a class for each of them, an annotation for each key.

::

    @comes_with("enqueue.wait_hook")
    class QueueWaitFacts:
        queue_size: Annotated[int, Doc("How many callers wait in the queue.")]

The editor and the type checker read the annotations, an error about a missing key names the hook that has it, and
reference pages go through :func:`groups` and :func:`facts_of`. An event pays nothing for any of it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from typing_extensions import Doc, get_type_hints

__all__ = ["Fact", "Here", "comes_with", "facts_of", "groups", "in_words", "sources_of", "ways_to"]

_Group = TypeVar("_Group", bound=type)

_groups: dict[type, str] = {}
_ways: dict[type, Sequence[str]] = {}
_sources: dict[str, list[str]] = {}


@dataclass(frozen=True)
class Here:
    """What a value may be in this message, where the type that it has in all of them is wider."""

    type: Any


class Fact(NamedTuple):
    """One attribute that a message or hook adds to its event."""

    name: str
    type: Any
    #: One line, with the unit where there is one.
    doc: str
    #: The part of the type that comes with this message.
    here: Any


def comes_with(*ways: str, text: str = "") -> Callable[[_Group], _Group]:
    """Say of a class which messages and hooks carry what it declares.

    Each way is a type of message, such as ``call:status``, or leads to the option of a verb that names such a hook:
    ``gather.action_hook``, ``config.barge_in.action_hook``; ``*.action_hook`` is that of every verb. In words they
    complete "that comes with …"; ``text`` does so where it says it better.
    """

    def note(group: _Group) -> _Group:
        source = text or _said(ways)
        _groups[group] = source
        _ways[group] = ways
        for name in inspect.get_annotations(group):
            _sources.setdefault(name, []).append(source)
        return group

    return note


def _said(ways: Sequence[str]) -> str:
    # An option leads to a message that has a name of its own already.
    messages = [way for way in ways if "." not in way]
    if messages:
        return in_words(messages)
    verbs: dict[str, list[str]] = {}
    for way in ways:
        verb, _, option = way.rpartition(".")
        verbs.setdefault(option, []).append(f"of {verb}")
    return in_words(f"the {option} {in_words(names)}" for option, names in verbs.items())


def in_words(names: Iterable[str], joint: str = "and") -> str:
    """Return names as in a sentence: ``a, b and c``."""
    *first, last = names
    return f"{', '.join(first)} {joint} {last}" if first else last


def groups() -> Mapping[type, str]:
    """Return every class that :func:`comes_with` was said of, with where its facts come from, as they were declared."""
    return MappingProxyType(_groups)


def ways_to(group: type) -> Sequence[str]:
    """Return the messages, and the options that name the hooks, which carry what a class declares."""
    return _ways[group]


def sources_of(name: str) -> list[str]:
    """Return which messages and hooks carry a key of this name; none if no known one does."""
    return _sources.get(name, [])


def facts_of(group: type) -> Iterator[Fact]:
    """Go through what a class declares itself: its annotations and its properties, in the order they stand there."""
    plain, marked = get_type_hints(group), get_type_hints(group, include_extras=True)
    for name in inspect.get_annotations(group):
        docs = [mark.documentation for mark in _marks(marked[name]) if isinstance(mark, Doc)]
        yield _fact(name, plain[name], " ".join(docs), marked[name])
    for name, member in vars(group).items():
        if isinstance(member, property) and not name.startswith("_"):
            doc = (inspect.getdoc(member) or "").partition("\n")[0]
            returned = get_type_hints(member.fget, include_extras=True)["return"]
            yield _fact(name, get_type_hints(member.fget)["return"], doc, returned)


def _fact(name: str, plain: Any, doc: str, marked: Any) -> Fact:
    here = next((mark.type for mark in _marks(marked) if isinstance(mark, Here)), plain)
    return Fact(name, plain, doc, here)


def _marks(annotation: Any) -> tuple[Any, ...]:
    marks: tuple[Any, ...] = getattr(annotation, "__metadata__", ())
    return marks
