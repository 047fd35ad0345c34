"""Building commands: from what an application wrote to what may be sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..exceptions import InvalidCommand
from ..protocol.command import Command
from ..verbs.arguments import merged
from ..verbs.compile import compiled, free_options
from ..verbs.fault import Fault, shown
from ..verbs.notice import warn_once
from ..verbs.registry import find as find_verb
from ..verbs.rules import Run
from ..verbs.spelling import did_you_mean
from ..verbs.versions import too_new, version_of
from .registry import COMMANDS, NOT_COMMANDS, CommandType, find_command

__all__ = ["build_commands", "unchecked_command"]


def build_commands(
    name: str,
    options: Mapping[str, Any] | None = None,
    *,
    positional: object = None,
    call_sid: str | None = None,
    strict: bool = True,
    jambonz_version: str | None = None,
    start: str | None = None,
) -> list[Command]:
    """Return a command, checked, copied and in the shape jambonz reads; several where it takes one for each key.

    ``name`` is the command's name on the wire. ``options`` and ``positional`` are as for a verb; a dict may also have
    the shape of the message, with the options inside ``dtmf`` or ``sip_request``. ``call_sid`` is the other leg; it
    may stand among the options too. ``start`` is what errors call the command. ``strict=False`` lets commands and
    options pass that are unknown here, as they stand; with a ``jambonz_version``, those are refused that came after it.

    Raises :exc:`~jambonz_sync.InvalidCommand`, with the path to the fault.
    """
    command = find_command(name)
    start = start or name
    if command is None:
        if strict:
            raise InvalidCommand(_unknown(name), start)
        return [unchecked_command(name, positional if positional is not None else options, callSid=call_sid)]
    if command.instead is not None:
        raise InvalidCommand(f"{start} {command.instead}", start)
    version = None if jambonz_version is None else version_of(jambonz_version)
    if command.since is not None and too_new(command.since, version):
        raise InvalidCommand(f"{start} needs jambonz {command.since} or newer, not {jambonz_version}", start)
    run = Run(strict, version)
    try:
        given = _arguments(command, options or {}, positional)
        top, given = _leg(command, given, call_sid)
        out = compiled(command.options)(given, run)
    except Fault as fault:
        raise fault.error(start, InvalidCommand) from None
    except RecursionError:
        raise InvalidCommand(f"{start} holds a value that is nested too deeply, or contains itself", start) from None
    for notice in run.notices:
        warn_once(notice.line(command.method))
    hooks = () if command.for_new_call else tuple(run.hooks)
    return [Command(name, data, hooks, top) for data in _data(command, out)]


def unchecked_command(name: str, data: object = None, **top: Any) -> Command:
    """Return a command as it stands, copied; for what is unknown here. ``top`` stands beside the data, if not ``None``.

    Raises :exc:`~jambonz_sync.InvalidCommand` for what no message can carry.
    """
    try:
        copy = free_options({"data": data})["data"]
    except Fault as fault:
        del fault.parts[-1:]
        raise fault.error(name, InvalidCommand) from None
    except RecursionError:
        raise InvalidCommand(f"{name} holds a value that is nested too deeply, or contains itself", name) from None
    return Command(name, copy, (), {key: value for key, value in top.items() if value is not None})


def _unknown(name: str) -> str:
    text = f"jambonz knows no command {name!r}"
    if name in NOT_COMMANDS:
        return f"{text}; {NOT_COMMANDS[name]}"
    verb = find_verb(name)
    if verb is not None:
        return f"{text}; it is a verb, to be queued: session.{verb.method}(...).send()"
    near = did_you_mean(name, ((command.name, command.method) for command in COMMANDS.values()))
    return f"{text}; did you mean {near}?" if near else f"{text}; checked=False sends it all the same"


def _arguments(command: CommandType, options: Mapping[str, Any], positional: object) -> Mapping[str, Any]:
    if positional is None:
        if not options:
            return options
        positional, options = options, {}
    if command.within is not None and isinstance(positional, Mapping) and positional.keys() == {command.within}:
        positional = positional[command.within]
    return merged(command, options, command.prepare(positional))


def _leg(command: CommandType, given: Mapping[str, Any], call_sid: object) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """Take the other leg's sid out of what was given: it stands beside the data."""
    rest = dict(given)
    # The two spellings that a dict, or JSON pasted into a call, may have it in.
    sids = [sid for sid in (call_sid, rest.pop("call_sid", None), rest.pop("callSid", None)) if sid is not None]
    if not sids:
        return {}, rest
    if not command.leg:
        raise Fault("takes no call_sid: it is always about the call itself", "call_sid")
    if len(sids) > 1:
        raise Fault("got call_sid twice", "call_sid")
    (sid,) = sids
    if not isinstance(sid, str) or not sid:
        raise Fault(f"needs the sid of a leg as call_sid, not {shown(sid)}", "call_sid")
    return {"callSid": sid}, rest


def _data(command: CommandType, out: dict[str, Any]) -> list[Any]:
    """Return the options in the shape of the message's data."""
    if not command.fields:
        return [None]
    parts: list[Any] = command.split(out) if command.split is not None else [out]
    if command.split is None and command.bare is not None:
        parts = [out[command.bare]]
    return [{command.within: part} for part in parts] if command.within is not None else parts
