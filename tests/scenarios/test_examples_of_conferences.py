"""The example programs with conferences, told with the test kit that users have."""

from __future__ import annotations

import logging

import pytest


def test_conference__a_meeting(jambonz, example, log):
    """A guest hears music until the host comes, and is told goodbye when the host leaves."""
    guest, host = jambonz.call(example, "/app"), jambonz.call(example, "/app", from_="200")
    guest.presses("5678")
    assert guest.heard("Welcome, guest.")
    assert guest.heard("hold-music.mp3")
    guest.is_silent(3)
    host.presses("1234")
    assert host.heard("You are now in the meeting.")
    assert guest.heard("You are now in the meeting.")
    host.is_silent(5)
    host.says("good morning everybody")
    guest.is_silent(5)
    host.hangs_up()
    assert guest.heard("The meeting is over.")
    guest.is_silent()
    assert guest.ended
    assert "good morning everybody" in str(guest.transcript)
    log.expect("join: 2 are in the meeting", level=logging.INFO)
    log.expect("leave: 1 are in the meeting", level=logging.INFO)


def test_conference__without_a_pin(jambonz, example):
    """Who does not know a PIN does not get in."""
    call = jambonz.call(example, "/app")
    assert call.heard("Your PIN, please.")
    for _ in range(2):
        call.presses("0000")
        assert call.heard("There is no such PIN.")
    call.presses("0000")
    assert call.heard("Please ask your host for the PIN.")
    assert "conference" not in [verb["verb"] for verb in call.verbs]


def three_in_a_conference(jambonz, example, key):
    """A caller and an agent talk, and a supervisor has pressed a key and says something."""
    caller, agent = jambonz.call(example, "/app"), jambonz.call(example, "/agent", from_="200")
    supervisor = jambonz.call(example, "/supervisor", from_="300")
    supervisor.presses(key)
    caller.says("I have a question")
    agent.says("so what is it")
    supervisor.says("be friendly")
    caller.is_silent(5)
    return caller, agent, supervisor


@pytest.mark.parametrize(
    ("key", "agent_hears", "caller_hears"),
    [("1", False, False), ("2", True, False), ("3", True, True)],
    ids=["listens", "prompts", "joins in"],
)
def test_supervised_call__who_hears_the_supervisor(jambonz, example, key, agent_hears, caller_hears):
    """The key decides who hears the supervisor, who hears everybody."""
    caller, agent, supervisor = three_in_a_conference(jambonz, example, key)
    assert ("be friendly" in str(agent.transcript)) is agent_hears
    assert ("be friendly" in str(caller.transcript)) is caller_hears
    assert "callee  so what is it" in str(supervisor.transcript)
    supervisor.hangs_up()


def test_supervised_call__is_over(jambonz, example):
    """When the caller leaves it is over for all, and the supervisor is asked about the next one."""
    caller, agent, supervisor = three_in_a_conference(jambonz, example, "3")
    caller.hangs_up()
    assert agent.heard("The caller has left.")
    assert supervisor.heard("That call is over.")
    assert supervisor.heard("To listen press 1")
    supervisor.hangs_up()
