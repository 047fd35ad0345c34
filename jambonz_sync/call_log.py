"""A logger whose lines name the call, and the lines that are written once a lock is free."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, MutableMapping
from typing import Any

from .protocol.call_state import Notice
from .redaction import one_line, redacted

__all__ = ["CallLog", "write_lines"]


class CallLog(logging.LoggerAdapter):  # type: ignore[type-arg]
    """Writes each line with the call's sid."""

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        call_sid = (self.extra or {}).get("call_sid") or "without sid"
        return f"call {one_line(str(call_sid))}: {msg}", kwargs


def write_lines(
    log: logging.Logger | logging.LoggerAdapter[logging.Logger],
    wire: Iterable[tuple[str, str]],
    notices: Iterable[Notice],
    where: Callable[[], str],
) -> None:
    """Write messages, each with its direction, and notices; ``where()`` names the line of user code for those."""
    for direction, text in wire:
        log.debug("%s %s", direction, redacted(text))
    for notice in notices:
        place = f" [{where()}]" if notice.locate else ""
        log.log(notice.level, "%s%s", notice.text, place)
