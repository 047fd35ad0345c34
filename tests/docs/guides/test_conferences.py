"""What docs/guides/conferences.md shows, with several members at the same time."""

from __future__ import annotations

import logging

import pytest

from jambonz_sync import create_endpoint
from tests.docs.page import Page

PAGE = Page("guides/conferences")
STANDUP, COMMANDS = PAGE.blocks("python")
(CONVERSATION,) = PAGE.blocks("text")


@pytest.fixture
def standup(jambonz):
    """The endpoint of the page; a member who waits, then the leader, in the room."""
    endpoint = STANDUP.run()["endpoint"]
    member = jambonz.call(endpoint, "/standup", from_="+15550143002")
    member.is_silent(2)
    leader = jambonz.call(endpoint, "/standup", from_="+15550143001")
    member.is_silent(6)
    return endpoint, member, leader


def test_a_member_and_the_leader(standup, caplog):
    """The member hears what the page shows, and is let go when the leader leaves."""
    _, member, leader = standup
    assert CONVERSATION.stands_in(member.transcript)
    leader.hangs_up()
    assert member.heard("The conference is over.")
    member.is_silent()
    assert member.ended


def test_events(standup, caplog):
    """The log tells who comes and goes."""
    caplog.set_level(logging.INFO, "jambonz_sync")
    _, member, leader = standup
    member.hangs_up()
    leader.is_silent(1)
    assert any("leave, 1 members" in record.getMessage() for record in caplog.records)


def test_commands(standup, jambonz):
    """One is thrown out; the others are silenced."""
    endpoint, member, _ = standup
    names = COMMANDS.run()
    (leading,) = [session for session in endpoint.sessions.values() if session.from_ == "+15550143001"]
    names["quiet_please"](leading)
    member.says("Can you hear me?")
    assert "nobody in the conference hears that" in member.transcript.of("note")
    names["throw_out"](endpoint, "+15550143002")
    assert member.heard("The conference is over.")


def test_commands_of_the_table(calling):
    """Each is one that jambonz takes."""
    commands = [line.split("`")[1] for line in PAGE.text.splitlines() if line.startswith("| `session.inject_")]
    assert len(commands) == 6
    done = []

    def answer(session):
        session.conference("standup").send()
        session.sleep(2)
        for command in commands:
            exec(command, {"session": session})
            done.append(command)
        session.sleep(2)

    call = calling(answer)
    call.is_silent(10)
    assert done == commands


def test_send_takes_the_caller_out(standup, jambonz):
    """Verbs replace the conference."""
    endpoint, member, _ = standup
    (session,) = [session for session in endpoint.sessions.values() if session.from_ == "+15550143002"]
    session.config().send()
    assert member.heard("The conference is over.")


def test_events_without_a_hook(calling, jambonz, caplog):
    """The log says so, in the words of the page."""
    jambonz.tolerates("has no effect")
    call = calling(lambda session: session.conference("standup", status_events=["join"]).send())
    call.is_silent(3)
    sentence = "has no effect without status_hook beside it"
    assert f"`{sentence}`" in PAGE.text
    assert any(sentence in record.getMessage() for record in caplog.records)


def test_waiting_for_ever(jambonz):
    """It is seen in the list of calls."""
    endpoint = create_endpoint()

    @endpoint.make_service("/standup").on("session:new")
    def join(session):
        session.conference("standup", start_conference_on_enter=False).run()

    jambonz.call(endpoint, "/standup").is_silent(3)
    (status,) = endpoint.calls()
    assert f"`{status.waiting_for}`" in PAGE.text
