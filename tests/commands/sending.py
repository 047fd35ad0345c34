"""A session that sends its commands to nobody: what it would send, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from jambonz_sync.commands.methods import CommandMethods
from jambonz_sync.commands.plan import plan
from jambonz_sync.exceptions import InvalidCommand

__all__ = ["Sender", "message", "messages", "refused"]


class Sender(CommandMethods):
    """Plans commands as a session does, and keeps what would be sent."""

    def __init__(self, *, strict: bool = True, jambonz_version: str | None = None) -> None:
        self.sent: list[dict[str, Any]] = []
        self._strict = strict
        self._version = jambonz_version

    def _inject(
        self,
        command: str,
        options: Mapping[str, Any],
        positional: object = None,
        *,
        call_sid: str | None = None,
        start: str | None = None,
        checked: bool = True,
    ) -> None:
        planned = plan(
            command,
            options,
            positional,
            call_sid=call_sid,
            start=start,
            checked=checked,
            strict=self._strict,
            jambonz_version=self._version,
        )
        if planned.verbs:
            data = [verb.wire() for verb in planned.verbs]
            self.sent.append({"type": "command", "command": "redirect", "queueCommand": planned.queue, "data": data})
        self.sent += [command.wire() for command in planned.commands]


def messages(call: Callable[[Any], None], **options: Any) -> list[dict[str, Any]]:
    """The messages that a call of a method leads to."""
    sender = Sender(**options)
    call(sender)
    return sender.sent


def message(call: Callable[[Any], None], **options: Any) -> dict[str, Any]:
    """The only message that a call of a method leads to."""
    (only,) = messages(call, **options)
    return only


def refused(call: Callable[[Any], None], kind: type[Any] = InvalidCommand, **options: Any) -> tuple[str, str]:
    """The error, and the path in it, that a call of a method leads to; nothing is sent."""
    sender = Sender(**options)
    with pytest.raises(kind) as caught:
        call(sender)
    assert type(caught.value) is kind
    assert sender.sent == []
    return str(caught.value), caught.value.path
