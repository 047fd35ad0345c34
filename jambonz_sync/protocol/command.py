"""One command, ready for the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .hooks import HookUse

__all__ = ["Command"]


@dataclass(frozen=True)
class Command:
    """A command as jambonz reads it: checked, in the wire's spelling, with the hooks it names.

    ``top`` are the keys that stand beside ``data`` in the envelope, such as ``callSid``.
    """

    name: str
    data: Any = None
    hooks: tuple[HookUse, ...] = ()
    top: Mapping[str, Any] = field(default_factory=dict)

    def wire(self) -> dict[str, Any]:
        """Return the message."""
        envelope = {"type": "command", "command": self.name, **self.top}
        if self.data is not None:
            envelope["data"] = self.data
        return envelope
