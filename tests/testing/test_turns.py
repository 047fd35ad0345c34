"""How a call goes on, and where the turns of the caller begin."""

from __future__ import annotations

import pytest

from jambonz_sync import create_endpoint
from jambonz_sync.simulator import Says


@pytest.fixture
def turns(jambonz):
    """The turns of a call to an application that asks two questions, three seconds after another."""

    def answer(session):
        session.ask("Your name?")
        session.say("One moment.").run()
        session.sleep(3)
        session.ask("And your number?")

    endpoint = create_endpoint()
    endpoint.make_service("/app").on("session:new", answer)
    return jambonz.call(endpoint, "/app")._turns


def test_until_asked(turns):
    """It goes on until what is waited for is so, and no longer than is said."""
    assert not turns.is_asked
    turns.go_on(lambda: turns.is_asked)
    assert turns.is_asked
    assert "waits for the caller, at " in turns.state
    began = turns.now
    turns.stay_silent(lambda: False, 2.5)
    assert turns.now == began + 2.5
    assert not turns.ended


def test_a_turn(turns):
    """It begins where the caller acts, or where that is said, at the time of that."""
    turns.do(Says("Grace"))
    said = next(entry for entry in turns.transcript.entries if entry.who == "caller")
    assert turns.began == said.time
    assert not turns.hearing.has("Your name?")
    turns.go_on(lambda: turns.hearing.has("One moment."))
    assert turns.hearing.has("One moment.")
    turns.begin()
    assert not turns.hearing.has("One moment.")
    assert turns.began == turns.now > said.time


@pytest.mark.parametrize("asked", [True, False])
def test_hanging_up(turns, asked):
    """The caller can hang up when it is asked, and whatever goes on; then it can do nothing more."""
    turns.do(Says("Grace"))
    turns.go_on(lambda: turns.is_asked if asked else turns.hearing.has("One moment."))
    turns.hang_up()
    turns.go_on(lambda: False)
    assert turns.state.startswith("the call is over: hung up by the caller")
    with pytest.raises(AssertionError, match="the caller can do nothing any more: the call is over"):
        turns.do(Says("hello"))
