"""One verb, ready for the wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .hooks import HookKind, HookUse

__all__ = ["Verb"]


# Not frozen, which would make the building of a verb, the commonest thing there is, a quarter dearer.
@dataclass(slots=True)
class Verb:
    """A verb as jambonz reads it: checked, in the wire's spelling, with the hooks it names.

    Nothing of it is changed after it has been built; :meth:`with_id` returns a new verb.
    """

    name: str
    options: dict[str, Any] = field(default_factory=dict)
    hooks: tuple[HookUse, ...] = ()

    @property
    def id(self) -> str | None:
        """The verb's ``id``, which jambonz repeats as ``verb_id`` in its hooks."""
        return self.options.get("id")

    @property
    def action_hook(self) -> str | None:
        """The name of the hook by which this verb reports its end, and asks what comes next, if it has one."""
        for use in self.hooks:
            if use.kind in (HookKind.ACTION, HookKind.SESSION):
                return use.name
        return None

    def with_id(self, verb_id: str) -> Verb:
        """Return the same verb under an ``id``."""
        return Verb(self.name, {"id": verb_id, **self.options}, self.hooks)

    def wire(self) -> dict[str, Any]:
        """Return the object that goes into a message's list of verbs."""
        return {"verb": self.name, **self.options}
