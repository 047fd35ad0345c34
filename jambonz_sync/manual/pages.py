"""A page of the reference: a verb, a command or a message, with all there is to tell of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .carried import Carried
from .topics import Entry, Topic

__all__ = ["Chapter", "Page"]


@dataclass(frozen=True)
class Page:
    """What a reader is told of a verb, of a command, or of a message.

    ``topic`` is what it does, in full, with its options. ``example`` is Python, ``summary`` what it does in one line.
    ``wire`` is its name in the jambonz docs, if that is another one. ``remarks`` are further facts, such as which
    servers know it, without a full stop. ``alias_of`` is the topic that it is just another name of; ``options_of`` the
    one whose options it takes, though it does something else with them. ``carries`` is what jambonz sends in a message
    of that name.
    """

    topic: Topic
    example: str
    summary: str
    wire: str | None = None
    remarks: tuple[str, ...] = ()
    alias_of: str | None = None
    options_of: str | None = None
    carries: Carried | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Every name by which it can be looked up."""
        return (self.topic.name,) if self.wire is None else (self.topic.name, self.wire)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The options to tell of: those that are not told of with another page."""
        topic = self.topic
        return tuple(entry for entry in topic.entries if self.options_of is None or entry.owner is topic.beside)

    @property
    def line(self) -> str:
        """The summary and the remarks together; of another name, the remarks say all."""
        remarks = "; ".join(self.remarks)
        if self.alias_of is not None:
            return remarks
        return f"{self.summary} ({remarks})" if remarks else self.summary


class Chapter(NamedTuple):
    """Pages that belong together. ``lead`` says what they have in common."""

    title: str
    lead: str
    pages: Sequence[Page]
