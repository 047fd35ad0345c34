"""Every verb and its options, described once, and what is made from the description."""

from __future__ import annotations

from .build import build, from_wire
from .registry import VERBS, VerbType, find

__all__ = ["VERBS", "VerbType", "build", "find", "from_wire"]
