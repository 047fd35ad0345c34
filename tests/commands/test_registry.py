"""Which commands there are: held against the table of what jambonz reads, and against the messages written by hand."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import pytest

from jambonz_sync.commands import COMMANDS, CommandType, find_command
from jambonz_sync.commands.registry import NOT_COMMANDS
from jambonz_sync.verbs.describe import Option
from jambonz_sync.verbs.registry import VERBS

from .shapes import LEGS, SHAPES

DATA = pathlib.Path(__file__).parents[1] / "data"
TABLE = json.loads((DATA / "messages.json").read_text(encoding="utf-8"))
OLD, NEW = TABLE["commands"], TABLE["commands_v10"]
ALL: dict[str, Any] = {**OLD, **NEW}

#: Those whose data the table describes in words: what they take is a verb's, or a vendor's, or in its place an array.
IN_WORDS = {"config", "dub", "boostAudioSignal", "llm:tool-output", "llm:update", "tts:flush", "tts:clear"}


def described(name: str) -> dict[str, Any]:
    """The options of a command by the table: what may be given for each, with a ``?`` where it may be missing."""
    data = ALL[name]["data"]
    if name == "redirect":
        return data[1]
    if name == "media:path":
        return {"media_path": data}
    if name == "mute:status":
        return data[0]
    if name in ("dtmf", "sip:request"):
        ((_, options),) = data.items()
        return options
    return data


def words(value: Any) -> set[str] | None:
    return {word for word in value if word != "?"} if isinstance(value, list) else None


def optional(value: Any) -> bool:
    return "?" in value if isinstance(value, list) else value.endswith("?")


def tables() -> Iterator[tuple[str, str, Any]]:
    for name in sorted(ALL.keys() - IN_WORDS):
        for key, value in described(name).items():
            yield name, key, value


def option(name: str, wire: str) -> Option:
    return next(option for option in COMMANDS[name].fields if option.wire == wire)


def test_every_command_is_here() -> None:
    """All that jambonz knows, and no other."""
    assert set(COMMANDS) == set(ALL)
    assert all(command.name == name for name, command in COMMANDS.items())


def test_every_command_has_its_messages() -> None:
    """No command is without a message written by hand; those of tool calls are in a file of their own."""
    assert {shape.command for shape in SHAPES} == set(ALL) - {"llm:tool-output"}


@pytest.mark.parametrize("name", sorted(ALL))
def test_leg_and_version(name: str) -> None:
    """Which may be for the other leg, and which only newer servers know."""
    assert COMMANDS[name].leg is ALL[name].get("leg", False) is (name in LEGS)
    assert COMMANDS[name].since == ("10" if name in NEW else None)


@pytest.mark.parametrize(("name", "key", "value"), list(tables()))
def test_option(name: str, key: str, value: Any) -> None:
    """Every option of the table is one of ours, with the same words, and needed if it is there."""
    ours = option(name, key)
    allowed = set(get_args(ours.annotation)) if get_origin(ours.annotation) is Literal else None
    assert allowed == words(value)
    assert (ours.needed is None) is optional(value)


@pytest.mark.parametrize("name", sorted(ALL.keys() - IN_WORDS - {"dial", "agent:update"}))
def test_no_other_option(name: str) -> None:
    """And no other, apart from what the table leaves to the reader."""
    assert {option.wire for option in COMMANDS[name].fields} == set(described(name))


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.command)
def test_messages_written_by_hand_are_of_the_table(shape: Any) -> None:
    """The messages that the methods are tested with have the table's keys and words."""
    if shape.command in IN_WORDS or shape.command in ("dial", "agent:update"):
        return
    data = shape.data
    if shape.command in ("dtmf", "sip:request"):
        ((key, data),) = data.items()
        assert key == {"dtmf": "dtmf", "sip:request": "sip_request"}[shape.command]
    if shape.command == "media:path":
        data = {"media_path": data}
    table = described(shape.command)
    assert data.keys() <= table.keys()
    assert {key for key, value in table.items() if not optional(value)} <= data.keys()
    for key, value in data.items():
        assert words(table[key]) is None or value in table[key]


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_word_is_tried(name: str) -> None:
    """There is a message for every word that an option may be."""
    if name == "llm:tool-output":
        return
    tried = repr([shape.data for shape in SHAPES if shape.command == name])
    for ours in COMMANDS[name].fields:
        if get_origin(ours.annotation) is Literal and name != "dub":
            assert [word for word in get_args(ours.annotation) if repr(word) not in tried] == []


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_description(command: CommandType) -> None:
    """A command and each of its options say what they are for; what may come without its name is an option."""
    assert command.doc.endswith(".")
    for ours in command.fields:
        assert ours.doc.endswith("."), ours.name
    if command.positional is not None:
        assert command.positional in {ours.name for ours in command.fields}
    assert command.bare in {None, *(ours.name for ours in command.fields)}


def test_outbound_call_takes_what_the_server_does() -> None:
    """The options of a call are those of the server's own form of it, but for what that knows by itself."""
    theirs = json.loads((DATA / "spec.json").read_text(encoding="utf-8"))["verbs"]["rest:dial"]["props"]
    assert {ours.wire for ours in COMMANDS["dial"].fields} == theirs.keys() - {"id", "account_sid"}


def test_find_command() -> None:
    """A command goes by its name on the wire."""
    assert find_command("mute:status") is COMMANDS["mute:status"]
    assert find_command("mute_status") is None


def test_what_is_no_command() -> None:
    """What is explained not to be a command is none."""
    assert NOT_COMMANDS.keys() & COMMANDS.keys() == set()
    assert "tag" not in COMMANDS
    assert {"hangup", "play", "say"} <= VERBS.keys()


def test_table_cannot_be_changed() -> None:
    """What is known of the commands is the same for every call."""
    with pytest.raises(TypeError):
        COMMANDS["new"] = COMMANDS["dtmf"]  # type: ignore[index]
    with pytest.raises(AttributeError):
        COMMANDS["dtmf"].leg = False  # type: ignore[misc]
