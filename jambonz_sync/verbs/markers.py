"""What an option's annotation may say beside its type.

The ``TypedDict`` of a verb is read by four readers: the editor and type checker see the type alone, validation sees
the type and the markers here, and the reference pages print the :class:`Doc` lines. A marker stands in
``Annotated[...]``, so it costs the type checker nothing. A hook option carries its :class:`~.protocol.hooks.HookKind`
as a further marker.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

__all__ = [
    "AtLeastOne",
    "Between",
    "Doc",
    "Free",
    "FreeForm",
    "Ignored",
    "Needed",
    "OtherLeg",
    "SameOnWire",
    "Secret",
    "Shorthand",
    "Since",
    "VerbList",
    "Wire",
]


@dataclass(frozen=True)
class Doc:
    """One line for the reader, with the unit where there is one."""

    text: str


@dataclass(frozen=True)
class Since:
    """Known only to jambonz servers of this version and newer; an older one refuses the whole list of verbs."""

    version: str


@dataclass(frozen=True)
class Ignored:
    """Accepted by jambonz 0.9.8, without any effect; ``why`` says what to use instead, or that there is nothing."""

    why: str


@dataclass(frozen=True)
class Wire:
    """The name on the wire, where it is not the camelCase of the Python name."""

    name: str


class SameOnWire:
    """The name on the wire is the Python name: some speech vendors' own options are snake_case there too."""


@dataclass(frozen=True)
class Needed:
    """The verb is refused without this option.

    Stands in for ``Required`` on the options of verbs, which may come as the positional argument or in a plain dict,
    so that a type checker cannot demand them by name. ``unless`` names an option which, when true, makes up for a
    missing one; ``hint`` is added to the error.
    """

    unless: str | None = None
    hint: str | None = None


@dataclass(frozen=True)
class Between:
    """The number must lie in this range, ends included."""

    low: float
    high: float


class AtLeastOne:
    """The list must not be empty."""


class Secret:
    """The value is never repeated in an error or a log."""


class OtherLeg:
    """The hooks inside report on the dialled leg: verbs in an answer must never redirect the call itself."""


@dataclass(frozen=True)
class Shorthand:
    """A plain string stands for an object with this one option."""

    name: str


class Free:
    """The object belongs to the application or to a vendor: its keys and values pass as they stand."""


@dataclass(frozen=True)
class VerbList:
    """A list of whole verbs, each with its ``verb`` key; ``only`` narrows down which."""

    only: tuple[str, ...] = ()


#: An object that passes as it stands.
FreeForm = Annotated[Mapping[str, Any], Free]
