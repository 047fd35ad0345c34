"""Commands wait while jambonz could not execute them."""

from __future__ import annotations

import math

import pytest

from jambonz_sync.protocol.commands import READY_AFTER, Commands


def ready() -> Commands:
    commands = Commands()
    assert commands.go() == []
    return commands


def test_commands_wait_until_jambonz_is_ready():
    """Before the first ack nothing leaves; then all that waits does, in order."""
    commands = Commands()
    assert commands.put("a") == commands.put("b") == []
    assert commands.due == math.inf
    assert commands.go() == ["a", "b"]
    assert commands.held == []


def test_commands_leave_at_once_when_jambonz_is_ready():
    """Once it is, they do not wait."""
    assert ready().put("a") == ["a"]


@pytest.mark.parametrize("by_message", [True, False])
def test_commands_wait_behind_an_ack(by_message):
    """An ack with verbs makes them wait for a moment; whoever drives this asks when."""
    commands = ready()
    commands.wait(100.0, by_message=by_message)
    assert commands.by_message is by_message
    assert commands.put("a") == []
    assert commands.due == 100.0 + READY_AFTER
    assert commands.go() == ["a"]
    assert commands.due == math.inf


def test_commands_wait_while_the_connection_is_lost():
    """Nobody would hear them, however ready jambonz was; nothing is due meanwhile."""
    commands = ready()
    commands.connected = False
    assert commands.put("a") == commands.release() == commands.go() == []
    commands.wait(100.0, by_message=True)
    assert commands.due == math.inf
    commands.connected = True
    assert commands.due == 100.0 + READY_AFTER
    assert commands.go() == ["a"]


def test_flush_lets_everything_go():
    """What must leave before something else does so, ready or not."""
    commands = Commands()
    commands.put("a")
    assert commands.flush() == ["a"]
    assert commands.flush() == []


def test_what_is_put_back_comes_first():
    """What was written and never arrived goes before what has been held since, in its own order."""
    commands = ready()
    commands.put("a")
    commands.put("b")
    commands.connected = False
    commands.put("c")
    commands.put_back(["a", "b"])
    commands.connected = True
    assert commands.release() == ["a", "b", "c"]
    assert commands.release() == []


def test_the_size_of_what_is_held():
    """It counts what waits, put back or new, and nothing that has left."""
    commands = ready()
    commands.put("left at once")
    assert commands.held_size == 0
    commands.connected = False
    commands.put("1234")
    commands.put_back(text for text in ("12", "123"))
    assert commands.held_size == 9
    commands.connected = True
    assert commands.release() == ["12", "123", "1234"]
    assert commands.held_size == 0
