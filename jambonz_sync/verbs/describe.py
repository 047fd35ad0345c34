"""Reading the description of an object: its ``TypedDict`` taken apart into options."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, get_args, get_origin

from typing_extensions import NotRequired, Required, get_type_hints

from ..protocol.hooks import HookKind
from .markers import Doc, Ignored, Needed, SameOnWire, Since, Wire
from .spelling import wire_name

__all__ = ["Option", "options_of"]

M = TypeVar("M")


@dataclass(frozen=True)
class Option:
    """One option of a verb, or of an object inside one.

    ``name`` is its Python name, ``wire`` its name in a message. ``annotation`` is its type without ``Required`` and
    ``Annotated``; what those said is in ``needed`` and ``markers``.
    """

    name: str
    wire: str
    annotation: Any
    needed: Needed | None
    markers: tuple[Any, ...]

    def marker(self, kind: type[M]) -> M | None:
        """Return the marker of this kind, or ``None``."""
        found: M | None = next((marker for marker in self.markers if isinstance(marker, kind)), None)
        return found

    @property
    def doc(self) -> str:
        """One line on what the option does."""
        doc = self.marker(Doc)
        return doc.text if doc else ""

    @property
    def since(self) -> str | None:
        """The first server version that knows the option, if not every supported one does."""
        since = self.marker(Since)
        return since.version if since else None

    @property
    def ignored(self) -> str | None:
        """Why the option has no effect in jambonz 0.9.8, if it has none."""
        ignored = self.marker(Ignored)
        return ignored.why if ignored else None

    @property
    def hook(self) -> HookKind | None:
        """The kind of hook this option names, if it names one."""
        return self.marker(HookKind)


_lock = threading.Lock()
_known: dict[type, tuple[Option, ...]] = {}


def options_of(typed: type) -> tuple[Option, ...]:
    """Return the options that a ``TypedDict`` describes, in the order in which they stand there."""
    options = _known.get(typed)
    if options is None:
        # Evaluating annotations is the slow part of it; two threads building their first verb need not both do it.
        with _lock:
            options = _known.get(typed)
            if options is None:
                hints = get_type_hints(typed, include_extras=True)
                options = _known[typed] = tuple(_option(name, hint) for name, hint in hints.items())
    return options


def _option(name: str, hint: Any) -> Option:
    # ``__required_keys__`` is no help: with postponed evaluation Python 3.10 computes it from unread strings.
    required = False
    markers: list[Any] = []
    while True:
        origin = get_origin(hint)
        if origin is Required or origin is NotRequired:
            required = origin is Required
            (hint,) = get_args(hint)
        elif origin is Annotated:
            hint, *more = get_args(hint)
            markers += more
        else:
            break
    needed = next((marker for marker in markers if isinstance(marker, Needed)), Needed() if required else None)
    override = next((marker for marker in markers if isinstance(marker, Wire)), None)
    if override is not None:
        wire = override.name
    elif SameOnWire in markers:
        wire = name
    else:
        wire = wire_name(name)
    return Option(name, wire, hint, needed, tuple(markers))
