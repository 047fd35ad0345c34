"""What jambonz has to know of a vendor of language models: its events, its tool calls, and what it can be sent.

::

    [*OpenAI().heard("Where is my order?")]  # the events that report it

Each vendor is a class, in :mod:`.vendors`.
"""

from __future__ import annotations

import json
import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

__all__ = ["Call", "Event", "Vendor", "Wanted", "WrongShape", "expect", "fields", "read"]

#: An event of a vendor, as the vendor spells it.
Event = dict[str, Any]


class WrongShape(Exception):
    """The vendor cannot read this, and jambonz drops it. The text says why."""


class Call:
    """A call of a tool, under an id of its own."""

    def __init__(self, call_id: str, name: str, arguments: Mapping[str, Any]) -> None:
        self.id = call_id
        self.name = name
        self.arguments = dict(arguments)


class Vendor(ABC):
    """One conversation with a model of one vendor."""

    #: What ``verb:status`` calls the verb.
    title: ClassVar[str]
    #: The types of event that are reported if the verb does not say which.
    kinds: ClassVar[Sequence[str]] = ()
    #: Whether ``prefix.*`` stands for all those that begin so.
    expands: ClassVar[bool] = False
    #: The types of update that are passed on; ``None`` for all.
    updates: ClassVar[Sequence[str] | None] = None
    #: The command that brings updates.
    update_command: ClassVar[str] = "llm:update"
    #: The first word of the messages to the application.
    channel: ClassVar[str] = "llm"
    #: What the verb cannot do without, as paths into its options.
    needs: ClassVar[Sequence[str]] = ("auth.apiKey",)

    # Events

    def kind(self, event: Mapping[str, Any]) -> object:
        """Return the type by which an event is asked for."""
        return event.get("type")

    def wants(self, events: object) -> Wanted:
        """Return which events the option ``events`` asks for."""
        return Wanted(events, self.kinds, expands=self.expands)

    def connected(self, options: Mapping[str, Any]) -> Iterator[Event]:
        """The conversation begins; ``options`` is what the vendor is told."""
        yield from ()

    def caller_begins(self) -> Iterator[Event]:
        """The caller begins to speak."""
        yield from ()

    @abstractmethod
    def heard(self, text: str) -> Iterator[Event]:
        """The caller has said something."""

    def begins(self, text: str) -> Iterator[Event]:
        """The model begins to speak."""
        yield from ()

    @abstractmethod
    def said(self, text: str) -> Iterator[Event]:
        """The model has said something."""

    def interrupted(self, text: str) -> Iterator[Event]:
        """The caller has interrupted the model."""
        yield from ()

    def failed(self, error: Any) -> Iterator[Event]:
        """Something is wrong at the vendor's."""
        yield {"type": "error", "error": error}

    # Tools

    def new_id(self) -> str:
        """Return the id of a call of a tool."""
        return f"call_{secrets.token_hex(8)}"

    def tool_messages(self, calls: Sequence[Call]) -> Iterator[dict[str, Any]]:
        """Return the data of the messages that ask the application for the outputs."""
        for call in calls:
            yield {"tool_call_id": call.id, "name": call.name, "args": call.arguments}

    def tool_events(self, calls: Sequence[Call]) -> Iterator[Event]:
        """The events that report the calls."""
        yield from ()

    def answered(self, data: object, tool_call_id: object) -> Mapping[str, Any]:
        """Return what the model reads, by the ids of the calls that it is the output of. Raises :exc:`WrongShape`.

        This is the shape of whoever came after jambonz 0.9.
        """
        (result,) = fields(data, result=object)
        (call_id,) = fields({"tool_call_id": tool_call_id}, tool_call_id=str)
        return {call_id: result}

    # Updates

    def check_update(self, data: object) -> None:
        """Make sure that an update is passed on. Raises :exc:`WrongShape`."""
        (kind,) = fields(data, type=object) if self.updates is not None else (None,)
        if self.updates is not None and kind not in self.updates:
            raise WrongShape(f"its type must be {' or '.join(self.updates)}, not {kind!r}")


class Wanted:
    """The events a verb asks for: those of a list, or all but those of a list."""

    def __init__(self, events: object, kinds: Sequence[str], *, expands: bool) -> None:
        names = [name for name in events if isinstance(name, str)] if isinstance(events, list) else [*kinds]
        excluded = [name[1:] for name in names if name.startswith("-")]
        self._all_but = "all" in names and bool(excluded)
        if self._all_but:
            chosen = excluded
        elif "all" in names:
            chosen = [*kinds]
        else:
            chosen = [name for name in names if not name.startswith("-")]
            # A list of nothing keeps nothing out.
            self._all_but = not chosen
        self._chosen = frozenset(kind for name in chosen for kind in _expanded(name, kinds if expands else ()))

    def __contains__(self, kind: object) -> bool:
        return (kind in self._chosen) != self._all_but


def _expanded(name: str, kinds: Sequence[str]) -> Sequence[str]:
    if not kinds or not name.endswith(".*"):
        return [name]
    return [kind for kind in kinds if kind.startswith(name.removesuffix(".*"))]


def fields(data: object, /, **types: type) -> list[Any]:
    """Return the fields of an object that has them all, in these types. Raises :exc:`WrongShape`.

    ::

        kind, item = fields(data, type=str, item=dict)
    """
    if not isinstance(data, dict):
        raise WrongShape(f"an object with {' and '.join(types)} is wanted, not {data!r}")
    for name, kind in types.items():
        if name not in data or not isinstance(data[name], kind):
            given = f"not {data[name]!r}" if name in data else "which is not there"
            raise WrongShape(f"{name} must be {_WANTED[kind]}, {given}")
    return [data[name] for name in types]


def read(text: str) -> Any:
    """Return what a text says to a model: it reads JSON, and any other text as it stands."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def expect(kind: str, wanted: str) -> None:
    """Make sure of a type. Raises :exc:`WrongShape`."""
    if kind != wanted:
        raise WrongShape(f"its type must be {wanted}, not {kind!r}")


_WANTED = {str: "a text", dict: "an object", list: "an array", bool: "true or false", object: "given"}
