"""What an application asks for by a command, and what brings that about: a command, or verbs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..exceptions import InvalidCommand
from ..protocol.command import Command
from ..protocol.verb import Verb
from ..verbs.build import build, from_wire
from ..verbs.fault import shown
from .build import build_commands, unchecked_command

__all__ = ["Plan", "plan"]


class Plan(NamedTuple):
    """Either commands, or verbs that replace what plays or, where ``queue`` is true, go behind it."""

    commands: list[Command]
    verbs: list[Verb]
    queue: bool = False


def plan(
    name: str,
    options: Mapping[str, Any],
    positional: object = None,
    *,
    call_sid: str | None,
    start: str | None,
    checked: bool,
    strict: bool,
    jambonz_version: str | None,
) -> Plan:
    """Return what to send. The arguments are those of :func:`~.build.build_commands`.

    ``redirect`` with verbs is a matter of the list of verbs, which the call must know of; and ``tag``, which other
    libraries have as a command that jambonz overlooks, is a verb.
    """
    if not isinstance(name, str):
        raise InvalidCommand(f"a command is named by a string, such as 'mute:status', not by {shown(name)}")
    if not checked:
        return Plan([unchecked_command(name, positional, callSid=call_sid)], [])
    verbs = _verbs_of(name, positional)
    if call_sid is not None and (verbs is not None or name == "tag"):
        raise InvalidCommand(f"{name} takes no call_sid: its verbs are for the call itself", f"{name}.call_sid")
    if verbs is not None:
        if not verbs:
            raise InvalidCommand(
                "redirect needs verbs: an empty list ends a call that is idle. To stop what plays, send a config", name
            )
        return Plan([], from_wire(verbs, strict=strict, jambonz_version=jambonz_version))
    if name == "tag":
        return Plan([], [build("tag", {}, positional=positional, strict=strict)], queue=True)
    commands = build_commands(
        name,
        options,
        positional=positional,
        call_sid=call_sid,
        start=start,
        strict=strict,
        jambonz_version=jambonz_version,
    )
    return Plan(commands, [])


def _verbs_of(name: str, data: object) -> Any:
    """Return the verbs of a redirect that has any."""
    if name != "redirect":
        return None
    if isinstance(data, (list, tuple)):
        return data
    if not isinstance(data, Mapping):
        return None
    if "child_call" in data:
        raise InvalidCommand(
            "redirect takes no verbs for the other leg: jambonz breaks on child_call. Name a child_call_hook, and "
            "answer that with the verbs",
            "redirect.child_call",
        )
    if "verb" in data:
        raise InvalidCommand("redirect takes a list of verbs, even of one: [{'verb': ...}]", "redirect.verb")
    verbs = data.get("parent_call")
    if verbs is not None and not isinstance(verbs, (list, tuple)):
        raise InvalidCommand("redirect.parent_call must be a list of verbs", "redirect.parent_call")
    if verbs is not None and len(data) > 1:
        raise InvalidCommand(
            "redirect takes either verbs, as parent_call, or hooks to ask for them: jambonz overlooks the verbs "
            "beside a hook",
            "redirect.parent_call",
        )
    return verbs
