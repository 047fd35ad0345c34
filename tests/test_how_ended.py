"""How a call ended, in one word."""

from __future__ import annotations

import typing

import pytest

from jambonz_sync.how_ended import WORDS, HowEnded, how_ended
from jambonz_sync.protocol.call import Call
from tests.protocol.conversation import Conversation, say


def talking(**options: float) -> Conversation:
    """A call that is up."""
    talk = Conversation(**options).begins_with(say())
    talk.status("in-progress")
    return talk


def hung_up(by: str | None) -> Call:
    """The last status, and the close."""
    talk = talking()
    talk.status("completed", **({} if by is None else {"call_termination_by": by}))
    talk.call.closed(1000, "")
    return talk.call


@pytest.mark.parametrize(("by", "word"), [("caller", "caller"), ("jambonz", "application"), (None, "caller")])
def test_hung_up(by: str | None, word: str) -> None:
    """jambonz says who has; a server that does not say is taken to mean the caller."""
    assert how_ended(hung_up(by)) == word


def test_a_message() -> None:
    """A message session has nobody who could hang up."""
    talk = Conversation()
    talk.sends("session:new", call_sid=None, data={"from": "1", "text": "Hello."})
    talk.call.closed(1000, "")
    assert how_ended(talk.call) == "application"


def test_rejected() -> None:
    """The first verbs were refused."""
    talk = Conversation()
    talk.begins()
    talk.call.send((say(),), current=None)
    talk.call.closed(1001, "")
    assert how_ended(talk.call) == "rejected"


@pytest.mark.parametrize(("code", "word"), [(1001, "handed_over"), (1000, "closed"), (4000, "closed")])
def test_closed_from_here(code: int, word: str) -> None:
    """With 1001 jambonz goes on elsewhere."""
    talk = talking()
    talk.call.close(code, "")
    assert how_ended(talk.call) == word


@pytest.mark.parametrize("seconds", [0.0, 15.0])
def test_lost(seconds: float) -> None:
    """The connection is gone, and jambonz is not waited for, or not any longer."""
    talk = talking(reconnect_timeout=seconds)
    talk.call.closed(1006, "")
    talk.passes(seconds)
    assert how_ended(talk.call) == "lost"


def test_lost_after_the_last_status() -> None:
    """The call was over by then."""
    talk = talking(reconnect_timeout=15)
    talk.status("completed", call_termination_by="jambonz")
    talk.call.closed(1006, "")
    assert how_ended(talk.call) == "application"


def test_failed() -> None:
    """A function that has raised counts, whatever came of it."""
    assert how_ended(hung_up("caller"), failed=True) == "error"


def test_no_end() -> None:
    """A call that was given up without an end has failed."""
    assert how_ended(talking().call) == "error"


def test_declined() -> None:
    """A call for which there is no room counts as that only."""
    assert how_ended(hung_up("jambonz"), declined=True, failed=True) == "declined"


def test_each_word_is_explained() -> None:
    """And there are no others."""
    assert set(WORDS) == set(typing.get_args(HowEnded))
    assert all(WORDS.values())
