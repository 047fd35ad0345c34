"""A logger whose lines name the call."""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from typing import Any

from .redaction import one_line

__all__ = ["CallLog"]


class CallLog(logging.LoggerAdapter):  # type: ignore[type-arg]
    """Writes each line with the call's sid."""

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        call_sid = (self.extra or {}).get("call_sid") or "without sid"
        return f"call {one_line(str(call_sid))}: {msg}", kwargs
