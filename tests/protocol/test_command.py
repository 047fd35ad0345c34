"""One command, ready for the wire."""

from __future__ import annotations

import dataclasses

import pytest

from jambonz_sync.protocol.command import Command
from jambonz_sync.protocol.hooks import HookKind, HookUse


def test_wire():
    """What stands beside the data comes between the name and the data."""
    command = Command("mute:status", {"mute_status": "mute"}, (), {"callSid": "leg-1"})
    assert list(command.wire().items()) == [
        ("type", "command"),
        ("command", "mute:status"),
        ("callSid", "leg-1"),
        ("data", {"mute_status": "mute"}),
    ]


@pytest.mark.parametrize("data", [{}, [], 0, "", False])
def test_data_that_are_empty(data):
    """They are data all the same."""
    assert Command("config", data).wire()["data"] == data


def test_no_data():
    """A command that says all there is to say by its name has none."""
    assert Command("tts:flush").wire() == {"type": "command", "command": "tts:flush"}


def test_hooks_are_not_on_the_wire():
    """They are for this side to know."""
    command = Command("redirect", {"call_hook": "/menu"}, (HookUse("/menu", HookKind.SESSION),))
    assert command.wire() == {"type": "command", "command": "redirect", "data": {"call_hook": "/menu"}}


def test_wire_is_new_each_time():
    """A message that is changed changes no command."""
    command = Command("mute:status", {"mute_status": "mute"})
    command.wire()["type"] = "other"
    assert command.wire()["type"] == "command"
    assert Command("a").top is not Command("a").top


def test_cannot_be_changed():
    """A command stays as it was checked."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        Command("tts:flush").name = "tts:clear"  # type: ignore[misc]
