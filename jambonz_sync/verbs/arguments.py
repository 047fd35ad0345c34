"""Arguments: what a caller gave by name and without one, put together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from .describe import Option
from .fault import Fault, shown

__all__ = ["Described", "merged"]


class Described(Protocol):
    """A verb or a command: something with options, one of which may come without its name."""

    @property
    def positional(self) -> str | None: ...
    @property
    def fields(self) -> tuple[Option, ...]: ...


def merged(described: Described, options: Mapping[str, Any], positional: object) -> Mapping[str, Any]:
    """Return the options together with the argument that came without a name: one of them, or a dict of them."""
    if isinstance(positional, Mapping) and not (described.positional == "data" and _is_data(positional)):
        if not options:
            return positional
        both = {**positional, **options}
        wires = {name: field.wire for field in described.fields for name in (field.name, field.wire)}
        given = {wires.get(key, key) for key, value in positional.items() if value is not None}
        for key, value in options.items():
            if value is not None and wires.get(key, key) in given:
                raise Fault(f"got {key} twice: in the dict and by name", key)
            if value is None and key in positional:
                both[key] = positional[key]
        return both
    if described.positional is None:
        raise Fault(f"takes a dict of options as its argument, not {shown(positional)}")
    if not options:
        return {described.positional: positional}
    field = next(field for field in described.fields if field.name == described.positional)
    for key in (field.name, field.wire):
        if options.get(key) is not None:
            raise Fault(f"got {key} twice: as the first argument and by name", key)
    # First, so that a message reads as one writes the verb.
    together = {field.name: positional}
    together.update((key, value) for key, value in options.items() if value is not None or key not in together)
    return together


def _is_data(positional: Mapping[str, Any]) -> bool:
    # tag({"customer": 7}) is the data; tag({"data": {"customer": 7}}), as the Node library has it, is the options.
    return not (isinstance(positional.get("data"), Mapping) and positional.keys() <= {"data", "id"})
